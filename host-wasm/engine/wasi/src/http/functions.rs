//! `wasi:http/types` and `wasi:http/outgoing-handler`: their functions by name.

use super::request::{AUTHORITY, METHOD, PATH, SCHEME};
use super::{
    body, error_code, fields_functions as fields, options, outgoing_handler, outparam, request, response, trailers,
};
use crate::Handler;
use crate::lookup::Interface;

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2("wasi:http/types", RESOURCES, TYPES),
    Interface::preview2("wasi:http/outgoing-handler", &[], &[("handle", outgoing_handler::handle, false)]),
];

const RESOURCES: &[&str] = &[
    "fields",
    "incoming-request",
    "outgoing-request",
    "request-options",
    "response-outparam",
    "incoming-response",
    "incoming-body",
    "future-trailers",
    "outgoing-response",
    "outgoing-body",
    "future-incoming-response",
];

const TYPES: &[(&str, Handler, bool)] = &[
    ("http-error-code", error_code::http_error_code, false),
    ("[constructor]fields", fields::constructor, false),
    ("[static]fields.from-list", fields::from_list, false),
    ("[method]fields.get", fields::get, false),
    ("[method]fields.has", fields::has, false),
    ("[method]fields.set", fields::set, false),
    ("[method]fields.delete", fields::delete, false),
    ("[method]fields.append", fields::append, false),
    ("[method]fields.entries", fields::entries, false),
    ("[method]fields.clone", fields::clone, false),
    ("[method]incoming-request.method", request::incoming::<METHOD>, false),
    ("[method]incoming-request.path-with-query", request::incoming::<PATH>, false),
    ("[method]incoming-request.scheme", request::incoming::<SCHEME>, false),
    ("[method]incoming-request.authority", request::incoming::<AUTHORITY>, false),
    ("[method]incoming-request.headers", request::incoming_headers, false),
    ("[method]incoming-request.consume", request::consume, false),
    ("[constructor]outgoing-request", request::constructor, false),
    ("[method]outgoing-request.body", request::body, false),
    ("[method]outgoing-request.method", request::outgoing::<METHOD>, false),
    ("[method]outgoing-request.set-method", request::set_method, false),
    ("[method]outgoing-request.path-with-query", request::outgoing::<PATH>, false),
    ("[method]outgoing-request.set-path-with-query", request::set_path, false),
    ("[method]outgoing-request.scheme", request::outgoing::<SCHEME>, false),
    ("[method]outgoing-request.set-scheme", request::set_scheme, false),
    ("[method]outgoing-request.authority", request::outgoing::<AUTHORITY>, false),
    ("[method]outgoing-request.set-authority", request::set_authority, false),
    ("[method]outgoing-request.headers", request::outgoing_headers, false),
    ("[constructor]request-options", options::constructor, false),
    ("[method]request-options.connect-timeout", options::get::<0>, false),
    ("[method]request-options.set-connect-timeout", options::set::<0>, false),
    ("[method]request-options.first-byte-timeout", options::get::<1>, false),
    ("[method]request-options.set-first-byte-timeout", options::set::<1>, false),
    ("[method]request-options.between-bytes-timeout", options::get::<2>, false),
    ("[method]request-options.set-between-bytes-timeout", options::set::<2>, false),
    ("[method]response-outparam.send-informational", outparam::send_informational, false),
    ("[static]response-outparam.set", outparam::set, false),
    ("[method]incoming-response.status", response::incoming_status, false),
    ("[method]incoming-response.headers", response::incoming_headers, false),
    ("[method]incoming-response.consume", response::consume, false),
    ("[method]incoming-body.stream", body::stream, false),
    ("[static]incoming-body.finish", body::finish_incoming, false),
    ("[method]future-trailers.subscribe", trailers::subscribe, false),
    ("[method]future-trailers.get", trailers::get, false),
    ("[constructor]outgoing-response", response::constructor, false),
    ("[method]outgoing-response.status-code", response::outgoing_status, false),
    ("[method]outgoing-response.set-status-code", response::set_status, false),
    ("[method]outgoing-response.headers", response::outgoing_headers, false),
    ("[method]outgoing-response.body", response::body, false),
    ("[method]outgoing-body.write", body::write, false),
    ("[static]outgoing-body.finish", body::finish_outgoing, false),
    ("[method]future-incoming-response.subscribe", outgoing_handler::subscribe, false),
    ("[method]future-incoming-response.get", outgoing_handler::get, false),
];

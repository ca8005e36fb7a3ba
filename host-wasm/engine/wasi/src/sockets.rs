//! `wasi:sockets`: present, so that components which import them start, and denied. As no socket can be made, the
//! functions of sockets are never reached with a handle that is one.

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use crate::io::IoError;
use crate::lookup::Interface;
use crate::{Ctx, Reply};

// Case indices of `error-code`.
const ACCESS_DENIED: u8 = 1;
const PERMANENT_RESOLVER_FAILURE: u8 = 20;

/// The resource `network`.
pub(crate) struct Network;

fn instance_network(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(Network)?);
    Ok(Reply::Done)
}

fn network_error_code(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.table().get::<IoError>(params.handle()?)?;
    out.u8(0);
    Ok(Reply::Done)
}

fn create(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.raw(&[1, ACCESS_DENIED]);
    Ok(Reply::Done)
}

fn resolve(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.table().get::<Network>(params.handle()?)?;
    out.raw(&[1, PERMANENT_RESOLVER_FAILURE]);
    Ok(Reply::Done)
}

fn no_socket(_ctx: &Ctx, _params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    Err(Error::trap("the handle is no live socket"))
}

/// Functions of resources that never exist.
macro_rules! methods {
    ($($name:literal)*) => {
        &[$((concat!("[method]", $name), no_socket, false),)*]
    };
}

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2("wasi:sockets/network", &["network"], &[("network-error-code", network_error_code, false)]),
    Interface::preview2("wasi:sockets/instance-network", &[], &[("instance-network", instance_network, false)]),
    Interface::preview2("wasi:sockets/tcp-create-socket", &[], &[("create-tcp-socket", create, false)]),
    Interface::preview2("wasi:sockets/udp-create-socket", &[], &[("create-udp-socket", create, false)]),
    Interface::preview2(
        "wasi:sockets/ip-name-lookup",
        &["resolve-address-stream"],
        &[
            ("resolve-addresses", resolve, false),
            ("[method]resolve-address-stream.resolve-next-address", no_socket, false),
            ("[method]resolve-address-stream.subscribe", no_socket, false),
        ],
    ),
    Interface::preview2(
        "wasi:sockets/tcp",
        &["tcp-socket"],
        methods!(
            "tcp-socket.start-bind" "tcp-socket.finish-bind" "tcp-socket.start-connect" "tcp-socket.finish-connect"
            "tcp-socket.start-listen" "tcp-socket.finish-listen" "tcp-socket.accept" "tcp-socket.local-address"
            "tcp-socket.remote-address" "tcp-socket.is-listening" "tcp-socket.address-family"
            "tcp-socket.set-listen-backlog-size" "tcp-socket.keep-alive-enabled" "tcp-socket.set-keep-alive-enabled"
            "tcp-socket.keep-alive-idle-time" "tcp-socket.set-keep-alive-idle-time" "tcp-socket.keep-alive-interval"
            "tcp-socket.set-keep-alive-interval" "tcp-socket.keep-alive-count" "tcp-socket.set-keep-alive-count"
            "tcp-socket.hop-limit" "tcp-socket.set-hop-limit" "tcp-socket.receive-buffer-size"
            "tcp-socket.set-receive-buffer-size" "tcp-socket.send-buffer-size" "tcp-socket.set-send-buffer-size"
            "tcp-socket.subscribe" "tcp-socket.shutdown"
        ),
    ),
    Interface::preview2(
        "wasi:sockets/udp",
        &["udp-socket", "incoming-datagram-stream", "outgoing-datagram-stream"],
        methods!(
            "udp-socket.start-bind" "udp-socket.finish-bind" "udp-socket.stream" "udp-socket.local-address"
            "udp-socket.remote-address" "udp-socket.address-family" "udp-socket.unicast-hop-limit"
            "udp-socket.set-unicast-hop-limit" "udp-socket.receive-buffer-size" "udp-socket.set-receive-buffer-size"
            "udp-socket.send-buffer-size" "udp-socket.set-send-buffer-size" "udp-socket.subscribe"
            "incoming-datagram-stream.receive" "incoming-datagram-stream.subscribe"
            "outgoing-datagram-stream.check-send" "outgoing-datagram-stream.send"
            "outgoing-datagram-stream.subscribe"
        ),
    ),
];

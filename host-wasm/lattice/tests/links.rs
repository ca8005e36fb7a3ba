//! Links: conflicts, resolution, and their stored form.

use trellis_error::Kind;
use trellis_lattice::{ComponentSpec, DEFAULT_NAME, Link, Links, Put};

fn link(source: &str, interfaces: &[&str], target: &str) -> Link {
    Link {
        source_id: source.into(),
        target: target.into(),
        name: DEFAULT_NAME.into(),
        wit_namespace: "wasi".into(),
        wit_package: "keyvalue".into(),
        interfaces: interfaces.iter().map(|name| name.to_string()).collect(),
        source_config: vec![],
        target_config: vec![],
    }
}

const STORE: &str = "wasi:keyvalue/store@0.2.0-draft";

#[test]
fn an_import_resolves_to_the_target_of_its_link() {
    let mut links = Links::default();
    assert_eq!(links.put(link("app", &["store", "atomics"], "kv")).unwrap(), Put::Added);
    assert_eq!(links.resolve("app", STORE, "default").unwrap(), "kv");
    assert_eq!(links.resolve("app", "wasi:keyvalue/atomics", "default").unwrap(), "kv");
    assert_eq!(links.resolve("app", "wrpc:keyvalue/store@0.2.0-draft", "default").unwrap(), "kv");
    for (source, instance, name) in [
        ("app", "wasi:keyvalue/batch@0.2.0-draft", "default"),
        ("app", "wasi:other/store", "default"),
        ("app", STORE, "second"),
        ("other", STORE, "default"),
    ] {
        let error = links.resolve(source, instance, name).unwrap_err();
        assert_eq!(error.kind(), Kind::MissingLink, "{instance}");
        assert!(error.message().contains(source) && error.message().contains(name), "{error}");
    }
    for odd in ["", "store", "wasi:keyvalue", "a/b"] {
        assert_eq!(links.resolve("app", odd, "default").unwrap_err().kind(), Kind::InvalidArgument, "{odd}");
    }
}

#[test]
fn translated_interfaces_resolve_by_the_name_the_guest_knows() {
    let mut links = Links::default();
    let of =
        |package: &str, interface: &str| Link { wit_package: package.into(), ..link("app", &[interface], package) };
    links.put(of("blobstore", "blobstore")).unwrap();
    links.put(of("http", "outgoing-handler")).unwrap();
    for instance in
        ["wasi:blobstore/blobstore@0.2.0-draft", "wasi:blobstore/container", "wrpc:blobstore/blobstore@0.2.0"]
    {
        assert_eq!(links.resolve("app", instance, "default").unwrap(), "blobstore", "{instance}");
    }
    for instance in ["wasi:http/outgoing-handler@0.2.3", "wrpc:http/outgoing-handler@0.1.0"] {
        assert_eq!(links.resolve("app", instance, "default").unwrap(), "http", "{instance}");
    }
    assert!(links.resolve("app", "wasi:blobstore/types", "default").is_err());
}

#[test]
fn an_interface_has_one_target_under_one_name() {
    let mut links = Links::default();
    links.put(link("app", &["store", "atomics"], "kv")).unwrap();
    let error = links.put(link("app", &["atomics", "batch"], "kv2")).unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(
        error.message(),
        "link already exists with different target, consider deleting the existing link or using a different link name"
    );
    // Not in the way: other interfaces, another name, another package, another source.
    links.put(link("app", &["batch"], "kv2")).unwrap();
    links.put(Link { name: "second".into(), ..link("app", &["store"], "kv2") }).unwrap();
    links.put(Link { wit_package: "other".into(), ..link("app", &["store"], "kv2") }).unwrap();
    links.put(link("app2", &["store"], "kv2")).unwrap();
    assert_eq!(links.resolve("app", STORE, "default").unwrap(), "kv");
    assert_eq!(links.resolve("app", STORE, "second").unwrap(), "kv2");
    assert_eq!((links.of("app").len(), links.iter().count()), (4, 5));
}

#[test]
fn putting_a_link_again_replaces_it() {
    let mut links = Links::default();
    let first = link("app", &["store"], "kv");
    links.put(first.clone()).unwrap();
    assert_eq!(links.put(first.clone()).unwrap(), Put::Unchanged);
    let second = Link { interfaces: vec!["batch".into()], target_config: vec!["url".into()], ..first };
    assert_eq!(links.put(second.clone()).unwrap(), Put::Replaced);
    assert_eq!(links.of("app"), [second]);
    assert!(links.resolve("app", STORE, "default").is_err());
}

#[test]
fn deleting_takes_the_first_of_that_name_and_is_idempotent() {
    let mut links = Links::default();
    links.put(link("app", &["store"], "kv")).unwrap();
    links.put(link("app", &["batch"], "kv2")).unwrap();
    let delete = |links: &mut Links| links.delete("app", "wasi", "keyvalue", "default").map(|link| link.target);
    assert_eq!(links.delete("app", "wasi", "keyvalue", "second"), None);
    assert_eq!(delete(&mut links).as_deref(), Some("kv"));
    assert_eq!(delete(&mut links).as_deref(), Some("kv2"));
    assert_eq!(delete(&mut links), None);
    assert_eq!(links, Links::default());
}

#[test]
fn names_that_no_subject_can_carry_are_refused() {
    let good = link("app", &["store"], "kv");
    for bad in [
        Link { source_id: "a.b".into(), ..good.clone() },
        Link { target: "".into(), ..good.clone() },
        Link { name: "*".into(), ..good.clone() },
        Link { interfaces: vec!["store@0.2.0".into()], ..good.clone() },
        Link { wit_package: "a/b".into(), ..good.clone() },
    ] {
        assert_eq!(Links::default().put(bad).unwrap_err().kind(), Kind::InvalidArgument);
    }
}

/// The record of section 5.2, and one with what may be missing.
#[test]
fn the_stored_form_is_that_of_a_lattice() {
    let text = concat!(
        r#"{"url":"ghcr.io/acme/api:0.3.0","links":[{"source_id":"shop-api","target":"shop-kv","name":"default","#,
        r#""wit_namespace":"wasi","wit_package":"keyvalue","interfaces":["store","atomics"],"#,
        r#""source_config":[],"target_config":["shop-kv-url"]}]}"#
    );
    let spec: ComponentSpec = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&spec).unwrap(), text);
    let mut links = Links::default();
    links.replace("shop-api", spec.links);
    assert_eq!(links.resolve("shop-api", STORE, "default").unwrap(), "shop-kv");
    links.replace("shop-api", vec![]);
    assert_eq!(links, Links::default());

    assert_eq!(serde_json::from_str::<ComponentSpec>(r#"{"url":""}"#).unwrap(), ComponentSpec::default());
    let short = r#"{"source_id":"a","target":"b","wit_namespace":"c","wit_package":"d","interfaces":["e"]}"#;
    let short: Link = serde_json::from_str(short).unwrap();
    assert_eq!((short.name.as_str(), short.source_config.len()), ("default", 0));
    assert_eq!(ComponentSpec::key("app"), "COMPONENT_app");
    assert_eq!(ComponentSpec::id("COMPONENT_app"), Some("app"));
    assert_eq!(ComponentSpec::id("CLAIMS_M"), None);
}

//! What backends of secrets are asked and answer, `lattice-v1/vectors/secrets.json`.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::{Random, document, unhex};
use trellis_error::Kind;
use trellis_identity::secrets::{
    Context, HOST_XKEY_HEADER, Reference, Request, SecretValue, seal_for_provider, server_xkey_subject,
};
use trellis_identity::{PublicKey, XKeyPair};

const TOPIC: &str = "lab.secrets";
const POLICY: &str = r#"{"type":"properties.secret.wasmcloud.dev/v1alpha1","properties":{"role":"x"}}"#;

fn entries() -> BTreeMap<String, String> {
    let entries = [
        ("type", "secret.wasmcloud.dev/v1alpha1"),
        ("name", "one"),
        ("backend", "fake"),
        ("key", "the-key"),
        ("policy", POLICY),
    ];
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn reference() -> Reference {
    Reference::parse("SECRET_one", &entries()).unwrap()
}

/// A request to a backend with this key, for an application.
fn request(context: &Value, server: &XKeyPair) -> Request {
    let mut random = Random::new(1);
    let random = &mut |bytes: &mut [u8]| bytes.fill_with(|| random.next() as u8);
    let context = Context {
        entity_jwt: context["entity_jwt"].as_str(),
        host_jwt: context["host_jwt"].as_str().unwrap(),
        application: context["application"]["name"].as_str(),
    };
    Request::new(TOPIC, &reference(), context, &server.public(), random).unwrap()
}

fn header(request: &Request) -> PublicKey {
    assert_eq!(request.header.0, HOST_XKEY_HEADER);
    request.header.1.parse().unwrap()
}

fn exchanges(document: &Value) -> Vec<(&Value, &Value)> {
    let steps = document["steps"].as_array().unwrap().iter();
    steps.flat_map(|step| step["backend"].as_array().unwrap().iter().map(move |message| (step, message))).collect()
}

#[test]
fn requests_and_answers_are_those_of_a_real_host() {
    let Some(document) = document("secrets.json") else { return };
    let (server, answering) = (XKeyPair::from_bytes([1; 32]), XKeyPair::from_bytes([2; 32]));
    let mut seen = 0;
    for (step, message) in exchanges(&document) {
        if message["request_len"] == 0 {
            assert_eq!(message["subject"], server_xkey_subject(TOPIC, "fake"));
            let key: PublicKey = message["reply"].as_str().unwrap().parse().unwrap();
            assert_eq!(key.kind().to_string(), "curve");
            continue;
        }
        seen += 1;
        let mut recorded = message["request"].clone();
        // The recording has the decoded token beside the token.
        recorded["context"].as_object_mut().unwrap().remove("host_jwt_claims");
        let request = request(&recorded["context"], &server);
        assert_eq!(
            (message["subject"].as_str(), &message["header_names"]),
            (Some(&*request.subject), &json!([HOST_XKEY_HEADER]))
        );
        let body = server.open(&request.payload, &header(&request)).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), recorded);

        if let Some(error) = message["reply"].as_str() {
            let error = request.pending.open(None, error.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound);
            let event = step["events"][0]["data"]["error"].as_str().unwrap();
            assert_eq!(format!("Unable to fetch requested secrets: {error}"), event);
            continue;
        }
        let answer = answering.seal(message["reply"].to_string().as_bytes(), &header(&request), &mut |_| {}).unwrap();
        let secret = request.pending.open(Some(&answering.public().to_string()), &answer).unwrap();
        let expected = match message["reply"]["secret"]["string_secret"].as_str() {
            Some(text) => SecretValue::String(text.to_owned()),
            None => SecretValue::Bytes(vec![1, 2, 3]),
        };
        assert!(secret == expected, "{message}");
    }
    assert_eq!(seen, 5);
}

#[test]
fn who_is_not_signed_gets_no_secret() {
    let context = Context { entity_jwt: None, host_jwt: "h", application: None };
    let server = XKeyPair::from_bytes([1; 32]).public();
    let error = Request::new(TOPIC, &reference(), context, &server, &mut |_| {}).unwrap_err();
    let Some(document) = document("secrets.json") else { return };
    let recorded = document["steps"][2]["events"][0]["data"]["error"].as_str().unwrap();
    assert_eq!(format!("Unable to fetch requested secrets: {error}"), recorded);
}

#[test]
fn a_provider_opens_what_was_sealed_for_it() {
    let Some(document) = document("secrets.json") else { return };
    let data = &document["provider_start_data_with_secrets"];
    let text = |name: &str| data[name].as_str().unwrap();
    let (host, provider) = (text("host_xkey_public_key").parse().unwrap(), text("provider_xkey_private_key"));
    let provider = XKeyPair::from_seed(provider).unwrap();
    let bytes = |list: &Value| serde_json::from_value::<Vec<u8>>(list.clone()).unwrap();
    let opened = provider.open(&bytes(&data["link_definitions"][0]["target_secrets"]), &host).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&opened).unwrap(), data["secrets"]);

    // The link that came at run time went to the same provider, with the secret that is bytes.
    let rpc = document["steps"][6]["rpc"][0].clone();
    assert!(rpc["subject"].as_str().unwrap().contains(&provider.public().to_string()));
    let opened = provider.open(&bytes(&rpc["body"]["target_secrets"]), &host).unwrap();
    assert_eq!(opened, serde_json::to_vec(&BTreeMap::from([("one", SecretValue::Bytes(vec![1, 2, 3]))])).unwrap());
}

#[test]
fn secrets_for_a_provider_are_sealed_as_recorded() {
    let Some(document) = document("nkeys.json") else { return };
    let recorded = &document["sealed"][3];
    let key = |name: &str| XKeyPair::from_seed(recorded[name].as_str().unwrap()).unwrap();
    let sealed = unhex(recorded["sealed_hex"].as_str().unwrap());
    let secrets = BTreeMap::from([("k".to_owned(), SecretValue::String("v".to_owned()))]);
    let nonce = &mut |bytes: &mut [u8]| bytes.copy_from_slice(&sealed[4..28]);
    let ours = seal_for_provider(&secrets, &key("sender_seed"), &key("recipient_seed").public(), nonce).unwrap();
    assert_eq!(ours, sealed);
}

#[test]
fn a_reference_needs_its_fields() {
    assert!(Reference::is_name("SECRET_one") && !Reference::is_name("config"));
    let full = Reference::parse("SECRET_one", &entries()).unwrap();
    assert_eq!((full.field, full.version, full.policy.as_str()), (None, None, POLICY));
    for missing in ["type", "name", "backend", "key"] {
        let mut entries = entries();
        entries.remove(missing);
        let error = Reference::parse("SECRET_one", &entries).unwrap_err();
        assert!(error.message().contains(&format!("`{missing}`")), "{error}");
    }
    for (key, value) in [("type", "other"), ("backend", ""), ("backend", "a.b"), ("backend", ">"), ("backend", "a b")] {
        let mut entries = entries();
        entries.insert(key.to_owned(), value.to_owned());
        assert_eq!(Reference::parse("SECRET_one", &entries).unwrap_err().kind(), Kind::Decode, "{key} {value}");
    }
}

#[test]
fn a_bad_answer_gives_no_secret() {
    let (server, answering) = (XKeyPair::from_bytes([1; 32]), XKeyPair::from_bytes([2; 32]));
    let request = request(&json!({"entity_jwt": "e", "host_jwt": "h", "application": {}}), &server);
    let key = answering.public().to_string();
    let sealed = |answer: &Value| {
        let answer = answering.seal(answer.to_string().as_bytes(), &header(&request), &mut |_| {}).unwrap();
        request.pending.open(Some(&key), &answer).map_err(|error| (error.kind(), error.message().to_owned()))
    };
    let secret = json!({"secret": {"version": "1", "string_secret": "x", "binary_secret": null}, "error": null});
    assert!(sealed(&secret).is_ok());
    let open = |header: Option<&str>, payload: &[u8]| request.pending.open(header, payload).unwrap_err();
    assert_eq!(open(None, secret.to_string().as_bytes()).kind(), Kind::Decode, "a secret that was not sealed");
    assert_eq!(open(Some("X"), b"").kind(), Kind::Decode);
    assert_eq!(open(None, b"garbage").kind(), Kind::Decode);
    assert_eq!(open(None, br#"{"error":{"UpstreamError":"gone"}}"#).message(), "server error: Upstream error: gone");
    assert_eq!(sealed(&json!({"error": "SecretNotFound"})).unwrap_err().0, Kind::NotFound);
    assert_eq!(sealed(&json!({"error": {"Unauthorized": "no"}})).unwrap_err().0, Kind::Denied);
    for empty in [json!({}), json!({"secret": {"version": "1"}})] {
        let (kind, message) = sealed(&empty).unwrap_err();
        assert_eq!((kind, message.as_str()), (Kind::NotFound, "secret one did not contain a value"));
    }
    // What does not fit is not quoted: it may be the secret.
    let (_, message) = sealed(&json!({"secret": {"version": "1", "binary_secret": "s3cr3t"}})).unwrap_err();
    assert!(!message.contains("s3cr3t"), "{message}");
}

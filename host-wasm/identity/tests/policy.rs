//! What a policy service is asked and decides, `lattice-v1/vectors/policy.json`: the recorded steps, one after another.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::document;
use trellis_error::Kind;
use trellis_identity::policy::{Check, Component, Host, IssuedClaims, Policy, Provider, Question};

const NOW: u64 = 1_795_361_165_107;

fn map(value: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// Runs `test` with what a recorded request asks.
fn with_question<T>(
    recorded: &Value,
    claims: Option<IssuedClaims>,
    test: impl FnOnce(Question<'_>, &Host<'_>) -> T,
) -> T {
    let (request, host) = (&recorded["request"], &recorded["host"]);
    let (component, labels) = (request.get("target").unwrap_or(request), map(&host["labels"]));
    let annotations = map(&component["annotations"]);
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let (public_key, lattice) = (text(host, "publicKey"), text(host, "lattice"));
    let host = Host { public_key: &public_key, lattice: &lattice, labels: &labels };
    let (interface, function) = (text(request, "interface"), text(request, "function"));
    let (component_id, provider_id) = (text(component, "componentId"), text(component, "providerId"));
    let image_ref = &*text(component, "imageRef");
    let max_instances = component["maxInstances"].as_u64().unwrap_or_default() as u32;
    let provider = Provider { provider_id: &provider_id, image_ref, annotations: &annotations, claims: claims.clone() };
    let component =
        Component { component_id: &component_id, image_ref, max_instances, annotations: &annotations, claims };
    let question = match recorded["kind"].as_str().unwrap() {
        "startComponent" => Question::StartComponent(&component),
        "startProvider" => Question::StartProvider(&provider),
        _ => Question::PerformInvocation { interface: &interface, function: &function, target: &component },
    };
    test(question, &host)
}

/// The claims in a recorded request. What signed them is of no matter here.
fn issued(recorded: &Value) -> Option<IssuedClaims> {
    let recorded = recorded.as_object()?;
    let text = |name: &str| recorded[name].as_str().map(str::to_owned);
    Some(IssuedClaims::new(text("publicKey")?, text("issuer")?, text("issuedAt")?.parse().ok()?, None, 0))
}

fn random(bytes: &mut [u8]) {
    bytes.fill(7);
}

/// The decision or error in the recorded event of a step.
fn failure(step: &Value) -> Option<&str> {
    step["events"][0]["data"]["error"].as_str()
}

#[test]
fn the_recorded_steps_lead_to_the_recorded_decisions() {
    let Some(document) = document("policy.json") else { return };
    let mut policy = Policy::default();
    let (mut asked, mut failed) = (0, 0);
    for (at, step) in document.as_array().unwrap().iter().enumerate() {
        let now = NOW + 10_000 * at as u64;
        for exchange in step["policy"].as_array().unwrap() {
            asked += 1;
            let recorded = &exchange["request"];
            let claims = issued(&recorded["request"]["claims"]);
            with_question(recorded, claims, |question, host| {
                let Check::Ask { request_id, payload } = policy.check(question, host, now, &mut random).unwrap() else {
                    panic!("{step}")
                };
                let mut sent: Value = serde_json::from_slice(&payload).unwrap();
                assert_eq!(sent["requestId"], *request_id);
                sent["requestId"] = recorded["requestId"].clone();
                assert_eq!(&sent, recorded);
                let Some(response) = exchange["response"].as_str() else {
                    return policy.give_up(&request_id);
                };
                let outcome = policy.answer(&request_id, response.as_bytes()).unwrap();
                let outcome = outcome.and_then(|decision| decision.enforce(question));
                let error = outcome.err().map(|error| error.message().to_owned());
                if recorded["kind"] == "performInvocation" {
                    assert_eq!(error.is_some(), step["reply"]["results"].is_null(), "{step}");
                } else {
                    assert_eq!(error.as_deref(), failure(step));
                }
                failed += usize::from(error.is_some());
            });
        }
    }
    assert_eq!((asked, failed), (8, 4));
}

/// The request of a step with this title.
fn request_of<'a>(document: &'a Value, title: &str) -> &'a Value {
    let step = document.as_array().unwrap().iter().find(|step| step["title"] == title).unwrap();
    &step["policy"][0]["request"]
}

#[test]
fn a_decision_is_kept_until_it_is_replaced() {
    let Some(document) = document("policy.json") else { return };
    let recorded = request_of(&document, "start permitted");
    let mut again = recorded.clone();
    again["request"]["maxInstances"] = json!(3);
    again["request"]["annotations"] = json!({});
    let mut policy = Policy::default();
    let check = |policy: &mut Policy, recorded: &Value| {
        with_question(recorded, None, |question, host| policy.check(question, host, NOW, &mut random).unwrap())
    };
    let Check::Ask { request_id, .. } = check(&mut policy, recorded) else { panic!() };
    assert_eq!(check(&mut policy, &again), Check::Wait { request_id: request_id.clone() }, "asked once at a time");
    let decision =
        |permitted: bool, message: &str| json!({"requestId": request_id, "permitted": permitted, "message": message});
    policy.answer(&request_id, decision(true, "").to_string().as_bytes()).unwrap().unwrap();
    assert!(policy.answer(&request_id, b"{}").is_none(), "nobody waits");
    assert!(matches!(check(&mut policy, &again), Check::Decided(decision) if decision.permitted));

    let unknown = json!({"requestId": "another", "permitted": false});
    assert!(!policy.change(unknown.to_string().as_bytes()).unwrap());
    assert!(policy.change(decision(false, "revoked").to_string().as_bytes()).unwrap());
    assert_eq!(policy.change(b"garbage").unwrap_err().kind(), Kind::Decode);
    let Check::Decided(denied) = check(&mut policy, &again) else { panic!() };
    let error = with_question(recorded, None, |question, _| denied.enforce(question).unwrap_err());
    let last = document.as_array().unwrap().last().unwrap();
    assert_eq!((error.kind(), Some(error.message())), (Kind::Denied, failure(last)));
    let invocation = request_of(&document, "call permitted");
    assert!(matches!(check(&mut policy, invocation), Check::Ask { .. }), "a call is another question");
    policy.forget();
    assert!(matches!(check(&mut policy, &again), Check::Ask { .. }), "what is forgotten is asked for again");
}

#[test]
fn a_question_without_an_answer_can_be_put_again() {
    let recorded = json!({"kind": "startComponent", "request": {"componentId": "a"}, "host": {}});
    let mut policy = Policy::default();
    let check = |policy: &mut Policy| {
        with_question(&recorded, None, |question, host| policy.check(question, host, NOW, &mut random).unwrap())
    };
    let Check::Ask { request_id, .. } = check(&mut policy) else { panic!() };
    policy.give_up(&request_id);
    assert!(policy.answer(&request_id, br#"{"requestId":"a","permitted":true}"#).is_none(), "it came too late");
    assert!(matches!(check(&mut policy), Check::Ask { .. }));
}

#[test]
fn memory_is_bounded() {
    let recorded = json!({"kind": "startComponent", "request": {"componentId": "a"}, "host": {}});
    let question_of = |number: usize| {
        let mut recorded = recorded.clone();
        recorded["request"]["componentId"] = json!(number.to_string());
        recorded
    };
    let mut next = 0u64;
    let mut ids = |bytes: &mut [u8]| {
        next += 1;
        bytes[2..].copy_from_slice(&next.to_be_bytes());
    };
    let mut policy = Policy::default();
    let mut check = |policy: &mut Policy, number| {
        with_question(&question_of(number), None, |question, host| policy.check(question, host, NOW, &mut ids))
    };
    for number in 0..10_001 {
        let Check::Ask { request_id, .. } = check(&mut policy, number).unwrap() else { panic!() };
        let answer = json!({"requestId": request_id, "permitted": true}).to_string();
        policy.answer(&request_id, answer.as_bytes()).unwrap().unwrap();
    }
    assert!(matches!(check(&mut policy, 10_000).unwrap(), Check::Decided(_)));
    assert!(matches!(check(&mut policy, 1).unwrap(), Check::Decided(_)));
    assert!(matches!(check(&mut policy, 0).unwrap(), Check::Ask { .. }), "the oldest is forgotten");
    let asked = (20_000..22_000).take_while(|number| check(&mut policy, *number).is_ok()).count();
    assert_eq!(asked, 999, "one more than these waits already");
    assert_eq!(check(&mut policy, 30_000).unwrap_err().kind(), Kind::Limit);
}

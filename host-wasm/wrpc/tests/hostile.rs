//! Peers that send anything: nothing panics, what is held is bounded, and every call ends.

use proptest::prelude::*;
use trellis_wrpc::Type;
use trellis_wrpc::nats::{
    Action, Call, Callee, Caller, Channel, Inbox, Incoming, Part, Party, Request, Settings, Signature, signature,
};

const LIMIT: usize = 64;

fn settings() -> Settings {
    Settings {
        max_payload: 512,
        max_message_bytes: LIMIT,
        max_channels: 2,
        max_buffered: LIMIT,
        deadline: 100,
        inline: true,
    }
}

fn function() -> impl Strategy<Value = Option<Signature>> {
    let http = || signature("wrpc:http/outgoing-handler@0.1.0", "handle");
    let blobs = |function| signature("wrpc:blobstore/blobstore@0.2.0", function);
    prop_oneof![
        Just(None),
        Just(http()),
        Just(blobs("get-container-data")),
        Just(blobs("list-container-objects")),
        Just(blobs("write-container-data")),
        Just(Some(Signature::new(vec![Type::list(Type::S64), Type::Char], Some(Type::Flags(9))))),
    ]
}

/// Small numbers, which tags, counts and cases are, and others.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![3 => 0..4u8, 1 => any::<u8>()], 0..24)
}

#[derive(Clone, Debug)]
enum Does {
    Message(Part, Incoming),
    Send(Vec<u32>, Vec<u8>),
    End(Vec<u32>, bool),
    Cancel(Vec<u32>),
    Consumed(Vec<u32>, usize),
    Time(u64),
    Results(Vec<u8>, Vec<Channel>),
}

fn does() -> impl Strategy<Value = Does> {
    let path = || prop::collection::vec(0..2u32, 0..3);
    let part = prop_oneof![Just(Part::Handshake), Just(Part::Values), path().prop_map(Part::Channel)];
    let reply = prop::option::weighted(0.7, "[a-z]{0,3}");
    let status = prop::option::weighted(0.1, any::<u16>());
    let message = (reply, status, bytes()).prop_map(|(reply, status, payload)| Incoming { reply, status, payload });
    let channel = (path(), prop::option::of(bytes())).prop_map(|(path, ready)| Channel { path, ready });
    prop_oneof![
        8 => (part, message).prop_map(|(part, message)| Does::Message(part, message)),
        2 => (path(), bytes()).prop_map(|(path, bytes)| Does::Send(path, bytes)),
        1 => (path(), any::<bool>()).prop_map(|(path, well)| Does::End(path, well)),
        1 => path().prop_map(Does::Cancel),
        1 => (path(), any::<usize>()).prop_map(|(path, bytes)| Does::Consumed(path, bytes)),
        1 => (0..40u64).prop_map(Does::Time),
        1 => (bytes(), prop::collection::vec(channel, 0..3)).prop_map(|(bytes, channels)| Does::Results(bytes, channels)),
    ]
}

/// Does all of it; then nothing happens any more, and the call ends by itself.
fn play(mut callee: Option<&mut Callee>, mut caller: Option<&mut Caller>, script: Vec<Does>) {
    let (mut now, mut over) = (0, false);
    for does in script {
        let results = match (&does, &mut callee) {
            (Does::Results(bytes, channels), Some(callee)) => callee.results(bytes.clone(), channels.clone(), now),
            _ => Vec::new(),
        };
        let party: &mut dyn Party = match (&mut callee, &mut caller) {
            (Some(callee), _) => *callee,
            (_, Some(caller)) => *caller,
            _ => return,
        };
        let actions = match does {
            Does::Message(part, message) => party.message(part, message, now),
            Does::Send(path, bytes) => party.send(&path, &bytes, now),
            Does::End(path, well) => party.end(&path, well, now),
            Does::Cancel(path) => party.cancel(&path, now),
            Does::Consumed(path, bytes) => party.consumed(&path, bytes, now),
            Does::Time(later) => {
                now += later;
                party.time(now)
            }
            Does::Results(..) => results,
        };
        assert!(!over || actions.is_empty(), "nothing follows the end");
        over |= actions.iter().any(|action| matches!(action, Action::Failed(_) | Action::Finished));
        for action in &actions {
            if let Action::Publish(message) = action {
                assert!(message.payload.len() <= settings().max_payload);
            }
        }
        assert_eq!(party.expires().is_none(), over);
        assert!(party.held() <= 10 * LIMIT, "{} bytes are held", party.held());
    }
    let party: &mut dyn Party = match (callee, caller) {
        (Some(callee), _) => callee,
        (_, Some(caller)) => caller,
        _ => return,
    };
    if let Some(at) = party.expires() {
        assert!(!party.time(at).is_empty());
    }
    assert_eq!((party.expires(), party.held()), (None, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_callee_survives_anything(payload in bytes(), signature in function(), script in prop::collection::vec(does(), 0..30)) {
        let request = Request { reply: Some("R".into()), payload };
        let (mut callee, _) = Callee::new(request, signature, "S".into(), settings(), 0).unwrap();
        if callee.expires().is_some() {
            play(Some(&mut callee), None, script);
        }
    }

    #[test]
    fn a_caller_survives_anything(http: bool, script in prop::collection::vec(does(), 0..30)) {
        let pending = |path: &[u32]| Channel { path: path.into(), ready: None };
        let (params, channels, signature) = match http {
            true => (vec![0; 9], vec![pending(&[0, 0]), pending(&[0, 1])], signature("wrpc:http/outgoing-handler@0.1.0", "handle")),
            false => (vec![1; 40], vec![pending(&[1])], Some(Signature::new(
                vec![Type::FixedList(Box::new(Type::U8), 40), Type::stream(Type::list(Type::U8))],
                Some(Type::option(Type::future(Type::U64))),
            ))),
        };
        let params = if http { params } else { [params, vec![0]].concat() };
        let call = Call { subject: "call".into(), params, channels, signature, ..Call::default() };
        let (mut caller, _) = Caller::new(call, "R".into(), settings(), 0).unwrap();
        play(None, Some(&mut caller), script);
    }

    #[test]
    fn any_subject_is_routed_or_not(subject in "(q|q\\.)?([0-9]{0,12}\\.?|params|results|\\PC){0,8}") {
        let inbox = Inbox::new("q");
        if let Some((call, part)) = inbox.route(&subject) {
            let rest = subject.strip_prefix(&inbox.of(call)).unwrap();
            prop_assert_eq!(rest.is_empty(), part == Part::Handshake);
        }
    }
}

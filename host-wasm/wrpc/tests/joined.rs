//! A caller and a callee with an unkind network between them: messages are cut anew, those on different subjects
//! overtake each other, and closing messages and handshakes come twice. What arrives is what was sent.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use trellis_error::Kind;
use trellis_wrpc::nats::{
    Action, Call, Callee, Caller, Channel, Inbox, Incoming, Message, Origin, Party, Request, Settings, Signature,
};
use trellis_wrpc::{Type, Write};

/// Decides what happens next; when it is used up, the plain thing does.
struct Dice(VecDeque<u16>);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0.pop_front().map_or(0, |number| usize::from(number) % end)
    }
}

/// What one side says.
#[derive(Clone, Debug, Default)]
struct Said {
    values: Vec<u8>,
    /// Path and content, and whether the content is ready when it is announced.
    channels: Vec<(Vec<u32>, Vec<u8>, bool)>,
}

/// A side that has been heard.
#[derive(Default, Debug, PartialEq)]
struct Heard {
    values: Option<Vec<u8>>,
    content: BTreeMap<Vec<u32>, Vec<u8>>,
    /// Channels that have not ended, and those that broke off.
    open: usize,
    broken: usize,
    end: Option<Result<(), Kind>>,
}

struct Network {
    dice: Dice,
    queues: BTreeMap<String, VecDeque<Message>>,
}

impl Network {
    fn publish(&mut self, message: Message) {
        self.queues.entry(message.subject.clone()).or_default().push_back(message);
    }

    /// The next message of one of the subjects, maybe only a part of it.
    fn next(&mut self) -> Option<Message> {
        self.queues.retain(|_, queue| !queue.is_empty());
        let place = self.dice.below(self.queues.len().max(1));
        let queue = self.queues.values_mut().nth(place)?;
        let message = queue.front_mut()?;
        if message.payload.len() > 1 && message.reply.is_none() && self.dice.below(3) == 1 {
            let rest = message.payload.split_off(1 + self.dice.below(message.payload.len() - 1));
            return Some(Message { payload: std::mem::replace(&mut message.payload, rest), ..message.clone() });
        }
        if message.payload.is_empty() && self.dice.below(4) == 1 {
            return Some(message.clone());
        }
        queue.pop_front()
    }
}

/// One side with what it says and hears.
struct End<P> {
    party: P,
    said: Said,
    heard: Heard,
    sending: bool,
}

impl<P: Party> End<P> {
    fn act(&mut self, actions: Vec<Action>, network: &mut Network) {
        for action in actions {
            assert_eq!(self.heard.end, None, "nothing follows the end");
            match action {
                Action::Publish(message) => network.publish(message),
                Action::Values { bytes, channels } => {
                    self.heard.values = Some(bytes);
                    self.heard.open += channels.iter().filter(|channel| channel.ready.is_none()).count();
                    self.heard.content.extend(channels.into_iter().map(|it| (it.path, it.ready.unwrap_or_default())));
                }
                Action::Data { path, bytes } => {
                    let actions = self.party.consumed(&path, bytes.len(), 0);
                    assert_eq!(actions, []);
                    self.heard.content.get_mut(&path).unwrap().extend(bytes);
                }
                Action::End { result, .. } => {
                    self.heard.open -= 1;
                    self.heard.broken += usize::from(result.is_err());
                }
                Action::Open => self.sending = true,
                Action::Failed(error) => self.heard.end = Some(Err(error.kind())),
                Action::Finished => self.heard.end = Some(Ok(())),
            }
        }
    }

    fn has_more(&self) -> bool {
        let streams = self.said.channels.iter().any(|(_, _, ready)| !ready);
        self.sending && streams && self.party.expires().is_some()
    }

    /// Sends the next piece of some channel.
    fn send(&mut self, network: &mut Network) {
        if !self.has_more() {
            return;
        }
        let streams: Vec<usize> = (0..self.said.channels.len()).filter(|at| !self.said.channels[*at].2).collect();
        let at = streams[network.dice.below(streams.len())];
        let (path, content, _) = &mut self.said.channels[at];
        let len = network.dice.below(content.len() + 1).max(content.len().min(1));
        let piece: Vec<u8> = content.drain(..len).collect();
        let path = path.clone();
        let over = content.is_empty();
        if over {
            self.said.channels.remove(at);
        }
        let mut actions = self.party.send(&path, &piece, 0);
        if over {
            actions.extend(self.party.end(&path, true, 0));
        }
        self.act(actions, network);
    }
}

fn announced(said: &Said) -> Vec<Channel> {
    let channel = |(path, content, ready): &(Vec<u32>, Vec<u8>, bool)| Channel {
        path: path.clone(),
        ready: ready.then(|| content.clone()),
    };
    said.channels.iter().map(channel).collect()
}

fn settings(inline: bool) -> Settings {
    Settings { max_payload: 512, max_message_bytes: 8192, max_channels: 4, max_buffered: 8192, deadline: 1000, inline }
}

struct Both {
    caller: End<Caller>,
    callee: End<Callee>,
    network: Network,
    answer: Said,
}

fn begin(signature: &Signature, params: Said, answer: Said, inline: (bool, bool), dice: Vec<u16>) -> Both {
    let network = Network { dice: Dice(dice.into()), queues: BTreeMap::new() };
    let call = Call {
        subject: "call".into(),
        origin: Origin { source: Some("me".into()), ..Origin::default() },
        params: params.values.clone(),
        channels: announced(&params),
        signature: Some(signature.clone()),
    };
    let (party, mut actions) = Caller::new(call, Inbox::new("caller").of(1), settings(inline.0), 0).unwrap();
    let Some(Action::Publish(first)) = actions.pop() else { panic!("the first action is a message") };
    let request = Request { reply: first.reply, payload: first.payload };
    let caller = End { party, said: params, heard: Heard::default(), sending: false };
    let inbox = Inbox::new("callee").of(2);
    let (party, actions) = Callee::new(request, Some(signature.clone()), inbox, settings(inline.1), 0).unwrap();
    let callee = End { party, said: Said::default(), heard: Heard::default(), sending: false };
    let mut both = Both { caller, callee, network, answer };
    both.callee.act(actions, &mut both.network);
    both.answer();
    both
}

impl Both {
    /// The guest answers when it has its parameters.
    fn answer(&mut self) {
        if self.callee.heard.values.is_some() && self.callee.heard.end.is_none() {
            let answer = std::mem::take(&mut self.answer);
            if !answer.values.is_empty() {
                let actions = self.callee.party.results(answer.values.clone(), announced(&answer), 0);
                self.callee.said = answer;
                self.callee.act(actions, &mut self.network);
            }
        }
    }

    /// One message, or one piece of a channel. `false` when there is nothing left.
    fn step(&mut self) -> bool {
        match self.network.dice.below(3) {
            1 => self.caller.send(&mut self.network),
            2 => self.callee.send(&mut self.network),
            _ => {}
        }
        let Some(message) = self.network.next() else {
            self.caller.send(&mut self.network);
            self.callee.send(&mut self.network);
            let waits = self.network.queues.values().any(|queue| !queue.is_empty());
            return waits || self.caller.has_more() || self.callee.has_more();
        };
        let incoming = Incoming { reply: message.reply, status: None, payload: message.payload };
        if let Some((_, part)) = Inbox::new("caller").route(&message.subject) {
            let actions = self.caller.party.message(part, incoming, 0);
            self.caller.act(actions, &mut self.network);
        } else {
            let (_, part) = Inbox::new("callee").route(&message.subject).expect("it is for one of the two");
            let actions = self.callee.party.message(part, incoming, 0);
            self.callee.act(actions, &mut self.network);
            self.answer();
        }
        true
    }
}

/// `some(bytes)` with a pending stream of bytes, a pending stream of strings and a pending future.
fn everything() -> Type {
    let streams = vec![Type::U32, Type::stream(Type::U8), Type::stream(Type::String)];
    Type::option(Type::Tuple([streams, vec![Type::future(Type::list(Type::String)), Type::list(Type::U8)]].concat()))
}

fn strings() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-zé]{0,40}", 0..20)
}

fn said() -> impl Strategy<Value = Said> {
    let bytes = prop::collection::vec(any::<u8>(), 0..1500);
    (bytes.clone(), bytes, strings(), strings(), any::<[bool; 3]>()).prop_map(|(list, stream, items, value, ready)| {
        let mut values = vec![1];
        values.unsigned(list.len() as u64 * 1000);
        values.raw(&[0, 0, 0]);
        values.bytes(&list);
        let encode = |strings: &[String]| {
            let mut out = Vec::new();
            strings.iter().for_each(|text| out.str(text));
            out
        };
        let mut future = Vec::new();
        future.unsigned(value.len() as u64);
        future.extend(encode(&value));
        let contents = [stream, encode(&items), future];
        let channel = |(index, (content, ready))| (vec![0, index], content, ready);
        let channels = (1..).zip(contents.into_iter().zip(ready)).map(channel).collect();
        Said { values, channels }
    })
}

fn expected(said: &Said) -> Heard {
    let content = said.channels.iter().map(|(path, content, _)| (path.clone(), content.clone())).collect();
    Heard { values: Some(said.values.clone()), content, open: 0, broken: 0, end: Some(Ok(())) }
}

fn signature() -> Signature {
    Signature::new(vec![everything()], Some(everything()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_arrives_is_what_was_sent(
        params in said(), results in said(), inline: (bool, bool), dice in prop::collection::vec(any::<u16>(), 0..400),
    ) {
        let (to_callee, to_caller) = (expected(&params), expected(&results));
        let mut both = begin(&signature(), params, results, inline, dice);
        while both.step() {}
        prop_assert_eq!(both.callee.heard, to_callee);
        prop_assert_eq!(both.caller.heard, to_caller);
        prop_assert_eq!((both.caller.party.held(), both.callee.party.held()), (0, 0));
    }

    #[test]
    fn whoever_gives_up_when_leaves_nothing_behind(
        params in said(), results in said(), steps in 0..60usize, caller: bool,
        dice in prop::collection::vec(any::<u16>(), 0..200),
    ) {
        let mut both = begin(&signature(), params, results, (false, false), dice);
        for _ in 0..steps {
            both.step();
        }
        let Both { caller: End { party: calls, .. }, callee: End { party: called, .. }, network, .. } = &mut both;
        let aborted: &mut dyn Party = if caller { calls } else { called };
        for action in aborted.abort() {
            let Action::Publish(message) = action else { panic!("only messages are left: {action:?}") };
            network.publish(message);
        }
        prop_assert_eq!((aborted.held(), aborted.expires()), (0, None));
        while both.step() {}
        let (calls, called) = (&mut both.caller.party, &mut both.callee.party);
        let other: &mut dyn Party = if caller { called } else { calls };
        if let Some(at) = other.expires() {
            prop_assert_eq!(other.time(at - 1), []);
            let actions = other.time(at);
            prop_assert!(matches!(actions.last(), Some(Action::Failed(_) | Action::Finished)), "{:?}", actions);
        }
        prop_assert_eq!((other.held(), other.expires()), (0, None));
    }
}

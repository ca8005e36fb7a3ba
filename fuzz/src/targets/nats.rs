//! Calls over NATS whose peer sends anything. A callee knows when its parameters are complete exactly as the codec
//! does, however they are cut; channels hold no more than they may; every call ends.

use arbitrary::{Result, Unstructured};
use trellis_wrpc::nats::{
    Action, Call, Callee, Caller, Incoming, Part, Party, Request, Settings, Signature, signature,
};
use trellis_wrpc::{Reader, Type, Value};

use crate::{heap, shape};

/// Bytes that a call may hold of one thing.
const MOST: usize = 4096;

fn settings() -> Settings {
    Settings {
        max_payload: 1024,
        max_message_bytes: MOST,
        max_channels: 4,
        max_buffered: MOST,
        deadline: 10,
        inline: true,
    }
}

pub(super) fn run(data: &[u8]) {
    let _ = parameters(Unstructured::new(data));
    let _ = heap::within((1 << 20) + 200 * data.len(), || channels(&mut Unstructured::new(data)));
}

/// Parameters of any type that arrive in pieces.
fn parameters(mut u: Unstructured<'_>) -> Result<()> {
    let ty = shape::ty(&mut u, 4, 2)?;
    let cuts: [u8; 4] = u.arbitrary()?;
    let bytes = u.take_rest();
    if bytes.len() > MOST {
        return Ok(());
    }
    let mut pieces = cuts.iter().cycle();
    let mut rest = bytes;
    let mut piece = || {
        let (piece, after) = rest.split_at(usize::from(*pieces.next()?).clamp(1, rest.len().max(1)).min(rest.len()));
        rest = after;
        (!piece.is_empty()).then(|| piece.to_vec())
    };
    let request = Request { reply: Some("R".to_owned()), payload: piece().unwrap_or_default() };
    let types = Some(Signature::new(vec![ty.clone()], None));
    let (mut callee, mut actions) = Callee::new(request, types, "S".to_owned(), settings(), 0).expect("it has a reply");
    while let Some(payload) = piece() {
        actions.extend(callee.message(Part::Values, Incoming { payload, ..Incoming::default() }, 0));
    }
    actions.extend(callee.message(Part::Values, Incoming::default(), 0));
    let values = actions.iter().find_map(|action| match action {
        Action::Values { bytes, .. } => Some(&bytes[..]),
        _ => None,
    });
    assert_eq!(values, prefix(&ty, bytes), "a callee has its parameters when they can be decoded");
    assert_eq!(callee.expires().is_none(), values.is_none(), "a call without parameters fails");
    callee.abort();
    assert_eq!((callee.held(), callee.expires()), (0, None));
    Ok(())
}

/// The bytes that a value of this type begins with.
fn prefix<'a>(ty: &Type, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let mut reader = Reader::new(bytes);
    Value::decode(ty, &mut reader).ok()?;
    Some(&bytes[..bytes.len() - reader.rest().len()])
}

/// Results with channels, and whatever comes on those.
fn channels(u: &mut Unstructured<'_>) -> Result<()> {
    let functions = ["get-container-data", "list-container-objects"];
    let types = signature("wrpc:blobstore/blobstore@0.2.0", u.choose(&functions)?);
    let call = Call { subject: "call".to_owned(), signature: types, ..Call::default() };
    let (mut caller, _) = Caller::new(call, "R".to_owned(), settings(), 0).expect("it has no channels");
    while !u.is_empty() && caller.expires().is_some() {
        let part = match u.int_in_range(0..=9)? {
            0 => Part::Handshake,
            1 | 2 => Part::Values,
            3..=7 => Part::Channel(vec![0, 0]),
            8 => Part::Channel(vec![0, 1]),
            _ => Part::Channel(vec![0]),
        };
        let reply = Some("S".to_owned());
        let payload = u.arbitrary()?;
        for action in caller.message(part, Incoming { reply, payload, status: None }, 0) {
            if let Action::Data { path, bytes } = action {
                assert!(bytes.len() <= MOST, "what is handed on is bounded");
                if u.arbitrary()? {
                    caller.consumed(&path, bytes.len(), 0);
                }
            }
        }
        assert!(caller.held() <= 3 * MOST, "what is held is bounded");
    }
    if let Some(at) = caller.expires() {
        caller.time(at);
    }
    assert_eq!((caller.held(), caller.expires()), (0, None));
    Ok(())
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    (0..40).map(|first: u8| (0..120).map(|i: u8| first.wrapping_mul(i)).collect()).collect()
}

//! Header and trailer fields.
//!
//! Names keep their case for the guest and are compared without it; on the wire they are lower case. The fields that
//! belong to the transport are forbidden to guests, as in wasmtime, and hidden from them in what comes in, so that what
//! came in may be sent on.

use std::rc::Rc;

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::{Reader, Write};

use crate::meter::{Charge, Meter};

/// What an entry costs beside its bytes.
const OVERHEAD: usize = 64;

const FORBIDDEN: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(name))
}

/// The most entries, so that grouping them by name stays cheap.
const MOST: usize = 4096;

/// A name and a value.
type Entry = (Box<str>, Box<[u8]>);

struct Entries {
    list: Vec<Entry>,
    bytes: usize,
    charge: Charge,
}

impl Clone for Entries {
    /// The clone is charged when it is changed, which is what it is made for.
    fn clone(&self) -> Self {
        Entries { list: self.list.clone(), bytes: self.bytes, charge: self.charge.another() }
    }
}

/// The resource `fields`. Clones share their entries until one of them is changed.
#[derive(Clone)]
pub(crate) struct Fields {
    entries: Rc<Entries>,
    mutable: bool,
}

fn cost((name, value): &Entry) -> usize {
    name.len() + value.len() + OVERHEAD
}

impl Fields {
    /// No fields, mutable.
    pub fn new(meter: &Meter) -> Result<Fields> {
        let entries = Entries { list: Vec::new(), bytes: OVERHEAD, charge: meter.charge(OVERHEAD)? };
        Ok(Fields { entries: Rc::new(entries), mutable: true })
    }

    /// The same fields, immutable.
    pub fn frozen(&self) -> Fields {
        Fields { mutable: false, ..self.clone() }
    }

    /// The same fields, mutable.
    pub fn thawed(&self) -> Fields {
        Fields { mutable: true, ..self.clone() }
    }

    /// Whether the guest may change them.
    pub fn is_mutable(&self) -> bool {
        self.mutable
    }

    /// All names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.entries.list.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The values of `name`.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |entry| entry.0.eq_ignore_ascii_case(name)).map(|entry| entry.1)
    }

    /// Adds a value.
    pub fn append(&mut self, name: &str, value: &[u8]) -> Result<()> {
        let entries = Rc::make_mut(&mut self.entries);
        if entries.list.len() >= MOST {
            return Err(Error::new(Kind::Limit, format!("the guest holds fields with {MOST} entries, and adds one")));
        }
        let entry = (name.into(), value.into());
        entries.bytes += cost(&entry);
        entries.list.push(entry);
        entries.charge.resize(entries.bytes)
    }

    /// Removes all values of `name`.
    pub fn delete(&mut self, name: &str) -> Result<()> {
        let entries = Rc::make_mut(&mut self.entries);
        entries.list.retain(|entry| !entry.0.eq_ignore_ascii_case(name));
        entries.bytes = OVERHEAD + entries.list.iter().map(cost).sum::<usize>();
        entries.charge.resize(entries.bytes)
    }

    /// The body length they announce; an error where it is no number, or two different ones.
    pub fn content_length(&self) -> Result<Option<u64>, ()> {
        let mut length = None;
        for value in self.values("content-length") {
            let text = std::str::from_utf8(value).map_err(|_| ())?;
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let value = text.parse().ok().filter(|_| digits).ok_or(())?;
            if length.replace(value).is_some_and(|other| other != value) {
                return Err(());
            }
        }
        Ok(length)
    }

    /// Reads the fields of a `wrpc:http` message; they are immutable.
    pub fn read(meter: &Meter, bytes: &mut Reader<'_>) -> Result<Fields> {
        let mut fields = Fields::new(meter)?;
        for _ in 0..bytes.u32()? {
            let name = bytes.str()?;
            for _ in 0..bytes.u32()? {
                let value = bytes.bytes()?;
                if !is_forbidden(name) {
                    fields.append(name, value)?;
                }
            }
        }
        fields.mutable = false;
        Ok(fields)
    }

    /// Writes the fields of a `wrpc:http` message: each name once, with all its values.
    pub fn write(&self, out: &mut Vec<u8>, more: Option<(&str, &str)>) {
        let list = &self.entries.list;
        let firsts: Vec<usize> = (0..list.len()).filter(|&index| self.is_first(index)).collect();
        out.unsigned((firsts.len() + usize::from(more.is_some())) as u64);
        if let Some((name, value)) = more {
            out.str(name);
            out.u8(1);
            out.str(value);
        }
        for index in firsts {
            let name = &*list[index].0;
            out.unsigned(name.len() as u64);
            out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
            out.unsigned(self.values(name).count() as u64);
            self.values(name).for_each(|value| out.bytes(value));
        }
    }

    fn is_first(&self, index: usize) -> bool {
        let (before, name) = (&self.entries.list[..index], &self.entries.list[index].0);
        !before.iter().any(|entry| entry.0.eq_ignore_ascii_case(name))
    }
}

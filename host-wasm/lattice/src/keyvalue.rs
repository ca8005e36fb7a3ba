//! The in-memory provider of `wrpc:keyvalue@0.2.0-draft`: store, atomics, batch.
//!
//! It answers encoded parameters with an encoded result and allocates for nothing but what it stores, since a guest's
//! key-value calls come straight here. Facts: the lattice protocol, section 8.3.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::{Reader, Write};

/// How many keys one call of `list-keys` returns.
const PAGE: usize = 1000;

/// No answer is longer than this, in bytes: a key may be asked for many times in one call of `get-many`.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// What an entry takes beside key and value, in bytes; it bounds the number of entries where values are empty.
const OVERHEAD: usize = 64;

/// The provider with all its buckets. A bucket is there as soon as its name is used.
#[derive(Debug)]
pub struct MemoryKeyValue {
    buckets: HashMap<Box<str>, Bucket>,
    bytes: usize,
    max_bytes: usize,
}

/// Every key has a number, in the order of creation, so that listing goes on where it was although keys come and go.
#[derive(Debug, Default)]
struct Bucket {
    values: HashMap<Rc<str>, (u64, Vec<u8>)>,
    order: BTreeMap<u64, Rc<str>>,
    last: u64,
}

/// What the guest gets instead of a value: the case `other` of the interface's error.
struct Refusal(String);

type Answer = Result<(), Refusal>;

impl MemoryKeyValue {
    /// A provider without values that holds at most so many bytes of keys and values.
    pub fn new(max_bytes: usize) -> Self {
        MemoryKeyValue { buckets: HashMap::new(), bytes: 0, max_bytes }
    }

    /// The value of a key.
    pub fn get(&self, bucket: &str, key: &str) -> Option<&[u8]> {
        self.buckets.get(bucket)?.values.get(key).map(|(_, value)| value.as_slice())
    }

    /// Answers a call: appends the encoded result to `out`. An error of the interface is a result; this fails only
    /// where the call itself is wrong, and then `out` is as it was.
    pub fn call(&mut self, instance: &str, function: &str, params: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        let answered = self.dispatch(instance, function, &mut Reader::new(params), out);
        if answered.is_err() {
            out.truncate(start);
        }
        match answered? {
            Ok(()) => {}
            Err(Refusal(reason)) => {
                out.truncate(start);
                out.raw(&[1, 2]);
                out.str(&reason);
            }
        }
        Ok(())
    }

    /// Writes the `ok` arm, unless the call is refused.
    fn dispatch(
        &mut self,
        instance: &str,
        function: &str,
        params: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Answer> {
        let interface = instance.strip_prefix("wrpc:keyvalue/").and_then(|rest| rest.strip_suffix("@0.2.0-draft"));
        out.bool(false);
        let bucket = params.str()?;
        match (interface.unwrap_or_default(), function) {
            ("store", "get") => {
                let key = params.str()?;
                out.option(self.get(bucket, key), |out, value| out.bytes(value));
            }
            ("store", "set") => return Ok(self.set(bucket, params.str()?, params.bytes()?)),
            ("store", "delete") => self.delete(bucket, params.str()?),
            ("store", "exists") => {
                let key = params.str()?;
                out.bool(self.get(bucket, key).is_some());
            }
            ("store", "list-keys") => self.list_keys(bucket, params.option(Reader::u64)?, out),
            ("atomics", "increment") => return Ok(self.increment(bucket, params.str()?, params.u64()?, out)),
            ("batch", "get-many") => return Ok(self.get_many(bucket, &params.list(Reader::str)?, out)),
            ("batch", "set-many") => {
                let pairs = params.list(|params| Ok((params.str()?, params.bytes()?)))?;
                return Ok(pairs.into_iter().try_for_each(|(key, value)| self.set(bucket, key, value)));
            }
            ("batch", "delete-many") => {
                let keys = params.list(Reader::str)?;
                keys.into_iter().for_each(|key| self.delete(bucket, key));
            }
            _ => {
                let message = format!("the key-value provider has no function `{function}` in `{instance}`");
                return Err(Error::new(Kind::NotFound, message));
            }
        }
        Ok(Ok(()))
    }

    fn set(&mut self, bucket: &str, key: &str, value: &[u8]) -> Answer {
        if !self.buckets.contains_key(bucket) {
            self.grow(bucket.len() + OVERHEAD)?;
            self.buckets.insert(bucket.into(), Bucket::default());
        }
        let old = self.get(bucket, key).map(<[u8]>::len);
        match old {
            Some(old) if old >= value.len() => self.bytes -= old - value.len(),
            Some(old) => self.grow(value.len() - old)?,
            None => self.grow(key.len() + value.len() + OVERHEAD)?,
        }
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.set(key, value);
        }
        Ok(())
    }

    fn delete(&mut self, bucket: &str, key: &str) {
        let Some(bucket) = self.buckets.get_mut(bucket) else { return };
        if let Some((number, value)) = bucket.values.remove(key) {
            bucket.order.remove(&number);
            self.bytes -= key.len() + value.len() + OVERHEAD;
        }
    }

    /// Accounts for `bytes` more.
    fn grow(&mut self, bytes: usize) -> Answer {
        if bytes > self.max_bytes - self.bytes {
            return Err(Refusal(format!("the store is full: it holds at most {} bytes", self.max_bytes)));
        }
        self.bytes += bytes;
        Ok(())
    }

    /// A cursor is the number of the key to go on with.
    fn list_keys(&self, bucket: &str, cursor: Option<u64>, out: &mut Vec<u8>) {
        let rest = self.buckets.get(bucket).map(|bucket| bucket.order.range(cursor.unwrap_or(0)..));
        let mut rest = rest.into_iter().flatten();
        let page: Vec<&str> = rest.by_ref().take(PAGE).map(|(_, key)| &**key).collect();
        out.unsigned(page.len() as u64);
        page.into_iter().for_each(|key| out.str(key));
        out.option(rest.next(), |out, (number, _)| out.unsigned(*number));
    }

    /// A counter is stored as decimal text, so that `get` and the counters of other providers read the same.
    fn increment(&mut self, bucket: &str, key: &str, delta: u64, out: &mut Vec<u8>) -> Answer {
        let value = match self.get(bucket, key) {
            None => 0,
            Some(value) => std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.trim().parse::<u64>().ok())
                .ok_or_else(|| Refusal(format!("the value of `{key}` is not a number that can be incremented")))?,
        };
        let sum = value.checked_add(delta).ok_or_else(|| Refusal(format!("incrementing `{key}` overflows 64 bits")))?;
        self.set(bucket, key, sum.to_string().as_bytes())?;
        out.unsigned(sum);
        Ok(())
    }

    fn get_many(&self, bucket: &str, keys: &[&str], out: &mut Vec<u8>) -> Answer {
        out.unsigned(keys.len() as u64);
        for key in keys {
            if out.len() > MAX_ANSWER {
                return Err(Refusal(format!("the values are longer than {MAX_ANSWER} bytes together")));
            }
            out.option(self.get(bucket, key), |out, value| {
                out.str(key);
                out.bytes(value);
            });
        }
        Ok(())
    }
}

impl Bucket {
    fn set(&mut self, key: &str, value: &[u8]) {
        if let Some((_, old)) = self.values.get_mut(key) {
            old.clear();
            old.extend_from_slice(value);
            // What is accounted for is what is held, give or take the half.
            old.shrink_to(2 * value.len());
            return;
        }
        self.last += 1;
        let key: Rc<str> = key.into();
        self.order.insert(self.last, key.clone());
        self.values.insert(key, (self.last, value.to_vec()));
    }
}

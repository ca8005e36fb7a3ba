//! Follows an encoded value by its type while its bytes still arrive, and finds the channels in it.
//!
//! A value of 3 MiB comes in pieces, and after each somebody has to know whether it is complete. A walk stops before the
//! first item that is not there yet and goes on from there, so that every byte is looked at once.

use std::ops::Range;

use trellis_error::{Error, Result};

use super::Path;
use super::content::{Content, nested};
use crate::{Reader, Type};

/// How far a value has been followed. The bytes and the type are the caller's, and the same each time but for more bytes
/// at the end.
#[derive(Debug, Default)]
pub struct Walk {
    /// The types that are entered: of each, which child is next and how many there are.
    stack: Vec<Frame>,
    at: usize,
    complete: bool,
    sites: Vec<Site>,
}

#[derive(Debug)]
struct Frame {
    child: u32,
    end: u32,
}

/// Where in a value a stream or future stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its index path.
    pub path: Path,
    /// What it carries.
    pub content: Content,
    /// Its encoding: only a zero where it is pending.
    pub encoded: Range<usize>,
    /// Where its content begins, which the encoding ends with; `None` where it is pending.
    pub ready: Option<usize>,
}

enum Step<'t> {
    /// The value needs more bytes.
    More,
    /// The value is read.
    Done,
    /// It goes on with its children from `child` to `end`, the first of which has this type.
    Into { child: u32, end: u32, ty: &'t Type },
}

impl Walk {
    /// Follows the value as far as its bytes go. `true` when it is complete; bytes may follow it.
    pub fn advance(&mut self, ty: &Type, bytes: &[u8]) -> Result<bool> {
        if self.complete {
            return Ok(true);
        }
        let mut types = vec![ty];
        for frame in &self.stack {
            types.extend(types.last().and_then(|ty| child(ty, frame.child)));
        }
        while let Some(&ty) = types.last() {
            match self.enter(ty, &types, bytes)? {
                Step::More => return Ok(false),
                Step::Done => self.climb(&mut types),
                Step::Into { child, end, ty } => {
                    self.stack.push(Frame { child, end });
                    types.push(ty);
                }
            }
        }
        self.complete = true;
        Ok(true)
    }

    /// How many bytes the value has so far.
    pub fn end(&self) -> usize {
        self.at
    }

    /// The streams and futures that were found, in the order of the bytes.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    pub(super) fn into_sites(self) -> Vec<Site> {
        self.sites
    }

    /// A child has been read: goes on with the next, or leaves the types that have none.
    fn climb(&mut self, types: &mut Vec<&Type>) {
        loop {
            types.pop();
            let (Some(frame), Some(parent)) = (self.stack.last_mut(), types.last()) else { return };
            frame.child += 1;
            if frame.child < frame.end {
                types.extend(child(parent, frame.child));
                return;
            }
            if let (Type::Stream(_) | Type::Future(_), Some(site)) = (parent, self.sites.last_mut()) {
                site.encoded.end = self.at;
            }
            self.stack.pop();
        }
    }

    /// Reads a value without children, or the head of one with children. Nothing is read where it is not there whole.
    fn enter<'t>(&mut self, ty: &'t Type, types: &[&Type], bytes: &[u8]) -> Result<Step<'t>> {
        let rest = &bytes[self.at..];
        let Some(len) = head(ty, rest) else { return Ok(Step::More) };
        let reader = &mut Reader::new(rest);
        let many = |count: u32, ty| if count == 0 { Step::Done } else { Step::Into { child: 0, end: count, ty } };
        let one =
            |child: u32, arm: Option<&'t Type>| arm.map_or(Step::Done, |ty| Step::Into { child, end: child + 1, ty });
        let step = match ty {
            Type::Bool => reader.bool().map(|_| Step::Done)?,
            Type::U16 => reader.u16().map(|_| Step::Done)?,
            Type::U32 => reader.u32().map(|_| Step::Done)?,
            Type::U64 => reader.u64().map(|_| Step::Done)?,
            Type::S16 => reader.signed(16).map(|_| Step::Done)?,
            Type::S32 => reader.signed(32).map(|_| Step::Done)?,
            Type::S64 => reader.signed(64).map(|_| Step::Done)?,
            Type::Char => reader.char().map(|_| Step::Done)?,
            Type::String => reader.str().map(|_| Step::Done)?,
            Type::U8 | Type::S8 | Type::F32 | Type::F64 | Type::Flags(_) => Step::Done,
            Type::Handle => reader.bytes().map(|_| Step::Done)?,
            Type::List(item) if **item == Type::U8 => reader.bytes().map(|_| Step::Done)?,
            Type::List(item) => many(reader.u32()?, item),
            Type::FixedList(item, count) => many(*count, item),
            Type::Tuple(fields) => fields.first().map_or(Step::Done, |ty| many(fields.len() as u32, ty)),
            Type::Variant(cases) => {
                let case = reader.u32()?;
                let arm = cases.get(case as usize).ok_or_else(|| Error::decode(format!("there is no case {case}")))?;
                one(case, arm.as_ref())
            }
            Type::Option(some) => one(0, reader.bool()?.then_some(some)),
            Type::Result(ok, err) => match reader.bool()? {
                false => one(0, ok.as_deref()),
                true => one(1, err.as_deref()),
            },
            Type::Stream(item) => {
                let count = reader.u32()?;
                let prefix = rest.len() - reader.rest().len();
                self.site(types, Content::stream(item)?, len, prefix, count > 0)?;
                if **item == Type::U8 { Step::Done } else { many(count, item) }
            }
            Type::Future(value) => {
                let ready = reader.bool()?;
                self.site(types, Content::future(value)?, len, 1, ready)?;
                one(0, ready.then_some(value))
            }
        };
        self.at += len;
        Ok(step)
    }

    /// Notes a stream or future whose head, of `len` bytes, stands here; its content follows after `prefix` bytes.
    fn site(&mut self, types: &[&Type], content: Content, len: usize, prefix: usize, ready: bool) -> Result<()> {
        let outer = &types[..self.stack.len()];
        if outer.iter().any(|ty| !matches!(ty, Type::Tuple(_) | Type::Variant(_) | Type::Option(_) | Type::Result(..)))
        {
            return Err(nested());
        }
        let indices = outer.iter().zip(&self.stack).filter(|(ty, _)| matches!(ty, Type::Tuple(_)));
        let path = indices.map(|(_, frame)| frame.child).collect();
        let ready = ready.then_some(self.at + prefix);
        self.sites.push(Site { path, content, encoded: self.at..self.at + len, ready });
        Ok(())
    }
}

/// The length of the first of some values in a row; `None` where it is not there whole. Every value takes a byte.
pub(super) fn first(walk: &mut Walk, ty: &Type, bytes: &[u8]) -> Result<Option<usize>> {
    if bytes.is_empty() || !walk.advance(ty, bytes)? {
        return Ok(None);
    }
    match std::mem::take(walk).end() {
        0 => Err(Error::decode("a value takes no bytes")),
        len => Ok(Some(len)),
    }
}

/// The type of a child: an item, a field, or the payload of a case or arm.
fn child(ty: &Type, index: u32) -> Option<&Type> {
    match ty {
        Type::List(item) | Type::FixedList(item, _) | Type::Stream(item) | Type::Option(item) | Type::Future(item) => {
            Some(item)
        }
        Type::Tuple(fields) => fields.get(index as usize),
        Type::Variant(cases) => cases.get(index as usize)?.as_ref(),
        Type::Result(ok, err) => if index == 0 { ok } else { err }.as_deref(),
        _ => None,
    }
}

/// How many bytes a value without children, or the head of one with children, takes; `None` where they are not all
/// there. One that no bytes could complete has some length, and reading it fails.
fn head(ty: &Type, rest: &[u8]) -> Option<usize> {
    let len = match ty {
        Type::Bool | Type::U8 | Type::S8 | Type::Option(_) | Type::Result(..) | Type::Future(_) => 1,
        Type::U16 | Type::S16 => number(rest, 3)?,
        Type::U64 | Type::S64 => number(rest, 10)?,
        Type::U32 | Type::S32 | Type::Variant(_) => number(rest, 5)?,
        Type::F32 => 4,
        Type::F64 => 8,
        Type::Char => match rest.first()? {
            0..0x80 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        },
        Type::String | Type::Handle => counted(rest)?,
        Type::List(item) | Type::Stream(item) if **item == Type::U8 => counted(rest)?,
        Type::List(_) | Type::Stream(_) => number(rest, 5)?,
        Type::FixedList(..) | Type::Tuple(_) => 0,
        Type::Flags(count) => count.div_ceil(8) as usize,
    };
    (len <= rest.len()).then_some(len)
}

/// The length of a number of at most `most` bytes.
pub(super) fn number(rest: &[u8], most: usize) -> Option<usize> {
    let whole = rest.iter().take(most).position(|byte| *byte < 0x80).map(|last| last + 1);
    whole.or_else(|| (rest.len() >= most).then_some(most))
}

/// The length of a count with so many bytes. A count that is none is read alone, which fails.
fn counted(rest: &[u8]) -> Option<usize> {
    let prefix = number(rest, 5)?;
    Some(Reader::new(rest).u32().map_or(prefix, |len| prefix.saturating_add(len as usize)))
}

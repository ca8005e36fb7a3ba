//! The resources of one guest instance, by representation.
//!
//! A representation is an index that is used again after a drop; guests never see it, they hold handles that the
//! runtime maps to it. What a child reads or writes through its parent keeps the parent alive: dropping the parent
//! first is a trap, as in wasmtime.

use trellis_error::{Error, Kind, Result};

use crate::filesystem::{Descriptor, Entries};
use crate::http::{
    Fields, FutureResponse, FutureTrailers, IncomingBody, IncomingRequest, IncomingResponse, OutgoingBody,
    OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam,
};
use crate::io::{InputStream, IoError, OutputStream, Pollable};
use crate::keyvalue::Bucket;
use crate::sockets::Network;

/// How many resources an instance may have at a time.
const LIMIT: usize = 100_000;

/// What can stand in the table: `wrap` and back.
pub(crate) trait Held: Sized {
    /// The name in WIT.
    const NAME: &'static str;
    fn wrap(self) -> Resource;
    fn unwrap(resource: Resource) -> Option<Self>;
    fn get(resource: &Resource) -> Option<&Self>;
    fn get_mut(resource: &mut Resource) -> Option<&mut Self>;
}

macro_rules! resources {
    ($($type:ident $name:literal,)*) => {
        /// A resource.
        pub(crate) enum Resource { $($type($type),)* }

        $(impl Held for $type {
            const NAME: &'static str = $name;
            fn wrap(self) -> Resource {
                Resource::$type(self)
            }
            fn unwrap(resource: Resource) -> Option<Self> {
                if let Resource::$type(it) = resource { Some(it) } else { None }
            }
            fn get(resource: &Resource) -> Option<&Self> {
                if let Resource::$type(it) = resource { Some(it) } else { None }
            }
            fn get_mut(resource: &mut Resource) -> Option<&mut Self> {
                if let Resource::$type(it) = resource { Some(it) } else { None }
            }
        })*
    };
}

resources! {
    IoError "error",
    Pollable "pollable",
    InputStream "input-stream",
    OutputStream "output-stream",
    Descriptor "descriptor",
    Entries "directory-entry-stream",
    Network "network",
    Fields "fields",
    IncomingRequest "incoming-request",
    OutgoingRequest "outgoing-request",
    RequestOptions "request-options",
    ResponseOutparam "response-outparam",
    IncomingResponse "incoming-response",
    OutgoingResponse "outgoing-response",
    IncomingBody "incoming-body",
    OutgoingBody "outgoing-body",
    FutureTrailers "future-trailers",
    FutureResponse "future-incoming-response",
    Bucket "bucket",
}

struct Slot {
    resource: Resource,
    parent: Option<u32>,
    children: u32,
}

/// All resources of an instance.
#[derive(Default)]
pub(crate) struct Table {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
}

impl Table {
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub fn push<T: Held>(&mut self, value: T) -> Result<u32> {
        self.insert(Slot { resource: value.wrap(), parent: None, children: 0 })
    }

    /// Adds a resource that must be dropped before `parent`, which is alive.
    pub fn push_child<T: Held>(&mut self, value: T, parent: u32) -> Result<u32> {
        let rep = self.insert(Slot { resource: value.wrap(), parent: Some(parent), children: 0 })?;
        if let Some(Some(slot)) = self.slots.get_mut(parent as usize) {
            slot.children += 1;
        }
        Ok(rep)
    }

    fn insert(&mut self, slot: Slot) -> Result<u32> {
        if self.len() >= LIMIT {
            return Err(Error::new(Kind::Limit, format!("the guest holds {LIMIT} resources, and asks for one more")));
        }
        if let Some(rep) = self.free.pop() {
            self.slots[rep as usize] = Some(slot);
            return Ok(rep);
        }
        self.slots.push(Some(slot));
        Ok(self.slots.len() as u32 - 1)
    }

    pub fn get<T: Held>(&self, rep: u32) -> Result<&T> {
        let slot = self.slots.get(rep as usize).and_then(Option::as_ref);
        slot.and_then(|slot| T::get(&slot.resource)).ok_or_else(unknown::<T>)
    }

    pub fn get_mut<T: Held>(&mut self, rep: u32) -> Result<&mut T> {
        let slot = self.slots.get_mut(rep as usize).and_then(Option::as_mut);
        slot.and_then(|slot| T::get_mut(&mut slot.resource)).ok_or_else(unknown::<T>)
    }

    /// Takes a resource of a known type out. Traps when it has children.
    pub fn take<T: Held>(&mut self, rep: u32) -> Result<T> {
        self.get::<T>(rep)?;
        T::unwrap(self.remove(rep)?).ok_or_else(unknown::<T>)
    }

    /// Takes a resource out. Traps when it has children.
    pub fn remove(&mut self, rep: u32) -> Result<Resource> {
        let place = self.slots.get_mut(rep as usize);
        let Some(slot) = place.and_then(|place| place.take_if(|slot| slot.children == 0)) else {
            let alive = self.slots.get(rep as usize).is_some_and(Option::is_some);
            return Err(Error::trap(if alive { "resource has children" } else { "unknown handle index" }));
        };
        self.free.push(rep);
        if let Some(parent) = slot.parent
            && let Some(Some(parent)) = self.slots.get_mut(parent as usize)
        {
            parent.children -= 1;
        }
        Ok(slot.resource)
    }
}

fn unknown<T: Held>() -> Error {
    Error::trap(format!("the handle is no live {}", T::NAME))
}

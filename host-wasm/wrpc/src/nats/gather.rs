//! Puts the parameters or results of a call together, and knows when they are complete.

use std::rc::Rc;

use trellis_error::{Error, Result};

use super::Settings;
use super::signature::Shape;
use super::walk::{Site, Walk};

/// Complete values, without what follows them, and the streams and futures in them.
type Gathered = (Vec<u8>, Vec<Site>);

/// Values that arrive in pieces.
#[derive(Debug)]
pub(super) struct Gather {
    /// Without it, the values are complete when they are closed.
    shape: Option<Rc<Shape>>,
    bytes: Vec<u8>,
    walk: Walk,
    complete: bool,
}

impl Gather {
    pub fn new(shape: Option<Rc<Shape>>) -> Gather {
        Gather { shape, bytes: Vec::new(), walk: Walk::default(), complete: false }
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The next piece. Gives the values if this completes them.
    pub fn push(&mut self, payload: Vec<u8>, settings: &Settings) -> Result<Option<Gathered>> {
        settings.check_bytes(self.bytes.len() + payload.len())?;
        if self.bytes.is_empty() {
            self.bytes = payload;
        } else {
            self.bytes.extend(payload);
        }
        let Some(shape) = &self.shape else { return Ok(None) };
        Ok(self.walk.advance(&shape.ty, &self.bytes)?.then(|| self.take()))
    }

    /// Nothing more comes: the values are complete, or will never be.
    pub fn close(&mut self) -> Result<Gathered> {
        if let Some(shape) = &self.shape
            && !self.walk.advance(&shape.ty, &self.bytes)?
        {
            return Err(Error::decode("the peer closed the call before its values were complete: it has failed"));
        }
        Ok(self.take())
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    fn take(&mut self) -> Gathered {
        self.complete = true;
        let (mut bytes, walk) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.walk));
        if self.shape.is_some() {
            bytes.truncate(walk.end());
        }
        (bytes, walk.into_sites())
    }
}

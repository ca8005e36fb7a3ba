//! A plan as bytes: for the cache, the worker port and precompiled components.

use trellis_error::{Error, Result};

use crate::Plan;

/// The version of the encoding. A plan of another version is refused, and the component decoded anew.
pub const FORMAT: u32 = 2;

impl Plan {
    /// The plan as bytes: the format's version, then the plan.
    // Kept out of its callers, which are built for speed: this is built for size.
    #[inline(never)]
    pub fn encode(&self) -> Result<Vec<u8>> {
        postcard::to_allocvec(&(FORMAT, self)).map_err(|e| Error::decode(format!("the plan cannot be encoded: {e}")))
    }

    /// The plan that [`Plan::encode`] made these bytes of. Its indices are checked ([`Plan::validate`]).
    // Kept out of its callers, which are built for speed: this is built for size.
    #[inline(never)]
    pub fn decode(bytes: &[u8]) -> Result<Plan> {
        let (format, rest) = postcard::take_from_bytes::<u32>(bytes).map_err(unreadable)?;
        if format != FORMAT {
            return Err(Error::decode(format!("the plan has format {format}, this host reads format {FORMAT}")));
        }
        let plan: Plan = postcard::from_bytes(rest).map_err(unreadable)?;
        plan.validate()?;
        Ok(plan)
    }
}

fn unreadable(error: postcard::Error) -> Error {
    Error::decode(format!("the plan cannot be read: {error}"))
}

//! To come.
use crate::lookup::Interface;
pub(crate) const INTERFACES: &[Interface] = &[];

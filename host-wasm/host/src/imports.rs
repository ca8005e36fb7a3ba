//! Which imports a component may be started with: those WASI answers here, and those a link can lead from.
//!
//! A link may be made after the component has started, so an import without one is no reason to refuse it. But no link
//! leads from a core module or from a function at the root of the world, and the packages of WASI 0.2 that this host
//! answers itself are answered here or not at all.

use trellis_error::{Error, Result};
use trellis_runtime::Component;

/// The packages of WASI that are not for links.
const OF_THE_HOST: [&str; 7] =
    ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:http", "wasi:io", "wasi:random", "wasi:sockets"];

/// Fails with the list of what nothing will ever serve.
pub fn check(component: &Component) -> Result<()> {
    let missing = component.imports_unserved(is_linkable);
    if missing.is_empty() { Ok(()) } else { Err(Error::missing_imports(missing)) }
}

/// Whether links are made for this instance: it is `namespace:package/interface`, with or without a version.
fn is_linkable(instance: &str) -> bool {
    instance.split_once('/').is_some_and(|(package, _)| package.contains(':') && !OF_THE_HOST.contains(&package))
}

//! Validates a component on its own, without translating it, and shows its types to those who ask.

use trellis_error::Result;
use wasmtime_environ::wasmparser::types::Types;
use wasmtime_environ::wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::translate::{FEATURES, as_invalid, invalid};

/// Validates a component, but for the bodies of its core functions, and returns its types. `see` is called with each
/// part after it was found valid, the validator, and how deep within other components and modules the part lies.
pub(crate) fn validate<'a>(
    bytes: &'a [u8],
    mut see: impl FnMut(&Payload<'a>, &mut Validator, u32) -> Result<()>,
) -> Result<Types> {
    let mut validator = Validator::new_with_features(FEATURES.union(WasmFeatures::EXCEPTIONS));
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(as_invalid)?;
        let valid = validator.payload(&payload).map_err(as_invalid)?;
        match (&payload, valid) {
            (_, ValidPayload::End(types)) if depth == 0 => return Ok(types),
            (_, ValidPayload::End(_)) => depth -= 1,
            (Payload::ModuleSection { .. } | Payload::ComponentSection { .. }, _) => depth += 1,
            _ => see(&payload, &mut validator, depth)?,
        }
    }
    Err(invalid("unexpected end", bytes.len()))
}

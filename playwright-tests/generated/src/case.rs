//! A case: a component, and calls of it.

use serde::Serialize;
use trellis_wrpc::{Type, Value};

use crate::Dice;
use crate::guest::{self, Encoding};
use crate::types::{Signature, signature};
use crate::values::{canonical, value};

/// The usual seed.
pub const SEED: u64 = 2026;

/// The usual number of cases.
pub const CASES: u64 = 240;

/// How often each component is called.
const CALLS: usize = 4;

/// A component with calls of it.
#[derive(Debug, Serialize)]
pub struct Case {
    /// The string encodings of the guests in it. The first calls the import, each calls the one before, and the last is
    /// what is called.
    pub guests: Vec<Encoding>,
    /// The calls.
    pub calls: Vec<Call>,
    /// The component.
    #[serde(skip)]
    pub text: String,
    /// The types of the function.
    #[serde(skip)]
    pub signature: Signature,
}

/// A call: bytes in hex.
#[derive(Debug, Serialize)]
pub struct Call {
    /// The parameters of the call.
    pub params: String,
    /// What the import must get: the same, but for NaNs.
    pub seen: String,
    /// What the import answers.
    pub answer: String,
    /// The results of the call: the same, but for NaNs.
    pub results: String,
}

impl Case {
    /// A case of a seed. Half of the cases have one guest, the others two with any pair of encodings.
    pub fn new(seed: u64, number: u64) -> Result<Case, String> {
        let mut dice = Dice::new(seed.wrapping_add(number << 32));
        let signature = signature(&mut dice);
        let guests: Vec<_> = (0..=number % 2).map(|_| dice.pick(&Encoding::ALL)).collect();
        let text = guest::text(&signature, &guests);
        let calls = (0..CALLS).map(|_| Call::new(&mut dice, &signature)).collect::<Result<_, _>>()?;
        Ok(Case { guests, calls, text, signature })
    }

    /// The component in binary.
    pub fn binary(&self) -> Result<Vec<u8>, String> {
        let buffer = wast::parser::ParseBuffer::new(&self.text).map_err(|error| error.to_string())?;
        let mut wat = wast::parser::parse::<wast::Wat<'_>>(&buffer).map_err(|error| error.to_string())?;
        wat.encode().map_err(|error| error.to_string())
    }
}

impl Call {
    fn new(dice: &mut Dice, signature: &Signature) -> Result<Call, String> {
        let (params, seen) = encoded(dice, &signature.params)?;
        let (answer, results) = encoded(dice, signature.result.as_slice())?;
        Ok(Call { params, seen, answer, results })
    }
}

/// Random values of these types, encoded: as they are, and as components see them.
fn encoded(dice: &mut Dice, types: &[Type]) -> Result<(String, String), String> {
    let values: Vec<_> = types.iter().map(|ty| value(dice, ty)).collect();
    let canonical: Vec<_> = values.iter().map(canonical).collect();
    Ok((hex(types, &values)?, hex(types, &canonical)?))
}

fn hex(types: &[Type], values: &[Value]) -> Result<String, String> {
    let mut bytes = Vec::new();
    for (ty, value) in types.iter().zip(values) {
        value.encode(ty, &mut bytes).map_err(|error| error.to_string())?;
    }
    let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or_default();
    Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}

//! Random types, and signatures of functions.

use trellis_wrpc::Type;

use crate::Dice;

/// The parameters and the result of a function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The types of its parameters.
    pub params: Vec<Type>,
    /// The type of its result.
    pub result: Option<Type>,
}

/// How deep a type may be nested, unless depth is what it is about.
const DEPTH: usize = 4;

/// How deep it is then.
const DEEP: usize = 24;

const NUMBERS: [Type; 10] =
    [Type::U8, Type::S8, Type::U16, Type::S16, Type::U32, Type::S32, Type::U64, Type::S64, Type::F32, Type::F64];

/// Any signature.
pub fn signature(dice: &mut Dice) -> Signature {
    let params = match dice.roll(8) {
        0 => vec![deep(dice)],
        1 => (0..14 + dice.roll(6)).map(|_| leaf(dice)).collect(),
        2 => vec![mixed(dice), mixed(dice)],
        _ => (0..dice.roll(4)).map(|_| any(dice, DEPTH)).collect(),
    };
    let result = match dice.roll(10) {
        0 => None,
        1 => Some(deep(dice)),
        2 => Some(leaf(dice)),
        3 => Some(mixed(dice)),
        _ => Some(any(dice, DEPTH)),
    };
    Signature { params, result }
}

fn any(dice: &mut Dice, depth: usize) -> Type {
    if depth == 0 || dice.once_in(4) {
        return leaf(dice);
    }
    let item = |dice: &mut Dice| any(dice, depth - 1);
    let arm = |dice: &mut Dice| (!dice.once_in(4)).then(|| any(dice, depth - 1));
    match dice.roll(9) {
        0 | 1 => Type::list(item(dice)),
        8 => Type::FixedList(Box::new(item(dice)), 1 + dice.roll(4) as u32),
        2 | 3 => Type::Tuple((0..=dice.roll(4)).map(|_| item(dice)).collect()),
        4 => Type::Variant((0..=dice.roll(4)).map(|_| arm(dice)).collect()),
        5 => Type::option(item(dice)),
        6 => Type::result(arm(dice), arm(dice)),
        _ => mixed(dice),
    }
}

fn leaf(dice: &mut Dice) -> Type {
    match dice.roll(16) {
        0 => Type::Bool,
        1 | 2 => Type::Char,
        3..=5 => Type::String,
        6 => Type::Flags(dice.pick(&[1, 8, 9, 16, 17, 31, 32, 32])),
        7 => Type::Variant(vec![None; dice.pick(&[1, 2, 3, 255, 256, 257, 300])]),
        _ => dice.pick(&NUMBERS),
    }
}

/// A variant whose cases share their flat slots, though they differ in the core types.
fn mixed(dice: &mut Dice) -> Type {
    let case = |dice: &mut Dice| match dice.roll(6) {
        0 => None,
        1 => Some(Type::Tuple((0..=dice.roll(3)).map(|_| dice.pick(&NUMBERS)).collect())),
        2 => Some(Type::String),
        _ => Some(dice.pick(&NUMBERS)),
    };
    let mut cases: Vec<_> = (0..2 + dice.roll(4)).map(|_| case(dice)).collect();
    if dice.once_in(8) {
        cases.resize(257, None); // The discriminant is wider than a byte.
    }
    Type::Variant(cases)
}

fn deep(dice: &mut Dice) -> Type {
    (0..DEEP).fold(leaf(dice), |inner, _| match dice.roll(5) {
        0 => Type::list(inner),
        1 => Type::option(inner),
        2 => Type::result(Some(inner), Some(Type::F32)),
        3 => Type::Variant(vec![None, Some(inner)]),
        _ => Type::Tuple(vec![inner]),
    })
}

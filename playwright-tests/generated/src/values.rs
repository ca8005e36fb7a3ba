//! Random values of a type. Half of the scalars are extremes.

use trellis_wrpc::{Type, Value};

use crate::Dice;

/// Lists are empty once a value has so many parts.
const PARTS: usize = 2000;

/// Items of a list that does not fit into the blocks in which lists are read and written, at two bytes or more.
const LONG: usize = 9000;

const CHARS: [char; 16] = [
    '\0',
    'a',
    '\u{7f}',
    '\u{80}',
    'é',
    '\u{ff}',
    '\u{100}',
    '\u{7ff}',
    '\u{800}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10000}',
    '🍰',
    '\u{10ffff}',
];

const F32: [u32; 12] = [
    0,
    0x8000_0000,
    1,
    0x7f7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x3f80_0000, // 0, -0, least, greatest, infinities, 1
    0x7fc0_0000,
    0xffc0_0000,
    0x7fc0_1234,
    0x7f80_0001,
    0xffff_ffff, // NaN: canonical, negative, quiet, signalling
];

const F64: [u64; 12] = [
    0,
    1 << 63,
    1,
    0x7fef_ffff_ffff_ffff,
    0x7ff << 52,
    0xfff << 52,
    0x3ff << 52,
    0x7ff8 << 48,
    0xfff8 << 48,
    0x7ff8_0000_0000_1234,
    0x7ff0_0000_0000_0001,
    u64::MAX,
];

/// A value of type `ty`. Its NaNs have payloads.
pub fn value(dice: &mut Dice, ty: &Type) -> Value {
    Maker { dice, parts: PARTS }.value(ty)
}

/// This value as components see it: every NaN is the canonical one.
pub fn canonical(value: &Value) -> Value {
    let each = |values: &[Value]| values.iter().map(canonical).collect();
    let arm = |payload: &Option<Box<Value>>| payload.as_deref().map(|value| Box::new(canonical(value)));
    match value {
        Value::F32(bits) if f32::from_bits(*bits).is_nan() => Value::F32(0x7fc0_0000),
        Value::F64(bits) if f64::from_bits(*bits).is_nan() => Value::F64(0x7ff8 << 48),
        Value::List(items) => Value::List(each(items)),
        Value::Tuple(fields) => Value::Tuple(each(fields)),
        Value::Case(case, payload) => Value::Case(*case, arm(payload)),
        Value::Option(payload) => Value::Option(arm(payload)),
        Value::Result(payload) => Value::Result(payload.as_ref().map(arm).map_err(arm)),
        plain => plain.clone(),
    }
}

struct Maker<'a> {
    dice: &'a mut Dice,
    parts: usize,
}

impl Maker<'_> {
    fn value(&mut self, ty: &Type) -> Value {
        self.parts = self.parts.saturating_sub(1);
        match ty {
            Type::Bool => Value::Bool(self.dice.once_in(2)),
            Type::U8 => Value::Unsigned(self.unsigned(8)),
            Type::U16 => Value::Unsigned(self.unsigned(16)),
            Type::U32 => Value::Unsigned(self.unsigned(32)),
            Type::U64 => Value::Unsigned(self.unsigned(64)),
            Type::S8 => Value::Signed(self.signed(8)),
            Type::S16 => Value::Signed(self.signed(16)),
            Type::S32 => Value::Signed(self.signed(32)),
            Type::S64 => Value::Signed(self.signed(64)),
            Type::F32 if self.dice.once_in(2) => Value::F32(self.dice.pick(&F32)),
            Type::F32 => Value::F32(self.dice.number() as u32),
            Type::F64 if self.dice.once_in(2) => Value::F64(self.dice.pick(&F64)),
            Type::F64 => Value::F64(self.dice.number()),
            Type::Char => Value::Char(self.char()),
            Type::String => Value::String(self.string()),
            Type::List(item) | Type::Stream(item) => {
                let count = self.count(item);
                Value::List((0..count).map(|_| self.value(item)).collect())
            }
            Type::FixedList(item, count) => Value::List((0..*count).map(|_| self.value(item)).collect()),
            Type::Tuple(fields) => Value::Tuple(fields.iter().map(|field| self.value(field)).collect()),
            Type::Variant(cases) => {
                let last = cases.len() - 1;
                let case = if self.dice.once_in(8) { last } else { self.dice.roll(cases.len().min(6)) };
                Value::Case(case as u32, self.arm(cases[case].as_ref()))
            }
            Type::Option(some) | Type::Future(some) => {
                let some = (!self.dice.once_in(3)).then_some(&**some);
                Value::Option(self.arm(some))
            }
            Type::Result(ok, _) if self.dice.once_in(2) => Value::Result(Ok(self.arm(ok.as_deref()))),
            Type::Result(_, err) => Value::Result(Err(self.arm(err.as_deref()))),
            Type::Flags(count) => Value::Flags(self.flags(*count)),
            Type::Handle => Value::Handle(Vec::new()),
        }
    }

    fn arm(&mut self, ty: Option<&Type>) -> Option<Box<Value>> {
        ty.map(|ty| Box::new(self.value(ty)))
    }

    fn unsigned(&mut self, bits: u32) -> u64 {
        let max = u64::MAX >> (64 - bits);
        match self.dice.roll(8) {
            0 => 0,
            1 => max,
            2 => 1 << (bits - 1),
            3 => max >> 1,
            4 => self.dice.number() & 0xff & max,
            _ => self.dice.number() & max,
        }
    }

    fn signed(&mut self, bits: u32) -> i64 {
        let unused = 64 - bits;
        ((self.unsigned(bits) << unused) as i64) >> unused
    }

    fn char(&mut self) -> char {
        if self.dice.once_in(2) {
            return self.dice.pick(&CHARS);
        }
        char::from_u32(self.dice.roll(0x11_0000) as u32).unwrap_or('\u{fffd}')
    }

    /// Texts that are Latin-1, that are not, and that cease to be so somewhere.
    fn string(&mut self) -> String {
        let long = self.parts > PARTS / 2 && self.dice.once_in(120);
        let len = if long { self.dice.roll(LONG) } else { self.dice.pick(&[0, 0, 1, 2, 5, 20]) };
        let kind = self.dice.roll(5);
        let turn = self.dice.roll(len + 1);
        let char = |at: usize| match kind {
            0 => char::from(self.dice.roll(0x80) as u8),
            1 => char::from(self.dice.roll(0x100) as u8),
            2 if at < turn => char::from(self.dice.roll(0x80) as u8),
            3 if at < turn => char::from(self.dice.roll(0x100) as u8),
            _ => self.char(),
        };
        (0..len).map(char).collect()
    }

    fn count(&mut self, item: &Type) -> usize {
        let plain = !matches!(item, Type::List(_) | Type::Tuple(_) | Type::Variant(_) | Type::Result(..));
        match self.dice.roll(12) {
            _ if self.parts == 0 => 0,
            0 | 1 => 0,
            2 if plain && self.parts > PARTS / 2 && self.dice.once_in(4) => self.dice.roll(LONG),
            2 => 40,
            _ => 1 + self.dice.roll(4),
        }
    }

    fn flags(&mut self, count: u32) -> Vec<u8> {
        let mask = u64::MAX >> (64 - count);
        let any = self.dice.number();
        let bits = mask & self.dice.pick(&[0, u64::MAX, 1, 1 << (count - 1), any]);
        bits.to_le_bytes()[..count.div_ceil(8) as usize].to_vec()
    }
}

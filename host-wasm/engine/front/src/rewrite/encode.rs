//! Writes numbers and instructions in the binary format.

/// The type `i32`.
pub(super) const I32: u8 = 0x7f;
/// The type `i64`.
pub(super) const I64: u8 = 0x7e;

/// `unreachable`.
pub(super) const UNREACHABLE: u8 = 0x00;
/// `end`.
pub(super) const END: u8 = 0x0b;
/// `return`.
pub(super) const RETURN: u8 = 0x0f;
/// `if` without parameters and results.
pub(super) const IF: [u8; 2] = [0x04, 0x40];
/// `i32.or`.
pub(super) const I32_OR: u8 = 0x72;
/// `i32.sub`.
pub(super) const I32_SUB: u8 = 0x6b;
/// `i64.add`.
pub(super) const I64_ADD: u8 = 0x7c;
/// `i64.sub`.
pub(super) const I64_SUB: u8 = 0x7d;
/// `i64.eqz`.
pub(super) const I64_EQZ: u8 = 0x50;
/// `i64.le_s`.
pub(super) const I64_LE_S: u8 = 0x57;
/// `i64.shr_u`.
pub(super) const I64_SHR_U: u8 = 0x88;
/// `i32.wrap_i64`.
pub(super) const I32_WRAP_I64: u8 = 0xa7;
/// `i64.extend_i32_u`.
pub(super) const I64_EXTEND_I32_U: u8 = 0xad;

/// The instructions of an integer type that have the same names for both.
pub(super) struct Integer {
    /// The type.
    pub ty: u8,
    /// Whether it is `i64`.
    pub wide: bool,
    pub add: u8,
    pub sub: u8,
    pub eq: u8,
    pub gt_u: u8,
    constant: u8,
}

/// The integer type of addresses, counts and lengths of a 64-bit memory or table, or of a 32-bit one.
pub(super) fn integer(wide: bool) -> &'static Integer {
    const NARROW: Integer =
        Integer { ty: I32, wide: false, add: 0x6a, sub: 0x6b, eq: 0x46, gt_u: 0x4b, constant: 0x41 };
    const WIDE: Integer = Integer { ty: I64, wide: true, add: 0x7c, sub: 0x7d, eq: 0x51, gt_u: 0x56, constant: 0x42 };
    if wide { &WIDE } else { &NARROW }
}

impl Integer {
    /// Writes a constant.
    pub fn constant(&self, out: &mut Vec<u8>, value: i64) {
        out.push(self.constant);
        signed(out, if self.wide { value } else { value as i32 as i64 });
    }

    /// Makes the `i32` on the stack a number of this type.
    pub fn extend(&self, out: &mut Vec<u8>) {
        out.extend(self.wide.then_some(I64_EXTEND_I32_U));
    }

    /// Makes the number of this type on the stack an `i32`.
    pub fn wrap(&self, out: &mut Vec<u8>) {
        out.extend(self.wide.then_some(I32_WRAP_I64));
    }
}

/// Writes an unsigned number.
pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes a signed number.
pub(super) fn signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}

/// Writes bytes with their length.
pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Begins what its length precedes, and returns where.
pub(super) fn begin(out: &mut Vec<u8>) -> usize {
    out.extend([0x80, 0x80, 0x80, 0x80, 0]);
    out.len()
}

/// Ends what `begin` began: sets its length.
pub(super) fn end(out: &mut [u8], start: usize) {
    let length = out.len() - start;
    for (position, byte) in out[start - 5..start].iter_mut().enumerate() {
        *byte |= (length >> (7 * position)) as u8 & 0x7f;
    }
}

/// Writes an instruction with the index of something.
fn indexed(out: &mut Vec<u8>, instruction: u8, index: u32) {
    out.push(instruction);
    unsigned(out, index.into());
}

/// Writes `call`.
pub(super) fn call(out: &mut Vec<u8>, function: u32) {
    indexed(out, 0x10, function);
}

/// Writes `local.get`.
pub(super) fn local_get(out: &mut Vec<u8>, local: u32) {
    indexed(out, 0x20, local);
}

/// Writes `local.set`.
pub(super) fn local_set(out: &mut Vec<u8>, local: u32) {
    indexed(out, 0x21, local);
}

/// Writes `local.tee`.
pub(super) fn local_tee(out: &mut Vec<u8>, local: u32) {
    indexed(out, 0x22, local);
}

/// Writes `global.get`.
pub(super) fn global_get(out: &mut Vec<u8>, global: u32) {
    indexed(out, 0x23, global);
}

/// Writes `global.set`.
pub(super) fn global_set(out: &mut Vec<u8>, global: u32) {
    indexed(out, 0x24, global);
}

/// Writes `memory.size`.
pub(super) fn memory_size(out: &mut Vec<u8>, memory: u32) {
    indexed(out, 0x3f, memory);
}

/// Writes `memory.grow`.
pub(super) fn memory_grow(out: &mut Vec<u8>, memory: u32) {
    indexed(out, 0x40, memory);
}

/// Writes instructions that set a bit of the marks.
pub(super) fn mark(out: &mut Vec<u8>, marks: u32, bit: u32) {
    global_get(out, marks);
    integer(false).constant(out, bit.into());
    out.push(I32_OR);
    global_set(out, marks);
}

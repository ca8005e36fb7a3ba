//! What the tests share: a guest in a vector, handles that pass through, and types of plans.
#![allow(dead_code, unused_imports, reason = "every test binary uses its own part")]

use std::cell::{Cell, RefCell};

use trellis_abi::{Abi, Guest, Handles};
use trellis_error::{Error, Result};
use trellis_plan::{Field, Function, StringEncoding, TableId, Type, TypeId, TypeKind, Types, Variant};
use trellis_wrpc::{Reader, Type as Shape, Write};

pub use StringEncoding::{Latin1OrUtf16, Utf8, Utf16};

/// The arguments of a call of `realloc`.
pub type Realloc = (u32, u32, u32, u32);

/// A guest whose `realloc` takes the next free bytes and copies what was there.
pub struct Mock {
    pub memory: RefCell<Vec<u8>>,
    next: Cell<u32>,
    /// The arguments of every call of `realloc`.
    pub reallocs: RefCell<Vec<Realloc>>,
    /// What the first call of `realloc` returns instead.
    pub returns_first: Cell<Option<u32>>,
    /// What every call of `realloc` returns instead.
    pub returns: Cell<Option<u32>>,
    /// How often the guest was asked for anything.
    pub crossings: Cell<u32>,
}

/// Where [`Mock`] allocates from; tests may use what lies below.
pub const HEAP: u32 = 4096;

impl Mock {
    pub fn new(size: usize) -> Mock {
        Mock {
            memory: RefCell::new(vec![0; size]),
            next: Cell::new(HEAP),
            reallocs: RefCell::default(),
            returns_first: Cell::new(None),
            returns: Cell::new(None),
            crossings: Cell::new(0),
        }
    }

    /// A guest with these bytes at address 0.
    pub fn holding(bytes: &[u8]) -> Mock {
        let mock = Mock::new(0x1_0000);
        mock.memory.borrow_mut()[..bytes.len()].copy_from_slice(bytes);
        mock
    }

    pub fn at(&self, ptr: u32, len: usize) -> Vec<u8> {
        self.memory.borrow()[ptr as usize..][..len].to_vec()
    }

    fn range(&self, ptr: u32, len: usize) -> Result<std::ops::Range<usize>> {
        self.crossings.set(self.crossings.get() + 1);
        let end = (ptr as usize).checked_add(len).filter(|end| *end <= self.memory.borrow().len());
        Ok(ptr as usize..end.ok_or_else(|| Error::trap("the mock's memory ends here"))?)
    }
}

impl Guest for Mock {
    fn size(&self) -> u32 {
        self.crossings.set(self.crossings.get() + 1);
        self.memory.borrow().len() as u32
    }

    fn read(&self, ptr: u32, out: &mut [u8]) -> Result<()> {
        let range = self.range(ptr, out.len())?;
        out.copy_from_slice(&self.memory.borrow()[range]);
        Ok(())
    }

    fn append(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        let range = self.range(ptr, len as usize)?;
        out.extend_from_slice(&self.memory.borrow()[range]);
        Ok(())
    }

    fn write(&self, ptr: u32, bytes: &[u8]) -> Result<()> {
        let range = self.range(ptr, bytes.len())?;
        self.memory.borrow_mut()[range].copy_from_slice(bytes);
        Ok(())
    }

    fn realloc(&self, old: u32, old_size: u32, align: u32, size: u32) -> Result<u32> {
        self.crossings.set(self.crossings.get() + 1);
        self.reallocs.borrow_mut().push((old, old_size, align, size));
        if let Some(ptr) = self.returns_first.take().or(self.returns.get()) {
            return Ok(ptr);
        }
        let ptr = self.next.get().next_multiple_of(align);
        self.next.set(ptr + size);
        if old != 0 {
            let kept = old_size.min(size) as usize;
            self.memory.borrow_mut().copy_within(old as usize..old as usize + kept, ptr as usize);
        }
        Ok(ptr)
    }
}

/// Handles whose index is the representation.
pub struct Pass;

impl Handles for Pass {
    fn lift_own(&self, _: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        out.handle(handle);
        Ok(())
    }

    fn lift_borrow(&self, _: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        out.handle(handle);
        Ok(())
    }

    fn lower_own(&self, _: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        bytes.handle()
    }

    fn lower_borrow(&self, _: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        bytes.handle()
    }
}

/// How many bytes a message may have.
pub const MOST: usize = 1 << 28;

pub fn abi<'a>(types: &'a Types, encoding: StringEncoding, guest: &'a Mock) -> Abi<'a, Mock, Pass> {
    Abi { types, encoding, guest, handles: &Pass, most: MOST }
}

/// Adds the type of this shape to `types`.
pub fn add(shape: &Shape, types: &mut Types) -> TypeId {
    let arm = |shape: &Option<Box<Shape>>, types: &mut Types| shape.as_ref().map(|shape| add(shape, types));
    let kind = match shape {
        Shape::Bool => TypeKind::Bool,
        Shape::S8 => TypeKind::S8,
        Shape::U8 => TypeKind::U8,
        Shape::S16 => TypeKind::S16,
        Shape::U16 => TypeKind::U16,
        Shape::S32 => TypeKind::S32,
        Shape::U32 => TypeKind::U32,
        Shape::S64 => TypeKind::S64,
        Shape::U64 => TypeKind::U64,
        Shape::F32 => TypeKind::F32,
        Shape::F64 => TypeKind::F64,
        Shape::Char => TypeKind::Char,
        Shape::String => TypeKind::String,
        Shape::List(item) => TypeKind::List(add(item, types)),
        Shape::FixedList(item, count) => TypeKind::FixedList(add(item, types), *count),
        Shape::Tuple(fields) => {
            TypeKind::Record(fields.iter().map(|ty| Field { ty: add(ty, types), offset: 0 }).collect())
        }
        Shape::Variant(cases) => variant(cases.iter().map(|case| case.as_ref().map(|ty| add(ty, types))).collect()),
        Shape::Option(some) => variant(vec![None, Some(add(some, types))]),
        Shape::Result(ok, err) => variant(vec![arm(ok, types), arm(err, types)]),
        Shape::Flags(count) => TypeKind::Flags(*count),
        Shape::Handle => TypeKind::Own(TableId(0)),
        Shape::Stream(_) | Shape::Future(_) => unreachable!("components of WASI 0.2 have neither"),
    };
    let ty = Type::new(kind, types).unwrap();
    types.0.push(ty);
    TypeId(types.0.len() as u32 - 1)
}

fn variant(cases: Vec<Option<TypeId>>) -> TypeKind {
    TypeKind::Variant(Variant { cases, discriminant_size: 0, payload_offset: 0 })
}

/// The types of a function with these parameters and this result.
pub fn function(params: &[Shape], result: Option<&Shape>) -> (Types, Function) {
    let mut types = Types::default();
    let params = params.iter().map(|ty| add(ty, &mut types)).collect();
    let result = result.map(|ty| add(ty, &mut types));
    let function = Function::new(params, result, &types).unwrap();
    (types, function)
}

/// Lifts flat parameters of these types.
pub fn lift(params: &[Shape], flat: &[u64], encoding: StringEncoding, guest: &Mock) -> Result<Vec<u8>> {
    let (types, f) = function(params, None);
    let mut out = Vec::new();
    abi(&types, encoding, guest).lift_params(&f, flat, &mut out)?;
    Ok(out)
}

/// Lowers parameters of these types to flat values.
pub fn lower(params: &[Shape], bytes: &[u8], encoding: StringEncoding, guest: &Mock) -> Result<Vec<u64>> {
    let (types, f) = function(params, None);
    let (mut flat, mut reader) = (Vec::new(), Reader::new(bytes));
    abi(&types, encoding, guest).lower_params(&f, &mut reader, &mut flat)?;
    reader.finish()?;
    Ok(flat)
}

/// The message of the trap (or other failure) that this is.
pub fn failure<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

/// `value`, encoded.
pub fn encoded(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

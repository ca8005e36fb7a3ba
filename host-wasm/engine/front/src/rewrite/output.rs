//! Writes the module: its sections with their sites edited, and what is appended to them.

use std::ops::Range;

use wasmtime_environ::wasmparser::BinaryReader;

use super::encode::{END, I32, I64, begin, bytes, end, integer, unsigned};
use super::indices::Indices;
use super::module::{Module, ORDER};
use super::{Added, MODULE};

/// The kinds of imports and exports.
const FUNCTION: u8 = 0;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// The part of a section of names that is about globals.
const GLOBAL_NAMES: u8 = 7;

/// The sections that something is appended to.
const TYPES: u8 = 1;
const IMPORTS: u8 = 2;
const FUNCTIONS: u8 = 3;
const GLOBALS: u8 = 6;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;

/// Items to append to a section.
#[derive(Default)]
struct Items {
    count: u32,
    bytes: Vec<u8>,
}

/// Writes the rewritten module.
pub(super) fn write(module: &Module<'_>, indices: &Indices) -> Vec<u8> {
    let mut out = Vec::with_capacity(module.bytes.len() + module.bytes.len() / 8);
    out.extend_from_slice(b"\0asm\x01\0\0\0");
    for id in ORDER {
        let section = module.sections[usize::from(id)].as_ref();
        let items = appended(id, module, indices);
        match section {
            Some(section) if items.count == 0 && sites(module, section).is_empty() => {
                out.push(id);
                bytes(&mut out, &module.bytes[section.clone()]);
            }
            None if items.count == 0 => {}
            section => write_section(id, section, &items, module, indices, &mut out),
        }
    }
    module.names.iter().for_each(|section| names(&module.bytes[section.clone()], &mut out));
    out
}

/// Writes a section of names, but for those of globals: their indices have shifted.
fn names(section: &[u8], out: &mut Vec<u8>) {
    let mut kept = Vec::with_capacity(section.len() + 5);
    bytes(&mut kept, b"name");
    let mut reader = BinaryReader::new(section, 0);
    while let (Ok(id), Ok(content)) = (reader.read_u8(), reader.read_reader()) {
        if id != GLOBAL_NAMES {
            kept.push(id);
            bytes(&mut kept, &section[content.range()]);
        }
    }
    out.push(0);
    bytes(out, &kept);
}

fn write_section(
    id: u8,
    section: Option<&Range<usize>>,
    appended: &Items,
    module: &Module<'_>,
    indices: &Indices,
    out: &mut Vec<u8>,
) {
    let (count, items) = section.map_or((0, 0..0), |section| module.items(section));
    out.push(id);
    let start = begin(out);
    unsigned(out, u64::from(count) + u64::from(appended.count));
    match id {
        CODE => module.bodies.iter().for_each(|body| {
            let start = begin(out);
            splice(module, body, indices, out);
            end(out, start);
        }),
        _ => splice(module, &items, indices, out),
    }
    out.extend_from_slice(&appended.bytes);
    end(out, start);
}

/// The sites within a part of the module.
fn sites<'m>(module: &'m Module<'_>, part: &Range<usize>) -> &'m [super::site::Site] {
    let first = module.sites.partition_point(|site| site.at < part.start);
    let count = module.sites[first..].partition_point(|site| site.at < part.end);
    &module.sites[first..first + count]
}

/// Copies a part of the module with its sites edited.
fn splice(module: &Module<'_>, part: &Range<usize>, indices: &Indices, out: &mut Vec<u8>) {
    let mut copied = part.start;
    for site in sites(module, part) {
        out.extend_from_slice(&module.bytes[copied..site.at]);
        site.edit.write(indices, out);
        copied = site.end;
    }
    out.extend_from_slice(&module.bytes[copied..part.end]);
}

/// What is appended to a section.
fn appended(id: u8, module: &Module<'_>, indices: &Indices) -> Items {
    let mut items = Items::default();
    match id {
        TYPES if !indices.functions.is_empty() => {
            items.count = 3;
            items.bytes.extend([0x60, 0, 0, 0x60, 1, I32, 1, I32, 0x60, 1, I64, 1, I64]);
        }
        IMPORTS => indices.added.iter().for_each(|&added| import(&mut items, added, module)),
        FUNCTIONS => indices.functions.iter().for_each(|(ty, _)| unsigned(items.next(), (*ty).into())),
        GLOBALS => globals(&mut items, module, indices),
        EXPORTS => exports(&mut items, module, indices),
        CODE => indices.functions.iter().for_each(|(_, body)| bytes(items.next(), body)),
        _ => {}
    }
    items
}

impl Items {
    /// Counts one more item, which is to be written.
    fn next(&mut self) -> &mut Vec<u8> {
        self.count += 1;
        &mut self.bytes
    }

    fn export(&mut self, name: &str, kind: u8, index: u32) {
        let out = self.next();
        bytes(out, format!("{MODULE}{name}").as_bytes());
        out.push(kind);
        unsigned(out, index.into());
    }
}

fn import(items: &mut Items, added: Added, module: &Module<'_>) {
    let ty = match added {
        Added::Fuel => I64,
        Added::Pages(memory) => integer(module.memories[memory as usize].ty.memory64).ty,
        _ => I32,
    };
    let out = items.next();
    bytes(out, MODULE.as_bytes());
    bytes(out, added.name().as_bytes());
    out.extend([GLOBAL, ty, 1]);
}

/// The page counts, the shadows of the guest's globals (which begin as these do), and those of the page counts.
fn globals(items: &mut Items, module: &Module<'_>, indices: &Indices) {
    let mut pages = Items::default();
    for (_, memory) in module.defined_memories() {
        let (integer, out) = (integer(memory.ty.memory64), pages.next());
        out.extend([integer.ty, 1]);
        integer.constant(out, memory.ty.initial as i64);
        out.push(END);
    }
    items.bytes.extend_from_slice(&pages.bytes);
    for (global, _) in module.globals.iter().filter(|(_, mutable)| *mutable) {
        splice(module, global, indices, &mut items.bytes);
    }
    items.bytes.extend_from_slice(&pages.bytes);
    items.count = pages.count + indices.shadows.len() as u32;
}

fn exports(items: &mut Items, module: &Module<'_>, indices: &Indices) {
    if indices.restores() {
        items.export("save", FUNCTION, indices.save);
        items.export("restore", FUNCTION, indices.restore);
    }
    for (index, _) in module.defined_memories() {
        items.export(&format!("memory{index}"), MEMORY, index);
        items.export(&format!("pages{index}"), GLOBAL, indices.memories[index as usize].pages);
    }
    for (name, index) in &module.exported_memories {
        items.export(&format!("pages:{name}"), GLOBAL, indices.memories[*index as usize].pages);
    }
}

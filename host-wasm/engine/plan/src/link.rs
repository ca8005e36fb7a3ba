//! The parts a component is linked from: modules, steps, trampolines, options, imports and exports.

use serde::{Deserialize, Serialize};

use crate::function::{Signature, StringEncoding};
use crate::types::TableId;

/// A core module of the component, as the front end rewrote it: see [`Meter`] and [`Memory`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoreModule {
    /// What it imports, in order: module and field name. [`Step::Instantiate`] has one argument for each.
    pub imports: Vec<(String, String)>,
    /// The memories that it defines.
    pub memories: Vec<Memory>,
    /// How many elements the tables that it defines have at first.
    pub table_elements: u64,
    /// Whether it exports [`SAVE`] and [`RESTORE`], because it has globals that change.
    pub restores: bool,
}

/// The export of a core module that takes note of its globals: a function without parameters and results.
pub const SAVE: &str = "(trellis)save";

/// The export of a core module that sets its globals back to what [`SAVE`] has noted.
pub const RESTORE: &str = "(trellis)restore";

/// A memory that a core module defines. The guest sees of it as many pages as its page count says; it may have more,
/// so that a guest can grow and be set back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Its index among the memories of the module.
    pub index: u32,
    /// How many pages of 64 KiB the guest sees at first.
    pub pages: u64,
}

impl Memory {
    /// The name under which its module exports it to the engine.
    pub fn export(&self) -> String {
        format!("(trellis)memory{}", self.index)
    }

    /// The name under which its module exports its page count, a global.
    pub fn pages_export(&self) -> String {
        format!("(trellis)pages{}", self.index)
    }
}

/// The name under which a module exports the page count of a memory that it exports as `memory`.
pub fn pages_of(memory: &str) -> String {
    format!("(trellis)pages:{memory}")
}

/// A global that all modules of an instance count with. All but the fuel are an `i32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Meter {
    /// How many more steps may be taken; an `i64` of at least 1. Only where [`crate::Plan::metered`].
    Fuel,
    /// By how many pages the instance may still grow.
    Pages,
    /// By how many pages all instances of the engine together may still grow.
    Room,
    /// By how many elements the instance's tables may still grow.
    TableElements,
    /// What happened: see [`marks`].
    Marks,
}

/// The bits of [`Meter::Marks`].
pub mod marks {
    /// Something has changed that cannot be set back.
    pub const CHANGED: u32 = 1;
    /// A memory could not grow because of [`super::Meter::Pages`] or [`super::Meter::Room`].
    pub const MEMORY: u32 = 2;
    /// A table could not grow because of [`super::Meter::TableElements`].
    pub const TABLES: u32 = 4;
    /// The fuel ran out.
    pub const FUEL: u32 = 8;
}

/// A step of instantiation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Instantiates a core module; the new core instance gets the next index.
    Instantiate {
        /// Index into [`crate::Plan::modules`].
        module: u32,
        /// One definition for each import of the module.
        args: Vec<CoreDef>,
        /// The component instance it belongs to, where it is not an adapter.
        instance: Option<u32>,
    },
    /// Instantiates a core module that was imported.
    InstantiateImported {
        /// Index into [`crate::Plan::imports`].
        import: u32,
        /// Module name, field name and definition of each argument.
        args: Vec<(String, String, CoreDef)>,
    },
    /// Binds lowering `lowering` to import `import` (an index into [`crate::Plan::imports`]).
    LowerImport {
        /// The lowering.
        lowering: u32,
        /// The import it calls.
        import: u32,
    },
    /// Takes a memory out of a core instance.
    ExtractMemory {
        /// The index it gets.
        index: u32,
        /// Where it is.
        export: CoreExport,
    },
    /// Takes a `realloc` function.
    ExtractRealloc {
        /// The index it gets.
        index: u32,
        /// Where it is.
        def: CoreDef,
    },
    /// Takes a `post-return` function.
    ExtractPostReturn {
        /// The index it gets.
        index: u32,
        /// Where it is.
        def: CoreDef,
    },
    /// Makes the resource type `resource` (an index into [`crate::Plan::resources`]) known, with its destructor.
    DefineResource {
        /// The resource type.
        resource: u32,
        /// Its destructor.
        dtor: Option<CoreDef>,
    },
}

/// A core item that is passed to a core module or called by the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CoreDef {
    /// An export of a core instance.
    Export(CoreExport),
    /// The flags global of a component instance, an `i32`: bit 0 may-leave (set when the guest may call imports).
    InstanceFlags(u32),
    /// A function of the engine: an index into [`crate::Plan::trampolines`].
    Trampoline(u32),
    /// The global that says whether the running task may block (an `i32`, always 1 here).
    TaskMayBlock,
    /// A global that the instance counts with.
    Meter(Meter),
}

/// An export of a core instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoreExport {
    /// The core instance, counted in the order of instantiation.
    pub instance: u32,
    /// The export's name.
    pub name: String,
}

/// A function that the engine provides to core modules, with its core type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trampoline {
    /// What it does.
    pub kind: TrampolineKind,
    /// Its core type.
    pub signature: Signature,
    /// The component instance that must be allowed to leave when it is called; else it traps with "cannot leave
    /// component instance". None where the caller has checked it (adapters) or the specification does not ask for it.
    pub may_leave: Option<u32>,
}

/// What a function of the engine does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrampolineKind {
    /// `canon lower`: calls an import.
    LowerImport {
        /// The lowering that [`Step::LowerImport`] binds.
        lowering: u32,
        /// Index into [`crate::Plan::functions`].
        function: u32,
        /// Index into [`crate::Plan::options`].
        options: u32,
    },
    /// Copies a string between two memories, changing its encoding (adapters of composed components).
    Transcode {
        /// The conversion.
        op: Transcode,
        /// The memory it reads.
        from: u32,
        /// The memory it writes.
        to: u32,
    },
    /// `canon resource.new`
    ResourceNew(TableId),
    /// `canon resource.rep`
    ResourceRep(TableId),
    /// `canon resource.drop`
    ResourceDrop(TableId),
    /// Moves an owned handle between component instances.
    ResourceTransferOwn,
    /// Lends a handle from one component instance to another.
    ResourceTransferBorrow,
    /// Begins a call between component instances.
    EnterCall,
    /// Ends a call between component instances.
    ExitCall,
    /// Raises a trap; the argument is a code of the adapter's, see [`crate::trap_message`].
    Trap,
    /// `canon context.get`: the running task's context slot of this number.
    ContextGet(u32),
    /// `canon context.set`
    ContextSet(u32),
    /// `canon backpressure.inc` and `dec`: without effect, since a call is in flight at most once per instance.
    Backpressure,
    /// A built-in of the async component model that a component can declare but not use here. It names the built-in.
    /// Calling it traps: that it is not supported, or first that the instance cannot be left.
    Refused(String),
}

/// A conversion between string encodings, as the adapters name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say from what to what")]
pub enum Transcode {
    CopyUtf8,
    CopyUtf16,
    CopyLatin1,
    Latin1ToUtf16,
    Latin1ToUtf8,
    Utf16ToCompactProbablyUtf16,
    Utf16ToCompactUtf16,
    Utf16ToLatin1,
    Utf16ToUtf8,
    Utf8ToCompactUtf16,
    Utf8ToLatin1,
    Utf8ToUtf16,
}

/// Canonical options of a lift or lower.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The component instance that lifts or lowers.
    pub instance: u32,
    /// Its string encoding.
    pub string_encoding: StringEncoding,
    /// Its memory.
    pub memory: Option<u32>,
    /// Its `realloc`.
    pub realloc: Option<u32>,
    /// Its `post-return`.
    pub post_return: Option<u32>,
}

/// A resource type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Resource {
    /// Imported: an index into [`crate::Plan::imports`].
    Imported(u32),
    /// Defined by the component instance of this index.
    Defined(u32),
}

/// What a handle type means: a resource type, in the handle table of a component instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceTable {
    /// Index into [`crate::Plan::resources`].
    pub resource: u32,
    /// The component instance whose handle table it is.
    pub instance: u32,
}

impl ResourceTable {
    /// Holds the place of an index that no lift, lower or built-in refers to. Adapters pass indices of the table as
    /// numbers, so its order cannot be changed.
    pub const UNUSED: ResourceTable = ResourceTable { resource: u32::MAX, instance: u32::MAX };
}

/// Something that the component imports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The imported instance, with its version (`wasi:io/streams@0.2.3`); empty for an import of the root.
    pub instance: String,
    /// The name within the instance (`[method]input-stream.read`), or the root import's own name.
    pub name: String,
    /// What it is.
    pub kind: ImportKind,
}

/// What an import is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportKind {
    /// A function: an index into [`crate::Plan::functions`].
    Function(u32),
    /// A resource type: an index into [`crate::Plan::resources`].
    Resource(u32),
    /// A core module.
    Module,
}

/// A function that the component exports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The exported instance, with its version; empty for a function at the root.
    pub instance: String,
    /// The function's name (`handle`, `[method]cart.add`).
    pub name: String,
    /// Index into [`crate::Plan::functions`].
    pub function: u32,
    /// Index into [`crate::Plan::options`].
    pub options: u32,
    /// The core function to call.
    pub def: CoreDef,
}

/// How many of each run-time thing a component has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Component instances.
    pub instances: u32,
    /// Core instances.
    pub core_instances: u32,
    /// Memories.
    pub memories: u32,
    /// `realloc` functions.
    pub reallocs: u32,
    /// `post-return` functions.
    pub post_returns: u32,
    /// Lowered imports.
    pub lowerings: u32,
}

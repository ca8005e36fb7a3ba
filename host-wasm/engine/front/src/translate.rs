//! Drives the front end of Wasmtime over the bytes of a component, and says in our errors what it refuses.

use trellis_error::{Error, Kind, Result};
use wasmtime_environ::component::{
    Component, ComponentTypes, ComponentTypesBuilder, Trampoline, TrampolineIndex, Translator,
};
use wasmtime_environ::wasmparser::{BinaryReaderError, Validator, WasmFeatures};
use wasmtime_environ::{ModuleTranslation, PrimaryMap, ScopeVec, StaticModuleIndex, Tunables, WasmError};

/// A component as Wasmtime's front end understands it.
pub(crate) struct Translation<'a> {
    /// The steps to link it, its imports and exports.
    pub component: Component,
    /// The functions that the host provides.
    pub trampolines: PrimaryMap<TrampolineIndex, Trampoline>,
    /// The types.
    pub types: ComponentTypes,
    /// How many handle tables there are among the types.
    pub tables: usize,
    /// The core modules: parts of the component's bytes, or generated.
    pub modules: PrimaryMap<StaticModuleIndex, ModuleTranslation<'a>>,
}

/// What core modules may use and components may declare. Features of the async component model are among them so that
/// they can be told from nonsense; `survey` and `convert` refuse their use.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::COMPONENT_MODEL)
    .union(WasmFeatures::CM_ASYNC)
    .union(WasmFeatures::CM_ASYNC_STACKFUL)
    .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
    .union(WasmFeatures::CM_THREADING)
    .union(WasmFeatures::CM_ERROR_CONTEXT)
    .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
    .union(WasmFeatures::CM_MAP)
    .union(WasmFeatures::CM_IMPLEMENTS);

/// Translates a component and hands the translation to `then`.
///
/// With exceptions enabled, every generated adapter catches those of its callee, with instructions that older engines
/// do not know. So they are enabled only for a component that is not valid without.
pub(crate) fn translate<T>(bytes: &[u8], then: impl Fn(Translation<'_>) -> Result<T>) -> Result<T> {
    match attempt(bytes, FEATURES, &then) {
        Err(error) if error.kind() == Kind::Unsupported && error.message().contains("exception") => {
            attempt(bytes, FEATURES.union(WasmFeatures::EXCEPTIONS), &then)
        }
        outcome => outcome,
    }
}

fn attempt<T>(bytes: &[u8], features: WasmFeatures, then: &impl Fn(Translation<'_>) -> Result<T>) -> Result<T> {
    let adapters = ScopeVec::new();
    // Without concurrency, adapters keep no tasks: they call out only where handles are borrowed.
    let tunables = Tunables { concurrency_support: false, ..Tunables::default_u32() };
    let mut validator = Validator::new_with_features(features);
    let mut types = ComponentTypesBuilder::new(&validator);
    let translator = Translator::new(&tunables, &mut validator, &mut types, &adapters);
    let (translation, modules) = translator.translate(bytes).map_err(|error| refusal(&error))?;
    let tables = types.num_resource_tables();
    let (types, _) = types.finish(&translation.component);
    then(Translation { component: translation.component, trampolines: translation.trampolines, types, tables, modules })
}

/// The front end's error as ours: what is invalid and where, or which feature it would need.
fn refusal(error: &wasmtime_environ::error::Error) -> Error {
    if let Some(error) = error.downcast_ref::<BinaryReaderError>() {
        return invalid(error.message(), error.offset());
    }
    match error.downcast_ref::<WasmError>() {
        Some(WasmError::InvalidWebAssembly { message, offset }) => invalid(message, *offset),
        Some(WasmError::Unsupported(feature)) => unsupported(feature),
        _ => unsupported(&error.to_string()),
    }
}

/// An error for bytes that the validator does not accept.
pub(crate) fn invalid(message: &str, offset: usize) -> Error {
    let needs_a_feature = ["requires the", "require the", "without the", "not enabled", "must be enabled", "proposal"];
    if needs_a_feature.iter().any(|phrase| message.contains(phrase)) {
        return unsupported(message);
    }
    Error::new(Kind::InvalidComponent, format!("not a valid component: {message} (at offset {offset:#x})"))
}

/// An error for a feature that this engine does not have.
pub(crate) fn unsupported(feature: &str) -> Error {
    Error::new(Kind::Unsupported, format!("the component uses a feature that this host does not have: {feature}"))
}

/// An error of the validator, as ours.
pub(crate) fn as_invalid(error: BinaryReaderError) -> Error {
    invalid(error.message(), error.offset())
}

//! A first look at the bytes of a component, before the front end reads them: it refuses what the front end would not
//! survive (nesting without end, instances that double and double) and names features this engine does not have.
//!
//! The look is shallow: what is not valid for other reasons passes, and the validator says so later.
//!
//! Facts: `Binary.md` of the component model.

use trellis_error::{Error, Kind, Result};
use wasmtime_environ::wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, CanonicalOption, Chunk, ComponentAlias, ComponentDefinedType,
    ComponentExternName, ComponentExternalKind, ComponentImport, ComponentInstance, ComponentOuterAliasKind,
    ComponentType, ComponentTypeRef, CoreType, Encoding, Parser, Payload,
};

use crate::translate::{as_invalid, invalid, unsupported};

/// Components and types nest no deeper than this.
const MOST_DEPTH: usize = 100;

/// A component makes no more items than this when it is instantiated, with all the components within.
const MOST_ITEMS: u64 = 4_000_000;

/// A component instantiates other components that it was given no more often than this.
const MOST_GIVEN: u32 = 8;

/// What the look has shown.
#[derive(Default)]
pub(crate) struct Findings {
    /// Whether the component has lists of fixed length or async functions, see `guard`.
    pub needs_guard: bool,
}

/// Looks at a component. Fails when it must not be given to the front end.
pub(crate) fn survey(bytes: &[u8]) -> Result<Findings> {
    if !bytes.starts_with(b"\0asm") {
        return Err(Error::new(
            Kind::InvalidComponent,
            "these bytes are not WebAssembly: they do not begin with `\\0asm`",
        ));
    }
    let mut survey = Survey { scopes: vec![Scope::default()], heaviest: 0, given: 0, findings: Findings::default() };
    let mut parsers = vec![Parser::new(0)];
    let mut rest = bytes;
    while let Some(mut parser) = parsers.pop() {
        let chunk = parser.parse(rest, true).map_err(as_invalid)?;
        let Chunk::Parsed { payload, consumed } = chunk else { break };
        rest = &rest[consumed..];
        match &payload {
            Payload::End(_) => {
                survey.leave()?;
                continue;
            }
            Payload::ModuleSection { unchecked_range, .. } => {
                let length = unchecked_range.end - unchecked_range.start;
                rest = rest.get(length..).ok_or_else(|| invalid("unexpected end of a core module", bytes.len()))?;
                parsers.push(parser);
            }
            Payload::ComponentSection { parser: inner, .. } => {
                survey.enter()?;
                parsers.push(parser);
                parsers.push(inner.clone());
            }
            _ => {
                survey.section(&payload, bytes)?;
                parsers.push(parser);
            }
        }
    }
    Ok(survey.findings)
}

/// What was seen so far. The weight of a component is how many items it makes when it is instantiated.
struct Survey {
    scopes: Vec<Scope>,
    heaviest: u64,
    given: u32,
    findings: Findings,
}

#[derive(Default)]
struct Scope {
    weight: u64,
    /// The weights of the components in the scope's index space; none for those it is given from outside.
    components: Vec<Option<u64>>,
}

impl Survey {
    fn scope(&mut self) -> Result<&mut Scope> {
        self.scopes.last_mut().ok_or_else(|| invalid("a section after the end", 0))
    }

    fn enter(&mut self) -> Result<()> {
        if self.scopes.len() >= MOST_DEPTH {
            return Err(too_much("nests components too deep"));
        }
        self.scopes.push(Scope::default());
        Ok(())
    }

    fn leave(&mut self) -> Result<()> {
        let ended = self.scopes.pop().map_or(0, |scope| scope.weight);
        self.heaviest = self.heaviest.max(ended);
        if let Some(outer) = self.scopes.last_mut() {
            outer.components.push(Some(ended));
        }
        Ok(())
    }

    fn weigh(&mut self, items: u64) -> Result<()> {
        let scope = self.scope()?;
        scope.weight = scope.weight.saturating_add(items);
        if scope.weight > MOST_ITEMS {
            return Err(too_much("instantiates its components too often"));
        }
        Ok(())
    }

    fn section(&mut self, payload: &Payload<'_>, bytes: &[u8]) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } => Err(core_module()),
            Payload::ComponentTypeSection(section) => {
                self.weigh(section.count().into())?;
                let range = section.range();
                let section = bytes.get(range.clone()).unwrap_or_default();
                types(&mut BinaryReader::new(section, range.start), &mut self.findings)
            }
            Payload::ComponentCanonicalSection(section) => {
                self.weigh(section.count().into())?;
                section.clone().into_iter().try_for_each(|function| canonical(&function.map_err(as_invalid)?))
            }
            Payload::ComponentImportSection(section) => {
                self.weigh(section.count().into())?;
                section.clone().into_iter().try_for_each(|import| self.import(&import.map_err(as_invalid)?))
            }
            Payload::ComponentExportSection(section) => {
                self.weigh(section.count().into())?;
                section.clone().into_iter().try_for_each(|export| {
                    let export = export.map_err(as_invalid)?;
                    match export.kind {
                        ComponentExternalKind::Component => self.again(0, export.index),
                        _ => Ok(()),
                    }
                })
            }
            Payload::ComponentAliasSection(section) => {
                self.weigh(section.count().into())?;
                section.clone().into_iter().try_for_each(|alias| self.alias(&alias.map_err(as_invalid)?))
            }
            Payload::ComponentInstanceSection(section) => {
                self.weigh(section.count().into())?;
                section.clone().into_iter().try_for_each(|instance| self.instance(&instance.map_err(as_invalid)?))
            }
            Payload::InstanceSection(section) => self.weigh(section.count().into()),
            _ => Ok(()),
        }
    }

    fn import(&mut self, import: &ComponentImport<'_>) -> Result<()> {
        if let ComponentTypeRef::Component(_) = import.ty {
            self.scope()?.components.push(None);
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Result<()> {
        match *alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                self.again(count, index)
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                self.scope()?.components.push(None);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A component gets a second index in the current scope.
    fn again(&mut self, outward: u32, index: u32) -> Result<()> {
        let scope = self.scopes.iter().rev().nth(outward as usize);
        let weight = scope.and_then(|scope| scope.components.get(index as usize)).copied().flatten();
        self.scope()?.components.push(weight);
        Ok(())
    }

    fn instance(&mut self, instance: &ComponentInstance<'_>) -> Result<()> {
        let ComponentInstance::Instantiate { component_index, .. } = instance else { return Ok(()) };
        let known = self.scope()?.components.get(*component_index as usize).copied().flatten();
        let weight = match known {
            Some(weight) => weight,
            None => {
                self.given += 1;
                if self.given > MOST_GIVEN {
                    return Err(too_much("instantiates components that it is given too often"));
                }
                self.heaviest
            }
        };
        self.weigh(weight)
    }
}

/// Refuses canonical options of the async component model and of the GC data model.
fn canonical(function: &CanonicalFunction) -> Result<()> {
    let (what, options) = match function {
        CanonicalFunction::Lift { options, .. } => ("lift", options),
        CanonicalFunction::Lower { options, .. } => ("lower", options),
        _ => return Ok(()),
    };
    options.iter().try_for_each(|option| match option {
        CanonicalOption::Async | CanonicalOption::Callback(_) => {
            Err(unsupported(&format!("`canon {what}` with the option `async` (component model async)")))
        }
        CanonicalOption::Gc => Err(unsupported(&format!("`canon {what}` with the option `gc`"))),
        _ => Ok(()),
    })
}

fn types(reader: &mut BinaryReader<'_>, findings: &mut Findings) -> Result<()> {
    let count = reader.read_var_u32().map_err(as_invalid)?;
    (0..count).try_for_each(|_| ty(reader, findings, 0))
}

/// Passes over a type. The validator reads types recursively without a bound, so their nesting is bounded here.
fn ty(reader: &mut BinaryReader<'_>, findings: &mut Findings, depth: usize) -> Result<()> {
    if depth > MOST_DEPTH {
        return Err(too_much("nests types too deep"));
    }
    if !matches!(reader.clone().read_u8().map_err(as_invalid)?, 0x41 | 0x42) {
        findings.needs_guard |= match reader.read().map_err(as_invalid)? {
            ComponentType::Func(function) => function.async_,
            ComponentType::Defined(ty) => matches!(ty, ComponentDefinedType::FixedLengthList(..)),
            _ => false,
        };
        return Ok(());
    }
    reader.read_u8().map_err(as_invalid)?;
    let declarations = reader.read_var_u32().map_err(as_invalid)?;
    (0..declarations).try_for_each(|_| match reader.read_u8().map_err(as_invalid)? {
        0x01 => ty(reader, findings, depth + 1),
        kind => declaration(reader, kind).map_err(as_invalid),
    })
}

/// Passes over a declaration, other than of a type, within the type of a component or instance.
fn declaration(reader: &mut BinaryReader<'_>, kind: u8) -> Result<(), BinaryReaderError> {
    match kind {
        0x00 => reader.read::<CoreType>().map(drop),
        0x02 => reader.read::<ComponentAlias>().map(drop),
        0x03 => reader.read::<ComponentImport>().map(drop),
        0x04 => {
            reader.read::<ComponentExternName>()?;
            reader.read::<ComponentTypeRef>().map(drop)
        }
        // The validator has the words for this.
        _ => Ok(()),
    }
}

fn core_module() -> Error {
    Error::new(
        Kind::InvalidComponent,
        "this is a core WebAssembly module, not a component; make it one with `wasm-tools component new`, \
         or build it for the target wasm32-wasip2",
    )
}

fn too_much(what: &str) -> Error {
    Error::new(Kind::Limit, format!("the component {what}"))
}

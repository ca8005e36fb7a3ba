//! A script as directives and binaries.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;
use trellis_front::{Inspection, inspect};
use wast::component::WastVal;
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use crate::values;

/// A script.
#[derive(Debug, Default, Serialize)]
pub struct Script {
    /// What to do, in order.
    pub directives: Vec<Directive>,
    /// The binaries that directives refer to.
    #[serde(skip)]
    pub binaries: Vec<Vec<u8>>,
}

/// A directive with the line it stands on. `binary` is an index into [`Script::binaries`].
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those of the script language")]
pub enum Directive {
    /// A component that must be accepted.
    Definition { line: usize, binary: usize },
    /// An instance to make of a component; the calls that follow are of it, or name it.
    Instance { line: usize, binary: usize, name: Option<String> },
    /// A call with its expected outcome; `instance` is none for the instance made last.
    Call { line: usize, instance: Option<String>, function: String, params: String, outcome: Outcome },
    /// A call that cannot be encoded, because the front end refuses the component for this reason. It always fails.
    Refused { line: usize, reason: String },
    /// A component that must be refused as invalid, or undecodable.
    Invalid { line: usize, binary: usize, message: String },
    /// A text that has no binary: `ok` tells whether the text parser refused it.
    MalformedText { line: usize, ok: bool },
}

/// How a call must end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// With this result (encoded, in hex; empty for none).
    Return(String),
    /// With a trap that says this.
    Trap(String),
}

/// Reads the script of a file.
pub fn read(path: &Path) -> Result<Script, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let at = |mut error: wast::Error| {
        error.set_path(path);
        error.set_text(&text);
        error.to_string()
    };
    let mut lexer = wast::lexer::Lexer::new(&text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(at)?;
    let wast = parser::parse::<Wast<'_>>(&buffer).map_err(at)?;
    let mut reader =
        Reader { text: &text, script: Script::default(), definitions: HashMap::new(), instances: HashMap::new() };
    for directive in wast.directives {
        let line = reader.line(directive.span());
        reader.directive(line, directive).map_err(|error| format!("{}:{line}: {error}", path.display()))?;
    }
    Ok(reader.script)
}

struct Reader<'t> {
    text: &'t str,
    script: Script,
    /// The binaries of named components.
    definitions: HashMap<String, usize>,
    /// The binaries of instances, by name; without a name the last one.
    instances: HashMap<Option<String>, usize>,
}

impl Reader<'_> {
    fn line(&self, span: Span) -> usize {
        span.linecol_in(self.text).0 + 1
    }

    fn directive(&mut self, line: usize, directive: WastDirective<'_>) -> Result<(), String> {
        let directive = match directive {
            WastDirective::ModuleDefinition(mut wat) => {
                let name = name_of(&wat);
                let binary = self.binary(&mut wat)?;
                if let Some(name) = name {
                    self.definitions.insert(name, binary);
                }
                Directive::Definition { line, binary }
            }
            WastDirective::Module(mut wat) => {
                let name = name_of(&wat);
                let binary = self.binary(&mut wat)?;
                if let Some(name) = &name {
                    self.definitions.insert(name.clone(), binary);
                }
                self.instance(line, binary, name)
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let definition = module.map(text).unwrap_or_default();
                let binary = self.definitions.get(&definition).copied();
                let binary = binary.ok_or_else(|| format!("there is no component `{definition}`"))?;
                self.instance(line, binary, instance.map(text))
            }
            WastDirective::Invoke(invoke) => self.call(line, &invoke, |_, _| Ok(Outcome::Return(String::new())))?,
            WastDirective::AssertReturn { exec: WastExecute::Invoke(invoke), results, .. } => {
                self.call(line, &invoke, |inspection, name| {
                    let result = results.first().map(component_result).transpose()?;
                    Ok(Outcome::Return(hex(&values::result(inspection, name, result)?)))
                })?
            }
            WastDirective::AssertTrap { exec: WastExecute::Invoke(invoke), message, .. } => {
                self.call(line, &invoke, |_, _| Ok(Outcome::Trap(message.to_owned())))?
            }
            WastDirective::AssertInvalid { mut module, message, .. }
            | WastDirective::AssertMalformed { mut module, message, .. } => match module.encode() {
                Ok(bytes) => Directive::Invalid { line, binary: self.push(bytes), message: message.to_owned() },
                Err(_) => Directive::MalformedText { line, ok: true },
            },
            other => return Err(format!("a directive that is not known here: {other:?}")),
        };
        self.script.directives.push(directive);
        Ok(())
    }

    fn instance(&mut self, line: usize, binary: usize, name: Option<String>) -> Directive {
        self.instances.insert(name.clone(), binary);
        self.instances.insert(None, binary);
        Directive::Instance { line, binary, name }
    }

    fn call(
        &self,
        line: usize,
        invoke: &WastInvoke<'_>,
        outcome: impl FnOnce(&Inspection, &str) -> Result<Outcome, String>,
    ) -> Result<Directive, String> {
        let instance = invoke.module.map(text);
        let binary = self.instances.get(&instance).ok_or_else(|| "there is no such instance".to_owned())?;
        let inspection = match inspect(&self.script.binaries[*binary]) {
            Ok(inspection) => inspection,
            Err(error) => return Ok(Directive::Refused { line, reason: error.to_string() }),
        };
        let arguments = invoke.args.iter().map(component_argument).collect::<Result<Vec<_>, _>>()?;
        let params = hex(&values::arguments(&inspection, invoke.name, &arguments)?);
        let outcome = outcome(&inspection, invoke.name)?;
        Ok(Directive::Call { line, instance, function: invoke.name.to_owned(), params, outcome })
    }

    fn binary(&mut self, wat: &mut QuoteWat<'_>) -> Result<usize, String> {
        let bytes = wat.encode().map_err(|error| error.to_string())?;
        Ok(self.push(bytes))
    }

    fn push(&mut self, bytes: Vec<u8>) -> usize {
        self.script.binaries.push(bytes);
        self.script.binaries.len() - 1
    }
}

fn name_of(wat: &QuoteWat<'_>) -> Option<String> {
    match wat {
        QuoteWat::Wat(Wat::Component(component)) => component.id.map(text),
        QuoteWat::Wat(Wat::Module(module)) => module.id.map(text),
        QuoteWat::QuoteModule(..) | QuoteWat::QuoteComponent(..) => None,
    }
}

fn text(id: Id<'_>) -> String {
    id.name().to_owned()
}

fn component_argument<'a>(argument: &'a WastArg<'a>) -> Result<&'a WastVal<'a>, String> {
    match argument {
        WastArg::Component(value) => Ok(value),
        other => Err(format!("an argument that is no component value: {other:?}")),
    }
}

fn component_result<'a>(result: &'a WastRet<'a>) -> Result<&'a WastVal<'a>, String> {
    match result {
        WastRet::Component(value) => Ok(value),
        other => Err(format!("a result that is no component value: {other:?}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Directive {
    /// The line it stands on.
    pub fn line(&self) -> usize {
        match self {
            Directive::Definition { line, .. }
            | Directive::Instance { line, .. }
            | Directive::Call { line, .. }
            | Directive::Refused { line, .. }
            | Directive::Invalid { line, .. }
            | Directive::MalformedText { line, .. } => *line,
        }
    }
}

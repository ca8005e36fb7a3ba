//! The world of a component as WIT text: the world first, then the packages of its interfaces.
//!
//! Facts: `WIT.md` of the component model. Interfaces within interfaces have no form in WIT and are left out.

use super::data::{FunctionInfo, TypeInfo};
use super::world::{Interface, Named, What, World};

/// Prints the world.
pub(super) fn print(world: &World<'_>) -> String {
    let types = &world.describer.types;
    let mut printer = Printer { types, text: String::new(), indent: 0, package: String::new() };
    printer.line("package root:component;\n");
    printer.block("world root", |p| {
        p.side("import", &world.imports);
        p.side("export", &world.exports);
    });
    let merged = merge(world);
    let mut packages: Vec<String> = Vec::new();
    for merged in &merged {
        if !packages.contains(&merged.package) {
            packages.push(merged.package.clone());
        }
    }
    for package in &packages {
        printer.text.push('\n');
        printer.package.clone_from(package);
        printer.block(&format!("package {package}"), |p| {
            for merged in merged.iter().filter(|merged| merged.package == *package) {
                p.block(&format!("interface {}", id(&merged.name)), |p| {
                    p.interface(&merged.interface.names, &merged.functions, "");
                });
            }
        });
    }
    printer.text
}

/// An interface of a package, with the functions that are imported or exported.
struct Merged<'a> {
    package: String,
    name: String,
    interface: &'a Interface,
    functions: Vec<&'a FunctionInfo>,
}

/// The interfaces of packages. One that is imported and exported counts once, with the functions of both.
fn merge<'a>(world: &'a World<'_>) -> Vec<Merged<'a>> {
    let mut all: Vec<Merged<'a>> = Vec::new();
    for interface in world.imports.iter().chain(&world.exports) {
        let Some((package, name)) = split(&interface.info.name) else { continue };
        let known = all.iter().position(|known| known.package == package && known.name == name);
        let index = known.unwrap_or_else(|| {
            all.push(Merged { package, name, interface, functions: Vec::new() });
            all.len() - 1
        });
        for function in &interface.info.functions {
            if !all[index].functions.iter().any(|known| known.name == function.name) {
                all[index].functions.push(function);
            }
        }
    }
    all
}

/// The package and the name of an interface: `wasi:io/poll@0.2.3` is `poll` of `wasi:io@0.2.3`.
fn split(full: &str) -> Option<(String, String)> {
    let (path, version) = full.split_once('@').map_or((full, ""), |(path, _)| (path, &full[path.len()..]));
    let (package, name) = path.split_once('/')?;
    (!full.contains('#')).then(|| (format!("{package}{version}"), name.to_owned()))
}

struct Printer<'a> {
    types: &'a [TypeInfo],
    text: String,
    indent: usize,
    /// The package that is being printed.
    package: String,
}

impl Printer<'_> {
    fn line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push_str("  ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} {{"));
        self.indent += 1;
        body(self);
        self.indent -= 1;
        self.line("}");
    }

    /// The imports or the exports of the world.
    fn side(&mut self, direction: &str, interfaces: &[Interface]) {
        for interface in interfaces {
            let name = &interface.info.name;
            let functions: Vec<_> = interface.info.functions.iter().collect();
            if name.is_empty() {
                self.interface(&interface.names, &functions, &format!("{direction} "));
            } else if split(name).is_some() {
                self.line(&format!("{direction} {name};"));
            } else if !name.contains('#') {
                self.block(&format!("{direction} {}: interface", id(name)), |p| {
                    p.interface(&interface.names, &functions, "");
                });
            }
        }
    }

    fn interface(&mut self, names: &[Named], functions: &[&FunctionInfo], direction: &str) {
        for named in names {
            match &named.what {
                What::Use(home) => {
                    let from = match split(&home.interface) {
                        Some((package, interface)) if package == self.package => id(&interface),
                        _ => home.interface.clone(),
                    };
                    let renamed =
                        if home.name == named.name { String::new() } else { format!(" as {}", id(&named.name)) };
                    self.line(&format!("use {from}.{{{}{renamed}}};", id(&home.name)));
                }
                What::Alias(before) => self.line(&format!("type {} = {};", id(&named.name), id(before))),
                What::Resource => self.resource(&named.name, functions),
                What::Type(index) => self.definition(&named.name, *index),
            }
        }
        for function in functions.iter().filter(|function| !function.name.starts_with('[')) {
            self.line(&format!("{direction}{}: func{};", id(&function.name), self.signature(function, false)));
        }
    }

    fn resource(&mut self, name: &str, functions: &[&FunctionInfo]) {
        let of_it = |function: &&&FunctionInfo| member(&function.name).is_some_and(|(_, owner, _)| owner == name);
        let members: Vec<_> = functions.iter().filter(of_it).collect();
        if members.is_empty() {
            return self.line(&format!("resource {};", id(name)));
        }
        self.block(&format!("resource {}", id(name)), |p| {
            for function in members {
                let Some((kind, _, name)) = member(&function.name) else { continue };
                match kind {
                    "constructor" => p.line(&format!("constructor({});", p.params(function, false))),
                    "static" => p.line(&format!("{}: static func{};", id(name), p.signature(function, false))),
                    _ => p.line(&format!("{}: func{};", id(name), p.signature(function, true))),
                }
            }
        });
    }

    fn signature(&self, function: &FunctionInfo, method: bool) -> String {
        let result = function.result.map_or_else(String::new, |ty| format!(" -> {}", self.ty(ty)));
        format!("({}){result}", self.params(function, method))
    }

    /// The parameters; a method's first, the resource itself, goes without saying.
    fn params(&self, function: &FunctionInfo, method: bool) -> String {
        let params = function.params.iter().skip(usize::from(method));
        params.map(|param| format!("{}: {}", id(&param.name), self.ty(param.ty))).collect::<Vec<_>>().join(", ")
    }

    fn definition(&mut self, name: &str, index: u32) {
        match &self.types[index as usize] {
            TypeInfo::Record { name: Some(own), fields } if own == name => {
                let fields = fields.iter().map(|field| format!("{}: {},", id(&field.name), self.ty(field.ty)));
                self.members(&format!("record {}", id(name)), fields.collect());
            }
            TypeInfo::Variant { name: Some(own), cases } if own == name => {
                let cases = cases.iter().map(|case| match case.ty {
                    Some(ty) => format!("{}({}),", id(&case.name), self.ty(ty)),
                    None => format!("{},", id(&case.name)),
                });
                self.members(&format!("variant {}", id(name)), cases.collect());
            }
            TypeInfo::Enum { name: Some(own), cases: labels } if own == name => {
                self.members(
                    &format!("enum {}", id(name)),
                    labels.iter().map(|label| format!("{},", id(label))).collect(),
                );
            }
            TypeInfo::Flags { name: Some(own), flags: labels } if own == name => {
                self.members(
                    &format!("flags {}", id(name)),
                    labels.iter().map(|label| format!("{},", id(label))).collect(),
                );
            }
            _ => self.line(&format!("type {} = {};", id(name), self.ty(index))),
        }
    }

    fn members(&mut self, head: &str, lines: Vec<String>) {
        self.block(head, |p| lines.iter().for_each(|line| p.line(line)));
    }

    fn ty(&self, index: u32) -> String {
        let arm = |ty: &Option<u32>| ty.map_or_else(|| "_".to_owned(), |ty| self.ty(ty));
        match &self.types[index as usize] {
            TypeInfo::Bool => "bool".to_owned(),
            TypeInfo::S8 => "s8".to_owned(),
            TypeInfo::U8 => "u8".to_owned(),
            TypeInfo::S16 => "s16".to_owned(),
            TypeInfo::U16 => "u16".to_owned(),
            TypeInfo::S32 => "s32".to_owned(),
            TypeInfo::U32 => "u32".to_owned(),
            TypeInfo::S64 => "s64".to_owned(),
            TypeInfo::U64 => "u64".to_owned(),
            TypeInfo::F32 => "f32".to_owned(),
            TypeInfo::F64 => "f64".to_owned(),
            TypeInfo::Char => "char".to_owned(),
            TypeInfo::String => "string".to_owned(),
            TypeInfo::List { element } => format!("list<{}>", self.ty(*element)),
            TypeInfo::FixedList { element, length } => format!("list<{}, {length}>", self.ty(*element)),
            TypeInfo::Tuple { items } => {
                format!("tuple<{}>", items.iter().map(|ty| self.ty(*ty)).collect::<Vec<_>>().join(", "))
            }
            TypeInfo::Option { some } => format!("option<{}>", self.ty(*some)),
            TypeInfo::Result { ok: None, err: None } => "result".to_owned(),
            TypeInfo::Result { ok: Some(ok), err: None } => format!("result<{}>", self.ty(*ok)),
            TypeInfo::Result { ok, err } => format!("result<{}, {}>", arm(ok), arm(err)),
            TypeInfo::Own { resource } => id(local(resource)),
            TypeInfo::Borrow { resource } => format!("borrow<{}>", id(local(resource))),
            TypeInfo::Record { name, .. }
            | TypeInfo::Variant { name, .. }
            | TypeInfo::Enum { name, .. }
            | TypeInfo::Flags { name, .. } => name.as_deref().map_or_else(|| "_".to_owned(), id),
        }
    }
}

/// What a function of a resource is: its kind, the resource's name, its own name (a constructor has none).
fn member(function: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = function.strip_prefix('[')?.split_once(']')?;
    let (owner, name) = rest.split_once('.').unwrap_or((rest, ""));
    Some((kind, owner, name))
}

/// The name of a resource within its interface.
fn local(resource: &str) -> &str {
    resource.rsplit('#').next().unwrap_or(resource)
}

/// An identifier, marked where it is a keyword.
fn id(name: &str) -> String {
    const KEYWORDS: &str = " as async bool borrow char constructor enum error-context export f32 f64 flags from func \
         future import include interface list map option own package record resource result s16 s32 s64 s8 static \
         stream string tuple type u16 u32 u64 u8 use variant with world ";
    let keyword = KEYWORDS.contains(&format!(" {name} "));
    if keyword { format!("%{name}") } else { name.to_owned() }
}

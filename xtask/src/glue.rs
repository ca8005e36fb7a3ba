//! What wasm-bindgen generated, made fit for us: files nobody imports are removed, and code that the page's content
//! security policy (`script-src 'self' 'wasm-unsafe-eval'`) would refuse fails the build.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Constructs that need `unsafe-eval`. js-sys brings the first one with `Function::new_no_args` and its like.
const REFUSED: &[&str] = &["new Function", "eval("];

/// Leaves `initSync` as the only way in. Fetching and compiling is the business of our loaders (npm/src/load), and the
/// typings of the raw wasm exports serve nobody.
pub fn tidy(package: &Path, module: &str) -> Result<()> {
    fs::remove_file(package.join(format!("{module}_bg.wasm.d.ts")))?;
    edit(&package.join(format!("{module}.js")), |text| {
        let text = cut(text, "async function __wbg_load(", "function initSync(")?;
        let text = cut(&text, "let __wbg_init_promise;", "export {")?;
        replace(&text, "export { initSync, __wbg_init as default };", "export { initSync };")
    })?;
    edit(&package.join(format!("{module}.d.ts")), |text| cut(text, "/**\n * If `module_or_path`", ""))
}

fn edit(file: &Path, change: impl FnOnce(&str) -> Option<String>) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let changed =
        change(&text).with_context(|| format!("wasm-bindgen writes {} in another way now", file.display()))?;
    Ok(fs::write(file, changed)?)
}

/// Cuts from the start of `from` to the start of the next `to`, or to the end when `to` is empty.
fn cut(text: &str, from: &str, to: &str) -> Option<String> {
    let (before, rest) = text.split_once(from)?;
    let end = if to.is_empty() { rest.len() } else { rest.find(to)? };
    Some(format!("{before}{}", &rest[end..]))
}

fn replace(text: &str, from: &str, to: &str) -> Option<String> {
    text.contains(from).then(|| text.replace(from, to))
}

/// Fails when a JavaScript file below `folder` would make code from strings.
pub fn check(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            check(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            check_file(&path)?;
        }
    }
    Ok(())
}

fn check_file(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path)?;
    match refused(&text) {
        None => Ok(()),
        Some((line, construct)) => {
            bail!("{}:{line}: `{construct}` is refused by the content security policy", path.display())
        }
    }
}

/// The first refused construct with its line.
fn refused(text: &str) -> Option<(usize, &'static str)> {
    text.lines().enumerate().find_map(|(number, line)| {
        let construct = REFUSED.iter().find(|construct| line.contains(*construct))?;
        Some((number + 1, *construct))
    })
}

#[cfg(test)]
mod tests {
    use super::{cut, refused};

    #[test]
    fn finds_code_made_from_strings() {
        assert_eq!(refused("a();\nconst f = new Function(text);"), Some((2, "new Function")));
        assert_eq!(refused("eval('1')"), Some((1, "eval(")));
    }

    #[test]
    fn cuts_between_marks() {
        assert_eq!(cut("a FROM b TO c", "FROM", "TO").as_deref(), Some("a TO c"));
        assert_eq!(cut("a FROM b", "FROM", "").as_deref(), Some("a "));
        assert_eq!(cut("a b", "FROM", ""), None);
    }

    #[test]
    fn lets_plain_glue_pass() {
        assert_eq!(refused("const evaluation = fn(arg0); function Functional() {}"), None);
    }
}

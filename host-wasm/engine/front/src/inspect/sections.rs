//! What the sections of a component name: its imports and exports in order, who made it, and its claims.
//!
//! Facts: the tool conventions' `ProducersSection.md`; wasmCloud keeps the claims of a component as a JWT in a custom
//! section of the outermost component, named `wasmcloud_jwt`, formerly `jwt`.

use trellis_error::Result;
use wasmtime_environ::wasmparser::{
    BinaryReaderError, ComponentExportSectionReader, ComponentImportSectionReader, CustomSectionReader, KnownCustom,
    ProducersSectionReader,
};

use super::data::ProducerField;
use crate::translate::as_invalid;

/// What was found in the sections.
#[derive(Default)]
pub(super) struct Sections {
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    pub producers: Vec<ProducerField>,
    pub claims: Option<String>,
}

impl Sections {
    pub(super) fn import(&mut self, section: ComponentImportSectionReader<'_>) -> Result<()> {
        for import in section {
            self.imports.push(import.map_err(as_invalid)?.name.name.to_owned());
        }
        Ok(())
    }

    pub(super) fn export(&mut self, section: ComponentExportSectionReader<'_>) -> Result<()> {
        for export in section {
            self.exports.push(export.map_err(as_invalid)?.name.name.to_owned());
        }
        Ok(())
    }

    /// Reads a custom section. One that cannot be read is as good as absent, as for every tool.
    pub(super) fn custom(&mut self, section: &CustomSectionReader<'_>, depth: u32) {
        match section.name() {
            // Of several the first counts, as for hosts.
            "wasmcloud_jwt" | "jwt" if depth == 0 && self.claims.is_none() => {
                self.claims = Some(String::from_utf8_lossy(section.data()).into_owned());
            }
            "producers" => {
                if let KnownCustom::Producers(producers) = section.as_known() {
                    let _damaged = self.merge(producers);
                }
            }
            _ => {}
        }
    }

    fn merge(&mut self, producers: ProducersSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for field in producers {
            let field = field?;
            for value in field.values {
                let value = value?;
                self.produced(field.name, value.name, value.version);
            }
        }
        Ok(())
    }

    fn produced(&mut self, field: &str, name: &str, version: &str) {
        let value = (name.to_owned(), version.to_owned());
        match self.producers.iter_mut().find(|known| known.field == field) {
            Some(known) if known.values.contains(&value) => {}
            Some(known) => known.values.push(value),
            None => self.producers.push(ProducerField { field: field.to_owned(), values: vec![value] }),
        }
    }
}

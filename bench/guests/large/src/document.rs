//! The document that is searched.

use regex_lite::{Error, Regex};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Entries with names, weights and notes of any kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Document {
    title: String,
    entries: Vec<Entry>,
    #[serde(flatten)]
    rest: HashMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Entry {
    name: String,
    #[serde(default)]
    weight: f64,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    notes: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Plain,
    Tagged(Vec<String>),
    Linked {
        target: String,
        strength: u32,
    },
}

impl Default for Document {
    fn default() -> Self {
        let entry =
            |name: &str| Entry { name: name.to_owned(), weight: 1.0, kind: Kind::Plain, notes: BTreeMap::new() };
        let entries = ["hello", "trellis", "rose"].map(entry).to_vec();
        Self { title: "garden".to_owned(), entries, rest: HashMap::new() }
    }
}

impl Document {
    /// The document with only the entries whose name matches, heaviest first, as JSON.
    pub fn search(mut self, pattern: &str) -> Result<String, Error> {
        let regex = Regex::new(pattern)?;
        self.entries.retain(|entry| regex.is_match(&entry.name));
        self.entries.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        Ok(serde_json::to_string_pretty(&self).unwrap_or_else(|error| error.to_string()))
    }
}

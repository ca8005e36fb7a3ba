//! Links: which target answers what a component imports.
//!
//! A link belongs to its source and is stored in the source's component spec, as a lattice keeps it in LATTICEDATA.
//! Facts: the lattice protocol, sections 3.6 (put, del), 5.2 (JSON) and 7.1 (resolution).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trellis_error::{Error, Kind, Result};

use crate::name::check_name;

/// A link. Its fields are those of the control interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Who imports: the id of a component or provider.
    pub source_id: String,
    /// Who exports: the id of a component or provider.
    pub target: String,
    /// Its name; a source may have several links of an interface under different names.
    #[serde(default = "default_name")]
    pub name: String,
    /// The namespace of the interfaces: `wasi`.
    pub wit_namespace: String,
    /// The package of the interfaces: `keyvalue`.
    pub wit_package: String,
    /// The interfaces, without version: `store`.
    pub interfaces: Vec<String>,
    /// Names of configurations for the source, where it is a provider.
    #[serde(default)]
    pub source_config: Vec<String>,
    /// Names of configurations for the target, where it is a provider.
    #[serde(default)]
    pub target_config: Vec<String>,
}

/// The name of a link that was given none.
pub const DEFAULT_NAME: &str = "default";

fn default_name() -> String {
    DEFAULT_NAME.to_owned()
}

impl Link {
    fn check(&self) -> Result<()> {
        check_name("component or provider", &self.source_id)?;
        check_name("component or provider", &self.target)?;
        check_name("link", &self.name)?;
        check_name("WIT namespace", &self.wit_namespace)?;
        check_name("WIT package", &self.wit_package)?;
        self.interfaces.iter().try_for_each(|interface| check_name("WIT interface", interface))
    }

    fn is_of(&self, namespace: &str, package: &str, name: &str) -> bool {
        self.wit_namespace == namespace && self.wit_package == package && self.name == name
    }

    fn has(&self, interface: &str) -> bool {
        self.interfaces.iter().any(|other| other == interface)
    }
}

/// What a lattice stores of a component or provider: `COMPONENT_{id}` in LATTICEDATA.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentSpec {
    /// The reference of its artifact; empty where only links are known.
    pub url: String,
    /// The links whose source it is.
    #[serde(default)]
    pub links: Vec<Link>,
}

impl ComponentSpec {
    /// The key under which the spec of `id` is stored.
    pub fn key(id: &str) -> String {
        format!("COMPONENT_{id}")
    }

    /// The id whose spec is stored under `key`.
    pub fn id(key: &str) -> Option<&str> {
        key.strip_prefix("COMPONENT_")
    }
}

/// What [`Links::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The link is new.
    Added,
    /// It took the place of one with the same source, target, package and name.
    Replaced,
    /// It was there already, equal in all fields.
    Unchanged,
}

/// All links of a lattice, by source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(BTreeMap<String, Vec<Link>>);

impl Links {
    /// Adds a link or replaces its earlier version. Fails with [`Kind::Conflict`] where another target has one of its
    /// interfaces under the same name.
    pub fn put(&mut self, link: Link) -> Result<Put> {
        link.check()?;
        let links = self.0.entry(link.source_id.clone()).or_default();
        let same = |other: &&mut Link| other.is_of(&link.wit_namespace, &link.wit_package, &link.name);
        let rival = |other: &Link| other.target != link.target && other.interfaces.iter().any(|i| link.has(i));
        if links.iter_mut().filter(same).any(|other| rival(other)) {
            return Err(Error::new(
                Kind::Conflict,
                "link already exists with different target, consider deleting the existing link or using a different \
                 link name",
            ));
        }
        match links.iter_mut().filter(same).find(|other| other.target == link.target) {
            Some(old) if *old == link => Ok(Put::Unchanged),
            Some(old) => {
                *old = link;
                Ok(Put::Replaced)
            }
            None => {
                links.push(link);
                Ok(Put::Added)
            }
        }
    }

    /// Deletes the first link of that package and name, and returns it. Of several with disjoint interfaces the others
    /// stay.
    pub fn delete(&mut self, source: &str, namespace: &str, package: &str, name: &str) -> Option<Link> {
        let links = self.0.get_mut(source)?;
        let index = links.iter().position(|link| link.is_of(namespace, package, name))?;
        let link = links.remove(index);
        if links.is_empty() {
            self.0.remove(source);
        }
        Some(link)
    }

    /// The links of a source, in the order they were put.
    pub fn of(&self, source: &str) -> &[Link] {
        self.0.get(source).map_or(&[], Vec::as_slice)
    }

    /// Replaces all links of a source, as a change of its stored spec does.
    pub fn replace(&mut self, source: &str, links: Vec<Link>) {
        if links.is_empty() {
            self.0.remove(source);
        } else {
            self.0.insert(source.to_owned(), links);
        }
    }

    /// All links of the lattice.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        self.0.values().flatten()
    }

    /// The target that answers `source`'s import of `instance` (`wasi:keyvalue/store@0.2.0-draft`) under a link name.
    /// Where two links of one name give an interface, the later holds.
    pub fn resolve(&self, source: &str, instance: &str, name: &str) -> Result<&str> {
        let (namespace, package, interface) = interface(instance)
            .ok_or_else(|| Error::new(Kind::InvalidArgument, format!("`{instance}` does not name an interface")))?;
        let links = self.of(source);
        let fits = |link: &&Link| link.is_of(namespace, package, name) && link.has(interface);
        match links.iter().rev().find(fits) {
            Some(link) => Ok(&link.target),
            None => Err(missing(source, &format!("{namespace}:{package}/{interface}"), name)),
        }
    }
}

/// The namespace, package and interface under which links for an instance are kept: without its version, and by the
/// guest's name of what travels under another.
fn interface(instance: &str) -> Option<(&str, &str, &str)> {
    let unversioned = instance.split_once('@').map_or(instance, |(name, _)| name);
    let (namespace, rest) = unversioned.split_once(':')?;
    let (package, interface) = rest.split_once('/')?;
    Some(match (namespace, package, interface) {
        ("wrpc", "http" | "keyvalue", _) => ("wasi", package, interface),
        ("wrpc" | "wasi", "blobstore", "blobstore" | "container") => ("wasi", package, "blobstore"),
        other => other,
    })
}

fn missing(source: &str, key: &str, name: &str) -> Error {
    Error::new(
        Kind::MissingLink,
        format!("no link named `{name}` leads from component `{source}` to a target for `{key}`; put one to call it"),
    )
}

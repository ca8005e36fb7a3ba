//! Links: which target answers what a component imports.
//!
//! A link belongs to its source and is kept in the source's spec, `COMPONENT_{id}` in LATTICEDATA.
//! Facts: the lattice protocol 1.x, sections 3.6 (put, del), 5.2 (JSON), 7.1 (resolution) and 7.4 (resolved form).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trellis_error::{Error, Kind, Result};

use crate::name::check_name;

/// A named config, or several merged.
pub type Config = BTreeMap<String, String>;

/// The name of a link that was given none.
pub const DEFAULT_LINK: &str = "default";

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
    /// Names of configs for the source, where it is a provider.
    #[serde(default)]
    pub source_config: Vec<String>,
    /// Names of configs for the target, where it is a provider.
    #[serde(default)]
    pub target_config: Vec<String>,
}

pub(crate) fn default_name() -> String {
    DEFAULT_LINK.to_owned()
}

impl Link {
    /// Fails unless every name in it can be one.
    pub fn check(&self) -> Result<()> {
        check_name("component or provider", &self.source_id)?;
        check_name("component or provider", &self.target)?;
        check_name("link", &self.name)?;
        check_name("WIT namespace", &self.wit_namespace)?;
        check_name("WIT package", &self.wit_package)?;
        self.interfaces.iter().try_for_each(|interface| check_name("WIT interface", interface))
    }

    /// The names of all configs it uses, the source's first.
    pub fn configs(&self) -> impl Iterator<Item = &String> {
        self.source_config.iter().chain(&self.target_config)
    }

    /// Whether it is of this package under this name.
    pub fn is_of(&self, namespace: &str, package: &str, name: &str) -> bool {
        self.wit_namespace == namespace && self.wit_package == package && self.name == name
    }

    fn has(&self, interface: &str) -> bool {
        self.interfaces.iter().any(|other| other == interface)
    }
}

/// Which link to delete.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LinkKey {
    /// Who imports.
    pub source_id: String,
    /// Its name.
    #[serde(default = "default_name")]
    pub name: String,
    /// The namespace of the interfaces.
    pub wit_namespace: String,
    /// The package of the interfaces.
    pub wit_package: String,
    /// All links with one of these interfaces; where there are none, the first link. Not in the control interface.
    #[serde(skip)]
    pub interfaces: Vec<String>,
}

/// What a lattice keeps of a component or provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ComponentSpec {
    /// The reference of its artifact; empty where only links are known.
    pub url: String,
    /// The links whose source it is.
    pub links: Vec<Link>,
}

impl ComponentSpec {
    /// The key under which the spec of `id` is stored.
    pub fn key(id: &str) -> String {
        format!("COMPONENT_{id}")
    }

    /// Reads a spec. What other programs wrote may lack what has a default; a link of another shape is none.
    pub fn read(bytes: &[u8]) -> Result<ComponentSpec> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(default)]
            url: String,
            #[serde(default)]
            links: Vec<Value>,
        }
        let Raw { url, links } = crate::json::read(bytes)
            .ok_or_else(|| Error::decode("what another program wrote as a component's spec cannot be read"))?;
        let links = links.into_iter().filter_map(|link| serde_json::from_value(link).ok()).collect();
        Ok(ComponentSpec { url, links })
    }

    /// Adds a link or replaces its earlier version. Fails with [`Kind::Conflict`] where another target has one of its
    /// interfaces under the same name.
    pub fn put(&mut self, link: Link) -> Result<()> {
        let same = |other: &Link| other.is_of(&link.wit_namespace, &link.wit_package, &link.name);
        let rival = |other: &Link| other.target != link.target && other.interfaces.iter().any(|i| link.has(i));
        if self.links.iter().any(|other| same(other) && rival(other)) {
            return Err(Error::new(
                Kind::Conflict,
                "link already exists with different target, consider deleting the existing link or using a different \
                 link name",
            ));
        }
        match self.links.iter_mut().find(|other| same(other) && other.target == link.target) {
            Some(old) => *old = link,
            None => self.links.push(link),
        }
        Ok(())
    }

    /// Deletes what `key` says, and returns it.
    pub fn delete(&mut self, key: &LinkKey) -> Vec<Link> {
        let named = |link: &Link| link.is_of(&key.wit_namespace, &key.wit_package, &key.name);
        if key.interfaces.is_empty() {
            let index = self.links.iter().position(named);
            return index.map(|index| self.links.remove(index)).into_iter().collect();
        }
        let goes = |link: &Link| named(link) && key.interfaces.iter().any(|interface| link.has(interface));
        let (gone, kept) = std::mem::take(&mut self.links).into_iter().partition(goes);
        self.links = kept;
        gone
    }
}

/// The link by which a call of `source`'s import `instance` (`wasi:keyvalue/store@0.2.0-draft`) goes, under a link
/// name. Where two links of one name give an interface, the later holds.
pub fn resolve<'a>(links: &'a [Link], source: &str, instance: &str, name: &str) -> Result<&'a Link> {
    let (namespace, package, interface) = interface(instance)
        .ok_or_else(|| Error::new(Kind::InvalidArgument, format!("`{instance}` does not name an interface")))?;
    let fits = |link: &&Link| link.is_of(namespace, package, name) && link.has(interface);
    links.iter().rev().find(fits).ok_or_else(|| {
        let key = format!("{namespace}:{package}/{interface}");
        Error::new(
            Kind::MissingLink,
            format!(
                "no link named `{name}` leads from component `{source}` to a target for `{key}`; put one to call it"
            ),
        )
    })
}

/// The namespace, package and interface under which links for an instance are kept: without its version, and by the
/// guest's name of what travels under another.
fn interface(instance: &str) -> Option<(&str, &str, &str)> {
    let unversioned = instance.split_once('@').map_or(instance, |(name, _)| name);
    let (namespace, rest) = unversioned.split_once(':')?;
    let (package, interface) = rest.split_once('/')?;
    Some(match (namespace, package, interface) {
        ("wrpc" | "wasi", "blobstore", "blobstore" | "container") => ("wasi", package, "blobstore"),
        ("wrpc", "http" | "keyvalue" | "blobstore", _) => ("wasi", package, interface),
        other => other,
    })
}

/// A link as a provider gets it: with data in place of the names of configs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolvedLink {
    /// Who imports.
    pub source_id: String,
    /// Who exports.
    pub target: String,
    /// Its name.
    pub name: String,
    /// The namespace of the interfaces.
    pub wit_namespace: String,
    /// The package of the interfaces.
    pub wit_package: String,
    /// The interfaces.
    pub interfaces: Vec<String>,
    /// The configs of the source, merged.
    pub source_config: Config,
    /// The configs of the target, merged.
    pub target_config: Config,
    /// Sealed secrets of the source: none, in this form.
    pub source_secrets: Option<Vec<u8>>,
    /// Sealed secrets of the target: none, in this form.
    pub target_secrets: Option<Vec<u8>>,
}

impl ResolvedLink {
    /// `link` with what `merge` makes of the names of its configs.
    pub fn new(link: &Link, merge: impl Fn(&[String]) -> Config) -> Self {
        let (source_config, target_config) = (merge(&link.source_config), merge(&link.target_config));
        let Link { source_id, target, name, wit_namespace, wit_package, interfaces, .. } = link.clone();
        let (source_secrets, target_secrets) = (None, None);
        ResolvedLink {
            source_id,
            target,
            name,
            wit_namespace,
            wit_package,
            interfaces,
            source_config,
            target_config,
            source_secrets,
            target_secrets,
        }
    }
}

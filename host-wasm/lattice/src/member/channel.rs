//! The subjects a host listens to. Facts: the lattice protocol 1.x, section 2.2.

use super::Settings;

/// A subscription of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `registry.put`, to all hosts.
    Registry,
    /// `host.ping`, to all hosts.
    Ping,
    /// `component.auction`, to all hosts.
    ComponentAuction,
    /// `provider.auction`, to all hosts.
    ProviderAuction,
    /// `host.*`, to this host.
    Host,
    /// `component.*`, to this host.
    Component,
    /// `provider.*`, to this host.
    Provider,
    /// `label.*`, to this host.
    Label,
    /// `link.*`, to one host of the lattice.
    Link,
    /// `claims.get`, to one host of the lattice.
    Claims,
    /// `config.>`, to one host of the lattice.
    Config,
}

impl Channel {
    /// Those of a host that answers for itself.
    pub(crate) const OWN: [Channel; 8] = [
        Channel::Registry,
        Channel::Ping,
        Channel::ComponentAuction,
        Channel::ProviderAuction,
        Channel::Host,
        Channel::Component,
        Channel::Provider,
        Channel::Label,
    ];

    /// Those of a host that answers for the lattice, which needs its buckets.
    pub(crate) const SHARED: [Channel; 3] = [Channel::Link, Channel::Claims, Channel::Config];

    /// Whether a host with these settings listens to it.
    pub(crate) fn wanted(self, settings: &Settings) -> bool {
        match self {
            Channel::ComponentAuction => settings.component_auctions,
            Channel::ProviderAuction => settings.provider_auctions,
            _ => true,
        }
    }

    /// The pattern to subscribe to.
    pub fn subject(self, settings: &Settings) -> String {
        let (control, host) = (settings.control(), &settings.host_id);
        match self {
            Channel::Registry => format!("{control}registry.put"),
            Channel::Ping => format!("{control}host.ping"),
            Channel::ComponentAuction => format!("{control}component.auction"),
            Channel::ProviderAuction => format!("{control}provider.auction"),
            Channel::Host => format!("{control}host.*.{host}"),
            Channel::Component => format!("{control}component.*.{host}"),
            Channel::Provider => format!("{control}provider.*.{host}"),
            Channel::Label => format!("{control}label.*.{host}"),
            Channel::Link => format!("{control}link.*"),
            Channel::Claims => format!("{control}claims.get"),
            Channel::Config => format!("{control}config.>"),
        }
    }

    /// The queue group, of those that one host answers.
    pub fn queue(self, settings: &Settings) -> Option<String> {
        let group = match self {
            Channel::Link => "link",
            Channel::Claims => "claims",
            Channel::Config => "config",
            _ => return None,
        };
        Some(format!("{}{group}", settings.control()))
    }
}

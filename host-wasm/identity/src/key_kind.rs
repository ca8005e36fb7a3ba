//! The kinds of keys, by what they are used for: lattice protocol 1.x, section 1.1.

use std::fmt;

/// What a key is used for. The first letter of its public text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// `A`: issues the claims of artifacts, and of hosts that sign for themselves.
    Account,
    /// `C`: signed for whole clusters of 0.x hosts.
    Cluster,
    /// `M`: a component.
    Module,
    /// `N`: a host.
    Server,
    /// `O`: an operator of NATS.
    Operator,
    /// `P`: for private use.
    Private,
    /// `U`: a user of NATS.
    User,
    /// `V`: a capability provider.
    Service,
    /// `X`: seals and opens secrets; signs nothing.
    Curve,
}

impl KeyKind {
    /// All kinds, in the order of their letters.
    pub const ALL: [KeyKind; 9] = [
        KeyKind::Account,
        KeyKind::Cluster,
        KeyKind::Module,
        KeyKind::Server,
        KeyKind::Operator,
        KeyKind::Private,
        KeyKind::User,
        KeyKind::Service,
        KeyKind::Curve,
    ];

    /// The byte before the key, whose upper five bits are the first letter of the text.
    pub(crate) fn prefix(self) -> u8 {
        match self {
            KeyKind::Account => 0x00,
            KeyKind::Cluster => 0x10,
            KeyKind::Module => 0x60,
            KeyKind::Server => 0x68,
            KeyKind::Operator => 0x70,
            KeyKind::Private => 0x78,
            KeyKind::User => 0xa0,
            KeyKind::Service => 0xa8,
            KeyKind::Curve => 0xb8,
        }
    }

    /// The kind with this byte.
    pub(crate) fn from_prefix(prefix: u8) -> Option<KeyKind> {
        KeyKind::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyKind::Account => "account",
            KeyKind::Cluster => "cluster",
            KeyKind::Module => "module",
            KeyKind::Server => "server",
            KeyKind::Operator => "operator",
            KeyKind::Private => "private",
            KeyKind::User => "user",
            KeyKind::Service => "service",
            KeyKind::Curve => "curve",
        })
    }
}

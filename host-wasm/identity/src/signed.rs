//! Signed components: their claims, and whether this host trusts them. Lattice protocol 1.x, section 10.3.

use trellis_error::{Error, Kind, Result};

use crate::{Claims, PublicKey, claims, hash, sections};

/// From this revision of the claims' format on, the hash counts.
const HASHED_SINCE: u32 = 3;

/// Whose components a host runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Anybody's, signed or not. Of those that are signed the claims must hold all the same.
    #[default]
    Anyone,
    /// Only what one of these accounts has signed.
    Issuers(Vec<PublicKey>),
}

/// A component's claims, which hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The token, as it is in the component.
    pub token: String,
    /// What it says.
    pub claims: Claims<claims::Component>,
}

/// The claims of a component or module, checked in full: the signature, the time (`now` is in seconds since 1970), whom
/// this host trusts, and that no byte was altered. None where it is not signed.
///
/// Errors are of the kinds [`Kind::Denied`] where the claims do not hold, [`Kind::Decode`] where they cannot be read, and
/// [`Kind::InvalidComponent`]. The messages are those of the hosts in the lattice where these have one.
pub fn signed(bytes: &[u8], trust: &Trust, now: u64) -> Result<Option<Signed>> {
    let Some(token) = sections::token(bytes)? else {
        return match trust {
            Trust::Anyone => Ok(None),
            Trust::Issuers(_) => Err(denied(
                "the component is not signed, and this host runs only what issuers that it \
                trusts have signed; sign it with `wash claims sign`",
            )),
        };
    };
    let claims: Claims<claims::Component> = Claims::verify(token)?;
    claims.check_time(now)?;
    check_issuer(trust, &claims.issuer)?;
    if claims.revision >= HASHED_SINCE && hash::hash(bytes)? != claims.metadata.hash {
        return Err(denied("failed to extract module claims: Invalid module hash"));
    }
    Ok(Some(Signed { token: token.to_owned(), claims }))
}

fn check_issuer(trust: &Trust, issuer: &PublicKey) -> Result<()> {
    match trust {
        Trust::Issuers(trusted) if !trusted.contains(issuer) => Err(denied(format!(
            "the component was signed by {issuer}, which is not among the issuers that this host trusts"
        ))),
        _ => Ok(()),
    }
}

fn denied(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::Denied, message)
}

//! Capabilities and SASL mechanisms.

use core::fmt;

use crate::{atom::Atom, error::ValidationError, octets::detach};

/// `auth-type = atom`: the name of a SASL mechanism, such as `PLAIN` (RFC 9051 section 9).
pub type AuthMechanism = Atom;

/// `capability = ("AUTH=" auth-type) / atom` (RFC 9051 section 9). Compares without regard to case.
///
/// `S: * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN`
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Capability(Atom);

detach!(struct Capability { 0 });

impl Capability {
    /// The name as it was sent, value included: `AUTH=PLAIN`.
    #[must_use]
    pub const fn as_atom(&self) -> &Atom {
        &self.0
    }

    /// The text, as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<Atom> for Capability {
    #[inline]
    fn from(name: Atom) -> Self {
        Self(name)
    }
}

impl TryFrom<&str> for Capability {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        Atom::try_from(text).map(Self)
    }
}

impl PartialEq<&str> for Capability {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capability({})", self.0)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

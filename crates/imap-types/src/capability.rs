//! Capabilities and SASL mechanisms.

use crate::{atom::Atom, octets::detach};

/// `auth-type = atom`: the name of a SASL mechanism, such as `PLAIN` (RFC 9051 section 9).
pub type AuthMechanism = Atom;

/// `capability = ("AUTH=" auth-type) / atom` (RFC 9051 section 9). Compares without regard to case.
///
/// `S: * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Capability(Atom);

detach!(struct Capability { 0 });

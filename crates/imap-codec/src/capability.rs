//! Capabilities, and the data of CAPABILITY and ENABLED.

use imap_types::capability::Capability;

use crate::{
    atom::atom,
    cursor::{Input, Parsed},
    error::{EncodeError, expected},
    writer::Writer,
};

/// ```abnf
/// capability = ("AUTH=" auth-type) / atom     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn capability(i: Input<'_>) -> Parsed<'_, Capability> {
    match atom(i) {
        Ok((i, name)) => Ok((i, Capability::from(name))),
        Err(_) => i.fail(expected!("capability", "the name of a capability")),
    }
}

impl Writer<'_> {
    /// `capability`
    #[allow(clippy::unnecessary_wraps, reason = "the shape of an item of a list")]
    pub(crate) fn capability(&mut self, capability: &Capability) -> Result<(), EncodeError> {
        self.bytes(capability.as_atom().as_bytes());
        Ok(())
    }
}

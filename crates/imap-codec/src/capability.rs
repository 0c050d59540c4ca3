//! Capabilities, and the data of CAPABILITY and ENABLED.

use alloc::vec::Vec;

use imap_types::capability::Capability;

use crate::{
    atom::atom,
    cursor::{Input, Parsed, more, within_list_limit},
    error::{EncodeError, EncodeErrorKind, expected},
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// capability = ("AUTH=" auth-type) / atom     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn capability(i: Input<'_>) -> Parsed<'_, Capability> {
    match atom(i) {
        //= rfc9051#section-7.2.2
        //# Client implementations MUST ignore any unknown capability names.
        Ok((i, name)) => Ok((i, Capability::from(name))),
        Err(_) => i.fail(expected!("capability", "the name of a capability")),
    }
}

/// `*(SP capability)`, up to spaces that nothing follows.
pub(crate) fn capabilities(mut i: Input<'_>) -> Parsed<'_, Vec<Capability>> {
    let mut names = Vec::new();
    while let Some(next) = more(i) {
        let (rest, name) = capability(next)?;
        i = within_list_limit(rest, names.len())?.0;
        names.push(name);
    }
    Ok((i, names))
}

/// The data of CAPABILITY, after the word.
///
/// ```abnf
/// capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability)    ; RFC 9051 section 9
/// ```
///
/// RFC 3501 wants IMAP4rev1 there; either is read.
pub(crate) fn capability_data(i: Input<'_>) -> Parsed<'_, Vec<Capability>> {
    let (i, names) = capabilities(i)?;
    //= rfc9051#section-7.2.2
    //# The capability listing MUST include the atom "IMAP4rev2"
    //= rfc3501#section-7.2.1
    //# The capability listing MUST include the atom "IMAP4rev1".
    if !names_revision(&names) && !i.tolerates(Quirk::NoRevision) {
        return i.fail(expected!("capability-data", "IMAP4rev1 or IMAP4rev2 among the capabilities"));
    }
    Ok((i, names))
}

/// Whether one of the revisions is among `names`.
pub(crate) fn names_revision(names: &[Capability]) -> bool {
    names
        .iter()
        .any(|name| matches!(name.as_str().len(), 9) && (*name == "IMAP4rev1" || *name == "IMAP4rev2"))
}

impl Writer<'_> {
    /// `capability`
    #[allow(clippy::unnecessary_wraps, reason = "the shape of an item of a list")]
    pub(crate) fn capability(&mut self, capability: &Capability) -> Result<(), EncodeError> {
        self.bytes(capability.as_atom().as_bytes());
        Ok(())
    }

    /// `*(SP capability)`, a revision among them, as `capability-data` has it.
    pub(crate) fn capabilities(&mut self, names: &[Capability]) -> Result<(), EncodeError> {
        if !names_revision(names) && !self.profile.relay_invalid {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "capability data without a revision"));
        }
        self.enabled(names);
        Ok(())
    }

    /// `*(SP capability)` of `enable-data` (RFC 9051 section 9).
    pub(crate) fn enabled(&mut self, names: &[Capability]) {
        for name in names {
            self.sp();
            self.bytes(name.as_atom().as_bytes());
        }
    }
}

//! COPY, MOVE and their UID forms.

use imap_types::command::Copy;
use nom::{
    Parser as _,
    sequence::{preceded, separated_pair},
};

use crate::{
    cursor::{Input, Parsed, sp},
    error::EncodeError,
    mailbox::mailbox,
    sequence::sequence_set,
    writer::Writer,
};

/// The arguments of COPY and MOVE.
///
/// ```abnf
/// copy = "COPY" SP sequence-set SP mailbox     ; RFC 9051 section 9
/// move = "MOVE" SP sequence-set SP mailbox
/// ```
pub(crate) fn copy(i: Input<'_>, uid: bool) -> Parsed<'_, Copy> {
    let (i, (set, mailbox)) = preceded(sp, separated_pair(sequence_set, sp, mailbox)).parse(i)?;
    Ok((i, Copy { uid, set, mailbox }))
}

impl Writer<'_> {
    /// `copy` and `move`, after the word.
    pub(crate) fn copy_arguments(&mut self, copy: &Copy) -> Result<(), EncodeError> {
        self.sp();
        self.sequence_set(&copy.set)?;
        self.sp();
        self.mailbox(&copy.mailbox)
    }
}

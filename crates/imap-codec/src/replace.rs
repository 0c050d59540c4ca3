//! REPLACE and UID REPLACE.

use imap_types::replace::Replace;

use crate::{
    append::append_message,
    cursor::{Input, Parsed, sp},
    error::EncodeError,
    mailbox::mailbox,
    sequence::seq_number,
    writer::Writer,
};

/// The arguments of REPLACE.
///
/// ```abnf
/// replace = "REPLACE" SP seq-number SP mailbox append-message     ; RFC 8508 section 5
/// uid    =/ "UID" SP replace
/// ```
///
/// Meaning: RFC 8508 sections 3.2 to 3.4.
pub(crate) fn replace(i: Input<'_>, uid: bool) -> Parsed<'_, Replace> {
    let (i, ()) = sp(i)?;
    let (i, number) = seq_number(i)?;
    let (i, ()) = sp(i)?;
    let (i, mailbox) = mailbox(i)?;
    let (i, ()) = sp(i)?;
    let (i, message) = append_message(i)?;
    Ok((i, Replace { uid, number, mailbox, message }))
}

impl Writer<'_> {
    /// `replace`, after the word.
    pub(crate) fn replace_arguments(&mut self, replace: &Replace) -> Result<(), EncodeError> {
        self.sp();
        self.seq_number(replace.number);
        self.sp();
        self.mailbox(&replace.mailbox)?;
        self.append_message(&replace.message)
    }
}

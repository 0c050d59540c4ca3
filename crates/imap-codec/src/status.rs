//! STATUS items: those asked for, and those told.

use imap_types::status::StatusAtt;

use crate::{
    atom::atom,
    cursor::{Input, Parsed, keyword},
    error::{EncodeError, expected},
    writer::Writer,
};

/// ```abnf
/// status-att = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" /
///              "UNSEEN" / "DELETED" / "SIZE"     ; RFC 9051 section 9
/// ```
///
/// And `RECENT` of RFC 3501. Any other name is kept: `status-att` is where extensions add theirs.
pub(crate) fn status_att(i: Input<'_>) -> Parsed<'_, StatusAtt> {
    let (rest, word) = keyword(i);
    let item = match word.as_bytes() {
        b"MESSAGES" => StatusAtt::Messages,
        b"RECENT" => StatusAtt::Recent,
        b"UIDNEXT" => StatusAtt::UidNext,
        b"UIDVALIDITY" => StatusAtt::UidValidity,
        b"UNSEEN" => StatusAtt::Unseen,
        b"DELETED" => StatusAtt::Deleted,
        b"SIZE" => StatusAtt::Size,
        _ => {
            return match atom(i) {
                Ok((i, name)) => Ok((i, StatusAtt::Other(name))),
                Err(_) => i.fail(expected!("status-att", "the name of a STATUS item")),
            };
        }
    };
    Ok((rest, item))
}

impl Writer<'_> {
    /// `status-att`
    pub(crate) fn status_att(&mut self, item: &StatusAtt) -> Result<(), EncodeError> {
        match item {
            StatusAtt::Messages => self.bytes(b"MESSAGES"),
            StatusAtt::Recent => self.bytes(b"RECENT"),
            StatusAtt::UidNext => self.bytes(b"UIDNEXT"),
            StatusAtt::UidValidity => self.bytes(b"UIDVALIDITY"),
            StatusAtt::Unseen => self.bytes(b"UNSEEN"),
            StatusAtt::Deleted => self.bytes(b"DELETED"),
            StatusAtt::Size => self.bytes(b"SIZE"),
            StatusAtt::Other(name) => self.bytes(name.as_bytes()),
            _ => return Err(EncodeError::unknown("a STATUS item")),
        }
        Ok(())
    }
}

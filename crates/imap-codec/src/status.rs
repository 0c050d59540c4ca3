//! STATUS items: those asked for, and those told.

use alloc::vec::Vec;

use imap_types::{
    mailbox::Mailbox,
    status::{StatusAtt, StatusAttVal, StatusData},
    string::Form,
    value::{Invalid, Value},
};

use crate::{
    atom::atom,
    cursor::{Input, Parsed, bare, close, keyword, open, skip_item, sp, sp_before_list, sp_separated},
    error::{EncodeError, expected},
    mailbox::mailbox,
    number::{mod_sequence_valzer, number, number64, uid_validity, uniqueid},
    parameter::tagged_ext_val,
    string::nil,
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// status-att = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" /
///              "UNSEEN" / "DELETED" / "SIZE"     ; RFC 9051 section 9
/// status-att =/ "HIGHESTMODSEQ"                  ; RFC 7162 section 7
/// ```
///
/// And `RECENT` of RFC 3501. Any other name is kept: `status-att` is where extensions add theirs.
pub(crate) fn status_att(i: Input<'_>) -> Parsed<'_, StatusAtt> {
    let (rest, word) = keyword(i);
    if let Some(item) = StatusAtt::known(word.as_bytes()) {
        return Ok((rest, item));
    }
    match atom(i) {
        Ok((i, name)) => Ok((i, StatusAtt::Other(name))),
        Err(_) => i.fail(expected!("status-att", "the name of a STATUS item")),
    }
}

/// The data of STATUS, after the word and its space.
///
/// ```abnf
/// "STATUS" SP mailbox SP "(" [status-att-list] ")"            ; RFC 9051 section 9
/// status-att-list = status-att-val *(SP status-att-val)
/// ```
pub(crate) fn status_data(i: Input<'_>) -> Parsed<'_, StatusData> {
    let (i, mailbox) = name(i)?;
    let (i, ()) = sp_before_list(i)?;
    let (i, ()) = open(i)?;
    if i.next_is(b')') {
        return Ok((i.skip(1), StatusData { mailbox, items: Vec::new() }));
    }
    let (i, items) = sp_separated(i, status_item)?;
    let (i, ()) = close(i)?;
    Ok((i, StatusData { mailbox, items }))
}

/// `mailbox`, or a name with spaces that some servers send unquoted: up to the last ` (`.
fn name(start: Input<'_>) -> Parsed<'_, Mailbox> {
    let (i, name) = mailbox(start)?;
    if matches!(i.rest(), [b' ', b'(', ..] | [b'(', ..]) || matches!(start.peek(), Some(b'"' | b'{')) {
        return Ok((i, name));
    }
    let rest = start.rest();
    let line = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)).unwrap_or(rest.len());
    let len = rest.get(..line).and_then(|line| line.windows(2).rposition(|two| two == b" ("));
    let odd = if i.next_is(b' ') { i.skip(1) } else { i };
    match len {
        Some(len) if odd.tolerates(Quirk::SpaceInStatusName) => {
            Ok((start.skip(len), Mailbox::received(start.octets(len), Form::Quoted)))
        }
        _ => Ok((i, name)),
    }
}

/// An item, or what stands in its place: a name and a value that does not fit it.
fn status_item(start: Input<'_>) -> Parsed<'_, StatusAttVal> {
    let fault = match start.attempt(status_att_val) {
        Ok((i, item)) if matches!(i.peek(), Some(b' ' | b')')) => return Ok((i, item)),
        Ok((i, _)) => i.fault(expected!("SP", "a space or `)`")),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
        Err(error) => return Err(error),
    };
    if !start.cx.options.tolerance.keeps_invalid() {
        return Err(nom::Err::Error(fault));
    }
    // The name, and the value where one follows.
    let (i, name) = skip_item(start)?;
    let end = match i.rest() {
        [b' ', byte, ..] if !name.is_empty() && !matches!(byte, b' ' | b')' | b'\r' | b'\n') => {
            skip_item(i.skip(1))?.0
        }
        _ => i,
    };
    let at = fault.at.saturating_sub(u32::try_from(start.at()).unwrap_or(u32::MAX));
    Ok((end, StatusAttVal::Invalid(Invalid::new(start.until(end), fault.expect.rule, at))))
}

/// ```abnf
/// status-att-val = ("MESSAGES" SP number) / ("UIDNEXT" SP nz-number) /
///                  ("UIDVALIDITY" SP nz-number) / ("UNSEEN" SP number) /
///                  ("DELETED" SP number) / ("SIZE" SP number64)     ; RFC 9051 section 9
/// ```
///
/// And `"RECENT" SP number` of RFC 3501 (RFC 4466 section 3). Other items have the shape of `tagged-ext`,
/// or NIL, which APPENDLIMIT may have (RFC 7889 section 5).
fn status_att_val(i: Input<'_>) -> Parsed<'_, StatusAttVal> {
    let (rest, name) = status_att(i)?;
    let (i, ()) = sp(rest)?;
    Ok(match name {
        StatusAtt::Messages => number(i).map(|(i, n)| (i, StatusAttVal::Messages(n)))?,
        StatusAtt::Recent => number(i).map(|(i, n)| (i, StatusAttVal::Recent(n)))?,
        StatusAtt::UidNext => uniqueid(i).map(|(i, uid)| (i, StatusAttVal::UidNext(uid)))?,
        StatusAtt::UidValidity => uid_validity(i).map(|(i, v)| (i, StatusAttVal::UidValidity(v)))?,
        StatusAtt::Unseen => number(i).map(|(i, n)| (i, StatusAttVal::Unseen(n)))?,
        StatusAtt::Deleted => number(i).map(|(i, n)| (i, StatusAttVal::Deleted(n)))?,
        StatusAtt::Size => number64(i).map(|(i, n)| (i, StatusAttVal::Size(n)))?,
        StatusAtt::HighestModSeq => {
            mod_sequence_valzer(i).map(|(i, n)| (i, StatusAttVal::HighestModSeq(n)))?
        }
        StatusAtt::Other(name) => {
            let (i, value) = match nil(i) {
                Ok(_) => bare(i).map(|(i, word)| (i, Value::Bare(word)))?,
                Err(_) => tagged_ext_val(i, 0)?,
            };
            (i, StatusAttVal::Other { name, value })
        }
        _ => return i.fail(expected!("status-att", "the name of a STATUS item")),
    })
}

impl Writer<'_> {
    /// The data of STATUS.
    pub(crate) fn status_data(&mut self, status: &StatusData) -> Result<(), EncodeError> {
        self.mailbox(&status.mailbox)?;
        self.sp();
        self.list(&status.items, Self::status_att_val)
    }

    /// `status-att-val`
    fn status_att_val(&mut self, item: &StatusAttVal) -> Result<(), EncodeError> {
        let (name, number) = match item {
            StatusAttVal::Messages(number) => ("MESSAGES ", u64::from(*number)),
            StatusAttVal::Recent(number) => ("RECENT ", u64::from(*number)),
            StatusAttVal::UidNext(uid) => ("UIDNEXT ", u64::from(uid.get())),
            StatusAttVal::UidValidity(validity) => ("UIDVALIDITY ", u64::from(validity.get())),
            StatusAttVal::Unseen(number) => ("UNSEEN ", u64::from(*number)),
            StatusAttVal::Deleted(number) => ("DELETED ", u64::from(*number)),
            StatusAttVal::Size(size) => ("SIZE ", size.get()),
            StatusAttVal::HighestModSeq(mod_seq) => ("HIGHESTMODSEQ ", mod_seq.get()),
            StatusAttVal::Other { name, value } => {
                self.bytes(name.as_bytes());
                self.sp();
                return self.value(value);
            }
            StatusAttVal::Invalid(invalid) => return self.invalid(invalid),
            _ => return Err(EncodeError::unknown("a STATUS item")),
        };
        self.bytes(name.as_bytes());
        self.number(number);
        Ok(())
    }

    /// `status-att`
    #[allow(clippy::unnecessary_wraps, reason = "the shape of an item of a list")]
    pub(crate) fn status_att(&mut self, item: &StatusAtt) -> Result<(), EncodeError> {
        self.bytes(item.name().as_bytes());
        Ok(())
    }
}

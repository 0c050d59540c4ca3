//! Mailbox names and patterns.

use imap_types::{
    chars::{self, Class},
    mailbox::{ListPattern, Mailbox},
    string::Form,
};

use crate::{
    cursor::{Input, Parsed},
    error::{EncodeError, EncodeErrorKind, expected},
    string::{astring, plain_quotes, string},
    writer::Writer,
};

/// ```abnf
/// mailbox = "INBOX" / astring     ; RFC 9051 section 9
/// ```
///
/// Any bytes are a name: whether they are modified UTF-7 or UTF-8 is asked of the name, not here.
#[inline]
pub(crate) fn mailbox(i: Input<'_>) -> Parsed<'_, Mailbox> {
    let (i, name) = astring(i)?;
    Ok((i, Mailbox::from(name)))
}

/// A `mailbox` and the line end after it, spelled as servers spell it. `None` where [`mailbox`] has to look.
#[inline]
pub(crate) fn last_mailbox(i: Input<'_>) -> Option<Mailbox> {
    let (end, name, len, form) = if i.next_is(b'"') {
        let (end, name, len) = plain_quotes(i)?;
        (end, name, len, Form::Quoted)
    } else {
        let len = chars::run(Class::ASTRING_CHAR, i.rest());
        (i.skip(len), i, len, Form::Atom)
    };
    let is_last = matches!(end.rest(), [b'\r', b'\n']) && (len > 0 || form == Form::Quoted);
    is_last.then(|| Mailbox::received(name.last_octets(len), form))
}

/// ```abnf
/// list-mailbox = 1*list-char / string                           ; RFC 9051 section 9
/// list-char    = ATOM-CHAR / list-wildcards / resp-specials
/// ```
pub(crate) fn list_mailbox(i: Input<'_>) -> Parsed<'_, ListPattern> {
    if let Some(b'"' | b'{') = i.peek() {
        let (i, name) = string(i)?;
        let form = name.form();
        return Ok((i, ListPattern::received(name.into_octets(), form)));
    }
    match chars::run(Class::LIST_CHAR, i.rest()) {
        0 => i.fail(expected!("list-mailbox", "a pattern of mailbox names")),
        len => Ok((i.skip(len), ListPattern::received(i.octets(len), Form::Atom))),
    }
}

impl Writer<'_> {
    /// `mailbox`. Names above 7-bit go only to a peer that reads UTF-8.
    pub(crate) fn mailbox(&mut self, mailbox: &Mailbox) -> Result<(), EncodeError> {
        if self.plain_astring(mailbox.as_bytes(), mailbox.form()) {
            return Ok(());
        }
        //= rfc3501#section-5.1
        //# Client implementations MUST NOT attempt to create 8-bit mailbox names, and SHOULD interpret any
        //# 8-bit mailbox names returned by LIST or LSUB as UTF-8.
        if !self.profile.utf8 && !mailbox.as_bytes().is_ascii() {
            return Err(EncodeError::new(EncodeErrorKind::Character, "a mailbox name"));
        }
        self.astring_of(mailbox.as_bytes(), mailbox.form(), || mailbox.to_octets().to_bytes())
    }

    /// `list-mailbox`
    pub(crate) fn list_mailbox(&mut self, pattern: &ListPattern) -> Result<(), EncodeError> {
        let bytes = pattern.as_bytes();
        if !self.profile.utf8 && !bytes.is_ascii() {
            return Err(EncodeError::new(EncodeErrorKind::Character, "a mailbox pattern"));
        }
        let bare = !bytes.is_empty() && chars::run(Class::LIST_CHAR, bytes) == bytes.len();
        if matches!(pattern.form(), Form::Auto | Form::Atom) && bare {
            self.bytes(bytes);
            return Ok(());
        }
        self.string_of(bytes, pattern.form(), || pattern.to_bytes())
    }
}

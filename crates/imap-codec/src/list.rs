//! LIST: its arguments, its options, and the data of LIST and LSUB responses.

use alloc::vec::Vec;

use imap_types::{
    chars::{self, Class},
    list::{List, ListItem, ListPatterns, ListResponse, ListReturn, ListSelection, MailboxAttribute},
    mailbox::Mailbox,
    names::Names,
    string::{AString, Form},
    value::{Parameter, Value},
    vec1::Vec1,
};

use crate::{
    Mode,
    atom::atom,
    cursor::{
        Input, Parsed, byte, close, keyword, more, open, parenthesized, parenthesized_names, sp, sp_separated,
    },
    error::{EncodeError, EncodeErrorKind, expected},
    flag::{Usual, usual_name},
    mailbox::{last_mailbox, list_mailbox, mailbox},
    parameter::{tagged_ext_comp, tagged_ext_val},
    status::status_att,
    string::{astring, nil, quoted},
    tolerance::Quirk,
    writer::Writer,
};

/// The arguments of LIST.
///
/// ```abnf
/// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat
///        [SP list-return-opts]     ; RFC 9051 section 9, RFC 5258 section 6
/// ```
pub(crate) fn list(i: Input<'_>) -> Parsed<'_, List> {
    let (i, selection) = if i.next_is(b'(') {
        let (i, options) = list_select_opts(i)?;
        let (i, ()) = sp(i)?;
        (i, Some(options))
    } else {
        (i, None)
    };
    let (i, reference) = mailbox(i)?;
    let (i, ()) = sp(i)?;
    let (i, patterns) = mbox_or_pat(i)?;
    if i.next_is(b' ') && !i.skip(1).at_line_end() {
        let (i, options) = list_return_opts(i.skip(1))?;
        return Ok((i, List { selection, reference, patterns, returns: Some(options) }));
    }
    Ok((i, List { selection, reference, patterns, returns: None }))
}

/// ```abnf
/// list-select-opts = "(" [ (*(list-select-opt SP) list-select-base-opt *(SP list-select-opt))
///                    / (list-select-independent-opt *(SP list-select-independent-opt)) ] ")"
///     ; If a list-select-mod-opt appears, then a list-select-base-opt must also appear.
///     ; RFC 9051 section 9
/// ```
///
/// An unknown option may be a base option; REMOTE and SPECIAL-USE (RFC 6154 section 6) are not.
fn list_select_opts(i: Input<'_>) -> Parsed<'_, Vec<ListSelection>> {
    let (i, ()) = open(i)?;
    if i.next_is(b')') {
        return Ok((i.skip(1), Vec::new()));
    }
    let (i, options) = sp_separated(i, list_select_opt)?;
    let (end, ()) = close(i)?;
    //= rfc9051#section-6.3.9.1
    //# The RECURSIVEMATCH option MUST NOT occur as the only selection option (or only with REMOTE)
    if options.contains(&ListSelection::RecursiveMatch) && !options.iter().any(ListSelection::is_base) {
        return i.fail(expected!("list-select-opts", "an option such as SUBSCRIBED beside RECURSIVEMATCH"));
    }
    Ok((end, options))
}

/// ```abnf
/// list-select-opt = list-select-base-opt / list-select-independent-opt / list-select-mod-opt
///                                                     ; RFC 9051 section 9
/// list-select-base-opt        = "SUBSCRIBED" / option-extension
/// list-select-independent-opt = "REMOTE" / option-extension
/// list-select-mod-opt         = "RECURSIVEMATCH" / option-extension
/// ```
fn list_select_opt(i: Input<'_>) -> Parsed<'_, ListSelection> {
    let (rest, word) = keyword(i);
    match word.as_bytes() {
        b"SUBSCRIBED" => Ok((rest, ListSelection::Subscribed)),
        b"REMOTE" => Ok((rest, ListSelection::Remote)),
        b"RECURSIVEMATCH" => Ok((rest, ListSelection::RecursiveMatch)),
        _ => option_extension(i).map(|(i, option)| (i, ListSelection::Other(option))),
    }
}

/// ```abnf
/// mbox-or-pat = list-mailbox / patterns                    ; RFC 5258 section 6
/// patterns    = "(" list-mailbox *(SP list-mailbox) ")"
/// ```
fn mbox_or_pat(i: Input<'_>) -> Parsed<'_, ListPatterns> {
    if !i.next_is(b'(') {
        return list_mailbox(i).map(|(i, pattern)| (i, ListPatterns::One(pattern)));
    }
    let start = i.skip(1);
    let (i, patterns) = sp_separated(start, list_mailbox)?;
    let (i, ()) = close(i)?;
    match Vec1::try_from(patterns) {
        Ok(patterns) => Ok((i, ListPatterns::Many(patterns))),
        Err(_) => start.fail(expected!("list-mailbox", "a pattern of mailbox names")),
    }
}

/// ```abnf
/// list-return-opts = "RETURN" SP "(" [list-return-opt *(SP list-return-opt)] ")"
///                                                     ; RFC 9051 section 9
/// ```
fn list_return_opts(i: Input<'_>) -> Parsed<'_, Vec<ListReturn>> {
    let (rest, word) = keyword(i);
    if word.as_bytes() != b"RETURN" {
        return i.fail(expected!("list-return-opts", "RETURN"));
    }
    let (i, ()) = sp(rest)?;
    parenthesized(i, return_option)
}

/// ```abnf
/// return-option = "SUBSCRIBED" / "CHILDREN" / status-option / option-extension    ; RFC 9051 section 9
/// status-option = "STATUS" SP "(" status-att *(SP status-att) ")"
/// ```
fn return_option(i: Input<'_>) -> Parsed<'_, ListReturn> {
    let (rest, word) = keyword(i);
    match word.as_bytes() {
        b"SUBSCRIBED" => Ok((rest, ListReturn::Subscribed)),
        b"CHILDREN" => Ok((rest, ListReturn::Children)),
        b"STATUS" => {
            let (i, ()) = sp(rest)?;
            let (i, ()) = open(i)?;
            let start = i;
            let (i, items) = sp_separated(i, status_att)?;
            let (i, ()) = close(i)?;
            match Vec1::try_from(items) {
                Ok(items) => Ok((i, ListReturn::Status(items))),
                Err(_) => start.fail(expected!("status-att", "the name of a STATUS item")),
            }
        }
        _ => option_extension(i).map(|(i, option)| (i, ListReturn::Other(option))),
    }
}

/// ```abnf
/// option-extension = (option-standard-tag / option-vendor-tag) [SP option-value]    ; RFC 9051 section 9
/// option-value     = "(" option-val-comp ")"
/// option-val-comp  = astring / option-val-comp *(SP option-val-comp) / "(" option-val-comp ")"
/// ```
///
/// `option-val-comp` is `tagged-ext-comp` under another name.
fn option_extension(i: Input<'_>) -> Parsed<'_, Parameter> {
    let Ok((rest, name)) = atom(i) else {
        return i.fail(expected!("option-extension", "the name of an option"));
    };
    if let [b' ', b'(', ..] = rest.rest() {
        let start = rest.skip(1);
        if let [b'(', b')', ..] = start.rest() {
            return start.skip(1).fail(expected!("option-val-comp", "a value"));
        }
        let (rest, value) = tagged_ext_comp(start, 0)?;
        return Ok((rest, Parameter { name, value: Some(value) }));
    }
    Ok((rest, Parameter { name, value: None }))
}

/// The data of LIST and LSUB, after the word and its space.
///
/// ```abnf
/// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
///                [SP mbox-list-extended]     ; RFC 9051 section 9
/// ```
pub(crate) fn mailbox_list(i: Input<'_>) -> Parsed<'_, ListResponse> {
    let (i, attributes) = attributes(i)?;
    let (i, ()) = sp(i)?;
    let (i, delimiter) = delimiter(i)?;
    let (start, ()) = sp(i)?;
    let (i, mailbox) = mailbox(start)?;
    if i.next_is(b'\r') {
        return Ok((i, ListResponse { attributes, delimiter, mailbox, extended: None }));
    }
    let next = more(i);
    if next.map_or(i, |next| next).peek().is_some_and(|byte| !matches!(byte, b'(' | b' ' | b'\r' | b'\n'))
        && let Some((i, mailbox)) = name_to_line_end(start, next.unwrap_or(i))
    {
        return Ok((i, ListResponse { attributes, delimiter, mailbox, extended: None }));
    }
    if let Some(next) = next {
        let (i, items) = parenthesized(next, mbox_list_extended_item)?;
        return Ok((i, ListResponse { attributes, delimiter, mailbox, extended: Some(items) }));
    }
    Ok((i, ListResponse { attributes, delimiter, mailbox, extended: None }))
}

/// A whole `mailbox-list` as servers send it by the thousand: attributes that are known, one of the two delimiters that there
/// are, and a name up to the end of the line. `None` where [`mailbox_list`] has to look.
///
/// The parts are not put together here: see [`decode`](crate::response::decode).
#[inline]
pub(crate) fn usual_list(i: Input<'_>) -> Option<(Names<MailboxAttribute>, char, Mailbox)> {
    let (i, attributes) = usual_attributes(i)?;
    let (i, delimiter) = match i.rest() {
        [b' ', b'"', byte @ (b'/' | b'.'), b'"', b' ', ..] => (i.skip(5), char::from(*byte)),
        _ => return None,
    };
    Some((attributes, delimiter, last_mailbox(i)?))
}

/// `"(" [mbx-list-flags] ")"`, where [`usual_attribute`] knows all.
#[inline]
fn usual_attributes(i: Input<'_>) -> Option<(Input<'_>, Names<MailboxAttribute>)> {
    let mut names = Names::EMPTY;
    match i.rest() {
        [b'(', b')', ..] => return Some((i.skip(2), names)),
        [b'(', ..] => {}
        _ => return None,
    }
    let mut i = i;
    for _ in 0..i.limits().list {
        // After the parenthesis, or the space.
        let usual = usual_attribute(i.rest().get(1..)?)?;
        names.push_known(usual.place);
        i = i.skip(1).skip(usual.len.get().into());
        if i.next_is(b')') {
            return Some((i.skip(1), names));
        }
    }
    None
}

/// The rest of the line as a name that some servers send unquoted; `odd` is where no `mailbox` goes on.
#[cold]
fn name_to_line_end<'a>(start: Input<'a>, odd: Input<'a>) -> Option<(Input<'a>, Mailbox)> {
    let rest = start.rest();
    let len = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    start.went_over(len);
    let name = start.octets(len);
    let unquoted = !matches!(rest.first(), Some(b'"' | b'{')) && !name.as_bytes().contains(&0);
    (unquoted && start.skip(len).at_line_end() && odd.tolerates(Quirk::UnquotedName))
        .then(|| (start.skip(len), Mailbox::received(name, Form::Quoted)))
}

/// `"(" [mbx-list-flags] ")"`
///
/// ```abnf
/// mbx-list-flags = *(mbx-list-oflag SP) mbx-list-sflag *(SP mbx-list-oflag) /
///                  mbx-list-oflag *(SP mbx-list-oflag)     ; RFC 9051 section 9
/// ```
fn attributes(i: Input<'_>) -> Parsed<'_, Names<MailboxAttribute>> {
    parenthesized_names(i, usual_attribute, |i| i.or_invalid(mbx_list_flag, MailboxAttribute::Invalid))
}

/// An attribute that servers send for most mailboxes, as they spell it: its place among those of [`MailboxAttribute`], and
/// its length. `None` where [`mbx_list_flag`] has to look.
#[inline]
fn usual_attribute(rest: &[u8]) -> Option<Usual> {
    let [_, first, _, _, fourth, ..] = rest else { return None };
    match (first, fourth) {
        (b'H', b'N') => usual_name(rest, b"\\HasNoChildren", 6),
        (b'H', _) => usual_name(rest, b"\\HasChildren", 5),
        (b'N', b'e') => usual_name(rest, b"\\Noselect", 1),
        (b'U', _) => usual_name(rest, b"\\Unmarked", 3),
        (b'M', _) => usual_name(rest, b"\\Marked", 2),
        (b'S', b's') => usual_name(rest, b"\\Subscribed", 7),
        (b'S', _) => usual_name(rest, b"\\Sent", 14),
        (b'D', _) => usual_name(rest, b"\\Drafts", 11),
        (b'J', _) => usual_name(rest, b"\\Junk", 13),
        (b'T', _) => usual_name(rest, b"\\Trash", 15),
        _ => None,
    }
}

/// ```abnf
/// mbx-list-oflag = "\\Noinferiors" / child-mbox-flag / "\\Subscribed" / "\\Remote" / flag-extension
/// mbx-list-sflag = "\\NonExistent" / "\\Noselect" / "\\Marked" / "\\Unmarked"     ; RFC 9051 section 9
/// mbx-list-oflag =/ "\NoAccess"                                                  ; RFC 5465 section 8
/// ```
///
/// How often each may appear is prose; what is sent is kept.
fn mbx_list_flag(i: Input<'_>) -> Parsed<'_, MailboxAttribute> {
    if !i.next_is(b'\\') {
        return i.fail(expected!("mbx-list-flags", "an attribute that begins with a backslash"));
    }
    let start = i.skip(1);
    let (rest, word) = keyword(start);
    let attribute = match word.as_bytes() {
        b"NOINFERIORS" => MailboxAttribute::NoInferiors,
        b"NOSELECT" => MailboxAttribute::NoSelect,
        b"MARKED" => MailboxAttribute::Marked,
        b"UNMARKED" => MailboxAttribute::Unmarked,
        b"NONEXISTENT" => MailboxAttribute::NonExistent,
        b"HASCHILDREN" => MailboxAttribute::HasChildren,
        b"HASNOCHILDREN" => MailboxAttribute::HasNoChildren,
        b"SUBSCRIBED" => MailboxAttribute::Subscribed,
        b"REMOTE" => MailboxAttribute::Remote,
        b"ALL" => MailboxAttribute::All,
        b"ARCHIVE" => MailboxAttribute::Archive,
        b"DRAFTS" => MailboxAttribute::Drafts,
        b"FLAGGED" => MailboxAttribute::Flagged,
        b"JUNK" => MailboxAttribute::Junk,
        b"SENT" => MailboxAttribute::Sent,
        b"TRASH" => MailboxAttribute::Trash,
        b"NOACCESS" => MailboxAttribute::NoAccess,
        _ => {
            return match atom(start) {
                Ok((i, name)) => Ok((i, MailboxAttribute::from_backslashed(name))),
                Err(_) => {
                    start.fail(expected!("flag-extension", "the name of an attribute after the backslash"))
                }
            };
        }
    };
    Ok((rest, attribute))
}

/// `DQUOTE QUOTED-CHAR DQUOTE / nil`: a hierarchy delimiter.
pub(crate) fn delimiter(i: Input<'_>) -> Parsed<'_, Option<char>> {
    let (end, delimiter) = match i.rest() {
        [b'"', b'\\', b'"', b' ' | b')', ..] if i.skip(1).tolerates(Quirk::BareBackslash) => {
            return Ok((i.skip(3), Some('\\')));
        }
        [b'"', b'\\', special @ (b'"' | b'\\'), ..] => (i.skip(3), char::from(*special)),
        // What needs an escape and has none, and what no quoted string holds.
        [b'"', b'"' | b'\\' | b'\r' | b'\n' | 0, ..] => {
            return i.skip(1).fail(expected!("QUOTED-CHAR", "a character between the quotes"));
        }
        [b'"', byte @ ..0x80, ..] => (i.skip(2), char::from(*byte)),
        [b'"', rest @ ..] => match utf8_char(rest) {
            Some(character) if i.mode() != Mode::Rev1 || i.skip(1).tolerates(Quirk::EightBitQuoted) => {
                (i.skip(1).skip(character.len_utf8()), character)
            }
            _ => return i.skip(1).fail(expected!("QUOTED-CHAR", "a character between the quotes")),
        },
        _ => {
            return match nil(i) {
                Ok((i, ())) => Ok((i, None)),
                Err(_) => i.fail(expected!("mailbox-list", "a hierarchy delimiter in quotes, or NIL")),
            };
        }
    };
    let (i, ()) = byte(end, b'"', expected!("DQUOTE", "the closing quote after one character"))?;
    Ok((i, Some(delimiter)))
}

/// The character at the start of `bytes`.
fn utf8_char(bytes: &[u8]) -> Option<char> {
    let bytes = bytes.get(..4).unwrap_or(bytes);
    let valid = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
    };
    valid.chars().next()
}

/// ```abnf
/// mbox-list-extended-item = mbox-list-extended-item-tag SP tagged-ext-val    ; RFC 9051 section 9
/// childinfo-extended-item = "CHILDINFO" SP "(" list-select-base-opt-quoted
///                           *(SP list-select-base-opt-quoted) ")"
/// oldname-extended-item   = "OLDNAME" SP "(" mailbox ")"
/// ```
///
/// The tag is an atom, quoted or not.
fn mbox_list_extended_item(start: Input<'_>) -> Parsed<'_, ListItem> {
    let (i, tag) = astring(start)?;
    let (i, ()) = sp(i)?;
    match tag.as_bytes() {
        //= rfc9051#section-9
        //# The content MUST conform to either "eitem-vendor-tag" or "eitem-standard-tag" ABNF productions.
        name if chars::run(Class::ATOM_CHAR, name) < name.len() || name.is_empty() => {
            start.fail(expected!("mbox-list-extended-item-tag", "an atom, quoted or not"))
        }
        name => {
            let known = |rule: fn(Input<'_>) -> Parsed<'_, ListItem>| {
                i.or_invalid(rule, |raw| ListItem::Other { tag: tag.clone(), value: Value::Invalid(raw) })
            };
            if name.eq_ignore_ascii_case(b"CHILDINFO") {
                known(childinfo)
            } else if name.eq_ignore_ascii_case(b"OLDNAME") {
                known(oldname)
            } else {
                //= rfc9051#section-6.3.9
                //# clients MUST be able to handle that situation.
                //= rfc9051#section-7.3.1
                //# The client MUST ignore all extended fields it doesn't recognize.
                let (i, value) = i.or_invalid(|i| tagged_ext_val(i, 0), Value::Invalid)?;
                Ok((i, ListItem::Other { tag, value }))
            }
        }
    }
}

/// The value of CHILDINFO. `list-select-base-opt-quoted = DQUOTE list-select-base-opt DQUOTE`.
fn childinfo(i: Input<'_>) -> Parsed<'_, ListItem> {
    let (start, ()) = open(i)?;
    let (i, options) = sp_separated(start, |i| {
        let (rest, option) = quoted(i)?;
        if !is_option(option.as_bytes()) {
            return i.fail(expected!("list-select-base-opt-quoted", "the name of a selection option"));
        }
        Ok((rest, AString::from(option)))
    })?;
    let (i, ()) = close(i)?;
    match Vec1::try_from(options) {
        Ok(options) => Ok((i, ListItem::ChildInfo(options))),
        Err(_) => start.fail(expected!("list-select-base-opt-quoted", "the name of a selection option")),
    }
}

/// Whether `text` is an `option-extension`: an atom, and possibly a space and an `option-value`.
fn is_option(text: &[u8]) -> bool {
    let len = chars::run(Class::ATOM_CHAR, text);
    match text.get(len..) {
        _ if len == 0 => false,
        Some([]) => true,
        Some([b' ', value @ ..]) => is_option_value(value),
        _ => false,
    }
}

/// Whether `text` is an `option-value` without strings, which do not fit between quotes.
fn is_option_value(text: &[u8]) -> bool {
    let mut rest = text;
    let mut depth = 0_usize;
    loop {
        while let [b'(', inner @ ..] = rest {
            depth = depth.saturating_add(1);
            rest = inner;
        }
        let len = chars::run(Class::ASTRING_CHAR, rest);
        if depth == 0 || len == 0 {
            return false;
        }
        rest = rest.get(len..).unwrap_or_default();
        while let ([b')', outer @ ..], 1..) = (rest, depth) {
            depth = depth.saturating_sub(1);
            rest = outer;
        }
        match rest {
            [] => return depth == 0,
            [b' ', next @ ..] if depth > 0 => rest = next,
            _ => return false,
        }
    }
}

/// The value of OLDNAME: `"(" mailbox ")"`.
fn oldname(i: Input<'_>) -> Parsed<'_, ListItem> {
    let (i, ()) = open(i)?;
    let (i, name) = mailbox(i)?;
    let (i, ()) = close(i)?;
    Ok((i, ListItem::OldName(name)))
}

impl Writer<'_> {
    /// `list`, after the word.
    pub(crate) fn list_arguments(&mut self, list: &List) -> Result<(), EncodeError> {
        if let Some(options) = &list.selection {
            let lonely = options.contains(&ListSelection::RecursiveMatch)
                && !options.iter().any(ListSelection::is_base);
            if lonely {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "RECURSIVEMATCH"));
            }
            self.list(options, |w, option| match option {
                ListSelection::Subscribed => w.keyword(b"SUBSCRIBED"),
                ListSelection::Remote => w.keyword(b"REMOTE"),
                ListSelection::RecursiveMatch => w.keyword(b"RECURSIVEMATCH"),
                ListSelection::Other(option) => w.option_extension(option),
                _ => Err(EncodeError::unknown("a selection option of LIST")),
            })?;
            self.sp();
        }
        self.mailbox(&list.reference)?;
        self.sp();
        match &list.patterns {
            ListPatterns::One(pattern) => self.list_mailbox(pattern)?,
            ListPatterns::Many(patterns) => self.list(patterns, |w, pattern| w.list_mailbox(pattern))?,
        }
        if let Some(options) = &list.returns {
            self.bytes(b" RETURN ");
            self.list(options, |w, option| match option {
                ListReturn::Subscribed => w.keyword(b"SUBSCRIBED"),
                ListReturn::Children => w.keyword(b"CHILDREN"),
                ListReturn::Status(items) => {
                    w.bytes(b"STATUS ");
                    w.list(items, Self::status_att)
                }
                ListReturn::Other(option) => w.option_extension(option),
                _ => Err(EncodeError::unknown("a return option of LIST")),
            })?;
        }
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, reason = "the shape of an item of a list")]
    fn keyword(&mut self, word: &[u8]) -> Result<(), EncodeError> {
        self.bytes(word);
        Ok(())
    }

    /// `mbx-list-oflag / mbx-list-sflag`
    fn mbx_list_flag(&mut self, attribute: &MailboxAttribute) -> Result<(), EncodeError> {
        if let MailboxAttribute::HasNoChildren = attribute {
            self.bytes(b"\\HasNoChildren");
        } else if let MailboxAttribute::HasChildren = attribute {
            self.bytes(b"\\HasChildren");
        } else if let MailboxAttribute::Invalid(invalid) = attribute {
            self.invalid(invalid)?;
        } else {
            let name = attribute.name().ok_or_else(|| EncodeError::unknown("a mailbox attribute"))?;
            self.bytes(b"\\");
            self.bytes(name.as_bytes());
        }
        Ok(())
    }

    /// `mailbox-list`
    pub(crate) fn mailbox_list(&mut self, list: &ListResponse) -> Result<(), EncodeError> {
        self.list(&list.attributes, Self::mbx_list_flag)?;
        match list.delimiter {
            // The two delimiters that there are.
            Some('/') => self.bytes(b" \"/\" "),
            Some('.') => self.bytes(b" \".\" "),
            other => {
                self.sp();
                self.delimiter(other)?;
                self.sp();
            }
        }
        self.mailbox(&list.mailbox)?;
        if let Some(items) = &list.extended {
            self.sp();
            self.list(items, |w, item| match item {
                ListItem::ChildInfo(options) => {
                    w.bytes(b"CHILDINFO ");
                    w.list(options, |w, option| {
                        if !is_option(option.as_bytes()) || !w.may_quote(option.as_bytes()) {
                            return Err(EncodeError::new(
                                EncodeErrorKind::Character,
                                "an option in CHILDINFO",
                            ));
                        }
                        w.quoted(option.as_bytes());
                        Ok(())
                    })
                }
                ListItem::OldName(name) => {
                    w.bytes(b"OLDNAME (");
                    w.mailbox(name)?;
                    w.keyword(b")")
                }
                ListItem::Other { tag, value } => {
                    w.astring(tag)?;
                    w.sp();
                    w.tagged_ext_val(value)
                }
                _ => Err(EncodeError::unknown("an extended item of LIST")),
            })?;
        }
        Ok(())
    }

    /// A hierarchy delimiter.
    pub(crate) fn delimiter(&mut self, delimiter: Option<char>) -> Result<(), EncodeError> {
        let Some(delimiter) = delimiter else {
            self.bytes(b"NIL");
            return Ok(());
        };
        let mut utf8 = [0; 4];
        let bytes = delimiter.encode_utf8(&mut utf8).as_bytes();
        if !self.may_quote(bytes) {
            return Err(EncodeError::new(EncodeErrorKind::Character, "a hierarchy delimiter"));
        }
        self.quoted(bytes);
        Ok(())
    }

    /// `option-extension`
    fn option_extension(&mut self, option: &Parameter) -> Result<(), EncodeError> {
        // `option-value` is a list, and not an empty one: another value would read as a further option.
        match &option.value {
            None | Some(Value::Invalid(_)) => {}
            Some(Value::List(items)) if !items.is_empty() => {}
            Some(Value::Bare(_) | Value::String(_) | Value::List(_)) => {
                return Err(EncodeError::new(
                    EncodeErrorKind::Combination,
                    "an option of LIST and its value",
                ));
            }
        }
        self.parameter(option)
    }
}

#[cfg(test)]
mod tests {
    use imap_types::names::Name as _;

    use super::*;

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let mut seen = 0;
        for (place, attribute) in MailboxAttribute::KNOWN.iter().enumerate() {
            let name = attribute.name().unwrap_or_default();
            for end in [' ', ')'] {
                let line = alloc::format!("\\{name}{end}\\Marked) \"/\" name");
                if let Some(usual) = usual_attribute(line.as_bytes()) {
                    let (short, len) = (usize::from(usual.place), usize::from(usual.len.get()));
                    assert_eq!((short, len), (place, name.len() + 1), "{line}");
                    seen += 1;
                }
            }
            for more in ["x) ", "\0) ", "] ", "*) ", ""] {
                assert_eq!(
                    usual_attribute(alloc::format!("\\{name}{more}").as_bytes()),
                    None,
                    "{name}{more}"
                );
            }
            let cut = name.get(1..).unwrap_or_default();
            assert_eq!(usual_attribute(alloc::format!("\\{cut}) x").as_bytes()), None, "{cut}");
        }
        assert_eq!(seen, 20);
    }
}

//! LIST: its arguments, its options, and the data of LIST and LSUB responses.

use alloc::vec::Vec;

use imap_types::{
    list::{List, ListPatterns, ListReturn, ListSelection},
    value::{Bare, Parameter, Value},
    vec1::Vec1,
};

use crate::{
    atom::atom,
    cursor::{Input, Parsed, close, keyword, open, parenthesized, sp, sp_separated, within_depth_limit},
    error::{EncodeError, EncodeErrorKind, expected},
    mailbox::{list_mailbox, mailbox},
    status::status_att,
    string::string,
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
/// ```
fn option_extension(i: Input<'_>) -> Parsed<'_, Parameter> {
    let Ok((rest, name)) = atom(i) else {
        return i.fail(expected!("option-extension", "the name of an option"));
    };
    if let [b' ', b'(', ..] = rest.rest() {
        let start = rest.skip(1);
        if let [b'(', b')', ..] = start.rest() {
            return start.skip(1).fail(expected!("option-val-comp", "a value"));
        }
        let (rest, value) = comp(start, 0)?;
        return Ok((rest, Parameter { name, value: Some(value) }));
    }
    Ok((rest, Parameter { name, value: None }))
}

/// ```abnf
/// option-val-comp = astring / option-val-comp *(SP option-val-comp) /
///                   "(" option-val-comp ")"     ; RFC 9051 section 9
/// ```
///
/// `tagged-ext-comp` is the same rule. Lists inside are never empty.
fn comp(i: Input<'_>, depth: usize) -> Parsed<'_, Value> {
    match i.peek() {
        Some(b'"' | b'{') => string(i).map(|(i, string)| (i, Value::String(string))),
        Some(b'(') => {
            let depth = depth.saturating_add(1);
            within_depth_limit(i, depth)?;
            let (i, items) = sp_separated(i.skip(1), |i| comp(i, depth))?;
            let (i, ()) = close(i)?;
            Ok((i, Value::List(items)))
        }
        _ => match crate::string::astring(i) {
            Ok((rest, word)) => match Bare::try_from(word.as_str().unwrap_or_default()) {
                Ok(_) => crate::cursor::bare(i).map(|(_, bare)| (rest, Value::Bare(bare))),
                Err(_) => i.fail(expected!("astring", "an atom or a string")),
            },
            Err(error) => Err(error),
        },
    }
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

    /// `option-extension`
    fn option_extension(&mut self, option: &Parameter) -> Result<(), EncodeError> {
        self.bytes(option.name.as_bytes());
        if let Some(value) = &option.value {
            self.sp();
            self.value(value)?;
        }
        Ok(())
    }
}

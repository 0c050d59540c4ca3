//! FETCH: the command's items, and the response's.

mod usual;

use alloc::{boxed::Box, vec::Vec};

use imap_types::{
    atom::Atom,
    chars::{self, Class},
    date::InternalDate,
    fetch::{
        Fetch, FetchAtt, FetchItems, FetchMacro, FetchModifier, FetchResponse, MsgAtt, Payload,
        UidFetchResponse,
    },
    flag::{Flag, FlagFetch},
    names::Names,
    number::ModSeqOrZero,
    octets::Octets,
    string::NString,
    value::{Invalid, Value},
    vec1::Vec1,
};

use self::usual::{is_short, usual_fetch_att, usual_item, usual_update};
use crate::{
    body::body,
    cursor::{
        Input, Parsed, Word, close, keyword, open, parenthesized, parenthesized_names, skip_item,
        skip_quoted, sp, sp_before_list, within_list_limit,
    },
    date::date_time,
    envelope::envelope,
    error::{EncodeError, EncodeErrorKind, expected},
    flag::{flag_fetch, usual_flag},
    line::SHORT,
    number::{mod_sequence_value, number64, uniqueid},
    parameter::{Form, maybe_parameters, no_value, parameter, typed_parameter},
    section::{maybe_partial, origin, raw_section, section, section_binary},
    sequence::sequence_set,
    string::{literal, literal8, nstring, payload_literal, streamed_literal, value},
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
///         "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]     ; RFC 9051 section 9, RFC 4466 section 3
/// ```
///
/// Meaning: RFC 9051 section 6.4.5. Reads from the sequence set.
pub(crate) fn fetch(i: Input<'_>, uid: bool) -> Parsed<'_, Fetch> {
    let (i, set) = sequence_set(i)?;
    let (i, ()) = sp(i)?;
    let (i, items) = fetch_items(i)?;
    let (i, modifiers) = maybe_parameters(i, fetch_modifier)?;
    Ok((i, Fetch { uid, set, items, modifiers }))
}

/// ```abnf
/// fetch-modifier      =  fetch-modifier-name [SP fetch-modif-params]     ; RFC 4466 section 3
/// fetch-modifier      =/ chgsince-fetch-mod                              ; RFC 7162 section 7
/// chgsince-fetch-mod  =  "CHANGEDSINCE" SP mod-sequence-value
/// rexpunges-fetch-mod =  "VANISHED"
/// ```
///
/// The last is a modifier too, although no rule links it.
fn fetch_modifier(i: Input<'_>) -> Parsed<'_, FetchModifier> {
    let (_, name) = keyword(i);
    match name.as_bytes() {
        b"CHANGEDSINCE" => typed_parameter(i, changed_since, FetchModifier::Other),
        b"VANISHED" => {
            let rule = |i| no_value(i).map(|(i, ())| (i, FetchModifier::Vanished));
            typed_parameter(i, rule, FetchModifier::Other)
        }
        _ => parameter(i, UNTYPED).map(|(i, modifier)| (i, FetchModifier::Other(modifier))),
    }
}

/// RFC 9394 section 4: `modifier-partial = "PARTIAL" SP partial-range`.
const UNTYPED: &[(&str, Form)] = &[("PARTIAL", Form::PartialRange)];

/// The modifiers that have a type.
const MODIFIERS: &[&str] = &["CHANGEDSINCE", "VANISHED"];

/// `SP mod-sequence-value`; 0 is a deviation of iPhone Mail.
fn changed_since(i: Input<'_>) -> Parsed<'_, FetchModifier> {
    let (start, ()) = sp(i)?;
    let error = match mod_sequence_value(start) {
        Ok((i, mod_seq)) => return Ok((i, FetchModifier::ChangedSince(mod_seq.into()))),
        Err(error) => error,
    };
    match number64(start) {
        Ok((i, _)) if start.tolerates(Quirk::ChangedSinceZero) => {
            Ok((i, FetchModifier::ChangedSince(ModSeqOrZero::ZERO)))
        }
        _ => Err(error),
    }
}

/// `"ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"`
fn fetch_items(i: Input<'_>) -> Parsed<'_, FetchItems> {
    if i.next_is(b'(') {
        let (i, items) = listed_items(i.skip(1))?;
        let (i, ()) = close(i)?;
        return match Vec1::try_from(items) {
            Ok(items) => Ok((i, FetchItems::List(items))),
            Err(_) => i.fail(expected!("fetch-att", "an item to fetch")),
        };
    }
    let (rest, name) = item_name(i);
    let items = match name.as_bytes() {
        b"ALL" => FetchItems::Macro(FetchMacro::All),
        b"FAST" => FetchItems::Macro(FetchMacro::Fast),
        b"FULL" => FetchItems::Macro(FetchMacro::Full),
        _ => {
            let (i, item) = fetch_att(i, false)?;
            return Ok((i, FetchItems::One(item)));
        }
    };
    Ok((rest, items))
}

/// `fetch-att *(SP fetch-att)`
fn listed_items(mut i: Input<'_>) -> Parsed<'_, Vec<FetchAtt>> {
    // Few items, or those of a listing of a mailbox.
    let mut items = Vec::with_capacity(if i.rest().len() < 40 { 2 } else { 6 });
    loop {
        i = match usual_fetch_att(i.rest()) {
            Some((item, len)) => {
                items.push(item);
                i.skip(len)
            }
            None => {
                let (rest, item) = fetch_att(i, true)?;
                items.push(item);
                rest
            }
        };
        i = within_list_limit(i, items.len().saturating_sub(1))?.0;
        if !i.next_is(b' ') {
            return Ok((i, items));
        }
        i = i.skip(1);
    }
}

/// The name of an item in upper case; empty where it is no name that this file knows.
#[inline]
fn item_name(i: Input<'_>) -> (Input<'_>, Word) {
    let name = Word::peek(i);
    let rest = i.skip(name.len());
    if rest.peek().is_some_and(|byte| byte != b'[' && Class::ATOM_CHAR.contains(byte)) {
        return (i, Word::EMPTY);
    }
    (rest, name)
}

/// ```abnf
/// fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822.SIZE" / "BODY" ["STRUCTURE"] / "UID" /
///             "BODY" section [partial] / "BODY.PEEK" section [partial] /
///             "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary
///                                                          ; RFC 9051 section 9
/// fetch-att =/ "RFC822" / "RFC822.HEADER" / "RFC822.TEXT"  ; RFC 3501 section 9
/// fetch-att =/ fetch-mod-sequence                          ; RFC 7162 section 7
/// fetch-mod-sequence = "MODSEQ"
/// ```
///
/// Any other name is kept, with a section and a list of arguments, which is how extensions look. The macros
/// are no items: they stand alone.
pub(crate) fn fetch_att(start: Input<'_>, listed: bool) -> Parsed<'_, FetchAtt> {
    let (i, name) = item_name(start);
    let item = match name.as_bytes() {
        b"ENVELOPE" => FetchAtt::Envelope,
        b"FLAGS" => FetchAtt::Flags,
        b"INTERNALDATE" => FetchAtt::InternalDate,
        b"RFC822" => FetchAtt::Rfc822,
        b"RFC822.HEADER" => FetchAtt::Rfc822Header,
        b"RFC822.SIZE" => FetchAtt::Rfc822Size,
        b"RFC822.TEXT" => FetchAtt::Rfc822Text,
        b"BODY" if !i.next_is(b'[') => FetchAtt::Body,
        b"BODYSTRUCTURE" => FetchAtt::BodyStructure,
        b"UID" => FetchAtt::Uid,
        b"MODSEQ" => FetchAtt::ModSeq,
        b"BODY" | b"BODY.PEEK" => {
            let (i, section) = section(i)?;
            let (i, partial) = maybe_partial(i)?;
            return Ok((i, FetchAtt::BodySection { peek: name.len() > 4, section, partial }));
        }
        b"BINARY" | b"BINARY.PEEK" => {
            let (i, part) = section_binary(i)?;
            let (i, partial) = maybe_partial(i)?;
            return Ok((i, FetchAtt::Binary { peek: name.len() > 6, part, partial }));
        }
        b"BINARY.SIZE" => {
            let (i, part) = section_binary(i)?;
            return Ok((i, FetchAtt::BinarySize { part }));
        }
        b"ALL" | b"FAST" | b"FULL" => {
            return start.fail(expected!("fetch-att", "an item to fetch: ALL, FAST and FULL stand alone"));
        }
        _ => return other_fetch_att(start, listed),
    };
    Ok((i, item))
}

/// An item that has no type here: a name, a section in brackets, a list of arguments.
///
/// Outside a list of items, a list in parentheses is the command's modifiers; but for items that are known
/// to have arguments.
fn other_fetch_att(i: Input<'_>, listed: bool) -> Parsed<'_, FetchAtt> {
    let (i, name) = other_name(i, expected!("fetch-att", "an item to fetch"))?;
    let (i, section) = raw_section(i)?;
    let arguments = match i.rest() {
        [b' ', b'(', rest @ ..] => listed || has_arguments(&name, rest),
        _ => false,
    };
    if !arguments {
        return Ok((i, FetchAtt::Other { name, section, arguments: None }));
    }
    let (i, arguments) = parenthesized(i.skip(1), |i| value(i, 2))?;
    Ok((i, FetchAtt::Other { name, section, arguments: Some(arguments) }))
}

/// Whether the list that begins with `list` belongs to the item `name` that stands outside a list:
/// `ANNOTATION (..)` (RFC 5257 section 4.3) and `PREVIEW (LAZY)` (RFC 8970 section 3).
fn has_arguments(name: &Atom, list: &[u8]) -> bool {
    let lazy = list.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"LAZY"));
    *name == "ANNOTATION" || (*name == "PREVIEW" && lazy)
}

/// The name of an item that has no type here: an atom without `[`.
fn other_name<'a>(i: Input<'a>, expect: &'static crate::error::Expect) -> Parsed<'a, Atom> {
    let run = chars::run(Class::ATOM_CHAR, i.rest());
    let name = i.rest().get(..run).unwrap_or_default();
    let len = memchr::memchr(b'[', name).unwrap_or(run);
    match Atom::try_from(i.octets(len)) {
        Ok(name) => Ok((i.skip(len), name)),
        Err(_) => i.fail(expect),
    }
}

/// ```abnf
/// message-data  = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))          ; RFC 9051 section 9
/// msg-att       = "(" (msg-att-dynamic / msg-att-static)
///                 *(SP (msg-att-dynamic / msg-att-static)) ")"
/// uidfetch-resp = uniqueid SP "UIDFETCH" SP msg-att                        ; RFC 9586 section 4
/// ```
///
/// Meaning: RFC 9051 section 7.5.2. Reads from the parenthesis. An item that cannot be read is kept raw
/// beside the others, where the decoder keeps invalid parts; so is the missing item of an empty list.
pub(crate) fn msg_att(i: Input<'_>) -> Parsed<'_, Vec<MsgAtt>> {
    let (i, ()) = open(i)?;
    if i.next_is(b')') && i.tolerates(Quirk::EmptyFetch) {
        let nothing = Invalid::new(Octets::EMPTY, "msg-att", 0);
        return Ok((i.skip(1), alloc::vec![MsgAtt::Invalid(nothing)]));
    }
    let (mut i, mut items) = match usual_update(i) {
        Some((i, update)) if i.next_is(b')') => return Ok((i.skip(1), update)),
        Some((i, update)) => (within_list_limit(i.skip(1), update.len())?.0, update),
        // Two items, or the six of a listing.
        None => (i, Vec::with_capacity(if is_short(i) { 2 } else { 6 })),
    };
    loop {
        i = match usual_item(i, &mut items) {
            Some(rest) => rest,
            None => {
                let (rest, item) = msg_att_item(i)?;
                items.push(item);
                rest
            }
        };
        let next = match i.peek() {
            Some(b' ') => i.skip(1),
            // The item before says so: only where the space is known to be missing.
            Some(byte) if byte.is_ascii_alphabetic() => i,
            _ => break,
        };
        i = within_list_limit(next, items.len())?.0;
    }
    let (i, ()) = close(i)?;
    Ok((i, items))
}

fn msg_att_item(i: Input<'_>) -> Parsed<'_, MsgAtt> {
    let read = i.or_invalid_item(msg_att_dynamic_or_static, skip_msg_att, MsgAtt::Invalid);
    if matches!(&read, Ok((_, item)) if !matches!(item, MsgAtt::Invalid(_))) {
        return read;
    }
    without_space(i).map_or(read, Ok)
}

/// The item at `i`, where it ends at once with the next one: some servers leave the space out.
#[cold]
fn without_space(i: Input<'_>) -> Option<(Input<'_>, MsgAtt)> {
    let (_, name) = item_name(i);
    if !matches!(
        name.as_bytes(),
        b"UID" | b"RFC822.SIZE" | b"BODY" | b"RFC822" | b"RFC822.HEADER" | b"RFC822.TEXT"
    ) {
        return None;
    }
    let (rest, item) = i.attempt(msg_att_dynamic_or_static).ok()?;
    let quirk = if matches!(item, MsgAtt::Uid(_) | MsgAtt::Rfc822Size(_)) {
        Quirk::NoSpaceAfterNumber
    } else if matches!(
        item,
        MsgAtt::BodySection { .. } | MsgAtt::Rfc822(_) | MsgAtt::Rfc822Header(_) | MsgAtt::Rfc822Text(_)
    ) {
        Quirk::NoSpaceAfterLiteral
    } else {
        return None;
    };
    let (_, next) = item_name(rest);
    let known = SENT.iter().any(|sent| sent.as_bytes() == next.as_bytes());
    (known && rest.tolerates(quirk)).then_some((rest, item))
}

/// ```abnf
/// msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"      ; RFC 9051 section 9
/// msg-att-static  = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time / "RFC822.SIZE" SP number64 /
///                   "BODY" ["STRUCTURE"] SP body / "BODY" section ["<" number ">"] SP nstring /
///                   "BINARY" section-binary SP (nstring / literal8) / "BINARY.SIZE" section-binary SP number /
///                   "UID" SP uniqueid
/// msg-att-static  =/ "RFC822" [".HEADER" / ".TEXT"] SP nstring            ; RFC 3501 section 9
/// msg-att-dynamic =/ fetch-mod-resp                                       ; RFC 7162 section 7
/// fetch-mod-resp  = "MODSEQ" SP "(" permsg-modsequence ")"
/// ```
///
/// BINARY.SIZE is read as a 63-bit number. Any other name is kept with its section and its value.
fn msg_att_dynamic_or_static(start: Input<'_>) -> Parsed<'_, MsgAtt> {
    let (i, name) = item_name(start);
    match name.as_bytes() {
        b"FLAGS" => flags(sp_before_list(i)?.0),
        b"UID" => uid(sp(i)?.0),
        b"MODSEQ" => {
            let (i, ()) = sp_before_list(i)?;
            let (i, ()) = open(i)?;
            let (i, mod_seq) = mod_sequence_value(i)?;
            let (i, ()) = close(i)?;
            Ok((i, MsgAtt::ModSeq(mod_seq)))
        }
        b"ENVELOPE" => {
            let (i, ()) = sp_before_list(i)?;
            let (i, envelope) = envelope(i)?;
            Ok((i, MsgAtt::Envelope(envelope)))
        }
        b"INTERNALDATE" => {
            let (i, ()) = sp(i)?;
            let (i, date) = i.or_invalid(
                |i| date_time(i).map(|(i, date)| (i, InternalDate::DateTime(date))),
                InternalDate::Invalid,
            )?;
            Ok((i, MsgAtt::InternalDate(date)))
        }
        b"RFC822.SIZE" => {
            let (i, ()) = sp(i)?;
            let (i, size) = number64(i)?;
            Ok((i, MsgAtt::Rfc822Size(size)))
        }
        b"BODYSTRUCTURE" => {
            let (i, ()) = sp_before_list(i)?;
            let (i, body) = body(i, 1)?;
            Ok((i, MsgAtt::BodyStructure(body)))
        }
        b"BODY" if i.next_is(b'[') => {
            let (i, section) = section(i)?;
            let (i, origin) = origin(i)?;
            let (i, ()) = sp(i)?;
            let (i, data) = if i.next_is(b')') && i.tolerates(Quirk::MissingBodyValue) {
                (i, Payload::Data(NString::NIL))
            } else {
                payload(i, false)?
            };
            Ok((i, MsgAtt::BodySection { section: Box::new(section), origin, data }))
        }
        b"BODY" => {
            let (i, ()) = sp_before_list(i)?;
            let (i, body) = body(i, 1)?;
            Ok((i, MsgAtt::Body(body)))
        }
        b"RFC822" => {
            let (i, ()) = sp(without_brackets(i))?;
            let (i, data) = payload(i, false)?;
            Ok((i, MsgAtt::Rfc822(data)))
        }
        b"RFC822.HEADER" => {
            let (i, ()) = sp(without_brackets(i))?;
            let (i, data) = payload(i, false)?;
            Ok((i, MsgAtt::Rfc822Header(data)))
        }
        b"RFC822.TEXT" => {
            let (i, ()) = sp(without_brackets(i))?;
            let (i, data) = payload(i, false)?;
            Ok((i, MsgAtt::Rfc822Text(data)))
        }
        b"BINARY" => {
            let (i, part) = section_binary(i)?;
            let (i, ()) = sp(i)?;
            let (i, data) = payload(i, true)?;
            Ok((i, MsgAtt::Binary { part, data }))
        }
        b"BINARY.SIZE" => {
            let (i, part) = section_binary(i)?;
            let (i, ()) = sp(i)?;
            let (i, size) = number64(i)?;
            Ok((i, MsgAtt::BinarySize { part, size }))
        }
        _ => {
            let (i, name) = other_name(start, expected!("msg-att", "an item of a message"))?;
            let (i, section) = raw_section(i)?;
            let (i, ()) = sp(i)?;
            let (i, value) = value(i, 1)?;
            Ok((i, MsgAtt::Other { name, section, value }))
        }
    }
}

/// What follows the brackets of `RFC822[]`, where the decoder overlooks them.
#[inline]
fn without_brackets(i: Input<'_>) -> Input<'_> {
    if i.rest().starts_with(b"[]") && i.tolerates(Quirk::BracketsAfterRfc822) { i.skip(2) } else { i }
}

/// `"(" [flag-fetch *(SP flag-fetch)] ")"`
fn flags(i: Input<'_>) -> Parsed<'_, MsgAtt> {
    let (i, flags) = flag_fetches(i)?;
    Ok((i, MsgAtt::Flags(flags)))
}

/// The same, as a list.
#[inline]
fn flag_fetches(i: Input<'_>) -> Parsed<'_, Names<FlagFetch>> {
    parenthesized_names(i, usual_flag, |i| {
        i.or_invalid(flag_fetch, |invalid| FlagFetch::Flag(Flag::Invalid(invalid)))
    })
}

/// `uniqueid`
fn uid(i: Input<'_>) -> Parsed<'_, MsgAtt> {
    let (i, uid) = uniqueid(i)?;
    Ok((i, MsgAtt::Uid(uid)))
}

/// `nstring`, or `nstring / literal8` where `eight`; the payload of a literal may be streamed.
fn payload(i: Input<'_>, eight: bool) -> Parsed<'_, Payload> {
    let tilde = i.next_is(b'~');
    if tilde && !eight {
        return i.fail(expected!("nstring", "a string or NIL"));
    }
    if let Some((rest, payload)) = streamed_literal(i) {
        return Ok((rest, payload));
    }
    let (i, data) = match i.peek() {
        Some(b'~') => literal8(i).map(|(i, data)| (i, data.into()))?,
        Some(b'{') => payload_literal(i).map(|(i, data)| (i, data.into()))?,
        _ => nstring(i)?,
    };
    Ok((i, Payload::Data(data)))
}

/// Skips an item: a name, what stands in brackets and after them, and a value.
fn skip_msg_att(start: Input<'_>) -> Parsed<'_, Octets> {
    if start.next_is(b' ') {
        // Several spaces: nothing else stands between the first and the last, and the item after them is whole.
        let spaces = start.rest().iter().take_while(|byte| **byte == b' ').count();
        start.went_over(spaces);
        let len = spaces.saturating_sub(1);
        return Ok((start.skip(len), start.octets(len)));
    }
    let mut i = start;
    let mut bracket = false;
    loop {
        i = match i.rest() {
            [] | [b'\r' | b'\n', ..] => break,
            [b' ' | b')', ..] if !bracket => break,
            // `BODY[HEADER.FIELDS (X-A X-B)]`: names may hold `]`, but what follows the last one is known.
            [b']', b' ' | b')' | b'<' | b'\r', ..] => {
                bracket = false;
                i.skip(1)
            }
            [b'[', ..] => {
                bracket = true;
                i.skip(1)
            }
            [b'"', ..] => skip_quoted(i),
            [b'{', ..] => literal(i).map_or_else(|_| i.skip(1), |(rest, _)| rest),
            _ => i.skip(1),
        };
    }
    if bracket {
        // It never closes: then only the name can be skipped.
        i = skip_item(start)?.0;
    }
    // A value that is missing is not taken from the item after it, nor from the end of the list.
    let value = matches!(i.rest(), [b' ', next, ..] if !matches!(next, b' ' | b'\r' | b'\n'));
    let name = item_name(i.skip(1)).1;
    if value && !SENT.iter().any(|sent| sent.as_bytes() == name.as_bytes()) {
        i = skip_item(i.skip(1))?.0;
    }
    if i.at() == start.at() {
        return start.fail(expected!("msg-att", "an item of a message"));
    }
    Ok((i, start.until(i)))
}

/// The names of items that have a type, where a server sends them.
const SENT: &[&str] = &[
    "ENVELOPE",
    "FLAGS",
    "INTERNALDATE",
    "RFC822",
    "RFC822.HEADER",
    "RFC822.SIZE",
    "RFC822.TEXT",
    "BODY",
    "BODYSTRUCTURE",
    "UID",
    "MODSEQ",
    "BINARY",
    "BINARY.SIZE",
];

/// The further ones that only a client sends.
const ONLY_ASKED: &[&str] = &["ALL", "FAST", "FULL", "BODY.PEEK", "BINARY.PEEK"];

/// Room for most responses with these items, in bytes.
pub(crate) fn room(items: &[MsgAtt]) -> usize {
    let large = |item: &MsgAtt| matches!(item, MsgAtt::Envelope(_) | MsgAtt::BodyStructure(_));
    if items.iter().any(large) { 1024 } else { SHORT }
}

impl Writer<'_> {
    /// `fetch`, from the sequence set; the word before it is the caller's.
    pub(crate) fn fetch(&mut self, fetch: &Fetch) -> Result<(), EncodeError> {
        self.sequence_set(&fetch.set)?;
        self.sp();
        match &fetch.items {
            FetchItems::Macro(FetchMacro::All) => self.bytes(b"ALL"),
            FetchItems::Macro(FetchMacro::Fast) => self.bytes(b"FAST"),
            FetchItems::Macro(FetchMacro::Full) => self.bytes(b"FULL"),
            FetchItems::One(item) => {
                if let FetchAtt::Other { name, arguments: Some(arguments), .. } = item {
                    let lazy = arguments.first().and_then(Value::as_bytes).unwrap_or_default();
                    if !has_arguments(name, lazy) {
                        return Err(EncodeError::new(
                            EncodeErrorKind::Combination,
                            "an item with arguments outside a list",
                        ));
                    }
                }
                self.fetch_att(item)?;
            }
            FetchItems::List(items) => self.list(items, Self::fetch_att)?,
        }
        self.parameters(&fetch.modifiers, Self::fetch_modifier)
    }

    /// `fetch-modifier`
    fn fetch_modifier(&mut self, modifier: &FetchModifier) -> Result<(), EncodeError> {
        match modifier {
            FetchModifier::ChangedSince(mod_seq) => {
                if *mod_seq == ModSeqOrZero::ZERO && !self.profile.relay_invalid {
                    return Err(EncodeError::new(EncodeErrorKind::Combination, "CHANGEDSINCE with 0"));
                }
                self.bytes(b"CHANGEDSINCE ");
                self.number(mod_seq.get());
            }
            FetchModifier::Vanished => self.bytes(b"VANISHED"),
            FetchModifier::Other(parameter) => self.other_parameter(parameter, MODIFIERS, UNTYPED)?,
            _ => return Err(EncodeError::unknown("a modifier of FETCH")),
        }
        Ok(())
    }

    /// `fetch-att`
    pub(crate) fn fetch_att(&mut self, item: &FetchAtt) -> Result<(), EncodeError> {
        match item {
            FetchAtt::Envelope => self.bytes(b"ENVELOPE"),
            FetchAtt::Flags => self.bytes(b"FLAGS"),
            FetchAtt::InternalDate => self.bytes(b"INTERNALDATE"),
            FetchAtt::Rfc822 => self.bytes(b"RFC822"),
            FetchAtt::Rfc822Header => self.bytes(b"RFC822.HEADER"),
            FetchAtt::Rfc822Size => self.bytes(b"RFC822.SIZE"),
            FetchAtt::Rfc822Text => self.bytes(b"RFC822.TEXT"),
            FetchAtt::Body => self.bytes(b"BODY"),
            FetchAtt::BodyStructure => self.bytes(b"BODYSTRUCTURE"),
            FetchAtt::Uid => self.bytes(b"UID"),
            FetchAtt::ModSeq => self.bytes(b"MODSEQ"),
            FetchAtt::BodySection { peek, section, partial } => {
                self.bytes(if *peek { b"BODY.PEEK" } else { b"BODY" });
                self.section(section)?;
                self.partial(*partial)?;
            }
            FetchAtt::Binary { peek, part, partial } => {
                self.bytes(if *peek { b"BINARY.PEEK" } else { b"BINARY" });
                self.section_binary(part);
                self.partial(*partial)?;
            }
            FetchAtt::BinarySize { part } => {
                self.bytes(b"BINARY.SIZE");
                self.section_binary(part);
            }
            FetchAtt::Other { name, section, arguments } => {
                self.other_name(name, &[SENT, ONLY_ASKED])?;
                self.raw_section(section.as_ref());
                if let Some(arguments) = arguments {
                    self.sp();
                    self.list(arguments, Self::value)?;
                }
            }
            _ => return Err(EncodeError::unknown("an item to fetch")),
        }
        Ok(())
    }

    /// The name of an item that has no type here. `typed` has those that do have one.
    fn other_name(&mut self, name: &Atom, typed: &[&[&str]]) -> Result<(), EncodeError> {
        const WHAT: &str = "the name of an item";
        if name.as_bytes().contains(&b'[') {
            return Err(EncodeError::new(EncodeErrorKind::Character, WHAT));
        }
        if typed.iter().copied().flatten().any(|typed| name == typed) {
            return Err(EncodeError::new(EncodeErrorKind::Combination, WHAT));
        }
        self.bytes(name.as_bytes());
        Ok(())
    }

    /// `nz-number SP "FETCH" SP msg-att`
    pub(crate) fn fetch_response(&mut self, response: &FetchResponse) -> Result<(), EncodeError> {
        self.number(response.seq.get());
        self.bytes(b" FETCH ");
        self.msg_atts(&response.items)
    }

    /// `uidfetch-resp`
    pub(crate) fn uidfetch_resp(&mut self, response: &UidFetchResponse) -> Result<(), EncodeError> {
        self.number(response.uid.get());
        self.bytes(b" UIDFETCH ");
        self.msg_atts(&response.items)
    }

    /// `msg-att`
    fn msg_atts(&mut self, items: &[MsgAtt]) -> Result<(), EncodeError> {
        if items.is_empty() {
            return Err(EncodeError::new(EncodeErrorKind::Empty, "the list of a message's items"));
        }
        self.list(items, Self::msg_att)
    }

    /// `msg-att-dynamic / msg-att-static`
    fn msg_att(&mut self, item: &MsgAtt) -> Result<(), EncodeError> {
        match item {
            MsgAtt::Flags(flags) => {
                self.bytes(b"FLAGS ");
                self.list(flags, Self::flag_fetch)
            }
            MsgAtt::Envelope(envelope) => {
                self.bytes(b"ENVELOPE ");
                self.envelope(envelope)
            }
            MsgAtt::InternalDate(date) => {
                self.bytes(b"INTERNALDATE ");
                self.internal_date(date)
            }
            MsgAtt::Rfc822(data) => {
                self.bytes(b"RFC822 ");
                self.payload(data)
            }
            MsgAtt::Rfc822Header(data) => {
                self.bytes(b"RFC822.HEADER ");
                self.payload(data)
            }
            MsgAtt::Rfc822Text(data) => {
                self.bytes(b"RFC822.TEXT ");
                self.payload(data)
            }
            MsgAtt::Rfc822Size(size) => {
                self.bytes(b"RFC822.SIZE ");
                self.number(size.get());
                Ok(())
            }
            //= rfc9051#section-9
            //# MUST NOT be returned on non-extensible "BODY" fetch
            MsgAtt::Body(body) if body.is_extended() && !self.profile.relay_invalid => {
                Err(EncodeError::new(EncodeErrorKind::Combination, "BODY with extension data"))
            }
            MsgAtt::Body(body) => {
                self.bytes(b"BODY ");
                self.body(body)
            }
            MsgAtt::BodyStructure(body) => {
                self.bytes(b"BODYSTRUCTURE ");
                self.body(body)
            }
            MsgAtt::BodySection { section, origin, data } => {
                self.bytes(b"BODY");
                self.section(section)?;
                self.origin(*origin);
                self.sp();
                self.payload(data)
            }
            MsgAtt::Uid(uid) => {
                self.bytes(b"UID ");
                self.number(uid.get());
                Ok(())
            }
            MsgAtt::ModSeq(mod_seq) => {
                self.bytes(b"MODSEQ (");
                self.number(mod_seq.get());
                self.bytes(b")");
                Ok(())
            }
            MsgAtt::Binary { part, data } => {
                self.bytes(b"BINARY");
                self.section_binary(part);
                self.sp();
                self.payload(data)
            }
            MsgAtt::BinarySize { part, size } => {
                self.bytes(b"BINARY.SIZE");
                self.section_binary(part);
                self.sp_number(size.get());
                Ok(())
            }
            MsgAtt::Other { name, section, value } => {
                self.other_name(name, &[SENT])?;
                self.raw_section(section.as_ref());
                self.sp();
                self.value(value)
            }
            MsgAtt::Invalid(invalid) => self.invalid(invalid),
            _ => Err(EncodeError::unknown("an item of a message")),
        }
    }

    /// `nstring`, or `literal8`
    fn payload(&mut self, payload: &Payload) -> Result<(), EncodeError> {
        match payload {
            Payload::Data(data) => self.nstring(data),
            Payload::Streamed { size, form } => self.streamed_literal(size.get(), *form),
        }
    }
}

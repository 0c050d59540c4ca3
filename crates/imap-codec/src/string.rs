//! Strings, human text and value trees.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use imap_types::{
    chars::{self, Class},
    fetch::Payload,
    nstrings::{NStr, NStrings},
    number::Number64,
    octets::Octets,
    string::{AString, Charset, Form, IString, NString, Text},
    value::{Invalid, Value},
};

use crate::{
    Side,
    cursor::{self, Filled, Input, Parsed, bare, within_depth_limit},
    error::{EncodeError, EncodeErrorKind, Fault, expected},
    frame::string_may_follow,
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// quoted      = DQUOTE *QUOTED-CHAR DQUOTE                     ; RFC 9051 section 9
/// QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> /
///               "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
/// ```
///
/// A string without escapes shares the frame; one with escapes is copied.
#[inline]
pub(crate) fn quoted(i: Input<'_>) -> Parsed<'_, IString> {
    match plain_quoted(i) {
        Some((i, string)) => Ok((i, string)),
        None => unusual_quoted(i),
    }
}

/// A quoted string without escapes and bytes above 0x7f.
#[inline]
fn plain_quoted(i: Input<'_>) -> Option<(Input<'_>, IString)> {
    let (end, content, len) = plain_quotes(i)?;
    Some((end, IString::received(content.octets(len), Form::Quoted)))
}

/// The quotes around what needs no escapes: what follows them, and the place and length of the content.
#[inline]
pub(crate) fn plain_quotes(i: Input<'_>) -> Option<(Input<'_>, Input<'_>, usize)> {
    let Some(len) = chars::quoted_plain(i.rest()) else {
        #[cfg(debug_assertions)]
        if let Some((b'"', content)) = i.rest().split_first() {
            // It was looked at in vain.
            i.went_over(chars::quoted_plain_run(content));
        }
        return None;
    };
    let content = i.skip(1);
    Some((content.skip(len).skip(1), content, len))
}

/// A quoted string that holds escapes or bytes above 0x7f, or none at all.
#[cold]
fn unusual_quoted(i: Input<'_>) -> Parsed<'_, IString> {
    let (i, ()) = cursor::byte(i, b'"', expected!("quoted", "a quoted string"))?;
    quoted_with_escapes(i)
}

/// The content and the closing quote of a quoted string that holds escapes or bytes above 0x7f.
fn quoted_with_escapes(start: Input<'_>) -> Parsed<'_, IString> {
    /// Room for what follows the first escape, so that most strings with one need not grow.
    const MORE: usize = 32;
    let mut content = Vec::new();
    let mut i = start;
    let mut escaped = false;
    loop {
        let len = chars::quoted_plain_run(i.rest());
        if content.is_empty() {
            content.reserve(len.saturating_add(MORE));
        }
        content.extend_from_slice(i.rest().get(..len).unwrap_or_default());
        i = i.skip(len);
        match i.rest() {
            [b'"', ..] => break,
            [b'\\', special @ (b'"' | b'\\'), ..] => {
                content.push(*special);
                escaped = true;
                i = i.skip(2);
            }
            [b'\\', byte, ..] if !matches!(byte, b'\r' | b'\n' | 0) && i.tolerates(bad_escape(i.cx.side)) => {
                content.push(b'\\');
                escaped = true;
                i = i.skip(1);
            }
            [b'\\', ..] => {
                return i.skip(1).fail(expected!("quoted", "`\"` or `\\` after the backslash"));
            }
            //= rfc9051#section-4.3.1
            //# implementations MUST accept and MAY transmit [UTF-8] text in quoted-strings
            [0x80..=0xff, ..] => {
                let high = i.rest().iter().position(|byte| *byte < 0x80).unwrap_or(i.rest().len());
                let run = i.rest().get(..high).unwrap_or_default();
                if let Err(error) = core::str::from_utf8(run) {
                    let wrong = i.skip(error.valid_up_to());
                    if !wrong.tolerates(Quirk::EightBitQuoted) {
                        return wrong.fail(expected!("QUOTED-CHAR", "valid UTF-8 or a literal"));
                    }
                } else if i.mode() == crate::Mode::Rev1 && !i.tolerates(Quirk::EightBitQuoted) {
                    return i.fail(expected!("QUOTED-CHAR", "a 7-bit character or a literal"));
                }
                content.extend_from_slice(run);
                i = i.skip(high);
            }
            [0, ..] if i.tolerates(Quirk::Nul) => {
                escaped = true;
                i = i.skip(1);
            }
            _ => return i.fail(expected!("quoted", "the closing quote")),
        }
    }
    let string = if escaped { Octets::from(content) } else { start.until(i) };
    Ok((i.skip(1), IString::received(string, Form::Quoted)))
}

const fn bad_escape(from: Side) -> Quirk {
    match from {
        Side::Client => Quirk::BadEscapeCommand,
        Side::Server => Quirk::BadEscape,
    }
}

/// A literal header, and whether its payload is in the frame.
struct Header {
    size: usize,
    form: Form,
    streamed: bool,
}

/// ```abnf
/// literal = "{" number64 ["+"] "}" CRLF *CHAR8     ; RFC 9051 section 9
/// ```
///
/// `+` only from a client (RFC 7888 section 3).
fn literal_header(start: Input<'_>, eight: bool) -> Parsed<'_, Header> {
    let open = if eight { start.skip(1) } else { start };
    let (i, ()) = cursor::byte(open, b'{', expected!("literal", "a literal"))?;
    let (i, size) = crate::number::number64(i)?;
    let plus = i.next_is(b'+');
    if plus && i.cx.side == Side::Server {
        return i.fail(expected!("literal", "`}`: a server sends no non-synchronizing literal"));
    }
    let i = if plus { i.skip(1) } else { i };
    let (i, ()) = cursor::byte(i, b'}', expected!("literal", "`}` after the size of the literal"))?;
    let i = match i.rest() {
        [b'\r', b'\n', ..] => i.skip(2),
        [b'\n', ..] if i.tolerates(Quirk::BareLf) => i.skip(1),
        _ => return i.fail(expected!("literal", "the end of the line after the size of the literal")),
    };
    let form = match (eight, plus) {
        (false, false) => Form::Literal,
        (false, true) => Form::LiteralPlus,
        (true, false) => Form::Literal8,
        (true, true) => Form::Literal8Plus,
    };
    let at = i.at();
    let streamed = i.cx.streamed.binary_search_by_key(&at, |literal| literal.at).is_ok();
    // OK: a size past the address space is past the end of the frame as well.
    let size = usize::try_from(size.get()).unwrap_or(usize::MAX);
    Ok((i, Header { size, form, streamed }))
}

/// The payload of a literal that must be at hand.
fn payload(i: Input<'_>, header: Header) -> Parsed<'_, IString> {
    if header.streamed {
        return i.fail(expected!(Streamed, "literal", "a literal that is not streamed"));
    }
    if i.rest().len() < header.size {
        return i.skip(i.rest().len()).fail(expected!("literal", "as many bytes as the literal announced"));
    }
    Ok((i.skip(header.size), IString::received(i.octets(header.size), header.form)))
}

/// A `literal`, its payload in the frame. NUL is refused (`CHAR8`, RFC 9051 section 9).
pub(crate) fn literal(i: Input<'_>) -> Parsed<'_, IString> {
    let (i, header) = literal_header(i, false)?;
    let (rest, string) = payload(i, header)?;
    //= rfc9051#section-9
    //# The ASCII NUL character, %x00, MUST NOT be used anywhere, with the exception of the OCTET
    //# production.
    match memchr::memchr(0, string.as_bytes()) {
        Some(nul) if !i.skip(nul).tolerates(Quirk::Nul) => {
            i.skip(nul).fail(expected!("CHAR8", "no NUL in a literal"))
        }
        _ => Ok((rest, string)),
    }
}

/// A `literal` that holds a message or a section of one. Payloads are not looked into, so that they cost the same
/// at any size, unless NUL is an error.
pub(crate) fn payload_literal(i: Input<'_>) -> Parsed<'_, IString> {
    if !i.cx.options.tolerance.reads(Quirk::Nul) {
        return literal(i);
    }
    let (i, header) = literal_header(i, false)?;
    payload(i, header)
}

/// ```abnf
/// literal8 = "~{" number64 ["+"] "}" CRLF *OCTET     ; RFC 9051 section 9, RFC 4466 section 3
/// ```
pub(crate) fn literal8(i: Input<'_>) -> Parsed<'_, IString> {
    match i.rest() {
        [b'~', b'{', ..] => {
            let (i, header) = literal_header(i, true)?;
            payload(i, header)
        }
        _ => i.fail(expected!("literal8", "a literal8")),
    }
}

/// A literal or literal8 whose payload the owner streamed; `None` where it is in the frame.
pub(crate) fn streamed_literal(i: Input<'_>) -> Option<(Input<'_>, Payload)> {
    if i.cx.streamed.is_empty() {
        return None;
    }
    let (i, header) = literal_header(i, i.next_is(b'~')).ok()?;
    // They are in order.
    let index = i.cx.streamed.binary_search_by_key(&i.at(), |literal| literal.at).ok()?;
    let literal = i.cx.streamed.get(index)?;
    // OK: the header was read as number64.
    let size = Number64::try_from(literal.size).ok()?;
    Some((i, Payload::Streamed { size, form: header.form }))
}

/// ```abnf
/// string = quoted / literal     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn string(i: Input<'_>) -> Parsed<'_, IString> {
    match plain_quoted(i) {
        Some((i, string)) => Ok((i, string)),
        None => unusual_string(i),
    }
}

#[cold]
fn unusual_string(i: Input<'_>) -> Parsed<'_, IString> {
    match i.peek() {
        Some(b'"') => unusual_quoted(i),
        Some(b'{') => literal(i),
        _ => i.fail(expected!("string", "a string")),
    }
}

/// ```abnf
/// nstring = string / nil     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn nstring(i: Input<'_>) -> Parsed<'_, NString> {
    match plain_quoted(i) {
        Some((i, string)) => Ok((i, NString::from(string))),
        None if is_plain_nil(i) => Ok((i.skip(3), NString::NIL)),
        None => unusual_nstring(i),
    }
}

/// An `nstring`, or an atom in its place where the decoder reads that.
#[inline]
pub(crate) fn nstring_or_atom(i: Input<'_>) -> Parsed<'_, NString> {
    match nstring(i) {
        Ok(read) => Ok(read),
        Err(error) => atom_as_string(i, error).map(|(i, string)| (i, NString::from(string))),
    }
}

/// An [`nstring`], read into the place where it stays.
#[inline]
pub(crate) fn nstring_into<'a>(i: Input<'a>, place: &mut NString) -> Filled<'a> {
    plain_or(i, place, plain_nstring_into, unusual_nstring)
}

/// An [`nstring_or_atom`], read into the place where it stays.
#[inline]
pub(crate) fn nstring_or_atom_into<'a>(i: Input<'a>, place: &mut NString) -> Filled<'a> {
    plain_or(i, place, plain_nstring_into, unusual_nstring_or_atom)
}

/// A plain quoted string, and where its content is, or a plain NIL.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "a loop over the strings of an address, of which an envelope has twenty"
)]
pub(crate) fn plain_nstring(i: Input<'_>) -> Option<(Input<'_>, Option<Range<usize>>)> {
    match plain_quotes(i) {
        Some((end, content, len)) => Some((end, Some(content.range(len)))),
        None => is_plain_nil(i).then(|| (i.skip(3), None)),
    }
}

/// An [`nstring_or_atom`], read into one of the strings that share their buffer.
pub(crate) fn nstring_or_atom_at<'a, const N: usize>(
    i: Input<'a>,
    strings: &mut NStrings<N>,
    index: usize,
) -> Filled<'a> {
    if let Some((end, range)) = plain_nstring(i) {
        // They are NIL before.
        if let Some(range) = range {
            strings.cut(index, i.cx, range, Form::Quoted);
        }
        return Ok(end);
    }
    let (i, string) = unusual_nstring_or_atom(i)?;
    strings.set(index, string);
    Ok(i)
}

/// A [`string`], read into the place where it stays.
#[inline]
pub(crate) fn string_into<'a>(i: Input<'a>, place: &mut IString) -> Filled<'a> {
    plain_or(i, place, plain_string_into, unusual_string)
}

/// A [`string_or_atom`], read into the place where it stays.
#[inline]
pub(crate) fn string_or_atom_into<'a>(i: Input<'a>, place: &mut IString) -> Filled<'a> {
    plain_or(i, place, plain_string_into, |i| unusual_string(i).or_else(|error| atom_as_string(i, error)))
}

/// Fills `place` with what is plain, else with what `rule` reads. Values with many strings are filled so, because moving a
/// string on right after it was written takes longer than reading it.
#[inline]
fn plain_or<'a, T>(
    i: Input<'a>,
    place: &mut T,
    plain: fn(Input<'a>, &mut T) -> Option<Input<'a>>,
    rule: fn(Input<'a>) -> Parsed<'a, T>,
) -> Filled<'a> {
    match plain(i, place) {
        Some(i) => Ok(i),
        None => {
            let (i, value) = rule(i)?;
            *place = value;
            Ok(i)
        }
    }
}

/// A plain quoted string, or a plain NIL. What this takes and gives back is all in registers.
fn plain_nstring_into<'a>(i: Input<'a>, place: &mut NString) -> Option<Input<'a>> {
    match plain_quotes(i) {
        Some((end, content, len)) => {
            *place = NString::from(IString::received(content.octets(len), Form::Quoted));
            Some(end)
        }
        None if is_plain_nil(i) => {
            *place = NString::NIL;
            Some(i.skip(3))
        }
        None => None,
    }
}

/// A plain quoted string.
fn plain_string_into<'a>(i: Input<'a>, place: &mut IString) -> Option<Input<'a>> {
    let (end, content, len) = plain_quotes(i)?;
    *place = IString::received(content.octets(len), Form::Quoted);
    Some(end)
}

/// A `string`, or an atom in its place where the decoder reads that.
#[inline]
pub(crate) fn string_or_atom(i: Input<'_>) -> Parsed<'_, IString> {
    match string(i) {
        Ok(read) => Ok(read),
        Err(error) => atom_as_string(i, error),
    }
}

/// The atom that stands where no string could be read; it is sent quoted.
#[cold]
fn atom_as_string(i: Input<'_>, error: nom::Err<Fault>) -> Parsed<'_, IString> {
    let len = chars::run(Class::ATOM_CHAR, i.rest());
    let ends = matches!(i.skip(len).peek(), Some(b' ' | b')'));
    if len == 0 || !ends || !i.tolerates(Quirk::UnquotedString) {
        return Err(error);
    }
    Ok((i.skip(len), IString::received(i.octets(len), Form::Quoted)))
}

/// An [`nstring_or_atom`] that is not plain.
#[cold]
fn unusual_nstring_or_atom(i: Input<'_>) -> Parsed<'_, NString> {
    unusual_nstring(i).or_else(|error| atom_as_string(i, error).map(|(i, string)| (i, NString::from(string))))
}

/// A string that is not plain, or NIL in an unusual spelling.
#[cold]
fn unusual_nstring(i: Input<'_>) -> Parsed<'_, NString> {
    if let Some(b'"' | b'{') = i.peek() {
        let (i, string) = unusual_string(i)?;
        return Ok((i, NString::from(string)));
    }
    match nil(i) {
        Ok((i, ())) => Ok((i, NString::NIL)),
        Err(_) => i.fail(expected!("nstring", "a string or NIL")),
    }
}

/// Whether NIL comes in its usual spelling, and ends.
#[inline]
fn is_plain_nil(i: Input<'_>) -> bool {
    matches!(i.rest().first_chunk(), Some(b"NIL " | b"NIL)"))
}

/// ```abnf
/// nil = "NIL"     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn nil(i: Input<'_>) -> Parsed<'_, ()> {
    if is_plain_nil(i) {
        return Ok((i.skip(3), ()));
    }
    unusual_nil(i)
}

#[cold]
fn unusual_nil(i: Input<'_>) -> Parsed<'_, ()> {
    match i.rest() {
        [b'N' | b'n', b'I' | b'i', b'L' | b'l']
        | [b'N' | b'n', b'I' | b'i', b'L' | b'l', b' ' | b'(' | b')' | b'\r' | b'\n', ..] => {
            Ok((i.skip(3), ()))
        }
        _ => i.fail(expected!("nil", "NIL")),
    }
}

/// ```abnf
/// astring = 1*ASTRING-CHAR / string     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn astring(i: Input<'_>) -> Parsed<'_, AString> {
    match i.peek() {
        Some(b'"' | b'{') => string(i).map(|(i, string)| (i, AString::from(string))),
        _ => match chars::run(Class::ASTRING_CHAR, i.rest()) {
            0 => i.fail(expected!("astring", "an atom or a string")),
            len => Ok((i.skip(len), AString::received(i.octets(len), Form::Atom))),
        },
    }
}

/// ```abnf
/// charset = atom / quoted     ; RFC 9051 section 9
/// ```
///
/// RFC 3501 has `astring` here, so a literal is read too.
pub(crate) fn charset(i: Input<'_>) -> Parsed<'_, Charset> {
    let (i, name) = astring(i)?;
    let form = name.form();
    Ok((i, Charset::received(name.into_octets(), form)))
}

/// ```abnf
/// text = 1*(TEXT-CHAR / UTF8-2 / UTF8-3 / UTF8-4)     ; RFC 9051 section 9
/// ```
///
/// Reads to the end of the line, possibly nothing; bytes that are not UTF-8 are kept and reported.
pub(crate) fn text(i: Input<'_>) -> Parsed<'_, Text> {
    let (text, len) = Text::scan(i.cx, i.at()).unwrap_or_default();
    if let Err(error) = core::str::from_utf8(text.as_bytes()) {
        let wrong = i.skip(error.valid_up_to());
        if !wrong.tolerates(Quirk::EightBitQuoted) {
            return wrong.fail(expected!("text", "valid UTF-8"));
        }
    }
    Ok((i.skip(len), text))
}

/// A value of open shape: a bare word, a string or a list of values.
///
/// ```abnf
/// tagged-ext-val  = tagged-ext-simple / "(" [tagged-ext-comp] ")"      ; RFC 9051 section 9
/// ```
///
/// `depth` counts the parentheses that are open; past the limit the value is an error.
pub(crate) fn value(i: Input<'_>, depth: usize) -> Parsed<'_, Value> {
    match i.peek() {
        Some(b'"' | b'{') => string(i).map(|(i, string)| (i, Value::String(string))),
        Some(b'~') if i.rest().get(1) == Some(&b'{') => {
            literal8(i).map(|(i, string)| (i, Value::String(string)))
        }
        Some(b'(') => {
            let depth = depth.saturating_add(1);
            within_depth_limit(i, depth)?;
            let (i, items) = cursor::parenthesized(i, |i| value(i, depth))?;
            Ok((i, Value::List(items)))
        }
        _ => bare(i).map(|(i, bare)| (i, Value::Bare(bare))),
    }
}

impl Writer<'_> {
    /// `string`
    pub(crate) fn string(&mut self, string: &IString) -> Result<(), EncodeError> {
        self.string_of(string.as_bytes(), string.form(), || string.to_bytes())
    }

    /// `nstring`
    pub(crate) fn nstring<'s>(&mut self, string: impl Into<NStr<'s>>) -> Result<(), EncodeError> {
        let string = string.into();
        match (string.as_bytes(), string.form()) {
            (Some(bytes), Some(form)) => self.string_of(bytes, form, || string.to_bytes()),
            _ => {
                self.bytes(b"NIL");
                Ok(())
            }
        }
    }

    /// `astring`
    pub(crate) fn astring(&mut self, string: &AString) -> Result<(), EncodeError> {
        self.astring_of(string.as_bytes(), string.form(), || string.to_bytes())
    }

    /// `bytes` as an `astring`: bare where `form` and the bytes allow that, else a `string`.
    pub(crate) fn astring_of(
        &mut self,
        bytes: &[u8],
        form: Form,
        payload: impl FnOnce() -> Bytes,
    ) -> Result<(), EncodeError> {
        if self.plain_astring(bytes, form) { Ok(()) } else { self.string_of(bytes, form, payload) }
    }

    /// The same, where `form` and the bytes allow that it is bare, or between quotes without escapes: then it is ASCII.
    /// Else nothing is written.
    #[inline]
    pub(crate) fn plain_astring(&mut self, bytes: &[u8], form: Form) -> bool {
        if form == Form::Quoted {
            return self.plain_string(bytes);
        }
        let may_be_bare = matches!(form, Form::Auto | Form::Atom)
            && !bytes.is_empty()
            && chars::run(Class::ASTRING_CHAR, bytes) == bytes.len();
        // A string made in Rust that reads like NIL is quoted, so that no peer takes it for NIL.
        let nil = form == Form::Auto && bytes.eq_ignore_ascii_case(b"NIL");
        if may_be_bare && !nil {
            self.bytes(bytes);
        }
        may_be_bare && !nil
    }

    /// `charset`: bare only what is an atom too, so that no `]` is taken for the end of a response code.
    pub(crate) fn charset(&mut self, charset: &Charset) -> Result<(), EncodeError> {
        let (bytes, form) = (charset.as_bytes(), charset.form());
        let form = if form != Form::Literal && bytes.contains(&b']') { Form::Quoted } else { form };
        self.astring_of(bytes, form, || charset.to_bytes())
    }

    /// A value of open shape.
    pub(crate) fn value(&mut self, value: &Value) -> Result<(), EncodeError> {
        match value {
            Value::Bare(bare) => self.bytes(bare.as_bytes()),
            Value::String(string) => self.string(string)?,
            Value::List(items) => self.list(items, |w, item| w.value(item))?,
            Value::Invalid(invalid) => self.invalid(invalid)?,
        }
        Ok(())
    }

    /// A part that was received invalid, as it came.
    pub(crate) fn invalid(&mut self, invalid: &Invalid) -> Result<(), EncodeError> {
        if !self.profile.relay_invalid {
            return Err(EncodeError { kind: EncodeErrorKind::Invalid, what: "a part" });
        }
        if !is_within_a_message(invalid.raw.as_bytes(), self.profile.side) {
            return Err(EncodeError { kind: EncodeErrorKind::Character, what: "a part" });
        }
        if !closes_its_strings(invalid.raw.as_bytes(), self.profile.side) {
            return Err(EncodeError { kind: EncodeErrorKind::Character, what: "a part with an open string" });
        }
        self.raw(invalid.raw.as_bytes());
        Ok(())
    }
}

/// Whether `raw` can stand in the middle of a message: line ends only as those of literals, which are whole.
pub(crate) fn is_within_a_message(raw: &[u8], sender: Side) -> bool {
    after_literals(raw, sender).is_some()
}

/// Whether no quoted string that begins in `raw`, which is within a message, goes on behind it: what follows might
/// close it, and the part would end elsewhere.
fn closes_its_strings(raw: &[u8], sender: Side) -> bool {
    let mut last = raw;
    while let Some((line, rest)) = line_and_rest(last, sender) {
        if !closes_its_quotes(line) {
            return false;
        }
        last = rest;
    }
    closes_its_quotes(last)
}

/// The same within a line.
fn closes_its_quotes(mut line: &[u8]) -> bool {
    while let Some(at) = memchr::memchr(b'"', line) {
        let mut inside = line.get(at.saturating_add(1)..).unwrap_or_default();
        loop {
            let Some(at) = memchr::memchr2(b'"', b'\\', inside) else { return false };
            let quotes = inside.get(at) == Some(&b'"');
            let after = at.saturating_add(if quotes { 1 } else { 2 });
            inside = inside.get(after..).unwrap_or_default();
            if quotes {
                break;
            }
        }
        line = inside;
    }
    true
}

/// What stands after the last literal of `raw`; `None` where `raw` would end the message.
pub(crate) fn after_literals(mut raw: &[u8], sender: Side) -> Option<&[u8]> {
    while memchr::memchr2(b'\r', b'\n', raw).is_some() {
        raw = line_and_rest(raw, sender)?.1;
    }
    Some(raw)
}

/// The first line of `raw`, which announces a literal, and what stands after that; `None` where there is no such line.
fn line_and_rest(raw: &[u8], sender: Side) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr2(b'\r', b'\n', raw)?;
    let (line, rest) = raw.split_at_checked(at)?;
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    let header = header_at_end(line).filter(|header| header.announces_a_literal(sender))?;
    let size = usize::try_from(header.size?).ok()?;
    Some((line, rest.get(size..)?))
}

/// The header of a literal at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderAtEnd<'a> {
    /// What stands before the brace.
    pub(crate) before: &'a [u8],
    /// The size, where it can be counted.
    pub(crate) size: Option<u64>,
    /// Whether it has a `+`.
    pub(crate) non_sync: bool,
}

impl HeaderAtEnd<'_> {
    /// Whether a framer that reads the line waits for a literal: the header stands where a string may begin, or the client
    /// that sends it does not wait.
    pub(crate) fn announces_a_literal(&self, sender: Side) -> bool {
        let before = self.before.strip_suffix(b"~").unwrap_or(self.before).last();
        (sender == Side::Client && self.non_sync)
            || before.is_none_or(|byte| string_may_follow(*byte, sender))
    }
}

/// `{5}` or `{5+}` at the end of `line`, which is without its line end.
pub(crate) fn header_at_end(line: &[u8]) -> Option<HeaderAtEnd<'_>> {
    let line = line.strip_suffix(b"}")?;
    let (line, non_sync) = line.strip_suffix(b"+").map_or((line, false), |line| (line, true));
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, size) = line.split_at_checked(line.len().checked_sub(digits)?)?;
    let before = head.strip_suffix(b"{").filter(|_| digits > 0)?;
    let size = core::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
    Some(HeaderAtEnd { before, size, non_sync })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_announces_where_a_string_may_begin_or_a_client_does_not_wait() {
        let announces = |line: &[u8], sender| {
            header_at_end(line).is_some_and(|header| header.announces_a_literal(sender))
        };
        for (line, client, server) in [
            (&b"A1 X {5}"[..], true, true),
            (b"A1 X ~{5}", true, true),
            (b"A1 X a{5}", false, false),
            (b"A1 X a{5+}", true, false),
        ] {
            assert_eq!(
                (announces(line, Side::Client), announces(line, Side::Server)),
                (client, server),
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_raw_part_closes_its_strings() {
        for raw in
            [&b""[..], b"x", br#"a" "b"#, br#""a\"b""#, br#""\\""#, b"\"a\" {1}\r\n\" \"b\"", b"\\\"\""]
        {
            assert!(closes_its_strings(raw, Side::Server), "{}", raw.escape_ascii());
        }
        for raw in [&br#"""#[..], br#""a" "b"#, br#""a\""#, br#""\"#, b"\" {1}\r\nx\"", b"{1}\r\n\" \""] {
            assert!(!closes_its_strings(raw, Side::Server), "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn s09_a_raw_part_never_ends_the_message() {
        for raw in [&b""[..], b"BODYSTRUCTURE NIL", b"X {3}\r\na\r\n y", b"{0}\r\n", b"~{2+}\r\n\0\n"] {
            assert!(is_within_a_message(raw, Side::Server), "{}", raw.escape_ascii());
        }
        for raw in [
            &b"\r\n"[..],
            b"x\r\nA1 OK",
            b"x-{3}\r\nabc",
            b"{3}\r\nab",
            b"{3}\r\nabc\r\n",
            b"3}\r\n",
            b"a\rb",
            b"{}\r\n",
        ] {
            assert!(!is_within_a_message(raw, Side::Server), "{}", raw.escape_ascii());
        }
    }
}

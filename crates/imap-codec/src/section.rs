//! Sections and partials: which part of a message, and which bytes of it.

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use imap_types::{
    number::Number64,
    section::{Partial, RawSection, Section, SectionText},
    string::AString,
    vec1::Vec1,
};

use crate::{
    cursor::{self, Input, Parsed, close, open, sp, sp_separated, word},
    error::{EncodeError, EncodeErrorKind, expected},
    number::{number64, nz_number},
    string::astring,
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// section      = "[" [section-spec] "]"                                     ; RFC 9051 section 9
/// section-spec = section-msgtext / (section-part ["." section-text])
/// ```
///
/// Meaning: RFC 9051 section 6.4.5.1.
pub(crate) fn section(i: Input<'_>) -> Parsed<'_, Section> {
    let (i, ()) = open_bracket(i)?;
    let (i, section) = match i.peek() {
        Some(b']') => (i, Section::default()),
        Some(b'0'..=b'9') => {
            let (i, part) = section_part(i)?;
            if i.next_is(b'.') {
                let (i, text) = section_text(i.skip(1), true)?;
                (i, Section { part, text: Some(text) })
            } else {
                (i, Section { part, text: None })
            }
        }
        _ => {
            let (i, text) = section_text(i, false)?;
            (i, Section { part: Vec::new(), text: Some(text) })
        }
    };
    let (i, ()) = close_bracket(i)?;
    Ok((i, section))
}

fn open_bracket(i: Input<'_>) -> Parsed<'_, ()> {
    cursor::byte(i, b'[', expected!("section", "`[`"))
}

fn close_bracket(i: Input<'_>) -> Parsed<'_, ()> {
    cursor::byte(i, b']', expected!("section", "`]`"))
}

/// ```abnf
/// section-binary = "[" [section-part] "]"     ; RFC 9051 section 9, RFC 3516 section 7
/// ```
pub(crate) fn section_binary(i: Input<'_>) -> Parsed<'_, Vec<NonZeroU32>> {
    let (i, ()) = open_bracket(i)?;
    let (i, part) = if i.next_is(b']') { (i, Vec::new()) } else { section_part(i)? };
    let (i, ()) = close_bracket(i)?;
    Ok((i, part))
}

/// ```abnf
/// section-part = nz-number *("." nz-number)     ; RFC 9051 section 9
/// ```
///
/// At most `limits.section` numbers. Stops before a `.` that no number follows.
fn section_part(i: Input<'_>) -> Parsed<'_, Vec<NonZeroU32>> {
    let (mut i, first) = nz_number(i)?;
    let mut part = alloc::vec![first];
    //= rfc9051#section-6.4.5.1
    //# If a particular part is of type message or multipart, its parts MUST be indicated by a period
    //# followed by the part number within that nested multipart part.
    while let [b'.', b'0'..=b'9', ..] = i.rest() {
        let start = i.skip(1);
        if part.len() >= i.limits().section {
            return start.fail(expected!(TooLong, "section-part", "a section within the limit on numbers"));
        }
        let (rest, number) = nz_number(start)?;
        part.push(number);
        i = rest;
    }
    Ok((i, part))
}

/// ```abnf
/// section-text    = section-msgtext / "MIME"                                ; RFC 9051 section 9
/// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
/// ```
///
/// `MIME` only after a part: `of_part`.
fn section_text(start: Input<'_>, of_part: bool) -> Parsed<'_, SectionText> {
    let (i, name) = word(start);
    match name.as_bytes() {
        b"HEADER" => Ok((i, SectionText::Header)),
        b"TEXT" => Ok((i, SectionText::Text)),
        b"HEADER.FIELDS" => {
            let (i, names) = header_list(i)?;
            Ok((i, SectionText::HeaderFields(names)))
        }
        b"HEADER.FIELDS.NOT" => {
            let (i, names) = header_list(i)?;
            Ok((i, SectionText::HeaderFieldsNot(names)))
        }
        b"MIME" if of_part => Ok((i, SectionText::Mime)),
        //= rfc9051#section-6.4.5.1
        //# The MIME part specifier MUST be prefixed by one or more numeric part specifiers.
        b"MIME" => start.fail(expected!("section-msgtext", "a part before MIME")),
        _ if of_part => {
            start.fail(expected!("section-text", "HEADER, HEADER.FIELDS, TEXT, MIME or a number"))
        }
        _ => start.fail(expected!("section-msgtext", "HEADER, HEADER.FIELDS, TEXT, a number or `]`")),
    }
}

/// ```abnf
/// header-list     = "(" header-fld-name *(SP header-fld-name) ")"     ; RFC 9051 section 9
/// header-fld-name = astring
/// ```
///
/// With the SP before it.
fn header_list(i: Input<'_>) -> Parsed<'_, Vec1<AString>> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, names) = sp_separated(i, astring)?;
    let (i, ()) = close(i)?;
    match Vec1::try_from(names) {
        Ok(names) => Ok((i, names)),
        Err(_) => i.fail(expected!("header-list", "at least one name of a header field")),
    }
}

/// ```abnf
/// partial = "<" number64 "." nz-number64 ">"     ; RFC 9051 section 9
/// ```
///
/// RFC 3501 has 32-bit numbers here.
pub(crate) fn partial(i: Input<'_>) -> Parsed<'_, Partial> {
    let (i, ()) = cursor::byte(i, b'<', expected!("partial", "`<`"))?;
    let (i, offset) = number64(i)?;
    let (i, ()) = cursor::byte(i, b'.', expected!("partial", "`.` and how many bytes"))?;
    let (i, length) = nz_number64(i)?;
    let (i, ()) = cursor::byte(i, b'>', expected!("partial", "`>`"))?;
    Ok((i, Partial { offset, length }))
}

/// `[partial]`
pub(crate) fn maybe_partial(i: Input<'_>) -> Parsed<'_, Option<Partial>> {
    if !i.next_is(b'<') {
        return Ok((i, None));
    }
    let (i, partial) = partial(i)?;
    Ok((i, Some(partial)))
}

/// ```abnf
/// nz-number64 = digit-nz *DIGIT     ; Unsigned 63-bit integer, RFC 9051 section 9
/// ```
fn nz_number64(i: Input<'_>) -> Parsed<'_, NonZeroU64> {
    if let Some(b'0') = i.peek() {
        return i.fail(expected!(Number, "nz-number64", "a number above 0, without leading zeros"));
    }
    let (rest, number) = number64(i)?;
    match NonZeroU64::new(number.get()) {
        Some(number) => Ok((rest, number)),
        None => i.fail(expected!(Number, "nz-number64", "a number above 0")),
    }
}

/// `["<" number ">"]`: where the bytes of a section begin (`msg-att-static`, RFC 9051 section 9).
///
/// Read as a 63-bit number, because the request has one.
pub(crate) fn origin(i: Input<'_>) -> Parsed<'_, Option<Number64>> {
    if !i.next_is(b'<') {
        return Ok((i, None));
    }
    let (mut i, origin) = number64(i.skip(1))?;
    if matches!(i.rest(), [b'.', b'0'..=b'9', ..]) && i.tolerates(Quirk::LengthInOrigin) {
        i = number64(i.skip(1))?.0;
    }
    let (i, ()) = cursor::byte(i, b'>', expected!("msg-att-static", "`>` after the first byte's number"))?;
    Ok((i, Some(origin)))
}

/// `["[" .. "]"]` after a name that has no type here.
pub(crate) fn raw_section(i: Input<'_>) -> Parsed<'_, Option<RawSection>> {
    if !i.next_is(b'[') {
        return Ok((i, None));
    }
    let start = i.skip(1);
    let rest = start.rest();
    let len = rest.iter().position(|&byte| !RawSection::allows(byte)).unwrap_or(rest.len());
    let (i, ()) = close_bracket(start.skip(len))?;
    match RawSection::try_from(start.octets(len)) {
        Ok(section) => Ok((i, Some(section))),
        Err(_) => start.fail(expected!("section", "a section")),
    }
}

impl Writer<'_> {
    /// `section`
    pub(crate) fn section(&mut self, section: &Section) -> Result<(), EncodeError> {
        self.bytes(b"[");
        self.section_part(&section.part);
        if let Some(text) = &section.text {
            if !section.part.is_empty() {
                self.bytes(b".");
            }
            match text {
                SectionText::Header => self.bytes(b"HEADER"),
                SectionText::Text => self.bytes(b"TEXT"),
                SectionText::HeaderFields(names) => {
                    self.bytes(b"HEADER.FIELDS ");
                    self.list(names, Self::astring)?;
                }
                SectionText::HeaderFieldsNot(names) => {
                    self.bytes(b"HEADER.FIELDS.NOT ");
                    self.list(names, Self::astring)?;
                }
                SectionText::Mime if section.part.is_empty() => {
                    return Err(EncodeError::new(EncodeErrorKind::Combination, "MIME of no part"));
                }
                SectionText::Mime => self.bytes(b"MIME"),
            }
        }
        self.bytes(b"]");
        Ok(())
    }

    /// `section-binary`
    pub(crate) fn section_binary(&mut self, part: &[NonZeroU32]) {
        self.bytes(b"[");
        self.section_part(part);
        self.bytes(b"]");
    }

    /// `[section-part]`
    fn section_part(&mut self, part: &[NonZeroU32]) {
        for (index, number) in part.iter().enumerate() {
            if index > 0 {
                self.bytes(b".");
            }
            self.number(number.get());
        }
    }

    /// `[partial]`
    pub(crate) fn partial(&mut self, partial: Option<Partial>) -> Result<(), EncodeError> {
        if let Some(partial) = partial {
            if Number64::try_from(partial.length.get()).is_err() {
                return Err(EncodeError::new(EncodeErrorKind::Range, "the length of a partial fetch"));
            }
            self.bytes(b"<");
            self.number(partial.offset.get());
            self.bytes(b".");
            self.number(partial.length.get());
            self.bytes(b">");
        }
        Ok(())
    }

    /// `["<" number ">"]`
    pub(crate) fn origin(&mut self, origin: Option<Number64>) {
        if let Some(origin) = origin {
            self.bytes(b"<");
            self.number(origin.get());
            self.bytes(b">");
        }
    }

    /// `["[" .. "]"]` after a name that has no type here.
    pub(crate) fn raw_section(&mut self, section: Option<&RawSection>) {
        if let Some(section) = section {
            self.bytes(b"[");
            self.bytes(section.as_bytes());
            self.bytes(b"]");
        }
    }
}

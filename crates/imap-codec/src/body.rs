//! BODY and BODYSTRUCTURE: the MIME tree of a message.
//!
//! The tree recurses; `depth` counts the parentheses that are open, and past the limit a part is kept raw
//! where the decoder keeps invalid parts. A part that cannot be read is kept raw as well, so that its
//! siblings and the part around it are not lost.

use alloc::{boxed::Box, vec::Vec};

use imap_types::{
    body::{
        BodyFields, BodyStructure, ExtensionTail, Language, MultiExtension, MultiPart, PartKind,
        SingleExtension, SinglePart,
    },
    few::Few,
    number::Number64,
    octets::Octets,
    string::{Form, IString, NString},
    value::Value,
    vec1::Vec1,
};

use crate::{
    cursor::{
        self, Filled, Input, Parsed, bare, close, open, skip_item, sp, sp_separated, within_depth_limit,
        within_list_limit,
    },
    envelope::envelope,
    error::{EncodeError, EncodeErrorKind, expected},
    number::number64,
    string::{
        nil, nstring, nstring_into, nstring_or_atom_into, string, string_into, string_or_atom,
        string_or_atom_into,
    },
    tolerance::Quirk,
    writer::Writer,
};

/// Names and values.
type Parameters = Few<(IString, IString)>;

/// ```abnf
/// body = "(" (body-type-1part / body-type-mpart) ")"     ; RFC 9051 section 9
/// ```
///
/// Meaning: RFC 9051 section 7.5.2. `depth` counts the parentheses that are open around it.
///
/// # Errors
/// Kind `TooDeep` where there are more open parentheses than `limits.depth`.
pub(crate) fn body(i: Input<'_>, depth: usize) -> Parsed<'_, BodyStructure> {
    let fault = match i.attempt(|i| body_in_parentheses(i, depth)) {
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
        result => return result,
    };
    i.keep_invalid(fault, skip_parenthesized, |invalid| BodyStructure::Invalid(Box::new(invalid)))
}

fn body_in_parentheses(i: Input<'_>, depth: usize) -> Parsed<'_, BodyStructure> {
    if !i.next_is(b'(') {
        return i.fail(expected!("body", "a body structure in parentheses"));
    }
    let depth = depth.saturating_add(1);
    within_depth_limit(i, depth)?;
    let i = i.skip(1);
    let (i, body) = if i.next_is(b'(') {
        let (i, part) = body_type_mpart(i, depth)?;
        (i, BodyStructure::Multi(part))
    } else {
        let (i, part) = body_type_1part(i, depth)?;
        (i, BodyStructure::Single(part))
    };
    let (i, ()) = close(i)?;
    Ok((i, body))
}

/// Skips from one opening parenthesis to the closing one that belongs to it.
fn skip_parenthesized(i: Input<'_>) -> Parsed<'_, Octets> {
    let (content, ()) = open(i)?;
    let mut inside = content;
    loop {
        (inside, _) = skip_item(inside)?;
        match inside.peek() {
            Some(b' ') => inside = inside.skip(1),
            Some(b')') => {
                let end = inside.skip(1);
                return Ok((end, i.until(end)));
            }
            _ => return inside.fail(expected!(")", "a closing parenthesis")),
        }
    }
}

/// ```abnf
/// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]     ; RFC 9051 section 9
/// ```
///
/// No SP between the parts.
fn body_type_mpart(i: Input<'_>, depth: usize) -> Parsed<'_, Box<MultiPart>> {
    let (mut i, first) = body(i, depth)?;
    let mut parts = Vec::with_capacity(2);
    parts.push(first);
    loop {
        if i.rest().starts_with(b" (") && i.tolerates(Quirk::SpaceBetweenParts) {
            i = i.skip(1);
        }
        if !i.next_is(b'(') {
            break;
        }
        let (rest, part) = body(within_list_limit(i, parts.len())?.0, depth)?;
        parts.push(part);
        i = rest;
    }
    let (i, ()) = sp(i)?;
    let Ok(parts) = Vec1::try_from(parts) else {
        return i.fail(expected!("body-type-mpart", "at least one part"));
    };
    let mut part = Box::new(MultiPart { parts, media_subtype: IString::default(), extension: None });
    let i = media_subtype_into(i, &mut part.media_subtype)?;
    if !i.next_is(b' ') {
        return Ok((i, part));
    }
    let i = body_ext_mpart_into(i.skip(1), depth, part.extension.get_or_insert_default())?;
    Ok((i, part))
}

/// ```abnf
/// body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
/// body-type-basic = media-basic SP body-fields                                       ; RFC 9051 section 9
/// body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
/// body-type-text  = media-text SP body-fields SP body-fld-lines
/// ```
///
/// Media types are read in any form of a string and compared without regard to case. MESSAGE/GLOBAL may
/// have the shape of a basic part, which is what servers without RFC 6532 support send.
fn body_type_1part(i: Input<'_>, depth: usize) -> Parsed<'_, Box<SinglePart>> {
    let mut part = Box::<SinglePart>::default();
    let i = media_into(i, &mut part.media_type, &mut part.media_subtype)?;
    let (i, ()) = sp(i)?;
    let i = body_fields_into(i, &mut part.fields)?;
    let (i, kind) = match Media::of(&part.media_type, &part.media_subtype) {
        Media::Text => body_type_text(i)?,
        //= rfc3501#section-9
        //# MESSAGE subtype MUST NOT be "RFC822"
        Media::Message => body_type_msg(i, depth)?,
        Media::Global if i.rest().get(1) == Some(&b'(') => body_type_msg(i, depth)?,
        Media::Global | Media::Basic => (beyond_basic(i, depth)?.0, PartKind::Basic),
    };
    part.kind = kind;
    if !i.next_is(b' ') {
        return Ok((i, part));
    }
    let i = body_ext_1part_into(i.skip(1), depth, part.extension.get_or_insert_default())?;
    Ok((i, part))
}

/// `media-basic`, `media-message` or `media-text`.
#[inline]
fn media_into<'a>(i: Input<'a>, media_type: &mut IString, subtype: &mut IString) -> Filled<'a> {
    if i.rest().starts_with(b"NIL NIL ") && i.tolerates(Quirk::NilMediaType) {
        let name = |name: &'static [u8]| IString::received(Octets::from(name), Form::Quoted);
        *media_type = name(b"APPLICATION");
        *subtype = name(b"OCTET-STREAM");
        return Ok(i.skip(7));
    }
    let i = string_into(i, media_type)?;
    let (i, ()) = sp(i)?;
    media_subtype_into(i, subtype)
}

/// What some servers send after the fields of a part that is neither text nor message: its lines, or what
/// only a message has.
#[inline]
fn beyond_basic(i: Input<'_>, depth: usize) -> Parsed<'_, ()> {
    match i.rest() {
        [b' ', b'0'..=b'9', ..] if i.skip(1).tolerates(Quirk::LinesOfBasic) => {
            number64(i.skip(1)).map(|(i, _)| (i, ()))
        }
        [b' ', b'(', ..] if i.skip(1).tolerates(Quirk::EnvelopeOfReport) => {
            body_type_msg(i, depth).map(|(i, _)| (i, ()))
        }
        _ => Ok((i, ())),
    }
}

/// What the media type says of the shape of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    Text,
    Message,
    Global,
    Basic,
}

impl Media {
    #[inline]
    fn of(media_type: &IString, subtype: &IString) -> Self {
        let media_type = media_type.as_bytes();
        if media_type.eq_ignore_ascii_case(b"TEXT") {
            Self::Text
        } else if !media_type.eq_ignore_ascii_case(b"MESSAGE") {
            Self::Basic
        } else if subtype.as_bytes().eq_ignore_ascii_case(b"RFC822") {
            Self::Message
        } else if subtype.as_bytes().eq_ignore_ascii_case(b"GLOBAL") {
            Self::Global
        } else {
            Self::Basic
        }
    }
}

/// `SP body-fld-lines`
fn body_type_text(i: Input<'_>) -> Parsed<'_, PartKind> {
    let number_follows = matches!(i.rest(), [b' ', b'0'..=b'9' | b'-', ..]);
    if !number_follows && i.tolerates(Quirk::TextWithoutLines) {
        // Read as none: the canonical form needs a number there.
        return Ok((i, PartKind::Text { lines: Number64::default() }));
    }
    let (i, ()) = sp(i)?;
    let (i, lines) = size(i)?;
    Ok((i, PartKind::Text { lines }))
}

/// `SP envelope SP body SP body-fld-lines`
fn body_type_msg(i: Input<'_>, depth: usize) -> Parsed<'_, PartKind> {
    let (i, ()) = sp(i)?;
    let (i, envelope) = envelope(i)?;
    let (i, ()) = sp(i)?;
    let (i, body) = body(i, depth)?;
    let (i, ()) = sp(i)?;
    let (i, lines) = size(i)?;
    Ok((i, PartKind::Message { envelope, body, lines }))
}

/// `number`: octets or lines.
#[inline]
fn size(i: Input<'_>) -> Parsed<'_, Number64> {
    match number64(i) {
        Err(_) if matches!(i.rest(), [b'-', b'0'..=b'9', ..]) && i.tolerates(Quirk::NegativeSize) => {
            number64(i.skip(1)).map(|(i, _)| (i, Number64::default()))
        }
        read => read,
    }
}

/// ```abnf
/// media-subtype = string     ; Defined in MIME-IMT, RFC 9051 section 9
/// ```
fn media_subtype_into<'a>(i: Input<'a>, subtype: &mut IString) -> Filled<'a> {
    string_into(i, subtype)
}

/// ```abnf
/// body-fields     = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP
///                   body-fld-octets                                     ; RFC 9051 section 9
/// body-fld-id     = nstring
/// body-fld-desc   = nstring
/// body-fld-enc    = (DQUOTE ("7BIT" / ..) DQUOTE) / string
/// body-fld-octets = number
/// ```
///
/// The octets are read as a 63-bit number, because parts may be that long (RFC 9051 appendix D).
fn body_fields_into<'a>(i: Input<'a>, fields: &mut BodyFields) -> Filled<'a> {
    let i = body_fld_param_into(i, &mut fields.parameters)?;
    let (i, ()) = sp(i)?;
    let i = nstring_or_atom_into(i, &mut fields.id)?;
    let (i, ()) = sp(i)?;
    let i = nstring_or_atom_into(i, &mut fields.description)?;
    let (i, ()) = sp(i)?;
    let i = string_or_nil_into(i, Quirk::NilEncoding, &mut fields.encoding)?;
    let (i, ()) = sp(i)?;
    let (i, octets) = size(i)?;
    fields.octets = octets;
    Ok(i)
}

/// ```abnf
/// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil     ; RFC 9051 section 9
/// ```
///
/// The list is empty before.
fn body_fld_param_into<'a>(i: Input<'a>, parameters: &mut Parameters) -> Filled<'a> {
    if !i.next_is(b'(') {
        return match nil(i) {
            Ok((i, ())) => Ok(i),
            Err(_) => Err(i.error(expected!("body-fld-param", "a list of parameters or NIL"))),
        };
    }
    if i.skip(1).next_is(b')') && i.skip(1).tolerates(Quirk::UnpairedParameters) {
        return Ok(i.skip(2));
    }
    let mut i = parameters.push_with(|(name, value)| {
        let i = string_or_atom_into(i.skip(1), name)?;
        let (i, ()) = sp(i)?;
        string_or_nil_into(i, Quirk::NilParameter, value)
    })?;
    while i.next_is(b' ') {
        let (rest, name) = string_or_atom(within_list_limit(i, parameters.len())?.0.skip(1))?;
        i = rest;
        if i.next_is(b')') && i.tolerates(Quirk::UnpairedParameters) {
            break;
        }
        let mut value = IString::default();
        i = string_or_nil_into(sp(i)?.0, Quirk::NilParameter, &mut value)?;
        parameters.push((name, value));
    }
    let (i, ()) = close(i)?;
    Ok(i)
}

/// A `string`, or NIL, which is read as an empty one where the decoder reads `quirk`.
#[inline]
fn string_or_nil_into<'a>(i: Input<'a>, quirk: Quirk, place: &mut IString) -> Filled<'a> {
    if !i.next_is(b'"')
        && let Ok((rest, ())) = nil(i)
        && i.tolerates(quirk)
    {
        *place = IString::received(Octets::EMPTY, Form::Quoted);
        return Ok(rest);
    }
    string_or_atom_into(i, place)
}

/// ```abnf
/// body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang
///                  [SP body-fld-loc *(SP body-extension)]]]     ; RFC 9051 section 9
/// body-fld-md5   = nstring
/// ```
fn body_ext_1part_into<'a>(i: Input<'a>, depth: usize, extension: &mut SingleExtension) -> Filled<'a> {
    let i = nstring_into(i, &mut extension.md5)?;
    extension_tail_into(i, depth, &mut extension.tail)
}

/// ```abnf
/// body-ext-mpart = body-fld-param [SP body-fld-dsp [SP body-fld-lang
///                  [SP body-fld-loc *(SP body-extension)]]]     ; RFC 9051 section 9
/// ```
fn body_ext_mpart_into<'a>(i: Input<'a>, depth: usize, extension: &mut MultiExtension) -> Filled<'a> {
    let i = body_fld_param_into(i, &mut extension.parameters)?;
    extension_tail_into(i, depth, &mut extension.tail)
}

/// A tail that says nothing, as it is of most parts: no disposition, no language, no location.
const NOTHING: &[u8] = b" NIL NIL NIL)";

/// ```abnf
/// body-fld-loc = nstring     ; RFC 9051 section 9
/// ```
///
/// `[SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]`
fn extension_tail_into<'a>(i: Input<'a>, depth: usize, tail: &mut Option<ExtensionTail>) -> Filled<'a> {
    if !i.next_is(b' ') {
        return Ok(i);
    }
    if i.rest().starts_with(NOTHING) {
        *tail = Some(ExtensionTail {
            language: Some(Language::One(NString::NIL)),
            location: Some(NString::NIL),
            ..ExtensionTail::default()
        });
        return Ok(i.skip(NOTHING.len().saturating_sub(1)));
    }
    let tail = tail.get_or_insert_default();
    //= rfc9051#section-7.5.2
    //# Extension data, if present, MUST be in the defined order.
    let i = body_fld_dsp_into(i.skip(1), &mut tail.disposition)?;
    if !i.next_is(b' ') {
        return Ok(i);
    }
    let (i, language) = body_fld_lang(i.skip(1))?;
    tail.language = Some(language);
    if !i.next_is(b' ') {
        return Ok(i);
    }
    let location = tail.location.get_or_insert(NString::NIL);
    let mut i = match nstring_into(i.skip(1), location) {
        Err(_) if i.rest().starts_with(b" ()") && i.skip(1).tolerates(Quirk::NilInList) => i.skip(3),
        read => read?,
    };
    while i.next_is(b' ') {
        let within = within_list_limit(i, tail.further.len())?.0;
        //= rfc9051#section-7.5.2
        //# Client implementations that do a BODYSTRUCTURE fetch MUST be prepared to accept such extension
        //# data.
        //= rfc9051#section-9
        //# Client implementations MUST accept body-extension fields.
        let (rest, value) = body_extension(within.skip(1), depth)?;
        tail.further.push(value);
        i = rest;
    }
    Ok(i)
}

/// ```abnf
/// body-fld-dsp = "(" string SP body-fld-param ")" / nil     ; RFC 9051 section 9
/// ```
fn body_fld_dsp_into<'a>(i: Input<'a>, place: &mut Option<(IString, Parameters)>) -> Filled<'a> {
    if !i.next_is(b'(') {
        if let Ok((i, ())) = nil(i) {
            return Ok(i);
        }
        let (i, disposition) = bare_disposition(i)?;
        *place = disposition;
        return Ok(i);
    }
    if i.rest().starts_with(b"(NIL NIL)") && i.skip(1).tolerates(Quirk::NilDisposition) {
        return Ok(i.skip(9));
    }
    let (name, parameters) = place.get_or_insert_default();
    let i = string_into(i.skip(1), name)?;
    if i.next_is(b')') && i.tolerates(Quirk::NoDispositionParameters) {
        return Ok(i.skip(1));
    }
    let (i, ()) = sp(i)?;
    let i = body_fld_param_into(i, parameters)?;
    let (i, ()) = close(i)?;
    Ok(i)
}

/// `"inline"` or `"attachment"` without parentheses, and its parameters where they follow.
#[cold]
fn bare_disposition(start: Input<'_>) -> Parsed<'_, Option<(IString, Parameters)>> {
    let read = string(start).ok().filter(|(_, name)| {
        [&b"inline"[..], b"attachment"].iter().any(|known| name.as_bytes().eq_ignore_ascii_case(known))
    });
    let Some((i, name)) = read else {
        return start.fail(expected!("body-fld-dsp", "a disposition or NIL"));
    };
    // Languages may follow too; only parameters come in pairs.
    let pairs = i.rest().starts_with(b" (")
        && cursor::parenthesized(i.skip(1), string)
            .is_ok_and(|(_, list)| list.len() >= 2 && list.len() % 2 == 0);
    let quirk = if pairs { Quirk::UnparenthesizedDisposition } else { Quirk::BareDisposition };
    if !start.tolerates(quirk) {
        return start.fail(expected!("body-fld-dsp", "a disposition or NIL"));
    }
    let mut parameters = Few::EMPTY;
    let i = if pairs { body_fld_param_into(i.skip(1), &mut parameters)? } else { i };
    Ok((i, Some((name, parameters))))
}

/// ```abnf
/// body-fld-lang = nstring / "(" string *(SP string) ")"     ; RFC 9051 section 9
/// ```
fn body_fld_lang(i: Input<'_>) -> Parsed<'_, Language> {
    if !i.next_is(b'(') {
        return match nstring(i) {
            Ok((i, language)) => Ok((i, Language::One(language))),
            Err(_) if i.next_is(b'"') || i.next_is(b'{') => {
                nstring(i).map(|(i, one)| (i, Language::One(one)))
            }
            Err(_) => i.fail(expected!("body-fld-lang", "a language, a list of languages or NIL")),
        };
    }
    if i.rest().starts_with(b"(NIL)") && i.skip(1).tolerates(Quirk::NilInList) {
        return Ok((i.skip(5), Language::One(NString::NIL)));
    }
    let (i, languages) = sp_separated(i.skip(1), string)?;
    let (i, ()) = close(i)?;
    match Vec1::try_from(languages) {
        Ok(languages) => Ok((i, Language::List(languages))),
        Err(_) => i.fail(expected!("body-fld-lang", "at least one language")),
    }
}

/// ```abnf
/// body-extension = nstring / number / number64 /
///                  "(" body-extension *(SP body-extension) ")"     ; RFC 9051 section 9
/// ```
///
/// Numbers and NIL are bare words of the tree.
fn body_extension(i: Input<'_>, depth: usize) -> Parsed<'_, Value> {
    match i.peek() {
        Some(b'"' | b'{') => string(i).map(|(i, string)| (i, Value::String(string))),
        Some(b'(') => {
            let depth = depth.saturating_add(1);
            within_depth_limit(i, depth)?;
            let (i, items) = sp_separated(i.skip(1), |i| body_extension(i, depth))?;
            let (i, ()) = close(i)?;
            Ok((i, Value::List(items)))
        }
        Some(b'0'..=b'9') => {
            let (end, _) = number64(i)?;
            let (rest, number) = bare(i)?;
            if rest.at() == end.at() {
                Ok((rest, Value::Bare(number)))
            } else {
                end.fail(expected!("body-extension", "the end of the number"))
            }
        }
        _ => match nil(i) {
            Ok(_) => bare(i).map(|(i, nil)| (i, Value::Bare(nil))),
            Err(_) => i.fail(expected!("body-extension", "a string, a number, NIL or a list")),
        },
    }
}

impl Writer<'_> {
    /// `body`
    pub(crate) fn body(&mut self, body: &BodyStructure) -> Result<(), EncodeError> {
        match body {
            BodyStructure::Single(part) => {
                self.bytes(b"(");
                self.body_type_1part(part)?;
            }
            BodyStructure::Multi(part) => {
                self.bytes(b"(");
                self.body_type_mpart(part)?;
            }
            BodyStructure::Invalid(invalid) => return self.invalid(invalid),
        }
        self.bytes(b")");
        Ok(())
    }

    /// `body-type-mpart`
    fn body_type_mpart(&mut self, part: &MultiPart) -> Result<(), EncodeError> {
        for part in &part.parts {
            self.body(part)?;
        }
        self.sp();
        self.string(&part.media_subtype)?;
        if let Some(extension) = &part.extension {
            self.sp();
            self.body_fld_param(&extension.parameters)?;
            self.extension_tail(extension.tail.as_ref())?;
        }
        Ok(())
    }

    /// `body-type-1part`
    fn body_type_1part(&mut self, part: &SinglePart) -> Result<(), EncodeError> {
        self.string(&part.media_type)?;
        self.sp();
        self.string(&part.media_subtype)?;
        self.sp();
        self.body_fields(&part.fields)?;
        match (&part.kind, Media::of(&part.media_type, &part.media_subtype)) {
            (PartKind::Basic, Media::Basic | Media::Global) => {}
            (PartKind::Text { lines }, Media::Text) => {
                self.sp_number(lines.get());
            }
            (PartKind::Message { envelope, body, lines }, Media::Message | Media::Global) => {
                self.sp();
                self.envelope(envelope)?;
                self.sp();
                self.body(body)?;
                self.sp_number(lines.get());
            }
            (PartKind::Basic | PartKind::Text { .. } | PartKind::Message { .. }, _) => {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "a part of that media type"));
            }
        }
        if let Some(extension) = &part.extension {
            self.sp();
            self.nstring(&extension.md5)?;
            self.extension_tail(extension.tail.as_ref())?;
        }
        Ok(())
    }

    /// `body-fields`
    fn body_fields(&mut self, fields: &BodyFields) -> Result<(), EncodeError> {
        self.body_fld_param(&fields.parameters)?;
        self.sp();
        self.nstring(&fields.id)?;
        self.sp();
        self.nstring(&fields.description)?;
        self.sp();
        self.string(&fields.encoding)?;
        self.sp_number(fields.octets.get());
        Ok(())
    }

    /// `body-fld-param`
    fn body_fld_param(&mut self, parameters: &[(IString, IString)]) -> Result<(), EncodeError> {
        if parameters.is_empty() {
            self.bytes(b"NIL");
            return Ok(());
        }
        self.list(parameters, |w, (name, value)| {
            w.string(name)?;
            w.sp();
            w.string(value)
        })
    }

    /// `[SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]`
    fn extension_tail(&mut self, tail: Option<&ExtensionTail>) -> Result<(), EncodeError> {
        let Some(ExtensionTail { disposition, language, location, further }) = tail else {
            return Ok(());
        };
        self.sp();
        match disposition {
            None => self.bytes(b"NIL"),
            Some((name, parameters)) => {
                self.bytes(b"(");
                self.string(name)?;
                self.sp();
                self.body_fld_param(parameters)?;
                self.bytes(b")");
            }
        }
        // Each field is there only if the one before it is.
        let gap = (language.is_none() && location.is_some()) || (location.is_none() && !further.is_empty());
        if gap {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "a body's extension with a gap"));
        }
        if let Some(language) = language {
            self.sp();
            match language {
                Language::One(language) => self.nstring(language)?,
                Language::List(languages) => self.list(languages, Self::string)?,
            }
        }
        if let Some(location) = location {
            self.sp();
            self.nstring(location)?;
        }
        for value in further {
            self.sp();
            self.body_extension(value)?;
        }
        Ok(())
    }

    /// `body-extension`
    fn body_extension(&mut self, value: &Value) -> Result<(), EncodeError> {
        const WHAT: &str = "a field of a body's extension";
        match value {
            Value::Bare(bare) => {
                let digits = bare.as_bytes().iter().all(u8::is_ascii_digit);
                let number = digits && bare.as_str().parse().is_ok_and(|n: u64| n <= Number64::MAX.get());
                if !number && !bare.as_bytes().eq_ignore_ascii_case(b"NIL") {
                    return Err(EncodeError::new(EncodeErrorKind::Character, WHAT));
                }
                self.bytes(bare.as_bytes());
                Ok(())
            }
            Value::String(string) => self.string(string),
            Value::List(items) if items.is_empty() => Err(EncodeError::new(EncodeErrorKind::Empty, WHAT)),
            Value::List(items) => self.list(items, Self::body_extension),
            Value::Invalid(invalid) => self.invalid(invalid),
        }
    }
}

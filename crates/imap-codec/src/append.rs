//! APPEND: messages with their flags and dates, at hand, streamed, or put together of parts (CATENATE).

use alloc::vec::Vec;

use imap_types::{
    append::{Append, AppendData, AppendMessage, CatPart},
    date::InternalDate,
    fetch::Payload,
    string::{Form, NString},
    value::{Invalid, Parameter},
    vec1::Vec1,
};

use crate::{
    cursor::{Input, Parsed, close, keyword, more, one_or_more, open, sp, within_list_limit},
    date::date_time,
    error::{EncodeError, EncodeErrorKind, ErrorKind, expected},
    flag::flag_list,
    mailbox::mailbox,
    parameter::{label_first, tagged_ext_label, tagged_ext_val},
    string::{astring, literal, literal8, quoted, streamed_literal},
    writer::Writer,
};

/// The arguments of APPEND.
///
/// ```abnf
/// append = "APPEND" SP mailbox 1*append-message     ; RFC 4466 section 3
/// ```
pub(crate) fn append(i: Input<'_>) -> Parsed<'_, Append> {
    let (i, ()) = sp(i)?;
    let (i, mailbox) = mailbox(i)?;
    let (i, ()) = sp(i)?;
    let (mut i, first) = append_message(i)?;
    let mut messages = Vec1::new(first);
    while let Some(next) = more(i) {
        let (rest, message) = append_message(next)?;
        i = within_list_limit(rest, messages.len())?.0;
        messages.push(message);
    }
    Ok((i, Append { mailbox, messages }))
}

/// From behind the first space:
///
/// ```abnf
/// append-message  = append-opts SP append-data     ; RFC 4466 section 3
/// append-opts     = [SP flag-list] [SP date-time] *(SP append-ext)
/// append-ext      = append-ext-name SP append-ext-value
/// append-data     = literal / literal8 / append-data-ext
/// append-data-ext = tagged-ext
/// ```
///
/// `append-ext` and `append-data-ext` have one form. `CATENATE` and `UTF8` are data; `ANNOTATION` is not; what
/// has another name is the data where nothing of its message comes after it.
pub(crate) fn append_message(i: Input<'_>) -> Parsed<'_, AppendMessage> {
    let (i, flags) = if i.next_is(b'(') {
        let (i, flags) = flag_list(i)?;
        let (i, ()) = sp(i)?;
        (i, Some(flags))
    } else {
        (i, None)
    };
    let (mut i, date) = if i.next_is(b'"') {
        let (i, date) = append_date(i)?;
        let (i, ()) = sp(i)?;
        (i, Some(date))
    } else {
        (i, None)
    };
    let mut extensions = Vec::new();
    let (i, data) = loop {
        if let Some(b'{' | b'~') = i.peek() {
            break append_payload(i).map(|(i, data)| (i, AppendData::Message(data)))?;
        }
        if extensions.is_empty() && !i.peek().is_some_and(label_first) {
            return i.fail(expected!("append-data", "a literal"));
        }
        let (rest, word) = keyword(i);
        match word.as_bytes() {
            b"CATENATE" => break catenate(rest)?,
            b"UTF8" => break utf8_literal(rest).map(|(i, data)| (i, AppendData::Utf8(data)))?,
            _ => {}
        }
        let (rest, parameter) = append_ext(i)?;
        // Flags and a date come first: where one follows, the next message begins.
        let ends = more(rest).is_none_or(|next| matches!(next.peek(), Some(b'(' | b'"')));
        if word.as_bytes() != b"ANNOTATION" && ends {
            break (rest, AppendData::Other(parameter));
        }
        i = within_list_limit(rest, extensions.len())?.0;
        extensions.push(parameter);
        i = sp(i)?.0;
    };
    Ok((i, AppendMessage { flags, date, extensions, data }))
}

/// `date-time`; one that no calendar has is kept where the decoder keeps what is invalid.
fn append_date(i: Input<'_>) -> Parsed<'_, InternalDate> {
    match i.attempt(date_time) {
        Ok((i, date)) => Ok((i, InternalDate::DateTime(date))),
        Err(nom::Err::Error(fault))
            if fault.expect.kind == ErrorKind::Calendar && i.cx.options.tolerance.keeps_invalid() =>
        {
            let (rest, _) = quoted(i)?;
            let at = fault.at.saturating_sub(u32::try_from(i.at()).unwrap_or(u32::MAX));
            Ok((rest, InternalDate::Invalid(Invalid::new(i.until(rest), fault.expect.rule, at))))
        }
        Err(error) => Err(error),
    }
}

/// `literal / literal8`, in the frame or streamed.
fn append_payload(i: Input<'_>) -> Parsed<'_, Payload> {
    if let Some(streamed) = streamed_literal(i) {
        return Ok(streamed);
    }
    let (i, data) = if i.next_is(b'~') { literal8(i)? } else { literal(i)? };
    Ok((i, Payload::Data(NString::from(data))))
}

/// `tagged-ext-label SP tagged-ext-val`
fn append_ext(i: Input<'_>) -> Parsed<'_, Parameter> {
    let (i, name) = tagged_ext_label(i)?;
    let (i, ()) = sp(i)?;
    let (i, value) = tagged_ext_val(i, 0)?;
    Ok((i, Parameter { name, value: Some(value) }))
}

/// After the word:
///
/// ```abnf
/// append-data =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"     ; RFC 4469 section 5
/// ```
fn catenate(i: Input<'_>) -> Parsed<'_, AppendData> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, parts) = one_or_more(i, cat_part)?;
    let (i, ()) = close(i)?;
    Ok((i, AppendData::Catenate(parts)))
}

/// ```abnf
/// cat-part     = text-literal / url          ; RFC 4469 section 5
/// text-literal = "TEXT" SP literal
/// url          = "URL" SP astring
/// cat-part    =/ utf8-literal                ; RFC 6855 section 4
/// ```
///
/// Meaning: RFC 4469 section 3.
fn cat_part(i: Input<'_>) -> Parsed<'_, CatPart> {
    let (rest, word) = keyword(i);
    match word.as_bytes() {
        b"TEXT" => {
            let (i, ()) = sp(rest)?;
            if !i.next_is(b'{') {
                return i.fail(expected!("literal", "a literal"));
            }
            append_payload(i).map(|(i, text)| (i, CatPart::Text(text)))
        }
        b"URL" => {
            let (i, ()) = sp(rest)?;
            astring(i).map(|(i, url)| (i, CatPart::Url(url)))
        }
        b"UTF8" => utf8_literal(rest).map(|(i, text)| (i, CatPart::Utf8(text))),
        _ => i.fail(expected!("cat-part", "TEXT, URL or UTF8")),
    }
}

/// After the word:
///
/// ```abnf
/// utf8-literal = "UTF8" SP "(" literal8 ")"     ; RFC 6855 section 4
/// ```
fn utf8_literal(i: Input<'_>) -> Parsed<'_, Payload> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    if !i.next_is(b'~') {
        return i.fail(expected!("literal8", "a literal8"));
    }
    let (i, text) = append_payload(i)?;
    let (i, ()) = close(i)?;
    Ok((i, text))
}

impl Writer<'_> {
    /// `append`, after the word.
    pub(crate) fn append_arguments(&mut self, append: &Append) -> Result<(), EncodeError> {
        self.sp();
        self.mailbox(&append.mailbox)?;
        append.messages.iter().try_for_each(|message| self.append_message(message))
    }

    /// `append-message`, with the space before it.
    pub(crate) fn append_message(&mut self, message: &AppendMessage) -> Result<(), EncodeError> {
        if let Some(flags) = &message.flags {
            self.sp();
            self.flag_list(flags)?;
        }
        if let Some(date) = &message.date {
            self.sp();
            self.internal_date(date)?;
        }
        for extension in &message.extensions {
            self.sp();
            self.tagged_ext(extension)?;
        }
        self.sp();
        match &message.data {
            AppendData::Message(payload) => self.append_payload(payload, |form| form),
            AppendData::Catenate(parts) => {
                self.bytes(b"CATENATE ");
                self.list(parts, Self::cat_part)
            }
            AppendData::Utf8(payload) => self.utf8_literal(payload),
            AppendData::Other(parameter) => self.append_data_ext(parameter),
            _ => Err(EncodeError::unknown("the data of APPEND")),
        }
    }

    /// `append-data-ext`
    fn append_data_ext(&mut self, data: &Parameter) -> Result<(), EncodeError> {
        if ["CATENATE", "UTF8", "ANNOTATION"].iter().any(|typed| data.name == *typed) {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "the data of APPEND"));
        }
        self.tagged_ext(data)
    }

    /// `cat-part`
    fn cat_part(&mut self, part: &CatPart) -> Result<(), EncodeError> {
        match part {
            CatPart::Url(url) => {
                self.bytes(b"URL ");
                self.astring(url)
            }
            CatPart::Text(text) => self.text_literal(text),
            CatPart::Utf8(text) => self.utf8_literal(text),
            _ => Err(EncodeError::unknown("a part of CATENATE")),
        }
    }

    /// `text-literal`
    fn text_literal(&mut self, text: &Payload) -> Result<(), EncodeError> {
        if let Payload::Streamed { form: Form::Literal8 | Form::Literal8Plus, .. } = text {
            // It may hold NUL, which a literal does not.
            return Err(EncodeError::new(EncodeErrorKind::Streamed, "a part of CATENATE"));
        }
        self.bytes(b"TEXT ");
        self.append_payload(text, |form| match form {
            Form::LiteralPlus | Form::Literal8Plus => Form::LiteralPlus,
            Form::Auto | Form::Atom | Form::Quoted | Form::Literal | Form::Literal8 => Form::Literal,
        })
    }

    /// `utf8-literal`
    fn utf8_literal(&mut self, text: &Payload) -> Result<(), EncodeError> {
        self.bytes(b"UTF8 (");
        self.with_literal8(|w| {
            w.append_payload(text, |form| match form {
                Form::LiteralPlus | Form::Literal8Plus => Form::Literal8Plus,
                Form::Auto | Form::Atom | Form::Quoted | Form::Literal | Form::Literal8 => Form::Literal8,
            })
        })?;
        self.bytes(b")");
        Ok(())
    }

    /// `literal / literal8`, at hand or streamed; `send_as` says in which form, of that in which it arrived.
    fn append_payload(
        &mut self,
        payload: &Payload,
        send_as: impl FnOnce(Form) -> Form,
    ) -> Result<(), EncodeError> {
        match payload {
            Payload::Data(data) => {
                let Some(string) = data.to_string() else {
                    return Err(EncodeError::new(EncodeErrorKind::Empty, "the message of APPEND"));
                };
                self.literal(string.to_bytes(), send_as(string.form()))
            }
            Payload::Streamed { size, form } => self.streamed_literal(size.get(), send_as(*form)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use imap_types::{
        command::{Command, CommandBody},
        number::Number64,
    };

    use super::*;
    use crate::{
        DecodeOptions, decode_command, encode_command,
        error::EncodeError,
        frame::Frame,
        profile::{EncodeProfile, Literals},
        writer::Segment,
    };

    fn sent(command: &Command) -> Result<alloc::string::String, EncodeError> {
        let wire = encode_command(command, &EncodeProfile::client())?.to_bytes();
        Ok(alloc::format!("{}", wire.escape_ascii()))
    }

    fn received(wire: &'static [u8]) -> Command {
        decode_command(&Frame::from_static(wire), &DecodeOptions::strict()).unwrap().value
    }

    #[test]
    fn what_the_grammar_has_only_as_literal8_is_sent_so_to_every_peer() {
        let utf8 = received(b"A1 APPEND x UTF8 (~{2+}\r\nhi)\r\n");
        assert_eq!(sent(&utf8).unwrap(), r"A1 APPEND x UTF8 (~{2}\r\nhi)\r\n");
        let parts = received(b"A1 APPEND x CATENATE (TEXT {1}\r\na UTF8 (~{1}\r\nb))\r\n");
        assert_eq!(sent(&parts).unwrap(), r"A1 APPEND x CATENATE (TEXT {1}\r\na UTF8 (~{1}\r\nb))\r\n");
        // The message itself has both forms.
        let message = received(b"A1 APPEND x ~{2}\r\nhi\r\n");
        assert_eq!(sent(&message).unwrap(), r"A1 APPEND x {2}\r\nhi\r\n");
    }

    #[test]
    fn known_data_is_not_sent_as_a_value_tree() {
        for name in ["CATENATE", "utf8", "annotation"] {
            let mut command = received(b"A1 APPEND x X-DATA (a)\r\n");
            let CommandBody::Append(append) = &mut command.body else { panic!("another command") };
            let mut message = append.messages.first().clone();
            let AppendData::Other(data) = &mut message.data else { panic!("another kind of data") };
            data.name = name.try_into().unwrap();
            append.messages = Vec1::new(message);
            assert_eq!(sent(&command).unwrap_err().kind, EncodeErrorKind::Combination);
        }
    }

    fn streamed(message: AppendMessage, profile: &EncodeProfile) -> Result<Vec<Segment>, EncodeError> {
        let command = Command::new("A", CommandBody::append("x", message).unwrap()).unwrap();
        let encoded = encode_command(&command, profile)?;
        assert!(encoded.is_streamed() && encoded.to_bytes().is_empty());
        Ok(encoded.into_segments())
    }

    #[test]
    fn a_streamed_payload_is_a_place_in_the_message() {
        let size = Number64::try_from(1_u64 << 33).unwrap();
        let parts = [CatPart::text("a"), CatPart::streamed(size), CatPart::url("b").unwrap()];
        let message = AppendMessage::catenate(parts).unwrap();
        let line = |line: &'static str| Segment::Line(line.into());
        let synchronizing = [
            line("A APPEND x CATENATE (TEXT {1}\r\n"),
            Segment::Literal { data: "a".into(), wait: true },
            line(" TEXT {8589934592}\r\n"),
            Segment::Streamed { size: 1 << 33, wait: true },
            line(" URL b)\r\n"),
        ];
        assert_eq!(streamed(message.clone(), &EncodeProfile::client()).unwrap(), synchronizing);

        let mut profile = EncodeProfile::client();
        profile.literals = Literals::NonSynchronizingUpTo(4096);
        let segments = streamed(message.clone(), &profile).unwrap();
        assert_eq!(segments[1], Segment::Literal { data: "a".into(), wait: false });
        assert_eq!(segments[3], Segment::Streamed { size: 1 << 33, wait: true });
        profile.literals = Literals::NonSynchronizing;
        let segments = streamed(message, &profile).unwrap();
        assert_eq!(segments[2], line(" TEXT {8589934592+}\r\n"));
        assert_eq!(segments[3], Segment::Streamed { size: 1 << 33, wait: false });
    }

    #[test]
    fn a_streamed_literal8_goes_only_where_one_may() {
        let payload = Payload::Streamed { size: Number64::from(5_u32), form: Form::Literal8 };
        let with = |data| AppendMessage { data, ..AppendMessage::new("") };
        let client = EncodeProfile::client();
        let mut binary = client;
        binary.literal8 = true;
        let message = with(AppendData::Message(payload.clone()));
        let error = streamed(message.clone(), &client).unwrap_err();
        assert_eq!(error.kind, EncodeErrorKind::Streamed);
        assert_eq!(streamed(message, &binary).unwrap()[0].data(), "A APPEND x ~{5}\r\n");
        let utf8 = with(AppendData::Utf8(payload.clone()));
        assert_eq!(streamed(utf8, &client).unwrap()[0].data(), "A APPEND x UTF8 (~{5}\r\n");
        let text = with(AppendData::Catenate(Vec1::new(CatPart::Text(payload))));
        assert_eq!(streamed(text, &binary).unwrap_err().kind, EncodeErrorKind::Streamed);
    }
}

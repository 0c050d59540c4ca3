//! APPEND: messages with their flags and dates.

use alloc::vec::Vec;

use imap_types::{
    append::{Append, AppendData, AppendMessage},
    date::InternalDate,
    fetch::Payload,
    number::Number64,
    string::{Form, NString},
    value::{Invalid, Parameter, Value},
    vec1::Vec1,
};

use crate::{
    cursor::{Input, Parsed, more, sp, within_list_limit},
    date::date_time,
    error::{EncodeError, EncodeErrorKind, ErrorKind, expected},
    flag::flag_list,
    mailbox::mailbox,
    parameter::{tagged_ext_label, tagged_ext_val},
    string::{literal, literal8, quoted, streamed_literal, value},
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
/// has another name is the data where nothing comes after it.
fn append_message(i: Input<'_>) -> Parsed<'_, AppendMessage> {
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
    loop {
        if let Some(b'{' | b'~') = i.peek() {
            let (i, data) = append_payload(i)?;
            return Ok((i, AppendMessage { flags, date, extensions, data: AppendData::Message(data) }));
        }
        if extensions.is_empty() && !i.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            return i.fail(expected!("append-data", "a literal"));
        }
        let (rest, parameter, is_data) = append_ext(i)?;
        if is_data {
            let data = AppendData::Other(parameter);
            return Ok((rest, AppendMessage { flags, date, extensions, data }));
        }
        i = within_list_limit(rest, extensions.len())?.0;
        extensions.push(parameter);
        i = sp(i)?.0;
    }
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
            Ok((rest, InternalDate::Invalid(Invalid { raw: i.until(rest), rule: fault.expect.rule, at })))
        }
        Err(error) => Err(error),
    }
}

/// `literal / literal8`, in the frame or streamed.
fn append_payload(i: Input<'_>) -> Parsed<'_, Payload> {
    if let Some((rest, size, form)) = streamed_literal(i) {
        return match Number64::try_from(size) {
            Ok(size) => Ok((rest, Payload::Streamed { size, form })),
            Err(_) => i.fail(expected!(Number, "number64", "a number up to 9223372036854775807")),
        };
    }
    let (i, data) = if i.next_is(b'~') { literal8(i)? } else { literal(i)? };
    Ok((i, Payload::Data(NString::from(data))))
}

/// `tagged-ext-label SP tagged-ext-val`, and whether it is the data of the message.
fn append_ext(i: Input<'_>) -> Result<(Input<'_>, Parameter, bool), nom::Err<crate::error::Fault>> {
    let (rest, name) = tagged_ext_label(i)?;
    let (start, ()) = sp(rest)?;
    if name == "CATENATE" || name == "UTF8" {
        let catenate = name == "CATENATE";
        let (rest, value) = value(start, 0)?;
        let fits = if catenate { is_cat_parts(&value) } else { is_utf8_literal(&value) };
        if !fits {
            return Err(nom::Err::Error(start.fault(if catenate {
                expected!("cat-part", "TEXT with a literal or URL with a string")
            } else {
                expected!("utf8-literal", "a literal8 in parentheses")
            })));
        }
        return Ok((rest, Parameter { name, value: Some(value) }, true));
    }
    let (rest, value) = tagged_ext_val(start, 0)?;
    let is_data = name != "ANNOTATION" && more(rest).is_none();
    Ok((rest, Parameter { name, value: Some(value) }, is_data))
}

/// ```abnf
/// append-data =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"     ; RFC 4469 section 5
/// cat-part     = text-literal / url
/// text-literal = "TEXT" SP literal
/// url          = "URL" SP astring
/// cat-part    =/ utf8-literal                                      ; RFC 6855 section 4
/// ```
fn is_cat_parts(value: &Value) -> bool {
    let parts = value.as_list().unwrap_or_default();
    !parts.is_empty()
        && parts.chunks(2).all(|part| match part {
            [name, value] => match name.as_bare().map(|name| name.as_str().to_ascii_uppercase()) {
                Some(name) if name == "TEXT" => is_literal(value),
                Some(name) if name == "URL" => value.as_bytes().is_some(),
                Some(name) if name == "UTF8" => is_utf8_literal(value),
                _ => false,
            },
            _ => false,
        })
}

/// `literal`, which literal8 is not.
fn is_literal(value: &Value) -> bool {
    matches!(value, Value::String(string) if matches!(string.form(), Form::Literal | Form::LiteralPlus))
}

/// ```abnf
/// utf8-literal = "UTF8" SP "(" literal8 ")"     ; RFC 6855 section 4
/// ```
fn is_utf8_literal(value: &Value) -> bool {
    match value.as_list() {
        Some([Value::String(string)]) => matches!(string.form(), Form::Literal8 | Form::Literal8Plus),
        _ => false,
    }
}

impl Writer<'_> {
    /// `append`, after the word.
    pub(crate) fn append_arguments(&mut self, append: &Append) -> Result<(), EncodeError> {
        self.sp();
        self.mailbox(&append.mailbox)?;
        append.messages.iter().try_for_each(|message| self.append_message(message))
    }

    /// `append-message`
    fn append_message(&mut self, message: &AppendMessage) -> Result<(), EncodeError> {
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
            AppendData::Message(payload) => self.append_payload(payload),
            AppendData::Other(parameter) => self.append_data_ext(parameter),
            _ => Err(EncodeError::unknown("the data of APPEND")),
        }
    }

    /// `append-data-ext`
    fn append_data_ext(&mut self, data: &Parameter) -> Result<(), EncodeError> {
        let value = data.value.as_ref();
        let fits = if data.name == "CATENATE" {
            value.is_some_and(is_cat_parts)
        } else if data.name == "UTF8" {
            value.is_some_and(is_utf8_literal)
        } else {
            return self.tagged_ext(data);
        };
        if !fits {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "the data of APPEND"));
        }
        self.with_literal8(|w| w.tagged_ext(data))
    }

    /// `literal / literal8`
    fn append_payload(&mut self, payload: &Payload) -> Result<(), EncodeError> {
        let what = "the message of APPEND";
        match payload {
            Payload::Data(data) => {
                let Some(string) = data.to_string() else {
                    return Err(EncodeError::new(EncodeErrorKind::Empty, what));
                };
                let form = if string.form().is_literal() { string.form() } else { Form::Literal };
                self.literal(string.to_bytes(), form)
            }
            Payload::Streamed { .. } => Err(EncodeError::new(EncodeErrorKind::Streamed, what)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use imap_types::command::{Command, CommandBody};

    use super::*;
    use crate::{
        DecodeOptions, decode_command, encode_command, error::EncodeError, frame::Frame,
        profile::EncodeProfile,
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
    fn known_data_of_another_shape_is_not_sent() {
        for name in ["CATENATE", "utf8"] {
            let mut command = received(b"A1 APPEND x X-DATA (a)\r\n");
            let CommandBody::Append(append) = &mut command.body else { panic!("another command") };
            let mut message = append.messages.first().clone();
            let AppendData::Other(data) = &mut message.data else { panic!("another kind of data") };
            data.name = name.try_into().unwrap();
            append.messages = Vec1::new(message);
            assert_eq!(sent(&command).unwrap_err().kind, EncodeErrorKind::Combination);
        }
    }
}

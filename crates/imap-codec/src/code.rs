//! Response codes, and the text that they stand before.

use alloc::vec::Vec;

use imap_types::{chars::Class, code::Code, string::Text};

use crate::{
    Mode,
    atom::atom,
    capability::{capabilities, names_revision},
    context::quoted_tag,
    cursor::{Input, Parsed, byte, close, keyword, one_or_more, open, parenthesized, sp, sp_separated},
    error::{EncodeError, EncodeErrorKind, expected},
    flag::flag_perm,
    notify::event_name,
    number::{mod_sequence_value, seq_num, uid_validity, uniqueid},
    sequence::{sequence_set, uid_set},
    string::{charset, text},
    tolerance::Quirk,
    writer::{Writer, ends_like_a_literal},
};

/// ```abnf
/// resp-text = ["[" resp-text-code "]" SP] [text]     ; RFC 9051 section 9
/// ```
///
/// Reads to the end of the line. A text that begins with `[` is a code if it can be. RFC 3501 wants at
/// least one character of text; the empty text is read nevertheless, as erratum 7343 of RFC 9051 asks,
/// and so is a code without the space behind it, which is reported.
pub(crate) fn resp_text(i: Input<'_>) -> Parsed<'_, (Option<Code>, Text)> {
    if i.next_is(b'[')
        && let Some((rest, code)) = code(i)
    {
        if rest.next_is(b' ') {
            let (i, text) = human_text(rest.skip(1))?;
            return Ok((i, (Some(code), text)));
        }
        if rest.tolerates(Quirk::MissingTextAfterCode) {
            return Ok((rest, (Some(code), Text::default())));
        }
        return rest.fail(expected!("SP", "a space after the response code"));
    }
    let (end, text) = human_text(i)?;
    if text.as_bytes().starts_with(b"[") && text.as_bytes().len() < i.until(end).len() {
        // NULs were dropped: what is left is not to be taken for a code.
        let apart = [b" ", text.as_bytes()].concat();
        return Ok((end, (None, Text::try_from(apart.as_slice()).unwrap_or_default())));
    }
    Ok((end, (None, text)))
}

/// `text`, possibly empty, 7-bit in IMAP4rev1; NULs are dropped where that is tolerated.
fn human_text(start: Input<'_>) -> Parsed<'_, Text> {
    let (mut i, text) = text(start)?;
    if start.mode() == Mode::Rev1 && !text.is_ascii() {
        let high = text.as_bytes().iter().position(|byte| *byte >= 0x80).unwrap_or_default();
        if !start.skip(high).tolerates(Quirk::EightBitQuoted) {
            return start.skip(high).fail(expected!("TEXT-CHAR", "a 7-bit character"));
        }
    }
    if !i.next_is(0) {
        return Ok((i, text));
    }
    let mut kept = Vec::from(text.as_bytes());
    while i.next_is(0) {
        if !i.tolerates(Quirk::Nul) {
            return i.fail(expected!("TEXT-CHAR", "no NUL in a text"));
        }
        let (rest, more) = crate::string::text(i.skip(1))?;
        kept.extend_from_slice(more.as_bytes());
        i = rest;
    }
    Ok((i, Text::try_from(kept.as_slice()).unwrap_or_default()))
}

/// What a name in brackets is.
enum Known<'a> {
    /// A code with a type, and what follows it.
    Fits(Input<'a>, Code),
    /// The name of a code with a type, and something else behind it.
    Misfit,
    /// Any other name.
    No,
}

/// `"[" resp-text-code "]"`, and behind it a space or the end of the line. `None` where that is a text.
///
/// ```abnf
/// resp-text-code = "ALERT" / .. / atom [SP 1*<any TEXT-CHAR except "]">]     ; RFC 9051 section 9
/// ```
fn code(start: Input<'_>) -> Option<(Input<'_>, Code)> {
    let i = start.skip(1);
    let ends = |i: Input<'_>| i.next_is(b' ') || i.at_line_end();
    let mut misfit = false;
    //= rfc9051#section-9
    //# In the case of alternative or optional rules in which a later rule overlaps an earlier rule, the
    //# rule that is listed earlier MUST take priority.
    match known(i) {
        Known::Fits(rest, code) if ends(rest) => return Some((rest, code)),
        Known::Fits(..) | Known::Misfit => misfit = true,
        Known::No => {}
    }
    let (rest, name) = atom(i).ok()?;
    let (rest, arguments) = if rest.next_is(b' ') {
        let start = rest.skip(1);
        let len = start.rest().iter().take_while(|&&byte| is_argument(byte)).count();
        if len == 0 {
            return None;
        }
        (start.skip(len), Some(start.octets(len)))
    } else {
        (rest, None)
    };
    if !rest.next_is(b']') || !ends(rest.skip(1)) {
        return None;
    }
    //= rfc9051#section-7.1
    //# Client implementations MUST ignore response codes that they do not recognize.
    Some((rest.skip(1), Code::Other { name, arguments, misfit }))
}

/// `<any TEXT-CHAR except "]">`
const fn is_argument(byte: u8) -> bool {
    Class::TEXT_CHAR.contains(byte) && byte != b']'
}

/// The codes that have a type.
///
/// ```abnf
/// resp-text-code =/ "HIGHESTMODSEQ" SP mod-sequence-value / "NOMODSEQ" /
///                   "MODIFIED" SP sequence-set / "CLOSED"     ; RFC 7162 section 7
/// resp-text-code =/ "UIDREQUIRED"                             ; RFC 9586 section 4
/// ```
fn known(i: Input<'_>) -> Known<'_> {
    let (rest, word) = keyword(i);
    let read = match word.as_bytes() {
        b"APPENDUID" => i.attempt(|_| appenduid(rest)),
        b"BADCHARSET" => i.attempt(|_| badcharset(rest)),
        b"BADEVENT" => i.attempt(|_| badevent(rest)),
        b"BADURL" => i.attempt(|_| badurl(rest)),
        b"CAPABILITY" => i.attempt(|_| capability_code(rest)),
        b"COPYUID" => i.attempt(|_| copyuid(rest)),
        b"HIGHESTMODSEQ" => i.attempt(|_| {
            let (i, mod_seq) = mod_sequence_value(sp(rest)?.0)?;
            end(i, Code::HighestModSeq(mod_seq))
        }),
        b"MODIFIED" => i.attempt(|_| {
            let (i, set) = sequence_set(sp(rest)?.0)?;
            end(i, Code::Modified(set))
        }),
        b"NOUPDATE" => i.attempt(|_| noupdate(rest)),
        b"PERMANENTFLAGS" => i.attempt(|_| permanentflags(rest)),
        b"UIDNEXT" => i.attempt(|_| {
            let (i, uid) = uniqueid(sp(rest)?.0)?;
            end(i, Code::UidNext(uid))
        }),
        b"UIDVALIDITY" => i.attempt(|_| {
            let (i, validity) = uid_validity(sp(rest)?.0)?;
            end(i, Code::UidValidity(validity))
        }),
        b"UNSEEN" => i.attempt(|_| {
            let (i, number) = seq_num(sp(rest)?.0)?;
            end(i, Code::Unseen(number))
        }),
        word => match Code::without_arguments(word) {
            Some(code) => end(rest, code),
            None => return Known::No,
        },
    };
    read.map_or(Known::Misfit, |(rest, code)| Known::Fits(rest, code))
}

/// `"]"`
fn end(i: Input<'_>, code: Code) -> Parsed<'_, Code> {
    let (i, ()) = byte(i, b']', expected!("resp-text-code", "`]` after the response code"))?;
    Ok((i, code))
}

/// ```abnf
/// resp-code-apnd = "APPENDUID" SP nz-number SP append-uid     ; RFC 4315 section 4
/// append-uid     =/ uid-set     ; with MULTIAPPEND
/// ```
fn appenduid(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let (i, uid_validity) = uid_validity(i)?;
    let (i, ()) = sp(i)?;
    let (i, uids) = uid_set(i)?;
    end(i, Code::AppendUid { uid_validity, uids })
}

/// ```abnf
/// "BADCHARSET" [SP "(" charset *(SP charset) ")" ]     ; RFC 9051 section 9
/// ```
fn badcharset(i: Input<'_>) -> Parsed<'_, Code> {
    if i.next_is(b']') {
        return end(i, Code::BadCharset(Vec::new()));
    }
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, charsets) = sp_separated(i, charset)?;
    let (i, ()) = close(i)?;
    end(i, Code::BadCharset(charsets))
}

/// ```abnf
/// unsupported-events-code = "BADEVENT" SP "(" event-name *(SP event-name) ")"     ; RFC 5465 section 8
/// ```
fn badevent(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, events) = one_or_more(i, event_name)?;
    let (i, ()) = close(i)?;
    end(i, Code::BadEvent(events))
}

/// ```abnf
/// badurl-response-code = "BADURL" SP url-resp-text                              ; RFC 4469 section 5
/// url-resp-text = 1*(%x01-09 / %x0B-0C / %x0E-5C / %x5E-FE)                     ; as erratum 2002 has it
/// ```
fn badurl(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let len = i.rest().iter().take_while(|&&byte| is_url(byte)).count();
    if len == 0 {
        return i.fail(expected!("url-resp-text", "a URL"));
    }
    end(i.skip(len), Code::BadUrl(i.octets(len)))
}

/// A byte of `url-resp-text`.
const fn is_url(byte: u8) -> bool {
    !matches!(byte, 0 | b'\r' | b'\n' | b']' | 0xff)
}

/// `capability-data` in brackets: it names a revision, or it is no such data.
fn capability_code(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, names) = capabilities(i)?;
    if !names_revision(&names) {
        return i.fail(expected!("capability-data", "IMAP4rev1 or IMAP4rev2 among the capabilities"));
    }
    end(i, Code::Capability(names))
}

/// ```abnf
/// resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set     ; RFC 4315 section 4
/// ```
fn copyuid(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let (i, uid_validity) = uid_validity(i)?;
    let (i, ()) = sp(i)?;
    let (i, source) = uid_set(i)?;
    let (i, ()) = sp(i)?;
    let (i, target) = uid_set(i)?;
    end(i, Code::CopyUid { uid_validity, source, target })
}

/// ```abnf
/// resp-text-code =/ "NOUPDATE" SP quoted     ; RFC 5267 section 5
/// ```
fn noupdate(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let (i, tag) = quoted_tag(i)?;
    end(i, Code::NoUpdate(tag))
}

/// ```abnf
/// "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")"     ; RFC 9051 section 9
/// ```
fn permanentflags(i: Input<'_>) -> Parsed<'_, Code> {
    let (i, ()) = sp(i)?;
    let (i, flags) = parenthesized(i, flag_perm)?;
    end(i, Code::PermanentFlags(flags))
}

impl Writer<'_> {
    /// `resp-text`
    ///
    /// The text is what people read, and must not be read as anything else (SECURITY.md, S10): without a code
    /// it does not begin with `[`, and it does not end like the header of a literal. A relay may pass on such
    /// a text where it was received as one.
    pub(crate) fn resp_text(&mut self, code: Option<&Code>, text: &Text) -> Result<(), EncodeError> {
        if let Some(code) = code {
            self.bytes(b"[");
            self.code(code)?;
            self.bytes(b"] ");
        }
        let bytes = text.as_bytes();
        let wrong = |kind| Err(EncodeError::new(kind, "a text"));
        if !self.profile.relay_invalid {
            if !bytes.is_ascii() && (!self.profile.utf8 || core::str::from_utf8(bytes).is_err()) {
                return wrong(EncodeErrorKind::Character);
            }
            if (code.is_none() && bytes.starts_with(b"[")) || ends_like_a_literal(bytes) {
                return wrong(EncodeErrorKind::Combination);
            }
        } else if code.is_none()
            && bytes.starts_with(b"[")
            && (reads_as_code(bytes) || ends_in_a_literal_of_a_code(bytes))
        {
            return wrong(EncodeErrorKind::Combination);
        }
        self.bytes(bytes);
        Ok(())
    }

    /// `resp-text-code`
    #[allow(clippy::wildcard_enum_match_arm, reason = "the codes that are their name are written by then")]
    pub(crate) fn code(&mut self, code: &Code) -> Result<(), EncodeError> {
        self.bytes(code.name().as_bytes());
        if code.has_no_arguments() {
            return Ok(());
        }
        match code {
            Code::AppendUid { uid_validity, uids } => {
                self.sp_number(uid_validity.get());
                self.sp();
                //= rfc9051#section-7.1
                //# Note: the UID set form of the APPENDUID response code MUST NOT be used if only a single message was
                //# appended.
                //= rfc9051#section-7.1
                //# In particular, a server MUST NOT send a range such as 123:123.
                match uids.ranges() {
                    [only] if only.start == only.end && !self.profile.relay_invalid => {
                        self.number(only.start.get());
                    }
                    _ => self.uid_set(uids)?,
                }
            }
            Code::BadCharset(charsets) if charsets.is_empty() => {}
            Code::BadCharset(charsets) => {
                self.sp();
                self.list(charsets, Self::charset)?;
            }
            Code::BadEvent(events) => {
                self.sp();
                self.list(events, |w, event| {
                    w.event_name(event);
                    Ok(())
                })?;
            }
            Code::BadUrl(url) => {
                if url.is_empty() {
                    return Err(EncodeError::new(EncodeErrorKind::Empty, "the URL of a response code"));
                }
                if !url.as_bytes().iter().copied().all(is_url) {
                    return Err(EncodeError::new(EncodeErrorKind::Character, "the URL of a response code"));
                }
                self.sp();
                self.bytes(url.as_bytes());
            }
            Code::Capability(names) => self.capabilities(names)?,
            Code::CopyUid { uid_validity, source, target } => {
                self.sp_number(uid_validity.get());
                self.sp();
                self.uid_set(source)?;
                self.sp();
                self.uid_set(target)?;
            }
            Code::HighestModSeq(mod_seq) => {
                self.sp_number(mod_seq.get());
            }
            Code::Modified(set) => {
                self.sp();
                self.sequence_set(set)?;
            }
            Code::NoUpdate(tag) => {
                self.sp();
                self.quoted_tag(tag)?;
            }
            Code::PermanentFlags(flags) => {
                self.sp();
                self.list(flags, Self::flag_perm)?;
            }
            Code::UidNext(uid) => {
                self.sp_number(uid.get());
            }
            Code::UidValidity(validity) => {
                self.sp_number(validity.get());
            }
            Code::Unseen(number) => {
                self.sp_number(number.get());
            }
            Code::Other { arguments: Some(arguments), .. } => {
                if arguments.is_empty() {
                    return Err(EncodeError::new(EncodeErrorKind::Empty, "the argument of a response code"));
                }
                if !arguments.as_bytes().iter().copied().all(is_argument) {
                    return Err(EncodeError::new(
                        EncodeErrorKind::Character,
                        "the argument of a response code",
                    ));
                }
                self.sp();
                self.bytes(arguments.as_bytes());
            }
            _ => return Err(EncodeError::unknown("a response code")),
        }
        Ok(())
    }
}

/// `[BADCHARSET ({5}`: inside a code that holds strings, and is not closed, a framer waits for a literal.
fn ends_in_a_literal_of_a_code(text: &[u8]) -> bool {
    let begins = |name: &[u8]| text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    ends_like_a_literal(text) && (begins(b"[BADCHARSET ") || begins(b"[NEWNAME "))
}

/// Whether a decoder would take the beginning of `text`, sent without a code, for one.
fn reads_as_code(text: &[u8]) -> bool {
    use crate::{DecodeOptions, Side, cursor::Context, frame::AsParts as _};
    let mut line = Vec::from(text);
    line.extend_from_slice(b"\r\n");
    let options = DecodeOptions::strict();
    let cx = Context::new(line.as_slice().parts(), &options, Side::Server);
    code(cx.input()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_header_at_the_end_is_seen() {
        for text in ["{5}", "see {5}", "x{12+}", "{0}"] {
            assert!(ends_like_a_literal(text.as_bytes()), "{text}");
        }
        for text in ["", "}", "{}", "{+}", "5}", "{5} ", "{a5}", "{5-}"] {
            assert!(!ends_like_a_literal(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_text_in_brackets_is_a_code_only_where_it_can_be() {
        for text in ["[ALERT] x", "[X]", "[X y z] t", "[UIDNEXT x] t", "[A b]"] {
            assert!(reads_as_code(text.as_bytes()), "{text}");
        }
        for text in ["[ALERT]x", "[]", "[X ] t", "[", "[X", "[ X] t", "[X y", "[X\u{e9}] t"] {
            assert!(!reads_as_code(text.as_bytes()), "{text}");
        }
    }
}

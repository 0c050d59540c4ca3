//! Responses: one line of a server, read by its first byte and its first word.
//!
//! `greeting.rs` has the first line of a session; `code.rs` what stands in brackets.

use alloc::vec::Vec;

use bytes::BytesMut;
use imap_types::{
    atom::{Atom, Tag},
    chars::{self, Class},
    fetch::{FetchResponse, MsgAtt, UidFetchResponse},
    list::ListResponse,
    number::SeqNum,
    octets::Octets,
    response::{Continuation, Data, Response, Status, StatusResponse},
    secret::Secret,
    string::Text,
    value::{Invalid, Value},
};

use crate::{
    DecodeOptions, Decoded, Side,
    atom::{atom, tag},
    auth::decode_base64,
    capability::{capabilities, capability_data},
    code::resp_text,
    cursor::{Context, Input, Parsed, crlf, keyword, more, sp, sp_before_list, within_list_limit},
    error::{DecodeError, EncodeError, EncodeErrorKind, Fault, expected},
    esearch::esearch_response,
    fetch::{self, msg_att},
    flag::flag_list,
    frame::{Message, Parts},
    id::id,
    line::SHORT,
    list::{mailbox_list, usual_list},
    namespace::namespace_response,
    number::{number, seq_num, short_nz_number, uniqueid},
    profile::EncodeProfile,
    search::search_data,
    sequence::known_uids,
    status::status_data,
    string::{is_within_a_message, value},
    tolerance::Quirk,
    writer::{Encoded, Writer},
};

/// Reads a response: a tagged or untagged status, untagged data, or a continuation request
/// (RFC 9051 section 7).
///
/// Unknown data is a value; what cannot be read beside good neighbours is kept raw where
/// [`DecodeOptions::tolerance`] says so.
///
/// ```
/// use imap_codec::{DecodeOptions, decode_response, frame::Frame};
/// use imap_types::{code::Code, response::{Response, Status}};
///
/// let frame = Frame::from_static(b"A1 OK [READ-WRITE] SELECT completed\r\n");
/// let decoded = decode_response(&frame, &DecodeOptions::strict())?;
/// let Response::Status(status) = decoded.value else { panic!() };
/// assert_eq!(status.status, Status::Ok);
/// assert_eq!(status.code, Some(Code::ReadWrite));
/// assert_eq!(status.text, "SELECT completed");
/// # Ok::<(), imap_codec::error::DecodeError>(())
/// ```
///
/// # Errors
///
/// What is wrong, at which byte, and the tag of a tagged response; see [`DecodeError`].
pub fn decode_response<M: Message + ?Sized>(
    message: &M,
    options: &DecodeOptions,
) -> Result<Decoded<Response>, DecodeError> {
    decode(&Context::new(message.parts(), options, Side::Server))
}

/// What servers send by the thousand is put together here, in the place where the caller wants it: to hand such a value from
/// rule to rule takes as long as to read it. All else is left to [`response`].
pub(crate) fn decode(cx: &Context<'_>) -> Result<Decoded<Response>, DecodeError> {
    if let Some(i) = usual_star(cx.input()) {
        if i.rest().starts_with(b"LIST ")
            && let Some((attributes, delimiter, mailbox)) = usual_list(i.skip(5))
        {
            let list = ListResponse { attributes, delimiter: Some(delimiter), mailbox, extended: None };
            return Ok(Decoded { value: Response::Data(Data::List(list)), deviations: Vec::new() });
        }
        if let Some((i, seq)) = usual_fetch(i) {
            let items = items_and_end(i).map_err(|error| report(cx, error))?;
            let fetch = FetchResponse { seq, items };
            return Ok(Decoded {
                value: Response::Data(Data::Fetch(fetch)),
                deviations: cx.take_deviations(),
            });
        }
    }
    finish(cx, response(cx.input()))
}

/// `nz-number SP "FETCH" SP`, as all servers spell it, before a parenthesis.
#[inline]
fn usual_fetch(i: Input<'_>) -> Option<(Input<'_>, SeqNum)> {
    let (len, seq) = short_nz_number(i.rest())?;
    let i = i.skip(len);
    i.rest().starts_with(b" FETCH (").then(|| (i.skip(7), SeqNum(seq)))
}

/// `msg-att CRLF`
#[inline]
fn items_and_end(i: Input<'_>) -> Result<Vec<MsgAtt>, nom::Err<Fault>> {
    let (i, items) = msg_att(i)?;
    end(i, Quirk::TrailingSpace)?;
    Ok(items)
}

/// Reads a message of a server with `rule`.
#[inline]
pub(crate) fn read<T>(
    message: Parts<'_>,
    options: &DecodeOptions,
    rule: impl FnOnce(Input<'_>) -> Parsed<'_, T>,
) -> Result<Decoded<T>, DecodeError> {
    let cx = Context::new(message, options, Side::Server);
    finish(&cx, rule(cx.input()))
}

/// What a rule read, with its deviations, or what is wrong.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the value is moved less")]
fn finish<T>(cx: &Context<'_>, read: Parsed<'_, T>) -> Result<Decoded<T>, DecodeError> {
    match read {
        Ok((_, value)) => Ok(Decoded { value, deviations: cx.take_deviations() }),
        Err(error) => Err(report(cx, error)),
    }
}

/// What is wrong with a message of a server.
#[cold]
fn report(cx: &Context<'_>, error: nom::Err<Fault>) -> DecodeError {
    let fault = match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
        nom::Err::Incomplete(_) => cx.input().fault(expected!("response", "a response")),
    };
    let bytes = cx.input().rest();
    let start = bytes.iter().position(|byte| !matches!(byte, 0 | b'\r' | b'\n')).unwrap_or_default();
    let (tag, secret) = match bytes.get(start) {
        Some(b'*') | None => (None, false),
        // A challenge of AUTHENTICATE may be in it.
        Some(b'+') => (None, true),
        Some(_) => (tag_of(cx.input().skip(start)), false),
    };
    fault.report(bytes, tag, secret)
}

/// The tag at the start of the rest, where a space or the end of the line ends it.
fn tag_of(i: Input<'_>) -> Option<Tag> {
    let (rest, tag) = tag(i).ok()?;
    matches!(rest.peek(), None | Some(b' ' | b'\r' | b'\n')).then_some(tag)
}

/// Skips what a tolerant decoder passes over before a message: blank lines and NULs.
pub(crate) fn leading(mut i: Input<'_>) -> Input<'_> {
    loop {
        let (len, quirk) = match i.rest() {
            [0, ..] => (i.rest().iter().take_while(|byte| **byte == 0).count(), Quirk::LeadingNul),
            [b'\r', b'\n', ..] => (2, Quirk::BlankLine),
            [b'\n', ..] => (1, Quirk::BlankLine),
            _ => return i,
        };
        if i.rest().len() == len || !i.tolerates(quirk) {
            return i;
        }
        i = i.skip(len);
    }
}

/// The end of a message. Spaces before it are tolerated; `quirk` names them.
#[inline]
pub(crate) fn end(i: Input<'_>, quirk: Quirk) -> Parsed<'_, ()> {
    match i.rest() {
        [b'\r', b'\n'] => Ok((i.skip(2), ())),
        _ => unusual_end(i, quirk),
    }
}

#[cold]
fn unusual_end(i: Input<'_>, quirk: Quirk) -> Parsed<'_, ()> {
    if i.at_trailing_space() && i.tolerates(quirk) {
        let spaces = i.rest().iter().take_while(|byte| **byte == b' ').count();
        return crlf(i.skip(spaces));
    }
    crlf(i)
}

/// ```abnf
/// response-data   = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data /
///                   capability-data / enable-data) CRLF                ; RFC 9051 section 9
/// response-tagged = tag SP resp-cond-state CRLF
/// continue-req    = "+" SP (resp-text / base64) CRLF
/// ```
pub(crate) fn response(i: Input<'_>) -> Parsed<'_, Response> {
    let (i, star) = match usual_star(i) {
        Some(i) => (i, true),
        None => {
            let i = leading(i);
            if i.next_is(b'*') { (after_star(i.skip(1))?.0, true) } else { (i, false) }
        }
    };
    match i.peek() {
        _ if star => untagged(i),
        Some(b'+') => continue_req(i).map(|(i, request)| (i, Response::Continuation(request))),
        _ => response_tagged(i).map(|(i, status)| (i, Response::Status(status))),
    }
}

/// What follows the star and one space.
#[inline]
fn usual_star(i: Input<'_>) -> Option<Input<'_>> {
    matches!(i.rest(), [b'*', b' ', next, ..] if *next != b' ').then(|| i.skip(2))
}

/// The space after the star.
pub(crate) fn after_star(i: Input<'_>) -> Parsed<'_, ()> {
    let (i, ()) = sp(i)?;
    if i.next_is(b' ') && i.tolerates(Quirk::SpacesAfterStar) {
        let spaces = i.rest().iter().take_while(|byte| **byte == b' ').count();
        return Ok((i.skip(spaces), ()));
    }
    Ok((i, ()))
}

/// What follows the star.
fn untagged(i: Input<'_>) -> Parsed<'_, Response> {
    if i.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        let (i, data) = numbered_data(i)?;
        let (i, ()) = end(i, Quirk::TrailingSpace)?;
        return Ok((i, Response::Data(data)));
    }
    let (rest, word) = keyword(i);
    if let Some(status) = status(word.as_bytes()) {
        let (i, status) = resp_cond(rest, None, status)?;
        return Ok((i, Response::Status(status)));
    }
    let mut quirk = Quirk::TrailingSpace;
    let (i, data) = match word.as_bytes() {
        b"CAPABILITY" => {
            quirk = Quirk::TrailingSpaceCapability;
            capability_data(rest).map(|(i, names)| (i, Data::Capability(names)))?
        }
        b"ENABLED" => capabilities(rest).map(|(i, names)| (i, Data::Enabled(names)))?,
        b"FLAGS" => flag_list(sp_before_list(rest)?.0).map(|(i, flags)| (i, Data::Flags(flags)))?,
        b"LIST" => mailbox_list(sp(rest)?.0).map(|(i, list)| (i, Data::List(list)))?,
        b"LSUB" => mailbox_list(sp(rest)?.0).map(|(i, list)| (i, Data::Lsub(list)))?,
        b"NAMESPACE" => namespace_response(sp(rest)?.0).map(|(i, data)| (i, Data::Namespace(data)))?,
        b"SEARCH" => {
            quirk = Quirk::TrailingSpaceSearch;
            search_data(rest).map(|(i, data)| (i, Data::Search(data)))?
        }
        b"ESEARCH" => esearch_response(rest).map(|(i, data)| (i, Data::Esearch(data)))?,
        b"ID" => id_response(i, rest)?,
        b"STATUS" => status_data(sp(rest)?.0).map(|(i, data)| (i, Data::Status(data)))?,
        b"VANISHED" => expunged_resp(rest)?,
        _ => {
            let name = atom(i).ok().filter(|(_, name)| begins_with_a_letter(name));
            let Some((rest, name)) = name else {
                return i.fail(expected!("response-data", "a status, data or a number"));
            };
            if is_one_of(NUMBERED, &name) {
                return i.fail(expected!("response-data", "a number before this word"));
            }
            let (i, values) = other_data(rest, name == "THREAD")?;
            (i, Data::Other { number: None, name, values })
        }
    };
    let (i, ()) = end(i, quirk)?;
    Ok((i, Response::Data(data)))
}

/// What follows the word `VANISHED`.
///
/// ```abnf
/// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids     ; RFC 7162 section 7
/// ```
fn expunged_resp(i: Input<'_>) -> Parsed<'_, Data> {
    let (mut i, ()) = sp(i)?;
    let earlier = i.next_is(b'(');
    if earlier {
        let (rest, word) = keyword(i.skip(1));
        if word.as_bytes() != b"EARLIER" || !rest.next_is(b')') {
            return i.fail(expected!("expunged-resp", "(EARLIER) or a set of UIDs"));
        }
        i = sp(rest.skip(1))?.0;
    }
    let (i, uids) = known_uids(i)?;
    Ok((i, Data::Vanished { earlier, uids }))
}

/// ```abnf
/// message-data  =  nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))     ; RFC 9051 section 9
/// message-data  =/ uidfetch-resp                                       ; RFC 9586 section 4
/// uidfetch-resp =  uniqueid SP "UIDFETCH" SP msg-att
/// ```
///
/// And of `mailbox-data`: `number SP "EXISTS"`, `obsolete-recent-response = number SP "RECENT"`.
fn numbered_data(start: Input<'_>) -> Parsed<'_, Data> {
    let digits = chars::run(Class::DIGIT, start.rest());
    let (i, ()) = sp(start.skip(digits))?;
    let (rest, word) = keyword(i);
    match word.as_bytes() {
        b"EXISTS" => Ok((rest, Data::Exists(number(start)?.1))),
        b"EXPUNGE" => Ok((rest, Data::Expunge(seq_num(start)?.1))),
        b"FETCH" => {
            let (_, seq) = seq_num(start)?;
            let (i, ()) = sp_before_list(rest)?;
            let (i, items) = msg_att(i)?;
            Ok((i, Data::Fetch(FetchResponse { seq, items })))
        }
        b"UIDFETCH" => {
            let (_, uid) = uniqueid(start)?;
            let (i, ()) = sp_before_list(rest)?;
            let (i, items) = msg_att(i)?;
            Ok((i, Data::UidFetch(UidFetchResponse { uid, items })))
        }
        b"RECENT" => Ok((rest, Data::Recent(number(start)?.1))),
        _ => {
            let (_, number) = number(start)?;
            let name = atom(i).ok().filter(|(_, name)| begins_with_a_letter(name));
            let Some((rest, name)) = name else {
                return i.fail(expected!("message-data", "EXISTS, RECENT, EXPUNGE or FETCH"));
            };
            if is_one_of(UNNUMBERED, &name) {
                return i.fail(expected!("message-data", "EXISTS, RECENT, EXPUNGE or FETCH"));
            }
            let (i, values) = other_data(rest, false)?;
            Ok((i, Data::Other { number: Some(number), name, values }))
        }
    }
}

/// The words that stand behind a number and nowhere else.
const NUMBERED: &[&str] = &["EXISTS", "EXPUNGE", "FETCH", "RECENT", "UIDFETCH"];

/// The words that stand behind the star and nowhere else. In other places they are no unknown data but mistakes.
const UNNUMBERED: &[&str] = &[
    "BAD",
    "BYE",
    "CAPABILITY",
    "ENABLED",
    "ESEARCH",
    "FLAGS",
    "ID",
    "LIST",
    "LSUB",
    "NAMESPACE",
    "NO",
    "OK",
    "PREAUTH",
    "SEARCH",
    "STATUS",
    "VANISHED",
];

fn is_one_of(words: &[&str], name: &Atom) -> bool {
    words.iter().any(|word| *name == *word)
}

/// Every name of data does, in every extension; `-1`, `[ALERT]` and `*` are mistakes of another kind.
fn begins_with_a_letter(name: &Atom) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

/// What follows the name of data that has no type: values, or bytes that are none. The latter are kept
/// where invalid parts are, and for THREAD, whose lists have no spaces between them (RFC 5256 section 5).
fn other_data(i: Input<'_>, raw: bool) -> Parsed<'_, Vec<Value>> {
    let fault = match i.attempt(values) {
        Ok(read) => return Ok(read),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
        Err(error) => return Err(error),
    };
    raw_data(i, fault, raw)
}

/// What follows the name of data that could not be read because of `fault`, to the end of the line.
fn raw_data(i: Input<'_>, fault: Fault, raw: bool) -> Parsed<'_, Vec<Value>> {
    let start = i.skip(1);
    let len = match start.rest() {
        [bytes @ .., b'\r', b'\n'] => bytes.len(),
        [bytes @ .., b'\n'] => bytes.len(),
        bytes => bytes.len(),
    };
    let threads =
        raw && start.rest().iter().take(len).all(|byte| matches!(byte, b'(' | b')' | b' ' | b'0'..=b'9'));
    // A CR inside the line is no part of any message.
    let keeps = threads
        || (i.cx.options.tolerance.keeps_invalid()
            && is_within_a_message(start.rest().get(..len).unwrap_or_default(), i.cx.side));
    if !i.next_is(b' ') || len == 0 || !keeps {
        return Err(nom::Err::Error(fault));
    }
    let at = fault.at.saturating_sub(u32::try_from(start.at()).unwrap_or(u32::MAX));
    let raw = Invalid::new(start.octets(len), fault.expect.rule, at);
    Ok((start.skip(len), alloc::vec![Value::Invalid(raw)]))
}

/// `id-response`; one that cannot be read is kept raw, where the decoder keeps such.
fn id_response<'a>(start: Input<'a>, i: Input<'a>) -> Parsed<'a, Data> {
    let read = i.attempt(|i| {
        let (i, id) = id(i)?;
        if i.at_line_end() || i.at_trailing_space() {
            return Ok((i, Data::Id(id)));
        }
        i.fail(expected!("CRLF", "the end of the line"))
    });
    let Err(nom::Err::Error(fault)) = read else { return read };
    let (end, values) = raw_data(i, fault, false)?;
    let (_, name) = atom(start)?;
    Ok((end, Data::Other { number: None, name, values }))
}

/// `*(SP value)` to the end of the line, or to spaces before it.
fn values(mut i: Input<'_>) -> Parsed<'_, Vec<Value>> {
    let mut values = Vec::new();
    while let Some(next) = more(i) {
        let (rest, item) = value(next, 0)?;
        i = within_list_limit(rest, values.len())?.0;
        values.push(item);
    }
    if i.next_is(b' ') || i.at_line_end() {
        return Ok((i, values));
    }
    i.fail(expected!("SP", "a space or the end of the line"))
}

/// The word of a status response, in upper case.
pub(crate) fn status(word: &[u8]) -> Option<Status> {
    Some(match word {
        b"OK" => Status::Ok,
        b"NO" => Status::No,
        b"BAD" => Status::Bad,
        b"BYE" => Status::Bye,
        b"PREAUTH" => Status::PreAuth,
        _ => return None,
    })
}

/// ```abnf
/// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text     ; RFC 9051 section 9
/// resp-cond-bye   = "BYE" SP resp-text
/// resp-cond-auth  = ("OK" / "PREAUTH") SP resp-text
/// ```
///
/// From behind the word to the end of the message. The space may be missing together with the text where
/// that is tolerated (erratum 7343).
fn resp_cond(i: Input<'_>, tag: Option<Tag>, status: Status) -> Parsed<'_, StatusResponse> {
    let (i, (code, text)) = spaced_resp_text(i)?;
    Ok((i, StatusResponse { tag, status, code, text }))
}

/// `SP resp-text CRLF`
pub(crate) fn spaced_resp_text(i: Input<'_>) -> Parsed<'_, (Option<imap_types::code::Code>, Text)> {
    if i.at_line_end() && i.tolerates(Quirk::MissingText) {
        let (i, ()) = crlf(i)?;
        return Ok((i, (None, Text::default())));
    }
    let (i, ()) = sp(i)?;
    let (i, read) = resp_text(i)?;
    let (i, ()) = crlf(i)?;
    Ok((i, read))
}

/// ```abnf
/// response-tagged = tag SP resp-cond-state CRLF     ; RFC 9051 section 9
/// ```
fn response_tagged(i: Input<'_>) -> Parsed<'_, StatusResponse> {
    let (i, tag) = tag(i)?;
    let (i, ()) = sp(i)?;
    let (rest, word) = keyword(i);
    match status(word.as_bytes()) {
        Some(status @ (Status::Ok | Status::No | Status::Bad)) => resp_cond(rest, Some(tag), status),
        Some(Status::PreAuth | Status::Bye) | None => i.fail(expected!("resp-cond-state", "OK, NO or BAD")),
    }
}

/// ```abnf
/// continue-req = "+" SP (resp-text / base64) CRLF     ; RFC 9051 section 9
/// ```
fn continue_req(i: Input<'_>) -> Parsed<'_, Continuation> {
    let i = i.skip(1);
    let (i, (code, text)) = if i.at_line_end() && i.tolerates(Quirk::BareContinuation) {
        (i, (None, Text::default()))
    } else {
        let (i, ()) = sp(i)?;
        resp_text(i)?
    };
    let (i, ()) = crlf(i)?;
    let challenge = match code {
        Some(_) => None,
        None => match decode_base64(text.as_bytes()) {
            Ok((bytes, len)) if len == text.as_bytes().len() => Some(Secret::new(Octets::from(bytes))),
            _ => None,
        },
    };
    Ok((i, Continuation { code, text, challenge }))
}

/// Writes a response.
///
/// ```
/// use imap_codec::{encode_response, profile::EncodeProfile};
/// use imap_types::response::{Response, StatusResponse};
///
/// let done = Response::from(StatusResponse::ok("A1", "NOOP completed")?);
/// let encoded = encode_response(&done, &EncodeProfile::server())?;
/// assert_eq!(encoded.to_bytes(), "A1 OK NOOP completed\r\n");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
///
/// Where the value has no form on the wire: a tagged BYE, capability data without a revision, a text that
/// would be read as something else, a part that was received invalid (see
/// [`EncodeProfile::relay_invalid`]; one with a quoted string that does not end in it cannot be sent at all, since what
/// follows might end it), bytes that the peer does not take.
pub fn encode_response(response: &Response, profile: &EncodeProfile) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::new(profile);
    written(&mut writer, response)?;
    writer.finish()
}

/// Writes a response right behind what `out` holds, where it is a short line, as most are: a server joins its replies so, and
/// none of them is a buffer of its own. `None` says that this was done. Any other response comes back as
/// [`encode_response`] makes it, and `out` is as it was.
///
/// ```
/// use bytes::BytesMut;
/// use imap_codec::{append_response, profile::EncodeProfile};
/// use imap_types::response::{Data, Response, StatusResponse};
///
/// let mut out = BytesMut::new();
/// for response in [Response::Data(Data::Exists(23)), StatusResponse::ok("A1", "NOOP completed")?.into()] {
///     if let Some(encoded) = append_response(&response, &EncodeProfile::server(), &mut out)? {
///         // A long line, or one with literals: send `out`, then its segments.
///     }
/// }
/// assert_eq!(out, "* 23 EXISTS\r\nA1 OK NOOP completed\r\n");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
///
/// As of [`encode_response`]; `out` is as it was.
pub fn append_response(
    response: &Response,
    profile: &EncodeProfile,
    out: &mut BytesMut,
) -> Result<Option<Encoded>, EncodeError> {
    let mut writer = Writer::new(profile);
    written(&mut writer, response)?;
    writer.finish_behind(out)
}

/// The response, without the line end.
#[inline]
fn written(writer: &mut Writer<'_>, response: &Response) -> Result<(), EncodeError> {
    if let Response::Data(Data::Fetch(fetch)) = response {
        writer.reserve(fetch::room(&fetch.items));
    } else if let Response::Data(Data::Search(search)) = response {
        writer.reserve(search.numbers.len().saturating_mul(8).saturating_add(SHORT));
    }
    writer.response(response)
}

impl Writer<'_> {
    /// `response-tagged`, `response-data` or `continue-req`, without the line end.
    pub(crate) fn response(&mut self, response: &Response) -> Result<(), EncodeError> {
        match response {
            Response::Status(status) => self.status_response(status),
            Response::Data(data) => {
                self.bytes(b"* ");
                self.data(data)
            }
            Response::Continuation(request) => self.continue_req(request),
            _ => Err(EncodeError::unknown("a response")),
        }
    }

    /// `resp-cond-state`, `resp-cond-bye` or `resp-cond-auth`, with what stands before it.
    fn status_response(&mut self, response: &StatusResponse) -> Result<(), EncodeError> {
        match (&response.tag, response.status) {
            (Some(_), Status::Bye | Status::PreAuth) => {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "a tagged BYE or PREAUTH"));
            }
            (Some(tag), Status::Ok | Status::No | Status::Bad) => self.bytes(tag.as_bytes()),
            (None, _) => self.bytes(b"*"),
        }
        self.sp();
        self.bytes(response.status.as_str().as_bytes());
        self.sp();
        self.resp_text(response.code.as_ref(), &response.text)
    }

    /// What follows the star.
    fn data(&mut self, data: &Data) -> Result<(), EncodeError> {
        if let Data::Exists(number) | Data::Recent(number) = data {
            self.number(*number);
            self.sp();
        } else if let Data::Expunge(number) = data {
            self.number(number.get());
            self.sp();
        } else if let Data::Fetch(fetch) = data {
            return self.fetch_response(fetch);
        } else if let Data::UidFetch(fetch) = data {
            return self.uidfetch_resp(fetch);
        } else if let Data::List(list) = data {
            self.bytes(b"LIST ");
            return self.mailbox_list(list);
        } else if let Data::Other { number: Some(number), .. } = data {
            self.number(*number);
            self.sp();
        }
        self.bytes(data.name().as_bytes());
        match data {
            Data::Capability(names) => return self.capabilities(names),
            Data::Enabled(names) => self.enabled(names),
            Data::Search(search) => return self.search_data(search),
            Data::Esearch(esearch) => return self.esearch_response(esearch),
            Data::Flags(flags) => {
                self.sp();
                return self.flag_list(flags);
            }
            Data::Lsub(list) => {
                self.sp();
                return self.mailbox_list(list);
            }
            Data::Namespace(namespace) => {
                self.sp();
                return self.namespace_response(namespace);
            }
            Data::Id(id) => return self.id_params_list(id),
            Data::Status(status) => {
                self.sp();
                return self.status_data(status);
            }
            Data::Vanished { earlier, uids } => {
                self.bytes(if *earlier { b" (EARLIER) ".as_slice() } else { b" " });
                return self.uid_set(uids);
            }
            Data::Exists(_)
            | Data::Recent(_)
            | Data::Expunge(_)
            | Data::Fetch(_)
            | Data::UidFetch(_)
            | Data::List(_) => {}
            Data::Other { name, values, .. } => {
                let unreadable = values.iter().any(|value| matches!(value, Value::Invalid(_)));
                if !unreadable && (is_one_of(NUMBERED, name) || is_one_of(UNNUMBERED, name)) {
                    return Err(EncodeError::new(EncodeErrorKind::Combination, "the name of untagged data"));
                }
                for value in values {
                    self.sp();
                    self.value(value)?;
                }
            }
            _ => return Err(EncodeError::unknown("untagged data")),
        }
        Ok(())
    }

    /// `continue-req`. The text is sent, the challenge is its other reading.
    fn continue_req(&mut self, request: &Continuation) -> Result<(), EncodeError> {
        self.bytes(b"+ ");
        if let Some(challenge) = request.challenge.as_ref().filter(|_| request.is_challenge()) {
            return self.secret(|w| {
                w.base64(challenge.expose().as_bytes());
                Ok(())
            });
        }
        self.resp_text(request.code.as_ref(), &request.text)
    }
}

#[cfg(test)]
mod tests;

//! Commands, and the other lines of a client: the entry points of a server's decoder and a client's encoder.
//!
//! Each command is dispatched here on its name; its arguments are read in the file of its topic.

use alloc::{boxed::Box, vec::Vec};

use imap_types::{
    atom::{Atom, Tag},
    command::{ClientMessage, Command, CommandBody},
    mailbox::Mailbox,
    secret::Secret,
    value::Value,
    vec1::Vec1,
};

use nom::{
    Parser as _,
    sequence::{preceded, separated_pair},
};

use crate::{
    DecodeOptions, Decoded, Expecting, Side,
    append::append,
    atom::{atom, tag},
    auth::{authenticate, authenticate_data},
    capability::capability,
    compress::compress,
    context::cancel_update,
    copy::copy,
    cursor::{Context, Input, Parsed, close, crlf, keyword, more, open, sp, sp_separated, within_list_limit},
    error::{DecodeError, EncodeError, Fault, expected},
    fetch::fetch,
    frame::{Message, Parts},
    id::id,
    list::list,
    mailbox::{list_mailbox, mailbox},
    notify::notify,
    parameter::{Form, maybe_parameters, parameter},
    profile::EncodeProfile,
    replace::replace,
    search::{fits_search, search},
    select::select,
    sequence::sequence_set,
    status::status_att,
    store::store,
    string::{astring, value},
    tolerance::Quirk,
    writer::{Encoded, Writer},
};

/// Reads a command.
///
/// A command of an unknown name is read as well, with its arguments as a value tree
/// ([`CommandBody::Other`]); a server answers it with BAD.
///
/// ```
/// use imap_codec::{DecodeOptions, decode_command, frame::Frame};
/// use imap_types::command::CommandBody;
///
/// let frame = Frame::from_static(b"A1 SELECT INBOX \r\n");
/// let select = decode_command(&frame, &DecodeOptions::tolerant_of_clients())?;
/// assert_eq!(select.value.body, CommandBody::select("INBOX")?);
/// // The space at the end is no part of the grammar:
/// assert_eq!(select.deviations[0].quirk.id(), "Q161");
/// let error = decode_command(&frame, &DecodeOptions::strict()).unwrap_err();
/// assert_eq!((error.at, error.tag.is_some()), (15, true));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// Where the bytes are no command: with the tag, if there was one to read. An error in what may be a LOGIN or
/// an AUTHENTICATE says nothing of the bytes.
pub fn decode_command<M: Message + ?Sized>(
    message: &M,
    options: &DecodeOptions,
) -> Result<Decoded<Command>, DecodeError> {
    decode(message.parts(), options, command)
}

/// Reads what a client sends: a command, or the line that `expecting` names.
///
/// While an AUTHENTICATE waits for data, a line with a space is a command and ends the exchange: no base64 has
/// one. While IDLE waits for `DONE`, another line is an error of rule `idle`, unless the decoder tolerates
/// [`Quirk::CommandInsteadOfDone`]: then it is a command, and ends IDLE.
///
/// ```
/// use imap_codec::{DecodeOptions, Expecting, decode_client_message, frame::Frame};
/// use imap_types::command::{AuthenticateData, ClientMessage};
///
/// let options = DecodeOptions::strict();
/// let line = Frame::from_static(b"AGFsaWNlAHNlY3JldA==\r\n");
/// let message = decode_client_message(&line, Expecting::AuthenticateData, &options)?.value;
/// let ClientMessage::AuthenticateData(AuthenticateData::Response(data)) = message else { panic!() };
/// assert_eq!(*data.expose(), "\0alice\0secret");
///
/// let done = Frame::from_static(b"DONE\r\n");
/// assert_eq!(decode_client_message(&done, Expecting::IdleDone, &options)?.value, ClientMessage::IdleDone);
/// # Ok::<(), imap_codec::error::DecodeError>(())
/// ```
///
/// # Errors
/// As [`decode_command`]. An error in the data of AUTHENTICATE says nothing of the bytes.
pub fn decode_client_message<M: Message + ?Sized>(
    message: &M,
    expecting: Expecting,
    options: &DecodeOptions,
) -> Result<Decoded<ClientMessage>, DecodeError> {
    let message = message.parts();
    match expecting {
        Expecting::Command => decode(message, options, command_message),
        Expecting::AuthenticateData if has_space(message.bytes) => decode(message, options, command_message),
        Expecting::AuthenticateData => decode(message, options, |i| {
            let (i, data) = untagged(authenticate_data(i))?;
            untagged(crlf(i))?;
            Ok(ClientMessage::AuthenticateData(data))
        })
        .map_err(|error| DecodeError { found: "".into(), excerpt: "".into(), ..error }),
        Expecting::IdleDone => decode(message, options, |i| {
            let (rest, word) = keyword(i);
            if word.as_bytes() == b"DONE" && (rest.at_line_end() || rest.at_trailing_space()) {
                return match end_of_command(rest) {
                    Ok(_) => Ok(ClientMessage::IdleDone),
                    Err(_) => {
                        let fault = rest.fault(expected!("idle", "the end of the line after DONE"));
                        Err(Failure { fault, tag: None })
                    }
                };
            }
            if i.tolerates(Quirk::CommandInsteadOfDone) {
                return command_message(i);
            }
            Err(Failure { fault: i.fault(expected!("idle", "DONE")), tag: None })
        }),
    }
}

fn has_space(line: &[u8]) -> bool {
    memchr::memchr(b' ', line).is_some()
}

/// The error of a message, and its tag where that was read.
pub(crate) struct Failure {
    fault: Fault,
    tag: Option<Tag>,
}

/// Reads the whole message with `rule`.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "what is shared is made where it is used, and the value is moved less"
)]
fn decode<T>(
    message: Parts<'_>,
    options: &DecodeOptions,
    rule: impl FnOnce(Input<'_>) -> Result<T, Failure>,
) -> Result<Decoded<T>, DecodeError> {
    let cx = Context::new(message, options, Side::Client);
    match rule(cx.input()) {
        Ok(value) => Ok(Decoded { value, deviations: cx.take_deviations() }),
        Err(Failure { fault, tag }) => Err(fault.report(message.bytes, tag, may_hold_secret(message.bytes))),
    }
}

/// Whether a message may hold a credential: LOGIN or AUTHENTICATE is among the first three words of it or of one
/// of its lines, however odd the bytes between the words are.
fn may_hold_secret(message: &[u8]) -> bool {
    let line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | 0) || line_end(byte);
    let names_a_login = |text: &[u8]| {
        let words = text.split(blank).filter(|word| !word.is_empty());
        words.take(3).any(|word| {
            [b"LOGIN".as_slice(), b"AUTHENTICATE"]
                .iter()
                .any(|name| word.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)))
        })
    };
    // A line end between the tag and the name does not part them.
    names_a_login(message) || message.split(line_end).any(names_a_login)
}

fn command_message(i: Input<'_>) -> Result<ClientMessage, Failure> {
    command(i).map(ClientMessage::Command)
}

/// The result of a rule before the tag.
fn untagged<T>(result: Result<T, nom::Err<Fault>>) -> Result<T, Failure> {
    result.map_err(|error| Failure { fault: fault_of(error), tag: None })
}

fn fault_of(error: nom::Err<Fault>) -> Fault {
    match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
        // OK: no rule asks for more, the message is complete.
        nom::Err::Incomplete(_) => Fault { at: 0, expect: expected!("command", "a complete command") },
    }
}

/// ```abnf
/// command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
///                                                     ; RFC 9051 section 9
/// ```
pub(crate) fn command(i: Input<'_>) -> Result<Command, Failure> {
    let (i, tag) = untagged(tag(i))?;
    if !i.next_is(b' ') && !i.at_line_end() {
        // What is here is more of the word: an answer with a part of it would be for another command.
        untagged(sp(i))?;
    }
    let body = || {
        let (i, ()) = sp(i)?;
        let (i, body) = command_body(i)?;
        let (_, ()) = end_of_command(i)?;
        Ok(body)
    };
    match body() {
        Ok(body) => Ok(Command { tag, body }),
        Err(error) => Err(Failure { fault: fault_of(error), tag: Some(tag) }),
    }
}

/// `CRLF`, and before it spaces that the decoder overlooks.
#[inline]
fn end_of_command(i: Input<'_>) -> Parsed<'_, ()> {
    if i.rest() == b"\r\n" { Ok((i.skip(2), ())) } else { unusual_end_of_command(i) }
}

#[cold]
fn unusual_end_of_command(i: Input<'_>) -> Parsed<'_, ()> {
    if i.at_trailing_space() && i.tolerates(Quirk::TrailingSpaceCommand) {
        let spaces = i.rest().iter().take_while(|byte| **byte == b' ').count();
        return crlf(i.skip(spaces));
    }
    crlf(i)
}

/// The name of a command, and its arguments.
///
/// ```abnf
/// command-auth   =/ "UNAUTHENTICATE"     ; RFC 8437 section 6
/// command-select =/ "UNAUTHENTICATE"
/// ```
fn command_body(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (rest, name) = keyword(i);
    let body = match name.as_bytes() {
        b"CAPABILITY" => CommandBody::Capability,
        b"NOOP" => CommandBody::Noop,
        b"LOGOUT" => CommandBody::Logout,
        b"STARTTLS" => CommandBody::StartTls,
        b"NAMESPACE" => CommandBody::Namespace,
        b"IDLE" => CommandBody::Idle,
        b"CHECK" => CommandBody::Check,
        b"CLOSE" => CommandBody::Close,
        b"UNSELECT" => CommandBody::Unselect,
        b"EXPUNGE" => CommandBody::Expunge,
        b"AUTHENTICATE" => return authenticate(rest),
        b"LOGIN" => return login(rest),
        b"ENABLE" => return enable(rest),
        b"SELECT" => {
            let (i, (mailbox, parameters)) = select(rest)?;
            return Ok((i, CommandBody::Select { mailbox, parameters }));
        }
        b"EXAMINE" => {
            let (i, (mailbox, parameters)) = select(rest)?;
            return Ok((i, CommandBody::Examine { mailbox, parameters }));
        }
        b"CREATE" => return create(rest),
        b"DELETE" => return of_mailbox(rest, CommandBody::Delete),
        b"SUBSCRIBE" => return of_mailbox(rest, CommandBody::Subscribe),
        b"UNSUBSCRIBE" => return of_mailbox(rest, CommandBody::Unsubscribe),
        b"RENAME" => return rename(rest),
        b"LIST" => return preceded(sp, list).map(CommandBody::List).parse(rest),
        b"LSUB" => return lsub(rest),
        b"STATUS" => return status(rest),
        b"APPEND" => return append.map(CommandBody::Append).parse(rest),
        b"SEARCH" => return (|i| search(i, false)).map(CommandBody::Search).parse(rest),
        b"FETCH" => return fetch_command(rest, false),
        b"STORE" => return (|i| store(i, false)).map(CommandBody::Store).parse(rest),
        b"COPY" => return (|i| copy(i, false)).map(CommandBody::Copy).parse(rest),
        b"MOVE" => return (|i| copy(i, false)).map(CommandBody::Move).parse(rest),
        b"REPLACE" => return replace_command(rest, false),
        b"ID" => return id.map(CommandBody::Id).parse(rest),
        b"NOTIFY" => return notify.map(CommandBody::Notify).parse(rest),
        b"COMPRESS" => return compress.map(CommandBody::Compress).parse(rest),
        b"UNAUTHENTICATE" => CommandBody::Unauthenticate,
        b"CANCELUPDATE" => return cancel_update.map(CommandBody::CancelUpdate).parse(rest),
        b"UID" => return uid(rest),
        _ => return other(i, false),
    };
    Ok((rest, body))
}

/// `SP` and the arguments of FETCH.
fn fetch_command(i: Input<'_>, uid: bool) -> Parsed<'_, CommandBody> {
    preceded(sp, |i| fetch(i, uid)).map(CommandBody::Fetch).parse(i)
}

/// The arguments of REPLACE.
fn replace_command(i: Input<'_>, uid: bool) -> Parsed<'_, CommandBody> {
    replace(i, uid).map(|(i, replace)| (i, CommandBody::Replace(Box::new(replace))))
}

/// What follows the word `UID`.
///
/// ```abnf
/// uid         = "UID" SP (copy / move / fetch / search / store / uid-expunge)     ; RFC 9051 section 9
/// uid-expunge = "EXPUNGE" SP sequence-set
/// uid        =/ "UID" SP replace                                                  ; RFC 8508 section 5
/// ```
fn uid(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, ()) = sp(i)?;
    let (rest, name) = keyword(i);
    match name.as_bytes() {
        b"SEARCH" => (|i| search(i, true)).map(CommandBody::Search).parse(rest),
        b"FETCH" => fetch_command(rest, true),
        b"STORE" => (|i| store(i, true)).map(CommandBody::Store).parse(rest),
        b"COPY" => (|i| copy(i, true)).map(CommandBody::Copy).parse(rest),
        b"MOVE" => (|i| copy(i, true)).map(CommandBody::Move).parse(rest),
        b"EXPUNGE" => preceded(sp, sequence_set).map(CommandBody::UidExpunge).parse(rest),
        b"REPLACE" => replace_command(rest, true),
        _ => other(i, true),
    }
}

/// A command that has no type here: its name, and its arguments as values.
///
/// ```abnf
/// x-command = "X" atom <experimental command arguments>     ; RFC 3501 section 9
/// ```
fn other(i: Input<'_>, uid: bool) -> Parsed<'_, CommandBody> {
    let (mut i, name) = match atom(i) {
        Ok(read) => read,
        Err(_) => return i.fail(expected!("command", "the name of a command")),
    };
    let _ = i.check(|i| {
        let (end, ()) = fits_search(i, name.as_bytes(), uid)?;
        if end.at() == i.at() { Ok((end, ())) } else { end_of_command(end) }
    })?;
    let mut arguments = Vec::new();
    while let Some(next) = more(i) {
        let (rest, argument) = value(next, 0)?;
        i = within_list_limit(rest, arguments.len())?.0;
        arguments.push(argument);
    }
    Ok((i, CommandBody::Other { uid, name, arguments }))
}

/// ```abnf
/// login    = "LOGIN" SP userid SP password     ; RFC 9051 section 9
/// userid   = astring
/// password = astring
/// ```
fn login(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, (user, password)) = preceded(sp, separated_pair(astring, sp, astring)).parse(i)?;
    Ok((i, CommandBody::Login { user, password: Secret::new(password) }))
}

/// ```abnf
/// enable = "ENABLE" 1*(SP capability)     ; RFC 9051 section 9
/// ```
fn enable(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, ()) = sp(i)?;
    let (mut i, first) = capability(i)?;
    let mut capabilities = Vec1::new(first);
    while let Some(next) = more(i) {
        let (rest, capability) = capability(next)?;
        i = within_list_limit(rest, capabilities.len())?.0;
        capabilities.push(capability);
    }
    Ok((i, CommandBody::Enable(capabilities)))
}

/// ```abnf
/// create        = "CREATE" SP mailbox [create-params]      ; RFC 4466 section 3
/// create-params = SP "(" create-param *(SP create-param) ")"
/// create-param  =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"     ; RFC 6154 section 6
/// ```
fn create(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, mailbox) = preceded(sp, mailbox).parse(i)?;
    let (i, parameters) = maybe_parameters(i, |i| parameter(i, OF_CREATE))?;
    Ok((i, CommandBody::Create { mailbox, parameters }))
}

/// The parameters that CREATE has.
const OF_CREATE: &[(&str, Form)] = &[("USE", Form::UseAttributes)];

/// ```abnf
/// delete      = "DELETE" SP mailbox     ; RFC 9051 section 9
/// subscribe   = "SUBSCRIBE" SP mailbox
/// unsubscribe = "UNSUBSCRIBE" SP mailbox
/// ```
fn of_mailbox(i: Input<'_>, body: impl FnMut(Mailbox) -> CommandBody) -> Parsed<'_, CommandBody> {
    preceded(sp, mailbox).map(body).parse(i)
}

/// ```abnf
/// rename = "RENAME" SP mailbox SP mailbox [rename-params]     ; RFC 4466 section 3
/// ```
fn rename(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, (from, to)) = preceded(sp, separated_pair(mailbox, sp, mailbox)).parse(i)?;
    let (i, parameters) = maybe_parameters(i, |i| parameter(i, &[]))?;
    Ok((i, CommandBody::Rename { from, to, parameters }))
}

/// ```abnf
/// lsub = "LSUB" SP mailbox SP list-mailbox     ; RFC 3501 section 9
/// ```
fn lsub(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, (reference, pattern)) = preceded(sp, separated_pair(mailbox, sp, list_mailbox)).parse(i)?;
    Ok((i, CommandBody::Lsub { reference, pattern }))
}

/// ```abnf
/// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"     ; RFC 9051 section 9
/// ```
fn status(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, ()) = sp(i)?;
    let (i, mailbox) = mailbox(i)?;
    let (i, ()) = sp(i)?;
    let (start, ()) = open(i)?;
    let (i, items) = sp_separated(start, status_att)?;
    let (i, ()) = close(i)?;
    match Vec1::try_from(items) {
        Ok(items) => Ok((i, CommandBody::Status { mailbox, items })),
        Err(_) => start.fail(expected!("status-att", "the name of a STATUS item")),
    }
}

/// Writes a command.
///
/// ```
/// use imap_codec::{encode_command, profile::EncodeProfile};
/// use imap_types::command::{Command, CommandBody};
///
/// let copy = Command::new("A3", CommandBody::uid_copy(2..=4, "Sent Items")?)?;
/// let encoded = encode_command(&copy, &EncodeProfile::client())?;
/// assert_eq!(encoded.to_bytes(), "A3 UID COPY 2:4 \"Sent Items\"\r\n");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// Where a part has no form that the peer takes: an empty set, NUL without literal8, an invalid part that is
/// not to be relayed.
pub fn encode_command(command: &Command, profile: &EncodeProfile) -> Result<Encoded, EncodeError> {
    //= rfc9051#section-2.2.1
    //# Clients MUST follow the syntax outlined in this specification strictly.
    let mut writer = Writer::new(profile);
    writer.command(command)?;
    writer.finish()
}

/// Writes what a client sends: a command, or a line in the middle of one.
///
/// ```
/// use imap_codec::{encode_client_message, profile::EncodeProfile};
/// use imap_types::command::{AuthenticateData, ClientMessage};
///
/// let data = ClientMessage::AuthenticateData(AuthenticateData::from("\0alice\0secret"));
/// let encoded = encode_client_message(&data, &EncodeProfile::client())?;
/// assert_eq!(encoded.to_bytes(), "AGFsaWNlAHNlY3JldA==\r\n");
/// # Ok::<(), imap_codec::error::EncodeError>(())
/// ```
///
/// # Errors
/// As [`encode_command`].
pub fn encode_client_message(
    message: &ClientMessage,
    profile: &EncodeProfile,
) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::new(profile);
    writer.client_message(message)?;
    writer.finish()
}

impl Writer<'_> {
    /// A command, or a line in the middle of one, without the line end.
    pub(crate) fn client_message(&mut self, message: &ClientMessage) -> Result<(), EncodeError> {
        match message {
            ClientMessage::Command(command) => self.command(command),
            ClientMessage::AuthenticateData(data) => self.authenticate_data(data),
            ClientMessage::IdleDone => {
                self.bytes(b"DONE");
                Ok(())
            }
            _ => Err(EncodeError::unknown("a message of a client")),
        }
    }

    /// `command`, without its `CRLF`.
    pub(crate) fn command(&mut self, command: &Command) -> Result<(), EncodeError> {
        self.bytes(command.tag.as_bytes());
        self.sp();
        self.command_body(&command.body)
    }

    fn command_body(&mut self, body: &CommandBody) -> Result<(), EncodeError> {
        // A name that is not known stays as it came.
        if !matches!(body, CommandBody::Other { .. }) {
            self.bytes(body.name().as_bytes());
        }
        match body {
            CommandBody::Capability
            | CommandBody::Noop
            | CommandBody::Logout
            | CommandBody::StartTls
            | CommandBody::Namespace
            | CommandBody::Idle
            | CommandBody::Check
            | CommandBody::Close
            | CommandBody::Unselect
            | CommandBody::Expunge
            | CommandBody::Unauthenticate => Ok(()),
            CommandBody::Authenticate { mechanism, initial_response } => {
                self.authenticate_arguments(mechanism, initial_response.as_ref())
            }
            CommandBody::Login { user, password } => {
                self.sp();
                self.astring(user)?;
                self.sp();
                self.secret(|w| w.astring(password.expose()))
            }
            CommandBody::Enable(capabilities) => {
                self.sp();
                self.separated(capabilities, Self::capability)
            }
            CommandBody::Select { mailbox, parameters } | CommandBody::Examine { mailbox, parameters } => {
                self.select_arguments(mailbox, parameters)
            }
            CommandBody::Create { mailbox, parameters } => {
                self.sp();
                self.mailbox(mailbox)?;
                self.parameters(parameters, |w, parameter| w.other_parameter(parameter, &[], OF_CREATE))
            }
            CommandBody::Delete(mailbox)
            | CommandBody::Subscribe(mailbox)
            | CommandBody::Unsubscribe(mailbox) => {
                self.sp();
                self.mailbox(mailbox)
            }
            CommandBody::Rename { from, to, parameters } => {
                self.sp();
                self.mailbox(from)?;
                self.sp();
                self.mailbox(to)?;
                self.parameters(parameters, Self::parameter)
            }
            CommandBody::List(list) => {
                self.sp();
                self.list_arguments(list)
            }
            CommandBody::Lsub { reference, pattern } => {
                self.sp();
                self.mailbox(reference)?;
                self.sp();
                self.list_mailbox(pattern)
            }
            CommandBody::Status { mailbox, items } => {
                self.sp();
                self.mailbox(mailbox)?;
                self.sp();
                self.list(items, Self::status_att)
            }
            CommandBody::Append(append) => self.append_arguments(append),
            CommandBody::UidExpunge(set) => {
                self.sp();
                self.sequence_set(set)
            }
            CommandBody::Search(search) => self.search_arguments(search),
            CommandBody::Fetch(fetch) => {
                self.sp();
                self.fetch(fetch)
            }
            CommandBody::Store(store) => self.store_arguments(store),
            CommandBody::Copy(copy) | CommandBody::Move(copy) => self.copy_arguments(copy),
            CommandBody::Id(id) => self.id_params_list(id),
            CommandBody::Notify(notify) => self.notify_arguments(notify),
            CommandBody::Compress(algorithm) => {
                self.compress_argument(algorithm);
                Ok(())
            }
            CommandBody::CancelUpdate(tags) => self.cancel_update_arguments(tags),
            CommandBody::Replace(replace) => self.replace_arguments(replace),
            CommandBody::Other { uid, name, arguments } => self.other(*uid, name, arguments),
            _ => Err(EncodeError::unknown("a command")),
        }
    }

    /// A command that has no type here, as it came.
    fn other(&mut self, uid: bool, name: &Atom, arguments: &[Value]) -> Result<(), EncodeError> {
        if uid {
            self.bytes(b"UID ");
        }
        self.bytes(name.as_bytes());
        arguments.iter().try_for_each(|argument| {
            self.sp();
            self.value(argument)
        })
    }
}

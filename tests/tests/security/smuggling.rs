//! S9, S10 and S11: one message stays one message, and payload is never protocol.

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_response,
    frame::{Event, Frame, Framer, FramerOptions},
    limits::Limits,
    profile::{EncodeProfile, Literals},
    writer::{Encoded, Segment},
};
use imap_tests::{
    reference::{self, Sender},
    rng::Rng,
};
use imap_types::{
    append::{Append, AppendMessage},
    command::{Command, CommandBody},
    error::ValidationError,
    list::ListResponse,
    mailbox::Mailbox,
    response::{Data, Response, Status, StatusResponse},
    string::Form,
};

use crate::{PROFILES, SEEDS, framer, messages, offline, wide, with_literals};

// ---- S9, S10: what an encoder writes is exactly one message ----

/// Strings that try to be more than strings.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "a\r\nA9 DELETE INBOX",
    "a\r\n* BYE",
    "\r\n",
    "\n",
    "\r",
    "a\0b",
    "{5}",
    "{5+}",
    "~{5}",
    "x {5}",
    "x {5+}",
    "{5}\r\nhello",
    "\"",
    "\\",
    "a\\",
    "\\\"",
    "\" {5}",
    "[x] y",
    "[ALERT",
    "]",
    "(",
    ")",
    "a)b",
    "*",
    "%",
    "+",
    "+ go",
    "NIL",
    "nil",
    "\t",
    "\u{7f}",
    "caf\u{e9}",
    "\u{1f4ec}",
    "INBOX",
    "inbox",
    "&",
    "&AOk-",
    "A1 OK done",
    "\\Seen",
    "\\*",
    "1:*",
    "$",
    "UID",
    "BODY[",
];

/// Checks that what was written is one message, under the reference framer and under our own.
fn is_one_message(sender: Side, encoded: &Encoded, what: &dyn std::fmt::Debug) {
    let bytes = encoded.to_bytes();
    let reference = match sender {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    };
    match reference::split(reference, &bytes) {
        Ok(messages) if messages.len() == 1 => {}
        other => panic!("{what:?} is written as {}: {other:?}", bytes.escape_ascii()),
    }
    let mut framer = Framer::new(sender, FramerOptions::offline(&DecodeOptions::strict()));
    is_one_frame(&mut framer, encoded, what);
}

/// The same, under a framer of ours.
fn is_one_frame(framer: &mut Framer, encoded: &Encoded, what: &dyn std::fmt::Debug) {
    let bytes = encoded.to_bytes();
    framer.push_bytes(bytes.clone());
    match framer.next_event() {
        Some(Event::Message(frame)) if frame.as_bytes().len() == bytes.len() => {}
        other => panic!("{what:?} is written as {}: {other:?}", bytes.escape_ascii()),
    }
}

/// All commands that can be made of one string.
fn commands_of(string: &str) -> Vec<Result<CommandBody, ValidationError>> {
    let payload = string.as_bytes().to_vec();
    let mut commands = vec![
        CommandBody::login(string, string),
        CommandBody::authenticate(string),
        CommandBody::authenticate_with("PLAIN", payload.clone()),
        CommandBody::enable([string]),
        CommandBody::select(string),
        CommandBody::examine(string),
        CommandBody::create(string),
        CommandBody::delete(string),
        CommandBody::rename(string, string),
        CommandBody::subscribe(string),
        CommandBody::list(string, string),
        CommandBody::lsub(string, string),
        CommandBody::copy(string, string),
        CommandBody::uid_expunge(string),
        Append::new(string, AppendMessage::new(payload)).map(CommandBody::Append),
    ];
    use imap_types::search::SearchKey;
    for key in [
        SearchKey::subject(string),
        SearchKey::text(string),
        SearchKey::header(string, string),
        SearchKey::keyword(string),
        SearchKey::uid(string),
    ] {
        commands.push(key.map(CommandBody::search));
    }
    commands
}

#[test]
fn s09_hostile_strings_make_one_command_or_none() {
    let mut written = 0;
    for string in HOSTILE {
        for body in commands_of(string).into_iter().flatten() {
            let command = Command::new("A1", body).unwrap();
            for profile in &PROFILES {
                if let Ok(encoded) = encode_command(&command, profile) {
                    is_one_message(Side::Client, &encoded, &command);
                    written += 1;
                }
            }
        }
        if let Ok(command) = Command::new(*string, CommandBody::Noop) {
            is_one_message(Side::Client, &encode_command(&command, &PROFILES[0]).unwrap(), &command);
        }
    }
    assert!(written > 1000, "{written} were written");
}

#[test]
fn s09_hostile_texts_make_one_response_or_none() {
    let mut written = 0;
    for string in HOSTILE {
        for response in [
            StatusResponse::ok("A1", string),
            StatusResponse::ok(string, "x"),
            StatusResponse::bye(string),
            StatusResponse::untagged(Status::Ok, string)
                .and_then(|status| Ok(status.with_code(imap_types::code::Code::other("X", Some(string))?))),
            StatusResponse::untagged(Status::No, string)
                .and_then(|status| Ok(status.with_code(imap_types::code::Code::other(string, None)?))),
        ]
        .into_iter()
        .flatten()
        {
            let response = Response::Status(response);
            for profile in [EncodeProfile::server(), EncodeProfile::as_received(Side::Server)] {
                if let Ok(encoded) = encode_response(&response, &profile) {
                    is_one_message(Side::Server, &encoded, &response);
                    written += 1;
                }
            }
        }
    }
    assert!(written > 100, "{written} were written");
}

/// The frame of `bytes`, where they are one message.
fn only_message(sender: Side, bytes: Vec<u8>) -> Option<Frame> {
    let len = bytes.len();
    let mut framer = offline(sender, Limits::CLIENT);
    framer.push_bytes(bytes.into());
    match framer.next_event() {
        Some(Event::Message(frame)) if frame.as_bytes().len() == len => Some(frame),
        _ => None,
    }
}

#[test]
fn s09_whatever_was_read_is_written_as_one_message() {
    let mut rng = Rng::of("s09");
    let pieces: Vec<&[u8]> = HOSTILE
        .iter()
        .map(|string| string.as_bytes())
        .chain([&b"{3}\r\n"[..], b" ", b"\r\n", b"\xff"])
        .collect();
    let (mut read, mut written) = (0, 0);
    for (sender, seed) in SEEDS {
        for round in 0..3000 {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..round.min(1 + round % 3) {
                let at = rng.below(bytes.len());
                let piece = pieces[rng.below(pieces.len())];
                let end = (at + rng.below(4)).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            let Some(frame) = only_message(sender, bytes) else { continue };
            let encoded = match sender {
                Side::Client => {
                    let options = wide(DecodeOptions::tolerant_of_clients());
                    let Ok(decoded) = decode_command(&frame, &options) else { continue };
                    PROFILES.map(|profile| (profile, encode_command(&decoded.value, &profile))).to_vec()
                }
                Side::Server => {
                    let options = DecodeOptions::tolerant_of_servers();
                    let Ok(decoded) = decode_response(&frame, &options) else { continue };
                    [EncodeProfile::as_received(sender), EncodeProfile::server()]
                        .map(|profile| (profile, encode_response(&decoded.value, &profile)))
                        .to_vec()
                }
            };
            read += 1;
            let shown = frame.as_bytes().escape_ascii().to_string();
            for (profile, encoded) in &encoded {
                let Ok(encoded) = encoded else { continue };
                written += 1;
                // A relay sends on what it received, invalid parts too: one message to those who read it so.
                if profile.relay_invalid {
                    is_one_frame(&mut offline(sender, Limits::CLIENT), encoded, &shown);
                } else {
                    is_one_message(sender, encoded, &shown);
                }
            }
        }
    }
    assert!(read > 10_000 && written > 10_000, "{read} read, {written} written");
}

#[test]
fn s09_a_literal_that_does_not_wait_needs_its_capability() {
    let append = |size| {
        Command::new(
            "A1",
            CommandBody::Append(Append::new("x", AppendMessage::new(vec![b'x'; size])).unwrap()),
        )
        .unwrap()
    };
    let header = |size, profile: &EncodeProfile| {
        let bytes = encode_command(&append(size), profile).unwrap().to_bytes();
        String::from_utf8_lossy(&bytes[..bytes.iter().position(|byte| *byte == b'\r').unwrap()]).into_owned()
    };
    assert_eq!(header(5, &EncodeProfile::client()), "A1 APPEND x {5}");
    assert_eq!(header(5, &with_literals(Literals::NonSynchronizing)), "A1 APPEND x {5+}");
    let minus = with_literals(Literals::NonSynchronizingUpTo(4096));
    assert_eq!(header(4096, &minus), "A1 APPEND x {4096+}");
    //= rfc9051#section-4.3
    //= type=test
    //# Any literal larger than 4096 bytes MUST be sent as a synchronizing literal.
    assert_eq!(header(4097, &minus), "A1 APPEND x {4097}");
}

//= rfc9051#section-4.3
//= type=test
//# In the case of synchronizing literals transmitted from client to server, the client MUST wait to receive
//# a command continuation request (described later in this document) before sending the octet data (and the
//# remainder of the command).
//= rfc9051#section-4.3
//= type=test
//# Even if the octet count is 0, a client transmitting a synchronizing literal MUST wait
#[test]
fn a_client_waits_before_the_payload_of_every_synchronizing_literal() {
    let waits = |string: &str, profile: &EncodeProfile| {
        let append = Append::new("x", AppendMessage::new(string.as_bytes().to_vec())).unwrap();
        let command = Command::new("A1", CommandBody::Append(append)).unwrap();
        let encoded = encode_command(&command, profile).unwrap();
        let literals: Vec<bool> = encoded
            .segments()
            .iter()
            .filter(|segment| !matches!(segment, Segment::Line(_)))
            .map(Segment::waits)
            .collect();
        // What comes after the header is in later pieces.
        let Some(Segment::Line(line)) = encoded.segments().first() else { panic!("{encoded:?}") };
        assert!(line.ends_with(b"}\r\n"), "{}", line.escape_ascii());
        literals
    };
    assert_eq!(waits("hello", &EncodeProfile::client()), [true]);
    assert_eq!(waits("", &EncodeProfile::client()), [true]);
    assert_eq!(waits("", &with_literals(Literals::NonSynchronizing)), [false]);
    assert_eq!(waits("hello", &with_literals(Literals::NonSynchronizingUpTo(4))), [true]);
}

//= rfc9051#section-4.3
//= type=test
//# The non-synchronizing literal form MUST NOT be sent from server to client.
#[test]
fn a_server_never_writes_a_non_synchronizing_literal() {
    let mailbox = Mailbox::received(b"a\r\nb".to_vec().into(), Form::LiteralPlus);
    let list = ListResponse {
        attributes: imap_types::names::Names::EMPTY,
        delimiter: None,
        mailbox,
        extended: None,
    };
    let response = Response::Data(Data::List(list));
    for literals in [
        Literals::Synchronizing,
        Literals::NonSynchronizing,
        Literals::NonSynchronizingUpTo(4096),
        Literals::AsReceived,
    ] {
        let mut profile = EncodeProfile::server();
        profile.literals = literals;
        let encoded = encode_response(&response, &profile).unwrap();
        assert_eq!(encoded.to_bytes(), "* LIST () NIL {4}\r\na\r\nb\r\n", "{literals:?}");
        assert!(!encoded.segments().iter().any(|it| matches!(it, Segment::Literal { wait: true, .. })));
    }
}

#[test]
fn s09_tab_and_other_controls_can_still_be_sent() {
    let command = Command::new("A1", CommandBody::select("a\tb").unwrap()).unwrap();
    let bytes = encode_command(&command, &EncodeProfile::client()).unwrap().to_bytes();
    assert_eq!(bytes, "A1 SELECT \"a\tb\"\r\n");
}

#[test]
fn s10_text_that_would_smuggle_cannot_be_made_or_is_not_sent() {
    for text in ["a\r\nb", "a\nb", "a\rb", "a\0b", "[x] y", "see {5}", "see {5+}", "{0}"] {
        let Ok(status) = StatusResponse::untagged(Status::Ok, text) else { continue };
        let response = Response::Status(status);
        if let Ok(encoded) = encode_response(&response, &EncodeProfile::server()) {
            let bytes = encoded.to_bytes();
            let line = bytes.strip_suffix(b"\r\n").unwrap();
            let text = &line[5..];
            assert!(!text.starts_with(b"[") && !text.ends_with(b"}"), "{}", bytes.escape_ascii());
        }
    }
}

#[test]
fn s10_text_announces_no_literal() {
    for line in [
        "* OK x {5}",
        "A1 NO [ALERT] {3}",
        "+ {5}",
        "* BYE {5}",
        "* OK [X {5}",
        "* PREAUTH [Y] {5}",
        "hello {5}",
    ] {
        let input = format!("{line}\r\n* OK next\r\n");
        let (messages, malformed) = messages(&mut framer(Side::Server, Limits::CLIENT), input.as_bytes());
        assert_eq!((messages.len(), malformed.len()), (2, 0), "{line}");
    }
    for line in ["A1 LOGIN u p}", "A1 LOGIN u \"x{5}\"", "A1 LOGIN u \"x {5+}\"", "A1 LOGIN u x{5}"] {
        let input = format!("{line}\r\nA2 NOOP\r\n");
        let (messages, malformed) = messages(&mut framer(Side::Client, Limits::SERVER), input.as_bytes());
        assert_eq!((messages.len(), malformed.len()), (2, 0), "{line}");
    }
}

// ---- S11: payload is not protocol ----

#[test]
fn s11_payload_is_never_a_line_at_any_split() {
    let payloads: [&[u8]; 8] = [
        b"\r\nA9 DELETE INBOX\r\n",
        b"\"\r\n* BYE\r\n",
        b"{3}\r\nabc",
        b" {5+}\r\n",
        b")\r\nA1 OK\r\n",
        b"\\",
        b"\r",
        b"x\n",
    ];
    for payload in payloads {
        for (sender, head, tail) in [
            (Side::Client, "A1 LOGIN {@}\r\n", " \"b\"\r\n"),
            (Side::Client, "A1 APPEND x ~{@+}\r\n", "\r\n"),
            (Side::Server, "* 1 FETCH (BODY[] {@}\r\n", " UID 5)\r\n"),
            (Side::Server, "* NO [BADCHARSET ({@}\r\n", ")] {5}\r\n"),
        ] {
            let head = head.replace('@', &payload.len().to_string());
            let head =
                if head.starts_with("* O") { head.replace(&payload.len().to_string(), "N") } else { head };
            let message = [head.as_bytes(), payload, tail.as_bytes()].concat();
            for first in 0..message.len() {
                for second in [first, first + 1, message.len()] {
                    let mut framer = offline(sender, Limits::CLIENT);
                    let second = second.min(message.len());
                    let mut seen = Vec::new();
                    for piece in [&message[..first], &message[first..second], &message[second..]] {
                        framer.push(piece);
                        while let Some(event) = framer.next_event() {
                            let Event::Message(frame) = event else { panic!("{event:?}") };
                            seen.push(frame.as_bytes().to_vec());
                        }
                    }
                    assert_eq!(
                        seen,
                        [&message[..]],
                        "{} cut at {first} and {second}",
                        message.escape_ascii()
                    );
                }
            }
        }
    }
}

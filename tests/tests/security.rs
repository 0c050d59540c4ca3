//! The requirements S6 to S15 on framer, decoder and encoder: what no peer can do to us, and what no value
//! can make us do to a peer. Each test is named after its requirement.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_greeting, decode_response, encode_command, encode_response,
    error::DecodeError,
    frame::{Event, Frame, FrameErrorKind, Framer, FramerOptions},
    limits::Limits,
    profile::{EncodeProfile, Literals},
    token::Tokens,
    writer::Encoded,
};
use imap_tests::{
    alloc::{self, Counting},
    reference::{self, Sender},
    rng::Rng,
};
use imap_types::{
    append::{Append, AppendMessage},
    command::{Command, CommandBody},
    error::ValidationError,
    response::{Response, Status, StatusResponse},
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn framer(sender: Side, limits: Limits) -> Framer {
    let options = match sender {
        Side::Client => DecodeOptions::tolerant_of_clients(),
        Side::Server => DecodeOptions::tolerant_of_servers(),
    };
    Framer::new(sender, FramerOptions::new(&DecodeOptions { limits, ..options }))
}

fn offline(sender: Side, limits: Limits) -> Framer {
    let mut framer = framer(sender, limits);
    framer.options_mut().literals = imap_codec::frame::LiteralPolicy::Accept;
    framer
}

/// The messages of `input`, as text, and the kinds of those that were malformed.
fn messages(framer: &mut Framer, input: &[u8]) -> (Vec<String>, Vec<FrameErrorKind>) {
    framer.push(input);
    let (mut messages, mut malformed) = (Vec::new(), Vec::new());
    while let Some(event) = framer.next_event() {
        match event {
            Event::Message(frame) => messages.push(String::from_utf8_lossy(frame.as_bytes()).into_owned()),
            Event::Malformed(error) => malformed.push(error.kind),
            Event::Literal(_) => framer.accept(),
            _ => {}
        }
    }
    (messages, malformed)
}

fn frame(bytes: impl Into<Vec<u8>>) -> Frame {
    Frame::new(Bytes::from(bytes.into()))
}

fn wide(options: DecodeOptions) -> DecodeOptions {
    DecodeOptions { limits: Limits::CLIENT, ..options }
}

fn refused<T: std::fmt::Debug>(result: Result<T, DecodeError>) -> DecodeError {
    match result {
        Ok(value) => panic!("read as {value:?}"),
        Err(error) => error,
    }
}

// ---- S6: literals as memory bombs ----

#[test]
fn s06_a_declared_size_allocates_nothing() {
    for (sender, line) in [
        (Side::Client, "A1 APPEND x {67108864}\r\n"),
        (Side::Client, "A1 APPEND x {67108864+}\r\n"),
        (Side::Server, "* 1 FETCH (BODY[] {67108864}\r\n"),
    ] {
        let ((), peak) = alloc::peak(|| {
            let mut framer = offline(sender, Limits { literal: 1 << 30, message: 1 << 29, ..Limits::CLIENT });
            framer.push(line.as_bytes());
            assert!(framer.next_event().is_none(), "the payload is awaited");
            framer.push(b"some of it");
            assert!(framer.next_event().is_none());
        });
        assert!(peak < 2048, "{line}: {peak} bytes");
    }
    // The decoder sees a frame that holds less than its literal says.
    let cut = frame("A1 LOGIN {4000000000}\r\nabc\r\n");
    let (error, peak) = alloc::peak(|| refused(decode_command(&cut, &DecodeOptions::strict())));
    assert_eq!(error.rule, "literal");
    assert!(peak < 2048, "{peak} bytes");
}

#[test]
fn s06_memory_stays_within_a_small_constant_times_the_budget() {
    let limits = Limits::SERVER_BEFORE_AUTHENTICATION;
    let budget = limits.message;
    let hostile: [(&str, Vec<u8>); 7] = [
        (
            "one line without an end",
            b"A1 ".iter().copied().chain(std::iter::repeat_n(b'x', 1 << 21)).collect(),
        ),
        ("one literal", [b"A1 LOGIN {4294967295+}\r\n".to_vec(), vec![b'x'; 1 << 21]].concat()),
        ("many literals", b"A1 LOGIN {0+}\r\n".iter().copied().chain(b" {0+}\r\n".repeat(300_000)).collect()),
        (
            "literals that add up",
            b"A1 X"
                .iter()
                .copied()
                .chain([&b" {4000+}\r\n"[..], &[b'x'; 4000]].concat().repeat(500))
                .collect(),
        ),
        ("blank lines", b"\r\n".repeat(1 << 20)),
        (
            "lines of all lengths",
            (0..1500).flat_map(|len| [vec![b'x'; len], b"\r\n".to_vec()].concat()).collect(),
        ),
        ("open quotes", b"\"".repeat(1 << 21)),
    ];
    for (what, input) in &hostile {
        for way in 0..3 {
            let (held, peak) = alloc::peak(|| {
                let mut framer = offline(Side::Client, limits);
                for piece in input.chunks(1024) {
                    match way {
                        0 => framer.push(piece),
                        1 => framer.push_bytes(Bytes::copy_from_slice(piece)),
                        _ => {
                            framer.reserve(1024)[..piece.len()].copy_from_slice(piece);
                            framer.commit(piece.len());
                        }
                    }
                    while framer.next_event().is_some() {}
                }
                framer.partial().len()
            });
            assert!(held <= budget, "{what}: {held} bytes of a message are held");
            // The message, its buffer growing to the double, and the deviations before a message.
            assert!(peak <= 6 * budget, "{what}, way {way}: {peak} bytes");
        }
    }
}

#[test]
fn s06_a_streamed_gigabyte_passes_through_little_memory() {
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    let (total, peak) = alloc::peak(|| {
        let mut framer = framer(Side::Client, Limits::SERVER);
        framer.options_mut().stream_above = Some(64 * 1024);
        framer.push(b"A1 APPEND x {1073741824}\r\n");
        assert!(matches!(framer.next_event(), Some(Event::Literal(stop)) if !stop.fits));
        framer.stream();
        let mut total = 0;
        for _ in 0..(1 << 30) / piece.len() {
            framer.push_bytes(piece.clone());
            while let Some(event) = framer.next_event() {
                match event {
                    Event::Chunk(chunk) => total += chunk.len(),
                    Event::StreamEnd => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        framer.push(b"\r\n");
        let Some(Event::Message(frame)) = framer.next_event() else { panic!() };
        assert!(decode_command(&frame, &DecodeOptions::strict()).is_ok());
        total
    });
    assert_eq!(total, 1 << 30);
    assert!(peak < 64 * 1024, "{peak} bytes");
}

#[test]
fn s06_payload_over_a_limit_is_never_a_command() {
    let payload = "A9 DELETE INBOX\r\n".repeat(10_000);
    for command in ["A1 LOGIN", "A1 X (", "A1 UID SEARCH TEXT", "A1 APPEND"] {
        let input = format!("{command} {{{}+}}\r\n{payload} rest\r\nA2 NOOP\r\n", payload.len());
        let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
        let (messages, malformed) = messages(&mut framer, input.as_bytes());
        assert_eq!(messages, ["A2 NOOP\r\n"], "{command}");
        assert_eq!(malformed, [FrameErrorKind::Literal], "{command}");
    }
    // A synchronizing one is refused before its payload exists; the owner answers in place of the `+`.
    let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
    framer.push(b"A1 LOGIN {5000}\r\n");
    let Some(Event::Malformed(error)) = framer.next_event() else { panic!() };
    assert!(error.awaits_answer && error.recoverable);
    assert_eq!(error.tag.unwrap().as_str(), "A1");
}

#[test]
fn s06_before_authentication_8_kib_are_the_whole_budget() {
    let limits = Limits::SERVER_BEFORE_AUTHENTICATION;
    let two = format!("A1 LOGIN {{4000+}}\r\n{0} {{4000+}}\r\n{0}\r\n", "x".repeat(4000));
    assert_eq!(messages(&mut framer(Side::Client, limits), two.as_bytes()).0.len(), 1);
    let three = format!("A1 X {{4000+}}\r\n{0} {{4000+}}\r\n{0} {{200+}}\r\n{0}\r\n", "x".repeat(4000));
    let (_, malformed) = messages(&mut framer(Side::Client, limits), three.as_bytes());
    assert_eq!(malformed[0], FrameErrorKind::Message);
    let five = "A1 X {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\n";
    assert_eq!(messages(&mut framer(Side::Client, limits), five.as_bytes()).1, [FrameErrorKind::Literals]);
}

#[test]
fn s06_values_take_memory_in_proportion_to_their_bytes() {
    let dense = [
        format!("* SEARCH{}\r\n", " 1".repeat(50_000)),
        format!("* FLAGS (a{})\r\n", " a".repeat(50_000)),
        format!("* CAPABILITY IMAP4rev1{}\r\n", " a".repeat(50_000)),
        format!("* 1 FETCH (FLAGS (a{}))\r\n", " a".repeat(50_000)),
        format!("* 1 FETCH (X ({}))\r\n", "()".repeat(50_000)),
        format!("* X (1{})\r\n", " 1".repeat(50_000)),
        format!("* ESEARCH ALL 1{}\r\n", ",1".repeat(50_000)),
        format!(
            "* 1 FETCH (ENVELOPE (NIL NIL ({}) NIL NIL NIL NIL NIL NIL NIL))\r\n",
            "(NIL NIL NIL NIL)".repeat(6_000)
        ),
        format!("* 1 FETCH (BODY ({} \"x\"))\r\n", "(\"a\" \"b\" NIL NIL NIL \"c\" 1)".repeat(4_000)),
        format!("* STATUS x (MESSAGES 1{})\r\n", " MESSAGES 1".repeat(9_000)),
    ];
    for line in dense {
        let frame = frame(line.as_bytes());
        let ((), peak) = alloc::peak(|| drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers())));
        let ratio = peak / line.len();
        // A flag of one letter and a space is two bytes on the wire and a value of 24 to 32 bytes in a list
        // that grows to the double.
        assert!(ratio <= 64, "{}..: {ratio} bytes of memory for each byte", &line[..24]);
    }
}

// ---- S7: endless lines, tokens, lists ----

#[test]
fn s07_lines_and_tags_have_limits_and_the_next_line_is_read() {
    for sender in [Side::Client, Side::Server] {
        let limits = Limits { line: 1000, tag: 10, ..Limits::CLIENT };
        let long = format!("{} x\r\n{} x\r\n* OK ok\r\n", "y".repeat(2000), "t".repeat(11));
        let (good, malformed) = messages(&mut framer(sender, limits), long.as_bytes());
        assert_eq!(good, ["* OK ok\r\n"]);
        assert_eq!(malformed, [FrameErrorKind::Line, FrameErrorKind::Tag]);
    }
}

#[test]
fn s07_the_error_of_an_endless_line_does_not_wait_for_its_end() {
    let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
    framer.push(b"A1 SEARCH ");
    framer.push(&[b'x'; 9000]);
    let Some(Event::Malformed(error)) = framer.next_event() else { panic!() };
    assert_eq!((error.kind, error.at, error.recoverable), (FrameErrorKind::Line, 8192, true));
    assert_eq!(error.tag.unwrap().as_str(), "A1");
}

#[test]
fn s07_lists_have_limits() {
    let mut options = DecodeOptions::strict();
    options.limits.list = 10;
    let many = |item: &str| [item; 11].join(" ");
    for (line, sender) in [
        (format!("* FLAGS ({})\r\n", many("a")), Side::Server),
        (format!("* CAPABILITY IMAP4rev1 {}\r\n", many("a")), Side::Server),
        (format!("* SEARCH {}\r\n", many("1")), Side::Server),
        (format!("* X ({})\r\n", many("a")), Side::Server),
        (format!("* 1 FETCH ({})\r\n", many("UID 1")), Side::Server),
        (format!("* STATUS x ({})\r\n", many("MESSAGES 1")), Side::Server),
        (format!("A1 FETCH 1 ({})\r\n", many("UID")), Side::Client),
        (format!("A1 STORE 1 FLAGS ({})\r\n", many("a")), Side::Client),
        (format!("A1 SEARCH {}\r\n", many("ALL")), Side::Client),
        (format!("A1 X ({})\r\n", many("a")), Side::Client),
        (format!("A1 ENABLE {}\r\n", many("a")), Side::Client),
    ] {
        let frame = frame(line.as_bytes());
        let error = match sender {
            Side::Server => refused(decode_response(&frame, &options)),
            Side::Client => refused(decode_command(&frame, &options)),
        };
        assert_eq!(error.rule, "list", "{line}: {error}");
    }
}

// ---- S8: nesting ----

/// A FETCH with the body structure of a mail in a mail in a mail.
fn nested_mails(depth: usize) -> String {
    let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    let mut body = String::from("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)");
    for _ in 0..depth {
        body = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 1 {envelope} {body} 1)");
    }
    format!("* 1 FETCH (UID 7 BODYSTRUCTURE {body} FLAGS (\\Seen))\r\n")
}

#[test]
fn s08_twenty_nested_mails_decode_by_default() {
    assert!(decode_response(&frame(nested_mails(20)), &DecodeOptions::strict()).is_ok());
}

#[test]
fn s08_past_the_limit_the_part_is_opaque_and_its_neighbours_survive() {
    let line = nested_mails(2000);
    assert_eq!(refused(decode_response(&frame(line.as_bytes()), &DecodeOptions::strict())).rule, "depth");
    let decoded = decode_response(&frame(line.as_bytes()), &DecodeOptions::tolerant_of_servers()).unwrap();
    let shown = format!("{:?}", decoded.value);
    assert!(
        shown.contains("Uid") && shown.contains("Seen") && shown.contains("Invalid"),
        "{}",
        &shown[..200]
    );
}

#[test]
fn s08_a_million_parentheses_cost_neither_stack_nor_memory() {
    let million = "(".repeat(1_000_000);
    let lines = [
        (Side::Client, format!("A1 SEARCH {million}\r\n")),
        (Side::Client, format!("A1 X {million}\r\n")),
        (Side::Client, format!("A1 FETCH 1 {million}\r\n")),
        (Side::Client, format!("A1 LIST {million}\r\n")),
        (Side::Client, format!("A1 SELECT x {million}\r\n")),
        (Side::Client, format!("A1 SEARCH {}ALL\r\n", "NOT ".repeat(300_000))),
        (Side::Client, format!("A1 SEARCH {}ALL\r\n", "OR ALL ".repeat(150_000))),
        (Side::Server, format!("* X {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (BODYSTRUCTURE {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (ENVELOPE {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (X {million}{}))\r\n", ")".repeat(1_000_000))),
        (Side::Server, format!("* 1 FETCH {million}\r\n")),
        (Side::Server, format!("* LIST {million}\r\n")),
        (Side::Server, format!("* STATUS x {million}\r\n")),
        (Side::Server, format!("* NAMESPACE {million}\r\n")),
        (Side::Server, format!("* ESEARCH {million}\r\n")),
        (Side::Server, format!("* OK [X {million}] y\r\n")),
    ];
    // A quarter of what a thread gets by default, without optimization.
    let narrow = std::thread::Builder::new().stack_size(512 * 1024);
    let work = move || {
        for (sender, line) in lines {
            let frame = frame(line.as_bytes());
            let ((), peak) = alloc::peak(|| match sender {
                Side::Client => {
                    drop(decode_command(&frame, &wide(DecodeOptions::tolerant_of_clients())));
                    drop(decode_command(&frame, &DecodeOptions::strict()));
                }
                Side::Server => {
                    drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers()));
                    drop(decode_greeting(&frame, &DecodeOptions::strict()));
                }
            });
            assert!(peak < 64 * 1024, "{}: {peak} bytes", &line[..24]);
            assert!(Tokens::new(sender, frame.as_bytes()).count() > 1000 || line.contains("OK"));
        }
    };
    narrow.spawn(work).unwrap().join().unwrap();
}

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

const PROFILES: [EncodeProfile; 5] = [
    EncodeProfile::client(),
    EncodeProfile::as_received(Side::Client),
    with_literals(Literals::NonSynchronizing),
    with_literals(Literals::NonSynchronizingUpTo(4)),
    utf8(),
];

const fn with_literals(literals: Literals) -> EncodeProfile {
    let mut profile = EncodeProfile::client();
    profile.literals = literals;
    profile
}

const fn utf8() -> EncodeProfile {
    let mut profile = EncodeProfile::client();
    profile.utf8 = true;
    profile.literal8 = true;
    profile
}

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

/// Messages with something of everything, to be bent.
const SEEDS: [(Side, &str); 24] = [
    (Side::Client, "A1 LOGIN \"a\" {3}\r\nb\"c\r\n"),
    (Side::Client, "A1 APPEND x (\\Seen a) \"01-Jan-2024 00:00:00 +0000\" {5}\r\nhello\r\n"),
    (
        Side::Client,
        "A1 UID SEARCH RETURN (MIN) CHARSET UTF-8 OR SUBJECT \"x\" (NOT TEXT {2}\r\n{5 KEYWORD a)\r\n",
    ),
    (Side::Client, "A1 FETCH 1:*,5 (UID BODY.PEEK[1.HEADER.FIELDS (a \"b\")]<0.5> BINARY[1])\r\n"),
    (Side::Client, "A1 LIST (SUBSCRIBED) \"\" (\"a%\" *) RETURN (CHILDREN STATUS (MESSAGES))\r\n"),
    (Side::Client, "A1 STORE 1 +FLAGS.SILENT (\\Deleted a b)\r\n"),
    (Side::Client, "A1 STATUS {1}\r\nx (MESSAGES UIDNEXT)\r\n"),
    (Side::Client, "A1 XNEW (a \"b\" ~{2}\r\n\0\n {3}\r\nabc) 5\r\n"),
    (Side::Client, "A1 ID (\"name\" \"x\")\r\n"),
    (Side::Client, "A1 AUTHENTICATE PLAIN AGEAYg==\r\n"),
    (Side::Server, "* OK [CAPABILITY IMAP4rev1 X] ready {5}\r\n"),
    (Side::Server, "A1 NO [BADCHARSET (a \"b\")] no\r\n"),
    (Side::Server, "* NO [X-FOO some (text \"x] see [this]\r\n"),
    (Side::Server, "* LIST (\\Noselect) \"/\" {3}\r\na\"b (\"OLDNAME\" (\"x\"))\r\n"),
    (
        Side::Server,
        "* 1 FETCH (FLAGS (\\Seen a) BODY[1.HEADER.FIELDS (a)]<0> {3}\r\nabc UID 5 X-Y (a \"b\"))\r\n",
    ),
    (
        Side::Server,
        "* 1 FETCH (ENVELOPE (\"d\" \"s\" ((\"n\" NIL \"m\" \"h\")) NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n",
    ),
    (
        Side::Server,
        "* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"x\") NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL))\r\n",
    ),
    (
        Side::Server,
        "* 1 FETCH (BINARY[1] ~{2}\r\n\0\n BINARY.SIZE[1] 5 INTERNALDATE \"01-Jan-2024 00:00:00 +0000\")\r\n",
    ),
    (Side::Server, "* STATUS \"a\" (MESSAGES 1 X (a \"b\"))\r\n"),
    (Side::Server, "* ESEARCH (TAG \"A1\") UID MIN 1 ALL 1:5,7 X \"y\"\r\n"),
    (Side::Server, "* NAMESPACE ((\"a\" \"/\" \"X\" (\"b\"))) NIL NIL\r\n"),
    (Side::Server, "* XNEW \"a\" {2}\r\n\r\n (b)\r\n"),
    (Side::Server, "* FLAGS (\\Seen a \\*)\r\n"),
    (Side::Server, "+ go [on]\r\n"),
];

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
    assert_eq!(header(4097, &minus), "A1 APPEND x {4097}");
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

// ---- S12: complexity ----

/// How many bytes the framer looks at for `input` in pieces of `size`.
fn steps(sender: Side, input: &[u8], size: usize) -> u64 {
    let mut framer = offline(sender, Limits { line: 1 << 26, ..Limits::CLIENT });
    for piece in input.chunks(size) {
        framer.push(piece);
        while framer.next_event().is_some() {}
    }
    framer.steps()
}

#[test]
fn s12_framing_is_linear_in_single_bytes() {
    type Make = fn(usize) -> Vec<u8>;
    let inputs: [(&str, Side, Make); 6] = [
        ("one line", Side::Server, |n| {
            [b"* SEARCH".to_vec(), b" 12345".repeat(n), b"\r\n".to_vec()].concat()
        }),
        ("braces", Side::Client, |n| [b"A1 X ".to_vec(), b"{5}".repeat(n), b"\r\n".to_vec()].concat()),
        ("literals", Side::Client, |n| {
            [b"A1 X".to_vec(), b" {2+}\r\n}}".repeat(n), b"\r\n".to_vec()].concat()
        }),
        ("quotes", Side::Server, |n| {
            [b"* X ".to_vec(), b"\"\\\"} ".repeat(n), b"{0}\r\n\r\n".to_vec()].concat()
        }),
        ("lines", Side::Server, |n| b"* OK {5}\r\n".repeat(n)),
        ("blank lines", Side::Server, |n| b"\r\n".repeat(n)),
    ];
    for (what, sender, make) in inputs {
        for size in [1, 7, 4096] {
            let one = make(2_000);
            let two = make(4_000);
            let (a, b) = (steps(sender, &one, size), steps(sender, &two, size));
            assert!(b * 10 <= a * 22, "{what} in pieces of {size}: {a} steps, then {b} for the double");
            assert!(
                b <= 4 * two.len() as u64,
                "{what} in pieces of {size}: {b} steps for {} bytes",
                two.len()
            );
        }
    }
}

#[test]
fn s12_patterns_of_mailbox_names_are_matched_without_backtracking() {
    use imap_types::mailbox::ListPattern;
    let name = vec![b'a'; 2_000];
    for pattern in ["%*".repeat(500), "*a".repeat(500), "%a%*".repeat(250)] {
        let pattern = ListPattern::try_from(format!("{pattern}b")).unwrap();
        // A matcher that goes back would need longer than the world has been there.
        assert!(!pattern.matches(&name, Some('/')));
    }
}

#[test]
fn s12_parts_that_cannot_be_read_are_skipped_in_one_pass() {
    // 100 KB each. Where every quote looks for its end anew, one of them takes minutes.
    for piece in ["\"a\\", "\"\\\"\u{e9}", "\\\" ", "(\"", "\"\0", "[\"", "{\"", "\"a\\ "] {
        let many = piece.repeat(30_000);
        for head in [
            "* X (",
            "* FLAGS (",
            "* 1 FETCH (BODYSTRUCTURE (",
            "* 1 FETCH (X ",
            "* LIST (",
            "* ESEARCH ALL 1 X ",
            "* STATUS x (",
        ] {
            let frame = frame(format!("{head}{many}\r\n"));
            drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers()));
            let _ = Tokens::new(Side::Server, frame.as_bytes()).count();
        }
        for head in
            ["A1 X (", "A1 APPEND x (", "A1 STORE 1 FLAGS (", "A1 SEARCH ", "A1 SELECT x (", "A1 FETCH 1 ("]
        {
            let frame = frame(format!("{head}{many}\r\n"));
            drop(decode_command(&frame, &wide(DecodeOptions::tolerant_of_clients())));
        }
    }
}

// ---- S13: sets ----

#[test]
fn s13_sets_are_ranges() {
    for (sender, line) in [
        (Side::Server, "A1 OK [APPENDUID 1 1:4294967295] x\r\n"),
        (Side::Server, "A1 OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n"),
        (Side::Server, "* VANISHED 1:4294967295\r\n"),
        (Side::Server, "* VANISHED (EARLIER) 1:4294967295\r\n"),
        (Side::Server, "* ESEARCH UID ALL 1:4294967295\r\n"),
        (Side::Client, "A1 FETCH 1:4294967295 FLAGS\r\n"),
        (Side::Client, "A1 UID STORE 4294967295:1,* FLAGS ()\r\n"),
        (Side::Client, "A1 SEARCH UID 1:4294967295\r\n"),
        (Side::Client, "A1 COPY 1:* x\r\n"),
    ] {
        let frame = frame(line);
        let ((), peak) = alloc::peak(|| match sender {
            Side::Server => {
                let decoded = decode_response(&frame, &DecodeOptions::strict()).unwrap();
                let encoded = encode_response(&decoded.value, &EncodeProfile::as_received(sender)).unwrap();
                assert_eq!(encoded.to_bytes(), line);
            }
            Side::Client => {
                let decoded = decode_command(&frame, &DecodeOptions::strict()).unwrap();
                let encoded = encode_command(&decoded.value, &EncodeProfile::as_received(sender)).unwrap();
                assert_eq!(encoded.to_bytes(), line);
            }
        });
        assert!(peak < 4096, "{line}: {peak} bytes");
    }
}

#[test]
fn s13_lengths_are_computed_and_pairs_are_lazy() {
    use imap_types::sequence::UidSet;
    let all = UidSet::try_from("1:4294967295").unwrap();
    let (first, peak) = alloc::peak(|| {
        assert_eq!(all.len(), u64::from(u32::MAX));
        all.pairs(&all).unwrap().next()
    });
    assert!(first.is_some());
    assert!(peak < 1024, "{peak} bytes");
}

// ---- S14: integers ----

#[test]
fn s14_numbers_that_do_not_fit_are_errors() {
    for line in [
        "* 4294967296 EXISTS\r\n",
        "* 99999999999999999999 EXISTS\r\n",
        "* 0 EXPUNGE\r\n",
        "* SEARCH 4294967296\r\n",
        "* SEARCH 0\r\n",
        "* 1 FETCH (UID 4294967296)\r\n",
        "* 1 FETCH (RFC822.SIZE 9223372036854775808)\r\n",
        "* 1 FETCH (RFC822.SIZE -1)\r\n",
        "* 1 FETCH (BODY[] {-100}\r\n)\r\n",
        "* STATUS x (MESSAGES 4294967296)\r\n",
        "* STATUS x (SIZE 9223372036854775808)\r\n",
    ] {
        let error = refused(decode_response(&frame(line), &DecodeOptions::strict()));
        assert!(!error.rule.is_empty(), "{line}");
    }
    for line in [
        "A1 FETCH 0 FLAGS\r\n",
        "A1 FETCH 4294967296 FLAGS\r\n",
        "A1 FETCH 1:99999999999999999999 FLAGS\r\n",
        "A1 FETCH 1 BODY[0]\r\n",
        "A1 FETCH 1 BODY[]<0.0>\r\n",
        "A1 FETCH 1 BODY[]<0.9223372036854775808>\r\n",
        "A1 SEARCH LARGER 9223372036854775808\r\n",
        "A1 LOGIN {-100}\r\n\r\n",
        "A1 LOGIN {99999999999999999999}\r\n\r\n",
    ] {
        let error = refused(decode_command(&frame(line), &DecodeOptions::strict()));
        assert_eq!(error.tag.as_ref().map(imap_types::atom::Tag::as_str), Some("A1"), "{line}: {error}");
    }
}

#[test]
fn s14_a_size_never_turns_payload_into_commands() {
    for header in [
        "{4294967296+}",
        "{4294967297+}",
        "{18446744073709551616+}",
        "{18446744073709551621+}",
        "x{17+}",
        "{0000000000000000017+}",
    ] {
        let input = format!("A1 LOGIN {header}\r\nA9 DELETE INBOX\r\n\r\n");
        let (messages, _) = messages(&mut framer(Side::Client, Limits::SERVER), input.as_bytes());
        assert!(messages.iter().all(|message| !message.starts_with("A9")), "{header}: {messages:?}");
    }
    // No size: no literal. What follows a synchronizing header is the client's next command, since it waits.
    for header in ["{-17}", "{+17}", "{17 }", "{}", "{0x11}", "{1e1}"] {
        let input = format!("A1 LOGIN {header}\r\nA2 NOOP\r\n");
        let (messages, _) = messages(&mut framer(Side::Client, Limits::SERVER), input.as_bytes());
        assert_eq!(messages.len(), 2, "{header}");
        assert!(
            decode_command(&frame(messages[0].as_bytes()), &DecodeOptions::strict()).is_err(),
            "{header}"
        );
    }
}

// ---- S15: NUL and 8-bit ----

#[test]
fn s15_nul_is_only_in_literal8() {
    for line in [
        "A1 LOGIN \"a\0\" b\r\n",
        "A1 LOGIN a\0 b\r\n",
        "A1 LOGIN {2}\r\na\0 b\r\n",
        "A1 NOOP\0\r\n",
        "A1\0 NOOP\r\n",
    ] {
        refused(decode_command(&frame(line), &DecodeOptions::strict()));
    }
    for line in
        ["* OK a\0b\r\n", "* LIST () \"/\" \"a\0\"\r\n", "* 1 FETCH (BODY[] {1}\r\n\0)\r\n", "\0* OK x\r\n"]
    {
        refused(decode_response(&frame(line), &DecodeOptions::strict()));
    }
    assert!(
        decode_response(&frame("* 1 FETCH (BINARY[1] ~{1}\r\n\0)\r\n"), &DecodeOptions::strict()).is_ok()
    );
    // Nor does it get out.
    let with_nul = Append::new("x", AppendMessage::new(vec![0])).unwrap();
    let command = Command::new("A1", CommandBody::Append(with_nul)).unwrap();
    for profile in &PROFILES {
        if let Ok(encoded) = encode_command(&command, profile) {
            let bytes = encoded.to_bytes();
            assert!(bytes.starts_with(b"A1 APPEND x ~{1"), "{}", bytes.escape_ascii());
        }
    }
    assert!(encode_command(&command, &EncodeProfile::client()).is_err());
}

#[test]
fn s15_any_bytes_are_read_or_refused_and_never_lost() {
    let mut rng = Rng::of("s15");
    for (sender, seed) in SEEDS {
        for _ in 0..2000 {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..=rng.below(3) {
                let at = rng.below(bytes.len());
                bytes[at] = u8::try_from(rng.below(256)).unwrap();
            }
            let frame = frame(bytes);
            match sender {
                Side::Client => {
                    let _ = decode_command(&frame, &DecodeOptions::tolerant_of_clients());
                    let _ = decode_command(&frame, &DecodeOptions::strict());
                }
                Side::Server => {
                    let _ = decode_response(&frame, &DecodeOptions::tolerant_of_servers());
                    let _ = decode_response(&frame, &DecodeOptions::strict());
                }
            }
            let _ = Tokens::new(sender, frame.as_bytes()).count();
        }
    }
    // Neither UTF-8 nor modified UTF-7: a name all the same, and the same bytes go out again.
    for name in [&b"{3}\r\n\xff\xfe\x80"[..], b"{5}\r\n&A-\xc3(", b"\"&&&&\"", b"\"&AOk\""] {
        let line = [b"* LIST () \"/\" ", name, b"\r\n"].concat();
        let decoded = decode_response(&frame(line.as_slice()), &DecodeOptions::strict()).unwrap();
        let encoded = encode_response(&decoded.value, &EncodeProfile::as_received(Side::Server)).unwrap();
        assert_eq!(encoded.to_bytes(), line, "{}", line.escape_ascii());
    }
}

#[test]
fn s16_no_bytes_in_what_is_printed_of_a_framer() {
    let mut framer = framer(Side::Client, Limits::SERVER);
    framer.push(b"A1 LOGIN joe sesame\r\nA2 LOGIN {3}\r\n");
    let event = framer.next_event();
    assert!(matches!(event, Some(Event::Message(_))));
    framer.push(b"joe sesame");
    let shown = format!("{event:?} {:?} {framer:?}", framer.next_event());
    assert!(!shown.contains("sesame") && !shown.contains("115, 101"), "{shown}");
}

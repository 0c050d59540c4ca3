//! The requirements of security, S1 to S21: on framer, decoder and encoder, and on whole sessions. What no peer can do to us,
//! and what no value can make us do to a peer. Each test is named after its requirement.

mod budgets;
mod sessions;
mod smuggling;
mod upgrades;
mod values;

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side,
    error::DecodeError,
    frame::{Event, Frame, FrameErrorKind, Framer, FramerOptions, LiteralPolicy},
    limits::Limits,
    profile::{EncodeProfile, Literals},
};
use imap_tests::alloc::Counting;

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
    framer.options_mut().literals = LiteralPolicy::Accept;
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

/// What encoders write for, in every way that matters.
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

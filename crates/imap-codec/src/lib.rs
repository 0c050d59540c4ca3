//! Bytes to IMAP values and back.
//!
//! This crate frames, decodes and encodes what both sides of an IMAP connection send: IMAP4rev1 (RFC 3501) and
//! IMAP4rev2 (RFC 9051). It does no I/O and knows no session: which message may come when is for the `imap-fsm` crate
//! or for you. The values are those of the `imap-types` crate.
//!
//! # Bytes to values
//!
//! The [`Framer`](frame::Framer) takes bytes as they arrive and says where a message ends; a decoder reads the
//! complete message. There is one decoder for each kind: [`decode_greeting`], [`decode_response`], [`decode_command`], and
//! [`decode_client_message`] for a server whose client may be in the middle of AUTHENTICATE or IDLE.
//!
//! ```
//! use imap_codec::{DecodeOptions, Side, decode_response, frame::{Event, Framer, FramerOptions}};
//! use imap_types::{fetch::MsgAtt, response::{Data, Response}};
//!
//! let options = DecodeOptions::tolerant_of_servers();
//! let mut framer = Framer::new(Side::Server, FramerOptions::new(&options));
//! framer.push(b"* 7 FETCH (UID 4827 BODY[HEADER.FIELDS (SUB");
//! assert!(framer.next_event().is_none()); // more is needed
//! framer.push(b"JECT)] {16}\r\nSubject: hello\r\n)\r\n");
//! let Some(Event::Message(frame)) = framer.next_event() else { panic!("a whole message") };
//!
//! let decoded = decode_response(&frame, &options)?;
//! let Response::Data(Data::Fetch(fetch)) = decoded.value else { panic!("a FETCH") };
//! assert_eq!(fetch.seq.get(), 7);
//! let Some(MsgAtt::BodySection { data, .. }) = fetch.items.last() else { panic!("a section") };
//! assert_eq!(data.as_bytes(), Some(&b"Subject: hello\r\n"[..])); // shares the frame, was not copied
//! # Ok::<(), imap_codec::error::DecodeError>(())
//! ```
//!
//! # Values to bytes
//!
//! An encoder gives [segments](writer::Segment): lines, and the payloads of literals, which are passed through. A client
//! has to wait at some of them, and the payload of one may be [streamed](writer::Segment::Streamed) by its owner. What the
//! peer takes is in an [`EncodeProfile`](profile::EncodeProfile).
//!
//! ```
//! use imap_codec::{encode_command, profile::{EncodeProfile, Literals}};
//! use imap_types::command::{Command, CommandBody};
//!
//! let create = Command::new("A1", CommandBody::create("two\r\nlines")?)?; // goes as a literal only
//! let encoded = encode_command(&create, &EncodeProfile::client())?;
//! for segment in encoded.segments() {
//!     if segment.waits() {
//!         // wait for the server's `+` here
//!     }
//!     // write segment.data(), or the payload that is streamed here
//! }
//! assert_eq!(&encoded.to_bytes()[..], b"A1 CREATE {10}\r\ntwo\r\nlines\r\n");
//!
//! let mut profile = EncodeProfile::client();
//! profile.literals = Literals::NonSynchronizing; // the server has LITERAL+
//! assert_eq!(encode_command(&create, &profile)?.to_bytes(), "A1 CREATE {10+}\r\ntwo\r\nlines\r\n");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | module | what |
//! | --- | --- |
//! | [`frame`] | where messages end: resumable, bounded, linear; literals collected, streamed or refused |
//! | [`limits`] | how much a peer may send, with the defaults and their reasons |
//! | [`tolerance`] | what is read beyond the grammar, and how it is reported |
//! | [`error`] | what is wrong, where, and what the grammar has there |
//! | [`profile`] | what the receiver of an encoded message understands |
//! | [`writer`] | the segments of an encoded message |
//! | [`display`] | messages for logs, without their credentials |
//! | [`stream`] | the messages of one direction, framed and decoded, for readers that only look |
//! | [`token`] | the words of a message without their meaning: borrowed, without allocation |
//!
//! [`DecodeOptions`] has three settings: [`strict`](DecodeOptions::strict), which reads the RFCs and nothing else, and one
//! for each side that reads what real peers send. Parts that cannot be read are then kept raw beside their good
//! neighbours, and unknown commands, data, codes and items are values in any setting. All of it encodes again.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod append;
mod atom;
mod auth;
mod body;
mod capability;
mod code;
mod command;
mod compress;
mod context;
mod copy;
mod cursor;
mod date;
pub mod display;
mod envelope;
pub mod error;
mod esearch;
mod fetch;
mod flag;
pub mod frame;
mod greeting;
mod id;
pub mod limits;
mod line;
mod list;
mod mailbox;
mod namespace;
mod notify;
mod number;
mod parameter;
pub mod profile;
mod replace;
mod response;
mod search;
mod section;
mod select;
mod sequence;
mod status;
mod store;
pub mod stream;
mod string;
pub mod token;
pub mod tolerance;
pub mod writer;

pub use command::{decode_client_message, decode_command, encode_client_message, encode_command};
pub use greeting::{decode_greeting, encode_greeting};
use limits::Limits;
pub use response::{append_response, decode_response, encode_response};
use tolerance::Tolerance;

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client: commands, and the lines of AUTHENTICATE and IDLE. `C: A1 NOOP`
    Client,
    /// The server: greeting, responses, continuation requests. `S: * OK ready`
    Server,
}

/// Which revision of the protocol a decoder reads where the two contradict each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The union of both, with every extension.
    #[default]
    Any,
    /// IMAP4rev1 (RFC 3501).
    Rev1,
    /// IMAP4rev2 (RFC 9051).
    Rev2,
}

/// How a decoder reads.
///
/// ```
/// use imap_codec::{DecodeOptions, limits::Limits};
///
/// let mut options = DecodeOptions::tolerant_of_clients();
/// options.limits = Limits::SERVER_BEFORE_AUTHENTICATION;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    /// What is read beyond the grammar.
    pub tolerance: Tolerance,
    /// The revision, where it matters.
    pub mode: Mode,
    /// The limits.
    pub limits: Limits,
}

impl DecodeOptions {
    /// The RFCs and nothing else, with the limits of a client.
    #[must_use]
    pub const fn strict() -> Self {
        //= rfc9051#section-2.2.2
        //# Servers SHOULD strictly enforce the syntax outlined in this specification.
        //= rfc9051#section-9
        //# [ABNF] rules MUST be followed strictly
        Self { tolerance: Tolerance::STRICT, mode: Mode::Any, limits: Limits::CLIENT }
    }

    /// For a client: what real servers send.
    #[must_use]
    pub const fn tolerant_of_servers() -> Self {
        Self { tolerance: Tolerance::OF_SERVERS, mode: Mode::Any, limits: Limits::CLIENT }
    }

    /// For a server: what real clients send.
    #[must_use]
    pub const fn tolerant_of_clients() -> Self {
        Self { tolerance: Tolerance::OF_CLIENTS, mode: Mode::Any, limits: Limits::SERVER }
    }
}

/// A message that was read, and the deviations that were read with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<T> {
    /// The message.
    pub value: T,
    /// Where it departs from the grammar, in the order found. Always empty in strict decoding, but for
    /// [`Quirk::MissingTextAfterCode`](tolerance::Quirk::MissingTextAfterCode).
    pub deviations: alloc::vec::Vec<tolerance::Deviation>,
}

/// How many bytes the rules went over in reading a message, whether it could be read or not: for tests that the work
/// is linear.
#[cfg(debug_assertions)]
#[doc(hidden)]
#[must_use]
pub fn decode_steps(sender: Side, message: &[u8], options: &DecodeOptions) -> u64 {
    use frame::AsParts as _;
    let cx = cursor::Context::new(message.parts(), options, sender);
    match sender {
        Side::Client => drop(command::command(cx.input())),
        Side::Server => drop(response::decode(&cx)),
    }
    cx.steps()
}

/// What a server expects from the client next. The line does not say it: `DONE` is base64 too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expecting {
    /// A command.
    #[default]
    Command,
    /// The answer to a challenge, base64 or `*`: AUTHENTICATE is running (RFC 9051 section 6.2.2).
    /// `C: AGpvZQBzZXNhbWU=`
    AuthenticateData,
    /// `DONE`: IDLE is running (RFC 9051 section 6.3.13). `C: DONE`
    IdleDone,
}

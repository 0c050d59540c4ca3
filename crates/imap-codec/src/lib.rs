//! Bytes to IMAP values and back.
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
mod copy;
mod cursor;
mod date;
mod envelope;
pub mod error;
mod esearch;
mod fetch;
mod flag;
pub mod frame;
mod greeting;
pub mod limits;
mod list;
mod mailbox;
mod namespace;
mod number;
mod parameter;
pub mod profile;
mod response;
mod search;
mod section;
mod sequence;
mod status;
mod store;
mod string;
pub mod token;
pub mod tolerance;
pub mod writer;

pub use command::{decode_client_message, decode_command, encode_client_message, encode_command};
pub use greeting::{decode_greeting, encode_greeting};
use limits::Limits;
pub use response::{decode_response, encode_response};
use tolerance::Tolerance;

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client: commands.
    Client,
    /// The server: greeting, responses, continuation requests.
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

/// What a server expects from the client next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expecting {
    /// A command.
    #[default]
    Command,
    /// The answer to a challenge: AUTHENTICATE is running.
    AuthenticateData,
    /// `DONE`: IDLE is running.
    IdleDone,
}

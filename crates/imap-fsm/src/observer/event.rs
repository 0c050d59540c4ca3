//! What an observer reports.

use alloc::{boxed::Box, string::String};

use imap_codec::Side;
use imap_types::{atom::Tag, response::Status};

use super::violation::Rule;
use crate::state::State;

/// Where a message stands in its direction, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its first byte, counted from the start of the direction. After COMPRESS: of what it inflates to.
    pub offset: u64,
    /// Its length with literals and line end.
    pub length: u64,
}

impl Place {
    /// A place.
    #[must_use]
    pub const fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }
}

/// What happened in a dialogue.
///
/// For one message the order is: [`Event::Message`], its [`Event::Violation`]s, [`Event::Completed`], [`Event::Note`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A message passed; one for each message that the observer was given, malformed ones too.
    Message {
        /// Who sent it.
        from: Side,
        /// Where.
        place: Place,
        /// The state after it. A command takes effect at its tagged reply.
        state: State,
    },
    /// A rule was broken.
    Violation(Violation),
    /// A command has its tagged reply. Not sent for commands that the end of the dialogue leaves open.
    Completed(Completed),
    /// The stream changes after this message.
    Note(Note),
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule: its id, who broke it, RFC, section and sentence.
    pub rule: Rule,
    /// The message that broke it, in the direction of the guilty side.
    pub place: Place,
    /// What happened, for people: one line, without credentials and without a full stop.
    pub message: String,
}

impl Violation {
    /// Who broke the rule.
    #[must_use]
    pub const fn by(&self) -> Side {
        self.rule.by()
    }
}

/// A command and its tagged reply. `C: A1 NOOP`, `S: A1 OK done`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The tag.
    pub tag: Tag,
    /// The name in upper case: `UID FETCH`. Empty where the command could not be read.
    pub name: Box<str>,
    /// What the reply says: OK, NO or BAD. `None` where the reply could not be read.
    pub status: Option<Status>,
    /// Where the command stands in what the client sent.
    pub command: Place,
    /// Where the reply stands in what the server sent.
    pub reply: Place,
}

/// A change of the stream at an exact byte: after the message it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Note {
    /// STARTTLS is OK (RFC 9051 section 6.2.1): what follows in both directions is TLS, and not to be given to the observer, unless its owner
    /// sees inside.
    Tls,
    /// COMPRESS is OK (RFC 4978): what follows in both directions is to be inflated before it is given to the
    /// observer.
    Compress,
}

impl Note {
    /// The word for it: `tls`, `compress`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Compress => "compress",
        }
    }
}

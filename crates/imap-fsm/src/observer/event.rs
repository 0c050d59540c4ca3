//! What an observer reports.

use alloc::{borrow::Cow, vec::Vec};

use imap_codec::Side;
use imap_types::{atom::Tag, response::Status};

use crate::{
    permit::Conflict,
    state::State,
    violation::{Place, Violation},
};

/// What happened in a dialogue.
///
/// For one message the order is: [`Event::Message`], [`Event::Pipelined`], its [`Event::Violation`]s, [`Event::Completed`], [`Event::Note`].
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
    /// The command in the message before was sent ahead, while others had no reply yet. That is allowed (RFC 9051 section
    /// 5.5); where it is not, a violation follows.
    Pipelined(Pipelined),
    /// A rule was broken.
    Violation(Violation),
    /// A command has its tagged reply. Not sent for commands that the end of the dialogue leaves open.
    Completed(Completed),
    /// The stream changes after this message.
    Note(Note),
}

/// A command that did not wait. `C: A1 FETCH 1 FLAGS`, `C: A2 FETCH 2 FLAGS`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipelined {
    /// Its tag.
    pub tag: Tag,
    /// Its name in upper case.
    pub name: Cow<'static, str>,
    /// The tags of the commands that have no reply yet, oldest first, at most [`Pipelined::MOST`].
    pub behind: Vec<Tag>,
    /// Why a client of this library would have waited: what [`may_follow`](crate::permit::may_follow) says. Not each of
    /// these is a violation: whether one is decides what the server did.
    pub conflict: Option<Conflict>,
}

impl Pipelined {
    /// The most commands that are looked at: a client that sends thousands ahead costs no more than others.
    pub const MOST: usize = 16;
}

/// A command and its tagged reply. `C: A1 NOOP`, `S: A1 OK done`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The tag.
    pub tag: Tag,
    /// The name in upper case: `UID FETCH`. Empty where the command could not be read.
    pub name: Cow<'static, str>,
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

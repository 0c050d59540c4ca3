//! What a caller did wrong, and what cannot be read.
//!
//! Errors say whose fault they are: a [`Misuse`] is the caller's, nothing was sent and the session is as it was; a
//! [`Violation`] is the peer's, and comes as an event.

use alloc::{borrow::Cow, boxed::Box};

use imap_codec::{
    error::{DecodeError, EncodeError},
    frame::FrameError,
};
use imap_types::{error::ValidationError, response::Status};

use crate::{permit::Conflict, state::State, violation::Violation};

/// A call that the session refuses. It has changed nothing, and nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The session is over.
    #[error("the session is over")]
    Over,
    /// The stream is about to change: the session waits to be told that TLS or compression is up.
    #[error("the stream changes to TLS or compression first")]
    Switching,
    /// The command is not valid in this state, nor in any that the outstanding replies can lead to.
    #[error("{name} is not valid in the state {state}")]
    State {
        /// The command.
        name: Cow<'static, str>,
        /// The state now.
        state: State,
    },
    /// Commands in flight forbid it, and the configuration says not to wait.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The server does not advertise this.
    #[error("the server does not advertise {0}")]
    NotAdvertised(&'static str),
    /// This was not enabled.
    #[error("{0} is not enabled")]
    NotEnabled(&'static str),
    /// LOGIN while LOGINDISABLED is advertised (RFC 9051 section 6.2.3).
    #[error("the server has LOGIN disabled")]
    LoginDisabled,
    /// TLS or compression is on already, and cannot be begun twice (RFC 9051 section 6.2.1, RFC 4978 section 3).
    #[error("{0} is on already")]
    Active(&'static str),
    /// The policy asks for TLS first.
    #[error("the connection is not protected by TLS")]
    Unprotected,
    /// The mailbox is selected read-only (RFC 9051 section 6.3.3).
    #[error("the mailbox is selected read-only")]
    ReadOnly,
    /// UIDONLY is enabled, and the command has message numbers (RFC 9586 section 3).
    #[error("message numbers cannot be used while UIDONLY is enabled")]
    UidOnly,
    /// The value cannot be sent to this peer.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A value cannot be made of this.
    #[error(transparent)]
    Value(#[from] ValidationError),
    /// The handle names nothing that is in progress.
    #[error("the handle names nothing that is in progress")]
    Handle,
    /// The protocol has no way to cancel the command now.
    #[error("{0} cannot be cancelled")]
    NotCancellable(Cow<'static, str>),
    /// No challenge waits for an answer.
    #[error("no challenge waits for an answer")]
    NotChallenged,
    /// The messages of the selected mailbox are not known by their UIDs.
    #[error("the messages of the selected mailbox are not known by UID")]
    NoUids,
    /// A challenge waits for its answer: the exchange cannot succeed before that.
    #[error("a challenge waits for its answer")]
    NotAnswered,
    /// QRESYNC or UIDONLY is enabled, and messages that are gone are told with VANISHED (RFC 7162 section 3.2.10, RFC 9586
    /// section 3.4).
    #[error("EXPUNGE cannot be sent while QRESYNC or UIDONLY is enabled")]
    Vanished,
    /// The client speaks IMAP4rev2, and SELECT and EXAMINE have to be answered with LIST too (RFC 9051 section 6.3.2).
    #[error("IMAP4rev2 has LIST in the answer to SELECT, and none is given")]
    NoList,
    /// More of a payload than was announced, or where none is wanted: so many bytes may come.
    #[error("{left} more bytes of the payload may come")]
    Payload {
        /// How many bytes may come.
        left: u64,
    },
    /// So many commands wait already.
    #[error("{0} commands wait already")]
    TooMany(usize),
    /// The protocol forbids to send this now.
    #[error("{0}")]
    Forbidden(Box<Violation>),
    /// A reply of this kind cannot end a command.
    #[error("{0} cannot end a command")]
    NoReply(Status),
    /// The session is not at rest: something is in flight, half read, or not drained.
    #[error("the session is not at rest")]
    Busy,
    /// The peer has not been greeted yet, or was greeted before.
    #[error("the greeting comes first, and once")]
    Greeting,
}

/// What a peer sent and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not fit the grammar.
    #[error(transparent)]
    Decode(DecodeError),
    /// It breaks a limit.
    #[error(transparent)]
    Frame(FrameError),
}

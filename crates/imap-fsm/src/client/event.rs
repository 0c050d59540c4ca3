//! What a client session tells its owner.

use core::fmt;

use bytes::Bytes;
use imap_codec::tolerance::Deviation;
use imap_types::{
    fetch::FetchResponse,
    response::{Continuation, Data, Greeting, StatusResponse},
};

pub use crate::{
    error::Malformed,
    flow::switch::{Compress, StartTls},
};
use crate::{
    error::Misuse,
    timer::TimerKind,
    violation::{Place, Violation},
};

/// A command of this session, from [`Client::send`](super::Client::send) on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub(crate) u64);

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened.
///
/// Events come in the order of the server's messages. For one message: what was tolerated, what was violated, then the
/// message itself, then what follows from it.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting. Not sent where the first message is none: then the session ends. `S: * OK ready`
    Greeting(Greeting),
    /// The capabilities are known now, or are others: [`Client::capabilities`](super::Client::capabilities). Not sent when
    /// they are forgotten.
    Capabilities,
    /// Untagged data, with the command that it seems to answer; `None` where it came by itself. Sent for all data, that
    /// which the session keeps for itself too. `S: * 23 EXISTS`
    Data {
        /// The data.
        data: Data,
        /// The command.
        of: Option<Handle>,
    },
    /// An untagged status: information, a warning, BYE. `S: * OK [ALERT] maintenance at noon`
    Status(StatusResponse),
    /// A command has its tagged reply. Each command ends with this or with [`Event::Aborted`], once. For IDLE it comes once
    /// it is over, not when it is renewed. `S: a1 OK done`
    Completed {
        /// The command.
        handle: Handle,
        /// The reply.
        reply: StatusResponse,
    },
    /// A command ends without a reply.
    Aborted {
        /// The command.
        handle: Handle,
        /// Whether it was written to its end: then nobody knows whether it was carried out.
        written: bool,
        /// Why.
        why: Abort,
    },
    /// AUTHENTICATE wants an answer: [`Client::authenticate`](super::Client::authenticate). Not sent for the challenge that
    /// the initial response answers. `S: + AGpvZQ==`
    Challenge {
        /// The AUTHENTICATE.
        handle: Handle,
        /// The challenge. [`Continuation::challenge`] has its data, `None` where it is no base64: give up then.
        challenge: Continuation,
    },
    /// The server takes the payload of a message that is to be streamed: [`Client::upload`](super::Client::upload) all of it
    /// now. Where the server refuses it, the command is [completed](Event::Completed) instead. `S: + go ahead`
    Upload {
        /// The command.
        handle: Handle,
        /// How many bytes.
        size: u64,
    },
    /// IDLE is running. Not sent again when it is renewed. `S: + idling`
    Idling(Handle),
    /// A large literal begins, whose payload comes in [`Event::Chunk`]s. Sent only with
    /// [`Config::stream_above`](super::Config::stream_above).
    StreamBegin {
        /// What came before it of a FETCH: the last item is its, with a [streamed](imap_types::fetch::Payload::Streamed)
        /// payload. `None` where it is none, or cannot be read so far. The whole response follows as [`Event::Data`].
        fetch: Option<FetchResponse>,
        /// How many bytes.
        size: u64,
    },
    /// A piece of the payload.
    Chunk(Bytes),
    /// The payload is complete.
    StreamEnd,
    /// The payload ends early, with the connection.
    StreamAborted,
    /// The server took STARTTLS: begin TLS now, and say so with [`Client::tls_up`](super::Client::tls_up).
    StartTls(StartTls),
    /// The server took COMPRESS: begin compression now, and say so with
    /// [`Client::compression_up`](super::Client::compression_up).
    Compress(Compress),
    /// The server did what it must not. The session goes on, unless it ends with [`End::Violation`] next.
    Violation(Violation),
    /// The server sent something that cannot be read. The session goes on with the next message.
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong.
        error: Malformed,
    },
    /// The next message departs from the grammar in these places, counted from its start, and was read all the same.
    Tolerated {
        /// Where the message stands.
        place: Place,
        /// The deviations.
        deviations: alloc::vec::Vec<Deviation>,
    },
    /// A timer ran out on which the session does not act: its owner may.
    Due(TimerKind),
    /// The session is over; nothing follows. Close the connection.
    Ended(End),
}

/// Why a command ends without a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abort {
    /// Its owner cancelled it before it was sent.
    Cancelled,
    /// The session ended.
    Ended,
    /// When its turn came it could not be sent any more: the capabilities or the state had become others.
    Refused(Misuse),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// LOGOUT, as it should be.
    LoggedOut,
    /// The server said BYE by itself, or refused the connection.
    Bye,
    /// The connection was closed without BYE.
    Closed,
    /// The server did something after which nothing can be believed, or the policy forbids to go on: the last
    /// [`Event::Violation`], or the greeting, says what.
    Violation,
    /// The server sent something after which nothing can be read.
    Unreadable,
}

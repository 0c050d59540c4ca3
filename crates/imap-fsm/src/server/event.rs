//! What a server session tells its owner.

use bytes::Bytes;
use imap_codec::tolerance::Deviation;
use imap_types::{
    capability::Capability,
    code::Code,
    command::{AuthenticateData, Command},
    error::ValidationError,
    response::{Status, StatusResponse},
    string::Text,
};

pub use crate::{
    error::Malformed,
    flow::switch::{Compress, StartTls},
};
use crate::{
    timer::TimerKind,
    violation::{Place, Violation},
};

/// A command of the client, from its [`Event::Command`] or [`Event::Upload`] to its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub(crate) u64);

/// What happened.
///
/// Commands come in the order in which they were sent, each after the reply to the one before, unless
/// [`Config::parallel`](super::Config::parallel) says otherwise. The session answers by itself: CAPABILITY, LOGOUT, ENABLE, the
/// end of IDLE, what cannot be read, what is not valid in the state or not advertised, what [`Authorize`](super::Authorize)
/// refuses.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A command, complete, valid and authorised. [`Server::complete`](super::Server::complete) it. `C: a1 SELECT INBOX`
    Command {
        /// Its name in further calls.
        id: Id,
        /// The command. A payload that was uploaded is [streamed](imap_types::fetch::Payload::Streamed) in it.
        command: Command,
    },
    /// The client wants to send a large message: [accept] or [refuse] it before it does.
    /// `C: a1 APPEND Sent {310000}`
    ///
    /// [accept]: super::Server::accept
    /// [refuse]: super::Server::refuse
    Upload {
        /// The command, as in the [`Event::Command`] that follows once it is complete.
        id: Id,
        /// What is known of it: up to this payload, which is the last.
        command: Command,
        /// How many bytes.
        size: u64,
    },
    /// A piece of the payload.
    Chunk {
        /// The command.
        id: Id,
        /// The bytes.
        bytes: Bytes,
    },
    /// The payload is complete; another [`Event::Upload`] of the same command may follow.
    UploadEnd(Id),
    /// The client answers a [challenge](super::Server::challenge). When it gives up, the session replies BAD by itself, and
    /// this says so: nothing is to be done.
    AuthenticateData {
        /// The AUTHENTICATE.
        id: Id,
        /// The answer.
        data: AuthenticateData,
    },
    /// The client idles: updates reach it at once. `C: a1 IDLE`
    Idle(Id),
    /// The client idles no more. `C: DONE`
    IdleDone(Id),
    /// The client enabled these: the session has told it, and reads and writes by them from now on. `C: a1 ENABLE QRESYNC`
    Enabled(alloc::vec::Vec<Capability>),
    /// A command ends without a reply of its owner: with the session; or the session has answered it, because the client
    /// went on wrongly after its [`Event::Upload`], or left AUTHENTICATE. Not sent for commands that were completed.
    Aborted(Id),
    /// The client may begin TLS now: send what [`poll_transmit`](super::Server::poll_transmit) still has in the clear, begin TLS,
    /// and say so with [`Server::tls_up`](super::Server::tls_up).
    StartTls(StartTls),
    /// The same for compression: [`Server::compression_up`](super::Server::compression_up).
    Compress(Compress),
    /// The client did what it must not; it was answered.
    Violation(Violation),
    /// The client sent something that cannot be read; it was answered.
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong.
        error: Malformed,
    },
    /// The next command departs from the grammar in these places, counted from its start, and was read all the same.
    Tolerated {
        /// Where it stands.
        place: Place,
        /// The deviations.
        deviations: alloc::vec::Vec<Deviation>,
    },
    /// A timer ran out on which the session does not act: its owner may.
    Due(TimerKind),
    /// The session is over; nothing follows. Send what [`poll_transmit`](super::Server::poll_transmit) still has, and close the
    /// connection.
    Ended(End),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// LOGOUT, as it should be.
    LoggedOut,
    /// Its owner said BYE, or refused the connection.
    Bye,
    /// The client closed the connection.
    Closed,
    /// The client was silent for too long, or did not authenticate in time.
    TimedOut,
    /// Too many bad commands in a row.
    BadCommands,
    /// What the client sent is no IMAP, or nothing after it can be believed or read.
    Violation,
}

/// The end of a command: a tagged response without its tag. `S: a1 OK [READ-WRITE] SELECT completed`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// OK, NO or BAD.
    pub status: Status,
    /// The code.
    pub code: Option<Code>,
    /// The text.
    pub text: Text,
}

impl Reply {
    fn new(status: Status, text: &str) -> Result<Self, ValidationError> {
        Ok(Self { status, code: None, text: Text::try_from(text)? })
    }

    /// OK.
    ///
    /// # Errors
    /// Where `text` holds CR, LF or NUL.
    pub fn ok(text: &str) -> Result<Self, ValidationError> {
        Self::new(Status::Ok, text)
    }

    /// NO.
    ///
    /// # Errors
    /// Where `text` holds CR, LF or NUL.
    pub fn no(text: &str) -> Result<Self, ValidationError> {
        Self::new(Status::No, text)
    }

    /// BAD.
    ///
    /// # Errors
    /// Where `text` holds CR, LF or NUL.
    pub fn bad(text: &str) -> Result<Self, ValidationError> {
        Self::new(Status::Bad, text)
    }

    /// The same with this code.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// A reply with a text that is known to be fine.
    #[cold]
    pub(crate) fn fixed(status: Status, code: Option<Code>, text: &'static str) -> Self {
        Self { status, code, text: Text::try_from(text).unwrap_or_default() }
    }

    pub(crate) fn tagged(self, tag: imap_types::atom::Tag) -> StatusResponse {
        StatusResponse { tag: Some(tag), status: self.status, code: self.code, text: self.text }
    }
}

//! What the receiver of an encoded message understands.

use crate::Side;

/// How an encoder forms what it sends: who sends, and what the peer has said it takes.
///
/// ```
/// use imap_codec::profile::{EncodeProfile, Literals};
///
/// let mut profile = EncodeProfile::client();
/// profile.literals = Literals::NonSynchronizingUpTo(4096); // the server has LITERAL-
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeProfile {
    /// Who sends.
    pub side: Side,
    /// The form of a client's literals.
    pub literals: Literals,
    /// Whether literal8 may be sent (BINARY, or IMAP4rev2 from a server).
    pub literal8: bool,
    /// Whether quoted strings may hold UTF-8 (after `ENABLE UTF8=ACCEPT` or `ENABLE IMAP4rev2`).
    pub utf8: bool,
    /// Whether parts that were received invalid are sent on as they came. For relays.
    pub relay_invalid: bool,
}

/// The form of the literals that a client sends (RFC 9051 section 4.3). A server never waits and always writes
/// `{n}`.
///
/// `C: A1 LOGIN {3+}`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Literals {
    /// `{n}`: wait for `+` before each. Understood by every server.
    Synchronizing,
    /// `{n+}`: never wait. For servers with LITERAL+ (RFC 7888).
    NonSynchronizing,
    /// `{n+}` up to so many bytes, 4096 with LITERAL- (RFC 7888 section 5).
    NonSynchronizingUpTo(u32),
    /// The form in which each string was received; `{n}` for strings made in Rust.
    AsReceived,
}

impl EncodeProfile {
    /// For a client that knows nothing of its server: synchronizing literals, ASCII.
    #[must_use]
    pub const fn client() -> Self {
        Self {
            side: Side::Client,
            literals: Literals::Synchronizing,
            literal8: false,
            utf8: false,
            relay_invalid: false,
        }
    }

    /// For a server whose client has enabled nothing.
    #[must_use]
    pub const fn server() -> Self {
        Self { side: Side::Server, ..Self::client() }
    }

    /// For writing down a message as it was received: every form is allowed again, invalid parts included.
    #[must_use]
    pub const fn as_received(side: Side) -> Self {
        Self { side, literals: Literals::AsReceived, literal8: true, utf8: true, relay_invalid: true }
    }
}

//! STARTTLS and COMPRESS: what follows an exact byte is another stream.
//!
//! The session stops there, and hands its owner a token. Only with the token can the owner say that the new stream is up,
//! so it cannot be said at any other time, or twice.

use bytes::Bytes;

/// TLS begins now (RFC 9051 section 6.2.1).
///
/// Begin the negotiation with the next bytes that are sent and received, and give the token back to the session once it
/// is complete. Where it fails, close the connection: there is no way back. Nothing was received beyond this point; if
/// anything had been, the session would have ended instead.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the session reads and sends nothing until it is told that TLS is up"]
pub struct StartTls {
    pub(crate) sealed: (),
}

/// Compression begins now (RFC 4978): what follows in both directions is one deflate stream each.
///
/// Give the token back to the session once the streams are set up; from then on it is given what the bytes inflate to,
/// and what it sends is to be deflated.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the session reads and sends nothing until it is told that compression is up"]
pub struct Compress {
    pub(crate) sealed: (),
    /// Bytes that were received already and belong to the deflated stream: its first bytes.
    pub(crate) unread: Bytes,
}

impl Compress {
    /// The first bytes of the deflated stream, as far as they were received already.
    #[must_use]
    pub const fn unread(&self) -> &Bytes {
        &self.unread
    }
}

/// A change of the stream that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// STARTTLS.
    Tls,
    /// COMPRESS.
    Compress,
}

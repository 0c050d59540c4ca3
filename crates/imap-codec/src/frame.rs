//! Where a message ends: bytes to complete messages.

use alloc::vec::Vec;

use bytes::Bytes;
use imap_types::octets::Buffer;

/// A complete message: its lines and its collected literals, in one buffer.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub(crate) buffer: Buffer,
    pub(crate) streamed: Vec<StreamedLiteral>,
}

/// A literal of a frame whose payload went to the owner instead of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamedLiteral {
    /// Where in the frame the payload would stand: just after its header.
    pub at: usize,
    /// The size of the payload in bytes.
    pub size: u64,
}

impl Frame {
    /// A frame of bytes that are known to be one message.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self { buffer: Buffer::new(bytes), streamed: Vec::new() }
    }

    /// The same of static bytes, for tests and examples.
    #[must_use]
    pub fn from_static(bytes: &'static [u8]) -> Self {
        Self::new(Bytes::from_static(bytes))
    }

    /// The bytes of the message, without the payloads of streamed literals.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.as_bytes()
    }

    /// The literals that were streamed, in order.
    #[must_use]
    pub fn streamed(&self) -> &[StreamedLiteral] {
        &self.streamed
    }
}

//! How much of anything a peer may send.

/// The limits of one decoder and its framer. All are finite; each can be set.
///
/// A limit says what is *held*, not what a peer may announce: a declared size allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest line, in bytes, its literals not counted.
    ///
    /// 16 MiB for clients, because SEARCH and untagged data come in one line; 64 KiB for servers, which is
    /// what the largest deployed servers take; 8 KiB before authentication (RFC 7162 section 4 asks for 8192).
    pub line: usize,
    /// Largest literal that is collected into the message, in bytes.
    ///
    /// 64 MiB for clients; for servers 64 MiB in APPEND and [`Limits::argument_literal`] elsewhere.
    pub literal: usize,
    /// Largest literal of a command other than APPEND, in bytes: 64 KiB, 4 KiB before authentication, since
    /// such literals are names and search strings.
    pub argument_literal: usize,
    /// Largest message with its collected literals, in bytes: 80 MiB, 8 KiB before authentication.
    /// Never more than 512 MiB.
    pub message: usize,
    /// Most literals in one message: no limit for clients, 1,024 for servers, 4 before authentication.
    pub literals: usize,
    /// Most parentheses open at a time: 64, so that 20 nested message/rfc822 parts fit; 8 before authentication.
    pub depth: usize,
    /// Most items in one list: 4 Mi for clients (one SEARCH), 64 Ki for servers, 128 before authentication.
    pub list: usize,
    /// Longest tag, in bytes: 1 KiB for clients, who chose it; 255 for servers.
    pub tag: usize,
    /// Most numbers in a section part (`1.2.3`): 32.
    pub section: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Limits {
    /// For what a client receives.
    pub const CLIENT: Self = Self {
        line: 16 * MIB,
        literal: 64 * MIB,
        argument_literal: 64 * MIB,
        message: 80 * MIB,
        literals: usize::MAX,
        depth: 64,
        list: 4 * MIB,
        tag: KIB,
        section: 32,
    };

    /// For what a server receives after authentication.
    pub const SERVER: Self = Self {
        line: 64 * KIB,
        literal: 64 * MIB,
        argument_literal: 64 * KIB,
        message: 80 * MIB,
        literals: 1024,
        depth: 64,
        list: 64 * KIB,
        tag: 255,
        section: 32,
    };

    /// For what a server receives before authentication.
    pub const SERVER_BEFORE_AUTHENTICATION: Self = Self {
        line: 8 * KIB,
        literal: 4 * KIB,
        argument_literal: 4 * KIB,
        message: 8 * KIB,
        literals: 4,
        depth: 8,
        list: 128,
        tag: 255,
        section: 32,
    };
}

impl Default for Limits {
    /// [`Limits::CLIENT`].
    fn default() -> Self {
        Self::CLIENT
    }
}

//! What went wrong: in decoding ([`DecodeError`]) and in encoding ([`EncodeError`]).

use alloc::{boxed::Box, format, string::String};
use core::fmt;

use imap_types::atom::Tag;

/// A message that cannot be read: what is wrong, where, and what the grammar has there.
///
/// ```
/// use imap_codec::{decode_command, DecodeOptions, frame::Frame};
///
/// let frame = Frame::from_static(b"A1 FETCH 0 FLAGS\r\n");
/// let error = decode_command(&frame, &DecodeOptions::strict()).unwrap_err();
/// assert_eq!((error.rule, error.at), ("nz-number", 9));
/// assert_eq!(error.tag.map(|tag| tag.to_string()).as_deref(), Some("A1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The kind of mistake.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the message.
    pub at: usize,
    /// The grammar rule that does not fit, or the limit that was passed, by name.
    pub rule: &'static str,
    /// What was expected there, for people.
    pub expected: &'static str,
    /// What was found there, for people. Empty in a message that may hold a credential.
    pub found: Box<str>,
    /// The bytes around the place, escaped. Empty in a message that may hold a credential.
    pub excerpt: Box<str>,
    /// The tag of the command or response, where it was read.
    pub tag: Option<Tag>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)?;
        if !self.found.is_empty() {
            write!(f, ", found {}", self.found)?;
        }
        write!(f, " (rule {})", self.rule)
    }
}

impl core::error::Error for DecodeError {}

/// The kinds of mistakes in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes do not fit the grammar.
    Syntax,
    /// A number that does not fit its type, or is zero where it must not be.
    Number,
    /// A date or time that no calendar has.
    Calendar,
    /// A keyword that no grammar here has, where an unknown one cannot be kept.
    Unknown,
    /// Parentheses or parts nested deeper than [`Limits::depth`](crate::limits::Limits::depth).
    TooDeep,
    /// More bytes or items than a limit allows; `rule` names the limit.
    TooLong,
    /// A streamed literal where the value must be at hand.
    Streamed,
}

/// What a rule wants in one place. One constant per place that can fail, so that the error of a rule
/// is small while rules are tried.
#[derive(Debug)]
pub(crate) struct Expect {
    pub(crate) kind: ErrorKind,
    pub(crate) rule: &'static str,
    pub(crate) expected: &'static str,
}

/// `expected!("nz-number", "a number above 0")`, or with a kind in front: `expected!(Number, ..)`.
macro_rules! expected {
    ($rule:literal, $what:literal) => {
        $crate::error::expected!(Syntax, $rule, $what)
    };
    ($kind:ident, $rule:literal, $what:literal) => {{
        const EXPECT: &$crate::error::Expect =
            &$crate::error::Expect { kind: $crate::error::ErrorKind::$kind, rule: $rule, expected: $what };
        EXPECT
    }};
}
pub(crate) use expected;

/// The error of a rule while a message is being read: sixteen bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Bytes from the start of the frame.
    pub(crate) at: u32,
    pub(crate) expect: &'static Expect,
}

impl Fault {
    /// The public form, with what stands at the place. `secret` leaves the bytes out.
    pub(crate) fn report(self, frame: &[u8], tag: Option<Tag>, secret: bool) -> DecodeError {
        let at = (self.at as usize).min(frame.len());
        let rest = frame.get(at..).unwrap_or_default();
        let (found, excerpt) =
            if secret { (String::new(), String::new()) } else { (found(rest), excerpt(frame, at)) };
        DecodeError {
            kind: self.expect.kind,
            at,
            rule: self.expect.rule,
            expected: self.expect.expected,
            found: found.into(),
            excerpt: excerpt.into(),
            tag,
        }
    }
}

/// The word or byte at the start of `rest`, described.
fn found(rest: &[u8]) -> String {
    match rest {
        [] => "the end of the message".into(),
        [b'\r', b'\n', ..] => "the end of the line".into(),
        [b'\n', ..] => "a line feed without a carriage return".into(),
        [b'\r', ..] => "a carriage return without a line feed".into(),
        [b' ', ..] => "a space".into(),
        [byte, ..] if !byte.is_ascii_graphic() => format!("the byte 0x{byte:02x}"),
        rest => {
            let word = rest.iter().position(|byte| !byte.is_ascii_graphic()).unwrap_or(rest.len());
            let len = word.min(24);
            let more = if word > len { ".." } else { "" };
            format!("`{}`{more}", rest.get(..len).unwrap_or_default().escape_ascii())
        }
    }
}

/// Up to 24 bytes on each side of `at`, escaped.
fn excerpt(frame: &[u8], at: usize) -> String {
    let around = at.saturating_sub(24)..at.saturating_add(24).min(frame.len());
    format!("{}", frame.get(around).unwrap_or_default().escape_ascii())
}

/// A value that cannot be sent as it is.
///
/// ```
/// use imap_codec::error::{EncodeError, EncodeErrorKind};
///
/// let error = EncodeError { kind: EncodeErrorKind::Nul, what: "a string" };
/// assert_eq!(error.to_string(), "a string cannot be sent: it holds NUL, and literal8 is not allowed there");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be sent: {kind}")]
pub struct EncodeError {
    /// What is wrong with it.
    pub kind: EncodeErrorKind,
    /// Which part, with its article.
    pub what: &'static str,
}

impl EncodeError {
    pub(crate) const fn new(kind: EncodeErrorKind, what: &'static str) -> Self {
        Self { kind, what }
    }

    /// For the wildcard arm over an enum that may grow.
    pub(crate) const fn unknown(what: &'static str) -> Self {
        Self::new(EncodeErrorKind::Unknown, what)
    }
}

/// Why a value cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// NUL where the grammar has no form for it.
    #[error("it holds NUL, and literal8 is not allowed there")]
    Nul,
    /// A byte that the grammar does not allow and no other form can carry.
    #[error("it holds a byte that the grammar does not allow there")]
    Character,
    /// A part that was received invalid, and the profile does not relay such parts.
    #[error("it was received invalid, and the profile does not relay invalid parts")]
    Invalid,
    /// A number that the grammar has no room for.
    #[error("it is a number out of range")]
    Range,
    /// An empty list or string where the grammar wants at least one item.
    #[error("it is empty")]
    Empty,
    /// A combination of parts that the grammar does not have.
    #[error("its parts do not go together")]
    Combination,
    /// A kind of value that this version of the encoder does not know.
    #[error("this version of the encoder does not know it")]
    Unknown,
    /// A payload that is streamed in a form that the peer does not take, or where the grammar has no literal: it
    /// cannot be looked at to choose another.
    #[error("its payload is streamed, and its form is not allowed there")]
    Streamed,
}

//! Why a value was refused.

/// A value that the grammar does not have: what is wrong, and at which byte.
///
/// ```
/// use imap_types::{atom::Atom, error::ValidationErrorKind};
///
/// let error = Atom::try_from("a b").unwrap_err();
/// assert_eq!(error.kind, ValidationErrorKind::Character);
/// assert_eq!(error.at, 1);
/// assert_eq!(error.to_string(), "not an atom: the byte at 1 is not allowed there");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not {what}: {}", .kind.describe(*.at))]
pub struct ValidationError {
    /// What was to be made, with its article: "an atom".
    pub what: &'static str,
    /// What is wrong.
    pub kind: ValidationErrorKind,
    /// Where, in bytes from the start of what was given.
    pub at: usize,
}

/// The ways in which a value can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationErrorKind {
    /// Nothing was given where at least one byte or item is needed.
    Empty,
    /// A byte that the grammar does not allow in this place.
    Character,
    /// More bytes or items than the grammar or this library allows.
    TooLong,
    /// A number outside its range.
    Range,
    /// Bytes that end too early, or go on where they should end.
    Shape,
    /// An item that may be there once, and is there twice.
    Repeated,
}

impl ValidationErrorKind {
    fn describe(self, at: usize) -> alloc::string::String {
        match self {
            Self::Empty => "it is empty".into(),
            Self::Character => alloc::format!("the byte at {at} is not allowed there"),
            Self::TooLong => alloc::format!("it is longer than {at}"),
            Self::Range => "the number is out of range".into(),
            Self::Repeated => "it is there already".into(),
            Self::Shape => alloc::format!("it does not have the right shape at byte {at}"),
        }
    }
}

impl ValidationError {
    /// An error about `what`, a few words that begin with an article, at byte `at`. For other crates that validate.
    #[must_use]
    pub const fn new(what: &'static str, kind: ValidationErrorKind, at: usize) -> Self {
        Self { what, kind, at }
    }
}

impl From<core::convert::Infallible> for ValidationError {
    /// For constructors that take either a finished value or what a value is made from.
    fn from(never: core::convert::Infallible) -> Self {
        match never {}
    }
}

//! The tags of a client: its owner's prefix and a counter.

use alloc::{boxed::Box, format};

use imap_types::{atom::Tag, error::ValidationError};

/// Makes tags, each of them once (RFC 9051 section 2.2.1).
///
/// `C: a1 NOOP`, `C: a2 NOOP`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tags {
    /// How many were made.
    count: u64,
}

/// What the tags of a client begin with: a few letters, so that its sessions can be told apart in logs.
///
/// Chosen by the caller, since nothing here is left to chance. Letters only, at most 16: some servers are confused by
/// other tags, and the counter follows.
///
/// ```
/// use imap_fsm::tag::TagPrefix;
///
/// assert!(TagPrefix::new("a").is_ok());
/// assert!(TagPrefix::new("a1").is_err() && TagPrefix::new("").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagPrefix(Box<str>);

impl TagPrefix {
    /// The most letters.
    pub const MOST: usize = 16;

    /// A prefix.
    ///
    /// # Errors
    /// Where it is empty, longer than [`TagPrefix::MOST`], or holds anything but ASCII letters: the byte of the first
    /// that is none.
    pub fn new(prefix: &str) -> Result<Self, ValidationError> {
        use imap_types::error::ValidationErrorKind as Kind;
        const WHAT: &str = "the prefix of tags";
        if prefix.is_empty() {
            return Err(ValidationError::new(WHAT, Kind::Empty, 0));
        }
        let wrong = prefix.bytes().position(|byte| !byte.is_ascii_alphabetic());
        if let Some(at) = wrong.or((prefix.len() > Self::MOST).then_some(Self::MOST)) {
            return Err(ValidationError::new(WHAT, Kind::Character, at));
        }
        Ok(Self(prefix.into()))
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TagPrefix {
    /// `a`
    fn default() -> Self {
        Self("a".into())
    }
}

impl Tags {
    /// Goes on after so many tags.
    pub(crate) const fn after(count: u64) -> Self {
        Self { count }
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    //= rfc9051#section-2.2.1
    //# More formally: the client SHOULD generate a unique tag for every command
    pub(crate) fn next(&mut self, prefix: &TagPrefix) -> Result<Tag, ValidationError> {
        self.count = self.count.wrapping_add(1);
        // OK because letters and digits are a tag: no error ever comes of it.
        Tag::try_from(format!("{}{}", prefix.as_str(), self.count))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    //= rfc9051#section-2.2.1
    //= type=test
    //# More formally: the client SHOULD generate a unique tag for every command
    #[test]
    fn each_tag_is_made_once_and_goes_on_after_an_import() {
        let prefix = TagPrefix::default();
        let mut tags = Tags::after(0);
        assert_eq!(tags.next(&prefix).unwrap(), "a1");
        assert_eq!(tags.next(&prefix).unwrap(), "a2");
        assert_eq!(Tags::after(tags.count()).next(&prefix).unwrap(), "a3");
        assert_eq!(TagPrefix::new("abcdefghijklmnopq").unwrap_err().at, 16);
    }
}

//! Contexts: results of searches that are kept up to date, and parts of results (RFC 5267, RFC 9394).

use core::{fmt, num::NonZeroU32};

use crate::{octets::detach, sequence::SequenceSet};

/// `partial-range`: which of the results, by their place among all (RFC 9394 section 4, RFC 5267 section 5).
///
/// ```
/// use imap_types::context::PartialRange;
///
/// let newest = PartialRange::newest(100.try_into()?);
/// assert_eq!(newest.to_string(), "-1:-100");
/// assert_eq!(newest.bounds().1.get(), 100);
/// # Ok::<(), core::num::TryFromIntError>(())
/// ```
///
/// `C: A1 UID SEARCH RETURN (PARTIAL -1:-100) UNDELETED`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "partial-range")]
pub struct PartialRange {
    /// Whether results are counted from the last one, the newest: both numbers are sent with a minus sign.
    pub from_last: bool,
    /// The place of one end, from 1. `500:400` is the same range as `400:500`.
    pub start: NonZeroU32,
    /// The place of the other end.
    pub end: NonZeroU32,
}

impl PartialRange {
    /// The first `count` results, the oldest: `1:count`.
    #[must_use]
    pub const fn oldest(count: NonZeroU32) -> Self {
        Self { from_last: false, start: NonZeroU32::MIN, end: count }
    }

    /// The last `count` results, the newest: `-1:-count`.
    #[must_use]
    pub const fn newest(count: NonZeroU32) -> Self {
        Self { from_last: true, start: NonZeroU32::MIN, end: count }
    }

    /// The lower and the higher place, both within the range.
    #[must_use]
    pub fn bounds(self) -> (NonZeroU32, NonZeroU32) {
        (self.start.min(self.end), self.start.max(self.end))
    }
}

impl fmt::Display for PartialRange {
    /// The range as on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.from_last { "-" } else { "" };
        write!(f, "{sign}{}:{sign}{}", self.start, self.end)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PartialRange {
    /// The range as on the wire.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A change of a result that is kept up to date: `ADDTO` and `REMOVEFROM` (RFC 5267 sections 4.3.3 and 4.3.4).
///
/// `S: * ESEARCH (TAG "B01") UID ADDTO (1 2733 1 2731:2732)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct ContextChange {
    /// `context-position`: where in the result, from 1; 0 where that is not told.
    #[doc(alias = "context-position")]
    pub position: u32,
    /// The messages, by number or UID as the command had it.
    pub set: SequenceSet,
}

detach!(none PartialRange);
detach!(struct ContextChange { set });

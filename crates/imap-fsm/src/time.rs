//! Time as a plain number.
//!
//! A session reads no clock: each call that may start or end a timer is told what time it is. Any clock will do that
//! never goes backwards, whatever its zero is; a test makes one up.

use core::{fmt, time::Duration};

/// A minute.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A point in time: milliseconds since a zero that the caller chose.
///
/// ```
/// use core::time::Duration;
/// use imap_fsm::time::Time;
///
/// let start = Time::from_millis(5);
/// let end = start + Duration::from_secs(29 * 60);
/// assert_eq!(end.since(start), Duration::from_secs(1740));
/// assert_eq!(start.since(end), Duration::ZERO);
/// assert_eq!(end.to_string(), "29m0.005s");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The zero of the caller's clock.
    pub const ZERO: Self = Self(0);
    /// Later than any time that comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// So many milliseconds after zero.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// So many seconds after zero.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since zero.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// So long after this. Never overflows: [`Time::NEVER`] is the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long after `earlier` this is; nothing where it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl core::ops::Add<Duration> for Time {
    type Output = Self;

    /// As [`Time::after`].
    fn add(self, duration: Duration) -> Self {
        self.after(duration)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, millis) = (self.0 / 1000, self.0 % 1000);
        let (minutes, secs) = (secs / 60, secs % 60);
        if minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        if millis > 0 { write!(f, "{secs}.{millis:03}s") } else { write!(f, "{secs}s") }
    }
}

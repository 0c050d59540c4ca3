//! Dates and times, with a calendar of their own and no clock.

use crate::{octets::detach, value::Invalid};

/// `date-text`: a day, without a time (RFC 9051 section 9).
///
/// `C: A1 SEARCH SINCE 1-Feb-1994`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "date")]
#[doc(alias = "date-text")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// `date-time`: a day, a time and a zone (RFC 9051 section 9).
///
/// `S: * 1 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700")`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "date-time")]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    /// 0 to 60: a leap second is a time.
    second: u8,
    /// Minutes east of Greenwich, -1439 to 1439.
    zone: i16,
    /// Whether the zone was written with a minus sign, which `-0000` has too.
    west: bool,
}

/// An INTERNALDATE of a response: a date and time, or what was sent in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum InternalDate {
    /// A date and time.
    DateTime(DateTime),
    /// A date and time that no calendar has, kept raw with its quotes.
    Invalid(Invalid),
}

detach!(none Date, DateTime);
detach!(
    enum InternalDate {
        Invalid(raw),
    }
);

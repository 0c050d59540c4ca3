//! Dates and times, with a calendar of their own and no clock.
//!
//! The calendar is the Gregorian one, extended backwards, for the years 0 to 9999 that four digits can
//! write. Days and seconds are counted from 1970-01-01, as Unix does: a leap second counts as the first
//! second of the next minute.

use core::{fmt, str::FromStr};

use crate::{
    error::{ValidationError, ValidationErrorKind},
    octets::detach,
    value::Invalid,
};

/// `date-month`, in the order of the year (RFC 9051 section 9).
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const SECONDS_PER_DAY: i64 = 86_400;

/// `date-text`: a day, without a time (RFC 9051 section 9).
///
/// Ordered as time passes. `Display` writes `date-text`, without quotes.
///
/// ```
/// use imap_types::date::Date;
///
/// let since = Date::new(1994, 2, 1)?;
/// assert_eq!(since.to_string(), "1-Feb-1994");
/// assert_eq!("01-feb-1994".parse(), Ok(since));
/// assert_eq!(Date::from_unix_days(since.unix_days())?, since);
/// assert!(Date::new(1900, 2, 29).is_err());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 SEARCH SINCE 1-Feb-1994`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "date")]
#[doc(alias = "date-text")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day `day` (1 to 31) of the month `month` (1 to 12) of the year `year` (0 to 9999).
    ///
    /// # Errors
    /// `Range` where the calendar has no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, ValidationError> {
        if year > 9999 || day == 0 || day > days_in_month(year, month) {
            return Err(ValidationError::new("a date", ValidationErrorKind::Range, 0));
        }
        Ok(Self { year, month, day })
    }

    /// The day that is `days` days after 1970-01-01; before it where negative.
    ///
    /// # Errors
    /// `Range` where the day is not in the years 0 to 9999.
    pub fn from_unix_days(days: i64) -> Result<Self, ValidationError> {
        const OUT: ValidationError = ValidationError::new("a date", ValidationErrorKind::Range, 0);
        // Years that begin on 1 March, so that the leap day is the last of its year, in eras of 400 such
        // years, which all have 146,097 days. 719,468 days lie between 0000-03-01 and 1970-01-01.
        let days = days.checked_add(719_468).ok_or(OUT)?;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let leap_days =
            (day_of_era / 1_460).saturating_sub(day_of_era / 36_524).saturating_add(day_of_era / 146_096);
        let year_of_era = day_of_era.saturating_sub(leap_days) / 365;
        let day_of_year = day_of_era.saturating_sub(days_before_year(year_of_era));
        // Months from March in pairs of 61 days, with five months in 153 days.
        let month_from_march = day_of_year.saturating_mul(5).saturating_add(2) / 153;
        let day = day_of_year.saturating_sub(days_before_month(month_from_march)).saturating_add(1);
        let (month, carry) = if month_from_march < 10 {
            (month_from_march.saturating_add(3), 0)
        } else {
            (month_from_march.saturating_sub(9), 1)
        };
        let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(carry);
        match (u16::try_from(year), u8::try_from(month), u8::try_from(day)) {
            (Ok(year), Ok(month), Ok(day)) => Self::new(year, month, day),
            _ => Err(OUT),
        }
    }

    /// How many days after 1970-01-01 this is; negative before it.
    #[must_use]
    pub fn unix_days(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month_from_march) = if month > 2 {
            (year, month.saturating_sub(3))
        } else {
            (year.saturating_sub(1), month.saturating_add(9))
        };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        era.saturating_mul(146_097)
            .saturating_add(days_before_year(year_of_era))
            .saturating_add(days_before_month(month_from_march))
            .saturating_add(i64::from(self.day))
            .saturating_sub(1 + 719_468)
    }

    /// The year, 0 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The name of the month as the protocol writes it: `Jan` to `Dec`.
    #[must_use]
    pub fn month_name(self) -> &'static str {
        MONTHS.get(usize::from(self.month).saturating_sub(1)).copied().unwrap_or("Jan")
    }
}

/// Days from 1 March of an era's first year to 1 March of its year `year`.
const fn days_before_year(year: i64) -> i64 {
    year.saturating_mul(365).saturating_add(year / 4).saturating_sub(year / 100)
}

/// Days from 1 March to the first of a month, counted from March.
const fn days_before_month(month_from_march: i64) -> i64 {
    month_from_march.saturating_mul(153).saturating_add(2) / 5
}

/// The days of a month; 0 where there is no such month.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// The number (1 to 12) of the month that `date-month` names, in any case (RFC 9051 section 9).
///
/// ```
/// assert_eq!(imap_types::date::month_number(b"feb"), Some(2));
/// assert_eq!(imap_types::date::month_number(b"Febr"), None);
/// ```
#[must_use]
pub fn month_number(name: &[u8]) -> Option<u8> {
    let &[a, b, c] = name else { return None };
    Some(match [a | 0x20, b | 0x20, c | 0x20] {
        [b'j', b'a', b'n'] => 1,
        [b'f', b'e', b'b'] => 2,
        [b'm', b'a', b'r'] => 3,
        [b'a', b'p', b'r'] => 4,
        [b'm', b'a', b'y'] => 5,
        [b'j', b'u', b'n'] => 6,
        [b'j', b'u', b'l'] => 7,
        [b'a', b'u', b'g'] => 8,
        [b's', b'e', b'p'] => 9,
        [b'o', b'c', b't'] => 10,
        [b'n', b'o', b'v'] => 11,
        [b'd', b'e', b'c'] => 12,
        _ => return None,
    })
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.day, self.month_name(), self.year)
    }
}

impl FromStr for Date {
    type Err = ValidationError;

    /// Reads `date-text`, without quotes.
    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let mut text = Scan { what: "a date", bytes: text.as_bytes(), at: 0 };
        let day = text.number(1, 2)?;
        let date = text.month_and_year(day)?;
        text.end()?;
        Ok(date)
    }
}

impl TryFrom<&str> for Date {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        text.parse()
    }
}

/// `date-time`: a day, a time and a zone (RFC 9051 section 9).
///
/// Equal where day, time and zone are equal: the same moment in two zones is two values, and `-0000` is
/// `+0000`, though each is written as it was read. Compare [`DateTime::unix_seconds`] to compare moments.
///
/// ```
/// use imap_types::date::{Date, DateTime};
///
/// let received = DateTime::new(Date::new(1996, 7, 17)?, 2, 44, 25, -7 * 60)?;
/// assert_eq!(received.to_string(), "\"17-Jul-1996 02:44:25 -0700\"");
/// assert_eq!(received.unix_seconds(), 837_596_665);
/// assert_eq!(DateTime::from_unix_seconds(837_596_665, -7 * 60)?, received);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: * 1 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700")`
#[derive(Clone, Copy, Debug)]
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

impl DateTime {
    /// The time `hour` (0 to 23), `minute` (0 to 59) and `second` (0 to 60, for leap seconds) on `date`, in a
    /// zone `zone` minutes (-1439 to 1439) east of Greenwich.
    ///
    /// # Errors
    /// `Range` for a number outside its range.
    pub const fn new(
        date: Date,
        hour: u8,
        minute: u8,
        second: u8,
        zone: i16,
    ) -> Result<Self, ValidationError> {
        if hour > 23 || minute > 59 || second > 60 || zone < -1439 || zone > 1439 {
            return Err(ValidationError::new("a date and time", ValidationErrorKind::Range, 0));
        }
        Ok(Self { date, hour, minute, second, zone, west: zone < 0 })
    }

    /// The same time in the zone `-0000`, which says that the zone is not known (RFC 5322 section 3.3). Other
    /// zones are left as they are.
    #[must_use]
    pub const fn with_unknown_zone(mut self) -> Self {
        self.west = self.zone <= 0;
        self
    }

    /// The moment `seconds` seconds after 1970-01-01 00:00:00 UTC, as told `zone` minutes east of Greenwich.
    ///
    /// # Errors
    /// `Range` where the day is not in the years 0 to 9999, or `zone` is not from -1439 to 1439.
    pub fn from_unix_seconds(seconds: i64, zone: i16) -> Result<Self, ValidationError> {
        const OUT: ValidationError = ValidationError::new("a date and time", ValidationErrorKind::Range, 0);
        let local = seconds.checked_add(i64::from(zone).saturating_mul(60)).ok_or(OUT)?;
        let date = Date::from_unix_days(local.div_euclid(SECONDS_PER_DAY))?;
        let second_of_day = local.rem_euclid(SECONDS_PER_DAY);
        let part = |number: i64| u8::try_from(number).map_err(|_| OUT);
        let (hour, minute) = (second_of_day / 3600, second_of_day / 60 % 60);
        Self::new(date, part(hour)?, part(minute)?, part(second_of_day % 60)?, zone)
    }

    /// How many seconds after 1970-01-01 00:00:00 UTC this is; negative before it.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        let minutes = i64::from(self.hour)
            .saturating_mul(60)
            .saturating_add(i64::from(self.minute))
            .saturating_sub(i64::from(self.zone));
        self.date
            .unix_days()
            .saturating_mul(SECONDS_PER_DAY)
            .saturating_add(minutes.saturating_mul(60))
            .saturating_add(i64::from(self.second))
    }

    /// The day, in this value's zone.
    #[must_use]
    pub const fn date(self) -> Date {
        self.date
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 60.
    #[must_use]
    pub const fn second(self) -> u8 {
        self.second
    }

    /// The zone: minutes east of Greenwich, -1439 to 1439.
    #[must_use]
    pub const fn zone(self) -> i16 {
        self.zone
    }

    /// Whether the zone is written with `-`: it is west of Greenwich, or `-0000`, which is not known.
    #[must_use]
    pub const fn is_west(self) -> bool {
        self.west
    }

    /// The zone as the protocol writes it, as a number: `-0700` is (true, 7, 0).
    const fn zone_parts(self) -> (bool, u16, u16) {
        let minutes = self.zone.unsigned_abs();
        (self.west, minutes / 60, minutes % 60)
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        let fields = |of: &Self| (of.date, of.hour, of.minute, of.second, of.zone);
        fields(self) == fields(other)
    }
}

impl Eq for DateTime {}

impl core::hash::Hash for DateTime {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.date, self.hour, self.minute, self.second, self.zone).hash(state);
    }
}

impl fmt::Display for DateTime {
    /// `date-time`, with its quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (west, hours, minutes) = self.zone_parts();
        write!(
            f,
            "\"{:2}-{}-{:04} {:02}:{:02}:{:02} {}{hours:02}{minutes:02}\"",
            self.date.day,
            self.date.month_name(),
            self.date.year,
            self.hour,
            self.minute,
            self.second,
            if west { '-' } else { '+' },
        )
    }
}

impl FromStr for DateTime {
    type Err = ValidationError;

    /// Reads `date-time`, with or without its quotes.
    fn from_str(text: &str) -> Result<Self, ValidationError> {
        const WHAT: &str = "a date and time";
        let mut text = Scan { what: WHAT, bytes: text.as_bytes(), at: 0 };
        let quoted = text.skips(b'"');
        let day = if text.skips(b' ') { text.number(1, 1)? } else { text.number(2, 2)? };
        let date = text.month_and_year(day)?;
        text.byte(b' ')?;
        let hour = text.small()?;
        text.byte(b':')?;
        let minute = text.small()?;
        text.byte(b':')?;
        let second = text.small()?;
        text.byte(b' ')?;
        let west = text.skips(b'-');
        if !west {
            text.byte(b'+')?;
        }
        let (hours, minutes) = (text.number(2, 2)?, text.number(2, 2)?);
        if quoted {
            text.byte(b'"')?;
        }
        text.end()?;
        let minutes = (hours < 24 && minutes < 60).then(|| hours.saturating_mul(60).saturating_add(minutes));
        match minutes.and_then(|minutes| i16::try_from(minutes).ok()) {
            Some(east) => {
                let value =
                    Self::new(date, hour, minute, second, if west { east.saturating_neg() } else { east })?;
                Ok(if west { value.with_unknown_zone() } else { value })
            }
            None => Err(ValidationError::new(WHAT, ValidationErrorKind::Range, 0)),
        }
    }
}

impl TryFrom<&str> for DateTime {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        text.parse()
    }
}

/// An INTERNALDATE of a response: a date and time, or what was sent in its place.
///
/// `S: * 1 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700")`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum InternalDate {
    /// A date and time.
    DateTime(DateTime),
    /// A date and time that no calendar has, kept raw with its quotes.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

impl InternalDate {
    /// The date and time, where it is one.
    #[must_use]
    pub const fn date_time(&self) -> Option<DateTime> {
        match self {
            Self::DateTime(date) => Some(*date),
            Self::Invalid(_) => None,
        }
    }
}

impl From<DateTime> for InternalDate {
    fn from(date: DateTime) -> Self {
        Self::DateTime(date)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Date {
    /// `1994-02-01`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DateTime {
    /// `1996-07-17T02:44:25-07:00`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (west, hours, minutes) = self.zone_parts();
        serializer.collect_str(&format_args!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{hours:02}:{minutes:02}",
            self.date.year,
            self.date.month,
            self.date.day,
            self.hour,
            self.minute,
            self.second,
            if west { '-' } else { '+' },
        ))
    }
}

/// Reads text for the `FromStr`s here; what a peer sends is read by the codec.
struct Scan<'a> {
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    const fn error(&self, kind: ValidationErrorKind) -> ValidationError {
        ValidationError::new(self.what, kind, self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skips(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at = self.at.saturating_add(usize::from(is));
        is
    }

    fn byte(&mut self, byte: u8) -> Result<(), ValidationError> {
        if self.skips(byte) { Ok(()) } else { Err(self.error(ValidationErrorKind::Shape)) }
    }

    /// From `min` to `max` digits.
    fn number(&mut self, min: usize, max: usize) -> Result<u16, ValidationError> {
        let mut number = 0_u16;
        for place in 0..max {
            match self.peek() {
                Some(digit @ b'0'..=b'9') => {
                    number = number.saturating_mul(10).saturating_add(u16::from(digit.wrapping_sub(b'0')));
                    self.at = self.at.saturating_add(1);
                }
                _ if place >= min => break,
                _ => return Err(self.error(ValidationErrorKind::Shape)),
            }
        }
        Ok(number)
    }

    /// Two digits.
    fn small(&mut self) -> Result<u8, ValidationError> {
        let number = self.number(2, 2)?;
        u8::try_from(number).map_err(|_| self.error(ValidationErrorKind::Range))
    }

    /// `"-" date-month "-" date-year`
    fn month_and_year(&mut self, day: u16) -> Result<Date, ValidationError> {
        self.byte(b'-')?;
        let name = self.bytes.get(self.at..self.at.saturating_add(3)).unwrap_or_default();
        let month = month_number(name).ok_or(self.error(ValidationErrorKind::Shape))?;
        self.at = self.at.saturating_add(3);
        self.byte(b'-')?;
        let year = self.number(4, 4)?;
        Date::new(year, month, u8::try_from(day).unwrap_or(u8::MAX))
    }

    fn end(&self) -> Result<(), ValidationError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error(ValidationErrorKind::Shape)) }
    }
}

detach!(none Date, DateTime);
detach!(
    enum InternalDate {
        Invalid(raw),
    }
);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn every_day_of_the_calendar_goes_both_ways() {
        let (first, last) = (Date::new(0, 1, 1).unwrap(), Date::new(9999, 12, 31).unwrap());
        let mut before = None;
        for days in first.unix_days()..=last.unix_days() {
            let date = Date::from_unix_days(days).unwrap();
            assert_eq!(date.unix_days(), days);
            assert!(before < Some(date));
            before = Some(date);
        }
        assert_eq!(before, Some(last));
        assert!(Date::from_unix_days(first.unix_days() - 1).is_err());
        assert!(Date::from_unix_days(last.unix_days() + 1).is_err());
        assert!(Date::from_unix_days(i64::MAX).is_err() && Date::from_unix_days(i64::MIN).is_err());
        assert_eq!(Date::new(1970, 1, 1).unwrap().unix_days(), 0);
    }

    #[test]
    fn the_calendar_knows_its_months() {
        for (year, month, day, is) in [
            (2000, 2, 29, true),
            (1900, 2, 29, false),
            (2024, 2, 29, true),
            (2023, 2, 29, false),
            (2024, 4, 31, false),
            (2024, 0, 1, false),
            (2024, 13, 1, false),
            (2024, 1, 0, false),
            (9999, 12, 31, true),
            (10000, 1, 1, false),
        ] {
            assert_eq!(Date::new(year, month, day).is_ok(), is, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn a_time_knows_its_moment() {
        let date = Date::new(2016, 12, 31).unwrap();
        let leap = DateTime::new(date, 23, 59, 60, 0).unwrap();
        let next = DateTime::from_unix_seconds(leap.unix_seconds(), 0).unwrap();
        assert_eq!(next.to_string(), "\" 1-Jan-2017 00:00:00 +0000\"");
        let before = DateTime::from_unix_seconds(-1, 330).unwrap();
        assert_eq!(before.to_string(), "\" 1-Jan-1970 05:29:59 +0530\"");
        assert_eq!(before.unix_seconds(), -1);
        assert!(DateTime::from_unix_seconds(i64::MAX, 1).is_err());
        assert!(DateTime::from_unix_seconds(i64::MIN, -1).is_err());
        assert!(DateTime::from_unix_seconds(0, 1440).is_err());
    }

    #[test]
    fn a_zone_without_a_place_keeps_its_sign() {
        let unknown = DateTime::try_from("17-Jul-1996 02:44:25 -0000").unwrap();
        let greenwich = DateTime::try_from("\"17-Jul-1996 02:44:25 +0000\"").unwrap();
        assert_eq!(unknown, greenwich);
        assert_eq!(unknown.to_string(), "\"17-Jul-1996 02:44:25 -0000\"");
    }

    #[test]
    fn text_that_is_no_date_is_refused_at_the_byte() {
        for (text, at) in
            [("", 0), ("1-Feb-94", 8), ("1-Foo-1994", 2), ("123-Feb-1994", 2), ("1-Feb-1994x", 10)]
        {
            assert_eq!(Date::try_from(text).map_err(|error| error.at), Err(at), "{text}");
        }
        for text in ["1-Jul-1996 02:44:25 -0700", "17-Jul-1996 24:00:00 +0000", "17-Jul-1996 00:00:00 +0060"]
        {
            assert!(DateTime::try_from(text).is_err(), "{text}");
        }
    }
}

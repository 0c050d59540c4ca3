//! Dates and times.

use imap_types::date::{Date, DateTime, InternalDate, month_number};

use crate::{
    cursor::{self, Input, Parsed, sp},
    error::{EncodeError, Expect, expected},
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// date = date-text / DQUOTE date-text DQUOTE     ; RFC 9051 section 9
/// ```
pub(crate) fn date(i: Input<'_>) -> Parsed<'_, Date> {
    if !i.next_is(b'"') {
        return date_text(i);
    }
    let (i, date) = date_text(i.skip(1))?;
    let (i, ()) = cursor::byte(i, b'"', expected!("date", "the closing quote"))?;
    Ok((i, date))
}

/// ```abnf
/// date-text = date-day "-" date-month "-" date-year     ; RFC 9051 section 9
/// date-day  = 1*2DIGIT
/// ```
///
/// # Errors
/// Kind `Calendar` for a day that the calendar does not have.
fn date_text(start: Input<'_>) -> Parsed<'_, Date> {
    let (i, day) = match start.rest() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => (start.skip(2), two(*tens, *ones)),
        [ones @ b'0'..=b'9', ..] => (start.skip(1), two(b'0', *ones)),
        _ => return start.fail(expected!("date-day", "the day of the month")),
    };
    let (i, (month, year)) = month_and_year(i)?;
    match Date::new(year, month, day) {
        Ok(date) => Ok((i, date)),
        Err(_) => start.fail(expected!(Calendar, "date-text", "a day of the calendar")),
    }
}

/// ```abnf
/// date-time      = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
/// date-day-fixed = (SP DIGIT) / 2DIGIT       ; RFC 9051 section 9
/// time           = 2DIGIT ":" 2DIGIT ":" 2DIGIT
/// zone           = ("+" / "-") 4DIGIT
/// ```
///
/// Second 60 is a time. Zones have hours below 24 and minutes below 60.
///
/// # Errors
/// Kind `Calendar` for a day or a time that no calendar and no clock has.
pub(crate) fn date_time(i: Input<'_>) -> Parsed<'_, DateTime> {
    match i.rest().first_chunk().and_then(usual_date_time) {
        Some(value) => Ok((i.skip(USUAL), value)),
        None => any_date_time(i),
    }
}

/// The length of a `date-time` with its quotes.
const USUAL: usize = 28;

/// A `date-time` without any fault.
fn usual_date_time(bytes: &[u8; USUAL]) -> Option<DateTime> {
    #[rustfmt::skip]
    let &[
        b'"', d1, d2, b'-', m1, m2, m3, b'-', y1, y2, y3, y4, b' ',
        h1, h2, b':', n1, n2, b':', s1, s2, b' ', sign @ (b'+' | b'-'), z1, z2, z3, z4, b'"',
    ] = bytes else {
        return None;
    };
    let d1 = if d1 == b' ' { b'0' } else { d1 };
    if ![d1, d2, y1, y2, y3, y4, h1, h2, n1, n2, s1, s2, z1, z2, z3, z4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let year = u16::from(two(y1, y2)).saturating_mul(100).saturating_add(two(y3, y4).into());
    let date = Date::new(year, month_number(&[m1, m2, m3])?, two(d1, d2)).ok()?;
    let west = sign == b'-';
    let offset = offset(west, two(z1, z2), two(z3, z4))?;
    let value = DateTime::new(date, two(h1, h2), two(n1, n2), two(s1, s2), offset).ok()?;
    Some(if west { value.with_unknown_zone() } else { value })
}

/// The minutes east of Greenwich; `None` for a zone that no clock has.
fn offset(west: bool, hours: u8, minutes: u8) -> Option<i16> {
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = i16::from(hours).saturating_mul(60).saturating_add(minutes.into());
    Some(if west { east.saturating_neg() } else { east })
}

/// A `date-time` that may be wrong, or right in a way that is tolerated.
#[cold]
fn any_date_time(i: Input<'_>) -> Parsed<'_, DateTime> {
    let (start, ()) = cursor::byte(i, b'"', expected!("date-time", "a date and time in quotes"))?;
    let (i, day) = match start.rest() {
        [b' ', ones @ b'0'..=b'9', ..] => (start.skip(2), two(b'0', *ones)),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => (start.skip(2), two(*tens, *ones)),
        [ones @ b'0'..=b'9', b'-', ..] if start.tolerates(Quirk::ShortDay) => {
            (start.skip(1), two(b'0', *ones))
        }
        _ => return start.fail(expected!("date-day-fixed", "two digits, or a space and one, for the day")),
    };
    let (i, (month, year)) = month_and_year(i)?;
    let Ok(date) = Date::new(year, month, day) else {
        return start.fail(expected!(Calendar, "date-time", "a day of the calendar"));
    };
    let (time, ()) = sp(i)?;
    let (i, hour) = two_digits(time, expected!("time", "two digits for the hour"))?;
    let (i, ()) = colon(i)?;
    let (i, minute) = two_digits(i, expected!("time", "two digits for the minute"))?;
    let (i, ()) = colon(i)?;
    let (i, second) = two_digits(i, expected!("time", "two digits for the second"))?;
    let Ok(local) = DateTime::new(date, hour, minute, second, 0) else {
        return time.fail(expected!(Calendar, "time", "a time of the day"));
    };
    let (zone, ()) = sp(i)?;
    let (i, west) = match zone.peek() {
        Some(b'+') => (zone.skip(1), false),
        Some(b'-') => (zone.skip(1), true),
        _ => return zone.fail(expected!("zone", "`+` or `-` before the zone")),
    };
    let (i, hours) = two_digits(i, expected!("zone", "four digits for the zone"))?;
    let (i, minutes) = two_digits(i, expected!("zone", "four digits for the zone"))?;
    let Some(offset) = offset(west, hours, minutes) else {
        return zone.fail(expected!(Calendar, "zone", "a zone of less than 24 hours"));
    };
    let value = DateTime::new(date, hour, minute, second, offset).unwrap_or(local);
    let (i, ()) = cursor::byte(i, b'"', expected!("date-time", "the closing quote"))?;
    Ok((i, if west { value.with_unknown_zone() } else { value }))
}

/// The value of two digits.
const fn two(tens: u8, ones: u8) -> u8 {
    tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'))
}

/// `2DIGIT`
fn two_digits<'a>(i: Input<'a>, expect: &'static Expect) -> Parsed<'a, u8> {
    match i.rest() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Ok((i.skip(2), two(*tens, *ones))),
        _ => i.fail(expect),
    }
}

fn colon(i: Input<'_>) -> Parsed<'_, ()> {
    if i.next_is(b'.') && i.tolerates(Quirk::DotsInTime) {
        return Ok((i.skip(1), ()));
    }
    cursor::byte(i, b':', expected!("time", "`:`"))
}

/// ```abnf
/// date-month = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" /
///              "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"     ; RFC 9051 section 9
/// date-year  = 4DIGIT
/// ```
///
/// `"-" date-month "-" date-year`
fn month_and_year(i: Input<'_>) -> Parsed<'_, (u8, u16)> {
    let (i, ()) = cursor::byte(i, b'-', expected!("date-text", "`-`"))?;
    let Some(month) = i.rest().get(..3).and_then(month_number) else {
        return i.fail(expected!("date-month", "the first three letters of a month"));
    };
    let (i, ()) = cursor::byte(i.skip(3), b'-', expected!("date-text", "`-`"))?;
    let (i, century) = two_digits(i, expected!("date-year", "four digits for the year"))?;
    let (i, rest) = two_digits(i, expected!("date-year", "four digits for the year"))?;
    Ok((i, (month, u16::from(century).saturating_mul(100).saturating_add(u16::from(rest)))))
}

impl Writer<'_> {
    /// `date-text`
    pub(crate) fn date(&mut self, date: Date) {
        self.number(date.day());
        self.month_and_year(date);
    }

    /// `date-time`
    pub(crate) fn date_time(&mut self, value: DateTime) {
        let (date, zone) = (value.date(), value.zone().unsigned_abs());
        self.bytes(b"\"");
        if date.day() < 10 {
            self.sp();
        }
        self.number(date.day());
        self.month_and_year(date);
        self.sp();
        self.digits::<2>(value.hour().into());
        self.bytes(b":");
        self.digits::<2>(value.minute().into());
        self.bytes(b":");
        self.digits::<2>(value.second().into());
        self.bytes(if value.is_west() { b" -" } else { b" +" });
        self.digits::<2>(zone / 60);
        self.digits::<2>(zone % 60);
        self.bytes(b"\"");
    }

    /// `"-" date-month "-" date-year`
    fn month_and_year(&mut self, date: Date) {
        self.bytes(b"-");
        self.bytes(date.month_name().as_bytes());
        self.bytes(b"-");
        self.digits::<4>(date.year());
    }

    /// The last `N` digits of a number, with leading zeros.
    fn digits<const N: usize>(&mut self, mut number: u16) {
        let mut digits = [b'0'; N];
        for digit in digits.iter_mut().rev() {
            // OK because a remainder by ten fits a byte.
            *digit = b'0'.wrapping_add((number % 10) as u8);
            number /= 10;
        }
        self.bytes(&digits);
    }

    /// `date-time`, or what was received in its place
    pub(crate) fn internal_date(&mut self, date: &InternalDate) -> Result<(), EncodeError> {
        match date {
            InternalDate::DateTime(date) => {
                self.date_time(*date);
                Ok(())
            }
            InternalDate::Invalid(invalid) => self.invalid(invalid),
        }
    }
}

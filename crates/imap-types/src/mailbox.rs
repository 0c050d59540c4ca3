//! Mailbox names and patterns (RFC 3501 section 5.1, RFC 9051 section 5.1).
//!
//! A name is the bytes on the wire, whatever they are. What they mean to people depends on what the session
//! has enabled: modified UTF-7 in IMAP4rev1, UTF-8 after `ENABLE UTF8=ACCEPT` or `ENABLE IMAP4rev2`.
//! [`Mailbox::to_unicode`] and [`Mailbox::from_unicode`] go between the two; nothing else here converts.

use alloc::{
    string::{String, ToString as _},
    vec,
};
use core::fmt;

use crate::{
    error::ValidationError,
    octets::{Octets, detach},
    string::{AString, Form, string},
    utf7::{self, Utf7Error},
};

string! {
    /// A pattern of LIST and LSUB: `list-mailbox = 1*list-char / string` (RFC 9051 section 9).
    ///
    /// `*` stands for any characters, `%` for any but the hierarchy delimiter.
    ///
    /// ```
    /// use imap_types::mailbox::ListPattern;
    ///
    /// let pattern = ListPattern::try_from("inbox/%")?;
    /// assert!(pattern.matches(b"INBOX/Drafts", Some('/')));
    /// assert!(!pattern.matches(b"INBOX/Drafts/2024", Some('/')));
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// `C: A1 LIST "" INBOX.%`
    #[doc(alias = "list-mailbox")]
    ListPattern, "a pattern of mailbox names"
}

impl ListPattern {
    /// Whether `name` matches, as the server of a mailbox hierarchy with `delimiter` sees it
    /// (RFC 9051 section 6.3.9). `None`: a flat name space, in which `%` is `*`.
    ///
    /// INBOX at the start of both, alone or before the delimiter, compares without regard to case
    /// (RFC 9051 section 5.1); all else byte by byte.
    ///
    /// Work: at most `(name.len() + 1) * (pattern.len() + 1)` steps, for `%*%*%*` too, and one byte of memory
    /// for each of the pattern.
    #[must_use]
    pub fn matches(&self, name: &[u8], delimiter: Option<char>) -> bool {
        matches(self.as_bytes(), name, delimiter, &mut 0)
    }
}

/// The matcher: all places of the pattern at which the name read so far can have arrived, byte by byte.
fn matches(pattern: &[u8], name: &[u8], delimiter: Option<char>, steps: &mut usize) -> bool {
    if pattern == b"*" {
        return true;
    }
    let mut utf8 = [0_u8; 4];
    let delimiter = delimiter.map_or(&[][..], |delimiter| delimiter.encode_utf8(&mut utf8).as_bytes());
    let inbox = if inbox_or_below(name, delimiter) { INBOX.len() } else { 0 };
    // `places[p]`: the name so far fits the first `p` bytes of the pattern.
    let mut places = vec![false; pattern.len().saturating_add(1)];
    if let Some(start) = places.first_mut() {
        *start = true;
    }
    skip_wildcards(pattern, &mut places);
    for (n, &byte) in name.iter().enumerate() {
        let delimited =
            !delimiter.is_empty() && name.get(n..).is_some_and(|rest| rest.starts_with(delimiter));
        let mut before = false;
        let mut alive = false;
        // `before` is what the place held before this byte, since each place depends on the one in front.
        for (place, wanted) in places.iter_mut().zip(pattern.iter().map(Some).chain([None])) {
            *steps = steps.saturating_add(1);
            let stays = match wanted {
                Some(b'*') => *place,
                Some(b'%') => *place && !delimited,
                _ => false,
            };
            let moves = match wanted {
                Some(b'*' | b'%') | None => false,
                Some(&wanted) => {
                    *place && (wanted == byte || n < inbox && wanted.eq_ignore_ascii_case(&byte))
                }
            };
            *place = stays || before;
            alive |= *place || moves;
            before = moves;
        }
        if !alive {
            return false;
        }
        skip_wildcards(pattern, &mut places);
    }
    places.last().copied().unwrap_or_default()
}

/// A wildcard may stand for nothing.
fn skip_wildcards(pattern: &[u8], places: &mut [bool]) {
    let mut open = false;
    for (place, wanted) in places.iter_mut().zip(pattern.iter().map(Some).chain([None])) {
        *place |= open;
        open = *place && matches!(wanted, Some(b'*' | b'%'));
    }
}

const INBOX: &[u8] = b"INBOX";

/// Whether `name` is INBOX, or a name below it.
fn inbox_or_below(name: &[u8], delimiter: &[u8]) -> bool {
    let Some((head, rest)) = name.split_at_checked(INBOX.len()) else { return false };
    head.eq_ignore_ascii_case(INBOX)
        && (rest.is_empty() || (!delimiter.is_empty() && rest.starts_with(delimiter)))
}

/// How a name holds Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameEncoding {
    /// Modified UTF-7 (RFC 3501 section 5.1.3): IMAP4rev1.
    ModifiedUtf7,
    /// UTF-8 (RFC 9051 section 5.1, RFC 9755 section 3): after `ENABLE IMAP4rev2` or `ENABLE UTF8=ACCEPT`.
    Utf8,
}

/// `mailbox = "INBOX" / astring`: the name of a mailbox, as the bytes on the wire (RFC 9051 section 9).
///
/// `INBOX` compares without regard to case, as a whole name only; any other name byte by byte. The form
/// in which it was sent (case, quotes, literal) is kept.
///
/// ```
/// use imap_types::mailbox::{Mailbox, NameEncoding};
///
/// assert_eq!(Mailbox::try_from("inbox")?, Mailbox::inbox());
/// assert_ne!(Mailbox::try_from("inbox/a")?, Mailbox::try_from("INBOX/a")?);
///
/// let drafts = Mailbox::from_unicode("Entwürfe", NameEncoding::ModifiedUtf7)?;
/// assert_eq!(drafts.as_bytes(), b"Entw&APw-rfe");
/// assert_eq!(drafts.to_unicode(NameEncoding::ModifiedUtf7)?, "Entwürfe");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// `C: A1 SELECT "Sent Items"`
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Mailbox(AString);

detach!(struct Mailbox { 0 });

impl Mailbox {
    /// `INBOX`: the user's primary mailbox (RFC 9051 section 5.1).
    #[must_use]
    pub fn inbox() -> Self {
        Self(AString::received(Octets::from(INBOX), Form::Auto))
    }

    /// The name in Unicode, made for the wire.
    ///
    /// # Errors
    ///
    /// For UTF-8, characters that Net-Unicode does not have: controls, U+2028 and U+2029
    /// (RFC 9051 section 5.1, RFC 5198 section 2). Modified UTF-7 has every character, controls in its base64.
    pub fn from_unicode(name: &str, encoding: NameEncoding) -> Result<Self, NameError> {
        let wire = match encoding {
            //= rfc9051#appendix-A
            //# MUST be compatible with the Mailbox International Naming Convention
            NameEncoding::ModifiedUtf7 => utf7::encode(name),
            NameEncoding::Utf8 => {
                net_unicode(name)?;
                name.to_string()
            }
        };
        match AString::try_from(wire) {
            Ok(name) => Ok(Self(name)),
            Err(error) => Err(NameError::Control { at: error.at }),
        }
    }

    /// The name in Unicode, for people.
    ///
    /// # Errors
    ///
    /// Where the bytes are not of that encoding. Such a name can be used nevertheless: only its Unicode
    /// form is missing.
    pub fn to_unicode(&self, encoding: NameEncoding) -> Result<String, NameError> {
        match encoding {
            NameEncoding::ModifiedUtf7 => utf7::decode(self.as_bytes()).map_err(NameError::Utf7),
            //= rfc9051#section-5.1
            //# MUST interpret any 8-bit mailbox names returned by LIST as [NET-UNICODE].
            NameEncoding::Utf8 => match core::str::from_utf8(self.as_bytes()) {
                Ok(name) => {
                    net_unicode(name)?;
                    Ok(name.to_string())
                }
                Err(error) => Err(NameError::Utf8 { at: error.valid_up_to() }),
            },
        }
    }

    /// Whether it is INBOX, in whatever case.
    #[must_use]
    #[inline]
    pub fn is_inbox(&self) -> bool {
        //= rfc9051#section-9
        //# All case variants of INBOX (e.g., "iNbOx") MUST be interpreted as INBOX, not as an astring.
        self.as_bytes().eq_ignore_ascii_case(INBOX)
    }

    /// A name as a decoder found it, in the form it had.
    #[must_use]
    #[inline]
    pub fn received(octets: Octets, form: Form) -> Self {
        Self(AString::received(octets, form))
    }

    /// The form it arrived in, [`Form::Auto`] for a name made in Rust.
    #[must_use]
    #[inline]
    pub const fn form(&self) -> Form {
        self.0.form()
    }

    /// The bytes, without quotes, escapes or literal header.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The bytes as text, where they are valid UTF-8. No decoding: `Entw&APw-rfe` stays as it is.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// The same with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn to_string_lossy(&self) -> alloc::borrow::Cow<'_, str> {
        self.0.to_string_lossy()
    }

    /// The bytes as a shared string without a form.
    #[must_use]
    pub fn to_octets(&self) -> Octets {
        self.0.to_octets()
    }

    /// The name as an `astring`, in the form it has.
    #[must_use]
    pub const fn as_astring(&self) -> &AString {
        &self.0
    }

    /// The bytes that are compared, hashed and ordered.
    fn key(&self) -> &[u8] {
        //= rfc9051#appendix-A.1
        //# In particular, server implementations MUST preserve the exact form of the modified base64
        //# portion of a modified UTF-7 name and treat that text as case sensitive, even if names are
        //# otherwise case insensitive or case folded.
        if self.is_inbox() { INBOX } else { self.as_bytes() }
    }
}

/// Characters that a name in Net-Unicode does not hold.
fn net_unicode(name: &str) -> Result<(), NameError> {
    match name.char_indices().find(|(_, c)| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        Some((at, _)) => Err(NameError::Control { at }),
        None => Ok(()),
    }
}

impl From<AString> for Mailbox {
    #[inline]
    fn from(name: AString) -> Self {
        Self(name)
    }
}

impl TryFrom<&str> for Mailbox {
    type Error = ValidationError;

    /// The bytes as they are to go on the wire. For a name that people typed see [`Mailbox::from_unicode`].
    fn try_from(name: &str) -> Result<Self, ValidationError> {
        Self::try_from(name.as_bytes())
    }
}

impl TryFrom<&[u8]> for Mailbox {
    type Error = ValidationError;

    fn try_from(name: &[u8]) -> Result<Self, ValidationError> {
        AString::try_from(name).map(Self).map_err(|error| ValidationError { what: "a mailbox name", ..error })
    }
}

impl TryFrom<String> for Mailbox {
    type Error = ValidationError;

    fn try_from(name: String) -> Result<Self, ValidationError> {
        Self::try_from(name.as_bytes())
    }
}

impl TryFrom<Octets> for Mailbox {
    type Error = ValidationError;

    fn try_from(name: Octets) -> Result<Self, ValidationError> {
        AString::try_from(name).map(Self).map_err(|error| ValidationError { what: "a mailbox name", ..error })
    }
}

impl AsRef<[u8]> for Mailbox {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Mailbox {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Mailbox {}

impl PartialEq<&str> for Mailbox {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
            || (self.is_inbox() && other.as_bytes().eq_ignore_ascii_case(INBOX))
    }
}

impl PartialOrd for Mailbox {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Mailbox {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.key().cmp(other.key())
    }
}

impl core::hash::Hash for Mailbox {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Mailbox {
    /// The bytes in quotes, escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A name that has no form in the encoding asked for.
///
/// ```
/// use imap_types::mailbox::{Mailbox, NameEncoding};
///
/// let odd = Mailbox::try_from("&bad")?;
/// let error = odd.to_unicode(NameEncoding::ModifiedUtf7).unwrap_err();
/// assert_eq!(error.to_string(), "not modified UTF-7: `&` without its `-` at byte 4");
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Not modified UTF-7.
    #[error(transparent)]
    Utf7(Utf7Error),
    /// Not UTF-8.
    #[error("not UTF-8 from byte {at} on")]
    Utf8 {
        /// Where the first wrong byte stands.
        at: usize,
    },
    /// A control character, U+2028 or U+2029.
    #[error("a character at byte {at} that Net-Unicode does not have")]
    Control {
        /// Where it stands, in bytes.
        at: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, name: &str, delimiter: Option<char>) -> bool {
        matches(pattern.as_bytes(), name.as_bytes(), delimiter, &mut 0)
    }

    #[test]
    fn wildcards_stop_or_do_not_stop_at_the_delimiter() {
        for (pattern, name, expected) in [
            ("*", "a/b/c", true),
            ("%", "a", true),
            ("%", "a/b", false),
            ("%/%", "a/b", true),
            ("%/%", "a/b/c", false),
            ("*/c", "a/b/c", true),
            ("a*c", "abbc/c", true),
            ("a%c", "abbc/c", false),
            ("%b", "ab/ab", false),
            ("*%b", "ab/ab", true),
            ("a%b*c", "axb/c", true),
            ("%*%", "", true),
            ("", "", true),
            ("", "a", false),
            ("foo.%", "foo.", true),
            ("a*b%c", "ab/bxc", true),
            ("*b%d/%", "ab/bcd/e", true),
        ] {
            assert_eq!(matched(pattern, name, Some('/')), expected, "{pattern} {name}");
        }
        assert!(matched("%", "a/b", None));
        assert!(matched("%", "a/b", Some('.')));
        assert!(!matched("%", "a\u{2192}b", Some('\u{2192}')));
    }

    #[test]
    fn inbox_has_no_case_and_others_have() {
        assert!(matched("inbox", "INBOX", Some('/')));
        assert!(matched("Inb*", "INBOX", Some('/')));
        assert!(matched("inbox/%", "INBOX/a", Some('/')));
        assert!(!matched("inbox/A", "INBOX/a", Some('/')));
        assert!(!matched("inboxes", "INBOXES", Some('/')));
        assert!(!matched("inb%", "INBOXES", Some('/')));
        assert!(matched("*box", "INbox", Some('/')));
        let (a, b) = (Mailbox::try_from("iNbOx"), Mailbox::try_from("INBOX"));
        //= rfc9051#section-9
        //= type=test
        //# All case variants of INBOX (e.g., "iNbOx") MUST be interpreted as INBOX, not as an astring.
        assert_eq!(a, b);
        assert_ne!(Mailbox::try_from("inbox."), Mailbox::try_from("INBOX."));
    }

    #[test]
    fn s12_matching_is_linear_in_name_times_pattern() {
        let pattern = "%*".repeat(200);
        let name = "a/".repeat(2_000);
        let hopeless = alloc::format!("{pattern}b");
        for pattern in [pattern.as_str(), hopeless.as_str(), &"*a%".repeat(50), &"%a%b".repeat(50)] {
            let mut steps = 0;
            let _ = matches(pattern.as_bytes(), name.as_bytes(), Some('/'), &mut steps);
            let bound = pattern.len().saturating_add(1).saturating_mul(name.len().saturating_add(1));
            assert!(steps <= bound, "{steps} steps for {} x {}", pattern.len(), name.len());
        }
    }

    //= rfc9051#section-5.1
    //= type=test
    //# MUST interpret any 8-bit mailbox names returned by LIST as [NET-UNICODE].
    #[test]
    fn unicode_needs_the_right_encoding() {
        let utf8 = Mailbox::from_unicode("Entwürfe", NameEncoding::Utf8).unwrap_or_else(|_| Mailbox::inbox());
        assert_eq!(utf8.as_bytes(), "Entwürfe".as_bytes());
        assert!(utf8.to_unicode(NameEncoding::ModifiedUtf7).is_err());
        for bad in ["a\u{2028}b", "a\nb", "a\u{85}b", "a\0"] {
            assert_eq!(Mailbox::from_unicode(bad, NameEncoding::Utf8), Err(NameError::Control { at: 1 }));
        }
    }
}

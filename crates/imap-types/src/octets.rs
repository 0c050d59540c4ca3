//! The string of this library: a slice of the frame that it arrived in.
//!
//! A decoded message owns what it refers to without copying it: a string of a message is an
//! [`Octets`], sixteen bytes that share the message's [`Buffer`], or hold the few bytes themselves; several of one value are
//! [`NStrings`](crate::nstrings::NStrings), which share it together. That keeps
//! values free of lifetime parameters. The price is that a single string keeps the whole buffer alive;
//! [`Detach::detach`] copies a value out of its frame for long-term storage.

use alloc::{string::String, vec::Vec};
use core::{borrow::Borrow, fmt, hash, ops::Range};

use bytes::Bytes;
use triomphe::ThinArc;

mod place;
pub(crate) use place::Place;

/// The bytes of one message, shared by all the strings cut from it.
///
/// Cloning shares; nothing is copied. A buffer holds at most [`Octets::MAX_LEN`] bytes. Up to 4 KiB that were copied lie
/// beside the count of those who share them: such a message costs one allocation, and keeps no read buffer alive.
#[derive(Clone)]
pub struct Buffer(ThinArc<Option<Bytes>, u8>);

impl Default for Buffer {
    fn default() -> Self {
        Self::beside_the_count(&[])
    }
}

impl Buffer {
    /// Up to how many bytes a buffer is rather copied than shared.
    pub const SHORT: usize = 96;

    /// The longest copy that lies beside its count, in bytes. Of a longer one, parts are shared as [`Bytes`].
    const COPIED: usize = 4096;

    /// Shares `bytes`; copies them where they are short. Bytes past [`Octets::MAX_LEN`] are not reachable.
    #[must_use]
    #[inline]
    pub fn new(bytes: Bytes) -> Self {
        if bytes.len() <= Self::SHORT { Self::beside_the_count(&bytes) } else { Self::shared(bytes) }
    }

    /// A copy of `bytes`.
    #[must_use]
    #[inline]
    pub fn copy_from_slice(bytes: &[u8]) -> Self {
        if bytes.len() <= Self::COPIED {
            Self::beside_the_count(bytes)
        } else {
            Self::shared(Bytes::copy_from_slice(bytes))
        }
    }

    /// A copy of `parts`, one behind the other.
    pub(crate) fn joined<'a>(parts: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let len = parts.clone().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
        let mut joined = Vec::with_capacity(len);
        parts.for_each(|part| joined.extend_from_slice(part));
        if len <= Self::COPIED { Self::beside_the_count(&joined) } else { Self::shared(Bytes::from(joined)) }
    }

    fn beside_the_count(bytes: &[u8]) -> Self {
        Self(ThinArc::from_header_and_slice(None, bytes))
    }

    fn shared(bytes: Bytes) -> Self {
        Self(ThinArc::from_header_and_slice(Some(bytes), &[]))
    }

    /// All bytes of the buffer.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0.header.header {
            None => &self.0.slice,
            Some(bytes) => bytes,
        }
    }

    /// The bytes in `range`, or `None` where the range does not lie in the buffer or is longer than
    /// [`Octets::MAX_LEN`].
    #[must_use]
    #[inline]
    pub fn slice(&self, range: Range<usize>) -> Option<Octets> {
        Octets::cut(self, range)
    }

    /// Whether both are one and the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.as_ptr() == other.0.as_ptr()
    }

    /// The part of the buffer that is `bytes`: shared, or a copy where the buffer lies beside its count.
    pub(crate) fn share(&self, bytes: &[u8]) -> Bytes {
        match &self.0.header.header {
            None => Bytes::copy_from_slice(bytes),
            Some(all) => all.slice_ref(bytes),
        }
    }
}

/// The place of the bytes in `range`, or `None` where the range does not lie in `source` or is longer than
/// [`Octets::MAX_LEN`]. The buffer of the source is asked for only if the place is shared.
#[inline]
pub(crate) fn place_of<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Option<Place> {
    let bytes = source.bytes();
    let len = range.end.checked_sub(range.start)?;
    if range.end > bytes.len() || range.end > Octets::MAX_LEN {
        return None;
    }
    if len <= Octets::OWN {
        return Place::own(bytes.get(range.start..)?, len);
    }
    Some(Place::shared(range.start, len))
}

/// Where strings are cut from: bytes, and the buffer that shares them, which need not be made before it is asked for.
pub trait Source {
    /// The bytes.
    fn bytes(&self) -> &[u8];

    /// A buffer that holds the same bytes.
    fn buffer(&self) -> &Buffer;
}

impl Source for Buffer {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    #[inline]
    fn buffer(&self) -> &Buffer {
        self
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer(\"{}\")", self.as_bytes().escape_ascii())
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Buffer {}

impl From<Bytes> for Buffer {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

/// A string of octets that shares the buffer it was cut from.
///
/// Sixteen bytes; cloning counts a reference. Up to [`Octets::OWN`] bytes it holds itself, without any buffer.
/// Equality, order and hash are those of the bytes.
///
/// ```
/// use imap_types::octets::Octets;
///
/// let subject = Octets::from("re: lunch");
/// assert_eq!(subject, "re: lunch");
/// assert_eq!(subject.as_bytes(), b"re: lunch");
/// ```
#[derive(Clone, Default)]
pub struct Octets {
    buffer: Option<Buffer>,
    /// In the buffer where there is one.
    place: Place,
}

impl Octets {
    /// The longest string, in bytes: 512 MiB less one.
    pub const MAX_LEN: usize = (1 << 29) - 1;

    /// The longest string that needs no buffer, in bytes: a tag, `INBOX`, `utf-8`, most names of types and of keywords.
    pub const OWN: usize = 7;

    /// The empty string.
    pub const EMPTY: Self = Self { buffer: None, place: Place::EMPTY };

    /// The bytes of `source` in `range`, or `None` where the range does not lie in it or is longer than
    /// [`Octets::MAX_LEN`].
    #[must_use]
    #[inline]
    pub fn cut<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Option<Self> {
        let place = place_of(source, range)?;
        Some(Self { buffer: place.is_shared().then(|| source.buffer().clone()), place })
    }

    /// The first `len` of `bytes`, held here; `None` where they are too many, or not there.
    #[inline]
    fn own(bytes: &[u8], len: usize) -> Option<Self> {
        Some(Self { buffer: None, place: Place::own(bytes, len)? })
    }

    /// All bytes of `buffer`, as far as a string is long.
    fn all_of(buffer: Buffer) -> Self {
        let len = buffer.as_bytes().len().min(Self::MAX_LEN);
        Self { buffer: Some(buffer), place: Place::shared(0, len) }
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.place.bytes(self.buffer.as_ref())
    }

    /// The text, where the bytes are valid UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// The text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn to_string_lossy(&self) -> alloc::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// The length in bytes.
    #[must_use]
    #[inline]
    pub const fn len(&self) -> usize {
        self.place.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes as [`Bytes`] that share the buffer; copied where the buffer is itself a short copy (of 4 KiB at most),
    /// and where there is none.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match &self.buffer {
            Some(buffer) => buffer.share(self.as_bytes()),
            None => Bytes::copy_from_slice(self.as_bytes()),
        }
    }

    #[inline]
    pub(crate) const fn mark(&self) -> u8 {
        self.place.mark()
    }

    #[inline]
    pub(crate) const fn with_mark(mut self, mark: u8) -> Self {
        self.place = self.place.with_mark(mark);
        self
    }

    /// The empty string with a mark, for constants.
    pub(crate) const fn empty_with_mark(mark: u8) -> Self {
        Self::EMPTY.with_mark(mark)
    }

    /// The buffer, if any, and the place.
    #[inline]
    pub(crate) const fn parts(&self) -> (Option<&Buffer>, &Place) {
        (self.buffer.as_ref(), &self.place)
    }

    /// The same, giving up the string.
    #[inline]
    pub(crate) fn into_parts(self) -> (Option<Buffer>, Place) {
        (self.buffer, self.place)
    }

    /// From the buffer that `place` was made for; it is only kept where the place needs it.
    #[inline]
    pub(crate) fn from_parts(buffer: Option<&Buffer>, place: Place) -> Self {
        Self { buffer: buffer.filter(|_| place.is_shared()).cloned(), place }
    }

    pub(crate) fn from_vec(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

impl From<Bytes> for Octets {
    /// Shares `bytes`; what lies past [`Octets::MAX_LEN`] is cut off.
    fn from(bytes: Bytes) -> Self {
        Self::own(&bytes, bytes.len()).unwrap_or_else(|| Self::all_of(Buffer::new(bytes)))
    }
}

impl From<&[u8]> for Octets {
    /// A copy of `bytes`; what lies past [`Octets::MAX_LEN`] is cut off.
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        Self::own(bytes, bytes.len()).unwrap_or_else(|| Self::all_of(Buffer::copy_from_slice(bytes)))
    }
}

impl<const N: usize> From<&[u8; N]> for Octets {
    fn from(bytes: &[u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl From<Vec<u8>> for Octets {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from_vec(bytes)
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Octets {
    fn from(text: String) -> Self {
        Self::from_vec(text.into_bytes())
    }
}

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<[u8]> for Octets {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Octets {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.buffer, &other.buffer) {
            (None, None) => self.place.holds_the_same(other.place),
            (Some(_), Some(_)) => self.as_bytes() == other.as_bytes(),
            // What fits the place is always there.
            _ => false,
        }
    }
}

impl Eq for Octets {}

impl PartialEq<[u8]> for Octets {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl PartialEq<&[u8]> for Octets {
    fn eq(&self, other: &&[u8]) -> bool {
        self.as_bytes() == *other
    }
}

impl PartialEq<str> for Octets {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Octets {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Octets {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Octets {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl hash::Hash for Octets {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Octets {
    /// `{"text": ..}` where the bytes are UTF-8, else `{"b64": ..}`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(Some(1))?;
        match self.as_str() {
            Some(text) => map.serialize_entry("text", text)?,
            None => map.serialize_entry("b64", &Base64(self.as_bytes()))?,
        }
        map.end()
    }
}

/// Writes bytes as base64 (RFC 4648 section 4), with padding.
#[cfg(feature = "serde")]
struct Base64<'a>(&'a [u8]);

#[cfg(feature = "serde")]
impl serde::Serialize for Base64<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for group in self.0.chunks(3) {
            let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
            for place in 0..4_usize {
                // OK because 18 - 6 * place is 18, 12, 6 or 0.
                let sextet = (bits >> 18_usize.saturating_sub(place.saturating_mul(6))) & 0x3f;
                let digit = alphabet.get(sextet as usize).copied().unwrap_or(b'=');
                f.write_char(if place > group.len() { '=' } else { char::from(digit) })?;
            }
        }
        Ok(())
    }
}

/// A value that can be copied out of the frame it arrived in.
///
/// A decoded value shares the buffer of its message, so that keeping one mailbox name would keep a
/// whole read buffer alive. `detach` copies all the strings of a value into one new buffer of just
/// the right size.
///
/// ```
/// use imap_types::{atom::Tag, octets::Detach};
///
/// let tag = Tag::try_from("A1")?;
/// assert_eq!(tag.clone().detach(), tag);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
pub trait Detach: Sized {
    /// Shows each string of this value to `visit`.
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets));

    /// The same value with a buffer of its own.
    #[must_use]
    fn detach(mut self) -> Self {
        let mut copy = Vec::new();
        self.each_octets(&mut |octets| {
            if octets.buffer.is_some() {
                copy.extend_from_slice(octets.as_bytes());
            }
        });
        if copy.is_empty() {
            return self;
        }
        let buffer = Buffer::new(Bytes::from(copy));
        let mut start = 0_usize;
        self.each_octets(&mut |octets| {
            if octets.buffer.is_none() {
                return;
            }
            let end = start.saturating_add(octets.len());
            // A value whose strings are together longer than a buffer can be keeps the tail shared.
            if let Some(own) = buffer.slice(start..end) {
                *octets = own.with_mark(octets.mark());
            }
            start = end;
        });
        self
    }
}

impl Detach for Octets {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        visit(self);
    }
}

impl<T: Detach> Detach for Vec<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        self.iter_mut().for_each(|item| item.each_octets(visit));
    }
}

impl<T: Detach> Detach for Option<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        if let Some(item) = self {
            item.each_octets(visit);
        }
    }
}

impl<T: Detach> Detach for alloc::boxed::Box<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        (**self).each_octets(visit);
    }
}

impl<A: Detach, B: Detach> Detach for (A, B) {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        self.0.each_octets(visit);
        self.1.each_octets(visit);
    }
}

/// Implements [`Detach`] by naming the parts that hold strings.
///
/// `detach!(struct Name { a, b })`, `detach!(struct Name(0))`,
/// `detach!(enum Name { Tuple(a, b), Struct { a, b } })` (variants without strings are left out),
/// and `detach!(none Name, Other)` for values without any string.
macro_rules! detach {
    (struct $name:ty { $($field:tt),* $(,)? }) => {
        impl $crate::octets::Detach for $name {
            fn each_octets(&mut self, visit: &mut dyn FnMut(&mut $crate::octets::Octets)) {
                $($crate::octets::Detach::each_octets(&mut self.$field, visit);)*
            }
        }
    };
    (enum $name:ident { $($variant:ident $( ( $($tuple:ident),* ) )? $( { $($field:ident),* } )? ),* $(,)? }) => {
        impl $crate::octets::Detach for $name {
            fn each_octets(&mut self, visit: &mut dyn FnMut(&mut $crate::octets::Octets)) {
                match self {
                    $(Self::$variant $( ( $($tuple),* ) )? $( { $($field,)* .. } )? => {
                        $( $($crate::octets::Detach::each_octets($tuple, visit);)* )?
                        $( $($crate::octets::Detach::each_octets($field, visit);)* )?
                    })*
                    #[allow(unreachable_patterns, clippy::wildcard_enum_match_arm,
                        reason = "the variants without strings")]
                    _ => {}
                }
            }
        }
    };
    (none $($name:ty),* $(,)?) => {
        $(impl $crate::octets::Detach for $name {
            fn each_octets(&mut self, _: &mut dyn FnMut(&mut $crate::octets::Octets)) {}
        })*
    };
}
pub(crate) use detach;

detach!(none u8, u32, u64, bool, core::num::NonZeroU32, core::num::NonZeroU64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octets_is_sixteen_bytes() {
        assert_eq!(core::mem::size_of::<Octets>(), 16);
    }

    #[test]
    fn a_slice_outside_the_buffer_is_none() {
        let buffer = Buffer::new(Bytes::from_static(b"abc"));
        assert!(buffer.slice(1..4).is_none());
        #[allow(clippy::reversed_empty_ranges, reason = "the case under test")]
        {
            assert!(buffer.slice(2..1).is_none());
        }
        assert_eq!(buffer.slice(1..3).unwrap_or_default(), "bc");
    }

    #[test]
    fn a_mark_does_not_change_the_string() {
        let marked = Octets::from("abc").with_mark(7);
        assert_eq!(marked.mark(), 7);
        assert_eq!(marked.len(), 3);
        assert_eq!(marked, Octets::from("abc"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn base64_is_padded() {
        use std::string::ToString as _;
        let text = |bytes: &[u8]| Base64(bytes).to_string();
        assert_eq!((text(b"").as_str(), text(b"\xff").as_str()), ("", "/w=="));
        assert_eq!((text(b"\xff\xfe").as_str(), text(b"\xff\xfe\x00").as_str()), ("//4=", "//4A"));
        assert_eq!(text(b"foobar"), "Zm9vYmFy");
    }

    #[test]
    fn detach_leaves_the_old_buffer() {
        let buffer = Buffer::new(Bytes::from_static(b"hello there, whole wide world"));
        let pair = (buffer.slice(0..11).unwrap_or_default(), buffer.slice(13..29).unwrap_or_default());
        assert_eq!(ThinArc::strong_count(&buffer.0), 3);
        let own = pair.clone().detach();
        assert_eq!(own, pair);
        drop(pair);
        assert_eq!(ThinArc::strong_count(&buffer.0), 1);
    }

    #[test]
    fn few_bytes_need_no_buffer() {
        let text = b"abcdefghijklmnop";
        let buffer = Buffer::new(Bytes::from_static(text));
        for start in 0..=text.len() {
            for end in start..=text.len() {
                let cut = buffer.slice(start..end).unwrap_or_default();
                let same = text.get(start..end).unwrap_or_default();
                assert_eq!(cut.as_bytes(), same);
                assert_eq!(cut.len(), end - start);
                assert_eq!(cut.buffer.is_none(), cut.len() <= Octets::OWN);
                let marked = Octets::from(same).with_mark(5);
                assert_eq!((marked.mark(), &marked, marked.len()), (5, &cut, cut.len()));
                assert_eq!(marked.to_bytes(), cut.to_bytes());
                for other in [&b""[..], b"abc", b"bcd", b"abcdefghij", b"abcdefghijklmnop"] {
                    let (equal, other) = (same == other, Octets::from(other));
                    assert_eq!((marked == other, other == marked), (equal, equal));
                }
            }
        }
    }
}

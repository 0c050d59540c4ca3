//! Several strings of one value that share one buffer.
//!
//! An envelope with six addresses has some twenty strings. Each as an [`NString`] of its own would count the buffer that
//! they share once more when it is read, and again when it is dropped; a quarter of the time went there. So the strings of
//! an address, and those of an envelope, are places in a buffer that is counted once for all of them.

use core::{array, cmp, fmt, hash, ops::Range};

use crate::{
    octets::{Buffer, Detach, Octets, Place, Source, place_of},
    string::{Form, IString, NString},
};

/// An [`NString`] that is lent: a string or NIL.
///
/// ```
/// use imap_types::{envelope::Address, string::NString};
///
/// let address = Address::new(NString::NIL, NString::try_from("alice")?, NString::try_from("example.org")?);
/// assert_eq!(address.host().as_bytes(), Some(b"example.org".as_slice()));
/// assert!(address.name().is_nil());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone, Copy)]
pub struct NStr<'a> {
    buffer: Option<&'a Buffer>,
    place: &'a Place,
}

const NIL: Place = Place::empty_with_mark(Form::NIL);

impl<'a> NStr<'a> {
    /// `NIL`
    pub const NIL: NStr<'static> = NStr { buffer: None, place: &NIL };

    /// Whether this is NIL.
    #[must_use]
    #[inline]
    pub const fn is_nil(self) -> bool {
        self.place.mark() == Form::NIL
    }

    /// The bytes, or `None` for NIL.
    #[must_use]
    #[inline]
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        if self.is_nil() { None } else { Some(self.place.bytes(self.buffer)) }
    }

    /// The text, where there is a string and its bytes are valid UTF-8.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        self.as_bytes().and_then(|bytes| core::str::from_utf8(bytes).ok())
    }

    /// The string, or `None` for NIL.
    #[must_use]
    pub fn to_string(self) -> Option<IString> {
        self.to_nstring().to_string()
    }

    /// The form it arrived in, `None` for NIL.
    #[must_use]
    #[inline]
    pub const fn form(self) -> Option<Form> {
        if self.is_nil() { None } else { Some(Form::of(self.place.mark())) }
    }

    /// The string to keep; it shares the buffer.
    #[must_use]
    pub fn to_nstring(self) -> NString {
        NString::of(Octets::from_parts(self.buffer, *self.place))
    }

    /// The bytes, shared or copied as by [`Octets::to_bytes`]; none for NIL.
    #[must_use]
    pub fn to_bytes(self) -> bytes::Bytes {
        self.to_nstring().to_bytes()
    }
}

impl<'a> From<&'a NString> for NStr<'a> {
    #[inline]
    fn from(string: &'a NString) -> Self {
        let (buffer, place) = string.octets().parts();
        Self { buffer, place }
    }
}

impl From<NStr<'_>> for NString {
    fn from(string: NStr<'_>) -> Self {
        string.to_nstring()
    }
}

impl Default for NStr<'_> {
    fn default() -> Self {
        NStr::NIL
    }
}

impl PartialEq for NStr<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for NStr<'_> {}

impl PartialEq<NString> for NStr<'_> {
    fn eq(&self, other: &NString) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<NStr<'_>> for NString {
    fn eq(&self, other: &NStr<'_>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for NStr<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == Some(other.as_bytes())
    }
}

impl PartialOrd for NStr<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NStr<'_> {
    /// By bytes; NIL is below every string, the empty one included.
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.as_bytes().cmp(&other.as_bytes())
    }
}

impl hash::Hash for NStr<'_> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for NStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_bytes() {
            Some(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            None => f.write_str("NIL"),
        }
    }
}

impl fmt::Display for NStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for NStr<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_nstring().serialize(serializer)
    }
}

/// `N` strings, each of which may be NIL, in one buffer. All are NIL at first.
///
/// Strings of different buffers are copied to a new one as they are set. Where they are together longer than
/// [`Octets::MAX_LEN`], which those of a received message never are, the last ones are cut off then.
///
/// ```
/// use imap_types::{nstrings::NStrings, string::NString};
///
/// let mut strings = NStrings::<2>::default();
/// strings.set(1, NString::try_from("something to read")?);
/// assert_eq!(strings.get(1), "something to read");
/// assert!(strings.get(0).is_nil());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone)]
pub struct NStrings<const N: usize> {
    /// What the places are in, where one of them is shared.
    buffer: Option<Buffer>,
    places: [Place; N],
}

impl<const N: usize> NStrings<N> {
    /// The string at `index`; NIL past the end.
    #[must_use]
    #[inline]
    pub fn get(&self, index: usize) -> NStr<'_> {
        match self.places.get(index) {
            Some(place) => NStr { buffer: self.buffer.as_ref(), place },
            None => NStr::NIL,
        }
    }

    /// The strings in order.
    pub fn iter(&self) -> impl Iterator<Item = NStr<'_>> {
        self.places.iter().map(|place| NStr { buffer: self.buffer.as_ref(), place })
    }

    /// Puts `string` at `index`; does nothing past the end.
    ///
    /// A copy of them all is made where `string` lies in another buffer than others do.
    pub fn set(&mut self, index: usize, string: NString) {
        let (buffer, place) = string.into_octets().into_parts();
        let Some(at) = self.places.get_mut(index) else { return };
        *at = NIL;
        if !self.places.iter().any(|place| place.is_shared()) {
            self.buffer = None;
        }
        match (buffer, &self.buffer) {
            (Some(new), Some(old)) if !new.is(old) => {
                return self.join(index, NStr { buffer: Some(&new), place: &place });
            }
            (Some(new), None) => self.buffer = Some(new),
            _ => {}
        }
        if let Some(at) = self.places.get_mut(index) {
            *at = place;
        }
    }

    /// Puts what a decoder found in `range` of `source`, in the form it had, at `index`: the same as [`NStrings::set`] of
    /// what [`Octets::cut`] gives, without counting the buffer again. The empty string where there is nothing in this range.
    #[inline]
    pub fn cut<S: Source + ?Sized>(&mut self, index: usize, source: &S, range: Range<usize>, form: Form) {
        let place = place_of(source, range).unwrap_or_default().with_mark(form.mark());
        if place.is_shared() && index < N {
            let shared = source.buffer();
            match &self.buffer {
                Some(buffer) if buffer.is(shared) => {}
                Some(_) => return self.join(index, NStr { buffer: Some(shared), place: &place }),
                None => self.buffer = Some(shared.clone()),
            }
        }
        if let Some(at) = self.places.get_mut(index) {
            *at = place;
        }
    }

    /// What a decoder found in `ranges` of `source`, in the form it had; NIL where there is no range, and the empty string
    /// where there is nothing in it. The buffer is counted once, if at all.
    ///
    /// ```
    /// use imap_types::{nstrings::NStrings, octets::Buffer, string::Form};
    ///
    /// let buffer = Buffer::copy_from_slice(b"(NIL \"something to read\")");
    /// let strings = NStrings::found(&buffer, [None, Some(6..23)], Form::Quoted);
    /// assert_eq!(strings.get(1), "something to read");
    /// ```
    #[inline]
    pub fn found<S: Source + ?Sized>(source: &S, ranges: [Option<Range<usize>>; N], form: Form) -> Self {
        let mut any = false;
        let places = ranges.map(|range| match range {
            Some(range) => {
                let place = place_of(source, range).unwrap_or_default();
                any |= place.is_shared();
                place.with_mark(form.mark())
            }
            None => NIL,
        });
        Self { buffer: any.then(|| source.buffer().clone()), places }
    }

    /// The same with `string` at `index`, copied.
    #[cold]
    fn join(&mut self, index: usize, string: NStr<'_>) {
        *self = Self::copied(&array::from_fn(|at| if at == index { string } else { self.get(at) }));
    }

    /// Copies of `strings` in a buffer of their own.
    fn copied(strings: &[NStr<'_>; N]) -> Self {
        let shared = || strings.iter().filter(|string| string.place.is_shared());
        let buffer = Buffer::joined(shared().filter_map(|string| string.as_bytes()));
        let mut end = 0;
        let places = array::from_fn(|index| {
            let Some(&NStr { place, .. }) = strings.get(index) else { return NIL };
            if !place.is_shared() {
                return *place;
            }
            let start = end;
            end = place.len().saturating_add(start).min(Octets::MAX_LEN);
            place_of(&buffer, start..end).unwrap_or_default().with_mark(place.mark())
        });
        Self { buffer: Some(buffer), places }
    }
}

impl<const N: usize> Default for NStrings<N> {
    #[inline]
    fn default() -> Self {
        Self { buffer: None, places: [NIL; N] }
    }
}

impl<const N: usize> From<[NString; N]> for NStrings<N> {
    /// They are copied where they lie in different buffers.
    fn from(strings: [NString; N]) -> Self {
        let strings = strings.each_ref().map(NStr::from);
        let mut buffers = strings.iter().filter_map(|string| string.buffer);
        let first = buffers.next();
        if let Some(first) = first
            && !buffers.all(|buffer| buffer.is(first))
        {
            return Self::copied(&strings);
        }
        Self { buffer: first.cloned(), places: strings.map(|string| *string.place) }
    }
}

impl<const N: usize> PartialEq for NStrings<N> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<const N: usize> Eq for NStrings<N> {}

impl<const N: usize> fmt::Debug for NStrings<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<const N: usize> Detach for NStrings<N> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        // All at once, for those that were visited may lie in another buffer than the others.
        let mut strings: [NString; N] = array::from_fn(|index| self.get(index).to_nstring());
        for string in &mut strings {
            string.each_octets(visit);
        }
        *self = Self::from(strings);
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;
    use crate::envelope::Address;

    const LONG: [&str; 3] = ["a name that is long", "b name that is long", "c name that is long"];

    fn string(text: &str) -> NString {
        NString::try_from(text).unwrap_or_default()
    }

    fn texts<const N: usize>(strings: &NStrings<N>) -> Vec<Option<&str>> {
        strings.iter().map(NStr::as_str).collect()
    }

    #[test]
    fn an_address_is_five_words() {
        assert_eq!(core::mem::size_of::<Address>(), 40);
    }

    #[test]
    fn strings_of_different_buffers_are_joined() {
        let [a, b, c] = LONG;
        let mut strings = NStrings::<4>::default();
        assert_eq!(texts(&strings), [None; 4]);
        strings.set(2, string(a));
        strings.set(0, string("short"));
        assert_eq!(texts(&strings), [Some("short"), None, Some(a), None]);
        strings.set(1, string(b));
        strings.set(3, string(""));
        assert_eq!(texts(&strings), [Some("short"), Some(b), Some(a), Some("")]);
        strings.set(2, string(c));
        strings.set(0, NString::NIL);
        assert_eq!(texts(&strings), [None, Some(b), Some(c), Some("")]);
        assert_eq!(strings, NStrings::from([NString::NIL, string(b), string(c), string("")]));
        assert_ne!(strings, NStrings::from([string(""), string(b), string(c), string("")]));
        // Past the end there is nothing.
        strings.set(4, string(a));
        strings.cut(4, &Buffer::copy_from_slice(a.as_bytes()), 0..19, Form::Quoted);
        assert_eq!(texts(&strings), [None, Some(b), Some(c), Some("")]);
        assert!(strings.get(4).is_nil());
        assert_eq!(format!("{strings:?}"), format!("[NIL, {b:?}, {c:?}, \"\"]"));
    }

    #[test]
    fn a_string_that_is_replaced_is_not_kept() {
        let [a, b, _] = LONG;
        let mut strings = NStrings::<2>::from([string(a), string("short")]);
        let kept = string(b);
        strings.set(0, kept.clone());
        let own = NStr::from(&kept).buffer;
        assert!(strings.buffer.as_ref().zip(own).is_some_and(|(strings, own)| strings.is(own)));
        strings.set(0, NString::NIL);
        assert!(strings.buffer.is_none());
        assert_eq!(texts(&strings), [None, Some("short")]);
    }

    #[test]
    fn a_string_that_is_lent_is_as_the_string() {
        let strings = [NString::NIL, string(""), string("a"), string(LONG[0]), string("b")];
        for pair in strings.windows(2) {
            let [one, other] = pair else { continue };
            let (lent, next) = (NStr::from(one), NStr::from(other));
            assert_eq!((lent, lent.cmp(&next)), (NStr::from(&one.clone()), cmp::Ordering::Less));
            assert_eq!(*one, lent);
            assert_eq!(lent, *one);
            assert_ne!(lent, *other);
            assert_eq!((lent.to_string(), NString::from(lent)), (one.to_string(), one.clone()));
        }
        assert_eq!(NStr::default(), NStr::NIL);
    }

    #[test]
    fn what_was_found_lies_in_its_buffer() {
        let text = format!("{} short {}", LONG[0], LONG[1]);
        let buffer = Buffer::copy_from_slice(text.as_bytes());
        let mut strings =
            NStrings::found(&buffer, [Some(0..19), None, Some(20..25), Some(26..45)], Form::Quoted);
        assert_eq!(texts(&strings), [Some(LONG[0]), None, Some("short"), Some(LONG[1])]);
        assert!(strings.buffer.as_ref().is_some_and(|own| own.is(&buffer)));
        assert_eq!(strings.get(3).form(), Some(Form::Quoted));
        assert_eq!(strings.get(1).form(), None);
        // What lies in the same buffer is not copied, what lies in another is, and keeps its form.
        strings.cut(1, &buffer, 2..19, Form::Literal);
        assert!(strings.buffer.as_ref().is_some_and(|own| own.is(&buffer)));
        let other = Buffer::copy_from_slice(LONG[2].as_bytes());
        strings.cut(0, &other, 0..19, Form::Literal8);
        assert_eq!(texts(&strings), [Some(LONG[2]), LONG[0].get(2..), Some("short"), Some(LONG[1])]);
        let forms = strings.iter().map(NStr::form).collect::<Vec<_>>();
        let received = [Form::Literal8, Form::Literal, Form::Quoted, Form::Quoted];
        assert_eq!(forms, received.map(Some));
        // Where there is nothing, the string is empty; without long ones there is no buffer to count.
        let none = NStrings::found(&buffer, [Some(40..99), Some(20..25)], Form::Auto);
        assert_eq!(texts(&none), [Some(""), Some("short")]);
        assert!(none.buffer.is_none());
    }

    #[test]
    fn what_is_detached_is_the_same() {
        let buffer = Buffer::copy_from_slice(LONG[0].as_bytes());
        let strings = NStrings::found(&buffer, [Some(0..19), None, Some(0..3), Some(5..19)], Form::Quoted);
        let own = strings.clone().detach();
        assert_eq!(own, strings);
        assert!(own.buffer.as_ref().is_some_and(|own| !own.is(&buffer)));
        assert_eq!(own.get(0).form(), Some(Form::Quoted));
        let kept = own.get(3).to_nstring();
        assert_eq!(NStr::from(&kept), strings.get(3));
        assert_eq!(
            (kept.to_bytes(), own.get(1).to_bytes()),
            (strings.get(3).to_bytes(), bytes::Bytes::new())
        );
    }
}

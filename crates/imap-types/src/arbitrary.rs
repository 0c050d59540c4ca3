//! Arbitrary values, for fuzzing and property tests (feature `arbitrary`).
//!
//! Most types derive it. Here are those with rules of their own: words of one class of characters, numbers
//! with a range, dates of the calendar, lists that are not empty. What is made can be sent; parts that only a
//! decoder makes (invalid ones, streamed ones, known names with odd arguments) are left out.

use alloc::{vec, vec::Vec};

use ::arbitrary::{Arbitrary, Result, Unstructured};

use crate::{
    atom::{Atom, Tag},
    chars::Class,
    date::{Date, DateTime},
    fetch::Payload,
    few::Few,
    mailbox::{ListPattern, Mailbox},
    names::{Name, Names},
    nstrings::NStrings,
    number::{ModSeq, ModSeqOrZero, Number64},
    octets::Octets,
    response::Continuation,
    secret::Secret,
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
    string::{AString, Charset, Form, IString, NString, Text},
    value::{Bare, Parameter, Value},
    vec1::Vec1,
};

/// Up to so many bytes in a word or string: long enough for every form, short enough for many of them.
const SHORT: usize = 12;

impl Arbitrary<'_> for Octets {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let len = u.int_in_range(0..=SHORT)?;
        Ok(Self::from(u.bytes(len.min(u.len()))?))
    }
}

/// One to twelve characters of `class`.
fn run(u: &mut Unstructured<'_>, allows: impl Fn(u8) -> bool) -> Result<Vec<u8>> {
    let class: Vec<u8> = (0..=u8::MAX).filter(|byte| allows(*byte)).collect();
    let len = u.int_in_range(1..=SHORT)?;
    (0..len).map(|_| u.choose(&class).copied()).collect()
}

/// A value from what a constructor takes; what it refuses counts as data of the wrong format.
fn made<T, E>(result: core::result::Result<T, E>) -> Result<T> {
    result.map_err(|_| ::arbitrary::Error::IncorrectFormat)
}

impl Arbitrary<'_> for Atom {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        made(Self::try_from(run(u, |byte| Class::ATOM_CHAR.contains(byte))?.as_slice()))
    }
}

impl Arbitrary<'_> for Tag {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        made(Self::try_from(run(u, |byte| Class::TAG_CHAR.contains(byte))?.as_slice()))
    }
}

impl Arbitrary<'_> for Bare {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let word = run(u, Self::allows)?;
        made(Self::try_from(core::str::from_utf8(&word).unwrap_or_default()))
    }
}

/// `nz-number64`
pub(crate) fn nz_number64(u: &mut Unstructured<'_>) -> Result<core::num::NonZeroU64> {
    core::num::NonZeroU64::new(u.int_in_range(1..=Number64::MAX.get())?)
        .ok_or(::arbitrary::Error::IncorrectFormat)
}

/// A name that no rule here has.
pub(crate) fn unknown_name(u: &mut Unstructured<'_>) -> Result<Atom> {
    let mut name = vec![b'X', b'-'];
    name.extend(run(u, |byte| byte.is_ascii_alphabetic())?);
    made(Atom::try_from(name.as_slice()))
}

/// The same as a string.
pub(crate) fn unknown_word(u: &mut Unstructured<'_>) -> Result<AString> {
    made(AString::try_from(unknown_name(u)?.as_bytes()))
}

/// A parameter with such a name, and a list of words for its value.
pub(crate) fn unknown_parameter(u: &mut Unstructured<'_>) -> Result<Parameter> {
    let value = if u.arbitrary()? { Some(extension_value(u)?) } else { None };
    Ok(Parameter { name: unknown_name(u)?, value })
}

/// A value that any extension point takes: a list of words.
pub(crate) fn extension_value(u: &mut Unstructured<'_>) -> Result<Value> {
    let words = u.int_in_range(1..=3)?;
    let word = |u: &mut Unstructured<'_>| unknown_name(u).map(|name| Value::Bare(Bare::from(name)));
    Ok(Value::List((0..words).map(|_| word(u)).collect::<Result<_>>()?))
}

impl Arbitrary<'_> for Parameter {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        unknown_parameter(u)
    }
}

/// Bytes without NUL, mostly text.
fn content(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=SHORT)?;
    (0..len)
        .map(|_| match u.int_in_range(0..=7_u8)? {
            0 => Ok(u.arbitrary::<u8>()?.max(1)),
            1 => u.choose(b"\r\n\"\\ ()[]{}%*]").copied(),
            _ => u.int_in_range(b'a'..=b'z'),
        })
        .collect()
}

macro_rules! string {
    ($($name:ident),*) => {
        $(impl Arbitrary<'_> for $name {
            fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
                let forms = [Form::Auto, Form::Atom, Form::Quoted, Form::Literal, Form::LiteralPlus];
                let form = *u.choose(&forms)?;
                Ok(Self::received(Octets::from(content(u)?), form))
            }
        })*
    };
}

string!(IString, AString, Charset, Mailbox, ListPattern);

/// What a response code holds of a URL.
pub(crate) fn url(u: &mut Unstructured<'_>) -> Result<Octets> {
    run(u, |byte| Class::ATOM_CHAR.contains(byte) && byte != b']').map(Octets::from)
}

/// The bytes of a message, which is never NIL.
pub(crate) fn payload_at_hand(u: &mut Unstructured<'_>) -> Result<Payload> {
    u.arbitrary::<IString>().map(|string| Payload::Data(string.into()))
}

impl Arbitrary<'_> for NString {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(u.arbitrary::<Option<IString>>()?.into())
    }
}

impl<const N: usize> Arbitrary<'_> for NStrings<N> {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self::from(u.arbitrary::<[NString; N]>()?))
    }
}

impl Arbitrary<'_> for Text {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let words = ["", "done", "a {5}", "[x", "ünï", "two words"];
        made(Self::try_from(*u.choose(&words)?))
    }
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Vec1<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let first = T::arbitrary(u)?;
        Ok(Self::of(first, u.arbitrary::<Vec<T>>()?))
    }
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Few<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(u.arbitrary::<Vec<T>>()?.into())
    }
}

impl<'a, T: Arbitrary<'a> + Name> Arbitrary<'a> for Names<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(u.arbitrary::<Vec<T>>()?.into())
    }
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Secret<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        T::arbitrary(u).map(Self::new)
    }
}

impl Arbitrary<'_> for ModSeq {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        made(Self::try_from(u.int_in_range(1..=Number64::MAX.get())?))
    }
}

/// A number of `mod-sequence-value` where the type has 0 as well.
pub(crate) fn above_zero(u: &mut Unstructured<'_>) -> Result<ModSeqOrZero> {
    u.arbitrary::<ModSeq>().map(ModSeqOrZero::from)
}

/// A set without `*` and `$`.
pub(crate) fn plain_set(u: &mut Unstructured<'_>) -> Result<SequenceSet> {
    u.arbitrary::<UidSet>().map(SequenceSet::from)
}

impl Arbitrary<'_> for Number64 {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        made(Self::try_from(u.int_in_range(0..=Self::MAX.get())?))
    }
}

impl Arbitrary<'_> for Date {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        made(Self::new(u.int_in_range(0..=9999)?, u.int_in_range(1..=12)?, u.int_in_range(1..=28)?))
    }
}

impl Arbitrary<'_> for DateTime {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let date = u.arbitrary()?;
        let (hour, minute) = (u.int_in_range(0..=23)?, u.int_in_range(0..=59)?);
        made(Self::new(date, hour, minute, u.int_in_range(0..=60)?, u.int_in_range(-1439..=1439)?))
    }
}

impl Arbitrary<'_> for SeqNumber {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(u.arbitrary::<Option<_>>()?.map_or(Self::Largest, Self::Number))
    }
}

impl Arbitrary<'_> for SeqRange {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let start = u.arbitrary()?;
        Ok(if u.arbitrary()? { Self::new(start, u.arbitrary()?) } else { Self::single(start) })
    }
}

impl Arbitrary<'_> for SequenceSet {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        if u.ratio(1, 16)? {
            return Ok(Self::saved());
        }
        Ok(Self::received(u.arbitrary::<Vec1<SeqRange>>()?.into_vec().into(), u.ratio(1, 16)?))
    }
}

impl Arbitrary<'_> for UidRange {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let start = u.arbitrary()?;
        Ok(if u.arbitrary()? { Self::new(start, u.arbitrary()?) } else { Self::single(start) })
    }
}

impl Arbitrary<'_> for UidSet {
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self::received(u.arbitrary::<Vec1<UidRange>>()?.into_vec().into()))
    }
}

impl Arbitrary<'_> for Continuation {
    /// Text, or a challenge in base64.
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        if u.arbitrary()? {
            return made(Self::text(u.choose(&["idling", "Ready for more", "go on"])?));
        }
        Ok(Self::challenge(u.arbitrary::<Octets>()?))
    }
}

//! What equality, order and hash are of: an embedder keeps these values in maps and sorted lists, so the three
//! have to agree with each other, and with what the RFCs say is the same.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::reversed_empty_ranges,
    reason = "a test may fail, and ranges of the protocol may be given in either order"
)]

use core::{
    cmp::Ordering,
    fmt::Debug,
    hash::{Hash, Hasher},
};
use std::{collections::BTreeSet, hash::DefaultHasher};

use imap_types::{
    atom::{Atom, Tag},
    capability::Capability,
    date::DateTime,
    error::ValidationError,
    few::Few,
    mailbox::{ListPattern, Mailbox},
    number::Uid,
    octets::{Buffer, Octets},
    response::Continuation,
    sequence::{SeqRange, SequenceSet, UidRange},
    string::{AString, Charset, Form, IString, NString, Text},
    value::Invalid,
};

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// What is equal has one hash.
fn same<T: Eq + Hash + Debug>(a: &T, b: &T) {
    assert_eq!(a, b);
    assert_eq!(hash(a), hash(b), "{a:?} and {b:?} are equal");
}

/// Values in their order, each different from the others: order, equality and hash say so, in both directions.
fn ascending<T: Ord + Hash + Debug>(values: &[T]) {
    for (i, a) in values.iter().enumerate() {
        for (k, b) in values.iter().enumerate() {
            assert_eq!(a.cmp(b), i.cmp(&k), "{a:?} to {b:?}");
            assert_eq!(a.partial_cmp(b), Some(i.cmp(&k)), "{a:?} to {b:?}");
            assert_eq!(a == b, i == k, "{a:?} and {b:?}");
            assert_eq!(hash(a) == hash(b), i == k, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn names_of_the_protocol_have_no_case() -> Result<(), ValidationError> {
    same(&Atom::try_from("imap4REV1")?, &Atom::try_from("IMAP4rev1")?);
    assert_eq!(Atom::try_from("idle")?, "IDLE");
    assert_ne!(Atom::try_from("idle")?, "IDLER");
    assert_eq!(Atom::try_from("b")?.cmp(&Atom::try_from("B")?), Ordering::Equal);
    ascending(&["ACL", "b", "BB", "c"].map(Atom::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    let all: BTreeSet<Atom> = ["a", "A", "b"].map(Atom::try_from).into_iter().collect::<Result<_, _>>()?;
    assert_eq!(all.len(), 2);
    assert_eq!(Capability::try_from("idle")?, "IDLE");
    assert_ne!(Capability::try_from("idle")?, "IDLER");
    Ok(())
}

#[test]
fn tags_have_case() -> Result<(), ValidationError> {
    ascending(&["A", "A1", "a", "a1"].map(Tag::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    assert_eq!(Tag::try_from("a1")?, "a1");
    assert_ne!(Tag::try_from("a1")?, "A1");
    Ok(())
}

#[test]
fn strings_are_their_bytes_whatever_their_form() -> Result<(), ValidationError> {
    let forms = [
        Form::Auto,
        Form::Atom,
        Form::Quoted,
        Form::Literal,
        Form::LiteralPlus,
        Form::Literal8,
        Form::Literal8Plus,
    ];
    for form in forms {
        let received = IString::received(Octets::from("x"), form);
        same(&received, &IString::try_from("x")?);
        same(&NString::from(received.clone()), &NString::try_from("x")?);
        let astring = AString::from(received.clone());
        same(&astring, &AString::try_from("x")?);
        assert_eq!(astring.form(), form);
        assert_eq!((received.form(), NString::from(received).form()), (form, Some(form)));
    }
    let literals: Vec<_> = forms.into_iter().filter(|form| form.is_literal()).collect();
    assert_eq!(literals, [Form::Literal, Form::LiteralPlus, Form::Literal8, Form::Literal8Plus]);

    ascending(&["", "A", "AB", "a"].map(IString::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    ascending(&["", "A", "AB", "a"].map(AString::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    ascending(&["", "A", "AB", "a"].map(Text::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    ascending(&["A", "a"].map(Charset::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    ascending(&["%", "*"].map(ListPattern::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    ascending(&["", "A", "AB", "a"].map(Octets::from));
    Ok(())
}

#[test]
fn nil_is_below_every_string_and_equal_to_none() -> Result<(), ValidationError> {
    ascending(&[NString::NIL, NString::try_from("")?, NString::try_from("NIL")?]);
    same(&NString::default(), &NString::NIL);
    same(&NString::from(None), &NString::NIL);
    assert_eq!((NString::NIL.as_bytes(), NString::NIL.form()), (None, None));
    assert_eq!((NString::NIL.as_str(), NString::NIL.to_string()), (None, None));
    assert!(NString::NIL.to_bytes().is_empty());
    Ok(())
}

#[test]
fn inbox_has_no_case_as_a_whole_name() -> Result<(), ValidationError> {
    same(&Mailbox::try_from("iNbOx")?, &Mailbox::inbox());
    assert_eq!(Mailbox::inbox().as_bytes(), b"INBOX");
    assert_eq!(Mailbox::try_from("iNbOx")?, "INBOX");
    assert_eq!(Mailbox::inbox(), "inbox");
    assert_ne!(Mailbox::inbox(), "inbox/a");
    assert_ne!(Mailbox::try_from("INBOX/a")?, "inbox/a");
    assert_eq!(Mailbox::try_from("a")?, "a");
    assert_ne!(Mailbox::try_from("a")?, "A");
    let names = ["Archive", "INBOX", "INBOX/a", "Trash", "archive", "inbox/a"];
    ascending(&names.map(Mailbox::try_from).into_iter().collect::<Result<Vec<_>, _>>()?);
    let all: BTreeSet<Mailbox> =
        ["inbox", "INBOX", "Inbox."].map(Mailbox::try_from).into_iter().collect::<Result<_, _>>()?;
    assert_eq!(all.len(), 2);
    Ok(())
}

#[test]
fn a_range_is_its_bounds_however_it_is_written() -> Result<(), ValidationError> {
    let (five, one) = (SequenceSet::try_from("5:5")?, SequenceSet::try_from("5")?);
    same(&five, &one);
    assert_eq!((five.to_string(), one.to_string()), ("5:5".into(), "5".into()));
    let range = |text: &str| SequenceSet::try_from(text).map(|set| set.ranges().first().copied());
    assert_ne!(range("1:5")?, range("5:1")?);
    assert_ne!(hash(&range("1:5")?), hash(&range("5:1")?));
    assert_ne!(range("1:5")?, range("1:6")?);
    same(&range("1:*")?, &Some(SeqRange::ALL));
    same(&UidRange::try_from(7..=7)?, &UidRange::from(Uid::try_from(7)?));
    assert_ne!(UidRange::try_from(7..=8)?, UidRange::try_from(8..=7)?);
    assert_ne!(hash(&UidRange::try_from(7..=8)?), hash(&UidRange::try_from(8..=7)?));
    Ok(())
}

#[test]
fn a_buffer_is_its_bytes_however_long() {
    for len in [0, 1, 15, 16, 17, Buffer::SHORT, Buffer::SHORT + 1, 1000] {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
        let buffer = Buffer::copy_from_slice(&bytes);
        assert_eq!(buffer.as_bytes(), bytes, "{len}");
        assert_eq!(buffer, Buffer::from(bytes::Bytes::from(bytes.clone())), "{len}");
        assert_ne!(buffer, Buffer::copy_from_slice(&[&bytes[..], b"x"].concat()), "{len}");
    }
    assert_eq!(format!("{:?}", Buffer::copy_from_slice(b"a\"\n")), r#"Buffer("a\"\n")"#);
}

#[test]
fn octets_compare_with_plain_bytes_and_text() {
    let octets = Octets::from(b"ab");
    assert!(octets == *"ab" && octets == "ab" && octets == *b"ab".as_slice() && octets == b"ab".as_slice());
    assert!(octets != *"a" && octets != "a" && octets != *b"a".as_slice() && octets != b"a".as_slice());
    let known: BTreeSet<Octets> = [Octets::from("ab"), Octets::from("c")].into_iter().collect();
    assert!(known.contains(b"ab".as_slice()) && !known.contains(b"abc".as_slice()));
}

#[test]
fn times_with_the_same_fields_are_the_same() -> Result<(), ValidationError> {
    let time = DateTime::try_from("17-Jul-1996 02:44:25 -0700")?;
    same(&time, &DateTime::try_from("\"17-Jul-1996 02:44:25 -0700\"")?);
    for other in [
        "18-Jul-1996 02:44:25 -0700",
        "17-Jul-1996 03:44:25 -0700",
        "17-Jul-1996 02:45:25 -0700",
        "17-Jul-1996 02:44:26 -0700",
        "17-Jul-1996 02:44:25 +0700",
    ] {
        assert_ne!(time, DateTime::try_from(other)?);
        assert_ne!(hash(&time), hash(&DateTime::try_from(other)?));
    }
    Ok(())
}

#[test]
fn lists_and_invalid_parts_hash_as_what_they_hold() {
    same(&Few::from(1), &Few::from(vec![1]));
    same(&Few::<u8>::EMPTY, &Few::from(vec![]));
    assert_ne!(hash(&Few::from(1)), hash(&Few::from(2)));
    // The rule and the place say why it was not read; they are no part of what was sent.
    same(&Invalid::new("x", "body", 0), &Invalid::new("x", "envelope", 1));
    assert_ne!(hash(&Invalid::new("x", "body", 0)), hash(&Invalid::new("y", "body", 0)));
}

#[test]
fn a_challenge_is_no_text() -> Result<(), ValidationError> {
    let (challenge, text) = (Continuation::challenge("x"), Continuation::text("eA==")?);
    assert_ne!(challenge, text);
    assert_ne!(text, challenge);
    assert_eq!(challenge, Continuation::challenge("x"));
    assert_ne!(challenge, Continuation::challenge("y"));
    // `+ ` and CR LF is both.
    assert_eq!(Continuation::challenge(""), Continuation::text("")?);
    Ok(())
}

//! What is refused says what is wrong, and where, in words that can be shown to people.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use imap_types::{
    atom::Atom,
    error::{ValidationError, ValidationErrorKind},
    id::Id,
    mailbox::{Mailbox, NameEncoding},
    number::Uid,
    utf7,
};

#[test]
fn each_kind_of_error_has_its_sentence() {
    let told = |kind| ValidationError::new("a word", kind, 3).to_string();
    assert_eq!(told(ValidationErrorKind::Empty), "not a word: it is empty");
    assert_eq!(told(ValidationErrorKind::Character), "not a word: the byte at 3 is not allowed there");
    assert_eq!(told(ValidationErrorKind::TooLong), "not a word: it is longer than 3");
    assert_eq!(told(ValidationErrorKind::Range), "not a word: the number is out of range");
    assert_eq!(told(ValidationErrorKind::Shape), "not a word: it does not have the right shape at byte 3");
    assert_eq!(told(ValidationErrorKind::Repeated), "not a word: it is there already");
}

#[test]
fn what_is_wrong_is_found_at_its_place() {
    let wrong = |error: ValidationError| (error.kind, error.at);
    assert_eq!(Atom::try_from("").map_err(wrong), Err((ValidationErrorKind::Empty, 0)));
    assert_eq!(Atom::try_from("ab c").map_err(wrong), Err((ValidationErrorKind::Character, 2)));
    assert_eq!(Uid::try_from(0).map_err(wrong), Err((ValidationErrorKind::Range, 0)));
    let twice = Id::new([("name", Some("a")), ("NAME", None)]);
    assert_eq!(twice.map_err(wrong), Err((ValidationErrorKind::Repeated, 0)));
}

#[test]
fn each_fault_of_modified_utf_7_has_its_sentence() {
    for (name, what, at) in [
        (&b"a\x80"[..], "a byte that is not printable ASCII", 1),
        (b"&bad", "`&` without its `-`", 4),
        (b"&A!-", "a byte outside the modified base64 alphabet", 2),
        (b"&AGE-", "printable ASCII written in base64", 1),
        (b"&2AA-", "half of a surrogate pair", 1),
        (b"&APz-", "base64 that ends with stray bits", 3),
        (b"&APw-&APw-", "base64 that ends and begins again for nothing", 5),
    ] {
        let told = utf7::decode(name).map_err(|error| error.to_string());
        assert_eq!(told, Err(format!("not modified UTF-7: {what} at byte {at}")));
    }
}

#[test]
fn names_that_net_unicode_does_not_have_are_refused_both_ways() -> Result<(), ValidationError> {
    for (name, at) in [("a\nb", 1), ("ü\u{2028}", 2), ("\u{2029}", 0), ("\u{7f}", 0)] {
        let told = format!("a character at byte {at} that Net-Unicode does not have");
        let made = Mailbox::from_unicode(name, NameEncoding::Utf8).map_err(|error| error.to_string());
        assert_eq!(made, Err(told.clone()), "{name:?}");
        let read = Mailbox::try_from(name)?.to_unicode(NameEncoding::Utf8).map_err(|error| error.to_string());
        assert_eq!(read, Err(told), "{name:?}");
    }
    let odd = Mailbox::try_from(&b"a\xff"[..])?;
    let read = odd.to_unicode(NameEncoding::Utf8).map_err(|error| error.to_string());
    assert_eq!(read, Err("not UTF-8 from byte 1 on".into()));
    assert_eq!(Mailbox::try_from("\u{fc}")?.to_unicode(NameEncoding::Utf8), Ok("\u{fc}".into()));
    // Modified UTF-7 has them, in its base64.
    let control = Mailbox::from_unicode("a\0", NameEncoding::ModifiedUtf7);
    assert_eq!(control.as_ref().map(Mailbox::as_bytes), Ok(&b"a&AAA-"[..]));
    Ok(())
}

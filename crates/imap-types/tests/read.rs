//! What the values tell of themselves: questions that an embedder asks of what was decoded.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use imap_types::{
    append::AppendMessage,
    body::{BodyFields, BodyStructure, MultiPart, PartKind, SinglePart},
    capability::{self, Capability},
    context::PartialRange,
    date::{Date, DateTime, InternalDate},
    error::ValidationError,
    fetch::{FetchAtt, FetchItems},
    few::Few,
    flag::{Flag, FlagFetch, FlagPerm},
    list::{List, ListPatterns, ListResponse, MailboxAttribute},
    mailbox::{ListPattern, Mailbox, NameEncoding},
    namespace::Namespace,
    number::{ModSeq, ModSeqOrZero, Number64, Uid, UidValidity},
    octets::{Buffer, Detach as _, Octets},
    response::{Continuation, Data, Greeting, GreetingKind, Response, Status, StatusResponse},
    search::SearchKey,
    secret::Secret,
    sequence::SequenceSet,
    status::{StatusAtt, StatusAttVal, StatusData},
    store::{Store, StoreItem, StoreMode},
    string::{Form, IString, NString, Text},
    value::{Bare, Invalid, Value},
    vec1::Vec1,
};

fn single(media_type: &str, subtype: &str) -> Result<BodyStructure, ValidationError> {
    Ok(BodyStructure::Single(Box::new(SinglePart {
        media_type: IString::try_from(media_type)?,
        media_subtype: IString::try_from(subtype)?,
        fields: BodyFields {
            parameters: Few::EMPTY,
            id: NString::NIL,
            description: NString::NIL,
            encoding: IString::try_from("7BIT")?,
            octets: Number64::from(3),
        },
        kind: PartKind::Basic,
        extension: None,
    })))
}

#[test]
fn a_body_tells_its_type_and_its_parts() -> Result<(), ValidationError> {
    let image = single("IMAGE", "PNG")?;
    assert_eq!(image.media_type(), Some((&b"IMAGE"[..], &b"PNG"[..])));
    assert!(image.parts().is_empty());
    let mixed = BodyStructure::Multi(Box::new(MultiPart {
        parts: Vec1::of(image.clone(), [single("AUDIO", "BASIC")?]),
        media_subtype: IString::try_from("MIXED")?,
        extension: None,
    }));
    assert_eq!(mixed.media_type(), Some((&b"MULTIPART"[..], &b"MIXED"[..])));
    assert_eq!((mixed.parts().len(), mixed.parts().first()), (2, Some(&image)));
    let broken = BodyStructure::Invalid(Box::new(Invalid::new("NIL", "body", 0)));
    assert_eq!((broken.media_type(), broken.parts().len()), (None, 0));
    Ok(())
}

#[test]
fn a_status_tells_what_is_in_it_and_nothing_else() -> Result<(), ValidationError> {
    let all = StatusData::new(
        Mailbox::inbox(),
        [
            StatusAttVal::Messages(231),
            StatusAttVal::UidNext(Uid::try_from(44292)?),
            StatusAttVal::UidValidity(UidValidity::try_from(5)?),
            StatusAttVal::Unseen(7),
            StatusAttVal::Size(Number64::from(1000)),
            StatusAttVal::HighestModSeq(ModSeqOrZero::ZERO),
        ],
    );
    assert_eq!((all.messages(), all.unseen()), (Some(231), Some(7)));
    assert_eq!(all.uid_next(), Some(Uid::try_from(44292)?));
    assert_eq!(all.uid_validity(), Some(UidValidity::try_from(5)?));
    assert_eq!(all.size(), Some(Number64::from(1000)));
    assert_eq!(all.highest_mod_seq(), Some(ModSeqOrZero::ZERO));
    let none = StatusData::new(Mailbox::inbox(), []);
    assert_eq!((none.messages(), none.unseen(), none.uid_next()), (None, None, None));
    assert_eq!((none.uid_validity(), none.size(), none.highest_mod_seq()), (None, None, None));

    assert_eq!(StatusAtt::try_from("uidnext")?, StatusAtt::UidNext);
    assert_eq!(StatusAtt::try_from("X-NEW")?.to_string(), "X-NEW");
    assert!(StatusAtt::try_from("a b").is_err());
    Ok(())
}

#[test]
fn listings_are_matched_by_any_of_their_patterns() -> Result<(), ValidationError> {
    let list = List::new("", "INBOX/%")?;
    assert_eq!((list.selection.is_none(), list.returns.is_none()), (true, true));
    assert!(list.reference.as_bytes().is_empty());
    assert_eq!(list.patterns.as_slice().len(), 1);
    assert!(list.patterns.matches(b"inbox/a", Some('/')));
    assert!(!list.patterns.matches(b"inbox/a/b", Some('/')));
    let both = ListPatterns::Many(Vec1::of(ListPattern::try_from("a")?, [ListPattern::try_from("b*")?]));
    assert_eq!(both.as_slice().len(), 2);
    assert!(both.matches(b"a", None) && both.matches(b"bc", None) && !both.matches(b"c", None));
    assert!(List::new("a\0", "*").is_err() && List::new("", "\0").is_err());

    let mut entry = ListResponse::new(Mailbox::try_from("Sent")?, Some('/'));
    assert!(!entry.has(&MailboxAttribute::Sent));
    entry.attributes.push(MailboxAttribute::Sent);
    assert!(entry.has(&MailboxAttribute::Sent) && !entry.has(&MailboxAttribute::Junk));

    assert!(Namespace::new("#news.", Some('.'))?.holds(b"#news.comp"));
    assert!(!Namespace::new("#news.", Some('.'))?.holds(b"INBOX"));
    Ok(())
}

#[test]
fn attributes_and_flags_are_written_as_they_are_read() -> Result<(), ValidationError> {
    for name in ["\\Noinferiors", "\\HasChildren", "\\NonExistent", "\\Sent", "\\X-Own"] {
        assert_eq!(MailboxAttribute::try_from(name)?.to_string(), name);
    }
    assert_eq!(MailboxAttribute::try_from("\\JUNK")?, MailboxAttribute::Junk);
    assert!(MailboxAttribute::try_from("Junk").is_err());
    let broken = MailboxAttribute::Invalid(Invalid::new("a\"b", "flag-extension", 1));
    assert_eq!((broken.to_string().as_str(), broken.name()), (r#"a\"b"#, None));
    assert_eq!(Flag::Invalid(Invalid::new("%", "flag", 0)).to_string(), "%");
    assert_eq!(FlagFetch::from(Flag::Seen).to_string(), "\\Seen");
    assert_eq!(FlagFetch::Recent.to_string(), "\\Recent");
    Ok(())
}

#[test]
fn a_value_is_one_of_its_kinds() -> Result<(), ValidationError> {
    let bare = Value::Bare(Bare::try_from("1:*")?);
    let string = Value::String(IString::try_from("a b")?);
    let list = Value::List(vec![bare.clone()]);
    let broken = Value::Invalid(Invalid::new("(", "tagged-ext-comp", 1));
    assert_eq!(bare.as_bare().map(Bare::as_str), Some("1:*"));
    assert!([&string, &list, &broken].iter().all(|value| value.as_bare().is_none()));
    assert_eq!((bare.as_bytes(), string.as_bytes()), (Some(&b"1:*"[..]), Some(&b"a b"[..])));
    assert_eq!((list.as_bytes(), broken.as_bytes()), (None, None));
    assert_eq!(list.as_list(), Some(&[bare.clone()][..]));
    assert!([&bare, &string, &broken].iter().all(|value| value.as_list().is_none()));
    assert!(Bare::try_from("").is_err());
    Ok(())
}

#[test]
fn a_status_response_is_a_greeting_where_it_can_be_one() -> Result<(), ValidationError> {
    for (greeting, kind, word) in [
        (Greeting::ok("x")?, GreetingKind::Ok, "OK"),
        (Greeting::pre_auth("x")?, GreetingKind::PreAuth, "PREAUTH"),
        (Greeting::bye("x")?, GreetingKind::Bye, "BYE"),
    ] {
        assert_eq!((greeting.kind, greeting.kind.to_string().as_str()), (kind, word));
        let greeting = greeting.with_code(imap_types::code::Code::Alert);
        let status = StatusResponse::from(greeting.clone());
        assert_eq!((status.tag.as_ref(), status.status.as_str()), (None, word));
        assert_eq!(Greeting::try_from(status), Ok(greeting));
    }
    for other in [
        StatusResponse::no("a1", "x")?,
        StatusResponse::bad("a1", "x")?,
        StatusResponse::ok("a1", "x")?,
        StatusResponse::untagged(Status::No, "x")?,
        StatusResponse::untagged(Status::Bad, "x")?,
    ] {
        assert_eq!(Greeting::try_from(other.clone()), Err(other));
    }
    assert_eq!(StatusResponse::no("a1", "x")?.status, Status::No);
    assert_eq!(StatusResponse::bad("a1", "x")?.status, Status::Bad);
    let status = Response::from(StatusResponse::bye("x")?);
    let (data, request) = (Response::from(Data::Exists(3)), Response::from(Continuation::text("x")?));
    assert_eq!([status.name(), data.name(), request.name()], ["BYE", "EXISTS", "+"]);
    Ok(())
}

#[test]
fn numbers_and_dates_tell_themselves() -> Result<(), ValidationError> {
    assert_eq!(ModSeqOrZero::ZERO.mod_seq(), None);
    assert_eq!(ModSeqOrZero::try_from(7)?.mod_seq(), Some(ModSeq::try_from(7)?));
    let shown = [ModSeq::try_from(7)?.to_string(), Number64::MAX.to_string(), ModSeqOrZero::ZERO.to_string()];
    assert_eq!(shown, ["7", "9223372036854775807", "0"]);
    let date = Date::try_from("1-feb-1994")?;
    assert_eq!((date.year(), date.month(), date.day()), (1994, 2, 1));
    assert_eq!(date.to_string(), "1-Feb-1994");
    let time = DateTime::try_from("17-Jul-1996 02:44:25 -0700")?;
    assert_eq!(InternalDate::from(time).date_time(), Some(time));
    assert_eq!(InternalDate::Invalid(Invalid::new("\"\"", "date-time", 1)).date_time(), None);
    Ok(())
}

#[test]
fn a_part_of_results_has_its_bounds_in_order() -> Result<(), Box<dyn core::error::Error>> {
    let oldest = PartialRange::oldest(100.try_into()?);
    let newest = PartialRange::newest(100.try_into()?);
    assert_eq!([oldest.to_string(), newest.to_string()], ["1:100", "-1:-100"]);
    let turned = PartialRange { from_last: false, start: 500.try_into()?, end: 400.try_into()? };
    assert_eq!(turned.bounds(), (400.try_into()?, 500.try_into()?));
    assert_eq!(newest.bounds(), (1.try_into()?, 100.try_into()?));
    Ok(())
}

#[test]
fn flags_of_a_store_are_there_where_flags_are_stored() -> Result<(), ValidationError> {
    let store = Store::new(SequenceSet::try_from("1")?, StoreMode::Add, [Flag::Seen]);
    assert_eq!(store.flags(), Some(&Flag::Seen.into()));
    let silent = store.silent();
    assert!(matches!(silent.item, StoreItem::Flags { silent: true, .. }));
    Ok(())
}

#[test]
fn names_of_mailboxes_are_bytes_and_text_where_they_are_text() -> Result<(), ValidationError> {
    let name = Mailbox::try_from(Octets::from("Entw&APw-rfe"))?;
    assert_eq!((name.as_str(), name.to_string_lossy().as_ref()), (Some("Entw&APw-rfe"), "Entw&APw-rfe"));
    assert_eq!(name.as_astring().as_bytes(), name.as_ref());
    assert_eq!(Mailbox::from(name.as_astring().clone()), name);
    assert_eq!(Mailbox::try_from(String::from("a b"))?.to_string(), "\"a b\"");
    let odd = Mailbox::try_from(&b"\xff"[..])?;
    assert_eq!((odd.as_str(), odd.to_string_lossy().as_ref()), (None, "\u{fffd}"));
    assert_eq!(Mailbox::try_from(Octets::from("a\0")).map_err(|error| (error.what, error.at)), {
        Err(("a mailbox name", 1))
    });
    Ok(())
}

#[test]
fn strings_are_text_where_they_are_utf_8() -> Result<(), ValidationError> {
    let string = IString::try_from(bytes::Bytes::from_static("ü\"".as_bytes()))?;
    assert_eq!((string.as_str(), string.to_string_lossy().as_ref()), (Some("ü\""), "ü\""));
    assert_eq!(string.to_string(), r#""\xc3\xbc\"""#);
    assert_eq!(string.to_bytes(), "ü\"".as_bytes());
    assert_eq!((string.to_octets(), string.clone().into_octets()), ("ü\"".into(), "ü\"".into()));
    let odd = IString::try_from(&b"\xff"[..])?;
    assert_eq!((odd.as_str(), odd.to_string_lossy().as_ref()), (None, "\u{fffd}"));
    for at in 0..3 {
        let mut bytes = *b"abc";
        bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = 0);
        assert_eq!(IString::try_from(&bytes[..]).map_err(|error| error.at), Err(at));
        assert_eq!(NString::try_from(&bytes[..]).map_err(|error| error.at), Err(at));
    }
    let nstring = NString::try_from(&b"x"[..])?;
    assert_eq!((nstring.as_str(), nstring.to_bytes().as_ref()), (Some("x"), &b"x"[..]));
    assert_eq!(nstring.to_string(), Some(IString::try_from("x")?));
    assert_eq!((format!("{nstring}"), format!("{}", NString::NIL)), ("\"x\"".into(), "NIL".into()));

    let text = Text::try_from("done ü")?;
    assert_eq!((text.as_bytes(), text.as_ref()), ("done ü".as_bytes(), "done ü".as_bytes()));
    assert!(!text.is_ascii() && Text::try_from("done")?.is_ascii() && Text::default().is_ascii());
    assert!(!text.is_empty() && Text::default().is_empty());
    assert_eq!((text.to_string(), text == "done ü", text == "done"), ("done ü".into(), true, false));
    assert_eq!(
        format!("{text:?} {string:?}"),
        format!("{:?} {:?}", Octets::from("done ü"), Octets::from("ü\""))
    );
    for byte in ["\0", "\r", "\n"] {
        assert_eq!(Text::try_from(format!("a{byte}").as_str()).map_err(|error| error.at), Err(1));
    }
    Ok(())
}

#[test]
fn capabilities_are_asked_for_by_name() -> Result<(), ValidationError> {
    let all = [Capability::try_from("IMAP4rev1")?, Capability::try_from("IDLE")?];
    assert!(capability::has(&all, "idle") && !capability::has(&all, "ID"));
    assert_eq!(all.map(|each| each.to_string()), ["IMAP4rev1", "IDLE"]);
    Ok(())
}

#[test]
fn a_secret_is_given_back_as_it_was() {
    assert_eq!(Secret::from("x").into_inner(), "x");
}

#[test]
fn what_is_built_holds_what_was_given() -> Result<(), ValidationError> {
    // RFC 9051 section 6.4.4: keys beside each other are an AND, however many.
    let keys = SearchKey::Seen.and(SearchKey::Deleted).and(SearchKey::Draft);
    let SearchKey::And(keys) = keys else { panic!("{keys:?}") };
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), [SearchKey::Seen, SearchKey::Deleted, SearchKey::Draft]);
    let time = DateTime::try_from("17-Jul-1996 02:44:25 -0700")?;
    let message = AppendMessage::streamed(Number64::from(3)).with_date(time).with_flags([Flag::Seen]);
    assert_eq!(message.date, Some(InternalDate::DateTime(time)));
    assert_eq!(message.flags, Some(Flag::Seen.into()));
    let items = Vec1::of(FetchAtt::Uid, [FetchAtt::Flags]);
    assert_eq!(FetchItems::from(items.clone()), FetchItems::List(items));
    assert_eq!(FlagPerm::from(Flag::Seen), FlagPerm::Flag(Flag::Seen));
    let few = Few::from(vec![1, 2]);
    assert_eq!((&few).into_iter().sum::<i32>(), 3);
    assert_eq!(IString::try_from("a")?, "a");
    assert_ne!(IString::try_from("a")?, "A");
    Ok(())
}

#[test]
fn every_letter_of_the_modified_base64_is_read() -> Result<(), Box<dyn core::error::Error>> {
    // RFC 3501 section 5.1.3: `,` stands for `/`, and `+` for itself.
    for (wire, name) in [("&+P8-", "\u{f8ff}"), ("&,,0-", "\u{fffd}"), ("&AAA-", "\0"), ("&abA-", "\u{69b0}")]
    {
        assert_eq!(Mailbox::try_from(wire)?.to_unicode(NameEncoding::ModifiedUtf7)?, name);
        assert_eq!(Mailbox::from_unicode(name, NameEncoding::ModifiedUtf7)?, wire);
    }
    Ok(())
}

#[test]
fn what_is_detached_holds_its_own_bytes_alone() {
    let message = bytes::Bytes::from(vec![b'x'; 4096]);
    let cut = || Buffer::new(message.clone()).slice(0..1000);
    let Some(octets) = cut() else { panic!("it lies in the buffer") };
    let string = IString::received(octets, Form::Quoted);
    let nstring = NString::from(string.clone());
    let text = Text::scan(&Buffer::new(message.clone()), 96).map(|(text, _)| text);
    assert!(!message.is_unique());
    let (string, nstring, text) = (string.detach(), nstring.detach(), text.detach());
    assert!(message.is_unique());
    assert_eq!((string.as_bytes().len(), string.form()), (1000, Form::Quoted));
    assert_eq!((nstring.as_bytes().map(<[u8]>::len), nstring.form()), (Some(1000), Some(Form::Quoted)));
    assert_eq!(text.map(|text| text.as_bytes().len()), Some(4000));
    assert!(NString::NIL.detach().is_nil());
}

#[test]
fn text_goes_to_the_end_of_its_line() {
    for (line, start, text) in [
        (&b"* OK done\r\n"[..], 5, Some(&b"done"[..])),
        (b"* OK done\n", 5, Some(b"done")),
        (b"* OK a\0b\r\n", 5, Some(b"a")),
        (b"* OK \xff\r\n", 5, Some(b"\xff")),
        (b"* OK done", 5, Some(b"done")),
        (b"* OK \r\n", 5, Some(b"")),
        (b"* OK", 4, Some(b"")),
        (b"* OK", 5, None),
    ] {
        let found = Text::scan(&Buffer::copy_from_slice(line), start);
        assert_eq!(found.as_ref().map(|(text, _)| text.as_bytes()), text, "{}", line.escape_ascii());
    }
}

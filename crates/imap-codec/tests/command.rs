//! Commands that are made of plain values, and what they are on the wire.
#![allow(missing_docs, clippy::panic, reason = "a test may fail")]

use imap_codec::{
    DecodeOptions, Expecting, decode_client_message, decode_command, encode_command,
    frame::Frame,
    profile::{EncodeProfile, Literals},
};
use imap_types::{
    append::{AppendMessage, CatPart},
    atom::Atom,
    command::{Command, CommandBody},
    error::ValidationError,
    fetch::{Fetch, FetchAtt, FetchMacro, FetchModifier},
    flag::Flag,
    id::Id,
    mailbox::Mailbox,
    notify::{EventGroup, EventName, MailboxFilter, Notify},
    number::{ModSeq, ModSeqOrZero, Uid},
    search::{EntryType, ModSeqEntry, Search, SearchKey, SearchReturn},
    select::{SelectParameter, SeqMatch},
    sequence::{SeqNumber, SequenceSet, UidSet},
    status::StatusAtt,
    store::{Store, StoreMode, StoreModifier},
    value::{Bare, Parameter, Value},
};

/// What a command made in Rust is on the wire; it reads back to an equal one, in strict.
fn wire(body: CommandBody) -> Result<String, ValidationError> {
    let command = Command::new("A", body)?;
    let mut profile = EncodeProfile::client();
    profile.literals = Literals::NonSynchronizing;
    let bytes = encode_command(&command, &profile).map(|encoded| encoded.to_bytes()).unwrap_or_default();
    let read = decode_command(&Frame::new(bytes.clone()), &DecodeOptions::strict());
    assert_eq!(read.map(|read| read.value), Ok(command));
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches("\r\n").into())
}

#[test]
fn every_command_is_made_of_plain_values() -> Result<(), ValidationError> {
    let mailbox = Mailbox::try_from("Sent Items")?;
    let search = Search::new(SearchKey::from("Smith")?.or(!SearchKey::Seen).and(SearchKey::uid(7..)?))
        .returning([SearchReturn::Min, SearchReturn::Count])
        .in_charset("UTF-8".try_into()?)
        .by_uid();
    let subtree = EventGroup::new(MailboxFilter::subtree("Lists")?, [EventName::MailboxName]);
    let parts = AppendMessage::catenate([CatPart::url("/x")?])?;
    let cases: Vec<(CommandBody, &str)> = vec![
        (CommandBody::Capability, "CAPABILITY"),
        (CommandBody::StartTls, "STARTTLS"),
        (CommandBody::authenticate("PLAIN")?, "AUTHENTICATE PLAIN"),
        (CommandBody::authenticate_with("PLAIN", "\0a\0b")?, "AUTHENTICATE PLAIN AGEAYg=="),
        //= rfc9051#section-6.2.2
        //= type=test
        //# To send a zero-length initial response, the client MUST send a single pad character ("=").
        (CommandBody::authenticate_with("EXTERNAL", "")?, "AUTHENTICATE EXTERNAL ="),
        (CommandBody::login("alice", "a b")?, "LOGIN alice \"a b\""),
        (CommandBody::login("nil", "a\nb")?, "LOGIN \"nil\" {3+}\r\na\nb"),
        (CommandBody::enable(["CONDSTORE", "IMAP4rev2"])?, "ENABLE CONDSTORE IMAP4rev2"),
        (CommandBody::select(mailbox.clone())?, "SELECT \"Sent Items\""),
        (CommandBody::examine("INBOX")?, "EXAMINE INBOX"),
        (CommandBody::create("")?, "CREATE \"\""),
        (CommandBody::delete("a\"b")?, "DELETE \"a\\\"b\""),
        (CommandBody::rename("a", mailbox)?, "RENAME a \"Sent Items\""),
        (CommandBody::subscribe("a")?, "SUBSCRIBE a"),
        (CommandBody::unsubscribe("a")?, "UNSUBSCRIBE a"),
        (CommandBody::list("", "%")?, "LIST \"\" %"),
        (CommandBody::lsub("", "*")?, "LSUB \"\" *"),
        (CommandBody::status("a", [StatusAtt::Messages])?, "STATUS a (MESSAGES)"),
        (
            CommandBody::append("a", AppendMessage::new("hi").with_flags([Flag::Seen]))?,
            "APPEND a (\\Seen) {2+}\r\nhi",
        ),
        (CommandBody::uid_expunge("1:*")?, "UID EXPUNGE 1:*"),
        (CommandBody::fetch(1..=3, FetchMacro::Fast)?, "FETCH 1:3 FAST"),
        (CommandBody::uid_fetch([4, 5, 9], FetchMacro::All)?, "UID FETCH 4:5,9 ALL"),
        (CommandBody::search(SearchKey::All), "SEARCH ALL"),
        (
            CommandBody::search(search),
            "UID SEARCH RETURN (MIN COUNT) CHARSET UTF-8 (OR FROM Smith NOT SEEN UID 7:*)",
        ),
        (CommandBody::store(1, StoreMode::Remove, [])?, "STORE 1 -FLAGS ()"),
        (CommandBody::uid_store(1, StoreMode::Replace, [Flag::Seen])?, "UID STORE 1 FLAGS (\\Seen)"),
        (CommandBody::copy("$", "a")?, "COPY $ a"),
        (CommandBody::uid_copy(1, "a")?, "UID COPY 1 a"),
        (CommandBody::r#move("*", "a")?, "MOVE * a"),
        (CommandBody::uid_move(1, "a")?, "UID MOVE 1 a"),
        (CommandBody::replace(SeqNumber::Largest, "a", AppendMessage::new("x"))?, "REPLACE * a {1+}\r\nx"),
        (CommandBody::uid_replace(Uid::try_from(7)?, "a", parts)?, "UID REPLACE 7 a CATENATE (URL /x)"),
        (CommandBody::cancel_update(["A1", "A2"])?, "CANCELUPDATE \"A1\" \"A2\""),
        (CommandBody::Compress("deflate".try_into()?), "COMPRESS DEFLATE"),
        (CommandBody::Unauthenticate, "UNAUTHENTICATE"),
        (CommandBody::from(Id::new([("name", Some("x")), ("os", None)])?), "ID (\"name\" \"x\" \"os\" NIL)"),
        (CommandBody::from(Id::NIL), "ID NIL"),
        (CommandBody::from(Notify::None), "NOTIFY NONE"),
        (
            CommandBody::from(Notify::set([subtree])?.with_status()),
            "NOTIFY SET STATUS (subtree Lists (MailboxName))",
        ),
        (CommandBody::other("XFOO", [Value::Bare(Bare::try_from("\\x")?)])?, "XFOO \\x"),
    ];
    for (body, expected) in cases {
        let name = String::from(body.name());
        assert_eq!(wire(body)?, format!("A {expected}"));
        assert!(expected.starts_with(&name), "{name}");
    }
    Ok(())
}

#[test]
fn what_condstore_and_qresync_add_is_made_of_plain_values() -> Result<(), ValidationError> {
    let since = ModSeq::try_from(12345)?;
    let known = SelectParameter::QResync {
        uid_validity: 7.try_into()?,
        mod_seq: since,
        known_uids: Some(UidSet::try_from("1:9")?),
        seq_match: Some(SeqMatch { numbers: SequenceSet::try_from("1,3")?, uids: UidSet::try_from("2,6")? }),
    };
    let entry = Some(ModSeqEntry { flag: Flag::Seen, kind: EntryType::All }.into());
    let cases: Vec<(CommandBody, &str)> = vec![
        (
            CommandBody::select_with("a", [SelectParameter::CondStore, SelectParameter::qresync(1, 2)?])?,
            "SELECT a (CONDSTORE QRESYNC (1 2))",
        ),
        (CommandBody::examine_with("a", [known])?, "EXAMINE a (QRESYNC (7 12345 1:9 (1,3 2,6)))"),
        (
            Fetch::new(SequenceSet::all(), FetchAtt::ModSeq).by_uid().changed_since(since).vanished().into(),
            "UID FETCH 1:* MODSEQ (CHANGEDSINCE 12345 VANISHED)",
        ),
        (
            Store::new(SequenceSet::saved(), StoreMode::Add, [Flag::Seen])
                .unchanged_since(ModSeqOrZero::ZERO)
                .into(),
            "STORE $ (UNCHANGEDSINCE 0) +FLAGS (\\Seen)",
        ),
        (CommandBody::status("a", [StatusAtt::HighestModSeq])?, "STATUS a (HIGHESTMODSEQ)"),
        (CommandBody::search(SearchKey::mod_seq(since)), "SEARCH MODSEQ 12345"),
        (
            CommandBody::search(SearchKey::ModSeq { entry, mod_seq: since.into() }),
            "SEARCH MODSEQ \"/flags/\\\\seen\" ALL 12345",
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(wire(body)?, format!("A {expected}"));
    }
    Ok(())
}

#[test]
fn what_is_no_parameter_is_not_sent() -> Result<(), ValidationError> {
    let of_the_name = |name| Atom::try_from(name).map(|name| Parameter { name, value: None });
    let all = || Fetch::new(SequenceSet::all(), FetchAtt::Flags);
    let store = || Store::new(SequenceSet::all(), StoreMode::Add, [Flag::Seen]);
    let qresync = |numbers| {
        let seq_match = Some(SeqMatch { numbers, uids: UidSet::try_from("1")? });
        let (uid_validity, mod_seq) = (1.try_into()?, ModSeq::try_from(1)?);
        CommandBody::select_with(
            "a",
            [SelectParameter::QResync { uid_validity, mod_seq, known_uids: None, seq_match }],
        )
    };
    let entry = |flag| Some(ModSeqEntry { flag, kind: EntryType::Shared }.into());
    let recent = Flag::Extension(Atom::try_from("recent")?);
    let cases: Vec<CommandBody> = vec![
        CommandBody::select_with("a", [SelectParameter::Other(of_the_name("condstore")?)])?,
        Fetch { modifiers: vec![FetchModifier::Other(of_the_name("VANISHED")?)], ..all() }.into(),
        Fetch { modifiers: vec![FetchModifier::ChangedSince(ModSeqOrZero::ZERO)], ..all() }.into(),
        Store { modifiers: vec![StoreModifier::Other(of_the_name("UnchangedSince")?)], ..store() }.into(),
        qresync(SequenceSet::all())?,
        qresync(SequenceSet::saved())?,
        qresync(SequenceSet::default())?,
        CommandBody::search(SearchKey::ModSeq { entry: entry(recent), mod_seq: ModSeqOrZero::ZERO }),
    ];
    for body in cases {
        let command = Command::new("A", body)?;
        assert!(encode_command(&command, &EncodeProfile::client()).is_err(), "{command:?}");
    }
    Ok(())
}

#[test]
fn what_no_grammar_has_cannot_be_made_or_sent() -> Result<(), ValidationError> {
    assert!(CommandBody::enable::<&str>([]).is_err());
    assert!(CommandBody::status("a", []).is_err());
    assert!(CommandBody::login("a\0", "b").is_err());
    assert!(CommandBody::copy("0", "a").is_err());
    assert!(Command::new("a b", CommandBody::Noop).is_err());
    let empty = core::iter::empty::<imap_types::number::Uid>().collect::<imap_types::sequence::SequenceSet>();
    let command = Command::new("A", CommandBody::uid_copy(empty, "a")?)?;
    assert!(encode_command(&command, &EncodeProfile::client()).is_err());
    Ok(())
}

#[test]
fn an_error_that_may_hold_a_password_holds_no_bytes() {
    for line in [
        "A1 LOGIN alice \"secret",
        "A1 login alice secret more",
        "A1  LOGIN alice secret",
        "A1\tLOGIN alice secret",
        "+ LOGIN alice secret",
        " LOGIN alice secret",
        "A1 LOGIN{ alice secret",
        "A1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA=",
        "A1 authenticate secret\"",
    ] {
        let frame = Frame::new(format!("{line}\r\n").into_bytes().into());
        for options in [DecodeOptions::strict(), DecodeOptions::tolerant_of_clients()] {
            for expecting in [Expecting::Command, Expecting::AuthenticateData, Expecting::IdleDone] {
                let shown = decode_client_message(&frame, expecting, &options)
                    .map_err(|error| (error.found.is_empty(), error.excerpt.is_empty()));
                assert_eq!(shown, Err((true, true)), "{line}");
            }
        }
    }
    let data = Frame::from_static(b"AGFsaWNlAHNlY3JldA=\r\n");
    let error = decode_client_message(&data, Expecting::AuthenticateData, &DecodeOptions::strict());
    assert_eq!(error.map_err(|error| (error.at, error.found.is_empty())), Err((18, true)));
}

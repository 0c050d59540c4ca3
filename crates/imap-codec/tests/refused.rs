//! Values that Rust can make and no grammar has: an encoder refuses them, and says why. What it sends instead would be
//! read as something else, or not at all.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use core::num::{NonZeroU32, NonZeroU64};

use imap_codec::{
    DecodeOptions, decode_response, encode_command, encode_response,
    error::{EncodeError, EncodeErrorKind},
    profile::EncodeProfile,
};
use imap_types::{
    append::{Append, AppendData, AppendMessage},
    code::Code,
    command::{Command, CommandBody},
    error::ValidationError,
    fetch::{FetchAtt, FetchItems, FetchResponse, MsgAtt, Payload},
    flag::Flag,
    number::{ModSeq, Number64, UidValidity},
    octets::Octets,
    response::{Data, Response, StatusResponse},
    section::{Partial, Section, SectionText},
    select::{SelectParameter, SeqMatch},
    sequence::{SequenceSet, UidSet},
    store::StoreMode,
    string::NString,
    value::Invalid,
    vec1::Vec1,
};

fn command(body: CommandBody) -> Result<Vec<u8>, EncodeErrorKind> {
    let command = match Command::new("a1", body) {
        Ok(command) => command,
        Err(error) => panic!("{error}"),
    };
    sent(encode_command(&command, &EncodeProfile::client()).map(|encoded| encoded.to_bytes().to_vec()))
}

fn response(response: impl Into<Response>) -> Result<Vec<u8>, EncodeErrorKind> {
    sent(
        encode_response(&response.into(), &EncodeProfile::server())
            .map(|encoded| encoded.to_bytes().to_vec()),
    )
}

fn sent(encoded: Result<Vec<u8>, EncodeError>) -> Result<Vec<u8>, EncodeErrorKind> {
    encoded.map_err(|error| {
        assert!(!error.what.is_empty() && error.to_string().contains(error.what));
        error.kind
    })
}

fn fetch(set: SequenceSet, item: FetchAtt) -> Result<Vec<u8>, EncodeErrorKind> {
    match CommandBody::fetch(set, FetchItems::One(item)) {
        Ok(body) => command(body),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn an_empty_set_is_no_set() -> Result<(), ValidationError> {
    assert_eq!(fetch(SequenceSet::default(), FetchAtt::Flags), Err(EncodeErrorKind::Empty));
    assert_eq!(fetch(SequenceSet::saved(), FetchAtt::Flags), Ok(b"a1 FETCH $ FLAGS\r\n".to_vec()));
    let ok = StatusResponse::ok("a1", "x")?;
    let copied = |source: &UidSet| Code::CopyUid {
        uid_validity: UidValidity(NonZeroU32::MIN),
        source: source.clone(),
        target: source.clone(),
    };
    let (none, one) = (UidSet::default(), UidSet::try_from("5")?);
    assert_eq!(response(ok.clone().with_code(copied(&none))), Err(EncodeErrorKind::Empty));
    assert_eq!(response(ok.with_code(copied(&one))), Ok(b"a1 OK [COPYUID 1 5 5] x\r\n".to_vec()));
    Ok(())
}

#[test]
fn a_partial_has_63_bits() -> Result<(), ValidationError> {
    let body = |length| FetchAtt::BodySection {
        peek: true,
        section: Section::ALL,
        partial: Some(Partial { offset: Number64::MAX, length }),
    };
    let most = NonZeroU64::MIN.saturating_add(Number64::MAX.get() - 1);
    let set = SequenceSet::try_from("1")?;
    assert_eq!(fetch(set.clone(), body(most)), {
        Ok(b"a1 FETCH 1 BODY.PEEK[]<9223372036854775807.9223372036854775807>\r\n".to_vec())
    });
    assert_eq!(fetch(set, body(most.saturating_add(1))), Err(EncodeErrorKind::Range));
    Ok(())
}

#[test]
fn mime_is_that_of_a_part() -> Result<(), ValidationError> {
    let mime = |part: Vec<NonZeroU32>| FetchAtt::BodySection {
        peek: false,
        section: Section { part, text: Some(SectionText::Mime) },
        partial: None,
    };
    let set = SequenceSet::try_from("1")?;
    assert_eq!(fetch(set.clone(), mime(vec![NonZeroU32::MIN])), Ok(b"a1 FETCH 1 BODY[1.MIME]\r\n".to_vec()));
    assert_eq!(fetch(set, mime(vec![])), Err(EncodeErrorKind::Combination));
    Ok(())
}

#[test]
fn recent_is_not_the_clients_to_set() -> Result<(), ValidationError> {
    // RFC 3501 section 2.3.2: the client cannot alter \Recent.
    let recent = Flag::Extension("recent".try_into()?);
    for (flag, kind) in [
        (recent, EncodeErrorKind::Combination),
        (Flag::Invalid(Invalid::new("%", "flag", 0)), EncodeErrorKind::Invalid),
    ] {
        assert_eq!(command(CommandBody::store(1, StoreMode::Add, [flag])?), Err(kind));
    }
    Ok(())
}

#[test]
fn an_unknown_item_has_a_name_of_its_own() -> Result<(), ValidationError> {
    let other = |name: &str| -> Result<_, ValidationError> {
        Ok(FetchAtt::Other { name: name.try_into()?, section: None, arguments: None })
    };
    let set = SequenceSet::try_from("1")?;
    assert_eq!(fetch(set.clone(), other("X-NEW")?), Ok(b"a1 FETCH 1 X-NEW\r\n".to_vec()));
    for typed in ["FLAGS", "body.peek", "FULL", "UID"] {
        assert_eq!(fetch(set.clone(), other(typed)?), Err(EncodeErrorKind::Combination), "{typed}");
    }
    assert_eq!(fetch(set, other("BODY[TEXT")?), Err(EncodeErrorKind::Character));
    Ok(())
}

#[test]
fn arguments_of_codes_stay_within_their_brackets() -> Result<(), ValidationError> {
    let no = |code| StatusResponse::no("a1", "x").map(|no| response(no.with_code(code)));
    let other = |arguments: &str| -> Result<_, ValidationError> {
        let arguments = Some(Octets::from(arguments));
        Ok(Code::Other { name: "XCODE".try_into()?, arguments, misfit: false })
    };
    assert_eq!(no(other("a b")?)?, Ok(b"a1 NO [XCODE a b] x\r\n".to_vec()));
    assert_eq!(no(other("")?)?, Err(EncodeErrorKind::Empty));
    assert_eq!(no(Code::BadUrl(Octets::from("/a")))?, Ok(b"a1 NO [BADURL /a] x\r\n".to_vec()));
    assert_eq!(no(Code::BadUrl(Octets::EMPTY))?, Err(EncodeErrorKind::Empty));
    for wrong in ["a]b", "a\r\nb", "\0"] {
        assert_eq!(no(other(wrong)?)?, Err(EncodeErrorKind::Character), "{wrong:?}");
        assert_eq!(no(Code::BadUrl(Octets::from(wrong)))?, Err(EncodeErrorKind::Character), "{wrong:?}");
    }
    Ok(())
}

//= rfc9051#section-7.1
//= type=test
//# Note: the UID set form of the APPENDUID response code MUST NOT be used if only a single message was appended.
//= rfc9051#section-7.1
//= type=test
//# In particular, a server MUST NOT send a range such as 123:123.
#[test]
fn the_uid_of_one_appended_message_is_no_range() -> Result<(), ValidationError> {
    let appended = |uids: &str| -> Result<_, ValidationError> {
        let code =
            Code::AppendUid { uid_validity: UidValidity(NonZeroU32::MIN), uids: UidSet::try_from(uids)? };
        Ok(response(StatusResponse::ok("a1", "x")?.with_code(code)))
    };
    for (uids, told) in [("123:123", "123"), ("123", "123"), ("1:2", "1:2"), ("1,3", "1,3")] {
        assert_eq!(appended(uids)?, Ok(format!("a1 OK [APPENDUID 1 {told}] x\r\n").into_bytes()), "{uids}");
    }
    assert_eq!(appended("123:123,5")?, Ok(b"a1 OK [APPENDUID 1 123:123,5] x\r\n".to_vec()));
    Ok(())
}

//= rfc9051#section-9
//= type=test
//# MUST NOT be returned on non-extensible "BODY" fetch
#[test]
fn body_has_no_extension_data() {
    let read = |text: &str| {
        let message = format!("* 1 FETCH (BODYSTRUCTURE {text})\r\n");
        let decoded = decode_response(message.as_bytes(), &DecodeOptions::strict());
        let Ok(Response::Data(Data::Fetch(fetch))) = decoded.map(|decoded| decoded.value) else {
            panic!("{text}")
        };
        let Some(MsgAtt::BodyStructure(body)) = fetch.items.into_iter().next() else { panic!("{text}") };
        body
    };
    let item = |body| FetchResponse { seq: NonZeroU32::MIN.into(), items: vec![MsgAtt::Body(body)] };
    let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
    let with = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 "md5")"#;
    let message = |body: &str| {
        let nil = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
        format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 {nil} {body} 3)"#)
    };
    for plain in [text.to_owned(), format!("({text}{text} \"MIXED\")"), message(text)] {
        let sent = response(Data::Fetch(item(read(&plain))));
        assert_eq!(sent, Ok(format!("* 1 FETCH (BODY {plain})\r\n").into_bytes()));
    }
    let multi = [format!("({text} \"MIXED\" NIL)"), format!("({text}{with} \"MIXED\")")];
    for extended in multi.into_iter().chain([with.to_owned(), message(with)]) {
        let body = read(&extended);
        assert_eq!(
            response(Data::Fetch(item(body.clone()))),
            Err(EncodeErrorKind::Combination),
            "{extended}"
        );
        let mut relay = EncodeProfile::server();
        relay.relay_invalid = true;
        assert!(encode_response(&Response::from(Data::Fetch(item(body))), &relay).is_ok(), "{extended}");
    }
}

#[test]
fn a_message_to_append_is_there() -> Result<(), ValidationError> {
    let nothing = AppendMessage {
        flags: None,
        date: None,
        extensions: Vec::new(),
        data: AppendData::Message(Payload::Data(NString::NIL)),
    };
    let append = Append { mailbox: "a".try_into()?, messages: Vec1::new(nothing) };
    assert_eq!(command(CommandBody::Append(append)), Err(EncodeErrorKind::Empty));
    Ok(())
}

#[test]
fn what_was_invalid_goes_on_only_where_it_is_relayed_and_cannot_break_out() {
    let item = |raw: &str| {
        let items = vec![MsgAtt::Invalid(Invalid::new(raw, "msg-att", 0))];
        Response::from(Data::Fetch(FetchResponse { seq: NonZeroU32::MIN.into(), items }))
    };
    let mut relay = EncodeProfile::server();
    relay.relay_invalid = true;
    assert_eq!(response(item("UID x")), Err(EncodeErrorKind::Invalid));
    let sent = |raw| sent(encode_response(&item(raw), &relay).map(|encoded| encoded.to_bytes().to_vec()));
    assert_eq!(sent("UID x"), Ok(b"* 1 FETCH (UID x)\r\n".to_vec()));
    assert_eq!(sent("UID {3}\r\na\r\n"), Ok(b"* 1 FETCH (UID {3}\r\na\r\n)\r\n".to_vec()));
    for out in ["UID x\r\n* BYE", "UID {5}\r\n", "x\n"] {
        assert_eq!(sent(out), Err(EncodeErrorKind::Character), "{out:?}");
    }
}

#[test]
fn what_a_client_knows_is_numbers() -> Result<(), ValidationError> {
    // RFC 7162 section 7: known-sequence-set has neither `*` nor `$`.
    let select = |known: &str| -> Result<_, ValidationError> {
        let sample = SeqMatch { numbers: SequenceSet::try_from(known)?, uids: UidSet::try_from("7")? };
        let parameter = SelectParameter::QResync {
            uid_validity: UidValidity(NonZeroU32::MIN),
            mod_seq: ModSeq::try_from(1)?,
            known_uids: None,
            seq_match: Some(sample),
        };
        Ok(command(CommandBody::Select { mailbox: "a".try_into()?, parameters: vec![parameter] }))
    };
    assert_eq!(select("5")?, Ok(b"a1 SELECT a (QRESYNC (1 1 (5 7)))\r\n".to_vec()));
    for known in ["*", "1:*", "$", "1,$"] {
        assert_eq!(select(known)?, Err(EncodeErrorKind::Combination), "{known}");
    }
    Ok(())
}

//! Readers that only look: words of a message, streams of messages, and the tolerance that they read with.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use imap_codec::{
    DecodeOptions, Expecting, Side, decode_command, decode_response, encode_command,
    frame::{Event, Framer, FramerOptions},
    profile::EncodeProfile,
    stream::{ClientStream, End, ReadError, ServerStream},
    token::{TokenKind, Tokens, unescape},
    tolerance::{Quirk, Tolerance},
};
use imap_types::{
    body::BodyStructure,
    command::Command,
    fetch::{MsgAtt, Payload},
    response::{Data, Response},
    string::Form,
};

#[test]
fn words_are_told_by_name_and_strings_by_content() {
    let message = b"A1 append \"a \\\"b\\\" \\\\ \\c\" ~{3+}\r\nx\0y (\\Seen)\r\n";
    let words: Vec<_> = Tokens::new(Side::Client, message).filter_map(Result::ok).collect();
    assert!(words.iter().any(|word| word.is("APPEND")) && !words.iter().any(|word| word.is("APPENDS")));
    // What is quoted is no keyword.
    assert!(
        !Tokens::new(Side::Client, b"A1 \"NOOP\"\r\n").filter_map(Result::ok).any(|word| word.is("NOOP"))
    );
    let strings: Vec<_> =
        words.iter().filter_map(|word| word.string()).map(|string| string.into_owned()).collect();
    assert_eq!(strings, [&b"A1"[..], b"append", br#"a "b" \ \c"#, b"x\0y", b"\\Seen"]);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.bytes).copied().collect();
    assert_eq!(bytes, message);
}

#[test]
fn escapes_are_undone_and_other_backslashes_kept() {
    for (raw, content) in [
        (&b""[..], &b""[..]),
        (b"plain", b"plain"),
        (br#"\""#, b"\""),
        (br"\\", br"\"),
        (br"\\\\", br"\\"),
        (br"a\b", br"a\b"),
        (br"a\", br"a\"),
    ] {
        assert_eq!(unescape(raw), content);
    }
}

#[test]
fn the_payload_of_a_streamed_literal_is_told_by_its_size() {
    let options = DecodeOptions::tolerant_of_servers();
    let mut framer =
        Framer::new(Side::Server, FramerOptions { stream_above: Some(3), ..FramerOptions::new(&options) });
    framer.push(b"* 1 FETCH (BODY[] {5}\r\nhello UID 7)\r\n");
    let frame = loop {
        match framer.next_event() {
            Some(Event::Literal(_)) => framer.stream(),
            Some(Event::Message(frame)) => break frame,
            Some(_) => {}
            None => panic!("the message is complete"),
        }
    };
    // A place behind the payload counts it, though the frame does not hold it.
    assert_eq!((frame.stream_offset(22), frame.stream_offset(23), frame.stream_offset(24)), (22, 28, 29));
    assert!(format!("{frame:?}").starts_with("Frame { len: 32, streamed: "), "{frame:?}");
    let Ok(decoded) = decode_response(&frame, &options) else { panic!("the message is good") };
    let Response::Data(Data::Fetch(fetch)) = decoded.value else { panic!("it is a FETCH") };
    let [MsgAtt::BodySection { data, .. }, MsgAtt::Uid(_)] = fetch.items.as_slice() else {
        panic!("{fetch:?}")
    };
    assert!(matches!(data, Payload::Streamed { size, form: Form::Literal } if size.get() == 5), "{data:?}");
    let kinds: Vec<_> =
        Tokens::of_frame(Side::Server, &frame).filter_map(Result::ok).map(|word| word.kind).collect();
    assert!(kinds.contains(&TokenKind::Streamed { size: 5 }), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&TokenKind::LineEnd));
}

#[test]
fn each_deviation_is_turned_on_and_off_alone() {
    let quirks = [
        Quirk::MissingText,
        Quirk::MissingTextAfterCode,
        Quirk::BareLf,
        Quirk::BlankLine,
        Quirk::TrailingSpaceCommand,
        Quirk::BadEscapeCommand,
        Quirk::NoRevision,
    ];
    for quirk in quirks {
        let mut tolerance = Tolerance::OF_SERVERS;
        tolerance.set(quirk, false);
        for other in quirks {
            assert_eq!(tolerance.reads(other), other != quirk, "{other:?} without {quirk:?}");
        }
        tolerance.set(quirk, true);
        assert_eq!(tolerance, Tolerance::OF_SERVERS);
        let mut only = Tolerance::STRICT;
        only.set(quirk, true);
        for other in quirks {
            let read = other == quirk || other == Quirk::MissingTextAfterCode;
            assert_eq!(only.reads(other), read, "{other:?} with {quirk:?}");
        }
    }
    let mut tolerance = Tolerance::STRICT;
    assert!(!tolerance.keeps_invalid() && Tolerance::OF_SERVERS.keeps_invalid());
    tolerance.keep_invalid(true);
    assert!(tolerance.keeps_invalid());
    assert!(Tolerance::OF_CLIENTS.keeps_invalid());
}

#[test]
fn a_stream_tells_what_it_could_not_read() {
    let mut stream = ClientStream::new(DecodeOptions::tolerant_of_clients());
    stream.push(b"A1 IDLE\r\nA2 (\r\nA3 NO");
    assert_eq!(stream.expecting(), Expecting::Command);
    assert!(stream.next_message().is_some_and(|read| read.message.is_ok()));
    assert_eq!(stream.expecting(), Expecting::IdleDone);
    stream.expect(Expecting::Command);
    let Some(read) = stream.next_message() else { panic!("A2 is complete") };
    let Err(error) = read.message else { panic!("A2 is no command") };
    assert_eq!(error.tag().map(ToString::to_string).as_deref(), Some("A2"));
    assert!(matches!(error, ReadError::Decode(_)) && !error.rule().is_empty());
    assert!(stream.next_message().is_none());
    assert!(format!("{stream:?}").starts_with("ClientStream("));
    let Some(End::Message(read)) = stream.finish() else { panic!("A3 is cut") };
    let Err(error) = read.message else { panic!("A3 is cut") };
    assert_eq!((error.rule(), error.tag()), ("", None));
    assert_eq!(error.to_string(), "the input ends inside the message");

    let mut options = DecodeOptions::tolerant_of_servers();
    options.limits.line = 16;
    let mut stream = ServerStream::new(options);
    stream.push(b"A1 OK a text that is too long\r\nrest");
    let Some(read) = stream.next_message() else { panic!("A1 is complete") };
    let Err(error) = read.message else { panic!("A1 is too long") };
    assert_eq!((error.rule(), error.tag().map(ToString::to_string)), ("line", Some("A1".into())));
    assert_eq!(stream.framer_mut().take_unread(), "rest");
}

#[test]
fn what_is_shown_of_an_encoded_command_holds_no_password() -> Result<(), Box<dyn core::error::Error>> {
    let login = Command::login("A1", "joe", "ses\r\name")?;
    let encoded = encode_command(&login, &EncodeProfile::client())?;
    let shown = format!("{encoded:?}");
    assert!(shown.contains("Literal(8 bytes, wait: true)") && shown.contains("Line(2 bytes)"), "{shown}");
    assert!(!shown.contains("ame") && !encoded.is_empty(), "{shown}");
    Ok(())
}

#[test]
fn a_literal_that_is_cut_says_so_and_a_whole_one_does_not() {
    let rule = |line: &[u8]| match decode_command(line, &DecodeOptions::strict()) {
        Ok(decoded) => panic!("{:?}", decoded.value),
        Err(error) => (error.rule, error.at),
    };
    assert_eq!(rule(b"a1 LOGIN x {3}\r\nab"), ("literal", 18));
    // In strict reading no LF alone ends the header.
    assert_eq!(rule(b"a1 LOGIN x {3}\nabc\r\n"), ("literal", 14));
    let tolerant = decode_command(b"a1 LOGIN x {3}\nabc\n", &DecodeOptions::tolerant_of_clients());
    assert!(tolerant.is_ok_and(|decoded| decoded.deviations.iter().all(|it| it.quirk == Quirk::BareLf)));
    // All of the payload is there; what lacks is the line end.
    let (whole, at) = rule(b"a1 LOGIN x {3}\r\nabc");
    assert!(whole != "literal" && at == 19, "{whole} at {at}");
}

#[test]
fn an_atom_stands_for_a_string_where_it_is_one_and_ends() {
    let description = |description: &str| {
        let line = format!("* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL {description} \"7BIT\" 3 1))\r\n");
        let decoded = decode_response(line.as_bytes(), &DecodeOptions::tolerant_of_servers());
        let Ok(decoded) = decoded else { panic!("{line}: {decoded:?}") };
        let Response::Data(Data::Fetch(fetch)) = decoded.value else { panic!("it is a FETCH") };
        match fetch.items.as_slice() {
            [MsgAtt::Body(BodyStructure::Single(part))] => {
                part.fields.description.as_str().map(ToOwned::to_owned).ok_or("NIL")
            }
            _ => Err("no body"),
        }
    };
    assert_eq!(description("NIL"), Err("NIL"));
    assert_eq!(description("\"text\""), Ok("text".into()));
    assert_eq!(description("text"), Ok("text".into()));
    for nothing in ["", "te\"xt", "te\\xt", "(text)"] {
        assert_eq!(description(nothing), Err("no body"), "{nothing}");
    }
}

#[test]
fn the_limit_of_a_set_is_passed_at_the_same_range_however_it_is_written() {
    let mut options = DecodeOptions::strict();
    options.limits.list = 2;
    let read = |set: &str| {
        let line = format!("a1 FETCH {set} FLAGS\r\n");
        decode_command(line.as_bytes(), &options).map(|_| ()).map_err(|error| error.at)
    };
    assert_eq!((read("1,2"), read("1:3,*")), (Ok(()), Ok(())));
    // Behind the third range, whatever follows it.
    for (set, at) in [
        ("1,*,3", 14),
        ("1,2,3", 14),
        ("1,2,3,4", 14),
        ("1,2,3:4", 16),
        ("1,2,3:4,5", 16),
        ("1,2,*", 14),
        ("1,2,*,4", 14),
    ] {
        assert_eq!(read(set), Err(at), "{set}");
    }
}

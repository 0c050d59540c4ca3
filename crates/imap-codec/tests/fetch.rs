//! FETCH: commands and responses that come back as they were, and what is wrong with others.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test may fail"
)]

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_response,
    error::DecodeError, frame::Frame, profile::EncodeProfile, tolerance::Tolerance, writer::Encoded,
};
use imap_types::{
    fetch::{FetchResponse, MsgAtt},
    names::Names,
    response::{Data, Response},
};

/// Where a message is wrong, from `start` on, and the rule that says so.
type Wrong = (usize, &'static str);

fn frame(start: &str, line: &str) -> Frame {
    Frame::new(format!("{start}{line}\r\n").replace('\n', "\r\n").replace("\r\r", "\r").into())
}

fn wrong(start: &str, error: &DecodeError) -> Wrong {
    (error.at - start.len(), error.rule)
}

/// What was encoded, without `start` and the line end.
fn text(start: &str, encoded: &Encoded) -> String {
    let bytes = encoded.to_bytes();
    let text = core::str::from_utf8(&bytes).unwrap().strip_prefix(start).unwrap();
    text.trim_end_matches("\r\n").replace("\r\n", "\n")
}

/// The arguments of FETCH, read and written again.
fn command(line: &str) -> Result<String, Wrong> {
    let start = "A FETCH ";
    let decoded = decode_command(&frame(start, line), &DecodeOptions::strict());
    let command = decoded.map_err(|error| wrong(start, &error))?.value;
    Ok(text(start, &encode_command(&command, &EncodeProfile::as_received(Side::Client)).unwrap()))
}

/// The data of a message, read and written again.
fn response(line: &str, options: &DecodeOptions) -> Result<(FetchResponse, String), Wrong> {
    let start = "* ";
    let response = decode_response(&frame(start, line), options).map_err(|error| wrong(start, &error))?.value;
    let text = text(start, &encode_response(&response, &EncodeProfile::as_received(Side::Server)).unwrap());
    let Response::Data(Data::Fetch(fetch)) = response else { panic!("{line}") };
    Ok((fetch, text))
}

#[test]
fn commands_come_back_as_they_were() {
    for line in [
        "1 ALL",
        "1:* FAST",
        "1 FULL",
        "1 FLAGS",
        "1 BODY",
        "1 BODY[]",
        "1 BODY.PEEK[1.2.HEADER.FIELDS (Date \"X Y\")]<0.1024>",
        "1 (BODY[HEADER] BODY[1.MIME] BODY[TEXT]<5.1> BODYSTRUCTURE)",
        "1 (UID RFC822 RFC822.HEADER RFC822.SIZE RFC822.TEXT INTERNALDATE ENVELOPE)",
        "1 (BINARY[] BINARY.PEEK[1.2]<0.9> BINARY.SIZE[3])",
        "1 FLAGS (CHANGEDSINCE 12345)",
        "1 (UID MODSEQ PREVIEW (LAZY)) (CHANGEDSINCE 1 VANISHED)",
        "1 PREVIEW (LAZY)",
        "1 PREVIEW (LAZY) (CHANGEDSINCE 1)",
        "1 MODSEQ (CHANGEDSINCE 1)",
        "1 X-GM-LABELS",
        "1 (BODYPARTSTRUCTURE[1.2])",
        "1 BODY[HEADER.FIELDS.NOT ({4}\nDate)]",
    ] {
        assert_eq!(command(line).as_deref(), Ok(line));
    }
}

#[test]
fn commands_outside_the_grammar_are_refused_at_the_byte() {
    for (line, at, rule) in [
        ("1 ()", 3, "fetch-att"),
        ("1 (ALL)", 3, "fetch-att"),
        ("1 BODY[0]", 7, "nz-number"),
        ("1 BODY[MIME]", 7, "section-msgtext"),
        ("1 BODY[1.]", 9, "section-text"),
        ("1 BODY[HEADER.FIELDS ()]", 22, "astring"),
        ("1 BODY[]<0.0>", 11, "nz-number64"),
        ("1 BODY[]<0>", 10, "partial"),
        ("1 BINARY[HEADER]", 9, "nz-number"),
        ("1 FLAGS[1]", 7, "CRLF"),
        ("1 (FLAGS", 8, ")"),
    ] {
        assert_eq!(command(line), Err((at, rule)), "{line}");
    }
}

#[test]
fn responses_come_back_as_they_were() {
    for line in [
        r#"12 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))"#,
        r#"1 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))"#,
        r#"1 FETCH (BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 1 1 NIL ("inline" ("a" "b")) ("en" "de") "loc" 12 (NIL "x" (3))) "mixed" ("boundary" "x") NIL NIL NIL))"#,
        r#"1 FETCH (BODYSTRUCTURE ("message" "rfc822" NIL NIL NIL "7bit" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("a" "b" NIL NIL NIL "c" 0) 9 "md5"))"#,
        r#"1 FETCH (BODYSTRUCTURE ("message" "global" NIL NIL NIL "7bit" 1))"#,
        r#"1 FETCH (BODY[HEADER.FIELDS ("Date" From)]<0> "x" BODY[] NIL BODY[1.2.MIME] "")"#,
        "1 FETCH (BINARY[1] ~{3}\nabc BINARY.SIZE[2] 7 RFC822 {2}\nab RFC822.HEADER NIL RFC822.TEXT \"\")",
        r#"1 FETCH (UID 7 MODSEQ (12) X-GM-LABELS (\Inbox "a b" NIL) EMAILID (M1) PREVIEW NIL X[1 2] 3)"#,
        r"1 FETCH (FLAGS ())",
    ] {
        let strict = response(line, &DecodeOptions::strict());
        assert_eq!(strict.map(|(_, text)| text).as_deref(), Ok(line));
        let tolerant = response(line, &DecodeOptions::tolerant_of_servers());
        assert_eq!(tolerant.map(|(_, text)| text).as_deref(), Ok(line));
    }
}

#[test]
fn bad_items_are_kept_beside_good_ones() {
    for (line, bad, at, rule) in [
        ("1 FETCH (UID 7 BODYSTRUCTURE NIL FLAGS ())", "BODYSTRUCTURE NIL", 29, "body"),
        ("1 FETCH (UID 0 FLAGS ())", "UID 0", 13, "nz-number"),
        ("1 FETCH (ENVELOPE (\"a)\" b) FLAGS ())", "ENVELOPE (\"a)\" b)", 24, "nstring"),
        ("1 FETCH (BODY[HEADER.FIELDS (X Y z] x FLAGS ())", "BODY[HEADER.FIELDS (X Y z] x", 44, "astring"),
        ("1 FETCH (BODY[1.FOO (A B)] {3}\n)() FLAGS ())", "BODY[1.FOO (A B)] {3}\r\n)()", 16, "section-text"),
        ("1 FETCH (BODY[0]<1> \"x\" FLAGS ())", "BODY[0]<1> \"x\"", 14, "nz-number"),
        ("1 FETCH (BODY[1] {3}\nab\0 FLAGS ())", "BODY[1] {3}\r\nab\0", 24, "CHAR8"),
    ] {
        let (value, text) = response(line, &DecodeOptions::tolerant_of_servers()).unwrap();
        assert_eq!(text, line);
        let raw = value.items.iter().find_map(|item| {
            if let MsgAtt::Invalid(invalid) = item { Some(invalid.raw.clone()) } else { None }
        });
        if rule != "CHAR8" {
            assert_eq!(raw.unwrap_or_default(), bad);
        }
        assert_eq!(value.items.last(), Some(&MsgAtt::Flags(Names::EMPTY)), "{line}");
        assert_eq!(response(line, &DecodeOptions::strict()).err(), Some((at, rule)), "{line}");
    }
}

#[test]
fn spaces_between_items_are_one_part_however_many() {
    for (spaces, between) in [(2, ""), (3, " "), (9, "       ")] {
        let line = format!("1 FETCH (UID 7{}FLAGS ())", " ".repeat(spaces));
        let (value, text) = response(&line, &DecodeOptions::tolerant_of_servers()).unwrap();
        assert_eq!(text, line);
        let [MsgAtt::Uid(_), MsgAtt::Invalid(invalid), MsgAtt::Flags(_)] = value.items.as_slice() else {
            panic!("{:?}", value.items)
        };
        assert_eq!(invalid.raw, between);
    }
}

#[test]
fn parts_past_the_limit_are_kept_raw() {
    let mut options = DecodeOptions::tolerant_of_servers();
    options.limits.depth = 3;
    let line = r#"1 FETCH (BODYSTRUCTURE (("a" "b" NIL NIL NIL "c" 0)((("a" "b" NIL NIL NIL "c" 0) "x") "y") "z") UID 2)"#;
    let (value, text) = response(line, &options).unwrap();
    assert_eq!(text, line);
    assert_eq!(value.items.len(), 2);
    options.tolerance = Tolerance::STRICT;
    assert_eq!(response(line, &options).err(), Some((52, "depth")));
}

#[test]
fn the_limit_on_lists_holds_for_updates_of_flags() {
    for (items, most) in [
        (r"UID 5", 0),
        (r"FLAGS (\Seen)", 1),
        (r"UID 5 FLAGS (\Seen)", 2),
        (r"FLAGS (\Seen) UID 5", 2),
        (r"UID 5 FLAGS (\Seen) MODSEQ (7)", 3),
        (r"FLAGS (\Seen) MODSEQ (7) UID 5 RFC822.SIZE 1", 4),
    ] {
        let message = frame("* 1 ", &format!("FETCH ({items})"));
        for list in 0..6 {
            let mut options = DecodeOptions::strict();
            options.limits.list = list;
            let read = decode_response(&message, &options);
            assert_eq!(read.is_ok(), list >= most, "{items} within {list}: {read:?}");
        }
    }
}

use alloc::{string::String, vec};

use bytes::Bytes;

use super::*;
use crate::error::EncodeErrorKind;
use crate::frame::Frame;

fn again(line: &str, options: &DecodeOptions) -> Result<String, DecodeError> {
    let frame = Frame::new(Bytes::from(alloc::format!("{line}\r\n")));
    let response = decode_response(&frame, options)?.value;
    let encoded = encode_response(&response, &EncodeProfile::as_received(Side::Server));
    let bytes = encoded.map(|encoded| encoded.to_bytes()).unwrap_or_default();
    let frame = Frame::new(bytes.clone());
    assert_eq!(decode_response(&frame, options)?.value, response, "{line}");
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches("\r\n").into())
}

#[test]
fn what_strict_reads_comes_back_as_it_was() {
    for line in [
        "A1 OK done",
        "A1 OK ",
        "a.b NO [TRYCREATE] no such mailbox",
        "* BAD [X-Y a b c] text",
        "* BYE [ALERT] ",
        "* PREAUTH hello",
        "* OK [UIDNEXT 0] misfit",
        "* OK [UIDNEXT 7] fits",
        "* OK [CAPABILITY X] misfit",
        "* OK [CAPABILITY IMAP4rev1 X] fits",
        "* OK [BADCHARSET (UTF-8 \"x]\")] x",
        "* OK [BADCHARSET] x",
        "* OK [PERMANENTFLAGS (\\Seen \\* $a)] x",
        "* OK [PERMANENTFLAGS ()] x",
        "A OK [APPENDUID 38505 3955:3957,9] x",
        "A OK [COPYUID 38505 304,319:320 3956:3958] x",
        "A OK [COPYUID 38505 304] misfit",
        "* OK [ALERT]text",
        "* OK [] text",
        "* OK see {5}",
        "* OK é",
        "* CAPABILITY IMAP4rev2 AUTH=PLAIN",
        "* ENABLED",
        "* ENABLED CONDSTORE X",
        "* FLAGS (\\Answered $x)",
        "* FLAGS ()",
        "* LIST () \"/\" INBOX",
        "* LIST (\\Noselect \\X) NIL \"a b\"",
        "* LSUB (\\Noinferiors) \".\" a.b",
        "* LIST () \"\\\\\" x",
        "* LIST () \"→\" x",
        "* LIST () \"/\" foo (CHILDINFO (\"SUBSCRIBED\") OLDNAME (\"a b\") X-y (1 (2 \"3\")) z 7:*)",
        "* LIST () \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))",
        "* LIST () \"/\" foo ()",
        "* NAMESPACE ((\"\" \"/\")) ((\"~\" NIL)(\"#\" \".\" \"X\" (\"a\" \"b\"))) NIL",
        "* STATUS \"a b\" (MESSAGES 3 UIDNEXT 4 X 1:2 Y (a) APPENDLIMIT NIL)",
        "* STATUS a ()",
        "* SEARCH",
        "* SEARCH 1 2 3",
        "* 0 EXISTS",
        "* 3 RECENT",
        "* 3 EXPUNGE",
        "* 3 FETCH (UID 7)",
        "* VANISHED (EARLIER) 1:3,5",
        "* 4 XYZ \"a\" (b NIL)",
        "* THREAD (2)(3 6 (4 23)(44 7 96))",
        "+ go ahead",
        "+ ",
        "+ [ALERT] wait",
        "+ AGE=",
    ] {
        let canonical = match line {
            "* LIST () \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))" => {
                "* LIST () \"/\" foo (CHILDINFO (\"SUBSCRIBED\"))"
            }
            line => line,
        };
        assert_eq!(again(line, &DecodeOptions::strict()).as_deref(), Ok(canonical), "{line}");
        assert_eq!(again(line, &DecodeOptions::tolerant_of_servers()).as_deref(), Ok(canonical), "{line}");
    }
}

#[test]
fn what_strict_refuses_is_refused_at_the_byte() {
    for (line, rule, at) in [
        ("A1 OK", "SP", 5),
        ("A1", "SP", 2),
        ("A1 BYE x", "resp-cond-state", 3),
        ("A1 FOO", "resp-cond-state", 3),
        ("", "tag", 0),
        ("*", "SP", 1),
        ("*  1 EXISTS", "response-data", 2),
        ("* 1 EXISTS ", "CRLF", 10),
        ("* 0 EXPUNGE", "nz-number", 2),
        ("* 4294967296 EXISTS", "number", 2),
        ("* 1", "SP", 3),
        ("* 1 (", "message-data", 4),
        ("* -1 EXISTS", "response-data", 2),
        ("* [COPYUID 55 31 6] Ok", "response-data", 2),
        ("* CAPABILITY STARTTLS", "capability-data", 21),
        ("* CAPABILITY IMAP4rev1 ", "capability", 23),
        ("* FLAGS (\\Recent)", "flag", 9),
        ("* FLAGS (a[b]c)", "SP", 12),
        ("* LIST (x) \"/\" a", "mbx-list-flags", 8),
        ("* LIST () / a", "mailbox-list", 10),
        ("* LIST () \"//\" a", "DQUOTE", 12),
        ("* LIST () \"\" a", "QUOTED-CHAR", 11),
        ("* LIST () \"/\" ", "astring", 14),
        ("* LIST () \"/\" a (x \"y\")", "tagged-ext-val", 19),
        ("* NAMESPACE () NIL NIL", "(", 13),
        ("* NAMESPACE NIL NIL", "SP", 19),
        ("* STATUS a (MESSAGES)", "SP", 20),
        ("* STATUS a (UIDNEXT 0)", "nz-number", 20),
        ("+", "SP", 1),
        ("+OK ready", "SP", 1),
    ] {
        let frame = Frame::new(Bytes::from(alloc::format!("{line}\r\n")));
        let error = decode_response(&frame, &DecodeOptions::strict()).map(|_| ());
        let error = error.map_err(|error| (error.rule, error.at));
        assert_eq!(error, Err((rule, at)), "{line}");
    }
}

#[test]
fn deviations_are_reported_where_they_stand() {
    for (line, quirk, at) in [
        ("A1 OK", Quirk::MissingText, 5),
        ("* OK [UIDNEXT 5]", Quirk::MissingTextAfterCode, 16),
        ("+", Quirk::BareContinuation, 1),
        ("* 1 EXISTS  ", Quirk::TrailingSpace, 10),
        ("* CAPABILITY IMAP4rev1 ", Quirk::TrailingSpaceCapability, 22),
        ("* SEARCH 1 ", Quirk::TrailingSpaceSearch, 10),
        ("*   1 EXISTS", Quirk::SpacesAfterStar, 2),
        ("\r\n* 1 EXISTS", Quirk::BlankLine, 0),
        ("\0\0* 1 EXISTS", Quirk::LeadingNul, 0),
        ("* OK a\0b", Quirk::Nul, 6),
        ("* CAPABILITY STARTTLS", Quirk::NoRevision, 21),
        ("* FLAGS (a[b]c)", Quirk::BracketInKeyword, 12),
    ] {
        let frame = Frame::new(Bytes::from(alloc::format!("{line}\r\n")));
        let read = decode_response(&frame, &DecodeOptions::tolerant_of_servers());
        let deviations = read.map(|decoded| decoded.deviations.iter().map(|d| (d.quirk, d.at)).collect());
        assert_eq!(deviations, Ok(vec![(quirk, at)]), "{line:?}");
    }
}

#[test]
fn data_by_a_known_name_is_not_sent_in_the_shape_of_unknown_data() {
    for (number, name, sent) in
        [(None, "fetch", false), (Some(1), "LIST", false), (None, "X-LIST", true), (Some(1), "x", true)]
    {
        let data = Atom::try_from(name).map(|name| Data::Other { number, name, values: Vec::new() });
        let encoded =
            data.map(|data| encode_response(&Response::Data(data), &EncodeProfile::server()).is_ok());
        assert_eq!(encoded, Ok(sent), "{number:?} {name}");
    }
}

#[test]
fn s10_text_is_never_more_than_text() {
    let server = EncodeProfile::server();
    for text in ["[ALERT] x", "[x", "see {5}", "see {5+}", "é"] {
        let response = StatusResponse::ok("A1", text).map(Response::from);
        let refused = response.map(|response| encode_response(&response, &server).is_err());
        assert_eq!(refused, Ok(true), "{text}");
    }
    for text in ["a\r\nb", "a\0b"] {
        assert!(StatusResponse::ok("A1", text).is_err(), "{text}");
    }
    let bye = StatusResponse::new(Some("A1"), Status::Bye, "x").map(Response::from);
    let kind = bye.map(|bye| encode_response(&bye, &server).map_err(|error| error.kind));
    assert_eq!(kind, Ok(Err(EncodeErrorKind::Combination)));
}

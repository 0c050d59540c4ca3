//! What a framer promises beside the messages themselves: places, what it holds, what it tells of itself.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_response,
    frame::{Event, Frame, FrameErrorKind, Framer, FramerOptions, LeadDeviation, Span, Tail},
    limits::Limits,
    tolerance::{Quirk, Tolerance},
};

fn of_client() -> FramerOptions {
    FramerOptions::new(&DecodeOptions::tolerant_of_clients())
}

fn of_server() -> FramerOptions {
    FramerOptions::new(&DecodeOptions::tolerant_of_servers())
}

fn framer(side: Side, options: FramerOptions, input: &[u8]) -> Framer {
    let mut framer = Framer::new(side, options);
    framer.push(input);
    framer
}

fn message(framer: &mut Framer) -> Frame {
    match framer.next_event() {
        Some(Event::Message(frame)) => frame,
        other => panic!("{other:?} where a message was expected"),
    }
}

#[test]
fn places_are_counted_from_where_the_stream_began() {
    let mut framer = Framer::new(Side::Client, of_client()).starting_at(100);
    assert_eq!(framer.offset(), 100);
    framer.push(b"\r\nA1 NOOP\r\nA2 NOOP\r\n");
    let frame = message(&mut framer);
    assert_eq!((frame.span(), frame.lead()), (Span { offset: 100, length: 11 }, 2));
    // From the first byte of the frame, which is not that of its span.
    assert_eq!((frame.stream_offset(0), frame.stream_offset(3)), (102, 105));
    assert_eq!(framer.offset(), 111);
    assert_eq!(message(&mut framer).span(), Span { offset: 111, length: 9 });
    assert_eq!((framer.side(), framer.options()), (Side::Client, &of_client()));
}

#[test]
fn a_framer_is_idle_where_it_holds_nothing() {
    let mut framer = Framer::new(Side::Client, of_client());
    assert!(framer.is_idle());
    for byte in b"A1 NOOP\r\n" {
        framer.push(&[*byte]);
        assert!(!framer.is_idle());
        let event = framer.next_event();
        assert_eq!((event.is_some(), framer.is_idle()), (*byte == b'\n', *byte == b'\n'));
    }
    framer.push_bytes(Bytes::from_static(b"A2"));
    assert!(!framer.is_idle());
    assert_eq!(framer.take_unread(), "A2");
    assert!(framer.is_idle());
    // The rest of a message that broke a limit is still to come, though none of it is held.
    framer.options_mut().limits.line = 10;
    framer.push(b"A3 LOGIN joe sesame");
    assert!(matches!(framer.next_event(), Some(Event::Malformed(_))));
    assert!(framer.next_event().is_none());
    assert!(!framer.is_idle());
    framer.push(b"\r\n");
    assert!(matches!(framer.next_event(), Some(Event::Skipped(_))));
    assert!(framer.is_idle());
    // A payload that is streamed is not held either.
    framer.options_mut().limits = Limits::SERVER;
    framer.options_mut().stream_above = Some(3);
    framer.push(b"A4 APPEND x {9}\r\n");
    assert!(matches!(framer.next_event(), Some(Event::Literal(_))));
    framer.stream();
    assert!(framer.next_event().is_none());
    assert!(!framer.is_idle());
}

#[test]
fn nothing_is_lost_where_memory_is_released() {
    let mut framer = framer(Side::Client, of_client(), b"A1 NOOP\r\nA2 LOGIN {3}\r\njo");
    framer.shrink();
    assert_eq!(message(&mut framer).as_bytes(), b"A1 NOOP\r\n");
    assert!(matches!(framer.next_event(), Some(Event::Literal(_))));
    framer.shrink();
    framer.accept();
    assert!(framer.next_event().is_none());
    framer.shrink();
    framer.push(b"e x\r\n");
    framer.shrink();
    assert_eq!(message(&mut framer).as_bytes(), b"A2 LOGIN {3}\r\njoe x\r\n");
    framer.shrink();
    assert!(framer.is_idle());
    framer.push_bytes(Bytes::from_static(b"A3 NO"));
    framer.shrink();
    framer.push_bytes(Bytes::from_static(b"OP\r\n"));
    framer.shrink();
    assert_eq!(message(&mut framer).as_bytes(), b"A3 NOOP\r\n");
}

#[test]
fn never_more_is_taken_than_was_lent() {
    let mut framer = Framer::new(Side::Client, of_client());
    framer.reserve(9).copy_from_slice(b"A1 NOOP\r\n");
    framer.commit(usize::MAX);
    assert_eq!(message(&mut framer).as_bytes(), b"A1 NOOP\r\n");
    assert!(framer.is_idle());
    // What was lent and not taken is no input.
    framer.reserve(4).copy_from_slice(b"junk");
    framer.push(b"A2 NOOP\r\n");
    assert_eq!(message(&mut framer).as_bytes(), b"A2 NOOP\r\n");
    framer.reserve(4).copy_from_slice(b"junk");
    framer.push_bytes(Bytes::from_static(b"A3 NOOP\r\n"));
    assert_eq!(message(&mut framer).as_bytes(), b"A3 NOOP\r\n");
    for len in [0, 1, 4096, 1 << 20] {
        assert_eq!(framer.reserve(len).len(), len);
    }
}

#[test]
fn a_run_of_nuls_is_one_deviation_and_blank_lines_are_counted_to_a_bound() {
    let mut framer = framer(Side::Server, of_server(), b"\0\0\0\r\n\0* OK x\r\n");
    let lead = |quirk, offset| LeadDeviation { quirk, offset };
    assert_eq!(
        message(&mut framer).lead_deviations(),
        [lead(Quirk::LeadingNul, 0), lead(Quirk::BlankLine, 3), lead(Quirk::LeadingNul, 5)]
    );
    framer.push(&b"\r\n".repeat(3000));
    framer.push(b"* OK y\r\n");
    let frame = message(&mut framer);
    assert_eq!((frame.lead(), frame.lead_deviations().len()), (6000, 1024));
    assert_eq!(frame.as_bytes(), b"* OK y\r\n");
}

#[test]
fn a_bare_lf_is_a_blank_line_where_both_are_read() {
    let mut tolerance = Tolerance::STRICT;
    tolerance.set(Quirk::BlankLine, true);
    let options = FramerOptions { tolerance, ..of_server() };
    let mut crlf = framer(Side::Server, options, b"\r\n\n* OK x\r\n");
    let frame = message(&mut crlf);
    assert_eq!((frame.lead(), frame.as_bytes()), (2, &b"\n* OK x\r\n"[..]));
    let mut both = framer(Side::Server, of_server(), b"\r\n\n* OK x\r\n");
    let frame = message(&mut both);
    assert_eq!((frame.lead(), frame.as_bytes()), (3, &b"* OK x\r\n"[..]));
    // Where a blank line is an answer, LF alone is one too.
    let mut answer = framer(Side::Client, of_client(), b"\n\r\n");
    answer.keep_blank_lines(true);
    assert_eq!(message(&mut answer).as_bytes(), b"\n");
    assert_eq!(message(&mut answer).as_bytes(), b"\r\n");
}

#[test]
fn the_end_of_the_input_is_blank_cut_or_skipped() {
    let tail = |input: &[u8]| {
        let mut framer = framer(Side::Client, of_client(), input);
        framer.options_mut().limits.line = 30;
        while let Some(event) = framer.next_event() {
            if matches!(event, Event::Literal(_)) {
                framer.accept();
            }
        }
        let tail = framer.finish();
        assert!(framer.is_idle() && framer.finish().is_none());
        assert_eq!(framer.offset(), input.len() as u64);
        tail
    };
    let span = |offset, length| Span { offset, length };
    let blank = LeadDeviation { quirk: Quirk::BlankLineBetweenCommands, offset: 9 };
    assert_eq!(tail(b""), None);
    assert_eq!(tail(b"A1 NOOP\r\n"), None);
    assert_eq!(tail(b"A1 NOOP\r\n\r\n"), Some(Tail::Blank(span(9, 2), vec![blank])));
    // The CR may be the first byte of a message.
    assert_eq!(tail(b"A1 NOOP\r\n\r"), Some(Tail::Incomplete(span(9, 1))));
    assert_eq!(tail(b"A1 NOOP\r\n\r\n\r"), Some(Tail::Incomplete(span(9, 3))));
    assert_eq!(tail(b"A1 NOOP\r\nA2"), Some(Tail::Incomplete(span(9, 2))));
    assert_eq!(tail(b"A1 LOGIN {3}\r\njo"), Some(Tail::Incomplete(span(0, 16))));
    assert_eq!(tail(b"A1 LOGIN {3}\r\n"), Some(Tail::Incomplete(span(0, 14))));
    let long = b"A1 SEARCH SUBJECT 12345678901234567890";
    assert_eq!(tail(long), Some(Tail::Skipped(span(0, long.len() as u64))));
}

#[test]
fn a_message_that_is_being_read_tells_its_tag() {
    let mut framer = framer(Side::Client, of_client(), b"A1 LOGIN {3}\r\n");
    assert!(framer.partial_frame(b"").is_none());
    assert!(matches!(framer.next_event(), Some(Event::Literal(_))));
    assert_eq!(framer.tag().map(|tag| tag.to_string()).as_deref(), Some("A1"));
    assert_eq!(framer.partial(), b"A1 LOGIN {3}\r\n");
    framer.refuse();
    assert!(matches!(framer.next_event(), Some(Event::Skipped(_))));
    assert_eq!((framer.tag(), framer.partial()), (None, &b""[..]));
}

#[test]
fn what_comes_before_a_payload_is_known_before_it() {
    let mut options = of_server();
    options.stream_above = Some(3);
    let mut framer =
        framer(Side::Server, options, b"* 7 FETCH (BODY[1] {2}\r\nab UID 4827 BODY[] {5000}\r\n");
    let stop = framer.next_event();
    assert!(matches!(stop, Some(Event::Literal(stop)) if stop.offset == 51 && stop.size == 5000), "{stop:?}");
    let Some(so_far) = framer.partial_frame(b")") else { panic!("the framer stands at a literal") };
    assert_eq!(so_far.as_bytes(), b"* 7 FETCH (BODY[1] {2}\r\nab UID 4827 BODY[] {5000}\r\n)\r\n");
    let streamed: Vec<_> = so_far.streamed().iter().map(|literal| (literal.at, literal.size)).collect();
    assert_eq!(streamed, [(51, 5000)]);
    assert!(decode_response(&so_far, &DecodeOptions::tolerant_of_servers()).is_ok());
}

#[test]
fn the_first_words_of_a_message_tell_whose_it_is() {
    let head = |side, line: &str| {
        let head = Frame::new(Bytes::from(format!("{line}\r\n"))).head(side);
        (
            head.tag.map(|tag| tag.to_string()).unwrap_or_default(),
            head.name.map(String::from).unwrap_or_default(),
        )
    };
    let long = "x".repeat(32);
    for (line, tag, name) in [
        ("A1 noop", "A1", "NOOP"),
        ("A1 uid fetch 1 FLAGS", "A1", "UID FETCH"),
        ("A1 UID", "A1", ""),
        ("DONE", "", ""),
        ("a+b NOOP", "", "NOOP"),
        ("A1 N\u{fc}", "A1", ""),
        (&format!("A1 {long}"), "A1", &long.to_uppercase()),
        (&format!("A1 {long}x"), "A1", ""),
    ] {
        assert_eq!(head(Side::Client, line), (tag.into(), name.into()), "{line}");
    }
    for (line, tag, name) in [
        ("* OK x", "", "OK"),
        ("* 12 FETCH (FLAGS ())", "", "FETCH"),
        ("* 1x FETCH", "", "1X"),
        ("* LIST () NIL a", "", "LIST"),
        ("+ go", "", "+"),
        ("A1 bad x", "A1", "BAD"),
        ("A1 OKAY x", "", ""),
        ("Server Unavailable now", "", ""),
        ("PREAUTH", "", ""),
    ] {
        assert_eq!(head(Side::Server, line), (tag.into(), name.into()), "{line}");
    }
}

#[test]
fn an_answer_about_a_literal_that_was_not_asked_for_changes_nothing() {
    type Answer = fn(&mut Framer);
    let answers: [Answer; 4] = [Framer::accept, Framer::stream, Framer::discard, Framer::refuse];
    for answer in answers {
        let mut framer = framer(Side::Client, of_client(), b"A1 NO");
        answer(&mut framer);
        assert!(framer.next_event().is_none());
        answer(&mut framer);
        framer.push(b"OP\r\n");
        answer(&mut framer);
        assert_eq!(message(&mut framer).as_bytes(), b"A1 NOOP\r\n");
    }
}

#[test]
fn a_reader_of_logs_is_never_asked() {
    let mut options = FramerOptions::offline(&DecodeOptions::tolerant_of_clients());
    options.stream_above = Some(0);
    options.limits.argument_literal = 4;
    let mut framer =
        framer(Side::Client, options, b"A1 LOGIN {3}\r\njoe {3+}\r\nabc\r\nA2 LOGIN {5}\r\nA3 NO x\r\n");
    assert_eq!(message(&mut framer).as_bytes(), b"A1 LOGIN {3}\r\njoe {3+}\r\nabc\r\n");
    // Whoever answered said `+`, most likely: the payload is skipped, and awaits no answer of ours.
    let Some(Event::Malformed(error)) = framer.next_event() else { panic!("5 bytes are too many") };
    assert!(error.kind == FrameErrorKind::Literal && !error.awaits_answer);
    assert!(matches!(framer.next_event(), Some(Event::Skipped(Span { offset: 29, length: 23 }))));
    assert!(framer.is_idle());
}

#[test]
fn what_is_shown_of_events_holds_no_payload() {
    let mut options = of_client();
    options.stream_above = Some(3);
    let mut framer = framer(Side::Client, options, b"A1 LOGIN joe sesame\r\nA2 APPEND x {6}\r\nsesame\r\n");
    let mut shown = Vec::new();
    while let Some(event) = framer.next_event() {
        shown.push(format!("{event:?} {framer:?}"));
        if matches!(event, Event::Literal(_)) {
            framer.stream();
        }
    }
    assert!(shown.iter().all(|event| event.contains(" Framer { side: Client, state: ")), "{shown:?}");
    framer.options_mut().limits.line = 3;
    framer.push(b"A3 LOGIN joe sesame\r\n");
    shown.extend(core::iter::from_fn(|| framer.next_event()).map(|event| format!("{event:?}")));
    assert_eq!(shown.len(), 7, "{shown:?}");
    assert!(shown.iter().all(|event| !event.contains("sesame")), "{shown:?}");
    let kinds: Vec<_> = shown
        .iter()
        .map(|event| event.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default())
        .collect();
    assert_eq!(kinds, ["Message", "Literal", "Chunk", "StreamEnd", "Message", "Malformed", "Skipped"]);
}

#[test]
fn an_error_names_its_limit_and_what_it_costs() {
    let told = |side, limits: Limits, input: &[u8]| {
        let mut framer = framer(side, FramerOptions { limits, ..of_client() }, input);
        match framer.next_event() {
            Some(Event::Malformed(error)) => (error.kind.rule(), error.to_string(), error.awaits_answer),
            other => panic!("{other:?}"),
        }
    };
    let limits = Limits { literals: 1, tag: 3, ..Limits::SERVER };
    assert_eq!(told(Side::Client, limits, b"A1 X {1+}\r\na {1}\r\n"), {
        ("literals", "more literals than the limit allows, in X with the tag A1, at byte 13".into(), true)
    });
    assert!(!told(Side::Client, limits, b"A1 X {1+}\r\na {1+}\r\n").2);
    assert_eq!(told(Side::Client, limits, b"AAAA NOOP\r\n"), {
        ("tag", "a tag longer than its limit, in NOOP with the tag AAAA, at byte 3".into(), false)
    });
    // Of two limits that one line passes, the one that it passes first.
    let both = |line, message| {
        told(Side::Client, Limits { line, message, ..Limits::SERVER }, b"A1 NOOP aaaaaaaa\r\n").0
    };
    assert_eq!((both(10, 12), both(12, 10), both(10, 10)), ("line", "message", "line"));
    let (rule, text, _) = told(Side::Server, Limits::CLIENT, b"* X {9223372036854775808}\r\n");
    assert_eq!(rule, "number64");
    assert!(text.ends_with("cannot be counted, in X, at byte 4; what follows cannot be read"), "{text}");
    assert_eq!(FrameErrorKind::Message.rule(), "message");
    assert_eq!((FrameErrorKind::Line.rule(), FrameErrorKind::Literal.rule()), ("line", "literal"));
    assert_eq!(Limits::default(), Limits::CLIENT);
}

#[test]
fn a_tag_has_its_limit_and_a_line_of_one_word_has_no_tag() {
    let mut options = of_client();
    options.limits.tag = 3;
    for (line, fits) in [
        ("AAA NOOP", true),
        ("AAAA NOOP", false),
        ("AAAA ", false),
        ("AAAA", true),
        ("AGpvZQBzZXNhbWU=", true),
        ("A NOOP aaaaaaaaa", true),
        (" AAAAA", true),
    ] {
        let mut framer = framer(Side::Client, options.clone(), format!("{line}\r\n").as_bytes());
        let event = framer.next_event();
        match event {
            Some(Event::Message(frame)) => {
                assert!(fits && frame.as_bytes().starts_with(line.as_bytes()), "{line}")
            }
            Some(Event::Malformed(error)) => {
                assert!(!fits && error.kind == FrameErrorKind::Tag, "{line}: {error}")
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn a_decoder_takes_bytes_as_it_takes_frames() {
    let strict = DecodeOptions::strict();
    let bytes = *b"* 23 EXISTS\r\n";
    let of_frame = decode_response(&Frame::from_static(b"* 23 EXISTS\r\n"), &strict);
    assert!(of_frame.is_ok());
    assert_eq!(decode_response(&bytes, &strict), of_frame);
    assert_eq!(decode_response(bytes.as_slice(), &strict), of_frame);
}

#[test]
fn a_nul_that_is_not_overlooked_belongs_to_the_message_it_begins() {
    let strict = FramerOptions::new(&DecodeOptions::strict());
    let mut framer = framer(Side::Server, strict, b"\0* OK x\r\n");
    let frame = message(&mut framer);
    assert_eq!((frame.as_bytes(), frame.lead()), (&b"\0* OK x\r\n"[..], 0));
}

#[test]
fn a_code_of_a_continuation_request_may_hold_a_literal() {
    let request = b"+ [BADCHARSET ({5}\r\nutf-8)] go on\r\n";
    assert_eq!(message(&mut framer(Side::Server, of_server(), request)).as_bytes(), request);
}

#[test]
fn a_header_of_a_server_announces_only_where_a_string_may_begin() {
    let [name, next] = [&b"* LIST () \"/\" a{3+}\r\n"[..], b"* 1 EXISTS\r\n"];
    let mut framer = framer(Side::Server, of_server(), &[name, next].concat());
    assert_eq!(message(&mut framer).as_bytes(), name);
    assert_eq!(message(&mut framer).as_bytes(), next);
}

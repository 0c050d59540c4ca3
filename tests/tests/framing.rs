//! The framer: any cut gives the same messages, in place, without needless copies, within the limits.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side,
    frame::{Event, Frame, FrameErrorKind, Framer, FramerOptions, Span, Tail},
    limits::Limits,
    tolerance::Quirk,
};
use imap_tests::rng::Rng;
use imap_types::octets::Buffer;

/// What a run gave, in a form that can be compared.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Message { bytes: Vec<u8>, span: Span, lead: Vec<(Quirk, u64)>, streamed: Vec<(usize, u64)> },
    Payload(Vec<u8>),
    Malformed { kind: FrameErrorKind, at: u64, recoverable: bool, tag: Option<String>, name: Option<String> },
    Skipped(Span),
    Tail(Tail),
}

/// What the owner does at a stop.
#[derive(Clone, Copy)]
enum Owner {
    Accepts,
    Streams,
    Discards,
    Refuses,
}

fn drain(framer: &mut Framer, owner: Owner, seen: &mut Vec<Seen>) {
    while let Some(event) = framer.next_event() {
        match event {
            Event::Message(frame) => seen.push(Seen::Message {
                bytes: frame.as_bytes().to_vec(),
                span: frame.span(),
                lead: frame.lead_deviations().iter().map(|it| (it.quirk, it.offset)).collect(),
                streamed: frame.streamed().iter().map(|it| (it.at, it.size)).collect(),
            }),
            Event::Literal(_) => match owner {
                Owner::Accepts => framer.accept(),
                Owner::Streams => {
                    framer.stream();
                    seen.push(Seen::Payload(Vec::new()));
                }
                Owner::Discards => framer.discard(),
                Owner::Refuses => framer.refuse(),
            },
            Event::Chunk(piece) => match seen.last_mut() {
                Some(Seen::Payload(payload)) => payload.extend_from_slice(&piece),
                _ => panic!("a chunk outside a payload"),
            },
            Event::StreamEnd => {}
            Event::Malformed(error) => seen.push(Seen::Malformed {
                kind: error.kind,
                at: error.at,
                recoverable: error.recoverable,
                tag: error.tag.map(|tag| tag.as_str().to_owned()),
                name: error.name.map(String::from),
            }),
            Event::Skipped(span) => seen.push(Seen::Skipped(span)),
            other => panic!("unexpected {other:?}"),
        }
    }
}

/// How bytes enter.
#[derive(Clone, Copy, Debug)]
enum Way {
    Copied,
    Handed,
    Lent,
    /// All of them in turn.
    Mixed,
}

fn enter(framer: &mut Framer, way: Way, piece: &[u8], turn: usize) {
    match (way, turn % 3) {
        (Way::Copied, _) | (Way::Mixed, 0) => framer.push(piece),
        (Way::Handed, _) | (Way::Mixed, 1) => framer.push_bytes(Bytes::copy_from_slice(piece)),
        (Way::Lent, _) | (Way::Mixed, _) => {
            let lent = framer.reserve(piece.len() + turn % 5);
            lent[..piece.len()].copy_from_slice(piece);
            framer.commit(piece.len());
        }
    }
}

fn run(side: Side, options: &FramerOptions, owner: Owner, way: Way, pieces: &[&[u8]]) -> Vec<Seen> {
    let mut framer = Framer::new(side, options.clone());
    let mut seen = Vec::new();
    for (turn, piece) in pieces.iter().enumerate() {
        enter(&mut framer, way, piece, turn);
        drain(&mut framer, owner, &mut seen);
    }
    seen.extend(framer.finish().map(Seen::Tail));
    seen
}

/// Runs `input` whole, at each single cut, byte by byte and at random cuts, in every way that bytes can
/// enter; checks that the spans tile it; and returns what it gave.
fn same_at_every_cut(side: Side, options: &FramerOptions, owner: Owner, input: &[u8]) -> Vec<Seen> {
    let whole = run(side, options, owner, Way::Copied, &[input]);
    let mut end = 0;
    for seen in &whole {
        let span = match seen {
            Seen::Message { span, .. } | Seen::Skipped(span) => *span,
            Seen::Tail(Tail::Blank(span, _) | Tail::Incomplete(span) | Tail::Skipped(span)) => *span,
            _ => continue,
        };
        assert_eq!(span.offset, end, "the spans tile the input");
        end = span.end();
    }
    assert_eq!(end, input.len() as u64, "the spans tile the input to its end: {whole:?}");

    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    let mut rng = Rng::new(0x1a9);
    for way in [Way::Copied, Way::Handed, Way::Lent, Way::Mixed] {
        for cut in 0..=input.len() {
            let (one, two) = input.split_at(cut);
            assert_eq!(run(side, options, owner, way, &[one, two]), whole, "{way:?}, cut at {cut}");
        }
        assert_eq!(run(side, options, owner, way, &bytes), whole, "{way:?}, byte by byte");
        for _ in 0..64 {
            let mut rest = input;
            let mut pieces = Vec::new();
            while !rest.is_empty() {
                let (piece, more) = rest.split_at((rng.below(24) + 1).min(rest.len()));
                pieces.push(piece);
                rest = more;
            }
            assert_eq!(run(side, options, owner, way, &pieces), whole, "{way:?}, {pieces:?}");
        }
    }
    whole
}

/// The messages among what was seen, as text.
fn messages(seen: &[Seen]) -> Vec<String> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Message { bytes, .. } => Some(bytes.escape_ascii().to_string()),
            _ => None,
        })
        .collect()
}

fn of_client() -> FramerOptions {
    FramerOptions::new(&DecodeOptions::tolerant_of_clients())
}

fn of_server() -> FramerOptions {
    FramerOptions::new(&DecodeOptions::tolerant_of_servers())
}

const CLIENT: &[u8] = b"A1 LOGIN {3}\r\njoe {6+}\r\nse\r\nme\r\n\
    A2 SELECT \"x{5}\"\r\n\
    \r\n\nA3 NOOP\n\
    A4 APPEND Sent (\\Seen) {12}\r\nA9 NOOP\r\n{3} {0}\r\n\r\n\
    A5 AUTHENTICATE PLAIN\r\nAGpvZQBzZXNhbWU=\r\n\
    A6 LOGIN u p}\r\n\
    A7 LOGIN u x{5}\r\n\
    A8 LOGIN u x{5+}\r\nA B\r\n\r\n\
    A9 IDLE\r\nDONE\r\n\r\n";

const SERVER: &[u8] = b"* OK ready {5}\r\n\
    * 1 FETCH (BODY[] {9}\r\nA1 OK\r\n{5 UID 4)\r\n\
    \0\0* LIST () \"/\" {5}\r\nINBOX\r\n\
    \r\n\0\r\nA1 NO [ALERT] {3}\r\n\
    + go {5}\r\n\
    A2 NO [BADCHARSET ({5}\r\nUTF-8 US-ASCII)] {5}\r\n\
    * LIST () \"/\" \"a\"b {5}\"\n\
    Server Unavailable. {5}\r\n\
    A3 OK done\r\n\0";

#[test]
fn a_dialogue_of_a_client_is_the_same_at_every_cut() {
    let seen = same_at_every_cut(Side::Client, &of_client(), Owner::Accepts, CLIENT);
    assert_eq!(
        messages(&seen),
        [
            r"A1 LOGIN {3}\r\njoe {6+}\r\nse\r\nme\r\n",
            r#"A2 SELECT \"x{5}\"\r\n"#,
            r"A3 NOOP\n",
            r"A4 APPEND Sent (\\Seen) {12}\r\nA9 NOOP\r\n{3} {0}\r\n\r\n",
            r"A5 AUTHENTICATE PLAIN\r\n",
            r"AGpvZQBzZXNhbWU=\r\n",
            r"A6 LOGIN u p}\r\n",
            r"A7 LOGIN u x{5}\r\n",
            r"A8 LOGIN u x{5+}\r\nA B\r\n\r\n",
            r"A9 IDLE\r\n",
            r"DONE\r\n",
        ]
    );
    let Some(Seen::Message { lead, span, .. }) = seen.get(2) else { panic!() };
    let blank = Quirk::BlankLineBetweenCommands;
    assert_eq!(lead, &[(blank, span.offset), (blank, span.offset + 2)]);
    assert!(
        matches!(seen.last(), Some(Seen::Tail(Tail::Blank(Span { length: 2, .. }, found))) if found.len() == 1)
    );
}

#[test]
fn a_dialogue_of_a_server_is_the_same_at_every_cut() {
    let seen = same_at_every_cut(Side::Server, &of_server(), Owner::Accepts, SERVER);
    assert_eq!(
        messages(&seen),
        [
            r"* OK ready {5}\r\n",
            r"* 1 FETCH (BODY[] {9}\r\nA1 OK\r\n{5 UID 4)\r\n",
            r#"* LIST () \"/\" {5}\r\nINBOX\r\n"#,
            r"A1 NO [ALERT] {3}\r\n",
            r"+ go {5}\r\n",
            r"A2 NO [BADCHARSET ({5}\r\nUTF-8 US-ASCII)] {5}\r\n",
            r#"* LIST () \"/\" \"a\"b {5}\"\n"#,
            r"Server Unavailable. {5}\r\n",
            r"A3 OK done\r\n",
        ]
    );
    let Some(Seen::Message { lead, .. }) = seen.get(3) else { panic!() };
    assert_eq!(
        lead.iter().map(|(quirk, _)| *quirk).collect::<Vec<_>>(),
        [Quirk::BlankLine, Quirk::LeadingNul, Quirk::BlankLine]
    );
}

#[test]
fn in_strict_only_crlf_ends_a_line() {
    let options = FramerOptions::new(&DecodeOptions::strict());
    let input = b"\r\nA1 NOOP\nA2 NOOP\rA3\r\nA4 LOGIN {3}\n\r\nA5 NOOP\r\nA6 LOGIN {3}\r\n\r\n\r\n";
    let seen = same_at_every_cut(Side::Client, &options, Owner::Accepts, input);
    assert_eq!(
        messages(&seen),
        [r"\r\n", r"A1 NOOP\nA2 NOOP\rA3\r\n", r"A4 LOGIN {3}\n\r\n", r"A5 NOOP\r\n"]
    );
    assert!(matches!(seen.last(), Some(Seen::Tail(Tail::Incomplete(_)))));
}

#[test]
fn a_literal_is_streamed_and_the_message_goes_on() {
    let mut options = of_server();
    options.stream_above = Some(4);
    let input = b"* 1 FETCH (BODY[1] {4}\r\nabcd BODY[2] {6}\r\nA1 OK\n UID 4)\r\n* OK {5}\r\n";
    let seen = same_at_every_cut(Side::Server, &options, Owner::Streams, input);
    assert_eq!(seen[0], Seen::Payload(b"A1 OK\n".to_vec()));
    let Seen::Message { bytes, streamed, .. } = &seen[1] else { panic!() };
    assert_eq!(bytes, b"* 1 FETCH (BODY[1] {4}\r\nabcd BODY[2] {6}\r\n UID 4)\r\n");
    assert_eq!(streamed, &[(42, 6)]);
    assert_eq!(messages(&seen).len(), 2);
}

#[test]
fn a_literal_is_discarded_and_the_message_goes_on() {
    let seen = same_at_every_cut(
        Side::Client,
        &of_client(),
        Owner::Discards,
        b"A1 LOGIN {4}\r\nA\r\nB c\r\nA2 NOOP\r\n",
    );
    assert_eq!(messages(&seen), [r"A1 LOGIN {4}\r\n c\r\n", r"A2 NOOP\r\n"]);
}

#[test]
fn a_refused_literal_ends_its_message_at_once() {
    let seen = same_at_every_cut(Side::Client, &of_client(), Owner::Refuses, b"A1 LOGIN {4}\r\nA2 NOOP\r\n");
    assert_eq!(seen[0], Seen::Skipped(Span { offset: 0, length: 14 }));
    assert_eq!(messages(&seen), [r"A2 NOOP\r\n"]);
}

#[test]
fn a_refused_payload_that_comes_anyway_is_skipped() {
    let mut options = of_client();
    options.stream_above = Some(4);
    let input = b"A1 APPEND x {9+}\r\nA8 NOOP\r\n {3+}\r\n\r\nx y\r\nA2 NOOP\r\n";
    let seen = same_at_every_cut(Side::Client, &options, Owner::Refuses, input);
    assert_eq!(messages(&seen), [r"A2 NOOP\r\n"]);
}

fn narrow() -> FramerOptions {
    let mut options = of_client();
    options.limits = Limits {
        line: 40,
        literal: 20,
        argument_literal: 8,
        message: 50,
        literals: 3,
        tag: 5,
        ..Limits::SERVER
    };
    options
}

#[test]
fn each_limit_costs_one_message() {
    use FrameErrorKind::{Line, Literal, Literals, Message, Tag};
    // The last field: where the limit was passed.
    for (input, kind, tag, name, at) in [
        (&b"A1 SEARCH SUBJECT 12345678901234567890123\r\n"[..], Line, Some("A1"), Some("SEARCH"), 40),
        (
            b"A1 SEARCH SUBJECT 1234567890123456789012345678 {5+}\r\nA3 NO {4+}\r\n\r\n\r\n\r\n",
            Line,
            Some("A1"),
            Some("SEARCH"),
            40,
        ),
        (b"A1 LOGIN {9+}\r\nA3 NOOP\r\n x\r\n", Literal, Some("A1"), Some("LOGIN"), 9),
        (b"A1 LOGIN {9}\r\n", Literal, Some("A1"), Some("LOGIN"), 9),
        (
            b"A1 APPEND x {21+}\r\nA3 NOOP\r\nA3 NOOP\r\nAAA {3+}\r\n\r\n\r\n",
            Literal,
            Some("A1"),
            Some("APPEND"),
            12,
        ),
        (
            b"A1 APPEND x {20+}\r\n12345678901234567890 {20+}\r\n12345678901234567890\r\n",
            Message,
            Some("A1"),
            Some("APPEND"),
            40,
        ),
        (b"A1 X {0+}\r\n {0+}\r\n {0+}\r\n {0+}\r\n {2+}\r\n\r\n\r\n", Literals, Some("A1"), Some("X"), 26),
        (b"AAAAAA NOOP\r\n", Tag, Some("AAAAAA"), Some("NOOP"), 5),
    ] {
        let mut stream = input.to_vec();
        stream.extend_from_slice(b"A2 NOOP\r\n");
        let seen = same_at_every_cut(Side::Client, &narrow(), Owner::Accepts, &stream);
        let text = input.escape_ascii();
        assert_eq!(
            seen[0],
            Seen::Malformed {
                kind,
                at,
                recoverable: true,
                tag: tag.map(Into::into),
                name: name.map(Into::into)
            },
            "{text}"
        );
        assert_eq!(seen[1], Seen::Skipped(Span { offset: 0, length: input.len() as u64 }), "{text}");
        assert_eq!(messages(&seen), [r"A2 NOOP\r\n"], "{text}");
    }
}

#[test]
fn a_size_that_cannot_be_drained_is_fatal() {
    for size in ["4294967296", "9223372036854775808", "99999999999999999999999"] {
        let input = format!("A1 LOGIN {{{size}+}}\r\nA2 NOOP\r\n");
        let seen = same_at_every_cut(Side::Client, &of_client(), Owner::Accepts, input.as_bytes());
        assert!(matches!(seen[0], Seen::Malformed { recoverable: false, .. }), "{seen:?}");
        assert!(messages(&seen).is_empty());
        assert!(matches!(seen[1], Seen::Tail(Tail::Skipped(span)) if span.length == input.len() as u64));
    }
}

#[test]
fn handed_bytes_are_not_copied() {
    let input = long_messages();
    let mut framer = Framer::new(Side::Server, of_server());
    framer.push_bytes(input.clone());
    let mut count = 0;
    while let Some(Event::Message(frame)) = framer.next_event() {
        let at = usize::try_from(frame.stream_offset(0)).unwrap();
        assert!(std::ptr::eq(frame.as_bytes(), &input[at..at + frame.as_bytes().len()]));
        count += 1;
    }
    assert_eq!(count, 3);
}

/// Three messages that are too long to lie beside the count of their buffer.
fn long_messages() -> Bytes {
    let text = "x".repeat(Buffer::SHORT);
    Bytes::from(format!("* OK {text}\r\n* 1 FETCH (BODY[] {{{}}}\r\n{text})\r\nA1 OK {text}\r\n", text.len()))
}

#[test]
fn a_short_message_lets_go_of_the_bytes_it_came_in() {
    let mut input = b"* 1 EXISTS\r\n".to_vec();
    input.resize(4096, b' ');
    let input = Bytes::from(input);
    let mut framer = Framer::new(Side::Server, of_server());
    framer.push_bytes(input.slice(..12));
    let Some(Event::Message(frame)) = framer.next_event() else { panic!() };
    assert_eq!(frame.as_bytes(), b"* 1 EXISTS\r\n");
    assert!(input.is_unique());
}

#[test]
fn streamed_chunks_of_handed_bytes_are_not_copied() {
    let input = Bytes::from_static(b"* 1 FETCH (BODY[] {9}\r\n123456789)\r\n");
    let mut options = of_server();
    options.stream_above = Some(0);
    let mut framer = Framer::new(Side::Server, options);
    framer.push_bytes(input.clone());
    assert!(matches!(framer.next_event(), Some(Event::Literal(stop)) if stop.offset == 23 && stop.size == 9));
    framer.stream();
    let Some(Event::Chunk(piece)) = framer.next_event() else { panic!() };
    assert!(std::ptr::eq(&*piece, &input[23..32]));
}

#[test]
fn lent_bytes_are_not_copied() {
    let mut framer = Framer::new(Side::Server, of_server());
    let input = long_messages();
    let lent = framer.reserve(input.len() + 100);
    lent[..input.len()].copy_from_slice(&input);
    let start = lent.as_ptr() as usize;
    framer.commit(input.len());
    let mut count = 0;
    while let Some(Event::Message(frame)) = framer.next_event() {
        let at = usize::try_from(frame.stream_offset(0)).unwrap();
        assert_eq!(frame.as_bytes().as_ptr() as usize, start + at);
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn unread_bytes_are_given_back_at_the_exact_byte() {
    for way in [Way::Copied, Way::Handed, Way::Lent] {
        let mut framer = Framer::new(Side::Client, of_client());
        enter(&mut framer, way, b"A1 STARTTLS\r\n\x16\x03\x01\r\n", 0);
        enter(&mut framer, way, b"more", 1);
        let Some(Event::Message(frame)) = framer.next_event() else { panic!() };
        assert_eq!(frame.as_bytes(), b"A1 STARTTLS\r\n");
        assert_eq!(framer.take_unread(), &b"\x16\x03\x01\r\nmore"[..]);
        assert!(framer.is_idle());
        framer.push(b"A2 NOOP\r\n");
        let Some(Event::Message(frame)) = framer.next_event() else { panic!() };
        assert_eq!(frame.span(), Span { offset: 13, length: 9 });
    }
}

#[test]
fn a_blank_line_can_be_an_answer() {
    let mut framer = Framer::new(Side::Client, of_client());
    framer.push(b"A1 AUTHENTICATE X\r\n\r\n\r\nA2 NOOP\r\n");
    let mut next = || match framer.next_event() {
        Some(Event::Message(frame)) => {
            framer.keep_blank_lines(frame.as_bytes().starts_with(b"A1"));
            frame
        }
        other => panic!("{other:?}"),
    };
    let frames: [Frame; 3] = [next(), next(), next()];
    assert_eq!(frames[1].as_bytes(), b"\r\n");
    assert_eq!(frames[2].as_bytes(), b"A2 NOOP\r\n");
    assert_eq!(frames[2].lead(), 2);
}

/// Pieces that mean something to a framer, to be strung together at random.
const PIECES: &[&str] = &[
    "\r\n",
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    " ",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\\",
    "~",
    "+",
    "*",
    "{",
    "}",
    "{0}",
    "{1}",
    "{3}\r\n",
    " {3}\r\n",
    " {3+}\r\n",
    "x{3+}\r\n",
    "~{2}\r\n",
    " {30}\r\n",
    " {4294967296+}\r\n",
    "{99999999999999999999}\r\n",
    "{3}\n",
    "A1 ",
    "A2 NO ",
    "A3 APPEND x",
    "A4 UID REPLACE 1 {2+}\r\n",
    "* ",
    "* OK ",
    "* 1 FETCH (BODY[] ",
    "+ ",
    "* NO [BADCHARSET (",
    "* BYE [",
    "DONE\r\n",
    "abc",
    "LOGIN ",
    "\u{e9}",
    "* LIST () \"/\" ",
    "a-tag-that-is-long ",
];

#[test]
fn random_streams_are_the_same_at_every_cut_and_tiled() {
    let mut rng = Rng::of("random streams");
    let (mut good, mut bad) = (0, 0);
    for round in 0..6000 {
        let side = if round % 2 == 0 { Side::Client } else { Side::Server };
        let mut options = match round / 2 % 3 {
            0 => FramerOptions::new(&DecodeOptions::strict()),
            1 if side == Side::Client => of_client(),
            1 => of_server(),
            _ => narrow(),
        };
        if round / 6 % 2 == 0 {
            options.stream_above = Some(2);
        }
        let owner = [Owner::Accepts, Owner::Streams, Owner::Discards, Owner::Refuses][round / 12 % 4];
        let input: Vec<u8> =
            (0..=rng.below(24)).flat_map(|_| PIECES[rng.below(PIECES.len())].bytes()).collect();

        let whole = run(side, &options, owner, Way::Copied, &[&input]);
        let mut end = 0;
        for seen in &whole {
            let span = match seen {
                Seen::Message { span, .. } | Seen::Skipped(span) => *span,
                Seen::Tail(Tail::Blank(span, _) | Tail::Incomplete(span) | Tail::Skipped(span)) => *span,
                Seen::Malformed { at, .. } => {
                    bad += 1;
                    assert!(*at >= end && *at <= input.len() as u64, "{}", input.escape_ascii());
                    continue;
                }
                _ => continue,
            };
            good += usize::from(matches!(seen, Seen::Message { .. }));
            assert_eq!(span.offset, end, "{}: {whole:?}", input.escape_ascii());
            end = span.end();
        }
        assert_eq!(end, input.len() as u64, "{}: {whole:?}", input.escape_ascii());

        for way in [Way::Copied, Way::Handed, Way::Lent, Way::Mixed] {
            let bytes: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(run(side, &options, owner, way, &bytes), whole, "{way:?} {}", input.escape_ascii());
            let cuts: Vec<&[u8]> = input.chunks(rng.below(9) + 1).collect();
            assert_eq!(run(side, &options, owner, way, &cuts), whole, "{way:?} {}", input.escape_ascii());
        }
    }
    assert!(good > 5000 && bad > 500, "{good} good, {bad} bad");
}

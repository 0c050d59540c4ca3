//! S6, S7, S8 and S12: what a peer can make us hold, recurse into and compute.

use std::time::{Duration, Instant};

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_greeting, decode_response, encode_command,
    frame::{Event, FrameErrorKind, Framer},
    limits::Limits,
    profile::EncodeProfile,
    token::Tokens,
    writer::Segment,
};
use imap_tests::alloc;

use crate::{frame, framer, messages, offline, refused, wide};

// ---- S6: literals as memory bombs ----

#[test]
fn s06_a_declared_size_allocates_nothing() {
    for (sender, line) in [
        (Side::Client, "A1 APPEND x {67108864}\r\n"),
        (Side::Client, "A1 APPEND x {67108864+}\r\n"),
        (Side::Server, "* 1 FETCH (BODY[] {67108864}\r\n"),
    ] {
        let ((), peak) = alloc::peak(|| {
            let mut framer = offline(sender, Limits { literal: 1 << 30, message: 1 << 29, ..Limits::CLIENT });
            framer.push(line.as_bytes());
            assert!(framer.next_event().is_none(), "the payload is awaited");
            framer.push(b"some of it");
            assert!(framer.next_event().is_none());
        });
        assert!(peak < 2048, "{line}: {peak} bytes");
    }
    // The decoder sees a frame that holds less than its literal says.
    let cut = frame("A1 LOGIN {4000000000}\r\nabc\r\n");
    let (error, peak) = alloc::peak(|| refused(decode_command(&cut, &DecodeOptions::strict())));
    assert_eq!(error.rule, "literal");
    assert!(peak < 2048, "{peak} bytes");
}

#[test]
fn s06_memory_stays_within_a_small_constant_times_the_budget() {
    let limits = Limits::SERVER_BEFORE_AUTHENTICATION;
    let budget = limits.message;
    let hostile: [(&str, Vec<u8>); 7] = [
        (
            "one line without an end",
            b"A1 ".iter().copied().chain(std::iter::repeat_n(b'x', 1 << 21)).collect(),
        ),
        ("one literal", [b"A1 LOGIN {4294967295+}\r\n".to_vec(), vec![b'x'; 1 << 21]].concat()),
        ("many literals", b"A1 LOGIN {0+}\r\n".iter().copied().chain(b" {0+}\r\n".repeat(300_000)).collect()),
        (
            "literals that add up",
            b"A1 X"
                .iter()
                .copied()
                .chain([&b" {4000+}\r\n"[..], &[b'x'; 4000]].concat().repeat(500))
                .collect(),
        ),
        ("blank lines", b"\r\n".repeat(1 << 20)),
        (
            "lines of all lengths",
            (0..1500).flat_map(|len| [vec![b'x'; len], b"\r\n".to_vec()].concat()).collect(),
        ),
        ("open quotes", b"\"".repeat(1 << 21)),
    ];
    for (what, input) in &hostile {
        for way in 0..3 {
            let (held, peak) = alloc::peak(|| {
                let mut framer = offline(Side::Client, limits);
                for piece in input.chunks(1024) {
                    match way {
                        0 => framer.push(piece),
                        1 => framer.push_bytes(Bytes::copy_from_slice(piece)),
                        _ => {
                            framer.reserve(1024)[..piece.len()].copy_from_slice(piece);
                            framer.commit(piece.len());
                        }
                    }
                    while framer.next_event().is_some() {}
                }
                framer.partial().len()
            });
            assert!(held <= budget, "{what}: {held} bytes of a message are held");
            // The message, its buffer growing to the double, and the deviations before a message.
            assert!(peak <= 6 * budget, "{what}, way {way}: {peak} bytes");
        }
    }
}

#[test]
fn s06_a_buffer_that_grew_large_goes_with_its_messages_and_a_small_one_is_used_again() {
    let drain = |framer: &mut Framer| while framer.next_event().is_some() {};
    let (framer, held) = alloc::held(|| {
        let mut framer = offline(Side::Client, Limits::SERVER);
        framer.push(format!("A1 X {{1000000+}}\r\n{}\r\n", "x".repeat(1_000_000)).as_bytes());
        drain(&mut framer);
        framer.push(&b"A2 NOOP\r\n".repeat(100_000));
        drain(&mut framer);
        framer
    });
    assert!(framer.is_idle() && held <= 64 * 1024, "{held} bytes are held for nothing");

    // However the buffer was filled: to its end at once, in pieces, or lent.
    let many = b"A2 NOOP\r\n".repeat(100_000);
    for piece in [many.len(), 4096] {
        for lent in [false, true] {
            let (framer, held) = alloc::held(|| {
                let mut framer = offline(Side::Client, Limits::SERVER);
                for piece in many.chunks(piece) {
                    if lent {
                        framer.reserve(piece.len()).copy_from_slice(piece);
                        framer.commit(piece.len());
                    } else {
                        framer.push(piece);
                    }
                }
                drain(&mut framer);
                framer
            });
            assert!(
                framer.is_idle() && held <= 64 * 1024,
                "{held} bytes are held, pieces of {piece}, lent: {lent}"
            );
        }
    }

    let mut framer = offline(Side::Client, Limits::SERVER);
    let few = b"A1 NOOP\r\n".repeat(500);
    let rounds: Vec<u64> = (0..20)
        .map(|_| {
            let ((), calls) = alloc::calls(|| framer.push(&few));
            drain(&mut framer);
            calls
        })
        .collect();
    assert!(rounds[0] > 0 && rounds[1..].iter().all(|calls| *calls == 0), "{rounds:?} allocations");

    let (mut framer, held) = alloc::held(|| {
        let mut framer = offline(Side::Client, Limits::SERVER);
        framer.push(&few);
        drain(&mut framer);
        framer.shrink();
        framer
    });
    assert!(held == 0 && framer.next_event().is_none(), "{held} bytes are held after shrinking");
}

#[test]
fn s06_a_streamed_gigabyte_passes_through_little_memory() {
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    let (total, peak) = alloc::peak(|| {
        let mut framer = framer(Side::Client, Limits::SERVER);
        framer.options_mut().stream_above = Some(64 * 1024);
        framer.push(b"A1 APPEND x {1073741824}\r\n");
        assert!(matches!(framer.next_event(), Some(Event::Literal(stop)) if !stop.fits));
        framer.stream();
        let mut total = 0;
        for _ in 0..(1 << 30) / piece.len() {
            framer.push_bytes(piece.clone());
            while let Some(event) = framer.next_event() {
                match event {
                    Event::Chunk(chunk) => total += chunk.len(),
                    Event::StreamEnd => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        framer.push(b"\r\n");
        let Some(Event::Message(frame)) = framer.next_event() else { panic!() };
        let append = decode_command(&frame, &DecodeOptions::strict()).unwrap().value;
        // And on to the next server, without the payload.
        let encoded = encode_command(&append, &EncodeProfile::client()).unwrap();
        assert!(encoded.segments().contains(&Segment::Streamed { size: 1 << 30, wait: true }));
        total
    });
    assert_eq!(total, 1 << 30);
    assert!(peak < 64 * 1024, "{peak} bytes");
}

#[test]
fn s06_payload_over_a_limit_is_never_a_command() {
    let payload = "A9 DELETE INBOX\r\n".repeat(10_000);
    for command in ["A1 LOGIN", "A1 X (", "A1 UID SEARCH TEXT", "A1 APPEND"] {
        let input = format!("{command} {{{}+}}\r\n{payload} rest\r\nA2 NOOP\r\n", payload.len());
        let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
        let (messages, malformed) = messages(&mut framer, input.as_bytes());
        assert_eq!(messages, ["A2 NOOP\r\n"], "{command}");
        assert_eq!(malformed, [FrameErrorKind::Literal], "{command}");
    }
    // A synchronizing one is refused before its payload exists; the owner answers in place of the `+`.
    let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
    framer.push(b"A1 LOGIN {5000}\r\n");
    let Some(Event::Malformed(error)) = framer.next_event() else { panic!() };
    assert!(error.awaits_answer && error.recoverable);
    assert_eq!(error.tag.unwrap().as_str(), "A1");
}

#[test]
fn s06_before_authentication_8_kib_are_the_whole_budget() {
    let limits = Limits::SERVER_BEFORE_AUTHENTICATION;
    let two = format!("A1 LOGIN {{4000+}}\r\n{0} {{4000+}}\r\n{0}\r\n", "x".repeat(4000));
    assert_eq!(messages(&mut framer(Side::Client, limits), two.as_bytes()).0.len(), 1);
    let three = format!("A1 X {{4000+}}\r\n{0} {{4000+}}\r\n{0} {{200+}}\r\n{0}\r\n", "x".repeat(4000));
    let (_, malformed) = messages(&mut framer(Side::Client, limits), three.as_bytes());
    assert_eq!(malformed[0], FrameErrorKind::Message);
    let five = "A1 X {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\n";
    assert_eq!(messages(&mut framer(Side::Client, limits), five.as_bytes()).1, [FrameErrorKind::Literals]);
}

#[test]
fn s06_values_take_memory_in_proportion_to_their_bytes() {
    let dense = [
        format!("* SEARCH{}\r\n", " 1".repeat(50_000)),
        format!("* FLAGS (a{})\r\n", " a".repeat(50_000)),
        format!("* CAPABILITY IMAP4rev1{}\r\n", " a".repeat(50_000)),
        format!("* 1 FETCH (FLAGS (a{}))\r\n", " a".repeat(50_000)),
        format!("* 1 FETCH (X ({}))\r\n", "()".repeat(50_000)),
        format!("* X (1{})\r\n", " 1".repeat(50_000)),
        format!("* ESEARCH ALL 1{}\r\n", ",1".repeat(50_000)),
        format!(
            "* 1 FETCH (ENVELOPE (NIL NIL ({}) NIL NIL NIL NIL NIL NIL NIL))\r\n",
            "(NIL NIL NIL NIL)".repeat(6_000)
        ),
        format!("* 1 FETCH (BODY ({} \"x\"))\r\n", "(\"a\" \"b\" NIL NIL NIL \"c\" 1)".repeat(4_000)),
        format!("* STATUS x (MESSAGES 1{})\r\n", " MESSAGES 1".repeat(9_000)),
    ];
    for line in dense {
        let frame = frame(line.as_bytes());
        let ((), peak) = alloc::peak(|| drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers())));
        let ratio = peak / line.len();
        // A flag of one letter and a space is two bytes on the wire and a value of 24 to 32 bytes in a list
        // that grows to the double.
        assert!(ratio <= 64, "{}..: {ratio} bytes of memory for each byte", &line[..24]);
    }
}

// ---- S7: endless lines, tokens, lists ----

#[test]
fn s07_lines_and_tags_have_limits_and_the_next_line_is_read() {
    for sender in [Side::Client, Side::Server] {
        let limits = Limits { line: 1000, tag: 10, ..Limits::CLIENT };
        let long = format!("{} x\r\n{} x\r\n* OK ok\r\n", "y".repeat(2000), "t".repeat(11));
        let (good, malformed) = messages(&mut framer(sender, limits), long.as_bytes());
        assert_eq!(good, ["* OK ok\r\n"]);
        assert_eq!(malformed, [FrameErrorKind::Line, FrameErrorKind::Tag]);
    }
}

#[test]
fn s07_the_error_of_an_endless_line_does_not_wait_for_its_end() {
    let mut framer = framer(Side::Client, Limits::SERVER_BEFORE_AUTHENTICATION);
    framer.push(b"A1 SEARCH ");
    framer.push(&[b'x'; 9000]);
    let Some(Event::Malformed(error)) = framer.next_event() else { panic!() };
    assert_eq!((error.kind, error.at, error.recoverable), (FrameErrorKind::Line, 8192, true));
    assert_eq!(error.tag.unwrap().as_str(), "A1");
}

#[test]
fn s07_lists_have_limits() {
    let mut options = DecodeOptions::strict();
    options.limits.list = 10;
    let many = |item: &str| [item; 11].join(" ");
    for (line, sender) in [
        (format!("* FLAGS ({})\r\n", many("a")), Side::Server),
        (format!("* CAPABILITY IMAP4rev1 {}\r\n", many("a")), Side::Server),
        (format!("* SEARCH {}\r\n", many("1")), Side::Server),
        (format!("* X ({})\r\n", many("a")), Side::Server),
        (format!("* 1 FETCH ({})\r\n", many("UID 1")), Side::Server),
        (format!("* STATUS x ({})\r\n", many("MESSAGES 1")), Side::Server),
        (format!("A1 FETCH 1 ({})\r\n", many("UID")), Side::Client),
        (format!("A1 STORE 1 FLAGS ({})\r\n", many("a")), Side::Client),
        (format!("A1 SEARCH {}\r\n", many("ALL")), Side::Client),
        (format!("A1 X ({})\r\n", many("a")), Side::Client),
        (format!("A1 ENABLE {}\r\n", many("a")), Side::Client),
    ] {
        let frame = frame(line.as_bytes());
        let error = match sender {
            Side::Server => refused(decode_response(&frame, &options)),
            Side::Client => refused(decode_command(&frame, &options)),
        };
        assert_eq!(error.rule, "list", "{line}: {error}");
    }
}

// ---- S8: nesting ----

/// A FETCH with the body structure of a mail in a mail in a mail.
fn nested_mails(depth: usize) -> String {
    let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    let mut body = String::from("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)");
    for _ in 0..depth {
        body = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 1 {envelope} {body} 1)");
    }
    format!("* 1 FETCH (UID 7 BODYSTRUCTURE {body} FLAGS (\\Seen))\r\n")
}

#[test]
fn s08_twenty_nested_mails_decode_by_default() {
    assert!(decode_response(&frame(nested_mails(20)), &DecodeOptions::strict()).is_ok());
}

#[test]
fn s08_past_the_limit_the_part_is_opaque_and_its_neighbours_survive() {
    let line = nested_mails(2000);
    assert_eq!(refused(decode_response(&frame(line.as_bytes()), &DecodeOptions::strict())).rule, "depth");
    let decoded = decode_response(&frame(line.as_bytes()), &DecodeOptions::tolerant_of_servers()).unwrap();
    let shown = format!("{:?}", decoded.value);
    assert!(
        shown.contains("Uid") && shown.contains("Seen") && shown.contains("Invalid"),
        "{}",
        &shown[..200]
    );
}

#[test]
fn s08_a_million_parentheses_cost_neither_stack_nor_memory() {
    let million = "(".repeat(1_000_000);
    let lines = [
        (Side::Client, format!("A1 SEARCH {million}\r\n")),
        (Side::Client, format!("A1 X {million}\r\n")),
        (Side::Client, format!("A1 FETCH 1 {million}\r\n")),
        (Side::Client, format!("A1 LIST {million}\r\n")),
        (Side::Client, format!("A1 SELECT x {million}\r\n")),
        (Side::Client, format!("A1 SEARCH {}ALL\r\n", "NOT ".repeat(300_000))),
        (Side::Client, format!("A1 SEARCH {}ALL\r\n", "OR ALL ".repeat(150_000))),
        (Side::Server, format!("* X {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (BODYSTRUCTURE {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (ENVELOPE {million}\r\n")),
        (Side::Server, format!("* 1 FETCH (X {million}{}))\r\n", ")".repeat(1_000_000))),
        (Side::Server, format!("* 1 FETCH {million}\r\n")),
        (Side::Server, format!("* LIST {million}\r\n")),
        (Side::Server, format!("* STATUS x {million}\r\n")),
        (Side::Server, format!("* NAMESPACE {million}\r\n")),
        (Side::Server, format!("* ESEARCH {million}\r\n")),
        (Side::Server, format!("* OK [X {million}] y\r\n")),
    ];
    // A quarter of what a thread gets by default, without optimization.
    let narrow = std::thread::Builder::new().stack_size(512 * 1024);
    let work = move || {
        for (sender, line) in lines {
            let frame = frame(line.as_bytes());
            let ((), peak) = alloc::peak(|| match sender {
                Side::Client => {
                    drop(decode_command(&frame, &wide(DecodeOptions::tolerant_of_clients())));
                    drop(decode_command(&frame, &DecodeOptions::strict()));
                }
                Side::Server => {
                    drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers()));
                    drop(decode_greeting(&frame, &DecodeOptions::strict()));
                }
            });
            assert!(peak < 64 * 1024, "{}: {peak} bytes", &line[..24]);
            assert!(Tokens::new(sender, frame.as_bytes()).count() > 1000 || line.contains("OK"));
        }
    };
    narrow.spawn(work).unwrap().join().unwrap();
}

// ---- S12: complexity ----

/// How many bytes the framer looks at for `input` in pieces of `size`.
fn steps(sender: Side, input: &[u8], size: usize) -> u64 {
    let mut framer = offline(sender, Limits { line: 1 << 26, ..Limits::CLIENT });
    for piece in input.chunks(size) {
        framer.push(piece);
        while framer.next_event().is_some() {}
    }
    framer.steps()
}

#[test]
fn s12_framing_is_linear_in_single_bytes() {
    type Make = fn(usize) -> Vec<u8>;
    let inputs: [(&str, Side, Make); 6] = [
        ("one line", Side::Server, |n| {
            [b"* SEARCH".to_vec(), b" 12345".repeat(n), b"\r\n".to_vec()].concat()
        }),
        ("braces", Side::Client, |n| [b"A1 X ".to_vec(), b"{5}".repeat(n), b"\r\n".to_vec()].concat()),
        ("literals", Side::Client, |n| {
            [b"A1 X".to_vec(), b" {2+}\r\n}}".repeat(n), b"\r\n".to_vec()].concat()
        }),
        ("quotes", Side::Server, |n| {
            [b"* X ".to_vec(), b"\"\\\"} ".repeat(n), b"{0}\r\n\r\n".to_vec()].concat()
        }),
        ("lines", Side::Server, |n| b"* OK {5}\r\n".repeat(n)),
        ("blank lines", Side::Server, |n| b"\r\n".repeat(n)),
    ];
    for (what, sender, make) in inputs {
        for size in [1, 7, 4096] {
            let one = make(2_000);
            let two = make(4_000);
            let (a, b) = (steps(sender, &one, size), steps(sender, &two, size));
            assert!(b * 10 <= a * 22, "{what} in pieces of {size}: {a} steps, then {b} for the double");
            assert!(
                b <= 4 * two.len() as u64,
                "{what} in pieces of {size}: {b} steps for {} bytes",
                two.len()
            );
        }
    }
}

#[test]
fn s12_patterns_of_mailbox_names_are_matched_without_backtracking() {
    use imap_types::mailbox::ListPattern;
    let name = vec![b'a'; 2_000];
    for pattern in ["%*".repeat(500), "*a".repeat(500), "%a%*".repeat(250)] {
        let pattern = ListPattern::try_from(format!("{pattern}b")).unwrap();
        // A matcher that goes back would need longer than the world has been there.
        assert!(!pattern.matches(&name, Some('/')));
    }
}

#[test]
fn s12_parts_that_cannot_be_read_are_skipped_in_one_pass() {
    // 100 KB each. Where every quote looks for its end anew, one of them takes minutes; in one pass all of them
    // together take seconds.
    let in_one_pass = |bytes: &str, read: &dyn Fn()| {
        let start = Instant::now();
        read();
        let took = start.elapsed();
        assert!(
            took < Duration::from_secs(20),
            "{took:?} for {}..",
            bytes.chars().take(40).collect::<String>().escape_debug()
        );
    };
    for piece in ["\"a\\", "\"\\\"\u{e9}", "\\\" ", "(\"", "\"\0", "[\"", "{\"", "\"a\\ "] {
        let many = piece.repeat(30_000);
        for head in [
            "* X (",
            "* FLAGS (",
            "* 1 FETCH (BODYSTRUCTURE (",
            "* 1 FETCH (X ",
            "* LIST (",
            "* ESEARCH ALL 1 X ",
            "* STATUS x (",
        ] {
            let bytes = format!("{head}{many}\r\n");
            let frame = frame(bytes.clone());
            in_one_pass(&bytes, &|| {
                drop(decode_response(&frame, &DecodeOptions::tolerant_of_servers()));
                let _ = Tokens::new(Side::Server, frame.as_bytes()).count();
            });
        }
        for head in
            ["A1 X (", "A1 APPEND x (", "A1 STORE 1 FLAGS (", "A1 SEARCH ", "A1 SELECT x (", "A1 FETCH 1 ("]
        {
            let bytes = format!("{head}{many}\r\n");
            let frame = frame(bytes.clone());
            in_one_pass(&bytes, &|| {
                drop(decode_command(&frame, &wide(DecodeOptions::tolerant_of_clients())))
            });
        }
    }
}

/// What a client tells of a message of many large literals, in bytes that were decoded before it was complete.
fn looked_at(literals: usize) -> (usize, usize, usize) {
    use imap_fsm::{client::Event, time::Time};
    let mut client = crate::sessions::client_in(true, |config| {
        config.stream_above = Some(0);
        config.decode.limits.literals = usize::MAX;
    });
    let parts: String = (1..=literals).map(|part| format!(" BODY[{part}] {{1}}\r\nx")).collect();
    let input = format!("* PREAUTH ready\r\n* 1 FETCH (UID 1{parts})\r\n");
    client.handle_bytes(input.as_bytes(), Time::ZERO);
    let (mut streams, mut looked) = (0, 0);
    while let Some(event) = client.poll_event() {
        if let Event::StreamBegin { fetch, .. } = event {
            streams += 1;
            looked += fetch.map_or(0, |fetch| 14 * fetch.items.len());
        }
    }
    (streams, looked, input.len())
}

#[test]
fn s12_streaming_many_literals_is_linear() {
    let few = looked_at(50);
    assert_eq!(few.0, 50);
    let (one, two) = (looked_at(10_000), looked_at(20_000));
    assert_eq!((one.0, two.0), (10_000, 20_000));
    assert!(few.1 > 14 * 50 * 20, "each of a few is told with what came before: {few:?}");
    assert!(two.1 * 10 <= one.1 * 22, "{one:?}, then {two:?} for the double");
    assert!(two.1 <= 6 * two.2 + 256 * 1024, "{two:?}");
}

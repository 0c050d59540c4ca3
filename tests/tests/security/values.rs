//! S13 to S16: sets, integers, NUL and 8-bit, and what is printed.

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_response, frame::Event,
    limits::Limits, profile::EncodeProfile, token::Tokens,
};
use imap_tests::{alloc, rng::Rng};
use imap_types::{
    append::{Append, AppendMessage},
    command::{Command, CommandBody},
};

use crate::{PROFILES, SEEDS, frame, framer, messages, refused};

// ---- S13: sets ----

#[test]
fn s13_sets_are_ranges() {
    for (sender, line) in [
        (Side::Server, "A1 OK [APPENDUID 1 1:4294967295] x\r\n"),
        (Side::Server, "A1 OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n"),
        (Side::Server, "* VANISHED 1:4294967295\r\n"),
        (Side::Server, "* VANISHED (EARLIER) 1:4294967295\r\n"),
        (Side::Server, "* ESEARCH UID ALL 1:4294967295\r\n"),
        (Side::Client, "A1 FETCH 1:4294967295 FLAGS\r\n"),
        (Side::Client, "A1 UID STORE 4294967295:1,* FLAGS ()\r\n"),
        (Side::Client, "A1 SEARCH UID 1:4294967295\r\n"),
        (Side::Client, "A1 COPY 1:* x\r\n"),
    ] {
        let frame = frame(line);
        let ((), peak) = alloc::peak(|| match sender {
            Side::Server => {
                let decoded = decode_response(&frame, &DecodeOptions::strict()).unwrap();
                let encoded = encode_response(&decoded.value, &EncodeProfile::as_received(sender)).unwrap();
                assert_eq!(encoded.to_bytes(), line);
            }
            Side::Client => {
                let decoded = decode_command(&frame, &DecodeOptions::strict()).unwrap();
                let encoded = encode_command(&decoded.value, &EncodeProfile::as_received(sender)).unwrap();
                assert_eq!(encoded.to_bytes(), line);
            }
        });
        assert!(peak < 4096, "{line}: {peak} bytes");
    }
}

#[test]
fn s13_lengths_are_computed_and_pairs_are_lazy() {
    use imap_types::sequence::UidSet;
    let all = UidSet::try_from("1:4294967295").unwrap();
    let (first, peak) = alloc::peak(|| {
        assert_eq!(all.len(), u64::from(u32::MAX));
        all.pairs(&all).unwrap().next()
    });
    assert!(first.is_some());
    assert!(peak < 1024, "{peak} bytes");
}

// ---- S14: integers ----

#[test]
fn s14_numbers_that_do_not_fit_are_errors() {
    for line in [
        "* 4294967296 EXISTS\r\n",
        "* 99999999999999999999 EXISTS\r\n",
        "* 0 EXPUNGE\r\n",
        "* SEARCH 4294967296\r\n",
        "* SEARCH 0\r\n",
        "* 1 FETCH (UID 4294967296)\r\n",
        "* 1 FETCH (RFC822.SIZE 9223372036854775808)\r\n",
        "* 1 FETCH (RFC822.SIZE -1)\r\n",
        "* 1 FETCH (BODY[] {-100}\r\n)\r\n",
        "* STATUS x (MESSAGES 4294967296)\r\n",
        "* STATUS x (SIZE 9223372036854775808)\r\n",
    ] {
        let error = refused(decode_response(&frame(line), &DecodeOptions::strict()));
        assert!(!error.rule.is_empty(), "{line}");
    }
    for line in [
        "A1 FETCH 0 FLAGS\r\n",
        "A1 FETCH 4294967296 FLAGS\r\n",
        "A1 FETCH 1:99999999999999999999 FLAGS\r\n",
        "A1 FETCH 1 BODY[0]\r\n",
        "A1 FETCH 1 BODY[]<0.0>\r\n",
        "A1 FETCH 1 BODY[]<0.9223372036854775808>\r\n",
        "A1 SEARCH LARGER 9223372036854775808\r\n",
        "A1 LOGIN {-100}\r\n\r\n",
        "A1 LOGIN {99999999999999999999}\r\n\r\n",
    ] {
        let error = refused(decode_command(&frame(line), &DecodeOptions::strict()));
        assert_eq!(error.tag.as_ref().map(imap_types::atom::Tag::as_str), Some("A1"), "{line}: {error}");
    }
}

#[test]
fn s14_a_size_never_turns_payload_into_commands() {
    for header in [
        "{4294967296+}",
        "{4294967297+}",
        "{18446744073709551616+}",
        "{18446744073709551621+}",
        "x{17+}",
        "{0000000000000000017+}",
    ] {
        let input = format!("A1 LOGIN {header}\r\nA9 DELETE INBOX\r\n\r\n");
        let (messages, _) = messages(&mut framer(Side::Client, Limits::SERVER), input.as_bytes());
        assert!(messages.iter().all(|message| !message.starts_with("A9")), "{header}: {messages:?}");
    }
    // No size: no literal. What follows a synchronizing header is the client's next command, since it waits.
    for header in ["{-17}", "{+17}", "{17 }", "{}", "{0x11}", "{1e1}"] {
        let input = format!("A1 LOGIN {header}\r\nA2 NOOP\r\n");
        let (messages, _) = messages(&mut framer(Side::Client, Limits::SERVER), input.as_bytes());
        assert_eq!(messages.len(), 2, "{header}");
        assert!(
            decode_command(&frame(messages[0].as_bytes()), &DecodeOptions::strict()).is_err(),
            "{header}"
        );
    }
}

// ---- S15: NUL and 8-bit ----

//= rfc9051#section-9
//= type=test
//# The ASCII NUL character, %x00, MUST NOT be used anywhere, with the exception of the OCTET production.
#[test]
fn s15_nul_is_only_in_literal8() {
    for line in [
        "A1 LOGIN \"a\0\" b\r\n",
        "A1 LOGIN a\0 b\r\n",
        "A1 LOGIN {2}\r\na\0 b\r\n",
        "A1 NOOP\0\r\n",
        "A1\0 NOOP\r\n",
    ] {
        refused(decode_command(&frame(line), &DecodeOptions::strict()));
    }
    for line in
        ["* OK a\0b\r\n", "* LIST () \"/\" \"a\0\"\r\n", "* 1 FETCH (BODY[] {1}\r\n\0)\r\n", "\0* OK x\r\n"]
    {
        refused(decode_response(&frame(line), &DecodeOptions::strict()));
    }
    assert!(
        decode_response(&frame("* 1 FETCH (BINARY[1] ~{1}\r\n\0)\r\n"), &DecodeOptions::strict()).is_ok()
    );
    // Nor does it get out.
    let with_nul = Append::new("x", AppendMessage::new(vec![0])).unwrap();
    let command = Command::new("A1", CommandBody::Append(with_nul)).unwrap();
    for profile in &PROFILES {
        if let Ok(encoded) = encode_command(&command, profile) {
            let bytes = encoded.to_bytes();
            assert!(bytes.starts_with(b"A1 APPEND x ~{1"), "{}", bytes.escape_ascii());
        }
    }
    assert!(encode_command(&command, &EncodeProfile::client()).is_err());
}

#[test]
fn s15_any_bytes_are_read_or_refused_and_never_lost() {
    let mut rng = Rng::of("s15");
    for (sender, seed) in SEEDS {
        for _ in 0..2000 {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..=rng.below(3) {
                let at = rng.below(bytes.len());
                bytes[at] = u8::try_from(rng.below(256)).unwrap();
            }
            let frame = frame(bytes);
            match sender {
                Side::Client => {
                    let _ = decode_command(&frame, &DecodeOptions::tolerant_of_clients());
                    let _ = decode_command(&frame, &DecodeOptions::strict());
                }
                Side::Server => {
                    let _ = decode_response(&frame, &DecodeOptions::tolerant_of_servers());
                    let _ = decode_response(&frame, &DecodeOptions::strict());
                }
            }
            let _ = Tokens::new(sender, frame.as_bytes()).count();
        }
    }
    // Neither UTF-8 nor modified UTF-7: a name all the same, and the same bytes go out again.
    for name in [&b"{3}\r\n\xff\xfe\x80"[..], b"{5}\r\n&A-\xc3(", b"\"&&&&\"", b"\"&AOk\""] {
        let line = [b"* LIST () \"/\" ", name, b"\r\n"].concat();
        let decoded = decode_response(&frame(line.as_slice()), &DecodeOptions::strict()).unwrap();
        let encoded = encode_response(&decoded.value, &EncodeProfile::as_received(Side::Server)).unwrap();
        assert_eq!(encoded.to_bytes(), line, "{}", line.escape_ascii());
    }
}

#[test]
fn s16_no_bytes_in_what_is_printed_of_a_framer() {
    let mut framer = framer(Side::Client, Limits::SERVER);
    framer.push(b"A1 LOGIN joe sesame\r\nA2 LOGIN {3}\r\n");
    let event = framer.next_event();
    assert!(matches!(event, Some(Event::Message(_))));
    framer.push(b"joe sesame");
    let shown = format!("{event:?} {:?} {framer:?}", framer.next_event());
    assert!(!shown.contains("sesame") && !shown.contains("115, 101"), "{shown}");
}

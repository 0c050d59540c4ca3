//! Properties of all messages, on bytes near to those of the tables.
//!
//! Each input is a known message with a few edits. Whatever comes of it: no panic, an error within the message,
//! the strict decoder within the tolerant one, and what decodes survives being written and read again.

use imap_tests::{
    cases,
    codec::{Reading, decode},
    props,
    stream::{self, Cuts, Item, Outcome},
    table::{Input, grammar, malformed},
    wire::show,
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// A change of a message.
#[derive(Clone, Debug)]
enum Edit {
    /// Removes some bytes.
    Cut(Index, usize),
    /// Puts bytes of the grammar somewhere.
    Insert(Index, &'static [u8]),
    /// Changes one byte.
    Set(Index, u8),
    /// Writes some bytes twice.
    Repeat(Index, usize),
    /// Changes the case of a letter.
    Case(Index),
    /// Goes on with the tail of another message.
    Splice(Index, Index, Index),
}

const PIECES: &[&[u8]] = &[
    b" ",
    b"  ",
    b"(",
    b")",
    b"()",
    b"\"",
    b"\"\"",
    b"NIL",
    b"{0}\r\n",
    b"{3}\r\nabc",
    b"{1+}\r\nx",
    b"~{2}\r\n\0\0",
    b"[",
    b"]",
    b"<",
    b"<0.1>",
    b"*",
    b"%",
    b"\\",
    b"\\*",
    b"\\Seen",
    b"0",
    b"1",
    b"4294967295",
    b"4294967296",
    b"9223372036854775808",
    b"1:*",
    b",",
    b":",
    b"$",
    b"UID ",
    b"BODY[",
    b".PEEK",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"\x80",
    b"\xc3\xa9",
    b"=",
    b"+",
    b"-",
    b"~",
    b"OK",
    b"[ALERT] ",
    b"RETURN (",
    b"CHARSET UTF-8 ",
    b"\"a\\\"b\"",
    b"&AOk-",
    b"INBOX",
    b"inbox",
];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), 1_usize..6).prop_map(|(at, len)| Edit::Cut(at, len)),
        (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), 1_usize..12).prop_map(|(at, len)| Edit::Repeat(at, len)),
        any::<Index>().prop_map(Edit::Case),
        (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(at, other, from)| Edit::Splice(at, other, from)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit, all: &[Input]) {
    if bytes.is_empty() {
        return;
    }
    let len = bytes.len();
    match *edit {
        Edit::Cut(at, size) => {
            let at = at.index(len);
            bytes.drain(at..(at + size).min(len));
        }
        Edit::Insert(at, piece) => {
            let at = at.index(len + 1);
            bytes.splice(at..at, piece.iter().copied());
        }
        Edit::Set(at, byte) => bytes[at.index(len)] = byte,
        Edit::Repeat(at, size) => {
            let at = at.index(len);
            let again = bytes[at..(at + size).min(len)].to_vec();
            bytes.splice(at..at, again);
        }
        Edit::Case(at) => {
            let at = at.index(len);
            let from = bytes[at..].iter().position(u8::is_ascii_alphabetic).map_or(at, |more| at + more);
            bytes[from] ^= if bytes[from].is_ascii_alphabetic() { 0x20 } else { 0 };
        }
        Edit::Splice(at, other, from) => {
            let other = &all[other.index(all.len())].bytes;
            bytes.truncate(at.index(len));
            if !other.is_empty() {
                bytes.extend_from_slice(&other[from.index(other.len())..]);
            }
        }
    }
}

fn is_one_message(input: &Input, reading: Reading) -> bool {
    let items = stream::read(stream::reader_of(input, reading), &input.bytes, Cuts::Whole);
    matches!(items.as_slice(), [Item { outcome: Outcome::Message(..), .. }])
}

fn check(input: &Input) -> Result<(), String> {
    let strict = decode(input, Reading::Strict);
    let tolerant = decode(input, Reading::Tolerant);
    props::strict_is_within_tolerant(&strict, &tolerant)?;
    for (reading, decoded) in [(Reading::Strict, strict), (Reading::Tolerant, tolerant)] {
        match decoded {
            // What a framer would not give is decoded without harm, and that is all.
            Ok(_) if !is_one_message(input, reading) => {}
            // A text that a reader less careful than ours would take for a code with a literal is refused.
            Ok(decoded) if decoded.value.encode().is_err_and(|error| error.what == "a text") => {}
            // Where a stray quote ends depends on the rest of the line: an invalid part beside a string that takes
            // another form may be read otherwise the second time.
            Ok(decoded)
                if props::has_invalid_part(&decoded.value)
                    && decoded.value.encode().is_ok_and(|canonical| canonical != input.bytes) => {}
            Ok(decoded) => {
                props::survives(input, reading, &decoded.value)
                    .map_err(|what| format!("{reading:?}: {what}"))?;
            }
            Err(error) if error.at > input.bytes.len() => {
                return Err(format!("an error at byte {}, past the message", error.at));
            }
            Err(error) => props::secrets_stay_hidden(input, &error)?,
        }
    }
    Ok(())
}

fn runner(usual: u32, seed: u64) -> TestRunner {
    let cases = cases::times_32(usual);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &cases::seed_bytes(seed)))
}

fn inputs() -> Vec<Input> {
    let known = grammar().into_iter().flat_map(|table| table.cases).map(|case| case.input);
    let bad = malformed().into_iter().flat_map(|table| table.cases).map(|case| case.input);
    let short = |input: &Input| input.bytes.len() < 4096;
    known.chain(bad).filter(short).collect()
}

#[test]
fn every_known_message_has_the_properties() {
    let all = inputs();
    assert!(!all.is_empty(), "no cases in the tables");
    for input in &all {
        if let Err(what) = check(input) {
            panic!("{}\n{what}", show(&input.bytes));
        }
    }
}

#[test]
fn messages_near_to_known_ones_have_the_properties() {
    let all = inputs();
    let strategy = (any::<Index>(), vec(edit(), 1..5));
    let outcome = runner(20_000, 7).run(&strategy, |(which, edits)| {
        let mut input = all[which.index(all.len())].clone();
        edits.iter().for_each(|edit| apply(&mut input.bytes, edit, &all));
        check(&input)
            .map_err(|what| TestCaseError::fail(format!("{:?} {}\n{what}", input.from, show(&input.bytes))))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

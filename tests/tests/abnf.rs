//! The RFCs' grammar as generator and oracle: what it derives decodes, in strict mode.

use std::collections::BTreeMap;

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, decode_command, decode_greeting, decode_response, error::DecodeError, frame::Frame,
};
use imap_tests::abnf::{
    Grammar, Revision,
    generate::Generator,
    recognise::{recognise, with_deep_stack},
};
use imap_tests::rng::Rng;

/// The rules that are whole messages, and who sends them.
const MESSAGES: [(&str, bool); 5] = [
    ("command", true),
    ("greeting", false),
    ("response-data", false),
    ("response-tagged", false),
    ("continue-req", false),
];

/// How many messages of each kind; `ABNF_MESSAGES` asks for more.
fn share() -> usize {
    std::env::var("ABNF_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000)
}

#[test]
fn what_is_generated_is_recognised() {
    with_deep_stack(generated_is_recognised);
}

fn generated_is_recognised() {
    for revision in [Revision::Rev1, Revision::Rev2] {
        let grammar = Grammar::load(revision);
        for (name, client) in MESSAGES {
            let rule = grammar.rule(name);
            let mut generator = Generator::new(&grammar, 1, client);
            for _ in 0..300 {
                let message = generator.message(rule, 40);
                assert!(
                    recognise(&grammar, rule, &message, client),
                    "{revision:?} {name}: `{}` is not recognised",
                    message.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn every_alternative_is_generated() {
    for revision in [Revision::Rev1, Revision::Rev2] {
        let grammar = Grammar::load(revision);
        for (name, client) in MESSAGES {
            let rule = grammar.rule(name);
            let mut generator = Generator::new(&grammar, 1, client);
            let reachable = grammar.reachable(rule);
            for _ in 0..1500 {
                let _ = generator.message(rule, 60);
            }
            let missed: BTreeMap<_, _> =
                reachable.iter().filter(|(place, _)| !generator.used().contains_key(place)).collect();
            println!(
                "{revision:?} {name}: {} of {} alternatives",
                reachable.len() - missed.len(),
                reachable.len()
            );
            assert!(missed.is_empty(), "{revision:?} {name}: never generated: {missed:?}");
        }
    }
}

/// Decodes `message` as what `rule` is.
///
/// `Ok(true)` where something in it was kept as a value of open shape, because no rule names it: that is
/// read beyond the grammar of the base protocol.
fn decode(rule: &str, message: &[u8], options: &DecodeOptions) -> Result<bool, DecodeError> {
    fn open<T: std::fmt::Debug>(decoded: &imap_codec::Decoded<T>) -> bool {
        let value = format!("{:?}", decoded.value);
        // APPEND of several messages (RFC 3502), and with further options (RFC 4466 section 3).
        value.contains("Other")
            || value.contains("extensions: [Parameter")
            || value.matches("AppendMessage {").count() > 1
    }
    let frame = Frame::new(Bytes::copy_from_slice(message));
    match rule {
        "command" => decode_command(&frame, options).map(|decoded| open(&decoded)),
        "greeting" => decode_greeting(&frame, options).map(|decoded| open(&decoded)),
        _ => decode_response(&frame, options).map(|decoded| open(&decoded)),
    }
}

#[test]
fn what_is_generated_decodes_in_strict() {
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for revision in [Revision::Rev1, Revision::Rev2] {
        let grammar = Grammar::load(revision);
        for (name, client) in MESSAGES {
            let mut generator = Generator::new(&grammar, 7, client);
            for _ in 0..share() {
                let message = generator.message(grammar.rule(name), 60);
                count += 1;
                if let Err(error) = decode(name, &message, &DecodeOptions::strict()) {
                    let shown = format!("{error}\n      {}", message.escape_ascii());
                    failures.entry(format!("{name}: rule {}", error.rule)).or_default().push(shown);
                }
            }
        }
    }
    show(&failures);
    assert!(failures.is_empty(), "of {count} messages that the RFCs allow, some do not decode");
}

/// A message with one byte or one word changed.
fn mutate(message: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = message.to_vec();
    // The line end stays: where a message ends is the framer's business.
    let end = bytes.len().saturating_sub(2).max(1);
    let at = random.below(end);
    const BYTES: &[u8] = b" ()[]{}<>\"\\*%+-:,.0129aZ\x00\x7f\xc3\x80NIL~$=/";
    match random.below(6) {
        0 => {
            bytes.remove(at);
        }
        1 => bytes.insert(at, BYTES[random.below(BYTES.len())]),
        2 => bytes[at] = BYTES[random.below(BYTES.len())],
        3 => bytes.insert(at, bytes[at]),
        4 => {
            let to = (at + 1 + random.below(6)).min(end);
            bytes.drain(at..to);
        }
        _ => {
            let to = (at + 1 + random.below(6)).min(end);
            let part = bytes[at..to].to_vec();
            let place = random.below(end);
            bytes.splice(place..place, part);
        }
    }
    bytes
}

/// Where strict decoding and the grammar differ on purpose. Each has a message on which they differ, so that
/// an entry that is no longer needed fails, and a test for messages of its kind.
struct Difference {
    why: &'static str,
    rule: &'static str,
    example: &'static [u8],
    covers: fn(message: &[u8], error: Option<&DecodeError>) -> bool,
}

const DIFFERENCES: [Difference; 7] = [
    Difference {
        why: "a known name of an option whose arguments fit only the generic form is an error, since what \
              it asks for cannot be known (RFC 5258 section 6, option-extension)",
        rule: "command",
        example: b"A LIST \"\" % RETURN (STATUS (a]b))\r\n",
        covers: |message, error| error.is_some() && contains(message, b"STATUS ("),
    },
    Difference {
        why: "the same for MIN, MAX, ALL and COUNT in ESEARCH (RFC 9051 section 9, search-ret-data-ext)",
        rule: "response-data",
        example: b"* ESEARCH MAX 42949672960\r\n",
        covers: |message, error| error.is_some() && contains(message, b"ESEARCH "),
    },
    Difference {
        why: "what RFC 3501 allows in one place and RFC 9051 in another is read in one message: BADCHARSET \
              with astrings, and no text after the code",
        rule: "response-data",
        example: b"* NO [BADCHARSET ({1}\r\nx)] \r\n",
        covers: |message, error| error.is_none() && contains(message, b"[BADCHARSET ("),
    },
    Difference {
        why: "the same: a charset that is any astring (RFC 3501), and LARGER with 63 bits (RFC 9051)",
        rule: "command",
        example: b"A SEARCH CHARSET ] LARGER 4294967296\r\n",
        covers: |message, error| error.is_none() && contains(message, b"SEARCH CHARSET "),
    },
    Difference {
        why: "APPEND of a literal8 (RFC 3516 section 7, RFC 4466 section 3) is no part of the base grammar",
        rule: "command",
        example: b"A APPEND INBOX ~{1+}\r\nx\r\n",
        covers: |message, error| error.is_none() && contains(message, b"APPEND ") && contains(message, b"~{"),
    },
    Difference {
        why: "CHILDINFO holds names of options, not any strings (RFC 5258 section 6, childinfo-extended-item)",
        rule: "response-data",
        example: b"* LIST () NIL INBOX (CHILDINFO (\"a%b\"))\r\n",
        covers: |message, error| error.is_some() && contains(message, b"CHILDINFO ("),
    },
    Difference {
        why: "OLDNAME holds one mailbox name (RFC 9051 section 9, oldname-extended-item)",
        rule: "response-data",
        example: b"* LIST () NIL INBOX (OLDNAME ())\r\n",
        covers: |message, error| error.is_some() && contains(message, b"OLDNAME ("),
    },
];

fn contains(message: &[u8], word: &[u8]) -> bool {
    message.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Whether the grammar of either revision allows `message`.
fn allows(grammars: &[Grammar], rule: &str, message: &[u8]) -> bool {
    let rules: &[&str] = match rule {
        "command" | "greeting" => &[rule],
        _ => &["response-data", "response-tagged", "continue-req"],
    };
    grammars.iter().any(|grammar| {
        rules.iter().any(|rule| recognise(grammar, grammar.rule(rule), message, *rule == "command"))
    })
}

#[test]
fn every_difference_is_still_there() {
    let grammars = [Grammar::load(Revision::Rev1), Grammar::load(Revision::Rev2)];
    for difference in &DIFFERENCES {
        let read = decode(difference.rule, difference.example, &DecodeOptions::strict());
        assert_ne!(
            read.is_ok(),
            allows(&grammars, difference.rule, difference.example),
            "no longer different: `{}` ({})",
            difference.example.escape_ascii(),
            difference.why
        );
        assert!((difference.covers)(difference.example, read.as_ref().err()));
    }
}

#[test]
fn mutants_are_accepted_exactly_when_the_grammar_accepts() {
    //= rfc9051#section-9
    //= type=test
    //# [ABNF] rules MUST be followed strictly
    //= rfc9051#section-9
    //= type=test
    //# In the case of alternative or optional rules in which a later rule overlaps an earlier rule, the
    //# rule that is listed earlier MUST take priority.
    with_deep_stack(mutants);
}

fn mutants() {
    let grammars = [Grammar::load(Revision::Rev1), Grammar::load(Revision::Rev2)];
    let mut random = Rng::new(3);
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut accepted, mut refused) = (0, 0);
    for grammar in &grammars {
        for (name, client) in MESSAGES {
            let mut generator = Generator::new(grammar, 11, client);
            for _ in 0..share() / 8 {
                let message = generator.message(grammar.rule(name), 60);
                let mutant = mutate(&message, &mut random);
                let allowed = allows(&grammars, name, &mutant);
                let read = decode(name, &mutant, &DecodeOptions::strict());
                if allowed {
                    accepted += 1
                } else {
                    refused += 1
                }
                let what = match (&read, allowed) {
                    // Beyond the base protocol the grammar has nothing to say.
                    (Ok(true), false) | (Ok(false), true) | (Ok(true), true) | (Err(_), false) => continue,
                    (Ok(false), false) => format!("{name}: read, not allowed"),
                    (Err(error), true) => format!("{name}: allowed, not read: rule {}", error.rule),
                };
                if DIFFERENCES.iter().any(|known| (known.covers)(&mutant, read.as_ref().err())) {
                    continue;
                }
                let shown = match read {
                    Ok(_) => mutant.escape_ascii().to_string(),
                    Err(error) => format!("{error}\n      {}", mutant.escape_ascii()),
                };
                failures.entry(what).or_default().push(shown);
            }
        }
    }
    println!("mutants: {accepted} that the grammar allows, {refused} that it does not");
    show(&failures);
    assert!(failures.is_empty(), "the decoder and the grammar disagree");
}

fn show(failures: &BTreeMap<String, Vec<String>>) {
    for (what, all) in failures {
        println!("{what}: {} messages, such as", all.len());
        let mut all = all.clone();
        all.sort_by_key(String::len);
        all.iter().take(5).for_each(|one| println!("    {one}"));
    }
}

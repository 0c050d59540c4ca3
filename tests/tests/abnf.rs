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

fn share() -> usize {
    std::env::var("ABNF_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000)
}

#[test]
fn what_is_generated_is_recognised() {
    with_deep_stack(|| generated_is_recognised());
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
                    recognise(&grammar, rule, &message),
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
            for _ in 0..3000 {
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
fn decode(rule: &str, message: &[u8], options: &DecodeOptions) -> Result<(), DecodeError> {
    let frame = Frame::new(Bytes::copy_from_slice(message));
    match rule {
        "command" => decode_command(&frame, options).map(drop),
        "greeting" => decode_greeting(&frame, options).map(drop),
        _ => decode_response(&frame, options).map(drop),
    }
}

#[test]
fn what_is_generated_decodes_in_strict() {
    let mut failures: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
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
                    failures.entry((name, error.rule)).or_default().push(shown);
                }
            }
        }
    }
    for ((name, rule), all) in &failures {
        println!("{name}: rule {rule}: {} messages, such as", all.len());
        let mut all = all.clone();
        all.sort_by_key(String::len);
        all.iter().take(4).for_each(|one| println!("    {one}"));
    }
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

#[test]
fn mutants_are_accepted_exactly_when_the_grammar_accepts() {
    with_deep_stack(mutants);
}

fn mutants() {
    let grammars = [Grammar::load(Revision::Rev1), Grammar::load(Revision::Rev2)];
    let mut random = Rng::new(3);
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for grammar in &grammars {
        for (name, client) in MESSAGES {
            let mut generator = Generator::new(grammar, 11, client);
            for _ in 0..share() {
                let message = generator.message(grammar.rule(name), 60);
                let mutant = mutate(&message, &mut random);
                if mutant.len() > 400 {
                    continue;
                }
                let rules: &[&str] = match name {
                    "command" | "greeting" => &[name],
                    _ => &["response-data", "response-tagged", "continue-req"],
                };
                let allowed = grammars
                    .iter()
                    .any(|grammar| rules.iter().any(|rule| recognise(grammar, grammar.rule(rule), &mutant)));
                let read = decode(name, &mutant, &DecodeOptions::strict());
                let what = match (&read, allowed) {
                    (Ok(()), false) => format!("{name}: read, not allowed"),
                    (Err(error), true) => format!("{name}: allowed, not read: rule {}", error.rule),
                    _ => continue,
                };
                let shown = match read {
                    Ok(()) => mutant.escape_ascii().to_string(),
                    Err(error) => format!("{error}\n      {}", mutant.escape_ascii()),
                };
                failures.entry(what).or_default().push(shown);
            }
        }
    }
    for (what, all) in &failures {
        println!("{what}: {} mutants, such as", all.len());
        let mut all = all.clone();
        all.sort_by_key(String::len);
        all.iter().take(200).for_each(|one| println!("    {one}"));
    }
}

//! Captures of real sessions: every message decodes, or is listed in `data/captures/expected.toml`.
//!
//! `CASE=dovecot/curl cargo test -p imap-tests --test corpus` looks at some of them only.

use std::collections::{BTreeMap, BTreeSet};

use imap_codec::{Mode, Side};
use imap_tests::{
    codec::{Message, Reading},
    corpus::{Capture, Direction, Expected, captures},
    props,
    report::{Report, filter, selected},
    rng::Rng,
    session::{self, Judgement},
    stream::{Cuts, Item, Outcome},
    wire::show,
};
use imap_types::{
    command::{ClientMessage, Command, CommandBody},
    response::{Data, Response},
};

#[derive(Default)]
struct Counts {
    messages: usize,
    malformed: usize,
    incomplete: usize,
    refused: usize,
    violations: usize,
    open: BTreeMap<String, usize>,
    deviations: BTreeMap<String, usize>,
}

#[test]
fn every_message_of_every_capture_decodes_or_is_listed() {
    let expected = Expected::load();
    let mut report = Report::default();
    let mut counts = Counts::default();
    let (mut met, mut met_violations) = (BTreeSet::new(), BTreeSet::new());
    let captures = captures();
    assert!(captures.len() >= 295, "captures are missing: {}", captures.len());
    for capture in &captures {
        if !selected(&capture.file) {
            continue;
        }
        report.run(&capture.file, |fail| {
            let chunks = || capture.chunks.iter().map(|chunk| (chunk.from, chunk.bytes.as_slice()));
            let judgement = match session::read(chunks(), Reading::Tolerant, Cuts::Whole) {
                Ok(judgement) => judgement,
                Err(what) => return fail(what),
            };
            for cuts in [Cuts::Bytes, Cuts::Seeded(Rng::of(&capture.file).number())] {
                match session::read(chunks(), Reading::Tolerant, cuts) {
                    Ok(other) if other == judgement => {}
                    Ok(other) => fail(difference(cuts, &judgement, &other)),
                    Err(what) => fail(format!("{cuts:?}: {what}")),
                }
            }
            let from_bytes = session::violations_from_bytes(chunks(), Reading::Tolerant);
            if from_bytes != judgement.violations {
                fail(format!(
                    "from bytes, other violations are found\n  {from_bytes:?}\n  {:?}",
                    judgement.violations
                ));
            }
            for direction in [Direction::C, Direction::S] {
                let items = judgement.items(direction.into());
                check(capture, direction, items, &expected, &mut met, &mut counts, fail);
            }
            check_violations(capture, &judgement, &expected, &mut met_violations, &mut counts, fail);
        });
    }
    for (at, entry) in expected.malformed.iter().enumerate() {
        if !met.contains(&at) && selected(&entry.file) {
            report.fail(
                &entry.file,
                format!("listed as malformed, and is not there: {:?} at {}", entry.direction, entry.offset),
            );
        }
    }
    for (at, entry) in expected.violation.iter().enumerate() {
        if !met_violations.contains(&at) && selected(&entry.file) {
            let (by, offset, id) = (entry.by, entry.offset, &entry.id);
            report
                .fail(&entry.file, format!("listed as a violation, and is none: {id} by {by:?} at {offset}"));
        }
    }
    println!(
        "captures: {} sessions, {} messages, {} malformed, {} given up at a literal, {} cut off by the end, {} violations",
        report.count(),
        counts.messages,
        counts.malformed,
        counts.refused,
        counts.incomplete,
        counts.violations
    );
    println!("of open shape: {:?}", counts.open);
    println!("deviations: {:?}", counts.deviations);
    report.finish("captures");
    assert!(counts.messages > 10_000 || filter().is_some(), "only {} messages", counts.messages);
}

fn check(
    capture: &Capture,
    direction: Direction,
    items: &[Item],
    expected: &Expected,
    met: &mut BTreeSet<usize>,
    counts: &mut Counts,
    fail: &mut dyn FnMut(String),
) {
    let from = Side::from(direction);
    let stream = capture.stream(from);
    for (number, item) in items.iter().enumerate() {
        let bytes = &stream[item.offset as usize..item.end() as usize];
        let at = format!("{direction:?} at {}", item.offset);
        let entry = expected.malformed.iter().position(|entry| {
            (entry.file.as_str(), entry.direction, entry.offset)
                == (capture.file.as_str(), direction, item.offset)
        });
        counts.messages += 1;
        match (&item.outcome, entry) {
            (Outcome::Message(message, deviations), None) => {
                for deviation in deviations {
                    let id = deviation.split('@').next().unwrap_or_default();
                    *counts.deviations.entry(id.into()).or_default() += 1;
                }
                if let Some(name) = open_shape(message) {
                    *counts.open.entry(name).or_default() += 1;
                }
                if let Err(what) = survives(from, number == 0, item, message) {
                    fail(format!("{at}: {}\n{what}", show(bytes)));
                }
            }
            (Outcome::Message(..), Some(entry)) => {
                met.insert(entry);
                fail(format!("{at}: listed as malformed, and decodes: {}", show(bytes)));
            }
            (Outcome::Malformed(fault), Some(entry)) => {
                counts.malformed += 1;
                met.insert(entry);
                let entry = &expected.malformed[entry];
                if entry.rule != fault.rule {
                    fail(format!("{at}: listed with rule {}, refused with {}", entry.rule, fault.rule));
                }
            }
            (Outcome::Malformed(fault), None) => fail(format!(
                "{at}: {}\n  {}\n  rule {} at byte {}",
                show(bytes),
                fault.message,
                fault.rule,
                fault.at - item.offset
            )),
            (Outcome::Incomplete | Outcome::Refused | Outcome::Blank, Some(entry)) => {
                met.insert(entry);
                fail(format!("{at}: listed as malformed, and was never complete: {}", show(bytes)));
            }
            (Outcome::Refused, None) => counts.refused += 1,
            (Outcome::Incomplete | Outcome::Blank, None) => counts.incomplete += 1,
        }
    }
}

fn difference(cuts: Cuts, whole: &Judgement, other: &Judgement) -> String {
    for from in [Side::Client, Side::Server] {
        let pairs = whole.items(from).iter().zip(other.items(from));
        if let Some((a, b)) = pairs.into_iter().find(|(a, b)| a != b) {
            return format!("{cuts:?} gives another message of the {from:?}\n  whole {a:?}\n  cut   {b:?}");
        }
    }
    format!(
        "{cuts:?} gives another judgement\n  whole {:?}\n  cut   {:?}",
        whole.violations, other.violations
    )
}

fn check_violations(
    capture: &Capture,
    judgement: &Judgement,
    expected: &Expected,
    met: &mut BTreeSet<usize>,
    counts: &mut Counts,
    fail: &mut dyn FnMut(String),
) {
    for violation in &judgement.violations {
        counts.violations += 1;
        let (by, id, offset) = (violation.by(), violation.rule.id(), violation.place.offset);
        let entry = expected.violation.iter().position(|entry| {
            (&*entry.file, Side::from(entry.by), entry.offset, &*entry.id) == (&*capture.file, by, offset, id)
        });
        if let Some(entry) = entry {
            met.insert(entry);
            continue;
        }
        let bytes = capture.stream(by);
        let message = bytes.get(offset as usize..).unwrap_or_default();
        let message = message.get(..violation.place.length as usize).unwrap_or(message);
        fail(format!("violation {id} by {by:?} at {offset}: {}\n  {}", violation.message, show(message)));
    }
}

/// What is written down again decodes to an equal value.
fn survives(from: Side, first: bool, item: &Item, message: &Message) -> Result<(), String> {
    let Outcome::Message(..) = item.outcome else { return Ok(()) };
    let input = imap_tests::table::Input {
        from: match (from, message) {
            (Side::Server, Message::Greeting(_)) if first => imap_tests::table::From::Greeting,
            (Side::Server, _) => imap_tests::table::From::Server,
            (Side::Client, _) => imap_tests::table::From::Client,
        },
        bytes: Vec::new(),
        expecting: match message {
            Message::Client(ClientMessage::AuthenticateData(_)) => imap_codec::Expecting::AuthenticateData,
            Message::Client(ClientMessage::IdleDone) => imap_codec::Expecting::IdleDone,
            _ => imap_codec::Expecting::Command,
        },
        mode: Mode::Any,
    };
    props::survives(&input, Reading::Tolerant, message).map(|_| ())
}

/// The name of a message that has no type of its own yet.
fn open_shape(message: &Message) -> Option<String> {
    match message {
        Message::Client(ClientMessage::Command(Command {
            body: CommandBody::Other { uid, name, .. },
            ..
        })) => Some(format!("C {}{}", if *uid { "UID " } else { "" }, name.as_str().to_ascii_uppercase())),
        Message::Response(Response::Data(Data::Other { name, .. })) => {
            Some(format!("S {}", name.as_str().to_ascii_uppercase()))
        }
        _ => None,
    }
}

//! The example dialogues of the RFCs: every message decodes in strict, or is listed with the reason.

use std::collections::BTreeSet;

use imap_codec::{Mode, Side};
use imap_tests::{
    codec::Reading,
    dialogue::{Dialogue, dialogues},
    report::{Report, selected},
    rng::Rng,
    session,
    stream::{Cuts, Item, Outcome, Reader, any_cut_gives_the_same},
    wire::show,
};

#[test]
fn every_example_of_rfc_3501_decodes() {
    run("rfc3501", 240);
}

#[test]
fn every_example_of_rfc_9051_decodes() {
    run("rfc9051", 700);
}

fn run(document: &str, at_least: usize) {
    let mut report = Report::default();
    let mut messages = 0;
    for (number, dialogue) in dialogues(document).iter().enumerate() {
        let name = format!("{document} {} (dialogue {})", dialogue.section, number + 1);
        if !selected(&name) {
            continue;
        }
        report.run(&name, |fail| {
            let mut listed = BTreeSet::new();
            let lines = dialogue.lines();
            let chunks = || lines.iter().map(|(from, line)| (*from, line.as_bytes()));
            if dialogue.alone.is_some() {
                for from in [Side::Client, Side::Server] {
                    let reader = || Reader::new(from, Reading::Strict, Mode::Any);
                    match any_cut_gives_the_same(reader, &dialogue.stream(from), [1]) {
                        Ok(items) => messages += check(dialogue, from, &items, &mut listed, fail),
                        Err(what) => fail(what),
                    }
                }
                return;
            }
            let judgement = match session::read_decrypted(chunks(), Reading::Strict, Cuts::Whole) {
                Ok(judgement) => judgement,
                Err(what) => return fail(what),
            };
            for cuts in [Cuts::Bytes, Cuts::Seeded(Rng::of(&dialogue.section).number()), Cuts::Seeded(1)] {
                if session::read_decrypted(chunks(), Reading::Strict, cuts).as_ref() != Ok(&judgement) {
                    fail(format!("{cuts:?} gives something else"));
                }
            }
            check_violations(dialogue, &lines, fail);
            for from in [Side::Client, Side::Server] {
                messages += check(dialogue, from, judgement.items(from), &mut listed, fail);
            }
            for (at, entry) in dialogue.malformed.iter().enumerate() {
                if !listed.contains(&at) {
                    fail(format!("listed as malformed, and is not: {}", entry.line));
                }
            }
        });
    }
    println!("{document}: {messages} messages");
    report.finish(document);
    assert!(messages >= at_least || imap_tests::report::filter().is_some(), "only {messages} messages");
}

fn check(
    dialogue: &Dialogue,
    from: Side,
    items: &[Item],
    listed: &mut BTreeSet<usize>,
    fail: &mut dyn FnMut(String),
) -> usize {
    let stream = dialogue.stream(from);
    for item in items {
        let bytes = &stream[item.offset as usize..item.end() as usize];
        let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let side = if from == Side::Client { "C" } else { "S" };
        let line = format!("{side}: {}", String::from_utf8_lossy(line));
        let entry = dialogue.malformed.iter().position(|entry| entry.line == line);
        match (&item.outcome, entry) {
            (Outcome::Message(..), None) => {}
            (Outcome::Message(..), Some(_)) => fail(format!("listed as malformed, and decodes: {line}")),
            (Outcome::Malformed(fault), Some(at)) => {
                listed.insert(at);
                let entry = &dialogue.malformed[at];
                if (fault.rule.as_str(), fault.at - item.offset) != (entry.rule.as_str(), entry.at) {
                    fail(format!(
                        "{line}\n  listed with {} at {}, refused with {} at {}",
                        entry.rule,
                        entry.at,
                        fault.rule,
                        fault.at - item.offset
                    ));
                }
            }
            (Outcome::Malformed(fault), None) => {
                fail(format!("{}\n  {} at {}", show(bytes), fault.message, fault.at - item.offset));
            }
            (Outcome::Incomplete | Outcome::Refused | Outcome::Blank, _) => {
                fail(format!("no whole message: {}", show(bytes)))
            }
        }
    }
    items.len()
}

/// What comes before the example: it may begin anywhere in a session.
const BEGINNINGS: [&[(Side, &str)]; 5] = [
    &[],
    &[(Side::Server, "* OK ready\r\n")],
    &[(Side::Server, "* PREAUTH ready\r\n")],
    &[
        (Side::Server, "* PREAUTH ready\r\n"),
        (Side::Client, "begin SELECT INBOX\r\n"),
        (Side::Server, "begin OK [READ-WRITE] done\r\n"),
    ],
    &[
        (Side::Server, "* PREAUTH ready\r\n"),
        (Side::Client, "begin SELECT INBOX\r\n"),
        (Side::Server, "begin OK [READ-WRITE] done\r\n"),
        (Side::Client, "running NOOP\r\n"),
    ],
];

/// From one of the beginnings, the dialogue breaks no rule of the protocol but those that are listed.
fn check_violations(dialogue: &Dialogue, lines: &[(Side, String)], fail: &mut dyn FnMut(String)) {
    let mut listed: Vec<_> =
        dialogue.violation.iter().map(|entry| (entry.line.clone(), entry.id.clone())).collect();
    listed.sort();
    let mut best: Option<Vec<(String, String, String)>> = None;
    for beginning in BEGINNINGS {
        let before =
            |from: Side| beginning.iter().filter(|it| it.0 == from).map(|it| it.1.len() as u64).sum::<u64>();
        let chunks = beginning
            .iter()
            .map(|(from, line)| (*from, line.as_bytes()))
            .chain(lines.iter().map(|(from, line)| (*from, line.as_bytes())));
        let judgement = match session::read_decrypted(chunks, Reading::Strict, Cuts::Whole) {
            Ok(judgement) => judgement,
            Err(what) => return fail(what),
        };
        let mut found = Vec::new();
        for violation in &judgement.violations {
            let by = violation.by();
            let Some(offset) = violation.place.offset.checked_sub(before(by)) else { continue };
            let stream = dialogue.stream(by);
            let rest = stream.get(offset as usize..).unwrap_or_default();
            let line = rest.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let side = if by == Side::Client { "C" } else { "S" };
            let line = format!("{side}: {}", String::from_utf8_lossy(line));
            found.push((line, violation.rule.id().to_owned(), violation.message.clone()));
        }
        found.sort();
        if found.iter().map(|(line, id, _)| (line.clone(), id.clone())).eq(listed.iter().cloned()) {
            return;
        }
        if best.as_ref().is_none_or(|best| found.len() < best.len()) {
            best = Some(found);
        }
    }
    fail(format!("violations: listed {listed:?}, found at best {best:#?}"));
}

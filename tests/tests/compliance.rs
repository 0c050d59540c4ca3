//! The ledgers: every sentence in which RFC 3501 or RFC 9051 demands something is accounted for, and what is said to be
//! obeyed is cited where it is obeyed and where it is proved.
//!
//! `UPDATE_GOLDEN=1` rewrites `docs/compliance.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use imap_tests::{
    compliance::{Citation, Ledger, Row, State, all_citations, citations, level},
    golden::updating,
};

fn ledgers() -> [Ledger; 2] {
    [Ledger::load(3501), Ledger::load(9051)]
}

/// The row that speaks for `row`: itself, or the one of RFC 9051 that says the same.
fn speaker<'a>(row: &'a Row, rev2: &'a Ledger) -> &'a Row {
    row.same.as_ref().map_or(row, |id| rev2.row(id).unwrap_or_else(|| panic!("{}: no row {id}", row.id)))
}

fn state(row: &Row, rev2: &Ledger) -> State {
    speaker(row, rev2).state().unwrap().unwrap_or_else(|| panic!("{}: the same as the same", row.id))
}

#[test]
fn every_sentence_has_a_row_or_is_excluded() {
    for ledger in &ledgers() {
        let mut wrong = Vec::new();
        let mut excluded = BTreeMap::new();
        for group in &ledger.excluded {
            assert!(!group.reason.is_empty(), "RFC {}: excluded without a reason", ledger.rfc);
            for section in &group.sections {
                let ids: Vec<_> = ledger.sentences.iter().filter(|it| it.section == *section).collect();
                if ids.is_empty() {
                    wrong.push(format!("no sentence stands in the excluded section {section}"));
                }
                ids.iter().for_each(|it| *excluded.entry(it.id.as_str()).or_insert(0) += 1);
            }
            group.ids.iter().for_each(|id| *excluded.entry(id).or_insert(0) += 1);
        }
        let twice = excluded.iter().filter(|(_, times)| **times > 1);
        wrong.extend(twice.map(|(id, _)| format!("{id} is excluded twice")));

        // Rows are in the order of the RFC, so the two go side by side.
        let mut rows = ledger.rows.iter().peekable();
        for sentence in &ledger.sentences {
            let out = excluded.remove(sentence.id.as_str()).is_some();
            match rows.next_if(|row| row.id == sentence.id) {
                Some(_) if out => wrong.push(format!("{} has a row and is excluded", sentence.id)),
                None if !out => wrong.push(format!("{} has no row: {}", sentence.id, sentence.text)),
                Some(row) if (&row.section, &row.sentence) != (&sentence.section, &sentence.text) => {
                    wrong.push(format!("{} is not the sentence of the RFC: {}", row.id, sentence.text));
                }
                _ => {}
            }
        }
        wrong.extend(rows.map(|row| format!("{} is out of place, or no sentence", row.id)));
        wrong.extend(excluded.keys().map(|id| format!("{id} is excluded, but is no sentence")));
        assert!(wrong.is_empty(), "RFC {}:\n{}", ledger.rfc, wrong.join("\n"));
    }
}

#[test]
fn every_row_says_one_thing() {
    let [rev1, rev2] = ledgers();
    for ledger in [&rev1, &rev2] {
        for row in &ledger.rows {
            row.state().unwrap_or_else(|error| panic!("RFC {}: {error}", ledger.rfc));
            state(row, &rev2);
            assert_eq!(Some(&*row.level), level(&row.sentence), "RFC {} {}", ledger.rfc, row.id);
        }
    }
    assert!(rev2.rows.iter().all(|row| row.same.is_none()), "`same` is for the older RFC");
}

#[test]
fn what_is_to_be_done_only_shrinks() {
    let [rev1, rev2] = ledgers();
    for ledger in [&rev1, &rev2] {
        let todo = ledger.rows.iter().filter(|row| state(row, &rev2) == State::Todo).count();
        assert_eq!(
            todo, ledger.todo,
            "RFC {}: the number kept in the ledger is not that of its rows; it may become smaller only",
            ledger.rfc
        );
    }
}

/// The ids of the rows that a citation quotes: all of them have the same sentence.
fn resolve<'a>(ledgers: &'a [Ledger; 2], citation: &Citation) -> Result<Vec<&'a str>, String> {
    let ledger = ledgers.iter().find(|ledger| ledger.rfc == citation.rfc).ok_or("no ledger of that RFC")?;
    let quoted: Vec<_> = ledger
        .rows
        .iter()
        .filter(|row| row.section == citation.section && row.sentence.contains(&citation.text))
        .collect();
    let texts: BTreeSet<_> = quoted.iter().map(|row| &row.sentence).collect();
    match texts.len() {
        0 => Err("no row has it".into()),
        1 => Ok(quoted.into_iter().map(|row| row.id.as_str()).collect()),
        _ => Err("more than one sentence has it; quote more".into()),
    }
}

#[test]
fn every_citation_is_of_a_row_and_every_done_row_is_cited() {
    let ledgers = ledgers();
    let mut wrong = Vec::new();
    let mut cited = BTreeSet::new();
    let citations = all_citations().unwrap_or_else(|error| panic!("{error}"));
    for citation in &citations {
        match resolve(&ledgers, citation) {
            Ok(ids) => cited.extend(ids.into_iter().map(|id| (citation.rfc, id, citation.test))),
            Err(why) => wrong.push(format!("{citation}\n    {why}")),
        }
    }
    for ledger in &ledgers {
        for row in ledger.rows.iter().filter(|row| row.same.is_none()) {
            let [code, test] = [false, true].map(|test| cited.contains(&(ledger.rfc, &*row.id, test)));
            let name = format!("RFC {} {}: {}", ledger.rfc, row.id, row.sentence);
            match row.state() {
                Ok(Some(State::Done)) if !code => wrong.push(format!("not cited where it is obeyed: {name}")),
                Ok(Some(State::Done)) if !test => wrong.push(format!("not cited where it is proved: {name}")),
                Ok(Some(State::Todo)) if code && test => {
                    wrong.push(format!("cited in code and in a test, so it is done: {name}"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The line under the head of the table of counts.
const RULE: &str = "|---|---|---|---|---|---|---|\n";

#[test]
fn the_page_has_the_counts() {
    let [rev1, rev2] = ledgers();
    let mut counts = String::new();
    for ledger in [&rev1, &rev2] {
        let of = |wanted| ledger.rows.iter().filter(|row| state(row, &rev2) == wanted).count();
        let [done, duty, exception, todo] = State::ALL.map(of);
        let (all, rows) = (ledger.sentences.len(), ledger.rows.len());
        println!(
            "RFC {}: {rows} rows: {done} done, {duty} duty, {exception} exception, {todo} todo",
            ledger.rfc
        );
        let excluded = all - rows;
        counts += &format!(
            "| [RFC {rfc}](../tests/data/compliance/rfc{rfc}.toml) | {all} | {done} | {duty} | {exception} | {todo} | {excluded} |\n",
            rfc = ledger.rfc,
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compliance.md");
    let page = fs::read_to_string(&path).unwrap();
    // The rows of the table are printed; what is around them is written by hand.
    let (before, rest) = page.split_once(RULE).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let now = format!("{before}{RULE}{counts}\n{after}");
    if updating() {
        fs::write(&path, &now).unwrap();
    } else {
        assert_eq!(page, now, "docs/compliance.md is behind the ledgers; UPDATE_GOLDEN=1 rewrites it");
    }
}

#[test]
fn citations_are_read_as_they_are_written() {
    let text = [
        "        //= rfc9051#section-6.3.13",
        "        //# The client MUST NOT send a command",
        "        //# while the server is waiting",
        "        fn obeys() {}",
        "//= rfc9051#appendix-A.1",
        "//= type=test",
        "//# One line.",
        "//= rfc3501#section-7",
        "//# Another one.",
    ];
    let read = citations("crates/x.rs", &text.join("\n")).unwrap();
    let short: Vec<_> = read.iter().map(|it| (it.rfc, &*it.section, it.test, &*it.text)).collect();
    assert_eq!(
        short,
        [
            (9051, "6.3.13", false, "The client MUST NOT send a command while the server is waiting"),
            (9051, "A.1", true, "One line."),
            (3501, "7", false, "Another one."),
        ]
    );
    let table = citations("tests/data/x.toml", "#= rfc3501#section-7\n## A line.\n[[case]]\n").unwrap();
    assert!(table[0].test);
    let trace =
        citations("tests/data/x.trace", "# Why.\n#= rfc3501#section-7\n## A line.\nrole: client\n").unwrap();
    assert!(trace[0].test && trace.len() == 1);

    for wrong in [
        "//= section-7\n//# x",
        "//= rfc3501#section-7\nfn nothing_quoted() {}",
        "//# no source",
        "//= rfc3501#section-7\n//# x\n\n//# apart",
        "//= type=test\n//# x",
        "//= rfc3501#section-7\n//# x\n//= type=test",
    ] {
        assert!(citations("crates/x.rs", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn citations_that_quote_nothing_or_too_little_are_found() {
    let ledgers = ledgers();
    let citation = |rfc, section: &str, text: &str| Citation {
        rfc,
        section: section.into(),
        text: text.into(),
        test: false,
        place: String::new(),
    };
    let done = citation(9051, "6.3.13", "The client MUST NOT send a command while the server is waiting");
    assert_eq!(resolve(&ledgers, &done), Ok(vec!["6.3.13-3"]));
    // Two rows have the same sentence.
    let twice = citation(9051, "7.5.2", "Extension data, if present, MUST be in the defined order.");
    assert_eq!(resolve(&ledgers, &twice), Ok(vec!["7.5.2-10", "7.5.2-15"]));
    for wrong in [
        citation(9051, "6.3.12", &done.text),
        citation(3501, "6.3.13", &done.text),
        citation(9051, "6.3.13", "The client may send a command"),
        citation(9051, "6.3.13", "MUST"),
        citation(2177, "3", "x"),
    ] {
        assert!(resolve(&ledgers, &wrong).is_err(), "{wrong}");
    }
}

/// Against the RFCs themselves: `RFC_TEXTS=folder cargo test -p imap-tests --test compliance -- --ignored`, with
/// `rfc3501.txt` and `rfc9051.txt` in the folder.
#[test]
#[ignore = "needs the texts of the RFCs"]
fn the_sentences_are_all_that_the_rfcs_have() {
    let folder = std::env::var_os("RFC_TEXTS").expect("RFC_TEXTS: the folder with the texts of the RFCs");
    // Line ends and page breaks may be anywhere, so blanks do not count; `^` marks the words that do.
    let mark = |word: &str| match word.trim_matches(|c: char| !c.is_alphabetic()) {
        "MUST" | "SHALL" | "REQUIRED" | "SHOULD" | "RECOMMENDED" => format!("^{word}"),
        _ => word.to_owned(),
    };
    let squeeze =
        |text: &str| text.replace(['|', ';', '^'], "").split_whitespace().map(mark).collect::<String>();
    for ledger in &ledgers() {
        let path = Path::new(&folder).join(format!("rfc{}.txt", ledger.rfc));
        let lines = fs::read_to_string(&path).unwrap();
        let footer =
            |line: &&str| !line.contains("[Page ") && !line.starts_with(&format!("RFC {} ", ledger.rfc));
        let text = squeeze(&lines.lines().filter(footer).collect::<Vec<_>>().join("\n"));
        let mut covered = vec![false; text.len()];
        for sentence in &ledger.sentences {
            let wanted = squeeze(&sentence.text);
            let places: Vec<_> = text.match_indices(&wanted).map(|(at, _)| at).collect();
            assert!(!places.is_empty(), "RFC {} has no such sentence: {}", ledger.rfc, sentence.text);
            places.iter().for_each(|at| covered[*at..*at + wanted.len()].fill(true));
        }
        let missing: Vec<_> = text
            .match_indices('^')
            .filter(|(at, _)| !covered[*at])
            .map(|(at, _)| text[at..].chars().take(80).collect::<String>())
            .collect();
        assert!(missing.is_empty(), "RFC {}: sentences are missing:\n{}", ledger.rfc, missing.join("\n"));
    }
}

//! Coverage: every element of the base protocol, and of the extensions that have types, has a known answer in each
//! direction in which it travels.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use imap_codec::Expecting;
use imap_tests::table::{From, grammar};
use serde::Deserialize;

#[derive(Deserialize)]
struct Registry {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    element: String,
    from: Vec<From>,
}

/// Whether a message holds an element whose name is a word or two of the protocol; `true` for others.
fn holds(message: &[u8], element: &str) -> bool {
    let word = element.trim_end_matches("[...]");
    let is_word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "\\$.".contains(c);
    let name = word.strip_prefix('\\').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphabetic()))
        || word.starts_with('$')
        || (word.len() > 1 && word.chars().all(|c| is_word(c) || c == '-' || c == ' '));
    let message = message.to_ascii_uppercase();
    let word = word.to_ascii_uppercase();
    !name || message.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn every_row_has_a_known_answer() {
    let path = imap_tests::data("registry.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let registry: Registry =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(registry.rows.len() > 200, "the registry lost rows: {}", registry.rows.len());

    let elements: BTreeMap<_, _> = registry.rows.iter().map(|row| (row.id.as_str(), &row.element)).collect();
    let mut strange = Vec::new();
    let (mut cases, mut shown) = (0, BTreeMap::<(String, From), usize>::new());
    for case in grammar().into_iter().flat_map(|table| table.cases) {
        cases += 1;
        let from = match case.input.from {
            From::Greeting | From::Server => From::Server,
            From::Client => From::Client,
        };
        for row in case.rows {
            let well_formed = row.starts_with(|c: char| c.is_ascii_uppercase())
                && row.len() > 1
                && row[1..].bytes().all(|byte| byte.is_ascii_digit());
            // Parameters have descriptions for names, and a line that goes on with a command does not repeat its name.
            let named = !row.starts_with('P') && case.input.expecting == Expecting::Command;
            let there =
                !named || elements.get(row.as_str()).is_none_or(|element| holds(&case.input.bytes, element));
            if !well_formed || !there {
                strange.push(format!("{} names row {row}", case.name));
            }
            *shown.entry((row, from)).or_default() += 1;
        }
    }

    let (mut wanted, mut missing, mut ids) = (0, Vec::new(), BTreeSet::new());
    for row in &registry.rows {
        assert!(ids.insert(&row.id), "two rows {}", row.id);
        for from in &row.from {
            wanted += 1;
            if !shown.contains_key(&(row.id.clone(), *from)) {
                missing.push(format!(
                    "{} {} from a {}",
                    row.id,
                    row.element,
                    format!("{from:?}").to_lowercase()
                ));
            }
        }
    }
    println!(
        "registry: {} rows, {wanted} with their directions, {} of them shown by {cases} cases",
        registry.rows.len(),
        wanted - missing.len()
    );
    assert!(strange.is_empty(), "rows that are not shown where they are named:\n  {}", strange.join("\n  "));
    assert!(missing.is_empty(), "{} without a known answer:\n  {}", missing.len(), missing.join("\n  "));
}

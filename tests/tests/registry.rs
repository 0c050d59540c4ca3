//! Coverage: every element of the base protocol has a known answer in each direction in which it travels.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

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

#[test]
fn every_row_of_the_base_protocol_has_a_known_answer() {
    let path = imap_tests::data("registry.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let registry: Registry =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(registry.rows.len() > 200, "the registry lost rows: {}", registry.rows.len());

    let (mut cases, mut shown) = (0, BTreeMap::<(String, From), usize>::new());
    for case in grammar().into_iter().flat_map(|table| table.cases) {
        cases += 1;
        let from = match case.input.from {
            From::Greeting | From::Server => From::Server,
            From::Client => From::Client,
        };
        for row in case.rows {
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
        "registry: {} rows of the base protocol, {wanted} with their directions, {} of them shown by {cases} cases",
        registry.rows.len(),
        wanted - missing.len()
    );
    assert!(missing.is_empty(), "{} without a known answer:\n  {}", missing.len(), missing.join("\n  "));
}

//! The RFCs' grammar as generator and oracle: what it derives decodes in strict mode, what it does not derive does not,
//! and what the encoder writes is in it.
//!
//! `TIMES=10 SEED=5` makes more messages and mutants, and others; see `imap_tests::cases`.
//! `cargo run -p imap-tests --bin grammar-coverage` prints what of each grammar file is read as what.

mod coverage;
mod dictionary;
mod encoded;
mod files;
mod framed;
mod generated;
mod mutants;
mod recognised;
mod shrinking;

use std::collections::BTreeMap;

use imap_tests::{
    abnf::{Edition, Grammar, MESSAGES, generate::Generator, tree::Tree},
    cases,
    rng::Rng,
};

/// Calls `test` with so many messages of each kind.
fn each_message(
    edition: Edition,
    count: usize,
    seed: u64,
    mut test: impl FnMut(&'static str, &Tree, &mut Generator<'_>, &mut Rng),
) {
    let grammar = Grammar::of(edition);
    let seed = cases::seed(seed);
    let mut random = Rng::new(seed);
    for (name, client) in MESSAGES {
        let rule = grammar.rule(name);
        let mut generator = Generator::new(grammar, seed, client);
        for _ in 0..count {
            let tree = generator.message(rule, 60);
            test(name, &tree, &mut generator, &mut random);
        }
    }
}

/// Messages on which two disagree, by what the disagreement is.
#[derive(Default)]
struct Failures(BTreeMap<String, Vec<String>>);

impl Failures {
    fn add(&mut self, kind: String, shown: String) {
        self.0.entry(kind).or_default().push(shown);
    }

    /// Fails with the shortest of each kind, where there are some.
    fn end(mut self, what: &str) {
        for (kind, all) in &mut self.0 {
            all.sort_by_key(String::len);
            println!("{kind}: {} messages, such as", all.len());
            all.iter().take(8).for_each(|one| println!("    {one}"));
        }
        assert!(self.0.is_empty(), "{what}");
    }
}

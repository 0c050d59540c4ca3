//! Messages with one change are accepted exactly when the grammar accepts them.

use std::collections::BTreeMap;

use imap_tests::{
    abnf::{
        Edition, Grammar, MESSAGES,
        generate::{Generator, Paths},
        mutate::{Mutant, mutant},
        recognise::with_deep_stack,
    },
    cases::{seed, times},
    oracle::{Verdict, allows, differences::explanation, read},
    rng::Rng,
};

use crate::{Failures, each_message};

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

/// What became of the mutants.
#[derive(Default)]
struct Outcome {
    accepted: usize,
    refused: usize,
    explained: BTreeMap<&'static str, usize>,
    failures: Failures,
}

impl Outcome {
    fn judge(&mut self, name: &'static str, mutant: &Mutant) {
        let allowed = allows(name, &mutant.bytes);
        let verdict = read(name, &mutant.bytes);
        *if allowed { &mut self.accepted } else { &mut self.refused } += 1;
        if allowed == verdict.is_read() {
            return;
        }
        if let Some(difference) = explanation(name, &mutant.bytes, &verdict) {
            *self.explained.entry(difference.why).or_default() += 1;
            return;
        }
        let shown = format!("{}   ({})", mutant.bytes.escape_ascii(), mutant.what);
        let (kind, shown) = match &verdict {
            Verdict::Typed => (format!("{name}: read, not allowed"), shown),
            Verdict::Kept(names) => (format!("{name}: kept, not allowed"), format!("{shown} {names:?}")),
            Verdict::Refused(error) => {
                (format!("{name}: allowed, not read: rule {}", error.rule), format!("{shown}\n      {error}"))
            }
        };
        self.failures.add(kind, shown);
    }
}

fn mutants() {
    let mut outcome = Outcome::default();
    for edition in [Edition::Rev1, Edition::Rev2, Edition::All] {
        each_message(edition, times(800), 11, |name, tree, generator, random| {
            outcome.judge(name, &mutant(Grammar::of(edition), tree, None, generator, random));
        });
    }
    // Small messages with each alternative: what is changed in them is near to it.
    let grammar = Grammar::of(Edition::All);
    let mut random = Rng::new(seed(12));
    for (name, client) in MESSAGES {
        let rule = grammar.rule(name);
        let mut generator = Generator::new(grammar, seed(12), client);
        for round in 0..3 {
            let paths = match round {
                0 => Paths::new(grammar, rule),
                _ => Paths::by_chance(grammar, rule, &mut random),
            };
            for choice in grammar.choices(rule) {
                let tree = generator.with_choice(&paths, choice, 4 * round).expect("a choice within reach");
                for _ in 0..times(1500) / 150 {
                    let mutant = mutant(grammar, &tree, Some(choice.0), &mut generator, &mut random);
                    outcome.judge(name, &mutant);
                }
            }
        }
    }
    let Outcome { accepted, refused, explained, failures } = outcome;
    println!("mutants: {accepted} that the grammar allows, {refused} that it does not");
    explained.iter().for_each(|(why, count)| println!("{count} differ: {why}"));
    failures.end("the codec and the grammar disagree");
}

//! Messages with one change are accepted exactly when the grammar accepts them.

use std::collections::BTreeMap;

use imap_tests::{
    abnf::{Edition, Grammar, mutate::mutant, recognise::with_deep_stack},
    oracle::{Verdict, allows, differences::explanation, read},
};

use crate::{Failures, each_message, share};

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
    let mut failures = Failures::default();
    let (mut accepted, mut refused) = (0, 0);
    let mut explained: BTreeMap<&str, usize> = BTreeMap::new();
    for edition in [Edition::Rev1, Edition::Rev2, Edition::All] {
        each_message(edition, share(1500), 11, |name, tree, generator, random| {
            let mutant = mutant(Grammar::of(edition), tree, generator, random);
            let allowed = allows(name, &mutant.bytes);
            let verdict = read(name, &mutant.bytes);
            *if allowed { &mut accepted } else { &mut refused } += 1;
            if allowed == verdict.is_read() {
                return;
            }
            if let Some(difference) = explanation(name, &mutant.bytes, &verdict) {
                *explained.entry(difference.why).or_default() += 1;
                return;
            }
            let shown = format!("{}   ({})", mutant.bytes.escape_ascii(), mutant.what);
            let (kind, shown) = match &verdict {
                Verdict::Typed => (format!("{name}: read, not allowed"), shown),
                Verdict::Kept(names) => (format!("{name}: kept, not allowed"), format!("{shown} {names:?}")),
                Verdict::Refused(error) => (
                    format!("{name}: allowed, not read: rule {}", error.rule),
                    format!("{shown}\n      {error}"),
                ),
            };
            failures.add(kind, shown);
        });
    }
    println!("mutants: {accepted} that the grammar allows, {refused} that it does not");
    explained.iter().for_each(|(why, count)| println!("{count} differ: {why}"));
    failures.end("the codec and the grammar disagree");
}

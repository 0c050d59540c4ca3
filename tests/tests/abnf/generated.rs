//! What the grammar derives: all of it, and that it decodes.

use imap_tests::{
    abnf::{
        Edition, Grammar, MESSAGES,
        generate::{Generator, Paths},
        recognise::{recognise, with_deep_stack},
    },
    cases::{seed, times},
    oracle::{allows, differences, read},
    rng::Rng,
};

use crate::{Failures, each_message};

const EDITIONS: [Edition; 3] = [Edition::Rev1, Edition::Rev2, Edition::All];

#[test]
fn what_is_generated_is_recognised() {
    with_deep_stack(|| {
        for edition in EDITIONS {
            let grammar = Grammar::of(edition);
            each_message(edition, times(300), 1, |name, tree, _, _| {
                let message = tree.message();
                assert!(
                    recognise(grammar, grammar.rule(name), &message, MESSAGES.contains(&(name, true))),
                    "{edition:?} {name}: `{}` is not recognised",
                    message.escape_ascii()
                );
            });
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_messages() {
    let messages = |seed| {
        let mut all = Vec::new();
        each_message(Edition::All, 20, seed, |_, tree, _, _| all.push(tree.message()));
        all
    };
    assert_eq!(messages(4), messages(4));
    assert_ne!(messages(4), messages(5));
}

/// In whole messages: each rule of [`MESSAGES`] makes every choice that it reaches.
#[test]
fn every_alternative_is_generated() {
    for edition in EDITIONS {
        let grammar = Grammar::of(edition);
        for (name, client) in MESSAGES {
            let rule = grammar.rule(name);
            let choices = grammar.choices(rule);
            let mut generator = Generator::new(grammar, 1, client);
            // The generator goes where it was not yet; what is still missing then, it is led to.
            for _ in 0..300 {
                let _ = generator.message(rule, 60);
            }
            let paths = Paths::new(grammar, rule);
            let led: Vec<_> = choices.difference(generator.used()).copied().collect();
            for choice in &led {
                let tree = generator.with_choice(&paths, *choice, 0).expect("a choice within reach");
                assert!(tree.choices(grammar).contains(choice), "{} not made", grammar.describe(*choice));
            }
            let missed: Vec<_> =
                choices.difference(generator.used()).map(|choice| grammar.describe(*choice)).collect();
            assert!(missed.is_empty(), "{edition:?} {name}: never generated: {missed:?}");
            println!("{edition:?} {name}: {} choices, {} of them by a path", choices.len(), led.len());
        }
    }
}

/// RFC 3501 and RFC 9051 without exception but for the list; the extensions as values or kept.
#[test]
fn what_is_generated_decodes_in_strict() {
    let mut failures = Failures::default();
    let mut count = 0;
    for edition in EDITIONS {
        each_message(edition, times(1500), 7, |name, tree, _, _| {
            let message = tree.message();
            count += 1;
            let verdict = read(name, &message);
            if let Some(error) = verdict.error()
                && differences::explanation(name, &message, &verdict).is_none()
            {
                let kind = format!("{edition:?} {name}: rule {}", error.rule);
                failures.add(kind, format!("{}\n      {error}", message.escape_ascii()));
            }
        });
    }
    failures.end(&format!("of {count} messages that the RFCs allow, some do not decode"));
}

/// Each alternative in small messages, so that what fails shows why, and in several places.
#[test]
fn every_alternative_decodes_in_strict() {
    let mut failures = Failures::default();
    let mut random = Rng::new(seed(2));
    let grammar = Grammar::of(Edition::All);
    for (name, client) in MESSAGES {
        let rule = grammar.rule(name);
        let mut generator = Generator::new(grammar, seed(2), client);
        for round in 0..3 {
            let paths = match round {
                0 => Paths::new(grammar, rule),
                _ => Paths::by_chance(grammar, rule, &mut random),
            };
            for choice in grammar.choices(rule) {
                let tree = generator.with_choice(&paths, choice, 5 * round).expect("a choice within reach");
                let message = tree.message();
                let verdict = read(name, &message);
                if let Some(error) = verdict.error()
                    && differences::explanation(name, &message, &verdict).is_none()
                {
                    let kind = format!("{name}: rule {}", error.rule);
                    let place = grammar.describe(choice);
                    failures.add(kind, format!("{}   ({place})\n      {error}", message.escape_ascii()));
                }
            }
        }
    }
    failures.end("some alternatives that the RFCs allow do not decode");
}

#[test]
fn every_difference_is_still_there() {
    with_deep_stack(|| {
        for difference in differences::DIFFERENCES {
            let shown = difference.example.escape_ascii();
            let verdict = read(difference.rule, difference.example);
            assert_ne!(
                verdict.is_read(),
                allows(difference.rule, difference.example),
                "no longer different: `{shown}` ({})",
                difference.why
            );
            assert!(
                difference.explains(difference.rule, difference.example, &verdict),
                "does not explain its own example: `{shown}` ({}): {verdict:?}",
                difference.why
            );
        }
    });
}

//! Derivations as a strategy of proptest, which shrink along the rules.

use std::collections::BTreeSet;

use imap_tests::{
    abnf::{
        Edition, Grammar,
        generate::Generator,
        recognise::{recognise, with_deep_stack},
        shrink::Shrinker,
        tree::Tree,
    },
    cases::times,
    oracle::{differences, read},
};
use proptest::{
    prelude::*,
    strategy::{NewTree, ValueTree},
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

/// Messages of a rule. A failing one shrinks to one that is a message of the rule too: alternatives become shorter ones,
/// repetitions get fewer.
#[derive(Clone, Copy, Debug)]
struct Messages {
    rule: &'static str,
    client: bool,
    /// How deep the derivation goes at most.
    budget: usize,
}

struct Shrinking(Shrinker);

impl ValueTree for Shrinking {
    type Value = Tree;

    fn current(&self) -> Tree {
        self.0.current().clone()
    }

    fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.0.complicate()
    }
}

impl Strategy for Messages {
    type Tree = Shrinking;
    type Value = Tree;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let grammar = Grammar::of(Edition::All);
        let mut generator = Generator::new(grammar, runner.rng().next_u64(), self.client);
        let tree = generator.message(grammar.rule(self.rule), self.budget);
        Ok(Shrinking(Shrinker::new(grammar, tree)))
    }
}

fn runner(cases: usize) -> TestRunner {
    let config = Config {
        cases: u32::try_from(cases).unwrap_or(u32::MAX),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]))
}

/// The smallest message of `rule` for which `fails` holds, as far as shrinking finds it.
fn smallest(rule: &'static str, client: bool, fails: impl Fn(&[u8]) -> bool) -> String {
    let outcome = runner(2000).run(&Messages { rule, client, budget: 60 }, |tree| {
        prop_assert!(!fails(&tree.message()));
        Ok(())
    });
    match outcome {
        Err(TestError::Fail(_, tree)) => {
            let (grammar, message) = (Grammar::of(Edition::All), tree.message());
            assert!(
                recognise(grammar, grammar.rule(rule), &message, client),
                "no message of the rule any more"
            );
            message.escape_ascii().to_string()
        }
        outcome => panic!("nothing failed: {outcome:?}"),
    }
}

fn holds(message: &[u8], word: &[u8]) -> bool {
    message.windows(word.len()).any(|window| window == word)
}

#[test]
fn a_failing_message_shrinks_to_the_least_that_fails() {
    with_deep_stack(|| {
        // The least message that holds a word is the one that any reader would write.
        let older = smallest("command", true, |message| holds(message, b"OLDER"));
        assert_eq!(older, r"a SEARCH OLDER 1\r\n");
        let nested = smallest("command", true, |message| holds(message, b"FUZZY") && holds(message, b"(("));
        assert!(nested.len() <= 48, "{nested}");
        let envelope = smallest("response-data", false, |message| holds(message, b"ENVELOPE ("));
        assert!(envelope.len() <= 75, "{envelope}");
        let flags =
            smallest("response-data", false, |message| message.iter().filter(|it| **it == b'\\').count() > 2);
        assert!(flags.len() <= 48, "{flags}");
    });
}

/// Each step down is smaller than the one before, and the last has nothing left to take away.
#[test]
fn shrinking_comes_to_an_end() {
    let grammar = Grammar::of(Edition::All);
    let mut generator = Generator::new(grammar, 3, true);
    for _ in 0..20 {
        let tree = generator.message(grammar.rule("command"), 60);
        let mut shrinker = Shrinker::new(grammar, tree);
        let mut seen = BTreeSet::new();
        while shrinker.simplify() {
            assert!(seen.insert(shrinker.current().message()) || seen.len() > 1, "the same again");
        }
        assert!(shrinker.current().message().len() <= 12, "{}", shrinker.current().message().escape_ascii());
    }
}

/// The same as for generated messages, with one that shrinks where it fails.
#[test]
fn messages_of_the_grammar_decode() {
    with_deep_stack(|| {
        for (rule, client) in imap_tests::abnf::MESSAGES {
            let outcome = runner(times(1500) / 15).run(&Messages { rule, client, budget: 60 }, |tree| {
                let message = tree.message();
                let verdict = read(rule, &message);
                prop_assert!(
                    verdict.is_read() || differences::explanation(rule, &message, &verdict).is_some(),
                    "`{}`: {:?}",
                    message.escape_ascii(),
                    verdict
                );
                Ok(())
            });
            if let Err(error) = outcome {
                panic!("{rule}: {error}");
            }
        }
    });
}

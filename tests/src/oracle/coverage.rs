//! What of each grammar file is generated, and as what the codec reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display},
};

use crate::abnf::{
    Choice, Decisions, Edition, Grammar, MESSAGES, RuleId,
    generate::{Generator, Paths},
    merge,
    tree::Tree,
};
use crate::rng::Rng;

use super::{Verdict, differences, read};

/// How an alternative is read: the best that a message with it shows.
#[derive(Clone, Debug)]
enum Reading {
    Typed,
    Kept,
    /// With the shortest message.
    Refused {
        rule: &'static str,
        message: Vec<u8>,
        why: Option<&'static str>,
    },
}

/// What of one grammar file is read as what.
#[derive(Clone, Debug)]
pub struct FileCoverage {
    /// The file, without its ending.
    pub file: String,
    /// Its rules.
    pub rules: Vec<RuleCoverage>,
    /// Those that are refused in every message: what it is, the shortest message, and the reason where there is one.
    pub refused: Vec<Refused>,
    /// What of it is not as printed, and why.
    pub exceptions: Vec<String>,
}

/// What of one rule is read as what, as far as a file defines it.
#[derive(Clone, Debug)]
pub struct RuleCoverage {
    /// The name.
    pub name: String,
    /// Whether messages reach it.
    pub reached: bool,
    /// How its alternatives are read: the branches of each choice, and each option with and without.
    pub counts: Counts,
}

/// How alternatives are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// How many there are.
    pub alternatives: usize,
    /// How many of them messages were made with.
    pub generated: usize,
    /// How many are read as values of types of their own, in some message.
    pub typed: usize,
    /// How many are kept in an open shape at best.
    pub kept: usize,
    /// How many are refused in every message.
    pub refused: usize,
}

impl FileCoverage {
    /// Those of all rules.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.rules.iter().fold(Counts::default(), |sum, rule| Counts {
            alternatives: sum.alternatives + rule.counts.alternatives,
            generated: sum.generated + rule.counts.generated,
            typed: sum.typed + rule.counts.typed,
            kept: sum.kept + rule.counts.kept,
            refused: sum.refused + rule.counts.refused,
        })
    }
}

/// An alternative that is refused in every message.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The rule, and the alternative.
    pub what: String,
    /// The shortest message.
    pub message: String,
    /// The rule of the error.
    pub rule: &'static str,
    /// The deliberate difference that explains it.
    pub why: Option<&'static str>,
}

/// Makes messages with every alternative, and reads them.
///
/// # Panics
/// Where an alternative has no derivation.
#[must_use]
pub fn measure() -> Vec<FileCoverage> {
    let grammar = Grammar::of(Edition::All);
    let readings = readings(grammar);
    let reached: BTreeSet<Choice> =
        MESSAGES.iter().flat_map(|(name, _)| grammar.choices(grammar.rule(name))).collect();
    let decisions = Decisions::load();
    let alone: BTreeMap<String, &str> = decisions
        .alone
        .iter()
        .flat_map(|it| it.rules.iter().map(|rule| (rule.to_ascii_lowercase(), it.why.as_str())))
        .collect();
    let files = grammar.files.iter().enumerate();
    files
        .map(|(number, file)| {
            let mut refused = Vec::new();
            let mut rules: BTreeMap<RuleId, RuleCoverage> = grammar
                .rules()
                .filter(|(_, rule)| rule.files.has(number))
                .map(|(id, rule)| {
                    let reached = !alone.contains_key(&rule.name.to_ascii_lowercase());
                    (id, RuleCoverage { name: rule.name.clone(), reached, counts: Counts::default() })
                })
                .collect();
            for choice in reached.iter().filter(|choice| grammar.files_of(**choice).has(number)) {
                let Some(rule) = rules.get_mut(&grammar.place(choice.0).rule) else { continue };
                rule.counts.alternatives += 1;
                rule.counts.generated += usize::from(readings.contains_key(choice));
                match readings.get(choice) {
                    Some(Reading::Typed) => rule.counts.typed += 1,
                    Some(Reading::Kept) => rule.counts.kept += 1,
                    Some(Reading::Refused { rule: error, message, why }) => {
                        rule.counts.refused += 1;
                        refused.push(Refused {
                            what: grammar.describe(*choice),
                            message: message.escape_ascii().to_string(),
                            rule: error,
                            why: *why,
                        });
                    }
                    None => {}
                }
            }
            FileCoverage {
                file: file.clone(),
                rules: rules.into_values().collect(),
                refused,
                exceptions: exceptions(file, &decisions, &alone),
            }
        })
        .collect()
}

fn readings(grammar: &Grammar) -> BTreeMap<Choice, Reading> {
    let mut readings = BTreeMap::new();
    let mut random = Rng::new(6);
    for (name, client) in MESSAGES {
        let rule = grammar.rule(name);
        let mut generator = Generator::new(grammar, 6, client);
        // The shortest way to an alternative may lead through what has no type: then others are tried.
        for round in 0..6 {
            let paths = match round {
                0 => Paths::new(grammar, rule),
                _ => Paths::by_chance(grammar, rule, &mut random),
            };
            for choice in grammar.choices(rule) {
                if round > 0 && matches!(readings.get(&choice), Some(Reading::Typed)) {
                    continue;
                }
                for more in [0, 4] {
                    let tree = generator.with_choice(&paths, choice, more).expect("a choice within reach");
                    note(grammar, name, &tree, &mut readings);
                }
            }
        }
    }
    readings
}

/// Reads a message, and notes the outcome for all that it is made of.
fn note(grammar: &Grammar, name: &str, tree: &Tree, readings: &mut BTreeMap<Choice, Reading>) {
    let message = tree.message();
    let verdict = read(name, &message);
    for choice in tree.choices(grammar) {
        let new = match &verdict {
            Verdict::Typed => Reading::Typed,
            Verdict::Kept(_) => Reading::Kept,
            Verdict::Refused(error) => Reading::Refused {
                rule: error.rule,
                message: message.clone(),
                why: differences::explanation(name, &message, &verdict).map(|difference| difference.why),
            },
        };
        let better = match (readings.get(&choice), &new) {
            (None, _) => true,
            (Some(Reading::Typed), _) => false,
            (Some(Reading::Kept), new) => matches!(new, Reading::Typed),
            (Some(Reading::Refused { message: old, .. }), Reading::Refused { message, .. }) => {
                message.len() < old.len()
            }
            (Some(Reading::Refused { .. }), _) => true,
        };
        if better {
            readings.insert(choice, new);
        }
    }
}

/// What of a file is not as printed.
fn exceptions(file: &str, decisions: &Decisions, alone: &BTreeMap<String, &str>) -> Vec<String> {
    let mut all = Vec::new();
    let rules: BTreeSet<String> =
        merge::rules_of(file).iter().map(|rule| rule.name().to_ascii_lowercase()).collect();
    for drop in decisions.drop.iter().filter(|it| it.file == file) {
        all.push(format!("left out: {}: {}", drop.rule, drop.why));
    }
    for rename in decisions.rename.iter().filter(|it| it.file == file) {
        all.push(format!("renamed: {} to {}: {}", rename.rule, rename.to, rename.why));
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in &rules {
        if let Some(why) = alone.get(rule) {
            reasons.entry(why).or_default().push(rule);
        }
    }
    for (why, rules) in reasons {
        all.push(format!("in no message: {}: {why}", rules.join(", ")));
    }
    for by in ["overrides", "extensions"] {
        let replaced: Vec<String> = merge::rules_of(by)
            .iter()
            .filter(|rule| rule.kind() == abnf::types::Kind::Basic)
            .map(|rule| rule.name().to_ascii_lowercase())
            .filter(|rule| rules.contains(rule) && file != by)
            .collect();
        if !replaced.is_empty() {
            all.push(format!("as {by}.abnf has it, with the reasons: {}", replaced.join(", ")));
        }
    }
    all
}

/// How much of the coverage is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One row for each file.
    Files,
    /// Then what is kept, refused, and not as printed.
    Reasons,
    /// Rows for the rules of each file too.
    Rules,
}

/// The coverage of all files, as the command `grammar-coverage` prints it.
#[derive(Debug)]
pub struct Table<'a> {
    /// The files.
    pub files: &'a [FileCoverage],
    /// How much of it.
    pub detail: Detail,
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, rules: &str, reached: &str, counts: Counts) -> fmt::Result {
    let Counts { alternatives, generated, typed, kept, refused } = counts;
    writeln!(
        f,
        "{name:<32} {rules:>6} {reached:>8} {alternatives:>13} {generated:>10} {typed:>6} {kept:>6} {refused:>8}"
    )
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<32} {:>6} {:>8} {:>13} {:>10} {:>6} {:>6} {:>8}",
            "file", "rules", "reached", "alternatives", "generated", "typed", "kept", "refused"
        )?;
        for file in self.files {
            let reached = file.rules.iter().filter(|rule| rule.reached).count();
            row(f, &file.file, &file.rules.len().to_string(), &reached.to_string(), file.counts())?;
            if self.detail == Detail::Rules {
                for rule in file.rules.iter().filter(|rule| rule.reached) {
                    row(f, &format!("  {}", rule.name), "", "", rule.counts)?;
                }
            }
        }
        if self.detail == Detail::Files {
            return Ok(());
        }
        for file in self.files {
            file.details(f)?;
        }
        writeln!(f, "\ndifferences between the grammar and the codec in strict mode")?;
        for difference in differences::DIFFERENCES {
            writeln!(f, "    `{}`: {}", difference.example.escape_ascii(), difference.why)?;
        }
        Ok(())
    }
}

impl FileCoverage {
    fn details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept: Vec<_> =
            self.rules.iter().filter(|rule| rule.counts.kept > 0).map(|rule| rule.name.as_str()).collect();
        if self.exceptions.is_empty() && self.refused.is_empty() && kept.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{}", self.file)?;
        if !kept.is_empty() {
            writeln!(f, "    kept, in part or as a whole: {}", kept.join(", "))?;
        }
        for refused in &self.refused {
            let why = refused.why.unwrap_or("no reason is listed");
            writeln!(
                f,
                "    refused: {}: `{}`, rule {}: {why}",
                refused.what, refused.message, refused.rule
            )?;
        }
        self.exceptions.iter().try_for_each(|exception| writeln!(f, "    {exception}"))
    }
}

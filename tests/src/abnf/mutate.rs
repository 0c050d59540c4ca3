//! Messages with one thing changed, and what that is.

use std::ops::Range;

use crate::rng::Rng;

use super::{Expr, ExprId, Grammar, Rule, generate::Generator, tree::Tree};

/// A message that may be none any more.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was done.
    pub what: String,
}

/// The bytes that mean something to IMAP, and some that it does not allow.
const BYTES: &[u8] = b" ()[]{}<>\"\\*%+-:,.0129aZ\x00\x7f\xc3\x80NIL~$=/\r\n\t";

/// What can stand where a string does.
const STRINGS: &[&[u8]] = &[
    b"NIL",
    b"\"NIL\"",
    b"\"\"",
    b"a",
    b"\"a\\\"b\"",
    b"{1}\r\na",
    b"~{1}\r\n\0",
    b"\"\xc3\xa9\"",
    b"1",
    b"()",
    b"a]b",
    b"%",
];

/// What can stand where a number does.
const NUMBERS: &[&str] = &[
    "0",
    "00",
    "01",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-1",
    "1.0",
    "*",
    "$",
    "",
];

/// Makes one change to a message: to a part of its derivation, or to its bytes. Three of four times the change is to the
/// derivation of `near`, or just before it, where there is one.
pub fn mutant(
    grammar: &Grammar,
    tree: &Tree,
    near: Option<ExprId>,
    generator: &mut Generator<'_>,
    random: &mut Rng,
) -> Mutant {
    // Of the changes to parts, some find nothing to change, or take the line end.
    for _ in 0..8 {
        let near = near.filter(|_| random.below(4) > 0);
        let found = if near.is_none() && random.below(3) == 0 {
            Some(change_bytes(&tree.message(), random))
        } else {
            let within = near.map_or(0..usize::MAX, |near| place(tree, near));
            change_part(grammar, tree, &within, generator, random)
        };
        // Where a message ends is the framer's business.
        if let Some(mutant) = found.filter(|mutant| mutant.bytes.ends_with(b"\r\n")) {
            return mutant;
        }
    }
    change_bytes(&tree.message(), random)
}

/// The numbers of the parts that an expression is derived with, and of the few before them.
fn place(tree: &Tree, near: ExprId) -> Range<usize> {
    let (mut number, mut found) = (0, None);
    tree.walk(&mut |part| {
        if part.expr == near && found.is_none() {
            found = Some(number - number.min(4)..number + part.size());
        }
        number += 1;
    });
    found.unwrap_or(0..usize::MAX)
}

fn change_part(
    grammar: &Grammar,
    tree: &Tree,
    within: &Range<usize>,
    generator: &mut Generator<'_>,
    random: &mut Rng,
) -> Option<Mutant> {
    let kind = random.below(8);
    let mut spots = Vec::new();
    let mut number = 0;
    tree.walk(&mut |part| {
        let expr = grammar.expr(part.expr);
        let fits = match kind {
            0 | 1 | 3 => !matches!(expr, Expr::Rule(_)) && number > 0,
            2 => matches!(expr, Expr::Sequence(_)),
            4 => matches!(expr, Expr::Number { .. }),
            5 => matches!(expr, Expr::Rule(rule) if is_string(&grammar.definition(*rule).name)),
            6 => matches!(expr, Expr::Word { .. }),
            _ => matches!(expr, Expr::Literal { .. }),
        };
        if fits && within.contains(&number) {
            spots.push(number);
        }
        number += 1;
    });
    let spot = *spots.get(random.below(spots.len()))?;
    let part = tree.at(spot)?;
    let rule = &grammar.definition(grammar.place(part.expr).rule).name;
    let text = grammar.text(part.expr);
    let old = part.message();
    let (new, what) = match kind {
        0 => (Vec::new(), format!("without {text} in {rule}")),
        1 => (old.repeat(2), format!("{text} twice in {rule}")),
        2 => {
            let mut parts = part.parts.clone();
            let at = random.below(parts.len().checked_sub(1)?);
            parts.swap(at, at + 1);
            (
                Tree::of(part.expr, parts).message(),
                format!("parts {} and {} of {text} swapped", at + 1, at + 2),
            )
        }
        3 => {
            let other = other_rule(grammar, rule, random);
            grammar.facts[other.expr.0].shortest?;
            let other_tree = generator.part(other.expr, 6);
            (other_tree.message(), format!("{} for {text} in {rule}", other.name))
        }
        4 => {
            let new = NUMBERS[random.below(NUMBERS.len())];
            (new.as_bytes().to_vec(), format!("`{new}` for a number in {rule}"))
        }
        5 => {
            let new = STRINGS[random.below(STRINGS.len())];
            (new.to_vec(), format!("`{}` for {text} in {rule}", new.escape_ascii()))
        }
        6 => {
            let words: Vec<_> = grammar.words().filter(|word| word.len() > 1).collect();
            // A word that begins in the same way is more of a temptation.
            let near: Vec<_> =
                words.iter().copied().filter(|word| word[0] == old[0] && *word != old).collect();
            let words = if random.below(2) == 0 && !near.is_empty() { near } else { words };
            let new = words[random.below(words.len())];
            (new.to_vec(), format!("`{}` for {text} in {rule}", new.escape_ascii()))
        }
        _ => {
            let at = old.iter().position(u8::is_ascii_digit)?;
            let mut new = old.clone();
            new[at] = b'0' + (new[at] - b'0' + 1) % 10;
            (new, format!("another length of {text} in {rule}"))
        }
    };
    (new != old).then(|| Mutant { bytes: tree.with(spot, &Tree::leaf(part.expr, new)).message(), what })
}

/// Another rule: half of the times one whose name begins with the same word, or a number for a number.
fn other_rule<'g>(grammar: &'g Grammar, rule: &str, random: &mut Rng) -> &'g Rule {
    fn family(name: &str) -> &str {
        match name.split('-').next().unwrap_or(name) {
            "nz" | "number" | "number64" | "mod" | "uniqueid" | "seq" | "sequence" | "uid" | "known" => {
                "number"
            }
            first => first,
        }
    }
    let rules: Vec<_> = grammar.rules().map(|(_, rule)| rule).collect();
    let near: Vec<_> = rules.iter().copied().filter(|other| family(&other.name) == family(rule)).collect();
    let rules = if random.below(2) == 0 { near } else { rules };
    rules[random.below(rules.len())]
}

fn is_string(rule: &str) -> bool {
    ["astring", "nstring", "string", "quoted", "literal", "literal8", "mailbox", "atom", "tag"]
        .contains(&rule)
}

fn change_bytes(message: &[u8], random: &mut Rng) -> Mutant {
    let mut bytes = message.to_vec();
    let end = bytes.len().saturating_sub(2).max(1);
    let at = random.below(end);
    let byte = BYTES[random.below(BYTES.len())];
    let what = match random.below(6) {
        0 => {
            bytes.remove(at);
            format!("without byte {at}")
        }
        1 => {
            bytes.insert(at, byte);
            format!("`{}` before byte {at}", byte.escape_ascii())
        }
        2 => {
            bytes[at] = byte;
            format!("`{}` for byte {at}", byte.escape_ascii())
        }
        3 => {
            bytes.insert(at, bytes[at]);
            format!("byte {at} twice")
        }
        4 => {
            let to = (at + 1 + random.below(6)).min(end);
            bytes.drain(at..to);
            format!("without bytes {at} to {to}")
        }
        _ => {
            let to = (at + 1 + random.below(6)).min(end);
            let part = bytes[at..to].to_vec();
            let place = random.below(end);
            bytes.splice(place..place, part);
            format!("bytes {at} to {to} again before byte {place}")
        }
    };
    Mutant { bytes, what }
}

impl Grammar {
    /// The words that stand in the rules.
    fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.exprs.iter().filter_map(|expr| match expr {
            Expr::Word { text, .. } => Some(text.as_slice()),
            _ => None,
        })
    }
}

//! Smaller derivations of the same rule: how a message that fails becomes one that shows why.

use std::collections::BTreeMap;

use super::{Expr, ExprId, Grammar, RuleId, tree::Tree};

/// The derivation of an expression with the fewest bytes.
///
/// # Panics
/// Where there is none.
pub fn least(grammar: &Grammar, id: ExprId) -> Tree {
    match grammar.expr(id) {
        Expr::Alternatives(branches) => {
            let facts = |branch: usize| &grammar.facts[branches[branch].0];
            let branch = (0..branches.len())
                .filter(|branch| facts(*branch).shortest.is_some())
                .min_by_key(|branch| (facts(*branch).shortest, facts(*branch).depth))
                .unwrap_or_else(|| panic!("{} has no derivation", grammar.text(id)));
            Tree { branch, ..Tree::of(id, vec![least(grammar, branches[branch])]) }
        }
        Expr::Sequence(parts) => Tree::of(id, parts.iter().map(|part| least(grammar, *part)).collect()),
        Expr::Repeat { min, of, .. } => Tree::of(id, (0..*min).map(|_| least(grammar, *of)).collect()),
        Expr::Rule(rule) => Tree::of(id, vec![least(grammar, grammar.definition(*rule).expr)]),
        // The least of the rule is a letter or two, or nothing: never one of the words.
        Expr::Except { of, .. } => Tree::of(id, vec![least(grammar, grammar.definition(*of).expr)]),
        Expr::Word { text, .. } => Tree::leaf(id, text.clone()),
        Expr::Byte(ranges) => Tree::leaf(id, vec![pleasant(ranges)]),
        Expr::Literal { eight } => {
            Tree::leaf(id, if *eight { b"~{0}\r\n".to_vec() } else { b"{0}\r\n".to_vec() })
        }
        Expr::Number { min, .. } => Tree::leaf(id, min.to_string().into_bytes()),
        Expr::Undefined(name) => panic!("{name} is not defined"),
    }
}

/// `a` where it is one of them, so that what comes out can be read.
fn pleasant(ranges: &[(u8, u8)]) -> u8 {
    let has = |byte: &u8| ranges.iter().any(|(low, high)| (low..=high).contains(&byte));
    [b'a', b'A', b'1'].into_iter().find(has).unwrap_or(ranges[0].0)
}

/// What gets less as a derivation shrinks: its bytes, its parts, and how odd they are.
fn measure(tree: &Tree) -> (usize, usize, usize, Vec<u8>) {
    let bytes = tree.message();
    let odd = bytes.iter().filter(|byte| !byte.is_ascii_graphic()).count();
    (bytes.len(), tree.size(), odd, bytes)
}

/// The first derivation of each rule within a derivation.
fn by_rule<'t>(grammar: &Grammar, tree: &'t Tree) -> BTreeMap<RuleId, &'t Tree> {
    let mut found = BTreeMap::new();
    tree.walk(&mut |part| {
        if let Expr::Rule(rule) = grammar.expr(part.expr) {
            found.entry(*rule).or_insert(part);
        }
    });
    found
}

/// The same derivation with a part that another one has of the same rule, for each rule.
fn grafted(grammar: &Grammar, tree: &Tree, from: &BTreeMap<RuleId, &Tree>) -> Vec<Tree> {
    let mut found = Vec::new();
    let mut number = 0;
    tree.walk(&mut |part| {
        if let Expr::Rule(rule) = grammar.expr(part.expr)
            && let Some(other) = from.get(rule)
            && other.parts != part.parts
        {
            found.push(tree.with(number, &Tree::of(part.expr, other.parts.clone())));
        }
        number += 1;
    });
    found
}

/// Derivations of the same expression that are less than `tree`, the boldest first: the least of all, a part that is of
/// the same expression, the least of another branch (alone, or with one part that is there), fewer of a repetition.
fn smaller(grammar: &Grammar, tree: &Tree) -> Vec<Tree> {
    let mut found = vec![least(grammar, tree.expr)];
    tree.parts.iter().for_each(|part| {
        part.walk(&mut |inner| {
            if inner.expr == tree.expr {
                found.push(inner.clone());
            }
        });
    });
    match grammar.expr(tree.expr) {
        Expr::Alternatives(branches) => {
            let there = by_rule(grammar, tree);
            let with = |branch, part| Tree { branch, ..Tree::of(tree.expr, vec![part]) };
            for (branch, of) in branches.iter().enumerate() {
                if grammar.facts[of.0].shortest.is_some() {
                    let other = least(grammar, *of);
                    let with_parts = grafted(grammar, &other, &there);
                    found.extend(with_parts.into_iter().chain([other]).map(|part| with(branch, part)));
                }
            }
        }
        Expr::Repeat { min, .. } => {
            let len = tree.parts.len();
            if len / 2 >= *min {
                found.push(Tree::of(tree.expr, tree.parts[..len / 2].to_vec()));
                found.push(Tree::of(tree.expr, tree.parts[len - len / 2..].to_vec()));
            }
            if len > *min {
                for at in 0..len {
                    let mut parts = tree.parts.clone();
                    parts.remove(at);
                    found.push(Tree::of(tree.expr, parts));
                }
            }
        }
        _ => {}
    }
    let now = measure(tree);
    found.retain(|new| measure(new) < now);
    found
}

/// Walks from a derivation to a smaller one that still fails, as far as there is one.
///
/// The owner tries [`current`](Self::current): where it still fails, [`simplify`](Self::simplify) goes on from there, where
/// it does not, [`complicate`](Self::complicate) goes back and tries another.
#[derive(Clone, Debug)]
pub struct Shrinker {
    grammar: &'static Grammar,
    /// The smallest that fails.
    best: Tree,
    current: Tree,
    /// The part that is being made smaller.
    at: usize,
    /// What can stand in its place and was not tried yet, the next one last.
    open: Option<Vec<Tree>>,
    /// Whether anything got smaller since the first part was tried.
    moved: bool,
}

impl Shrinker {
    /// Starts with a derivation.
    pub fn new(grammar: &'static Grammar, tree: Tree) -> Self {
        Self { grammar, current: tree.clone(), best: tree, at: 0, open: None, moved: false }
    }

    /// What is to be tried.
    pub const fn current(&self) -> &Tree {
        &self.current
    }

    /// The current one fails: tries a smaller one. False where there is none.
    pub fn simplify(&mut self) -> bool {
        if self.current != self.best {
            self.best = self.current.clone();
            self.moved = true;
            self.open = None;
        }
        self.next()
    }

    /// The current one does not fail: tries another. False where there is none; then the current one is the smallest
    /// that fails.
    pub fn complicate(&mut self) -> bool {
        self.next()
    }

    fn next(&mut self) -> bool {
        loop {
            let Some(part) = self.best.at(self.at) else {
                if std::mem::take(&mut self.moved) {
                    self.at = 0;
                    self.open = None;
                    continue;
                }
                self.current = self.best.clone();
                return false;
            };
            let open = self.open.get_or_insert_with(|| {
                let mut found = smaller(self.grammar, part);
                found.reverse();
                found
            });
            if let Some(new) = open.pop() {
                self.current = self.best.with(self.at, &new);
                return true;
            }
            self.at += 1;
            self.open = None;
        }
    }
}

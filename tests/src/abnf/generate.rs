//! Derivations of a rule: messages that the RFC allows.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use crate::rng::Rng;

use super::{Choice, Expr, ExprId, Grammar, RuleId, recognise::is_one_of, tree::Tree};

/// The length, in bytes, from which a message is brought to its end.
const LONG: usize = 300;

/// Derives messages, preferring the choices that it has made least. The same seed gives the same messages.
#[derive(Debug)]
pub struct Generator<'g> {
    grammar: &'g Grammar,
    /// The choices made so far.
    used: BTreeSet<Choice>,
    /// Which expressions lead to a choice that was not made yet; renewed now and then.
    hopeful: Vec<bool>,
    /// How many messages were made.
    made: usize,
    random: Rng,
    /// Whether a literal may be `{n+}`.
    client: bool,
    /// The length of the message so far.
    len: usize,
}

impl<'g> Generator<'g> {
    /// A generator; `client` says who is to send what it makes.
    pub fn new(grammar: &'g Grammar, seed: u64, client: bool) -> Self {
        Self {
            grammar,
            used: BTreeSet::new(),
            hopeful: vec![true; grammar.len()],
            made: 0,
            random: Rng::new(seed),
            client,
            len: 0,
        }
    }

    /// A message of `rule`. `budget` limits how deep the derivation goes.
    pub fn message(&mut self, rule: RuleId, budget: usize) -> Tree {
        self.begin();
        self.derive(self.grammar.definition(rule).expr, budget)
    }

    /// A small message of `rule` that makes `choice`; none where the rule does not reach it. `more` is how deep the
    /// derivation of the rest may go; 0 makes the smallest.
    pub fn with_choice(&mut self, paths: &Paths, choice: Choice, more: usize) -> Option<Tree> {
        self.begin();
        let path = paths.to(choice.0)?;
        Some(self.along(&path, choice.1, more))
    }

    /// A derivation of one expression.
    pub(super) fn part(&mut self, id: ExprId, budget: usize) -> Tree {
        self.begin();
        self.derive(id, budget)
    }

    /// The choices made so far.
    pub const fn used(&self) -> &BTreeSet<Choice> {
        &self.used
    }

    fn begin(&mut self) {
        if self.made.is_multiple_of(32) {
            self.hopeful = hopeful(self.grammar, &self.used);
        }
        self.made += 1;
        self.len = 0;
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn leaf(&mut self, id: ExprId, bytes: Vec<u8>) -> Tree {
        self.len += bytes.len();
        Tree::leaf(id, bytes)
    }

    fn choice(&mut self, id: ExprId, branch: usize, part: impl FnOnce(&mut Self) -> Tree) -> Tree {
        self.used.insert((id, branch));
        Tree { branch, ..Tree::of(id, vec![part(self)]) }
    }

    fn repeat(&mut self, id: ExprId, parts: Vec<Tree>) -> Tree {
        if matches!(self.grammar.expr(id), Expr::Repeat { min: 0, .. }) {
            self.used.insert((id, usize::from(!parts.is_empty())));
        }
        Tree::of(id, parts)
    }

    /// Follows a path to an expression and takes `branch` there.
    fn along(&mut self, path: &[ExprId], branch: usize, more: usize) -> Tree {
        let grammar = self.grammar;
        let (id, rest) = path.split_first().expect("a path has a start");
        match (grammar.expr(*id), rest.first()) {
            (Expr::Alternatives(branches), None) => {
                self.choice(*id, branch, |it| it.derive(branches[branch], more))
            }
            (Expr::Repeat { of, .. }, None) => {
                let parts = (0..branch).map(|_| self.derive(*of, more)).collect();
                self.repeat(*id, parts)
            }
            (Expr::Alternatives(branches), Some(next)) => {
                let on = branches.iter().position(|branch| branch == next).expect("the next of a path");
                self.choice(*id, on, |it| it.along(rest, branch, more))
            }
            (Expr::Sequence(parts), Some(next)) => {
                let on = parts.iter().position(|part| part == next).expect("the next of a path");
                let each = parts.iter().enumerate();
                let parts =
                    each.map(|(at, part)| {
                        if at == on { self.along(rest, branch, more) } else { self.derive(*part, more) }
                    })
                    .collect();
                Tree::of(*id, parts)
            }
            (Expr::Repeat { min, of, .. }, Some(_)) => {
                let mut parts = vec![self.along(rest, branch, more)];
                parts.extend((1..*min).map(|_| self.derive(*of, more)));
                self.repeat(*id, parts)
            }
            (Expr::Except { not, .. }, Some(_)) => loop {
                let tree = self.along(rest, branch, more.max(4));
                if !is_one_of(&tree.message(), not) {
                    break Tree::of(*id, vec![tree]);
                }
            },
            (_, Some(_)) => Tree::of(*id, vec![self.along(rest, branch, more)]),
            (_, None) => unreachable!("a path ends at a choice"),
        }
    }

    fn derive(&mut self, id: ExprId, budget: usize) -> Tree {
        let grammar = self.grammar;
        // Past this length only what must come still comes: lists of lists would grow without end.
        let budget = if self.len > LONG { 0 } else { budget };
        let less = budget.saturating_sub(1);
        match grammar.expr(id) {
            Expr::Alternatives(branches) => {
                let branch = self.choose(id, branches, budget);
                self.choice(id, branch, |it| it.derive(branches[branch], less))
            }
            Expr::Sequence(parts) => {
                let parts = parts.iter().map(|part| self.derive(*part, less)).collect();
                Tree::of(id, parts)
            }
            Expr::Repeat { min, max, of } => {
                let times = self.times(id, *min, *max, *of, budget);
                let parts = (0..times).map(|_| self.derive(*of, less)).collect();
                self.repeat(id, parts)
            }
            Expr::Rule(rule) => {
                let part = self.derive(grammar.definition(*rule).expr, less);
                Tree::of(id, vec![part])
            }
            Expr::Word { text, exact } => {
                // A word in another case means the same.
                let swap = !exact && budget > 0 && self.below(8) == 0;
                let other = |byte: &u8| if swap && byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte };
                self.leaf(id, text.iter().map(other).collect())
            }
            Expr::Byte(ranges) => {
                let (low, high) = ranges[self.below(ranges.len())];
                let width = usize::from(high - low) + 1;
                let byte = low + u8::try_from(self.below(width)).expect("below the width");
                self.leaf(id, vec![byte])
            }
            Expr::Literal { eight } => {
                let bytes = self.literal(*eight, budget);
                self.leaf(id, bytes)
            }
            Expr::Number { min, max, .. } => {
                let number = match self.below(6) {
                    _ if budget == 0 => *min,
                    0 => *max,
                    1 => *min,
                    2 => self.random.number() % *max,
                    _ => self.below(1000) as u64,
                };
                self.leaf(id, number.max(*min).to_string().into_bytes())
            }
            Expr::Except { of, not } => loop {
                let tree = self.derive(grammar.definition(*of).expr, budget.max(4));
                if !is_one_of(&tree.message(), not) {
                    break Tree::of(id, vec![tree]);
                }
            },
            Expr::Undefined(name) => panic!("{} has no derivation: {name} is not defined", grammar.text(id)),
        }
    }

    /// The least used of the branches that fit into the budget; the shortest where none does.
    fn choose(&mut self, id: ExprId, branches: &[ExprId], budget: usize) -> usize {
        let facts = |branch: usize| &self.grammar.facts[branches[branch].0];
        let fits: Vec<usize> = (0..branches.len())
            .filter(|branch| facts(*branch).depth.is_some_and(|depth| depth < budget))
            .collect();
        if fits.is_empty() {
            return (0..branches.len())
                .filter(|branch| facts(*branch).depth.is_some())
                .min_by_key(|branch| (facts(*branch).depth, facts(*branch).shortest))
                .unwrap_or_else(|| panic!("{} has no derivation", self.grammar.text(id)));
        }
        let fresh: Vec<usize> =
            fits.iter().copied().filter(|branch| !self.used.contains(&(id, *branch))).collect();
        let hopeful: Vec<usize> =
            fits.iter().copied().filter(|branch| self.hopeful[branches[*branch].0]).collect();
        let pool = match (fresh.is_empty(), hopeful.is_empty() || self.below(4) == 0) {
            (false, _) => fresh,
            (true, false) => hopeful,
            (true, true) => fits,
        };
        let pick = self.below(pool.len());
        pool[pick]
    }

    fn times(&mut self, id: ExprId, min: usize, max: Option<usize>, of: ExprId, budget: usize) -> usize {
        let fits = self.grammar.facts[of.0].depth.is_some_and(|depth| depth < budget);
        if !fits {
            return min;
        }
        // Less than one on average, so that rules that repeat themselves come to an end.
        let more = [0, 0, 0, 0, 1, 1, 2, 3][self.below(8)];
        let never = min == 0 && !self.used.contains(&(id, 1));
        let tempting = self.hopeful[of.0] && self.below(2) == 0;
        let times = if never || tempting { (min + more).max(1) } else { min + more };
        times.min(max.unwrap_or(usize::MAX))
    }

    fn literal(&mut self, eight: bool, budget: usize) -> Vec<u8> {
        let len = if budget == 0 { 1 } else { self.below(12) };
        let plus = if self.client && self.below(2) == 0 { "+" } else { "" };
        let tilde = if eight { "~" } else { "" };
        let mut bytes = format!("{tilde}{{{len}{plus}}}\r\n").into_bytes();
        for _ in 0..len {
            let byte = u8::try_from(self.below(256)).expect("below 256");
            bytes.push(if byte == 0 && !eight { 1 } else { byte });
        }
        bytes
    }
}

/// Ways from a rule to all that it reaches, the shortest ones by the bytes that they make necessary.
#[derive(Debug)]
pub struct Paths {
    /// From where each expression is reached.
    before: BTreeMap<ExprId, Option<ExprId>>,
}

impl Paths {
    /// Those from `start`.
    pub fn new(grammar: &Grammar, start: RuleId) -> Self {
        Self::weighed(grammar, start, || 0)
    }

    /// Ways that are not the shortest: each step has a length by chance.
    pub fn by_chance(grammar: &Grammar, start: RuleId, random: &mut Rng) -> Self {
        Self::weighed(grammar, start, || random.below(150))
    }

    fn weighed(grammar: &Grammar, start: RuleId, mut more: impl FnMut() -> usize) -> Self {
        let shortest = |id: ExprId| grammar.facts[id.0].shortest.unwrap_or(1000);
        let mut before = BTreeMap::new();
        let mut open = BinaryHeap::from([Reverse((0, grammar.definition(start).expr, None))]);
        while let Some(Reverse((cost, id, from))) = open.pop() {
            if before.contains_key(&id) {
                continue;
            }
            before.insert(id, from);
            let parts = grammar.parts(id);
            let all: usize = match grammar.expr(id) {
                Expr::Sequence(_) => parts.iter().map(|part| shortest(*part)).sum(),
                _ => 0,
            };
            for part in parts {
                let beside = all.saturating_sub(shortest(part));
                open.push(Reverse((cost + beside * 16 + 1 + more(), part, Some(id))));
            }
        }
        Self { before }
    }

    /// The way to an expression, itself included.
    pub fn to(&self, id: ExprId) -> Option<Vec<ExprId>> {
        let mut path = vec![id];
        let mut at = self.before.get(&id)?;
        while let Some(before) = at {
            path.push(*before);
            at = self.before.get(before)?;
        }
        path.reverse();
        Some(path)
    }
}

/// Which expressions lead to a choice that is not in `used`.
fn hopeful(grammar: &Grammar, used: &BTreeSet<Choice>) -> Vec<bool> {
    let mut hopeful = vec![false; grammar.len()];
    loop {
        let mut changed = false;
        for index in 0..grammar.len() {
            if hopeful[index] {
                continue;
            }
            let id = ExprId(index);
            let fresh = |branch| !used.contains(&(id, branch));
            let here = match grammar.expr(id) {
                Expr::Alternatives(branches) => (0..branches.len()).any(fresh),
                Expr::Repeat { min: 0, .. } => fresh(0) || fresh(1),
                _ => false,
            };
            hopeful[index] = here || grammar.parts(id).iter().any(|part| hopeful[part.0]);
            changed |= hopeful[index];
        }
        if !changed {
            return hopeful;
        }
    }
}

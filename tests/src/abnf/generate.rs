//! Derivations of a rule: messages that the RFC allows.

use std::collections::BTreeMap;

use crate::rng::Rng;

use super::{Expr, ExprId, Grammar, RuleId};

/// The length, in bytes, from which a message is brought to its end.
const LONG: usize = 300;

/// Derives messages, preferring the alternatives that it has used least. The same seed gives the same
/// messages.
#[derive(Debug)]
pub struct Generator<'g> {
    grammar: &'g Grammar,
    /// The depth of the shallowest derivation of each expression; `None` where there is none.
    depth: Vec<Option<usize>>,
    /// How often each alternative was used.
    used: BTreeMap<(ExprId, usize), u64>,
    /// Which expressions lead to an alternative that was not used yet; renewed now and then.
    hopeful: Vec<bool>,
    /// How many messages were made.
    made: usize,
    random: Rng,
    /// Whether a literal may be `{n+}`.
    client: bool,
}

impl<'g> Generator<'g> {
    /// A generator; `client` says who is to send what it makes.
    pub fn new(grammar: &'g Grammar, seed: u64, client: bool) -> Self {
        Self {
            grammar,
            depth: shallowest(grammar),
            used: BTreeMap::new(),
            hopeful: vec![true; grammar.len()],
            made: 0,
            random: Rng::new(seed),
            client,
        }
    }

    /// One message of `rule`. `budget` limits how deep the derivation goes.
    pub fn message(&mut self, rule: RuleId, budget: usize) -> Vec<u8> {
        if self.made.is_multiple_of(32) {
            self.hopeful = hopeful(self.grammar, &self.used);
        }
        self.made += 1;
        let mut bytes = Vec::new();
        self.derive(self.grammar.definition(rule).expr, budget, &mut bytes);
        bytes
    }

    /// The alternatives used so far.
    pub fn used(&self) -> &BTreeMap<(ExprId, usize), u64> {
        &self.used
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn derive(&mut self, id: ExprId, budget: usize, out: &mut Vec<u8>) {
        let grammar = self.grammar;
        // Past this length only what must come still comes: lists of lists would grow without end.
        let budget = if out.len() > LONG { 0 } else { budget };
        match grammar.expr(id) {
            Expr::Alternatives(branches) => {
                let branch = self.choose(id, branches, budget);
                *self.used.entry((id, branch)).or_default() += 1;
                self.derive(branches[branch], budget.saturating_sub(1), out);
            }
            Expr::Sequence(parts) => {
                parts.iter().for_each(|part| self.derive(*part, budget.saturating_sub(1), out));
            }
            Expr::Repeat { min, max, of } => {
                let times = self.times(id, *min, *max, *of, budget);
                if *min == 0 {
                    *self.used.entry((id, usize::from(times > 0))).or_default() += 1;
                }
                (0..times).for_each(|_| self.derive(*of, budget.saturating_sub(1), out));
            }
            Expr::Rule(rule) => self.derive(grammar.definition(*rule).expr, budget.saturating_sub(1), out),
            Expr::Word { text, exact } => {
                // A word in another case means the same.
                let swap = !exact && self.below(8) == 0;
                out.extend(
                    text.iter().map(
                        |byte| {
                            if swap && byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }
                        },
                    ),
                );
            }
            Expr::Range(low, high) => {
                let width = usize::from(high - low) + 1;
                out.push(low + u8::try_from(self.below(width)).unwrap());
            }
            Expr::Literal { eight } => self.literal(*eight, out),
            Expr::Number { max, positive } => {
                let number = match self.random.below(6) {
                    0 => *max,
                    1 => u64::from(*positive),
                    2 => self.random.below(usize::try_from(*max).unwrap()) as u64,
                    _ => self.random.below(1000) as u64,
                };
                out.extend(number.max(u64::from(*positive)).to_string().into_bytes());
            }
            Expr::StringBut { of, not } => loop {
                let start = out.len();
                self.derive(grammar.definition(*of).expr, budget.saturating_sub(1), out);
                if !super::recognise::is_one_of(&out[start..], not) {
                    break;
                }
                out.truncate(start);
            },
        }
    }

    /// The least used of the branches that fit into the budget; the shallowest where none does.
    fn choose(&mut self, id: ExprId, branches: &[ExprId], budget: usize) -> usize {
        let depth = |branch: usize| self.depth[branches[branch].0];
        let least = (0..branches.len())
            .filter(|branch| depth(*branch).is_some())
            .min_by_key(|branch| depth(*branch))
            .unwrap_or_else(|| panic!("an alternative without a derivation"));
        let fits: Vec<usize> =
            (0..branches.len()).filter(|branch| depth(*branch).is_some_and(|depth| depth < budget)).collect();
        if fits.is_empty() {
            return least;
        }
        let count = |branch: usize| self.used.get(&(id, branch)).copied().unwrap_or(0);
        let unused: Vec<usize> = fits.iter().copied().filter(|branch| count(*branch) == 0).collect();
        let hopeful: Vec<usize> =
            fits.iter().copied().filter(|branch| self.hopeful[branches[*branch].0]).collect();
        let pool = match (unused.is_empty(), hopeful.is_empty() || self.below(4) == 0) {
            (false, _) => unused,
            (true, false) => hopeful,
            (true, true) => fits,
        };
        let pick = self.below(pool.len());
        pool[pick]
    }

    fn times(&mut self, id: ExprId, min: usize, max: Option<usize>, of: ExprId, budget: usize) -> usize {
        let fits = self.depth[of.0].is_some_and(|depth| depth < budget);
        if !fits {
            return min;
        }
        // Less than one on average, so that rules that repeat themselves come to an end.
        let more = [0, 0, 0, 0, 1, 1, 2, 3][self.below(8)];
        let never = min == 0 && !self.used.contains_key(&(id, 1));
        let tempting = self.hopeful[of.0] && self.below(2) == 0;
        let times = if never || tempting { (min + more).max(1) } else { min + more };
        times.min(max.unwrap_or(usize::MAX))
    }

    fn literal(&mut self, eight: bool, out: &mut Vec<u8>) {
        let len = self.below(12);
        let plus = if self.client && self.below(2) == 0 { "+" } else { "" };
        let tilde = if eight { "~" } else { "" };
        out.extend(format!("{tilde}{{{len}{plus}}}\r\n").into_bytes());
        for _ in 0..len {
            let byte = u8::try_from(self.below(256)).unwrap();
            out.push(if byte == 0 && !eight { 1 } else { byte });
        }
    }
}

/// Which expressions lead to an alternative that is not in `used`.
fn hopeful(grammar: &Grammar, used: &BTreeMap<(ExprId, usize), u64>) -> Vec<bool> {
    let mut hopeful = vec![false; grammar.len()];
    loop {
        let mut changed = false;
        for index in 0..grammar.len() {
            let id = ExprId(index);
            let fresh = |branch| !used.contains_key(&(id, branch));
            let now = match grammar.expr(id) {
                Expr::Alternatives(branches) => {
                    branches.iter().enumerate().any(|(branch, of)| fresh(branch) || hopeful[of.0])
                }
                Expr::Sequence(parts) => parts.iter().any(|part| hopeful[part.0]),
                Expr::Repeat { min, of, .. } => hopeful[of.0] || (*min == 0 && (fresh(0) || fresh(1))),
                Expr::Rule(rule) | Expr::StringBut { of: rule, .. } => {
                    hopeful[grammar.definition(*rule).expr.0]
                }
                Expr::Word { .. } | Expr::Range(..) | Expr::Literal { .. } | Expr::Number { .. } => false,
            };
            changed |= now != hopeful[index];
            hopeful[index] |= now;
        }
        if !changed {
            return hopeful;
        }
    }
}

/// The depth of the shallowest derivation of each expression, by iteration to a fixed point.
fn shallowest(grammar: &Grammar) -> Vec<Option<usize>> {
    let mut depth: Vec<Option<usize>> = vec![None; grammar.len()];
    loop {
        let mut changed = false;
        for index in 0..grammar.len() {
            let of = |id: &ExprId| depth[id.0];
            let new = match grammar.expr(ExprId(index)) {
                Expr::Alternatives(branches) => branches.iter().filter_map(of).min(),
                Expr::Sequence(parts) => parts
                    .iter()
                    .map(of)
                    .collect::<Option<Vec<_>>>()
                    .map(|all| all.into_iter().max().unwrap_or(0)),
                Expr::Repeat { min: 0, .. } => Some(0),
                Expr::Repeat { of: inner, .. } => of(inner),
                Expr::Rule(rule) | Expr::StringBut { of: rule, .. } => of(&grammar.definition(*rule).expr),
                Expr::Word { .. } | Expr::Range(..) | Expr::Literal { .. } | Expr::Number { .. } => Some(0),
            }
            .map(|depth| depth + 1);
            if new.is_some() && (depth[index].is_none() || new < depth[index]) {
                depth[index] = new;
                changed = true;
            }
        }
        if !changed {
            return depth;
        }
    }
}

//! From the rules as they are written to the expressions that the rest works with.

use std::collections::BTreeMap;

use abnf::types::{Node, Repeat, TerminalValues};

use super::{Expr, ExprId, Files, Grammar, Place, Rule, RuleId, merge::Merged};

/// What is known of an expression before any message is.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The bytes with which a derivation can begin.
    pub(super) first: Bytes,
    /// Whether it can be empty.
    pub(super) empty: bool,
    /// Its bytes, where each derivation is one byte.
    pub(super) byte: Option<Bytes>,
    /// The length of the shortest derivation; none where there is no derivation.
    pub(super) shortest: Option<usize>,
    /// The depth of the shallowest derivation.
    pub(super) depth: Option<usize>,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes([u128; 2]);

impl Bytes {
    pub(super) const fn has(&self, byte: u8) -> bool {
        self.0[(byte >> 7) as usize] & (1 << (byte & 127)) != 0
    }

    const fn add(&mut self, byte: u8) {
        self.0[(byte >> 7) as usize] |= 1 << (byte & 127);
    }

    const fn or(&self, other: &Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::default();
        bytes.into_iter().for_each(|byte| set.add(byte));
        set
    }
}

/// Makes the grammar of merged rules.
pub(super) fn lower(merged: &Merged) -> Grammar {
    let mut grammar = Grammar {
        edition: merged.edition,
        files: merged.files.clone(),
        exprs: Vec::new(),
        texts: Vec::new(),
        places: Vec::new(),
        rules: Vec::new(),
        by_name: BTreeMap::new(),
        facts: Vec::new(),
    };
    for (index, (key, rule)) in merged.rules.iter().enumerate() {
        let files = rule.alternatives.iter().fold(Files::default(), |all, (_, files)| all.with(*files));
        grammar.by_name.insert(key.clone(), RuleId(index));
        grammar.rules.push(Rule { name: rule.name.clone(), expr: ExprId(0), files });
    }
    for (index, (key, rule)) in merged.rules.iter().enumerate() {
        let id = RuleId(index);
        let files = grammar.rules[index].files;
        let mut lowering = Lowering { grammar: &mut grammar, place: Place { rule: id, files } };
        let branches = match built_in(key) {
            Some(expr) => vec![lowering.add(expr, format!("<{key}>"))],
            None if rule.alternatives.iter().all(|(node, _)| is_byte(node)) => {
                let nodes: Vec<_> = rule.alternatives.iter().map(|(node, _)| node.clone()).collect();
                vec![lowering.lower(&Node::Alternatives(nodes))]
            }
            None => rule
                .alternatives
                .iter()
                .map(|(node, files)| {
                    lowering.place.files = *files;
                    lowering.lower(node)
                })
                .collect(),
        };
        lowering.place.files = files;
        let expr = lowering.add(Expr::Alternatives(branches), rule.name.clone());
        grammar.rules[index].expr = expr;
    }
    grammar.facts = facts(&grammar);
    grammar
}

fn built_in(rule: &str) -> Option<Expr> {
    let (max32, max63) = (u32::MAX.into(), i64::MAX as u64);
    Some(match rule {
        "literal" => Expr::Literal { eight: false },
        "literal8" => Expr::Literal { eight: true },
        "number" => Expr::Number { min: 0, max: max32, zeros: true },
        "nz-number" => Expr::Number { min: 1, max: max32, zeros: false },
        "number64" => Expr::Number { min: 0, max: max63, zeros: true },
        "nz-number64" => Expr::Number { min: 1, max: max63, zeros: false },
        "mod-sequence-value" => Expr::Number { min: 1, max: max63, zeros: true },
        _ => return None,
    })
}

/// Whether this is one byte of some range.
fn is_byte(node: &Node) -> bool {
    match node {
        Node::TerminalValues(TerminalValues::Range(..)) => true,
        Node::TerminalValues(TerminalValues::Concatenation(values)) => values.len() == 1,
        Node::String(text) => text.value().len() == 1 && text.is_case_sensitive(),
        _ => false,
    }
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).expect("a byte")
}

struct Lowering<'g> {
    grammar: &'g mut Grammar,
    place: Place,
}

impl Lowering<'_> {
    fn add(&mut self, expr: Expr, text: String) -> ExprId {
        self.grammar.exprs.push(expr);
        self.grammar.texts.push(text);
        self.grammar.places.push(self.place.clone());
        ExprId(self.grammar.exprs.len() - 1)
    }

    fn lower(&mut self, node: &Node) -> ExprId {
        let expr = match node {
            Node::Alternatives(nodes) if nodes.iter().all(is_byte) => {
                Expr::Byte(nodes.iter().map(range).collect())
            }
            Node::Alternatives(nodes) => {
                Expr::Alternatives(nodes.iter().map(|node| self.lower(node)).collect())
            }
            Node::Concatenation(nodes) => Expr::Sequence(nodes.iter().map(|node| self.lower(node)).collect()),
            Node::Repetition { repeat, node } => {
                let (min, max) = match repeat {
                    Repeat::Specific(n) => (*n, Some(*n)),
                    Repeat::Variable { min, max } => (min.unwrap_or(0), *max),
                };
                Expr::Repeat { min, max, of: self.lower(node) }
            }
            Node::Optional(node) => Expr::Repeat { min: 0, max: Some(1), of: self.lower(node) },
            Node::Group(node) => return self.lower(node),
            Node::Rulename(name) => match self.grammar.find(name) {
                Some(id) => Expr::Rule(id),
                None => Expr::Undefined(name.clone()),
            },
            Node::String(text) => {
                Expr::Word { text: text.value().as_bytes().to_vec(), exact: text.is_case_sensitive() }
            }
            Node::TerminalValues(TerminalValues::Concatenation(values)) if values.len() > 1 => {
                Expr::Word { text: values.iter().map(|value| byte(*value)).collect(), exact: true }
            }
            Node::TerminalValues(_) => Expr::Byte(vec![range(node)]),
            // Within resp-text-code and QUOTED-CHAR.
            Node::Prose(prose) if prose == "any TEXT-CHAR except \"]\"" => {
                Expr::Byte(vec![(1, 9), (0x0b, 0x0c), (0x0e, 0x5c), (0x5e, 0x7f)])
            }
            Node::Prose(prose) if prose == "any TEXT-CHAR except quoted-specials" => {
                Expr::Byte(vec![(1, 9), (0x0b, 0x0c), (0x0e, 0x21), (0x23, 0x5b), (0x5d, 0x7f)])
            }
            Node::Prose(prose) => self.except(prose).unwrap_or_else(|| Expr::Undefined(prose.clone())),
        };
        self.add(expr, node.to_string())
    }

    /// `<atom except "A" "B">`
    fn except(&self, prose: &str) -> Option<Expr> {
        let (name, words) = prose.split_once(" except ")?;
        let of = self.grammar.find(name)?;
        let not = words.split('"').filter(|word| !word.trim().is_empty());
        Some(Expr::Except { of, not: not.map(|word| word.as_bytes().to_vec()).collect() })
    }
}

/// The bounds of one byte.
fn range(node: &Node) -> (u8, u8) {
    match node {
        Node::TerminalValues(TerminalValues::Range(low, high)) => (byte(*low), byte(*high)),
        Node::TerminalValues(TerminalValues::Concatenation(values)) => (byte(values[0]), byte(values[0])),
        Node::String(text) => (text.value().as_bytes()[0], text.value().as_bytes()[0]),
        _ => unreachable!("not a byte: {node}"),
    }
}

/// What is known of each expression, by iteration to a fixed point.
fn facts(grammar: &Grammar) -> Vec<Facts> {
    let mut facts = vec![Facts::default(); grammar.len()];
    loop {
        let mut changed = false;
        for index in 0..grammar.len() {
            let new = fact(grammar, &facts, grammar.expr(ExprId(index)));
            let old = &facts[index];
            if new.first != old.first
                || new.empty != old.empty
                || new.byte != old.byte
                || new.shortest != old.shortest
                || new.depth != old.depth
            {
                facts[index] = new;
                changed = true;
            }
        }
        if !changed {
            return facts;
        }
    }
}

fn fact(grammar: &Grammar, facts: &[Facts], expr: &Expr) -> Facts {
    let one = |first: Bytes, shortest: usize| Facts {
        first,
        empty: false,
        byte: None,
        shortest: Some(shortest),
        depth: Some(1),
    };
    match expr {
        Expr::Alternatives(branches) => {
            let mut all = Facts { byte: Some(Bytes::default()), ..Facts::default() };
            for branch in branches.iter().map(|branch| &facts[branch.0]) {
                all.first = all.first.or(&branch.first);
                all.empty |= branch.empty;
                all.byte = all.byte.zip(branch.byte).map(|(all, one)| all.or(&one));
                all.shortest = [all.shortest, branch.shortest].into_iter().flatten().min();
                all.depth = [all.depth, branch.depth.map(|depth| depth + 1)].into_iter().flatten().min();
            }
            all
        }
        Expr::Sequence(parts) => {
            let mut all = Facts { empty: true, shortest: Some(0), depth: Some(1), ..Facts::default() };
            for part in parts.iter().map(|part| &facts[part.0]) {
                if all.empty {
                    all.first = all.first.or(&part.first);
                    all.empty = part.empty;
                }
                all.shortest = all.shortest.zip(part.shortest).map(|(all, one)| all + one);
                all.depth = all.depth.zip(part.depth).map(|(all, one)| all.max(one + 1));
            }
            all
        }
        Expr::Repeat { min, of, .. } => {
            let of = &facts[of.0];
            Facts {
                first: of.first,
                empty: *min == 0 || of.empty,
                byte: None,
                shortest: if *min == 0 { Some(0) } else { of.shortest.map(|one| one * min) },
                depth: if *min == 0 { Some(1) } else { of.depth.map(|depth| depth + 1) },
            }
        }
        Expr::Rule(rule) => {
            let of = &facts[grammar.definition(*rule).expr.0];
            Facts { depth: of.depth.map(|depth| depth + 1), ..of.clone() }
        }
        Expr::Except { of, .. } => {
            let of = &facts[grammar.definition(*of).expr.0];
            Facts { byte: None, depth: of.depth.map(|depth| depth + 1), ..of.clone() }
        }
        Expr::Word { text, exact } => {
            let cases = |byte: u8| [byte, if *exact { byte } else { byte ^ 0x20 }];
            let first = text.first().copied().map(|byte| {
                if byte.is_ascii_alphabetic() { Bytes::of(cases(byte)) } else { Bytes::of([byte]) }
            });
            let mut word = one(first.unwrap_or_default(), text.len());
            word.empty = text.is_empty();
            word.byte = (text.len() == 1).then_some(word.first);
            word
        }
        Expr::Byte(ranges) => {
            let bytes = Bytes::of(ranges.iter().flat_map(|(low, high)| *low..=*high));
            Facts { byte: Some(bytes), ..one(bytes, 1) }
        }
        Expr::Literal { eight: false } => one(Bytes::of(*b"{"), 5),
        Expr::Literal { eight: true } => one(Bytes::of(*b"~"), 6),
        Expr::Number { min: 0, .. } | Expr::Number { zeros: true, .. } => one(Bytes::of(b'0'..=b'9'), 1),
        Expr::Number { .. } => one(Bytes::of(b'1'..=b'9'), 1),
        Expr::Undefined(_) => Facts::default(),
    }
}

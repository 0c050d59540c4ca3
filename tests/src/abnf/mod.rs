//! The grammar of the RFCs as data: read from their ABNF, used to make messages and to judge them.
//!
//! Nothing here knows the decoder. `generate` derives messages from a rule, `recognise` decides whether
//! bytes belong to a rule; both work on the [`Grammar`] that [`Grammar::load`] merges from the files in
//! `data/abnf`, with `overrides.abnf` for what ABNF cannot say.

pub mod generate;
pub mod recognise;

use std::collections::BTreeMap;

use abnf::types::{Kind, Node, Repeat, TerminalValues};

/// The index of an expression in its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(usize);

/// The index of a rule in its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(usize);

/// A part of a rule.
#[derive(Clone, Debug)]
pub enum Expr {
    /// One of several.
    Alternatives(Vec<ExprId>),
    /// One after the other.
    Sequence(Vec<ExprId>),
    /// The same, so many times.
    Repeat {
        /// At least.
        min: usize,
        /// At most.
        max: Option<usize>,
        /// What.
        of: ExprId,
    },
    /// Another rule.
    Rule(RuleId),
    /// A word, in any case unless `exact`.
    Word {
        /// The word.
        text: Vec<u8>,
        /// Whether case matters.
        exact: bool,
    },
    /// One byte between two, both included.
    Range(u8, u8),
    /// A literal whose length matches its content.
    Literal {
        /// `~{n}`: any octet, NUL included.
        eight: bool,
    },
    /// A number in digits.
    Number {
        /// The largest.
        max: u64,
        /// Whether it begins with a digit above 0.
        positive: bool,
    },
    /// A derivation of another rule, a string whose content is none of these words.
    StringBut {
        /// `string`
        of: RuleId,
        /// The words, in any case.
        not: &'static [&'static str],
    },
}

/// A rule: its name and what it stands for.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The name as printed.
    pub name: String,
    /// The definition.
    pub expr: ExprId,
}

/// A set of rules, every one of which is defined.
#[derive(Clone, Debug, Default)]
pub struct Grammar {
    exprs: Vec<Expr>,
    rules: Vec<Rule>,
    by_name: BTreeMap<String, RuleId>,
}

/// The two revisions of the base protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// RFC 3501
    Rev1,
    /// RFC 9051
    Rev2,
}

const CORE: &str = include_str!("../../data/abnf/core.abnf");
const RFC3501: &str = include_str!("../../data/abnf/rfc3501.abnf");
const RFC9051: &str = include_str!("../../data/abnf/rfc9051.abnf");
/// Extensions, in the order in which they build upon each other.
const EXTENSIONS: [&str; 2] =
    [include_str!("../../data/abnf/rfc7162.abnf"), include_str!("../../data/abnf/rfc9586.abnf")];
const OVERRIDES: &str = include_str!("../../data/abnf/overrides.abnf");

impl Grammar {
    /// The grammar of one revision with the extensions, and the overrides.
    pub fn load(revision: Revision) -> Self {
        let base = match revision {
            Revision::Rev1 => RFC3501,
            Revision::Rev2 => RFC9051,
        };
        let mut merged: BTreeMap<String, (String, Node)> = BTreeMap::new();
        let extensions = EXTENSIONS.map(|text| ("extension", text));
        let files = [("core", CORE), ("base", base)].into_iter().chain(extensions);
        for (file, text) in files.chain([("overrides", OVERRIDES)]) {
            for rule in abnf::rulelist(&text.replace('\n', "\r\n")).unwrap_or_else(|e| panic!("{file}: {e}"))
            {
                let key = rule.name().to_ascii_lowercase();
                let built_in = matches!(rule.node(), Node::Prose(text) if text == "built in");
                if !built_in && matches!(rule.node(), Node::Prose(_)) && merged.contains_key(&key) {
                    continue; // "<Defined in RFC 5234>"
                }
                match (rule.kind(), merged.remove(&key)) {
                    (Kind::Incremental, Some((name, Node::Alternatives(mut nodes)))) => {
                        nodes.push(rule.node().clone());
                        merged.insert(key, (name, Node::Alternatives(nodes)));
                    }
                    (Kind::Incremental, Some((name, node))) => {
                        merged.insert(key, (name, Node::Alternatives(vec![node, rule.node().clone()])));
                    }
                    // Adds to a rule that this revision does not have.
                    (Kind::Incremental, None) if file == "overrides" => {}
                    // Of an extension it is the first of a rule that RFC 4466 leaves open, such as `select-param`.
                    (Kind::Incremental, None) | (Kind::Basic, _) => {
                        merged.insert(key, (rule.name().to_owned(), rule.node().clone()));
                    }
                }
            }
        }
        Self::build(merged)
    }

    fn build(merged: BTreeMap<String, (String, Node)>) -> Self {
        let mut grammar = Self::default();
        for (index, (key, (name, _))) in merged.iter().enumerate() {
            grammar.by_name.insert(key.clone(), RuleId(index));
            grammar.rules.push(Rule { name: name.clone(), expr: ExprId(0) });
        }
        for (index, (key, (_, node))) in merged.iter().enumerate() {
            let expr = match key.as_str() {
                "literal" => grammar.add(Expr::Literal { eight: false }),
                "literal8" => grammar.add(Expr::Literal { eight: true }),
                "number" => grammar.add(Expr::Number { max: u32::MAX.into(), positive: false }),
                "nz-number" => grammar.add(Expr::Number { max: u32::MAX.into(), positive: true }),
                "number64" => grammar.add(Expr::Number { max: i64::MAX as u64, positive: false }),
                "nz-number64" => grammar.add(Expr::Number { max: i64::MAX as u64, positive: true }),
                "string-but-text-or-message" => {
                    let of = grammar.rule("string");
                    grammar.add(Expr::StringBut { of, not: &["TEXT", "MESSAGE", "MULTIPART"] })
                }
                "string-but-rfc822" => {
                    let of = grammar.rule("string");
                    grammar.add(Expr::StringBut { of, not: &["RFC822"] })
                }
                _ => grammar.lower(node),
            };
            grammar.rules[index].expr = expr;
        }
        grammar
    }

    fn add(&mut self, expr: Expr) -> ExprId {
        self.exprs.push(expr);
        ExprId(self.exprs.len() - 1)
    }

    fn lower(&mut self, node: &Node) -> ExprId {
        let expr = match node {
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
            Node::Rulename(name) => match self.by_name.get(&name.to_ascii_lowercase()) {
                Some(id) => Expr::Rule(*id),
                // Only rules that no message reaches may name others that are not there.
                None => Expr::Alternatives(Vec::new()),
            },
            Node::String(text) => {
                Expr::Word { text: text.value().as_bytes().to_vec(), exact: text.is_case_sensitive() }
            }
            Node::TerminalValues(TerminalValues::Range(low, high)) => {
                Expr::Range(u8::try_from(*low).unwrap(), u8::try_from(*high).unwrap())
            }
            Node::TerminalValues(TerminalValues::Concatenation(values)) => Expr::Word {
                text: values.iter().map(|value| u8::try_from(*value).unwrap()).collect(),
                exact: true,
            },
            // <any TEXT-CHAR except "]">, within resp-text-code
            Node::Prose(prose) if prose.starts_with("any TEXT-CHAR except \"]") => {
                let ranges = [(1, 9), (0x0b, 0x0c), (0x0e, 0x5c), (0x5e, 0x7f)];
                let ranges = ranges.map(|(low, high)| self.add(Expr::Range(low, high)));
                Expr::Alternatives(ranges.to_vec())
            }
            // Other prose has no derivation; a rule that a message needs must be in the overrides.
            Node::Prose(_) => Expr::Alternatives(Vec::new()),
        };
        self.add(expr)
    }

    /// The rule of that name.
    pub fn rule(&self, name: &str) -> RuleId {
        self.by_name.get(&name.to_ascii_lowercase()).copied().unwrap_or_else(|| panic!("no rule {name}"))
    }

    /// The rule itself.
    pub fn definition(&self, rule: RuleId) -> &Rule {
        &self.rules[rule.0]
    }

    /// The expression itself.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0]
    }

    /// How many expressions there are.
    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    /// Every alternative that a derivation of `start` can reach: the expression and its branch. An option
    /// counts as two: there and not there.
    pub fn reachable(&self, start: RuleId) -> BTreeMap<(ExprId, usize), String> {
        let mut seen = vec![false; self.exprs.len()];
        let mut found = BTreeMap::new();
        let mut open = vec![(self.definition(start).expr, self.definition(start).name.clone())];
        while let Some((id, rule)) = open.pop() {
            if std::mem::replace(&mut seen[id.0], true) {
                continue;
            }
            match self.expr(id) {
                Expr::Alternatives(branches) => {
                    for (branch, expr) in branches.iter().enumerate() {
                        found.insert((id, branch), rule.clone());
                        open.push((*expr, rule.clone()));
                    }
                }
                Expr::Sequence(parts) => open.extend(parts.iter().map(|part| (*part, rule.clone()))),
                Expr::Repeat { min, of, .. } => {
                    if *min == 0 {
                        found.insert((id, 0), rule.clone());
                        found.insert((id, 1), rule.clone());
                    }
                    open.push((*of, rule));
                }
                Expr::Rule(rule) | Expr::StringBut { of: rule, .. } => {
                    let rule = self.definition(*rule);
                    open.push((rule.expr, rule.name.clone()));
                }
                Expr::Word { .. } | Expr::Range(..) | Expr::Literal { .. } | Expr::Number { .. } => {}
            }
        }
        found
    }
}

//! The grammar of the RFCs as data: read from their ABNF, used to make messages and to judge them.
//!
//! Nothing here knows the decoder. `merge` makes one set of rules of the files in `data/abnf`, as `merge.toml` and
//! `overrides.abnf` there say for what ABNF cannot; the [`Grammar`] is that set in a form to work with. `generate`
//! derives messages from a rule as a `tree`, which `shrink` makes smaller and `mutate` makes wrong; `recognise`
//! decides whether bytes belong to a rule.

pub mod generate;
mod lower;
pub mod merge;
pub mod mutate;
pub mod recognise;
pub mod shrink;
pub mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

pub use merge::{Decisions, Files};

/// The index of an expression in its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(usize);

/// The index of a rule in its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(usize);

/// A choice: an expression and which of its branches. An option, or a repetition that may be empty, has two: not
/// there and there.
pub type Choice = (ExprId, usize);

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
    /// One byte of those within these bounds, which are included.
    Byte(Vec<(u8, u8)>),
    /// A literal whose length matches its content.
    Literal {
        /// `~{n}`: any octet, NUL included.
        eight: bool,
    },
    /// A number in digits.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
        /// Whether it may begin with 0 and go on.
        zeros: bool,
    },
    /// A derivation of another rule that is none of some words, in any case; of a string, the content counts.
    Except {
        /// `atom`, `string`
        of: RuleId,
        /// The words.
        not: Vec<Vec<u8>>,
    },
    /// A rule that no file defines.
    Undefined(String),
}

/// A rule: its name and what it stands for.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The name as printed.
    pub name: String,
    /// The definition.
    pub expr: ExprId,
    /// The files that define it or add to it.
    pub files: Files,
}

/// What is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// RFC 3501 alone.
    Rev1,
    /// RFC 9051 alone.
    Rev2,
    /// Both, and all extensions.
    All,
    /// All, and what is kept although no RFC has it.
    Kept,
}

/// Where a choice stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The rule that it is part of.
    pub rule: RuleId,
    /// The files that have it.
    pub files: Files,
}

/// A set of rules.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// What was merged.
    pub edition: Edition,
    /// The names of the files, by their number in a set of [`Files`].
    pub files: Vec<String>,
    exprs: Vec<Expr>,
    /// How each expression is written.
    texts: Vec<String>,
    /// The rule of each expression, and the files.
    places: Vec<Place>,
    rules: Vec<Rule>,
    by_name: BTreeMap<String, RuleId>,
    /// What `recognise` and `generate` look up.
    facts: Vec<lower::Facts>,
}

/// The rules that are whole messages, and whether a client sends them.
///
/// `authenticate-data` and `idle-done` are the further lines of two commands (`overrides.abnf`). `response` is any number
/// of the last three.
pub const MESSAGES: [(&str, bool); 7] = [
    ("command", true),
    ("authenticate-data", true),
    ("idle-done", true),
    ("greeting", false),
    ("response-data", false),
    ("response-done", false),
    ("continue-req", false),
];

impl Grammar {
    /// The grammar of an edition, read once.
    ///
    /// # Panics
    /// Where a file does not parse.
    pub fn of(edition: Edition) -> &'static Self {
        static ALL: [OnceLock<Grammar>; 4] = [const { OnceLock::new() }; 4];
        ALL[edition as usize].get_or_init(|| lower::lower(&merge::merge(edition)))
    }

    /// The rule of that name.
    ///
    /// # Panics
    /// Where there is none.
    pub fn rule(&self, name: &str) -> RuleId {
        self.find(name).unwrap_or_else(|| panic!("no rule {name}"))
    }

    /// The rule of that name, where there is one.
    pub fn find(&self, name: &str) -> Option<RuleId> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// The rule itself.
    pub fn definition(&self, rule: RuleId) -> &Rule {
        &self.rules[rule.0]
    }

    /// All rules.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleId(index), rule))
    }

    /// The expression itself.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0]
    }

    /// Where the expression stands.
    pub fn place(&self, id: ExprId) -> &Place {
        &self.places[id.0]
    }

    /// How the expression is written.
    pub fn text(&self, id: ExprId) -> &str {
        &self.texts[id.0]
    }

    /// How many expressions there are.
    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    /// Whether a derivation of the expression can be empty.
    pub fn can_be_empty(&self, id: ExprId) -> bool {
        self.facts[id.0].empty
    }

    /// The parts of an expression.
    fn parts(&self, id: ExprId) -> Vec<ExprId> {
        match self.expr(id) {
            Expr::Alternatives(parts) | Expr::Sequence(parts) => parts.clone(),
            Expr::Repeat { of, .. } => vec![*of],
            Expr::Rule(rule) | Expr::Except { of: rule, .. } => vec![self.definition(*rule).expr],
            Expr::Word { .. }
            | Expr::Byte(_)
            | Expr::Literal { .. }
            | Expr::Number { .. }
            | Expr::Undefined(_) => Vec::new(),
        }
    }

    /// Every expression that a derivation of `start` can reach.
    pub fn reachable(&self, start: RuleId) -> BTreeSet<ExprId> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.definition(start).expr];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.parts(id));
            }
        }
        seen
    }

    /// Every choice that a derivation of `start` can make.
    pub fn choices(&self, start: RuleId) -> BTreeSet<Choice> {
        let mut choices = BTreeSet::new();
        for id in self.reachable(start) {
            let count = match self.expr(id) {
                Expr::Alternatives(branches) => branches.len(),
                Expr::Repeat { min: 0, .. } => 2,
                _ => 0,
            };
            choices.extend((0..count).map(|branch| (id, branch)));
        }
        choices
    }

    /// The files that have this choice.
    pub fn files_of(&self, (id, branch): Choice) -> Files {
        match self.expr(id) {
            Expr::Alternatives(branches) => self.place(branches[branch]).files,
            _ => self.place(id).files,
        }
    }

    /// A choice in words: `search-key: "ALL"`, `list: no [SP list-select-opts]`.
    pub fn describe(&self, (id, branch): Choice) -> String {
        let rule = &self.definition(self.place(id).rule).name;
        match self.expr(id) {
            Expr::Alternatives(branches) => format!("{rule}: {}", self.text(branches[branch])),
            _ if branch == 0 => format!("{rule}: no {}", self.text(id)),
            _ => format!("{rule}: {}", self.text(id)),
        }
    }
}

//! One set of rules from many files: the union of all definitions, but for the decisions of `merge.toml`.

use std::{collections::BTreeMap, fs};

use abnf::types::{Kind, Node, Rule};
use serde::Deserialize;

use super::Edition;

/// A set of files, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files(u128);

impl Files {
    /// The set of one file.
    pub const fn one(number: usize) -> Self {
        Self(1 << number)
    }

    /// Whether the file is among them.
    pub const fn has(self, number: usize) -> bool {
        self.0 & (1 << number) != 0
    }

    /// Those of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// `merge.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// Definitions left out.
    pub drop: Vec<Drop>,
    /// Names that mean another rule in another file.
    pub rename: Vec<Rename>,
    /// Names that stand for another rule.
    pub read: Vec<Read>,
    /// Rules that no message reaches.
    pub alone: Vec<Alone>,
}

/// A definition left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// The file, without its ending.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The reason.
    pub why: String,
}

/// A rule with another name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// The file, without its ending.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// Its name in the merged grammar.
    pub to: String,
    /// The reason.
    pub why: String,
}

/// A name that stands for another rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The rule in which it does; all where there is none.
    pub rule: Option<String>,
    /// The name.
    pub name: String,
    /// What it stands for.
    #[serde(rename = "as")]
    pub stands_for: String,
    /// The reason.
    pub why: String,
}

/// Rules that no message reaches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alone {
    /// The rules.
    pub rules: Vec<String>,
    /// The reason.
    pub why: String,
}

impl Decisions {
    /// Reads `merge.toml`.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn load() -> Self {
        toml::from_str(&text("merge.toml")).unwrap_or_else(|error| panic!("merge.toml: {error}"))
    }
}

/// The rules of all files, each a list of alternatives.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) edition: Edition,
    pub(super) files: Vec<String>,
    /// By the name in lower case.
    pub(super) rules: BTreeMap<String, MergedRule>,
}

#[derive(Debug, Default)]
pub(super) struct MergedRule {
    pub(super) name: String,
    pub(super) alternatives: Vec<(Node, Files)>,
}

fn text(file: &str) -> String {
    let path = crate::data("abnf").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the files with the rules of an RFC, by the number of the RFC; without the ending.
fn rfcs() -> Vec<String> {
    let folder = fs::read_dir(crate::data("abnf")).expect("the grammar files");
    let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let number = |name: &str| name.strip_prefix("rfc")?.strip_suffix(".abnf")?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = names.filter_map(|name| number(&name)).collect();
    numbers.sort_unstable();
    numbers.iter().map(|number| format!("rfc{number}")).collect()
}

/// The rules of a file as they are printed.
///
/// # Panics
/// Where it does not parse.
pub fn rules_of(file: &str) -> Vec<Rule> {
    let text = text(&format!("{file}.abnf")).replace('\n', "\r\n");
    abnf::rulelist(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The files that an edition is merged from, in order.
pub fn files_of(edition: Edition) -> Vec<String> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    match edition {
        Edition::Rev1 => names(&["core", "rfc3501", "bases", "overrides"]),
        Edition::Rev2 => names(&["core", "rfc9051", "bases", "overrides"]),
        Edition::All => [names(&["core"]), rfcs(), names(&["overrides", "extensions"])].concat(),
        Edition::Kept => [files_of(Edition::All), names(&["kept"])].concat(),
    }
}

/// A node without groups, which say nothing but how it is written.
fn plain(node: &Node) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(plain).collect::<Vec<_>>();
    match node {
        Node::Group(inner) => match plain(inner) {
            inner @ (Node::Alternatives(_) | Node::Concatenation(_)) => Node::Group(Box::new(inner)),
            inner => inner,
        },
        Node::Alternatives(nodes) => Node::Alternatives(all(nodes)),
        Node::Concatenation(nodes) => Node::Concatenation(all(nodes)),
        Node::Optional(inner) => Node::Optional(Box::new(plain(inner))),
        Node::Repetition { repeat, node } => {
            Node::Repetition { repeat: repeat.clone(), node: Box::new(plain(node)) }
        }
        Node::Rulename(_) | Node::String(_) | Node::TerminalValues(_) | Node::Prose(_) => node.clone(),
    }
}

/// The alternatives of a rule.
fn alternatives(node: &Node) -> Vec<Node> {
    match node {
        Node::Group(inner) => alternatives(inner),
        Node::Alternatives(nodes) => nodes.iter().flat_map(alternatives).collect(),
        other => vec![other.clone()],
    }
}

/// Replaces the names that `with` knows.
fn rewrite(node: &mut Node, with: &dyn Fn(&str) -> Option<String>) {
    match node {
        Node::Rulename(name) => {
            if let Some(new) = with(name) {
                *name = new;
            }
        }
        Node::Alternatives(nodes) | Node::Concatenation(nodes) => {
            nodes.iter_mut().for_each(|node| rewrite(node, with));
        }
        Node::Repetition { node, .. } | Node::Group(node) | Node::Optional(node) => rewrite(node, with),
        Node::String(_) | Node::TerminalValues(_) | Node::Prose(_) => {}
    }
}

/// Whether this only says where the rule is defined.
fn is_elsewhere(node: &Node) -> bool {
    matches!(node, Node::Prose(text) if text.to_ascii_lowercase().starts_with("defined ")
        || text.starts_with("defines "))
}

pub(super) fn merge(edition: Edition) -> Merged {
    let decisions = Decisions::load();
    let files = files_of(edition);
    assert!(files.len() <= 128, "more files than bits");
    let mut merged = Merged { edition, rules: BTreeMap::new(), files };
    for (number, file) in merged.files.iter().enumerate() {
        for rule in rules_of(file) {
            if is_elsewhere(rule.node())
                || decisions
                    .drop
                    .iter()
                    .any(|it| it.file == *file && it.rule.eq_ignore_ascii_case(rule.name()))
            {
                continue;
            }
            let renamed = |name: &str| {
                let this = |it: &&Rename| it.file == *file && it.rule.eq_ignore_ascii_case(name);
                decisions.rename.iter().find(this).map(|it| it.to.clone())
            };
            let name = renamed(rule.name()).unwrap_or_else(|| rule.name().to_owned());
            let read = |used: &str| {
                let this = |it: &&Read| {
                    it.name.eq_ignore_ascii_case(used)
                        && it.rule.as_ref().is_none_or(|rule| rule.eq_ignore_ascii_case(&name))
                };
                decisions.read.iter().find(this).map(|it| it.stands_for.clone())
            };
            let mut node = plain(rule.node());
            rewrite(&mut node, &|used| renamed(used).or_else(|| read(used)));

            let key = name.to_ascii_lowercase();
            let ours = matches!(file.as_str(), "overrides" | "extensions" | "bases" | "kept");
            // What is added to a rule that this edition does not have is not needed.
            if file == "overrides" && rule.kind() == Kind::Incremental && !merged.rules.contains_key(&key) {
                continue;
            }
            let entry = merged.rules.entry(key).or_default();
            let mut these = Files::one(number);
            if ours && rule.kind() == Kind::Basic {
                // An override stands for the rule of each file that has it.
                let before = std::mem::take(&mut entry.alternatives);
                these = before.iter().fold(these, |all, (_, files)| all.with(*files));
            }
            if entry.name.is_empty() {
                entry.name.clone_from(&name);
            }
            for alternative in alternatives(&node) {
                let text = alternative.to_string();
                match entry
                    .alternatives
                    .iter_mut()
                    .find(|(known, _)| known.to_string().eq_ignore_ascii_case(&text))
                {
                    Some((_, files)) => *files = files.with(these),
                    None => entry.alternatives.push((alternative, these)),
                }
            }
        }
    }
    merged
}

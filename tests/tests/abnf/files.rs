//! The grammar files, and the decisions on how they become one grammar.

use std::collections::{BTreeMap, BTreeSet};

use abnf::types::Node;
use imap_tests::abnf::{Decisions, Edition, Expr, ExprId, Grammar, MESSAGES, RuleId, merge};

fn reached(grammar: &Grammar) -> BTreeSet<ExprId> {
    MESSAGES.iter().flat_map(|(name, _)| grammar.reachable(grammar.rule(name))).collect()
}

#[test]
fn every_rule_that_a_message_needs_is_defined() {
    for edition in [Edition::Rev1, Edition::Rev2, Edition::All, Edition::Kept] {
        let grammar = Grammar::of(edition);
        for id in reached(grammar) {
            if let Expr::Undefined(name) = grammar.expr(id) {
                panic!("{edition:?}: {name} is not defined, and a message needs it: {}", grammar.text(id));
            }
        }
    }
}

#[test]
fn every_rule_of_the_files_is_reached_or_listed_with_a_reason() {
    let grammar = Grammar::of(Edition::All);
    let reached: BTreeSet<RuleId> = reached(grammar).iter().map(|id| grammar.place(*id).rule).collect();
    let alone: BTreeSet<String> = Decisions::load()
        .alone
        .iter()
        .flat_map(|it| &it.rules)
        .map(|rule| rule.to_ascii_lowercase())
        .collect();
    for (id, rule) in grammar.rules() {
        let listed = alone.contains(&rule.name.to_ascii_lowercase());
        assert_ne!(reached.contains(&id), listed, "{}: listed as out of reach: {listed}", rule.name);
    }
    for name in &alone {
        assert!(grammar.find(name).is_some(), "there is no rule {name}");
    }
}

/// No rule begins with itself: the recogniser would never end.
#[test]
fn no_rule_begins_with_itself() {
    fn begins_with(grammar: &Grammar, id: ExprId, found: &mut BTreeSet<RuleId>) -> bool {
        match grammar.expr(id) {
            Expr::Alternatives(branches) => {
                branches.iter().fold(false, |empty, branch| begins_with(grammar, *branch, found) | empty)
            }
            Expr::Sequence(parts) => parts.iter().all(|part| begins_with(grammar, *part, found)),
            Expr::Repeat { min, of, .. } => begins_with(grammar, *of, found) || *min == 0,
            Expr::Rule(rule) | Expr::Except { of: rule, .. } => {
                found.insert(*rule);
                grammar.can_be_empty(id)
            }
            Expr::Word { .. } | Expr::Byte(_) | Expr::Literal { .. } | Expr::Number { .. } => false,
            Expr::Undefined(_) => false,
        }
    }
    let grammar = Grammar::of(Edition::Kept);
    let mut next: BTreeMap<RuleId, BTreeSet<RuleId>> = BTreeMap::new();
    for (id, rule) in grammar.rules() {
        begins_with(grammar, rule.expr, next.entry(id).or_default());
    }
    for (id, rule) in grammar.rules() {
        let (mut seen, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(at) = open.pop() {
            let unseen: Vec<_> = next[&at].iter().copied().filter(|rule| seen.insert(*rule)).collect();
            open.extend(unseen);
        }
        assert!(!seen.contains(&id), "{} begins with itself", rule.name);
    }
}

/// Whether a name is used in a rule.
fn uses(node: &Node, name: &str) -> bool {
    match node {
        Node::Rulename(used) => used.eq_ignore_ascii_case(name),
        Node::Alternatives(nodes) | Node::Concatenation(nodes) => nodes.iter().any(|node| uses(node, name)),
        Node::Repetition { node, .. } | Node::Group(node) | Node::Optional(node) => uses(node, name),
        Node::String(_) | Node::TerminalValues(_) | Node::Prose(_) => false,
    }
}

#[test]
fn every_decision_is_still_needed() {
    let decisions = Decisions::load();
    let files = merge::files_of(Edition::All);
    let rules: BTreeMap<&String, _> = files.iter().map(|file| (file, merge::rules_of(file))).collect();
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    for drop in &decisions.drop {
        let there = rules[&drop.file].iter().any(|rule| same(rule.name(), &drop.rule));
        assert!(there, "{} has no rule {}", drop.file, drop.rule);
    }
    for rename in &decisions.rename {
        let there = rules[&rename.file]
            .iter()
            .any(|rule| same(rule.name(), &rename.rule) || uses(rule.node(), &rename.rule));
        assert!(there, "{} has no name {}", rename.file, rename.rule);
        let elsewhere = rules.iter().filter(|(file, _)| ***file != rename.file).any(|(file, rules)| {
            let renamed = |it: &merge::Rename| it.file == **file && same(&it.rule, &rename.rule);
            !decisions.rename.iter().any(renamed) && rules.iter().any(|rule| same(rule.name(), &rename.rule))
        });
        assert!(elsewhere, "{} is the only one that has {}", rename.file, rename.rule);
    }
    for read in &decisions.read {
        let there = rules.values().flatten().any(|rule| {
            read.rule.as_ref().is_none_or(|name| same(rule.name(), name)) && uses(rule.node(), &read.name)
        });
        assert!(there, "{:?} does not use {}", read.rule, read.name);
    }
    for why in (decisions.drop.iter().map(|it| &it.why))
        .chain(decisions.rename.iter().map(|it| &it.why))
        .chain(decisions.read.iter().map(|it| &it.why))
        .chain(decisions.alone.iter().map(|it| &it.why))
    {
        assert!(!why.is_empty(), "a decision without a reason");
    }
}

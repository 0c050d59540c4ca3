//! A derivation: how a message follows from a rule.

use std::collections::BTreeSet;

use super::{Choice, Expr, ExprId, Grammar};

/// A derivation of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The expression.
    pub expr: ExprId,
    /// Which of its branches, where it has some.
    pub branch: usize,
    /// The derivations of its parts: one of a branch or a rule, all of a sequence, any number of a repetition.
    pub parts: Vec<Self>,
    /// The bytes, where it has no parts.
    pub bytes: Vec<u8>,
}

impl Tree {
    /// A derivation that is made of others.
    pub const fn of(expr: ExprId, parts: Vec<Self>) -> Self {
        Self { expr, branch: 0, parts, bytes: Vec::new() }
    }

    /// A derivation without parts.
    pub const fn leaf(expr: ExprId, bytes: Vec<u8>) -> Self {
        Self { expr, branch: 0, parts: Vec::new(), bytes }
    }

    /// The bytes of the message.
    pub fn message(&self) -> Vec<u8> {
        fn write(tree: &Tree, out: &mut Vec<u8>) {
            out.extend(&tree.bytes);
            tree.parts.iter().for_each(|part| write(part, out));
        }
        let mut out = Vec::new();
        write(self, &mut out);
        out
    }

    /// The choices that it makes.
    pub fn choices(&self, grammar: &Grammar) -> BTreeSet<Choice> {
        let mut choices = BTreeSet::new();
        self.walk(&mut |tree| {
            match grammar.expr(tree.expr) {
                Expr::Alternatives(_) => choices.insert((tree.expr, tree.branch)),
                Expr::Repeat { min: 0, .. } => {
                    choices.insert((tree.expr, usize::from(!tree.parts.is_empty())))
                }
                _ => false,
            };
        });
        choices
    }

    /// How many derivations it is made of, itself included.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_| size += 1);
        size
    }

    /// Visits it and all that it is made of, in the order of the bytes.
    pub fn walk<'t>(&'t self, visit: &mut impl FnMut(&'t Self)) {
        visit(self);
        self.parts.iter().for_each(|part| part.walk(visit));
    }

    /// The part with that number in the order of [`Tree::walk`].
    pub fn at(&self, number: usize) -> Option<&Self> {
        let mut left = number;
        let mut found = None;
        self.walk(&mut |tree| {
            if left == 0 && found.is_none() {
                found = Some(tree);
            }
            left = left.wrapping_sub(1);
        });
        found
    }

    /// The same with another derivation in place of the part with that number.
    #[must_use]
    pub fn with(&self, number: usize, new: &Self) -> Self {
        fn copy(tree: &Tree, left: &mut usize, new: &Tree) -> Tree {
            if *left == 0 {
                // No other part has this number any more.
                *left = usize::MAX;
                return new.clone();
            }
            *left = left.saturating_sub(usize::from(*left != usize::MAX));
            Tree {
                expr: tree.expr,
                branch: tree.branch,
                parts: tree.parts.iter().map(|part| copy(part, left, new)).collect(),
                bytes: tree.bytes.clone(),
            }
        }
        copy(self, &mut { number }, new)
    }
}

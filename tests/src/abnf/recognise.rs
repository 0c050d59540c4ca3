//! Whether bytes belong to a rule, decided from the grammar alone.

use std::collections::BTreeMap;

use super::{Expr, ExprId, Grammar, RuleId};

/// Whether all of `bytes` is a derivation of `rule`.
///
/// Finds all ends of all parts (an ambiguous grammar is no problem) and remembers them, so that the work
/// is bounded by expressions x length x ends.
/// `client` says who sent the bytes: only a client may send a literal without waiting (`{n+}`).
pub fn recognise(grammar: &Grammar, rule: RuleId, bytes: &[u8], client: bool) -> bool {
    let mut search = Search { grammar, bytes, client, known: BTreeMap::new() };
    search.ends(grammar.definition(rule).expr, 0).contains(&bytes.len())
}

/// Runs `work` with a stack on which rules that end in themselves (`sequence-set`) can be followed through
/// long messages.
pub fn with_deep_stack(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 29).spawn_scoped(scope, work);
        if let Err(panic) = thread.unwrap().join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Whether `string`, a quoted string or a literal, holds one of `words`, in any case.
pub(super) fn is_one_of(string: &[u8], words: &[&str]) -> bool {
    let content = match string {
        [b'"', content @ .., b'"'] => content,
        literal => {
            let header = literal.windows(2).position(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
            &literal[header..]
        }
    };
    words.iter().any(|word| content.eq_ignore_ascii_case(word.as_bytes()))
}

struct Search<'a> {
    grammar: &'a Grammar,
    bytes: &'a [u8],
    client: bool,
    known: BTreeMap<(ExprId, usize), Vec<usize>>,
}

impl Search<'_> {
    /// Where a derivation of `id` that begins at `at` can end; sorted, each once.
    fn ends(&mut self, id: ExprId, at: usize) -> Vec<usize> {
        if let Some(ends) = self.known.get(&(id, at)) {
            return ends.clone();
        }
        // A rule that begins with itself would come back here; the overrides have taken those out.
        self.known.insert((id, at), Vec::new());
        let grammar = self.grammar;
        let mut ends = match grammar.expr(id) {
            Expr::Alternatives(branches) => {
                branches.iter().flat_map(|branch| self.ends(*branch, at)).collect()
            }
            Expr::Sequence(parts) => {
                let mut ends = vec![at];
                for part in parts {
                    ends = ends.into_iter().flat_map(|end| self.ends(*part, end)).collect();
                    ends.sort_unstable();
                    ends.dedup();
                }
                ends
            }
            Expr::Repeat { min, max, of } => self.repeated(*min, *max, *of, at),
            Expr::Rule(rule) => self.ends(grammar.definition(*rule).expr, at),
            Expr::Word { text, exact } => match self.bytes.get(at..at + text.len()) {
                Some(found) if found == text || (!exact && found.eq_ignore_ascii_case(text)) => {
                    vec![at + text.len()]
                }
                _ => Vec::new(),
            },
            Expr::Range(low, high) => match self.bytes.get(at) {
                Some(byte) if (low..=high).contains(&byte) => vec![at + 1],
                _ => Vec::new(),
            },
            Expr::Literal { eight } => self.literal(*eight, at).into_iter().collect(),
            Expr::Number { max, positive } => {
                let rest = &self.bytes[at.min(self.bytes.len())..];
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let fits = |len: &usize| {
                    let number = std::str::from_utf8(&rest[..*len]).unwrap().parse::<u64>();
                    number.is_ok_and(|number| number <= *max) && !(*positive && rest[0] == b'0')
                };
                (1..=digits).filter(fits).map(|len| at + len).collect()
            }
            Expr::StringBut { of, not } => {
                let mut ends = self.ends(grammar.definition(*of).expr, at);
                ends.retain(|end| !is_one_of(&self.bytes[at..*end], not));
                ends
            }
        };
        ends.sort_unstable();
        ends.dedup();
        self.known.insert((id, at), ends.clone());
        ends
    }

    fn repeated(&mut self, min: usize, max: Option<usize>, of: ExprId, at: usize) -> Vec<usize> {
        let mut all = if min == 0 { vec![at] } else { Vec::new() };
        let mut ends = vec![at];
        let mut times = 0;
        while max.is_none_or(|max| times < max) {
            let mut next: Vec<usize> = ends.iter().flat_map(|end| self.ends(of, *end)).collect();
            next.sort_unstable();
            next.dedup();
            times += 1;
            // What an unbounded repetition has reached before leads nowhere new.
            if max.is_none() && times > min {
                next.retain(|end| !all.contains(end));
            }
            if next.is_empty() {
                break;
            }
            if times >= min {
                all.extend(&next);
            }
            ends = next;
        }
        all
    }

    fn literal(&self, eight: bool, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let rest = if eight { rest.strip_prefix(b"~")? } else { rest };
        let rest = rest.strip_prefix(b"{")?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let size: u64 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let rest = &rest[digits..];
        let rest = if self.client { rest.strip_prefix(b"+").unwrap_or(rest) } else { rest };
        let rest = rest.strip_prefix(b"}\r\n")?;
        let payload = rest.get(..usize::try_from(size).ok()?)?;
        if !eight && payload.contains(&0) {
            return None;
        }
        Some(self.bytes.len() - rest.len() + payload.len())
    }
}

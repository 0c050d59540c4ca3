//! Whether bytes belong to a rule, decided from the grammar alone.

use std::rc::Rc;

use super::{Expr, ExprId, Grammar, RuleId};

/// Whether all of `bytes` is a derivation of `rule`.
///
/// Finds all ends of all parts (an ambiguous grammar is no problem) and remembers those of rules, so that the work is
/// bounded by rules x length x ends. What cannot begin with the byte that is there is not tried.
/// `client` says who sent the bytes: only a client may send a literal without waiting (`{n+}`).
pub fn recognise(grammar: &Grammar, rule: RuleId, bytes: &[u8], client: bool) -> bool {
    let known = vec![Vec::new(); bytes.len() + 1];
    let mut search = Search { grammar, bytes, client, known };
    search.ends(grammar.definition(rule).expr, 0).contains(&bytes.len())
}

/// Runs `work` with a stack on which rules that end in themselves (`sequence-set`) can be followed through
/// long messages.
///
/// # Panics
/// Where `work` does.
pub fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 29).spawn_scoped(scope, work);
        match thread.expect("a thread").join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Whether a word, or the content of a quoted string or a literal, is one of `words`, in any case.
pub(super) fn is_one_of(string: &[u8], words: &[Vec<u8>]) -> bool {
    let content = match string {
        [b'"', content @ .., b'"'] => content,
        [b'{', ..] => {
            let header = string.windows(2).position(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
            &string[header..]
        }
        word => word,
    };
    words.iter().any(|word| content.eq_ignore_ascii_case(word))
}

/// The places at which a derivation ends; sorted, each once.
type Ends = Vec<usize>;

struct Search<'a> {
    grammar: &'a Grammar,
    bytes: &'a [u8],
    client: bool,
    /// What is known of the rules that begin at each place.
    known: Vec<Vec<(RuleId, Rc<Ends>)>>,
}

impl Search<'_> {
    /// Whether a derivation of `id` can begin at `at`.
    fn fits(&self, id: ExprId, at: usize) -> bool {
        let facts = &self.grammar.facts[id.0];
        facts.empty || self.bytes.get(at).is_some_and(|byte| facts.first.has(*byte))
    }

    /// Where a derivation of `id` that begins at `at` can end.
    fn ends(&mut self, id: ExprId, at: usize) -> Ends {
        let grammar = self.grammar;
        if !self.fits(id, at) {
            return Ends::new();
        }
        if grammar.facts[id.0].byte.is_some() {
            return vec![at + 1]; // That the byte is one of them is what `fits` has seen.
        }
        match grammar.expr(id) {
            Expr::Alternatives(branches) => {
                let mut ends = Ends::new();
                for branch in branches {
                    join(&mut ends, self.ends(*branch, at));
                }
                ends
            }
            Expr::Sequence(parts) => {
                let mut ends = vec![at];
                for part in parts {
                    ends = self.after(&ends, *part);
                    if ends.is_empty() {
                        break;
                    }
                }
                ends
            }
            Expr::Repeat { min, max, of } => self.repeated(*min, *max, *of, at),
            Expr::Rule(rule) => {
                if let Some((_, ends)) = self.known[at].iter().find(|(known, _)| known == rule) {
                    return Ends::clone(ends);
                }
                let ends = Rc::new(self.ends(grammar.definition(*rule).expr, at));
                self.known[at].push((*rule, Rc::clone(&ends)));
                Ends::clone(&ends)
            }
            Expr::Word { text, exact } => match self.bytes.get(at..at + text.len()) {
                Some(found) if found == text || (!exact && found.eq_ignore_ascii_case(text)) => {
                    vec![at + text.len()]
                }
                _ => Ends::new(),
            },
            Expr::Byte(_) => unreachable!("seen above"),
            Expr::Literal { eight } => self.literal(*eight, at).into_iter().collect(),
            Expr::Number { min, max, zeros } => {
                let rest = &self.bytes[at..];
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let fits = |len: &usize| {
                    let number = std::str::from_utf8(&rest[..*len]).ok().and_then(|text| text.parse().ok());
                    number.is_some_and(|number: u64| (*min..=*max).contains(&number))
                        && (*zeros || rest[0] != b'0')
                };
                (1..=digits).filter(fits).map(|len| at + len).collect()
            }
            Expr::Except { of, not } => {
                let mut ends = self.ends(grammar.definition(*of).expr, at);
                ends.retain(|end| !is_one_of(&self.bytes[at..*end], not));
                ends
            }
            Expr::Undefined(_) => Ends::new(),
        }
    }

    /// Where `part` can end that begins at one of `from`.
    fn after(&mut self, from: &[usize], part: ExprId) -> Ends {
        let mut ends = Ends::new();
        for at in from {
            join(&mut ends, self.ends(part, *at));
        }
        ends
    }

    fn repeated(&mut self, min: usize, max: Option<usize>, of: ExprId, at: usize) -> Ends {
        let grammar = self.grammar;
        if let Some(byte) = &grammar.facts[of.0].byte {
            let run = self.bytes[at..].iter().take_while(|found| byte.has(**found)).count();
            return (min..=max.unwrap_or(run).min(run)).map(|len| at + len).collect();
        }
        let mut all = if min == 0 { vec![at] } else { Ends::new() };
        let mut ends = vec![at];
        let mut times = 0;
        while max.is_none_or(|max| times < max) {
            let mut next = self.after(&ends, of);
            times += 1;
            // What an unbounded repetition has reached before leads nowhere new.
            if max.is_none() && times > min {
                next.retain(|end| all.binary_search(end).is_err());
            }
            if next.is_empty() {
                break;
            }
            if times >= min {
                join(&mut all, next.clone());
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

/// Adds sorted ends to sorted ends.
fn join(all: &mut Ends, more: Ends) {
    match (all.last(), more.first()) {
        (None, _) => *all = more,
        (_, None) => {}
        (Some(last), Some(first)) if last < first => all.extend(more),
        _ => {
            all.extend(more);
            all.sort_unstable();
            all.dedup();
        }
    }
}

//! The RFCs' grammar against the codec: what the one allows, the other has to read.
//!
//! [`abnf`](crate::abnf) knows nothing of the codec; here is where the two meet. `differences` is the one list of what they
//! are allowed to disagree on, `coverage` counts what of each grammar file is read as what.

pub mod coverage;
pub mod differences;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::OnceLock,
};

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, Expecting, decode_client_message, decode_command, decode_greeting,
    decode_response, error::DecodeError, frame::Frame,
};

use crate::abnf::{Edition, Grammar, MESSAGES, merge, recognise::recognise};

/// How the codec reads a message, in strict mode.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Every part of it as a value of a type of its own.
    Typed,
    /// Some parts as values of open shape; their names.
    Kept(Vec<String>),
    /// Not at all.
    Refused(DecodeError),
}

impl Verdict {
    /// Whether it is read.
    pub const fn is_read(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    /// The error, where it is refused.
    pub const fn error(&self) -> Option<&DecodeError> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Typed | Self::Kept(_) => None,
        }
    }
}

/// Decodes `message` as what `rule` is, one of [`MESSAGES`].
pub fn read(rule: &str, message: &[u8]) -> Verdict {
    fn verdict<T: Debug>(decoded: Result<Decoded<T>, DecodeError>) -> Verdict {
        match decoded {
            Err(error) => Verdict::Refused(error),
            Ok(decoded) => match open_parts(&format!("{:?}", decoded.value)) {
                names if names.is_empty() => Verdict::Typed,
                names => Verdict::Kept(names),
            },
        }
    }
    let frame = Frame::new(Bytes::copy_from_slice(message));
    let options = DecodeOptions::strict();
    match rule {
        "command" => verdict(decode_command(&frame, &options)),
        "authenticate-data" => verdict(decode_client_message(&frame, Expecting::AuthenticateData, &options)),
        "idle-done" => verdict(decode_client_message(&frame, Expecting::IdleDone, &options)),
        "greeting" => verdict(decode_greeting(&frame, &options)),
        _ => verdict(decode_response(&frame, &options)),
    }
}

/// The names of the parts of open shape in a value, from how it is shown: the variants `Other`, and `Parameter`; and
/// `[` for a text that begins so, since it may be a code that was not read as one.
fn open_parts(shown: &str) -> Vec<String> {
    let mut names = Vec::new();
    if shown.contains("code: None, text: \"[") {
        names.push("[".to_owned());
    }
    let mut rest = shown;
    while let Some(at) = rest.find(|c: char| c == '"' || c.is_ascii_alphabetic()) {
        rest = &rest[at..];
        if rest.starts_with('"') {
            rest = &rest[quoted(rest)..];
            continue;
        }
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, after) = rest.split_at(len);
        if matches!(word, "Other" | "Parameter") && (after.starts_with('(') || after.starts_with(" {")) {
            names.push(name_in(after));
        }
        // What a word holds is no structure: `Atom(Other(`.
        rest = match word {
            "Atom" | "Bare" | "Tag" | "Capability" => {
                &after[after
                    .find([')', '"'])
                    .map_or(after.len(), |end| end + usize::from(after[end..].starts_with(')')))..]
            }
            _ => after,
        };
    }
    names
}

/// The length of the quoted string at the start.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The first name in a part: an atom or a string.
fn name_in(part: &str) -> String {
    let atom = part.find("Atom(").map(|at| (at + 5, ')'));
    let string = part.find('"').map(|at| (at + 1, '"'));
    let Some((start, end)) = atom.into_iter().chain(string).min() else { return String::new() };
    part[start..].split(end).next().unwrap_or_default().to_ascii_uppercase()
}

/// Whether the grammar of all RFCs allows `message` as what `rule` is; of a response, as any.
pub fn allows(rule: &str, message: &[u8]) -> bool {
    is_in(Edition::All, rule, message)
}

/// Whether it is in the grammar of an edition.
pub fn is_in(edition: Edition, rule: &str, message: &[u8]) -> bool {
    let grammar = Grammar::of(edition);
    let rules: &[&str] = match rule {
        "command" | "greeting" | "idle-done" => &[rule],
        // A command ends the exchange.
        "authenticate-data" => &[rule, "command"],
        _ => &["response-data", "response-done", "continue-req"],
    };
    rules.iter().any(|rule| recognise(grammar, grammar.rule(rule), message, is_of_client(rule)))
}

fn is_of_client(rule: &str) -> bool {
    MESSAGES.contains(&(rule, true))
}

/// Whether some grammar file has this word: what bears it is no unknown name.
pub fn is_word_of_the_grammar(name: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    WORDS.get_or_init(|| keywords().into_keys().collect()).contains(name)
}

/// The words of the grammar files in upper case, each with the files that have it.
pub fn keywords() -> BTreeMap<String, BTreeSet<String>> {
    fn collect(node: &abnf::types::Node, words: &mut BTreeSet<String>) {
        use abnf::types::Node;
        match node {
            Node::String(text) => {
                words.insert(text.value().to_ascii_uppercase());
            }
            Node::Alternatives(nodes) | Node::Concatenation(nodes) => {
                nodes.iter().for_each(|node| collect(node, words));
            }
            Node::Repetition { node, .. } | Node::Group(node) | Node::Optional(node) => collect(node, words),
            Node::Rulename(_) | Node::TerminalValues(_) | Node::Prose(_) => {}
        }
    }
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in merge::files_of(Edition::All) {
        let mut words = BTreeSet::new();
        merge::rules_of(&file).iter().for_each(|rule| collect(rule.node(), &mut words));
        for word in words {
            all.entry(word).or_default().insert(file.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::open_parts;

    #[test]
    fn open_parts_are_found_by_name_and_not_within_strings() {
        assert_eq!(open_parts(r#"Search(Other { name: Atom(FUZZY), arguments: [] })"#), ["FUZZY"]);
        assert_eq!(open_parts(r#"Other { tag: AString("a b"), value: Atom(x) }"#), ["A B"]);
        assert_eq!(open_parts(r#"Select { mailbox: "Other { \" Other(", parameters: [] }"#), [""; 0]);
        assert_eq!(open_parts("Flag(Atom(Other))"), [""; 0]);
        assert_eq!(open_parts(r#"StatusResponse { code: None, text: "[X] y" }"#), ["["]);
        assert_eq!(open_parts("parameters: [Parameter { name: Atom(x), value: None }]"), ["X"]);
    }
}

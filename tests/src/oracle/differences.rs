//! Where strict decoding and the grammar differ: the one list.

use imap_codec::error::DecodeError;

use crate::abnf::Edition;

use super::{Verdict, is_in, is_word_of_the_grammar};

/// A difference. It has a message on which the two differ, so that an entry that is no longer needed fails, and a test for
/// messages of its kind.
#[derive(Debug)]
pub struct Difference {
    /// The reason.
    pub why: &'static str,
    /// What the example is.
    pub rule: &'static str,
    /// A message on which they differ.
    pub example: &'static [u8],
    /// Which other messages it explains.
    pub covers: Covers,
}

/// What a difference explains.
#[derive(Debug)]
pub enum Covers {
    /// The grammar allows it, and the codec refuses it: messages that hold these words in this order, with an error of one
    /// of these rules.
    Refused(&'static [&'static str], &'static [&'static str]),
    /// The codec reads it, and the grammar does not allow it: messages that hold these words in this order.
    Read(&'static [&'static str]),
    /// The codec keeps a part of it in an open shape, and the grammar does not allow it, but with `kept.abnf` it would:
    /// where this holds for the names of those parts.
    Kept(fn(names: &[String]) -> bool),
}

impl Difference {
    /// Whether it explains how `message` is read.
    pub fn explains(&self, rule: &str, message: &[u8], verdict: &Verdict) -> bool {
        match (&self.covers, verdict) {
            (Covers::Refused(rules, words), Verdict::Refused(DecodeError { rule: found, .. })) => {
                rules.contains(found) && holds(message, words)
            }
            (Covers::Read(words), Verdict::Typed | Verdict::Kept(_)) => holds(message, words),
            (Covers::Kept(fits), Verdict::Kept(names)) => fits(names) && is_in(Edition::Kept, rule, message),
            _ => false,
        }
    }
}

/// Deliberate ones first; then parts of extensions without types of their own, whose entries go when the types come.
pub const DIFFERENCES: &[Difference] = &[
    Difference {
        why: "a command or response by an unknown name is kept, and so is an unknown item of FETCH, STATUS and the \
              like: what an extension means by it is for its users to know",
        rule: "command",
        example: b"A NOP\r\n",
        covers: Covers::Kept(|names| names.iter().any(|name| !is_word_of_the_grammar(name))),
    },
    Difference {
        why: "a part that no type knows yet is kept with any arguments",
        rule: "command",
        example: b"A GETQUOTA\r\n",
        covers: Covers::Kept(|names| names.iter().any(|name| is_word_of_the_grammar(name))),
    },
    Difference {
        why: "PREAUTH is read wherever it stands: that it is only a greeting is for the session to say",
        rule: "response-data",
        example: b"* PREAUTH x\r\n",
        covers: Covers::Read(&["* PREAUTH "]),
    },
    Difference {
        why: "a code is read without the SP after it, and that is reported (Q2; erratum 7343 of RFC 9051)",
        rule: "response-data",
        example: b"* NO [BADCHARSET ({1}\r\nx)]\r\n",
        covers: Covers::Read(&[" [", "]\r\n"]),
    },
    Difference {
        why: "what RFC 3501 allows in one place and RFC 9051 in another is read in one message: RETURN, and a charset \
              that is any astring",
        rule: "command",
        example: b"A SEARCH RETURN () CHARSET ] ALL\r\n",
        covers: Covers::Read(&["SEARCH ", "RETURN (", ") CHARSET "]),
    },
    Difference {
        why: "a part that no type knows yet: the open shape of an option has no literal8 (RFC 5257 section 5, value)",
        rule: "command",
        example: b"A APPEND INBOX ANNOTATION (/comment (value ~{1}\r\nx)) {1}\r\nx\r\n",
        covers: Covers::Refused(&[")"], &["ANNOTATION (", "~{"]),
    },
    Difference {
        why: "a part that no type knows yet: in the open shape, sections have only atoms as fields",
        rule: "command",
        example: b"A SORT RETURN (UPDATE (BODY[HEADER.FIELDS (\"x\")])) (DATE) UTF-8 ALL\r\n",
        covers: Covers::Refused(&[")"], &["RETURN (", "HEADER.FIELDS"]),
    },
    Difference {
        why: "a part that no type knows yet: in the open shape, a list stands apart from the name before it (RFC 5465 \
              section 8, modifier-update)",
        rule: "command",
        example: b"A SORT RETURN (UPDATE(UID)) (DATE) UTF-8 ALL\r\n",
        covers: Covers::Refused(&[")"], &["RETURN (", "UPDATE("]),
    },
    Difference {
        why: "a part that no type knows yet: in the open shape, lists stand apart (RFC 5259 and RFC 5524, body)",
        rule: "response-data",
        example: b"* URLFETCH a (BODYPARTSTRUCTURE ((\"TEXT\" \"a\" NIL NIL NIL \"7BIT\" 0 0)\
                   (\"TEXT\" \"a\" NIL NIL NIL \"7BIT\" 0 0) \"MIXED\"))\r\n",
        covers: Covers::Refused(&[")"], &["BODYPARTSTRUCTURE", "("]),
    },
];

/// Whether a message holds these words in this order, in any case.
fn holds(message: &[u8], words: &[&str]) -> bool {
    let mut rest = message;
    words.iter().all(|word| {
        let at = rest.windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()));
        rest = at.map_or(rest, |at| &rest[at + word.len()..]);
        at.is_some()
    })
}

/// The difference that explains how `message` is read, where there is one.
pub fn explanation(rule: &str, message: &[u8], verdict: &Verdict) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|known| known.explains(rule, message, verdict))
}

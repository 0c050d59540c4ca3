//! Where a peer may say something else: each with the sentence that decides.

/// Facts that may differ in messages that hold these words in this order.
struct Known {
    /// Why, with the RFC's sentence.
    #[allow(dead_code, reason = "read by people")]
    why: &'static str,
    facts: &'static [&'static str],
    words: &'static [&'static str],
}

/// The facts that are strings.
const STRINGS: &[&str] = &["subject", "date", "message-id", "mailbox", "delimiter", "payloads"];

const KNOWN: &[Known] = &[
    Known {
        why: "the backslash of an escape is no part of the string: `QUOTED-CHAR = <any TEXT-CHAR except \
              quoted-specials> / \"\\\" quoted-specials` (RFC 9051 section 9)",
        facts: STRINGS,
        words: &["\\\""],
    },
    Known { why: "the same of a backslash", facts: STRINGS, words: &["\"", "\\\\"] },
    Known {
        why: "a charset may hold `]`, and the code ends behind the list: `\"BADCHARSET\" [SP \"(\" astring *(SP astring) \
              \")\" ]`, and \"the rule which is listed earlier MUST take priority\" over the code of any name (RFC 3501 \
              section 9)",
        facts: &["text", "text behind a code"],
        words: &["[BADCHARSET (", "]", "]"],
    },
];

/// Whether the list has a reason for which this fact of `message` may differ.
pub(super) fn explains(message: &[u8], fact: &str) -> bool {
    KNOWN.iter().any(|known| {
        let mut rest = message;
        known.facts.contains(&fact)
            && known.words.iter().all(|word| {
                let at = rest.windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()));
                rest = at.map_or(rest, |at| &rest[at + word.len()..]);
                at.is_some()
            })
    })
}

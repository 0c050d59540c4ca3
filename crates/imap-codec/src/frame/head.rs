//! What the first bytes of a message say about it, before it is decoded.

use alloc::{boxed::Box, string::String};

use imap_types::atom::Tag;

use crate::Side;

/// What the first words of a message say of it, as far as they can be read.
///
/// `C: A1 uid fetch 1 FLAGS` has the tag `A1` and the name `UID FETCH`; `S: * 12 FETCH (FLAGS ())` has no tag and the name
/// `FETCH`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The tag.
    pub tag: Option<Tag>,
    /// The command or response, in upper case.
    pub name: Option<Box<str>>,
}

impl Head {
    /// That of a message, or of the beginning of one, which `side` sent.
    #[must_use]
    pub fn of(message: &[u8], side: Side) -> Self {
        Self { tag: tag(message, side), name: name(message, side) }
    }
}

/// Longest name that is looked at.
const NAME: usize = 32;

/// The first word of `bytes`, and what follows the space behind it. Empty where nothing follows it, since there
/// may be more of it.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    let (word, rest) = end.and_then(|end| bytes.split_at_checked(end)).unwrap_or_default();
    (word, rest.strip_prefix(b" ").unwrap_or_default())
}

fn is_status(word: &[u8]) -> bool {
    [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// The tag, where a space follows it.
pub(super) fn tag(message: &[u8], side: Side) -> Option<Tag> {
    let (tag, rest) = word(message);
    match side {
        Side::Client if rest.is_empty() => None,
        Side::Server if !is_status(word(rest).0) => None,
        Side::Client | Side::Server => Tag::try_from(tag).ok(),
    }
}

/// The name of the command or response.
pub(super) fn name(message: &[u8], side: Side) -> Option<Box<str>> {
    let (first, rest) = word(message);
    let (second, after) = word(rest);
    let third = word(after).0;
    let (one, two) = match side {
        Side::Server if first == b"+" => (first, None),
        Side::Server if first == b"*" && !second.is_empty() && second.iter().all(u8::is_ascii_digit) => {
            (third, None)
        }
        Side::Server if first != b"*" && !is_status(second) => return None,
        Side::Client if second.eq_ignore_ascii_case(b"UID") => (second, Some(third)),
        Side::Client | Side::Server => (second, None),
    };
    let mut name = String::new();
    for part in [Some(one), two].into_iter().flatten() {
        if part.is_empty() || part.len() > NAME || !part.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        if !name.is_empty() {
            name.push(' ');
        }
        name.extend(part.iter().map(|byte| char::from(byte.to_ascii_uppercase())));
    }
    Some(name.into())
}

/// Whether the literal that a client's `message` ends in, the `nth` in it, is (or may be) a mail: those of
/// APPEND and REPLACE, but for the mailbox name.
pub(super) fn is_message_literal(message: &[u8], nth: usize) -> bool {
    let (_, rest) = word(message);
    let (mut command, mut rest) = word(rest);
    if command.eq_ignore_ascii_case(b"UID") {
        (command, rest) = word(rest);
    }
    if command.eq_ignore_ascii_case(b"REPLACE") {
        rest = word(rest).1;
    } else if !command.eq_ignore_ascii_case(b"APPEND") {
        return false;
    }
    !(nth == 1 && matches!(rest, [b'{', ..] | [b'~', b'{', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_head() {
        let client = |line: &str| name(line.as_bytes(), Side::Client);
        assert_eq!(client("A1 uid fetch 1 x\r\n").as_deref(), Some("UID FETCH"));
        assert_eq!(client("A1 NOOP\r\n").as_deref(), Some("NOOP"));
        assert_eq!(client("A1\r\n"), None);
        let server = |line: &str| name(line.as_bytes(), Side::Server);
        assert_eq!(server("* 12 fetch (x").as_deref(), Some("FETCH"));
        assert_eq!(server("A1 ok x").as_deref(), Some("OK"));
        assert_eq!(server("+ go").as_deref(), Some("+"));
        assert_eq!(server("Server Unavailable"), None);
    }

    #[test]
    fn the_mailbox_of_append_is_no_mail() {
        assert!(!is_message_literal(b"A1 APPEND {5}\r\n", 1));
        assert!(is_message_literal(b"A1 append x {5}\r\n", 1));
        assert!(is_message_literal(b"A1 APPEND {5}\r\nINBOX {6}\r\n", 2));
        assert!(!is_message_literal(b"A1 UID REPLACE 4 {5}\r\n", 1));
        assert!(is_message_literal(b"A1 UID REPLACE 4 x {5}\r\n", 1));
        assert!(!is_message_literal(b"A1 LOGIN {5}\r\n", 1));
    }
}

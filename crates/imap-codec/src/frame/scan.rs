//! Whether the `{5}` at the end of a line announces a literal.
//!
//! A [`LineScan`] reads the lines of one message, in pieces of any size, and knows just enough of the
//! grammar to answer. It is only asked about lines that end in `}`; other lines are never read by it.
//!
//! The rules, and why they are so:
//!
//! - Client: `{5}` and `~{5}` after SP, `(` or `[`, outside a quoted string. `{` is an atom-special, so
//!   nothing else in a command can look so. Glued to an atom (`x{5}`), or in a quoted string that the line
//!   does not close, it announces nothing: the client waits for a `+` that never comes, and reads BAD. With
//!   `{5+}` the client does not wait: its payload follows at once and must not be read as commands. So a
//!   non-synchronizing header counts wherever it stands; the decoder then refuses the command as a whole.
//! - Server: never in free text, that is in `* OK`, tagged lines, `+` lines (RFC 9051 section 9: `text` may
//!   hold any `{5}`) and in lines that are no protocol. Inside a response code only where the code can hold
//!   an astring and is not closed yet. Everywhere in other untagged data, unless glued to an atom: there
//!   payload that is taken for lines would be worse than a line taken for payload. Quoted strings need not
//!   be looked for: in a line that ends in `}` the last one is not closed, which is no grammar, and comes from
//!   servers that do not escape quotes.

use crate::Side;

/// Response codes whose arguments can be literals: `BADCHARSET` (RFC 3501) and `NEWNAME` (RFC 2060).
const CODES_WITH_STRINGS: [&[u8]; 2] = [b"BADCHARSET", b"NEWNAME"];

/// A literal that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    /// `None` where 63 bits cannot count it.
    pub(super) size: Option<u64>,
    /// `{n+}`
    pub(super) non_sync: bool,
    /// `~{n}`
    pub(super) eight: bool,
    /// Bytes from the `{` to the end of the line.
    pub(super) header_len: u64,
}

/// Where in a line the scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A server line: before its first byte.
    Start,
    /// After `*`.
    Star,
    /// In the word after `* `.
    Keyword,
    /// In the first word of another line.
    Tag,
    /// In the word after a tag.
    Status,
    /// After `+`.
    Plus,
    /// At the first byte of resp-text.
    RespText,
    /// In the name of a response code.
    CodeName,
    /// In the arguments of a code that can hold strings.
    Code,
    /// In arguments or data: literals may be announced.
    Data,
    /// In free text: nothing is announced any more.
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Outside,
    Inside,
    /// After a backslash.
    Escaped,
}

/// What the bytes just read could be the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    None,
    /// `{`, `{12`
    Size,
    /// `{12+`
    Plus,
    /// `{12}`, `{12+}`
    Closed,
    /// The same and CR.
    Cr,
    /// The same and the line end.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LineScan {
    side: Side,
    part: Part,
    /// Of a client's line, and inside a code.
    quote: Quote,
    tail: Tail,
    /// Open parentheses in a code.
    depth: u32,
    size: Option<u64>,
    digits: bool,
    plus: bool,
    eight: bool,
    /// Whether the header stands where one may begin.
    placed: bool,
    /// Bytes since the `{`, itself and the line end included.
    header_len: u64,
    /// The byte before the next one, and the byte before that; 0 at the start of a line.
    before: [u8; 2],
    word: [u8; 12],
    word_len: usize,
}

impl LineScan {
    pub(super) const fn new(side: Side) -> Self {
        Self {
            side,
            part: match side {
                Side::Client => Part::Data,
                Side::Server => Part::Start,
            },
            quote: Quote::Outside,
            tail: Tail::None,
            depth: 0,
            size: None,
            digits: false,
            plus: false,
            eight: false,
            placed: false,
            header_len: 0,
            before: [0; 2],
            word: [0; 12],
            word_len: 0,
        }
    }

    /// Reads a piece of the line, its line end included.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            self.step(byte);
            bytes = rest;
            if self.tail != Tail::None {
                continue;
            }
            // Nothing announces a literal before the next of these bytes.
            let plain = match (self.part, self.side, self.quote) {
                (Part::Text, ..) => None,
                (Part::Data, Side::Server, _) => memchr::memchr(b'{', bytes),
                (Part::Data, Side::Client, Quote::Outside) => memchr::memchr2(b'"', b'{', bytes),
                (Part::Data, Side::Client, Quote::Inside) => memchr::memchr3(b'"', b'\\', b'{', bytes),
                _ => Some(0),
            };
            let plain = plain.unwrap_or(bytes.len());
            if let Some((skipped, rest)) = bytes.split_at_checked(plain) {
                match skipped {
                    [] => {}
                    [only] => self.before = [self.before[1], *only],
                    [.., last, very_last] => self.before = [*last, *very_last],
                }
                bytes = rest;
            }
        }
    }

    /// The literal that the line announces, now that all of it was read. The next byte read is then the
    /// first of the line that follows the payload.
    pub(super) fn announced(&mut self) -> Option<Announced> {
        if self.tail != Tail::End {
            return None;
        }
        let announced = Announced {
            size: self.size,
            non_sync: self.plus,
            eight: self.eight,
            header_len: self.header_len,
        };
        self.tail = Tail::None;
        self.quote = Quote::Outside;
        self.before = [0; 2];
        Some(announced)
    }

    /// The last byte read; 0 at the start of a line.
    pub(super) const fn last_byte(&self) -> u8 {
        self.before[1]
    }

    fn step(&mut self, byte: u8) {
        match self.part {
            Part::Data | Part::Code => self.data(byte),
            Part::Text => {}
            Part::Start => {
                self.part = match byte {
                    b'*' => Part::Star,
                    b'+' => Part::Plus,
                    b' ' | b'\r' | b'\n' => Part::Text,
                    _ => Part::Tag,
                };
            }
            Part::Star => self.part = if byte == b' ' { self.start_word(Part::Keyword) } else { Part::Text },
            Part::Plus => self.part = if byte == b' ' { Part::RespText } else { Part::Text },
            Part::Tag => {
                if byte == b' ' {
                    self.part = self.start_word(Part::Status);
                }
            }
            Part::Keyword => match byte {
                // Servers are known to send two spaces after the star.
                b' ' if self.word_len == 0 => {}
                b'[' if self.word_len == 0 => self.part = self.start_word(Part::CodeName),
                b' ' | b'\r' | b'\n' if self.is_status() => self.part = Part::RespText,
                b'(' | b'"' | b'{' | b'~' | b' ' | b'\r' | b'\n' => {
                    self.part = Part::Data;
                    self.data(byte);
                }
                _ => self.push_word(byte),
            },
            Part::Status => match byte {
                b' ' => self.part = if self.is_status() { Part::RespText } else { Part::Text },
                _ => self.push_word(byte),
            },
            Part::RespText => {
                self.part = if byte == b'[' { self.start_word(Part::CodeName) } else { Part::Text }
            }
            Part::CodeName => match byte {
                b' ' => self.part = if self.is_code_with_strings() { Part::Code } else { Part::Text },
                b']' | b'\r' | b'\n' => self.part = Part::Text,
                _ => self.push_word(byte),
            },
        }
        self.before = [self.before[1], byte];
    }

    fn data(&mut self, byte: u8) {
        self.header_len = self.header_len.saturating_add(1);
        self.tail = match (self.tail, byte) {
            (_, b'{') => {
                self.open_header();
                Tail::Size
            }
            (Tail::Size, b'0'..=b'9') => {
                self.digits = true;
                let digit = u64::from(byte.wrapping_sub(b'0'));
                self.size = self
                    .size
                    .and_then(|size| size.checked_mul(10)?.checked_add(digit))
                    .filter(|size| i64::try_from(*size).is_ok());
                Tail::Size
            }
            (Tail::Size, b'+') if self.digits => {
                self.plus = true;
                Tail::Plus
            }
            (Tail::Size, b'}') if self.digits && self.placed && self.may_wait() => Tail::Closed,
            // The payload follows wherever the header stands: see the module's documentation.
            (Tail::Plus, b'}') if self.placed || self.side == Side::Client => Tail::Closed,
            (Tail::Closed, b'\r') => Tail::Cr,
            (Tail::Closed | Tail::Cr, b'\n') => Tail::End,
            _ => Tail::None,
        };
        if self.part == Part::Data && self.side == Side::Server {
            return;
        }
        self.quote = match (self.quote, byte) {
            (Quote::Outside, b'"') | (Quote::Escaped, _) => Quote::Inside,
            (Quote::Inside, b'\\') => Quote::Escaped,
            (Quote::Inside, b'"') => Quote::Outside,
            (quote, _) => quote,
        };
        match byte {
            _ if self.part == Part::Data || self.quote != Quote::Outside => {}
            b'(' => self.depth = self.depth.saturating_add(1),
            b')' => self.depth = self.depth.saturating_sub(1),
            b']' if self.depth == 0 => self.part = Part::Text,
            _ => {}
        }
    }

    /// Whether the sender may wait for a `+` here: not inside a quoted string.
    fn may_wait(&self) -> bool {
        self.side == Side::Server || self.quote == Quote::Outside
    }

    /// A `{`: notes what stands before it.
    fn open_header(&mut self) {
        let [second, first] = self.before;
        self.eight = first == b'~' && string_may_follow(second, self.side);
        self.placed = self.eight || string_may_follow(first, self.side);
        self.size = Some(0);
        self.header_len = 1;
        self.digits = false;
        self.plus = false;
    }

    const fn start_word(&mut self, part: Part) -> Part {
        self.word_len = 0;
        part
    }

    fn push_word(&mut self, byte: u8) {
        if let Some(slot) = self.word.get_mut(self.word_len) {
            *slot = byte.to_ascii_uppercase();
        }
        self.word_len = self.word_len.saturating_add(1);
    }

    fn word(&self) -> &[u8] {
        self.word.get(..self.word_len).unwrap_or_default()
    }

    fn is_status(&self) -> bool {
        matches!(self.word(), b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH")
    }

    fn is_code_with_strings(&self) -> bool {
        CODES_WITH_STRINGS.contains(&self.word())
    }
}

/// Whether a string may follow `byte` in what `side` sends; 0 is the start of a line, for which a NUL is taken.
pub(crate) const fn string_may_follow(byte: u8, side: Side) -> bool {
    match side {
        Side::Client => matches!(byte, b' ' | b'(' | b'['),
        Side::Server => matches!(byte, 0 | b' ' | b'(' | b')' | b'[' | b']' | b'>' | b'"'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(side: Side, line: &str) -> Option<Announced> {
        let line = std::format!("{line}\r\n");
        let mut whole = LineScan::new(side);
        whole.feed(line.as_bytes());
        let whole = whole.announced();
        let mut bytes = LineScan::new(side);
        line.bytes().for_each(|byte| bytes.feed(&[byte]));
        assert_eq!(bytes.announced(), whole, "{line:?} in single bytes");
        whole
    }

    #[test]
    fn commands_announce_after_a_separator() {
        for line in [
            "A1 LOGIN {5}",
            "A1 LOGIN {5+}",
            "A1 SEARCH ({5}",
            "A1 FETCH 1 BODY[HEADER.FIELDS ({5}",
            "A1 APPEND x ~{5}",
            "A1 APPEND x UTF8 (~{5+}",
            "A1 LOGIN \"a\\\"{5}\" {5}",
            "A1 LOGIN {005}",
        ] {
            let found = announced(Side::Client, line);
            let found = found.map(|found| (found.size, found.non_sync, found.eight));
            assert_eq!(found, Some((Some(5), line.contains('+'), line.contains('~'))), "{line}");
        }
    }

    #[test]
    fn other_commands_announce_nothing() {
        for line in [
            "A1 LOGIN u p}",
            "A1 LOGIN u \"x{5}\"",
            "A1 LOGIN u \"x {5}",
            "A1 LOGIN u x{5}",
            "A1 LOGIN u x~{5}",
            "A1 LOGIN u {5} ",
            "A1 LOGIN u {}",
            "A1 LOGIN u {+}",
            "A1 LOGIN u {-5}",
            "A1 LOGIN u {5",
            "A1 LOGIN u {5+5}",
            "A1 LOGIN u {5}}",
            "A1 LOGIN u {0x5}",
        ] {
            assert_eq!(announced(Side::Client, line), None, "{line}");
        }
    }

    #[test]
    fn a_misplaced_non_synchronizing_header_still_announces_its_payload() {
        for line in [
            "A1 LOGIN u x{5+}",
            "A1 LOGIN u \"x {5+}",
            "A1 LOGIN u \"x{5+}",
            "A1 LOGIN u \"\\{5+}",
            "A1 X \"\" \"{5+}",
        ] {
            assert!(announced(Side::Client, line).is_some(), "{line}");
        }
    }

    #[test]
    fn free_text_announces_nothing() {
        for line in [
            "* OK see {5}",
            "*  ok see {5}",
            "* BYE {5}",
            "A1 NO [ALERT] {3}",
            "A1 OK {3}",
            "+ go {5}",
            "+ {5}",
            "+{5}",
            "* OK [X-CODE see {5}",
            "* OK [BADCHARSET (UTF-8)] {5}",
            "* NO [BADCHARSET (\"]\" {5])] {5}",
            "Server Unavailable. {5}",
            " OK {5}",
            " A1 NO [BADCHARSET ({5}",
            "* [X {5}",
            "* NO [X-CODE ({5}",
            "A1 FETCH {5}",
            "*{5}",
            "[COPYUID 1 2 3] {5}",
            "* [ALERT] {5}",
            "* LIST () \"/\" \"a {5}\"",
            "* LIST () \"/\" a{5}",
        ] {
            assert_eq!(announced(Side::Server, line), None, "{line}");
        }
    }

    #[test]
    fn data_announces() {
        for line in [
            "* LIST () \"/\" {5}",
            "* 1 FETCH (BODY[] {5}",
            "* 1 FETCH (BINARY[1] ~{5}",
            "* 1 FETCH (BODY[HEADER.FIELDS ({5}",
            "* X-NEW thing {5}",
            "* NO [BADCHARSET ({5}",
            "A1 NO [badcharset (UTF-8 {5}",
            "* NO [BADCHARSET (a] {5}",
            "* NO [BADCHARSET (\"a {5}",
            "* OKAY {5}",
            "* X[Y {5}",
            "*  5 FETCH (BODY[]{5}",
            "* ({5}",
        ] {
            assert!(announced(Side::Server, line).is_some(), "{line}");
        }
    }

    #[test]
    fn quotes_that_are_not_escaped_hide_no_literal_of_a_server() {
        for line in [
            "* 1 FETCH (ENVELOPE (NIL \"a\"b\" {5}",
            "* 1 FETCH (ENVELOPE (NIL \"a\\\" {5}",
            "* LIST () \"/\" \"a {5}",
        ] {
            assert!(announced(Side::Server, line).is_some(), "{line}");
        }
    }

    #[test]
    fn a_size_past_63_bits_is_not_counted() {
        let size =
            |n: &str| announced(Side::Client, &std::format!("A1 LOGIN {{{n}+}}")).and_then(|it| it.size);
        assert_eq!(size("9223372036854775807"), Some(9_223_372_036_854_775_807));
        assert_eq!(size("9223372036854775808"), None);
        assert_eq!(size("99999999999999999999999999"), None);
    }
}

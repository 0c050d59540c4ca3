//! The words of a message, without their meaning: for proxies, indexers and filters.
//!
//! [`Tokens`] walks over one complete message, borrows from it, and allocates nothing. It knows where free
//! text begins, what is inside a quoted string or a literal, and where the brackets of a section or a
//! response code are; it knows no command and no response. The tokens tile the message: each begins where
//! the one before ended.
//!
//! It reads more than the grammar (any byte but SP, `(`, `)`, `"`, `{` and the line end can be in an atom);
//! whoever needs to know whether a message is right decodes it.
//!
//! How many bytes of payload does a client append, and where?
//!
//! ```
//! use imap_codec::{Side, token::{TokenKind, Tokens}};
//!
//! let message = b"A1 APPEND \"Sent Items\" (\\Seen) {5}\r\nhello\r\n";
//! let mut words = Tokens::new(Side::Client, message)
//!     .filter_map(Result::ok)
//!     .filter(|token| token.kind != TokenKind::Space);
//! assert_eq!(words.next().unwrap().bytes, b"A1");
//! assert!(words.next().unwrap().is("append"));
//! assert_eq!(words.next().unwrap().string().unwrap(), &b"Sent Items"[..]);
//! let payload = words.find_map(|token| match token.kind {
//!     TokenKind::Literal { data, .. } => Some((token.at, data)),
//!     _ => None,
//! });
//! assert_eq!(payload, Some((31, &b"hello"[..])));
//! ```

use alloc::{borrow::Cow, vec::Vec};
use core::iter::FusedIterator;

use imap_types::chars;

use crate::{
    Side,
    frame::{Frame, StreamedLiteral},
    number::repeat,
};

/// A word, string or sign of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind<'a>,
    /// All its bytes, quotes and literal header included.
    pub bytes: &'a [u8],
    /// Where it begins, in bytes from the start of the message.
    pub at: usize,
}

/// What [`Tokens`] gives, from wherever it is found: handed on as another type, a token would be copied.
type Next<'a> = Option<Result<Token<'a>, TokenError>>;

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind<'a> {
    /// A word: an atom, a number, a flag, a set, `NIL`, the tag, `*` or `+`.
    Atom,
    /// A quoted string; `raw` is what stands between the quotes, see [`unescape`].
    Quoted {
        /// The content, with its escapes.
        raw: &'a [u8],
    },
    /// A literal that lies in the message.
    Literal {
        /// The payload.
        data: &'a [u8],
        /// `{5+}`
        non_sync: bool,
        /// `~{5}`
        literal8: bool,
    },
    /// The header of a literal whose payload was streamed, see [`Frame::streamed`].
    Streamed {
        /// The size of the payload in bytes.
        size: u64,
    },
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// The `[` of a section (`BODY[`) or a response code. A `[` in a name is part of its atom.
    OpenBracket,
    /// The `]` that closes it.
    CloseBracket,
    /// One or more spaces.
    Space,
    /// Free text, to the end of the line; and a line that is no protocol, as a whole.
    Text,
    /// The end of the message.
    LineEnd,
}

impl<'a> Token<'a> {
    /// Whether it is the atom `keyword`, in any case.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Atom && self.bytes.eq_ignore_ascii_case(keyword.as_bytes())
    }

    /// The value as a string: an atom, the content of a quoted string, the payload of a literal. `None` for
    /// other tokens and for payloads that were streamed.
    #[must_use]
    pub fn string(&self) -> Option<Cow<'a, [u8]>> {
        match self.kind {
            TokenKind::Atom => Some(Cow::Borrowed(self.bytes)),
            TokenKind::Quoted { raw } => Some(unescape(raw)),
            TokenKind::Literal { data, .. } => Some(Cow::Borrowed(data)),
            TokenKind::Streamed { .. }
            | TokenKind::OpenParen
            | TokenKind::CloseParen
            | TokenKind::OpenBracket
            | TokenKind::CloseBracket
            | TokenKind::Space
            | TokenKind::Text
            | TokenKind::LineEnd => None,
        }
    }
}

/// The content of a quoted string without its escapes: `\"` and `\\` stand for the second byte. Another
/// backslash is kept.
///
/// ```
/// assert_eq!(imap_codec::token::unescape(br#"a \"b\" \\ \c"#), &br#"a "b" \ \c"#[..]);
/// ```
#[must_use]
pub fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', raw) else {
        return Cow::Borrowed(raw);
    };
    let (plain, mut rest) = raw.split_at_checked(first).unwrap_or((raw, &[]));
    let mut content = Vec::with_capacity(raw.len());
    content.extend_from_slice(plain);
    loop {
        match rest {
            [] => return Cow::Owned(content),
            [b'\\', byte @ (b'"' | b'\\'), more @ ..] | [byte, more @ ..] => {
                content.push(*byte);
                rest = more;
            }
        }
    }
}

/// Where a message cannot be split into tokens. Nothing follows it.
///
/// ```
/// use imap_codec::{Side, token::{TokenErrorKind, Tokens}};
///
/// let error = Tokens::new(Side::Client, b"A1 SELECT \"x\r\n").find_map(Result::err).unwrap();
/// assert_eq!((error.at, error.kind), (10, TokenErrorKind::Quoted));
/// assert_eq!(error.to_string(), "a quoted string without its closing quote, at byte 10");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {at}")]
pub struct TokenError {
    /// What is wrong.
    pub kind: TokenErrorKind,
    /// Where the token begins, in bytes from the start of the message.
    pub at: usize,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// No closing quote in the line.
    #[error("a quoted string without its closing quote")]
    Quoted,
    /// A `{` that begins no literal.
    #[error("a brace that begins no literal")]
    LiteralHeader,
    /// The message ends before the payload does.
    #[error("a literal that the end of the message cuts")]
    LiteralCut,
    /// A CR or LF that does not end the message.
    #[error("a line end inside the message")]
    LineEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    None,
    Section,
    Code,
    /// A code whose arguments are no words: they are free text up to the first `]`.
    CodeOfText,
}

/// The place that no byte of a message has.
const NOWHERE: usize = usize::MAX;

/// The tokens of one complete message. See the [module](self).
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    message: &'a [u8],
    streamed: &'a [StreamedLiteral],
    at: usize,
    /// Where free text, or the code before it, begins; [`NOWHERE`] in a message without any.
    text: usize,
    bracket: Bracket,
    /// The parentheses that are open inside the bracket.
    depth: usize,
}

impl<'a> Tokens<'a> {
    /// The tokens of a message that `sender` sent.
    #[must_use]
    pub fn new(sender: Side, message: &'a [u8]) -> Self {
        let text = match sender {
            Side::Client => NOWHERE,
            Side::Server => text_start(message).unwrap_or(NOWHERE),
        };
        Self { message, streamed: &[], at: 0, text, bracket: Bracket::None, depth: 0 }
    }

    /// The tokens of a frame, in which literals may have been streamed.
    #[must_use]
    pub fn of_frame(sender: Side, frame: &'a Frame) -> Self {
        Self { streamed: frame.streamed(), ..Self::new(sender, frame.as_bytes()) }
    }

    /// What was not read yet.
    #[must_use]
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.message.get(self.at..).unwrap_or_default()
    }

    /// The token of the first `len` bytes of the rest.
    #[inline]
    fn token(&mut self, kind: TokenKind<'a>, len: usize) -> Token<'a> {
        let (at, rest) = (self.at, self.rest());
        let bytes = rest.get(..len).unwrap_or(rest);
        // OK because it is a place in the message.
        self.at = at.wrapping_add(bytes.len());
        Token { kind, bytes, at }
    }

    /// Ends the walk.
    fn error(&mut self, kind: TokenErrorKind) -> TokenError {
        let at = self.at;
        self.at = self.message.len();
        TokenError { kind, at }
    }

    /// The next token, whatever it is.
    fn read(&mut self) -> Next<'a> {
        let rest = self.rest();
        if matches!(rest, b"\r\n" | b"\n") {
            return Some(Ok(self.token(TokenKind::LineEnd, rest.len())));
        }
        if self.text == self.at {
            return self.text();
        }
        if self.bracket == Bracket::CodeOfText
            && let Some(len @ 1..) = memchr::memchr(b']', rest)
        {
            return Some(Ok(self.token(TokenKind::Text, len)));
        }
        match rest {
            [b' ', ..] => {
                let len = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
                // Free text may begin with spaces.
                let to_text = self.text.checked_sub(self.at).unwrap_or(len);
                Some(Ok(self.token(TokenKind::Space, len.min(to_text))))
            }
            [b'(', ..] => Some(Ok(self.open_paren())),
            [b')', ..] => Some(Ok(self.close_paren())),
            [b'[', ..] if self.opens_section() => {
                self.bracket = Bracket::Section;
                self.depth = 0;
                Some(Ok(self.token(TokenKind::OpenBracket, 1)))
            }
            [b']', ..] if self.bracket != Bracket::None && self.depth == 0 => {
                let closed = core::mem::replace(&mut self.bracket, Bracket::None);
                let token = self.token(TokenKind::CloseBracket, 1);
                if matches!(closed, Bracket::Code | Bracket::CodeOfText) {
                    let space = usize::from(self.rest().first() == Some(&b' '));
                    self.text = self.at.saturating_add(space);
                }
                Some(Ok(token))
            }
            [b'"', ..] => self.quoted(),
            [b'{', ..] | [b'~', b'{', ..] => self.literal(),
            [b'\r' | b'\n', ..] => Some(Err(self.error(TokenErrorKind::LineEnd))),
            _ => {
                let len = self.atom_len(rest);
                Some(Ok(self.token(TokenKind::Atom, len)))
            }
        }
    }

    #[inline]
    fn open_paren(&mut self) -> Token<'a> {
        self.depth = self.depth.saturating_add(1);
        self.token(TokenKind::OpenParen, 1)
    }

    #[inline]
    fn close_paren(&mut self) -> Token<'a> {
        self.depth = self.depth.saturating_sub(1);
        self.token(TokenKind::CloseParen, 1)
    }

    /// At the text of a status response: its code, or the text itself.
    fn text(&mut self) -> Next<'a> {
        let rest = self.rest();
        if rest.first() == Some(&b'[') && self.bracket == Bracket::None && !self.after_code() {
            self.bracket = self.kind_of_code();
            if self.bracket != Bracket::None {
                self.depth = 0;
                return Some(Ok(self.token(TokenKind::OpenBracket, 1)));
            }
        }
        let end = rest.strip_suffix(b"\n").unwrap_or(rest);
        let end = end.strip_suffix(b"\r").unwrap_or(end);
        if end.is_empty() {
            return Some(Err(self.error(TokenErrorKind::LineEnd)));
        }
        Some(Ok(self.token(TokenKind::Text, end.len())))
    }

    /// What begins with the `[` here. The arguments of an unknown code are any text without `]`, in which a quote or
    /// a brace may stand alone (RFC 9051 section 9, `resp-text-code`).
    fn kind_of_code(&self) -> Bracket {
        let words = Self { bracket: Bracket::Code, depth: 0, at: self.at.saturating_add(1), ..*self };
        if words.map_while(Result::ok).any(|token| token.kind == TokenKind::CloseBracket) {
            return Bracket::Code;
        }
        let line = self.rest().split(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.contains(&b']') { Bracket::CodeOfText } else { Bracket::None }
    }

    /// Whether the text here follows a code.
    fn after_code(&self) -> bool {
        let before = self.message.get(..self.at).unwrap_or_default();
        matches!(before, [.., b']'] | [.., b']', b' '])
    }

    /// Whether the `[` here belongs to the word before it.
    fn opens_section(&self) -> bool {
        let before = self.message.get(..self.at).unwrap_or_default();
        self.bracket == Bracket::None && ends_in_section_word(before)
    }

    fn atom_len(&self, rest: &[u8]) -> usize {
        let mut len = 0_usize;
        loop {
            let more = rest.get(len..).unwrap_or_default();
            len = len.saturating_add(more.iter().position(|byte| may_end_atom(*byte)).unwrap_or(more.len()));
            match rest.get(len..).unwrap_or_default() {
                [] | [b' ' | b'(' | b')' | b'"' | b'{' | b'\r' | b'\n', ..] | [b'~', b'{', ..] => return len,
                [b']', ..] if self.bracket != Bracket::None && self.depth == 0 => return len,
                [b'[', ..]
                    if self.bracket == Bracket::None
                        && ends_in_section_word(rest.get(..len).unwrap_or_default()) =>
                {
                    return len;
                }
                _ => len = len.saturating_add(1),
            }
        }
    }

    fn quoted(&mut self) -> Next<'a> {
        let rest = self.rest();
        let mut len = 1_usize;
        loop {
            let more = rest.get(len..).unwrap_or_default();
            // By words up to a byte that is not plain, and in search of the next that matters where that is another.
            let plain = chars::quoted_plain_run(more);
            let more = more.get(plain..).unwrap_or_default();
            let odd = match more {
                [b'"' | b'\\', ..] => 0,
                more => memchr::memchr3(b'"', b'\\', b'\n', more).unwrap_or(more.len()),
            };
            len = len.saturating_add(plain).saturating_add(odd);
            match rest.get(len..).unwrap_or_default() {
                [b'"', ..] => break,
                [b'\\', byte, ..] if !matches!(byte, b'\r' | b'\n') => len = len.saturating_add(2),
                _ => return Some(Err(self.error(TokenErrorKind::Quoted))),
            }
        }
        let raw = rest.get(1..len).unwrap_or_default();
        Some(Ok(self.token(TokenKind::Quoted { raw }, len.saturating_add(1))))
    }

    fn literal(&mut self) -> Next<'a> {
        let rest = self.rest();
        let literal8 = rest.first() == Some(&b'~');
        let Some((header_len, size, non_sync)) = literal_header(rest.get(usize::from(literal8)..)) else {
            return Some(Err(self.error(TokenErrorKind::LiteralHeader)));
        };
        let header_len = header_len.saturating_add(usize::from(literal8));
        let payload_at = self.at.saturating_add(header_len);
        if let Ok(index) = self.streamed.binary_search_by_key(&payload_at, |streamed| streamed.at)
            && let Some(streamed) = self.streamed.get(index)
        {
            return Some(Ok(self.token(TokenKind::Streamed { size: streamed.size }, header_len)));
        }
        let end = header_len.saturating_add(size);
        match rest.get(header_len..end) {
            Some(data) => Some(Ok(self.token(TokenKind::Literal { data, non_sync, literal8 }, end))),
            None => Some(Err(self.error(TokenErrorKind::LiteralCut))),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, TokenError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        // Nearly all tokens are single spaces, usual words and parentheses: spares them the way through all kinds.
        if self.text != self.at && self.bracket != Bracket::CodeOfText {
            if let [b' ', next, ..] = rest
                && *next != b' '
            {
                return Some(Ok(self.token(TokenKind::Space, 1)));
            }
            if let [b'(', ..] = rest {
                return Some(Ok(self.open_paren()));
            }
            if let [b')', ..] = rest {
                return Some(Ok(self.close_paren()));
            }
            let len = usual_word(rest);
            if len > 0 {
                return Some(Ok(self.token(TokenKind::Atom, len)));
            }
        }
        self.read()
    }
}

impl FusedIterator for Tokens<'_> {}

/// The length of the word at the start of `bytes` where it holds nothing that could end a word, and something follows that
/// ends every word; else 0.
#[inline]
fn usual_word(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let stops = word_stops(u64::from_le_bytes(*chunk));
        if stops == 0 {
            rest = after;
            continue;
        }
        // What was carried makes false stops above the first true one only.
        let len =
            bytes.len().saturating_sub(rest.len()).saturating_add((stops.trailing_zeros() / 8) as usize);
        return if let Some(b' ' | b'(' | b')' | b'\r') = bytes.get(len) { len } else { 0 };
    }
    0
}

/// In the high bit of each byte, whether it is one that may end a word, below `*`, or above 0x7f.
#[inline]
const fn word_stops(word: u64) -> u64 {
    let opens = (word ^ repeat(b'[')).wrapping_sub(repeat(1));
    let closes = (word ^ repeat(b']')).wrapping_sub(repeat(1));
    let above = word.wrapping_add(repeat(0x80 - b'{'));
    (word.wrapping_sub(repeat(b'*')) | opens | closes | above | word) & repeat(0x80)
}

/// Whether a word ends before `byte`, or may.
#[inline]
#[allow(clippy::indexing_slicing, reason = "a table of 256 entries indexed by a byte")]
const fn may_end_atom(byte: u8) -> bool {
    /// By byte.
    static ENDS: [bool; 256] = {
        let mut ends = [false; 256];
        let mut bytes: &[u8] = b" ()\"{\r\n~][";
        while let [byte, rest @ ..] = bytes {
            ends[*byte as usize] = true;
            bytes = rest;
        }
        ends
    };
    ENDS[byte as usize]
}

/// `{5}` or `{5+}` and the line end: its length, the size, and whether there is a `+`.
fn literal_header(bytes: Option<&[u8]>) -> Option<(usize, usize, bool)> {
    let digits = bytes?.strip_prefix(b"{")?;
    let count = digits.iter().position(|byte| !byte.is_ascii_digit()).filter(|count| *count > 0)?;
    let (digits, rest) = digits.split_at_checked(count)?;
    let size = digits.iter().fold(0_usize, |size, digit| {
        size.saturating_mul(10).saturating_add(usize::from(digit.wrapping_sub(b'0')))
    });
    let non_sync = rest.first() == Some(&b'+');
    let rest = rest.get(usize::from(non_sync)..)?.strip_prefix(b"}")?;
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    let len = count.saturating_add(2).saturating_add(usize::from(non_sync)).saturating_add(line_end);
    Some((len, size, non_sync))
}

/// Whether the last word of `bytes` is one that a section follows.
fn ends_in_section_word(bytes: &[u8]) -> bool {
    [&b"BODY"[..], b"BODY.PEEK", b"BINARY", b"BINARY.PEEK", b"BINARY.SIZE"].iter().any(|word| {
        let Some(at) = bytes.len().checked_sub(word.len()) else {
            return false;
        };
        let (before, last) = bytes.split_at_checked(at).unwrap_or_default();
        last.eq_ignore_ascii_case(word) && matches!(before, [] | [.., b' ' | b'('])
    })
}

/// Where the resp-text of a status response or a continuation request begins; 0 for a line that is no
/// protocol, and `None` for data.
fn text_start(message: &[u8]) -> Option<usize> {
    fn word_end(bytes: &[u8], from: usize) -> usize {
        let rest = bytes.get(from..).unwrap_or_default();
        let len = rest.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n')).unwrap_or(rest.len());
        from.saturating_add(len)
    }
    // Nearly always data: no status begins so, and no code.
    if let [b'*', b' ', next, ..] = message
        && !matches!(next.to_ascii_uppercase(), b'O' | b'N' | b'B' | b'P' | b'[' | b' ')
    {
        return None;
    }
    let first = word_end(message, 0);
    let is_untagged = message.get(..first) == Some(b"*");
    if message.get(..first) == Some(b"+") {
        return Some(first.saturating_add(1));
    }
    let rest = message.get(first..).unwrap_or_default();
    let spaces = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
    let second = first.saturating_add(spaces);
    let end = word_end(message, second);
    let status = message.get(second..end).unwrap_or_default();
    let statuses = [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"];
    if first > 0 && statuses.iter().any(|known| status.eq_ignore_ascii_case(known)) {
        let space = usize::from(message.get(end) == Some(&b' '));
        return Some(end.saturating_add(space));
    }
    // A code without its status is known from servers, and free text after it.
    if is_untagged && status.first() == Some(&b'[') {
        return Some(second);
    }
    if is_untagged { None } else { Some(0) }
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;

    /// The tokens in a short notation; checks that they tile the message.
    #[allow(clippy::arithmetic_side_effects, reason = "a test")]
    fn show(sender: Side, message: &[u8]) -> Vec<String> {
        let mut at = 0;
        let tokens = Tokens::new(sender, message)
            .map(|token| match token {
                Ok(token) => {
                    assert_eq!(token.at, at, "tokens tile the message");
                    at += token.bytes.len();
                    let bytes = token.bytes.escape_ascii();
                    match token.kind {
                        TokenKind::Atom => std::format!("a:{bytes}"),
                        TokenKind::Quoted { .. } => std::format!("q:{bytes}"),
                        TokenKind::Literal { data, .. } => std::format!("l:{}", data.escape_ascii()),
                        TokenKind::Streamed { size } => std::format!("s:{size}"),
                        TokenKind::Text => std::format!("t:{bytes}"),
                        TokenKind::Space => String::from("_"),
                        TokenKind::LineEnd => String::from("$"),
                        TokenKind::OpenParen
                        | TokenKind::CloseParen
                        | TokenKind::OpenBracket
                        | TokenKind::CloseBracket => String::from_utf8_lossy(token.bytes).into_owned(),
                    }
                }
                Err(error) => {
                    at = message.len();
                    std::format!("!{}:{:?}", error.at, error.kind)
                }
            })
            .collect();
        assert_eq!(at, message.len(), "tokens tile the message to its end");
        tokens
    }

    #[test]
    fn a_fetch_is_split_into_words() {
        assert_eq!(
            show(
                Side::Server,
                b"* 1 FETCH (BODY[HEADER.FIELDS (\"a]\" b])]<0> ~{3}\r\n)\r\n FLAGS (\\Seen))\r\n"
            ),
            [
                "a:*",
                "_",
                "a:1",
                "_",
                "a:FETCH",
                "_",
                "(",
                "a:BODY",
                "[",
                "a:HEADER.FIELDS",
                "_",
                "(",
                "q:\\\"a]\\\"",
                "_",
                "a:b]",
                ")",
                "]",
                "a:<0>",
                "_",
                "l:)\\r\\n",
                "_",
                "a:FLAGS",
                "_",
                "(",
                "a:\\\\Seen",
                ")",
                ")",
                "$"
            ]
        );
    }

    #[test]
    fn free_text_is_one_token() {
        assert_eq!(
            show(Side::Server, b"* OK don't \"panic {5}\r\n"),
            ["a:*", "_", "a:OK", "_", "t:don\\'t \\\"panic {5}", "$"]
        );
        assert_eq!(
            show(Side::Server, b"A1 NO [BADCHARSET (a])] [x] y\r\n"),
            ["a:A1", "_", "a:NO", "_", "[", "a:BADCHARSET", "_", "(", "a:a]", ")", "]", "_", "t:[x] y", "$"]
        );
        assert_eq!(
            show(Side::Server, b"* OK [ALERT]\r\n"),
            ["a:*", "_", "a:OK", "_", "[", "a:ALERT", "]", "$"]
        );
        assert_eq!(show(Side::Server, b"A1 OK\r\n"), ["a:A1", "_", "a:OK", "$"]);
        assert_eq!(show(Side::Server, b"A1 OK  x\r\n"), ["a:A1", "_", "a:OK", "_", "t: x", "$"]);
        assert_eq!(show(Side::Server, b"+ (go\r\n"), ["a:+", "_", "t:(go", "$"]);
        assert_eq!(show(Side::Server, b"+\r\n"), ["a:+", "$"]);
        assert_eq!(show(Side::Server, b"Server (gone\r\n"), ["t:Server (gone", "$"]);
    }

    #[test]
    fn a_code_of_no_words_holds_free_text() {
        let code = |text: &str| {
            let tokens = show(Side::Server, std::format!("* OK {text}\r\n").as_bytes());
            tokens.get(4..tokens.len().saturating_sub(1)).map(|tokens| tokens.join(" ")).unwrap_or_default()
        };
        for (text, expected) in [
            ("[X a (b \"c) {d} *] \"t", "[ t:X a (b \\\"c) {d} * ] _ t:\\\"t"),
            ("[X (a] he said \"", "[ t:X (a ] _ t:he said \\\""),
            ("[X \"a]\"] b", "[ a:X _ q:\\\"a]\\\" ] _ t:b"),
            ("[X (a] (b)] c", "[ t:X (a ] _ t:(b)] c"),
            ("[X {3}", "t:[X {3}"),
            ("[] {", "[ ] _ t:{"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn brackets_in_names_are_part_of_the_name() {
        assert_eq!(
            show(Side::Client, b"A1 SELECT [Gmail]/a[1]\r\n"),
            ["a:A1", "_", "a:SELECT", "_", "a:[Gmail]/a[1]", "$"]
        );
    }

    #[test]
    fn what_is_no_token_is_an_error_at_its_byte() {
        assert_eq!(show(Side::Client, b"A1 x{5\r\n"), ["a:A1", "_", "a:x", "!4:LiteralHeader"]);
        assert_eq!(show(Side::Client, b"A1 {5}\r\nabc"), ["a:A1", "_", "!3:LiteralCut"]);
        assert_eq!(
            show(Side::Client, b"A1 {99999999999999999999999}\r\nabc"),
            ["a:A1", "_", "!3:LiteralCut"]
        );
        assert_eq!(show(Side::Client, b"A1 \"a\\\"\r\n"), ["a:A1", "_", "!3:Quoted"]);
        assert_eq!(show(Side::Client, b"A1\rNOOP\r\n"), ["a:A1", "!2:LineEnd"]);
    }

    #[test]
    fn any_bytes_give_tokens_or_an_error() {
        for side in [Side::Client, Side::Server] {
            let all: Vec<u8> = (0..=255).collect();
            show(side, &all);
            for byte in 0..=255_u8 {
                show(side, &[b'*', b' ', byte, b' ', byte]);
                show(side, &[byte]);
            }
        }
    }

    #[test]
    fn a_million_parentheses_need_no_stack() {
        let message = std::vec![b'('; 1_000_000];
        assert_eq!(Tokens::new(Side::Client, &message).count(), 1_000_000);
    }
}

//! What a decoder reads beyond the grammar, and how it says so.
//!
//! Each deviation has a stable id; a strict decoder refuses it, a tolerant one reads it and reports it.

/// A deviation from the grammar that real peers are known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// `A1 OK` CRLF: the space and the text are missing (iCloud, Oracle, Exchange).
    MissingText = 1,
    /// `* OK [HIGHESTMODSEQ 42]` CRLF: the space after the code is missing (Gmail, Yandex). Read in strict too.
    MissingTextAfterCode = 2,
    /// `+` CRLF: a continuation request without its space (Exchange).
    BareContinuation = 3,
    /// `* STATUS Inbox (MESSAGES 1) ` CRLF: space before the line end (Exchange, Microsoft 365).
    TrailingSpace = 4,
    /// `* CAPABILITY IMAP4rev1 ` CRLF: the same after capabilities (QQ).
    TrailingSpaceCapability = 5,
    /// `* SEARCH 7456 ` CRLF: the same after SEARCH (Yahoo).
    TrailingSpaceSearch = 6,
    /// `*  1843 EXISTS`: two spaces after the star (DavMail).
    SpacesAfterStar = 7,
    /// A blank line between responses (Exchange).
    BlankLine = 17,
    /// NUL bytes before a response.
    LeadingNul = 18,
    /// NUL in a line or a plain literal. Not looked for, and so not reported, in the literals of FETCH responses that
    /// hold messages and their sections: where NUL is read, these are octets of any kind and any number.
    Nul = 19,
    /// LF without CR at the end of a line.
    BareLf = 20,
    /// `"7BIT" -1 -1`: octets or lines below zero (Exchange, Dovecot proxies), where RFC 9051 section 9 has
    /// `number`. Read as 0.
    NegativeSize = 42,
    /// `BODY[2] )`: a section without its value at the end of the list (Yandex); RFC 9051 section 9
    /// (`msg-att-static`) has `nstring`.
    MissingBodyValue = 51,
    /// `"..8-bit.."` that is not UTF-8, or UTF-8 where it is not enabled (Proton Bridge; BODYSTRUCTURE anywhere).
    EightBitQuoted = 58,
    /// `"a\b"`: a backslash before a byte that needs none.
    BadEscape = 59,
    /// `((ProtonMail NIL support protonmail.ch))`, `7BIT`: an atom where RFC 9051 section 9 has `nstring` or
    /// `string`, in ENVELOPE and BODYSTRUCTURE (Proton Bridge, Exchange 2010).
    UnquotedString = 60,
    /// `* STATUS Sent Items (UIDNEXT 1)`: a name with spaces and without quotes (GNU Mailutils, Strato),
    /// where RFC 9051 section 9 has `astring`.
    SpaceInStatusName = 63,
    /// `* LIST () "/" INBOX/Da<TAB>Oggetto`: a name without quotes that no `astring` of RFC 9051 section 9 is
    /// (Exchange, Microsoft 365).
    UnquotedName = 64,
    /// `* LIST () "/" [Gmail]/x`: unquoted `]` where only an atom is allowed.
    BracketInAtom = 65,
    /// `"\"`: the backslash as a hierarchy delimiter, without the escape that RFC 9051 section 9 (`QUOTED-CHAR`)
    /// asks for (Courier).
    BareBackslash = 71,
    /// `( ( "~" "/" ) )`: spaces inside the parentheses of NAMESPACE; RFC 9051 section 9 (`namespace`) has none.
    SpaceInNamespace = 72,
    /// `* FLAGS (a[b]c)`: a keyword with brackets (Gmail).
    BracketInKeyword = 74,
    /// `* FLAGS (\Seen \*)`: `\*` where no PERMANENTFLAGS are told (GreenMail, Binc); RFC 9051 section 9
    /// (`flag-list`) has `flag` only.
    AnyInFlags = 75,
    /// `((..) (..))`: a space between addresses (Outlook.com); RFC 9051 section 9 has `1*address`.
    SpaceBetweenAddresses = 79,
    /// `()` in place of NIL for no addresses (Yahoo, Proton Bridge); RFC 9051 section 9 has `1*address`.
    EmptyAddresses = 80,
    /// `("group" NIL "group" NIL )`: a space before the end of an address (Yahoo), which RFC 9051 section 9
    /// (`address`) does not have.
    SpaceAfterAddress = 81,
    /// `(NIL (..))`: NIL among addresses (SmarterMail); RFC 9051 section 9 has NIL for the whole list only.
    NilAddress = 82,
    /// An ENVELOPE of nine fields, without its message-id; RFC 9051 section 9 (`envelope`) has ten.
    NoMessageId = 83,
    /// An ENVELOPE of eight fields, without in-reply-to and message-id; RFC 9051 section 9 (`envelope`) has ten.
    NoInReplyTo = 84,
    /// `"5-Jul-2013 10:00:00 +0000"`: one digit for the day without the space before it (QQ), where RFC 9051
    /// section 9 has `date-day-fixed`.
    ShortDay = 91,
    /// `10.00.00`: dots in place of the colons of `time` (RFC 9051 section 9).
    DotsInTime = 92,
    /// `(..) (..) "mixed"`: a space between the parts of a body (Exchange, maddy); RFC 9051 section 9 has `1*body`.
    SpaceBetweenParts = 93,
    /// NIL in place of the encoding of a part, which is a `string` in RFC 9051 section 9 (`body-fld-enc`).
    NilEncoding = 94,
    /// `("text" "plain" NIL NIL NIL "7bit" 12)`: a TEXT part without its lines.
    TextWithoutLines = 96,
    /// `"message" "delivery-status" .. (envelope) (body) 5`: the fields of MESSAGE/RFC822 at another type of
    /// MESSAGE (Bigfoot); RFC 9051 section 9 has them in `body-type-msg` only.
    EnvelopeOfReport = 98,
    /// `"base64" 4096 12 NIL`: lines of a part that is no text (Lavabit, Gmail); RFC 9051 section 9
    /// (`body-type-basic`) has none.
    LinesOfBasic = 99,
    /// `("boundary" NIL)`: NIL as the value of a parameter (mail.ru, Exchange), which is a `string` in RFC 9051
    /// section 9 (`body-fld-param`).
    NilParameter = 100,
    /// `()`, or a name without its value at the end of the parameters; RFC 9051 section 9 (`body-fld-param`) has
    /// pairs.
    UnpairedParameters = 101,
    /// `"inline"` in place of `("inline" NIL)` (Exchange); RFC 9051 section 9 (`body-fld-dsp`) has parentheses.
    BareDisposition = 102,
    /// `("inline")`: a disposition without its parameters (Citadel); RFC 9051 section 9 (`body-fld-dsp`) has NIL.
    NoDispositionParameters = 103,
    /// `(NIL NIL)` in place of NIL for no disposition (Exchange); RFC 9051 section 9 (`body-fld-dsp`).
    NilDisposition = 104,
    /// `"attachment" ("filename" "x")`: a disposition without parentheses around it (Exchange); RFC 9051
    /// section 9 (`body-fld-dsp`) has them.
    UnparenthesizedDisposition = 105,
    /// `(NIL)` as the languages or `()` as the location of a part; RFC 9051 section 9 has NIL without
    /// parentheses.
    NilInList = 108,
    /// `(NIL NIL NIL NIL NIL "7BIT" 563)`: a part without a media type (Microsoft 365, SIMS); RFC 9051 section 9
    /// (`media-basic`) has strings.
    NilMediaType = 113,
    /// `BODY[] {3}` CRLF `abcUID 12`: no space between a value and the next item (Exchange 2010, Microsoft 365);
    /// RFC 9051 section 9 (`msg-att`) has SP.
    NoSpaceAfterLiteral = 116,
    /// `UID 123MODSEQ (456)`: no space between a number and the next item (Zimbra); RFC 9051 section 9
    /// (`msg-att`) has SP.
    NoSpaceAfterNumber = 117,
    /// `FLAGS(\Seen)`: no space before a list, where RFC 9051 section 9 has SP.
    NoSpaceBeforeList = 118,
    /// `* 6 FETCH ()`: a FETCH response without items (QIP.ru).
    EmptyFetch = 119,
    /// `RFC822[]`: brackets after an item that has none (Exchange); RFC 3501 section 9 (`msg-att-static`).
    BracketsAfterRfc822 = 124,
    /// `BODY[]<0.1024>`: the length beside the origin, as a client asks; RFC 9051 section 9 (`msg-att-static`)
    /// has the origin only.
    LengthInOrigin = 125,
    /// `* ESEARCH (TAG "A") UID ALL 3 (MODSEQ 9)`: MODSEQ in the parentheses that it has in SEARCH; RFC 7162
    /// section 3.1.10 has none.
    ParenthesizedModSeq = 129,
    /// `* SEARCH 0 5`: a message number or UID of 0, where RFC 9051 section 9 has `nz-number`.
    ZeroInSearch = 132,
    /// `FETCH 1:* (FLAGS) (CHANGEDSINCE 0)`: no modification sequence is 0 (iPhone Mail).
    ChangedSinceZero = 150,
    /// `A1 DONE`-less end of IDLE: another command while idling (iOS Mail).
    CommandInsteadOfDone = 152,
    /// `A1 IDLE` CRLF CRLF: a blank line between commands (emailjs).
    BlankLineBetweenCommands = 154,
    /// `SELECT INBOX ` CRLF: space before the end of a command.
    TrailingSpaceCommand = 161,
    /// `SELECT "a\b"`: a backslash before a byte that needs none, from a client (old ones).
    BadEscapeCommand = 162,
    /// A greeting or CAPABILITY data with neither IMAP4rev1 nor IMAP4rev2.
    NoRevision = 201,
}

impl Quirk {
    /// The stable id: `Q1` .. `Q164` for those of the common list, `X1`, `X2` .. for further ones.
    #[must_use]
    pub fn id(self) -> alloc::string::String {
        let number = self as u16;
        match number.checked_sub(200) {
            Some(own) if own > 0 => alloc::format!("X{own}"),
            _ => alloc::format!("Q{number}"),
        }
    }
}

/// A deviation that was read: which, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Which.
    pub quirk: Quirk,
    /// Where, in bytes from the start of the message.
    pub at: usize,
}

/// The deviations that a decoder reads: all that are known from one kind of peer, none, or a choice.
///
/// ```
/// use imap_codec::tolerance::{Quirk, Tolerance};
///
/// let mut some = Tolerance::STRICT;
/// some.set(Quirk::BareLf, true);
/// assert!(some.reads(Quirk::BareLf) && !some.reads(Quirk::MissingText));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    bits: [u64; 4],
    keep_invalid: bool,
}

impl Tolerance {
    /// The RFCs and nothing else (but [`Quirk::MissingTextAfterCode`], which erratum 7343 of RFC 9051 asks
    /// clients to accept).
    pub const STRICT: Self =
        Self { bits: [1 << Quirk::MissingTextAfterCode as u16, 0, 0, 0], keep_invalid: false };

    /// What real servers send: for the decoder of a client.
    pub const OF_SERVERS: Self = Self { bits: [u64::MAX; 4], keep_invalid: true };

    /// What real clients send: for the decoder of a server.
    pub const OF_CLIENTS: Self = Self::STRICT
        .with(Quirk::BareLf)
        .with(Quirk::ChangedSinceZero)
        .with(Quirk::CommandInsteadOfDone)
        .with(Quirk::BlankLineBetweenCommands)
        .with(Quirk::TrailingSpaceCommand)
        .with(Quirk::BadEscapeCommand)
        .keeping_invalid();

    /// Whether `quirk` is read.
    #[must_use]
    #[inline]
    pub const fn reads(&self, quirk: Quirk) -> bool {
        let (word, bit) = Self::place(quirk);
        match self.bits.as_slice() {
            [a, b, c, d] => {
                (match word {
                    0 => *a,
                    1 => *b,
                    2 => *c,
                    _ => *d,
                }) & bit
                    != 0
            }
            _ => false,
        }
    }

    /// Turns one deviation on or off.
    pub const fn set(&mut self, quirk: Quirk, on: bool) {
        let (word, bit) = Self::place(quirk);
        if let Some(slot) = self.bits.split_at_mut(word).1.first_mut() {
            *slot = if on { *slot | bit } else { *slot & !bit };
        }
    }

    /// Whether a part that cannot be read is kept raw beside its neighbours, instead of failing the message.
    #[must_use]
    pub const fn keeps_invalid(&self) -> bool {
        self.keep_invalid
    }

    /// Turns the keeping of invalid parts on or off.
    pub const fn keep_invalid(&mut self, on: bool) {
        self.keep_invalid = on;
    }

    const fn keeping_invalid(mut self) -> Self {
        self.keep_invalid = true;
        self
    }

    const fn with(mut self, quirk: Quirk) -> Self {
        self.set(quirk, true);
        self
    }

    const fn place(quirk: Quirk) -> (usize, u64) {
        let number = quirk as u16;
        ((number / 64) as usize % 4, 1 << (number % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_list() {
        assert_eq!(Quirk::MissingText.id(), "Q1");
        assert_eq!(Quirk::TrailingSpaceCommand.id(), "Q161");
        assert_eq!(Quirk::NoRevision.id(), "X1");
    }

    #[test]
    fn strict_reads_only_the_missing_space_after_a_code() {
        assert!(Tolerance::STRICT.reads(Quirk::MissingTextAfterCode));
        assert!(!Tolerance::STRICT.reads(Quirk::MissingText));
        assert!(Tolerance::OF_CLIENTS.reads(Quirk::TrailingSpaceCommand));
        assert!(!Tolerance::OF_CLIENTS.reads(Quirk::MissingText));
    }
}

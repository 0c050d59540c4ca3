//! One message of one direction, as both subcommands report it.

use imap_codec::{
    Decoded, Side,
    error::DecodeError,
    frame::{Frame, LeadDeviation, Span},
    tolerance::Quirk,
};

use crate::{
    head::{Head, Kind},
    value::{Meaning, holds_urlauth_token},
};

/// A message and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Who sent it.
    pub(crate) from: Side,
    /// Where it begins, in bytes from the start of its direction.
    pub(crate) offset: u64,
    /// Its length in bytes, literals and line end included.
    pub(crate) length: u64,
    /// Kind, name and tag.
    pub(crate) head: Head,
    /// Its bytes, as far as they are at hand.
    pub(crate) frame: Frame,
    /// What it means, or what is wrong with it.
    pub(crate) outcome: Outcome,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It decoded.
    Read {
        /// What it means.
        meaning: Meaning,
        /// Where it departs from the grammar.
        deviations: Vec<Bent>,
    },
    /// It did not.
    Malformed(Problem),
    /// The input ends inside it.
    Incomplete,
    /// The server refused its literal, and the client gave it up.
    Refused,
}

/// A departure from the grammar that was tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bent {
    /// Which.
    pub(crate) quirk: Quirk,
    /// Where, in bytes from the start of the direction.
    pub(crate) at: u64,
}

impl Bent {
    /// One that stands before the first byte of a message.
    pub(crate) const fn before(lead: &LeadDeviation) -> Self {
        Self { quirk: lead.quirk, at: lead.offset }
    }
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where, in bytes from the start of the direction.
    pub(crate) at: u64,
    /// The same place in [`Message::frame`], where its bytes are at hand.
    pub(crate) in_bytes: Option<usize>,
    /// The grammar rule or the limit.
    pub(crate) rule: &'static str,
    /// What was expected there.
    pub(crate) expected: String,
    /// What was found there; empty in a message that may hold a secret.
    pub(crate) found: String,
}

impl Problem {
    /// A sentence.
    pub(crate) fn message(&self) -> String {
        let Self { rule, expected, found, .. } = self;
        if found.is_empty() {
            format!("expected {expected} (rule `{rule}`)")
        } else {
            format!("expected {expected}, found {found} (rule `{rule}`)")
        }
    }
}

impl Message {
    /// Whether the message holds a secret, or may.
    pub(crate) fn is_secret(&self) -> bool {
        match &self.outcome {
            Outcome::Read { meaning, .. } => meaning.holds_a_secret(),
            Outcome::Malformed(_) | Outcome::Incomplete | Outcome::Refused => {
                self.head.may_hold_a_secret()
                    || self.from == Side::Client && self.names_a_login()
                    || holds_urlauth_token(self.frame.as_bytes())
            }
        }
    }
}

impl Outcome {
    /// The outcome of decoding one message, and the tag of one that did not decode.
    pub(crate) fn of<T>(
        frame: &Frame,
        result: Result<Decoded<T>, DecodeError>,
        meaning: impl FnOnce(T) -> Meaning,
    ) -> (Self, Option<String>) {
        match result {
            Ok(Decoded { value, deviations }) => {
                let lead = frame.lead_deviations().iter().map(Bent::before);
                let inside = deviations
                    .iter()
                    .map(|deviation| Bent { quirk: deviation.quirk, at: frame.stream_offset(deviation.at) });
                (Self::Read { meaning: meaning(value), deviations: lead.chain(inside).collect() }, None)
            }
            Err(error) => {
                let found =
                    if holds_urlauth_token(frame.as_bytes()) { String::new() } else { error.found.into() };
                let problem = Problem {
                    at: frame.stream_offset(error.at).min(frame.span().end()),
                    in_bytes: Some(error.at),
                    rule: error.rule,
                    expected: error.expected.into(),
                    found,
                };
                (Self::Malformed(problem), error.tag.map(|tag| tag.to_string()))
            }
        }
    }

    /// Whether it decoded.
    pub(crate) const fn is_ok(&self) -> bool {
        matches!(self, Self::Read { .. })
    }
}

impl Message {
    /// Input that holds blank lines alone.
    pub(crate) fn cut(from: Side, span: Span) -> Self {
        let head = Head { kind: Kind::Incomplete, name: None, tag: None };
        let Span { offset, length } = span;
        Self { from, offset, length, head, frame: Frame::default(), outcome: Outcome::Incomplete }
    }

    /// Whether one of the first words is LOGIN or AUTHENTICATE, wherever the tag went.
    fn names_a_login(&self) -> bool {
        let words = self.frame.as_bytes().split(|byte| !byte.is_ascii_graphic());
        words
            .filter(|word| !word.is_empty())
            .take(3)
            .any(|word| word.eq_ignore_ascii_case(b"LOGIN") || word.eq_ignore_ascii_case(b"AUTHENTICATE"))
    }

    /// The kind for show: [`Kind::Incomplete`] where it never became complete.
    pub(crate) const fn kind(&self) -> Kind {
        match self.outcome {
            Outcome::Incomplete | Outcome::Refused => Kind::Incomplete,
            Outcome::Read { .. } | Outcome::Malformed(_) => self.head.kind,
        }
    }
}

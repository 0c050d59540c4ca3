//! Text for people: one block a message.

use std::io::{self, Write};

use imap_codec::Side;

use super::{
    paint::{BENT, CLIENT, FAINT, NAME, SERVER, WRONG, paint},
    tree, wire,
};
use crate::{
    explain,
    message::{Bent, Message, Outcome, Problem},
    value::Show,
};

/// How wide the line of an error is shown, in characters.
const EXCERPT: usize = 96;

/// What stands before the lines below a message's first.
const INDENT: &str = "           ";

/// Writes the block of one message of `decode`.
pub(crate) fn decoded(out: &mut dyn Write, message: &Message, show: Show) -> io::Result<()> {
    let (arrow, colour) = arrow(message.from);
    write!(out, "{} {}", paint(FAINT, format_args!("{:>8}", message.offset)), paint(colour, arrow))?;
    for word in [&message.head.tag, &message.head.name].into_iter().flatten() {
        write!(out, " {}", paint(NAME, wire::shorten(&wire::escape(word.as_bytes()), 64)))?;
    }
    let bytes = plural(message.length, "byte");
    writeln!(out, " {}", paint(FAINT, format_args!("({}, {bytes})", message.kind().word())))?;
    match &message.outcome {
        Outcome::Read { meaning, deviations } => {
            for line in tree::lines(&meaning.shown(show).value, show.full) {
                writeln!(out, "{INDENT}{line}")?;
            }
            deviations.iter().try_for_each(|deviation| bent(out, deviation, INDENT))
        }
        Outcome::Malformed(problem) => wrong(out, message, problem, show, INDENT),
        Outcome::Incomplete | Outcome::Refused => {
            writeln!(out, "{INDENT}{}", paint(WRONG, "the input ends inside this message"))
        }
    }
}

/// What is wrong, and where: the line and a caret under the byte.
pub(super) fn wrong(
    out: &mut dyn Write,
    message: &Message,
    problem: &Problem,
    show: Show,
    indent: &str,
) -> io::Result<()> {
    let at = problem.at;
    writeln!(out, "{indent}{} at byte {at}: {}", paint(WRONG, "malformed"), problem.message())?;
    // Where the decoder does not say what it found, the line may hold a credential.
    let visible = show.secrets || !(message.is_secret() || problem.found.is_empty());
    let Some(place) = problem.in_bytes.filter(|_| visible) else { return Ok(()) };
    let (text, column) = wire::excerpt(message.frame.as_bytes(), place, EXCERPT);
    writeln!(out, "{indent}{} {text}", paint(FAINT, "|"))?;
    writeln!(out, "{indent}{} {}{}", paint(FAINT, "|"), " ".repeat(column), paint(WRONG, "^"))
}

/// A tolerated deviation and what it is.
pub(super) fn bent(out: &mut dyn Write, deviation: &Bent, indent: &str) -> io::Result<()> {
    let (id, at) = (deviation.quirk.id(), deviation.at);
    writeln!(out, "{indent}{} at byte {at}: {}", paint(BENT, &id), explain::summary(&id))
}

/// `C:` or `S:`, as the RFCs print dialogues.
pub(crate) const fn arrow(from: Side) -> (&'static str, anstyle::Style) {
    match from {
        Side::Client => ("C:", CLIENT),
        Side::Server => ("S:", SERVER),
    }
}

/// `1 byte`, `2 bytes`
pub(crate) fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

//! `decode`: the messages of one direction.
//!
//! What the server answered is not known here, so that AUTHENTICATE and IDLE are followed by what the
//! client sends alone: a well-formed one changes what the next lines are.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use imap_codec::{Expecting, Side};
use imap_types::command::{ClientMessage, CommandBody};

use crate::{
    cli::{self, From},
    failure::Failure,
    head::Kind,
    input,
    message::{Message, Outcome},
    reader::{self, End, Found, Reader},
    render::{human, json},
    value::{Meaning, Show},
};

/// Reads all of the input and writes each message; says whether all decoded.
///
/// # Errors
///
/// [`Failure`] where the input cannot be read or the output cannot be written.
pub(crate) fn run(options: &cli::Decode, out: &mut dyn Write) -> Result<bool, Failure> {
    let path = options.file.as_deref().unwrap_or(Path::new("-"));
    let input = input::open(path)?;
    let show = Show { secrets: options.reading.show_secrets, full: options.full };
    let mut well = true;
    let write = |message: &Message| {
        well &= message.outcome.is_ok();
        let written = if options.reading.json {
            json::decoded(out, message, show)
        } else {
            human::decoded(out, message, show)
        };
        written.map_err(Failure::from)
    };
    let side = match options.from {
        From::Client => Side::Client,
        From::Server => Side::Server,
    };
    messages(side, options, path, input, write)?;
    Ok(well)
}

/// Hands each message to `write`, in order.
fn messages(
    side: Side,
    options: &cli::Decode,
    path: &Path,
    mut input: Box<dyn BufRead>,
    mut write: impl FnMut(&Message) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let decoding = reader::options(side, &options.reading);
    let mut reader = Reader::new(side, decoding, true);
    let mut expecting = Expecting::Command;
    // Blank lines at the end of the input belong to the message before, so that one is held back.
    let mut last: Option<Box<Message>> = None;
    loop {
        let chunk = input.fill_buf().map_err(|error| Failure::reading(path, &error))?;
        let len = chunk.len();
        if len == 0 {
            break;
        }
        reader.framer.push(chunk);
        input.consume(len);
        while let Some(Found::Message(message)) = reader.next(|_| expecting) {
            expecting = expecting_after(expecting, &message);
            if let Some(before) = last.replace(message) {
                write(&before)?;
            }
        }
    }
    match (reader.finish(expecting), &mut last) {
        (Some(End::Blank(span, bent)), Some(message)) => {
            message.length = message.length.saturating_add(span.length);
            if let Outcome::Read { deviations, .. } = &mut message.outcome {
                deviations.extend(bent);
            }
        }
        (Some(End::Blank(span, _)), None) => last = Some(Box::new(Message::cut(side, span))),
        (Some(End::Message(message)), _) => {
            if let Some(before) = last.replace(message) {
                write(&before)?;
            }
        }
        (None, _) => {}
    }
    last.iter().try_for_each(|message| write(message))
}

/// What a client sends after `message`.
fn expecting_after(expecting: Expecting, message: &Message) -> Expecting {
    match (&message.outcome, message.head.kind) {
        (Outcome::Read { meaning: Meaning::Client(client), .. }, _) => match client.as_ref() {
            ClientMessage::Command(command) => match command.body {
                CommandBody::Authenticate { .. } => Expecting::AuthenticateData,
                CommandBody::Idle => Expecting::IdleDone,
                _ => Expecting::Command,
            },
            ClientMessage::IdleDone => Expecting::Command,
            _ => expecting,
        },
        // A line with a space is no answer to a challenge, well-formed or not.
        (_, Kind::Command | Kind::Unknown) if expecting == Expecting::AuthenticateData => Expecting::Command,
        _ => expecting,
    }
}

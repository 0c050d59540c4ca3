//! Messages of traces: from their text to values, and back to what they are on the wire.

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_greeting, encode_response,
    frame::{Event, Frame, Framer, FramerOptions},
    limits::Limits,
    profile::EncodeProfile,
    writer::{Encoded, Segment},
};
use imap_types::{
    command::Command,
    response::{Greeting, Response},
};

/// The first word, and what follows the blank after it.
pub(super) fn words(line: &[u8]) -> (String, &[u8]) {
    let at = line.iter().position(|byte| *byte == b' ');
    let (word, rest) = line.split_at(at.unwrap_or(line.len()));
    (String::from_utf8_lossy(word).into_owned(), rest.get(1..).unwrap_or_default())
}

pub(super) fn text(text: impl Into<String>) -> Vec<u8> {
    text.into().into_bytes()
}

pub(super) fn quoted(bytes: &[u8]) -> Vec<u8> {
    [b"\"", bytes, b"\""].concat()
}

/// A command without its line end; its payloads are in it, or are `streamed`.
pub(super) fn command(line: &[u8], streamed: bool) -> Result<Command, String> {
    let frame = frame(Side::Client, line, streamed)?;
    let read = decode_command(&frame, &DecodeOptions::strict());
    read.map(|decoded| decoded.value).map_err(|error| error.to_string())
}

/// A response without its line end; its payloads are in it, or are `streamed`.
pub(super) fn response(line: &[u8], streamed: bool) -> Result<Response, String> {
    let frame = frame(Side::Server, line, streamed)?;
    let read = decode_response(&frame, &DecodeOptions::strict());
    read.map(|decoded| decoded.value).map_err(|error| error.to_string())
}

fn frame(side: Side, line: &[u8], streamed: bool) -> Result<Frame, String> {
    let options = FramerOptions::new(&DecodeOptions::strict());
    let mut framer = Framer::new(side, FramerOptions { stream_above: streamed.then_some(0), ..options });
    for byte in line.iter().chain(b"\r\n") {
        framer.push(&[*byte]);
        while let Some(event) = framer.next_event() {
            match event {
                Event::Message(frame) => return Ok(frame),
                Event::Literal(stop) if streamed => {
                    framer.stream();
                    framer.push(&vec![0; usize::try_from(stop.size).unwrap_or(0)]);
                }
                Event::Literal(_) => framer.accept(),
                Event::Malformed(error) => return Err(error.to_string()),
                _ => {}
            }
        }
    }
    Err("the message is not complete".to_owned())
}

/// The bytes of a message without its line end; `..` for what is streamed.
fn wire(encoded: Result<Encoded, imap_codec::error::EncodeError>) -> Vec<u8> {
    let encoded = match encoded {
        Ok(encoded) => encoded,
        Err(error) => return text(error.to_string()),
    };
    let mut bytes = Vec::new();
    for segment in encoded.segments() {
        match segment {
            Segment::Streamed { .. } => bytes.extend_from_slice(b".."),
            Segment::Line(data) | Segment::Literal { data, .. } => bytes.extend_from_slice(data),
        }
    }
    bytes.truncate(bytes.len().saturating_sub(2));
    bytes
}

pub(super) fn command_wire(command: &Command) -> Vec<u8> {
    wire(encode_command(command, &EncodeProfile::as_received(Side::Client)))
}

pub(super) fn response_wire(response: &Response) -> Vec<u8> {
    wire(encode_response(response, &EncodeProfile::as_received(Side::Server)))
}

pub(super) fn greeting_wire(greeting: &Greeting) -> Vec<u8> {
    let bytes = wire(encode_greeting(greeting, &EncodeProfile::as_received(Side::Server)));
    [b"greeting ", &bytes[..]].concat()
}

/// Changes limits: `literal=100 line=50`.
pub(super) fn limits(changes: Option<&str>, limits: &mut Limits) -> Result<(), String> {
    for change in changes.unwrap_or_default().split_whitespace() {
        let (name, value) = change.split_once('=').ok_or("a limit is name=number")?;
        let value = value.parse().map_err(|_| format!("{value:?} is no number"))?;
        let limit = match name {
            "line" => &mut limits.line,
            "literal" => &mut limits.literal,
            "argument-literal" => &mut limits.argument_literal,
            "message" => &mut limits.message,
            "literals" => &mut limits.literals,
            "depth" => &mut limits.depth,
            "list" => &mut limits.list,
            "tag" => &mut limits.tag,
            _ => return Err(format!("no limit: {name:?}")),
        };
        *limit = value;
    }
    Ok(())
}

//! The words of a message: they tile it, and agree with what a full decoder reads.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_greeting, decode_response,
    frame::Frame,
    token::{TokenError, TokenKind, Tokens},
    writer::Segment,
};

use crate::{alloc, wire::show};

use super::{
    messages::{frames, tolerant},
    values,
};

/// A byte that chooses the sender and where messages come from, then bytes of messages, or what values are made from.
pub fn token(bytes: &[u8]) {
    let [how, seed @ ..] = bytes else { return };
    let side = if how & 1 == 0 { Side::Client } else { Side::Server };
    if how & 2 == 0 {
        frames(side, seed).iter().for_each(|frame| any_message(side, frame));
    } else {
        values::encoded(side, seed).iter().for_each(|message| written_message(side, message.segments()));
    }
}

/// The literals among the tokens of a message, and the error at which they end.
fn walk(side: Side, frame: &Frame) -> (Vec<&[u8]>, Option<TokenError>) {
    let message = frame.as_bytes();
    let (count, calls) = alloc::calls(|| Tokens::of_frame(side, frame).count());
    assert_eq!(calls, 0, "the tokens took memory: {}", show(message));
    assert!(count <= message.len(), "more tokens than bytes: {}", show(message));

    let (mut literals, mut at, mut ended) = (Vec::new(), 0, false);
    let mut tokens = Tokens::of_frame(side, frame);
    while let Some(token) = tokens.next() {
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                assert_eq!(error.at, at, "the error is not where the tokens end: {}", show(message));
                assert!(tokens.next().is_none(), "a token behind an error: {}", show(message));
                return (literals, Some(error));
            }
        };
        assert!(!ended, "a token behind the line end: {}", show(message));
        assert!(!token.bytes.is_empty(), "an empty token: {}", show(message));
        assert_eq!(token.at, at, "the tokens leave a gap: {}", show(message));
        assert_eq!(message.get(at..at + token.bytes.len()), Some(token.bytes), "not what stands there");
        at += token.bytes.len();
        let string = token.string();
        match token.kind {
            TokenKind::Atom => assert_eq!(string.as_deref(), Some(token.bytes)),
            TokenKind::Quoted { raw } => {
                assert_eq!(token.bytes.len(), raw.len() + 2, "quotes: {}", show(message));
                assert!(string.is_some_and(|string| string.len() <= raw.len()));
            }
            TokenKind::Literal { data, .. } => {
                assert!(token.bytes.ends_with(data), "no payload at the end: {}", show(message));
                assert_eq!(string.as_deref(), Some(data));
                literals.push(data);
            }
            TokenKind::LineEnd => ended = true,
            _ => assert_eq!(string, None),
        }
    }
    assert_eq!(at, message.len(), "the tokens do not reach the end: {}", show(message));
    (literals, None)
}

/// A message that may be anything.
fn any_message(side: Side, frame: &Frame) {
    let (literals, error) = walk(side, frame);
    let strict = DecodeOptions { limits: tolerant(side).limits, ..DecodeOptions::strict() };
    let is_read = match side {
        Side::Client => decode_command(frame, &strict).is_ok(),
        Side::Server => decode_greeting(frame, &strict).is_ok() || decode_response(frame, &strict).is_ok(),
    };
    if !is_read {
        return;
    }
    let message = frame.as_bytes();
    assert_eq!(error, None, "what strict reads has no tokens: {}", show(message));
    let announced: Vec<_> = frame
        .literals()
        .map(|literal| {
            let size = usize::try_from(literal.size).expect("it is in the message");
            &message[literal.at..literal.at + size]
        })
        .collect();
    assert_eq!(literals, announced, "other literals than those of the frame: {}", show(message));
}

/// A message that an encoder wrote.
fn written_message(side: Side, segments: &[Segment]) {
    let wire: Vec<u8> = segments.iter().flat_map(|segment| segment.data().iter().copied()).collect();
    let frame = Frame::new(Bytes::from(wire));
    let (literals, error) = walk(side, &frame);
    let shown = show(frame.as_bytes());
    assert_eq!(error, None, "what an encoder wrote has no tokens: {shown}");
    let written: Vec<&[u8]> = segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Literal { data, .. } => Some(&data[..]),
            _ => None,
        })
        .collect();
    assert_eq!(literals, written, "other literals than those that were written: {shown}");
}

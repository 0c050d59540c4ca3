//! A second framer, for what an encoder wrote: it shares no code and no idea with the first.
//!
//! It reads tokens of a whole buffer one after the other, takes nothing that the grammar does not have, and
//! knows only two kinds of messages: those with free text (status responses, continuation requests), and
//! all others. Use it to ask whether encoded bytes are exactly one message.

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Commands.
    Client,
    /// Responses.
    Server,
}

/// Splits bytes into their messages.
///
/// # Errors
/// Says what is at which byte where the bytes are not a sequence of complete messages.
pub fn split(sender: Sender, bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut messages = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = end_of_message(sender, bytes, start)?;
        messages.push(&bytes[start..end]);
        start = end;
    }
    Ok(messages)
}

fn end_of_message(sender: Sender, bytes: &[u8], start: usize) -> Result<usize, String> {
    let mut at = start;
    if sender == Sender::Server
        && let Some(text) = start_of_text(&bytes[start..])
    {
        at = start + text;
        if bytes[at..].to_ascii_uppercase().starts_with(b"[BADCHARSET (") {
            // The one code with strings. It may also be any code of that name, so that a quote alone says nothing.
            at += "[BADCHARSET (".len();
            while !matches!(bytes.get(at), Some(b')' | b'\r' | b'\n' | 0) | None) {
                at = match bytes[at] {
                    b'{' => token(bytes, at)?,
                    b'"' => token(bytes, at).ok().filter(|end| is_string(bytes, at, *end)).unwrap_or(at + 1),
                    _ => at + 1,
                };
            }
        }
        let end = (at..bytes.len()).find(|&at| matches!(bytes[at], b'\r' | b'\n' | 0));
        let end = end.ok_or("text without an end")?;
        return if bytes[end..].starts_with(b"\r\n") {
            Ok(end + 2)
        } else {
            Err(format!("a byte of text at {end}"))
        };
    }
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [] => return Err("no line end".into()),
            [b'\r', b'\n', ..] => return Ok(at + 2),
            [b'\r' | b'\n' | 0, ..] => return Err(format!("a bare CR, LF or NUL at {at}")),
            _ => at = token(bytes, at)?,
        }
    }
}

/// Whether a quoted string of a list is at `at` to `end`: it stands between spaces or parentheses.
fn is_string(bytes: &[u8], at: usize, end: usize) -> bool {
    matches!(bytes[at - 1], b' ' | b'(') && matches!(bytes.get(end), Some(b' ' | b')'))
}

/// The end of the token at `at`: a quoted string, a literal, or any other byte.
fn token(bytes: &[u8], at: usize) -> Result<usize, String> {
    match bytes[at] {
        b'"' => {
            let mut end = at + 1;
            loop {
                match bytes.get(end) {
                    Some(b'"') => return Ok(end + 1),
                    Some(b'\\') => end += 2,
                    Some(b'\r' | b'\n' | 0) | None => return Err(format!("an open quote at {at}")),
                    Some(_) => end += 1,
                }
            }
        }
        b'{' => {
            let header = bytes[at..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            let size = std::str::from_utf8(header)
                .ok()
                .and_then(|header| header.strip_prefix('{')?.strip_suffix("}\r"))
                .and_then(|size| size.strip_suffix('+').unwrap_or(size).parse::<usize>().ok());
            let Some(size) = size else {
                // Only in parts that were received invalid and are sent on.
                return Ok(at + 1);
            };
            let end = at + header.len() + 1 + size;
            if end > bytes.len() { Err(format!("half a literal at {at}")) } else { Ok(end) }
        }
        _ => Ok(at + 1),
    }
}

/// Where the text of a status response or a continuation request begins.
fn start_of_text(message: &[u8]) -> Option<usize> {
    let line = message.split(|byte| *byte == b'\r').next()?;
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let first = words.next()?;
    if first == b"+" {
        return Some(2.min(line.len()));
    }
    let second = words.next()?;
    let is_status = ["OK", "NO", "BAD", "BYE", "PREAUTH"].iter().any(|status| second == status.as_bytes());
    is_status.then(|| (first.len() + second.len() + 2).min(line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_splits_what_is_right() {
        let client = b"A1 LOGIN {3}\r\na\r\n \"x{5}\"\r\nA2 NOOP\r\n";
        assert_eq!(split(Sender::Client, client).unwrap().len(), 2);
        let server = b"* OK [BADCHARSET ({1}\r\n) \"])\" {1}\r\n\")] {5}\r\n* 1 FETCH (BODY[] {2}\r\n\r\n)\r\n+ {3}\r\n+ \r\nA1 NO x\r\n";
        assert_eq!(split(Sender::Server, server).unwrap().len(), 5);
    }

    #[test]
    fn it_takes_nothing_else() {
        for wrong in ["A1 NOOP", "A1 \"x\r\n", "A1 {5}\r\nab\r\n", "A1 x\ny\r\n"] {
            assert!(split(Sender::Client, wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        assert!(split(Sender::Server, b"* OK a\nb\r\n").is_err());
    }
}

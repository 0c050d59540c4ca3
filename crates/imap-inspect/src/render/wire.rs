//! Bytes of the wire as a line of text.

/// Cuts `text` to at most `width` characters, the last of them `…` where something was cut.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Bytes as text: valid UTF-8 as it is, everything that would disturb a terminal escaped.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                c if !c.is_control() && !is_invisible(c) => text.push(c),
                c => match u8::try_from(c) {
                    Ok(byte) if byte.is_ascii() => text.push_str(&byte.escape_ascii().to_string()),
                    _ => text.extend(c.escape_unicode()),
                },
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&byte.escape_ascii().to_string()));
    }
    text
}

/// Characters that change the order of the text around them, or take no room.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A whole message on one line: its line end left out, its literals shown as their length, and cut to
/// `width` characters.
///
/// Reads no more of a long message than a line can show.
pub(crate) fn line(bytes: &[u8], width: usize) -> String {
    let mut text = String::new();
    let mut rest = trim_line_end(bytes);
    while !rest.is_empty() && text.len() <= width.saturating_mul(4) {
        let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at.saturating_add(1));
        let (part, after) = rest.split_at(end);
        match literal_length(part) {
            Some((header, length)) => {
                text.push_str(&escape(part.get(..header).unwrap_or_default()));
                text.push_str(&format!("{{{length} bytes}}"));
                rest = after.get(length.min(after.len())..).unwrap_or_default();
            }
            None => {
                text.push_str(&escape(part));
                rest = after;
            }
        }
    }
    shorten(&text, width)
}

/// The message without the CR and LF at its ends.
pub(crate) fn trim_line_end(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n' | 0)).unwrap_or(0);
    let bytes = bytes.get(start..).unwrap_or_default();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Where the literal header at the end of a line begins, and the length that it announces.
fn literal_length(line: &[u8]) -> Option<(usize, usize)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|&byte| byte == b'{')?;
    let digits = line.get(open.checked_add(1)?..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let length = core::str::from_utf8(digits).ok()?.parse().ok()?;
    let tilde = open.checked_sub(1).filter(|&at| line.get(at) == Some(&b'~'));
    Some((tilde.unwrap_or(open), length))
}

/// The line of `bytes` around `at`, escaped and cut to `width`, and the column of `at` in it.
pub(crate) fn excerpt(bytes: &[u8], at: usize, width: usize) -> (String, usize) {
    let at = at.min(bytes.len());
    let (before, after) = bytes.split_at(at);
    // An error at a line end belongs to the line before it.
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf.saturating_add(1));
    let end = after.iter().position(|&byte| matches!(byte, b'\r' | b'\n')).unwrap_or(after.len());
    let before = before.get(start..).unwrap_or_default();
    let before = escape(before.get(before.len().saturating_sub(width)..).unwrap_or_default());
    let after = escape(after.get(..end.min(width)).unwrap_or_default());
    let skip = before.chars().count().saturating_sub(width / 2);
    let mut text: String = before.chars().skip(skip).collect();
    if skip > 0 {
        text = text.chars().skip(1).collect();
        text.insert(0, '…');
    }
    let column = text.chars().count();
    text.push_str(&shorten(&after, width.saturating_sub(column)));
    (text, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_shown_as_their_length() {
        let message = b"a1 APPEND x {12}\r\nFrom: \r\n\r\nxx (\\Seen)\r\n";
        assert_eq!(line(message, 80), "a1 APPEND x {12 bytes} (\\Seen)");
        assert_eq!(line(b"* 1 FETCH (BINARY[1] ~{3}\r\n\0\0\0)\r\n", 80), "* 1 FETCH (BINARY[1] {3 bytes})");
        assert_eq!(line(b"* OK see {5}\r\n", 80), "* OK see {5}");
        assert_eq!(line(b"\r\n\0* OK x\n", 80), "* OK x");
    }

    #[test]
    fn terminals_are_safe_from_what_is_shown() {
        assert_eq!(escape(b"a\x1b[31m\r\xff\xc3\xa9"), "a\\x1b[31m\\r\\xffé");
        assert_eq!(escape("\u{202e}\u{85}".as_bytes()), "\\u{202e}\\u{85}");
    }

    #[test]
    fn the_caret_is_under_the_byte() {
        assert_eq!(excerpt(b"a2 FETCH 0 FLAGS\r\n", 9, 60), ("a2 FETCH 0 FLAGS".into(), 9));
        assert_eq!(excerpt(b"a2 FETCH\r\n", 8, 60), ("a2 FETCH".into(), 8));
        assert_eq!(excerpt(b"a {1}\r\nx y\r\n", 8, 60), ("x y".into(), 1));
        let long = [b'x'; 300];
        let (text, column) = excerpt(&long, 200, 60);
        assert_eq!((text.chars().count(), column), (60, 30));
        assert!(text.starts_with('…') && text.ends_with('…'));
    }
}

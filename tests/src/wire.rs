//! How tables write bytes.
//!
//! - `wire`: one message as it is read by people. Each newline becomes CRLF, and one CRLF is added at the
//!   end. A `\n` just after the `}` of a literal header is a newline too, so that a message with a literal
//!   fits on one line of the table: `'A1 LOGIN {5}\nalice {10}\nwonderland'`. No other escapes, so that flags
//!   need none.
//! - `bytes`: exact bytes with the escapes `\r`, `\n`, `\t`, `\0`, `\\`, `\xNN` and `\{N:text}`, which is `text`
//!   N times (the text holds no escape and no `}`); nothing is added.

/// The bytes of the notation `wire`.
#[must_use]
pub fn wire(text: &str) -> Vec<u8> {
    let mut bytes = text.replace("}\\n", "}\n").replace('\n', "\r\n").into_bytes();
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// The bytes of the notation `bytes`.
///
/// # Errors
/// Where a backslash begins no escape.
pub fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let escape = rest.next();
        if escape == Some(b'{') {
            let inside: Vec<u8> = rest.by_ref().take_while(|byte| *byte != b'}').collect();
            let (times, repeated) = std::str::from_utf8(&inside)
                .ok()
                .and_then(|inside| inside.split_once(':'))
                .and_then(|(times, repeated)| Some((times.parse::<usize>().ok()?, repeated)))
                .ok_or_else(|| format!("`\\{{` without `N:text}}` in {text:?}"))?;
            bytes.extend_from_slice(repeated.repeat(times).as_bytes());
            continue;
        }
        bytes.push(match escape {
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'0') => 0,
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let digits = [rest.next().unwrap_or(0), rest.next().unwrap_or(0)];
                std::str::from_utf8(&digits)
                    .ok()
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                    .ok_or_else(|| format!("`\\x` without two hexadecimal digits in {text:?}"))?
            }
            _ => {
                return Err(format!(
                    "`\\{}` is no escape (known: \\r \\n \\t \\0 \\\\ \\xNN \\{{N:text}}) in {text:?}",
                    char::from(escape.unwrap_or(b' '))
                ));
            }
        });
    }
    Ok(bytes)
}

/// Bytes as a table would write them, on one line.
#[must_use]
pub fn show(bytes: &[u8]) -> String {
    const LONGEST: usize = 600;
    let shown = bytes.get(..LONGEST).unwrap_or(bytes);
    let mut text: String = shown
        .iter()
        .map(|byte| match byte {
            b'"' | b'\'' => char::from(*byte).to_string(),
            byte => byte.escape_ascii().to_string(),
        })
        .collect();
    if shown.len() < bytes.len() {
        text.push_str(&format!(".. ({} bytes)", bytes.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_ends_in_one_line_end() {
        assert_eq!(wire("A1 NOOP"), b"A1 NOOP\r\n");
        assert_eq!(wire(r"A1 LOGIN {1}\na {1}\nb"), b"A1 LOGIN {1}\r\na {1}\r\nb\r\n");
        assert_eq!(wire("A1 LOGIN {1}\na b"), b"A1 LOGIN {1}\r\na b\r\n");
        assert_eq!(wire(r"* FLAGS (\new)"), b"* FLAGS (\\new)\r\n");
    }

    #[test]
    fn bytes_have_escapes() {
        assert_eq!(bytes(r"a\r\n\x00\\\xff").unwrap(), b"a\r\n\0\\\xff");
        assert_eq!(bytes(r"a\{3:bc}\r\n").unwrap(), b"abcbcbc\r\n");
        assert!(bytes(r"\{x:bc}").is_err());
        assert!(bytes(r"\Seen").is_err());
        assert!(bytes(r"\x4").is_err());
    }
}

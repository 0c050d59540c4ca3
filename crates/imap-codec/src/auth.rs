//! SASL: AUTHENTICATE, the lines of its exchange, and their base64.
//!
//! The base64 here is the strict one of RFC 4648 section 4: one form for each string of bytes. It takes the
//! table of RFC 4648 and forty lines, fewer than the configuration of a library that is as strict.

use alloc::vec::Vec;

use imap_types::{
    atom::Atom,
    chars::{self, Class},
    command::{AuthenticateData, CommandBody},
    octets::Octets,
    secret::Secret,
};

use crate::{
    atom::atom,
    cursor::{Input, Parsed, sp},
    error::{EncodeError, Expect, expected},
    writer::Writer,
};

/// The arguments of AUTHENTICATE.
///
/// ```abnf
/// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)     ; RFC 9051 section 9
/// auth-type    = atom
/// initial-resp = (base64 / "=")
/// ```
///
/// `base64` may be empty, so a space at the end is an empty initial response, like `=`.
pub(crate) fn authenticate(i: Input<'_>) -> Parsed<'_, CommandBody> {
    let (i, ()) = sp(i)?;
    let (i, mechanism) = match atom(i) {
        Ok(read) => read,
        Err(_) => return i.fail(expected!("auth-type", "the name of a SASL mechanism")),
    };
    if !i.next_is(b' ') {
        return Ok((i, CommandBody::Authenticate { mechanism, initial_response: None }));
    }
    let i = i.skip(1);
    let (i, response) = match i.rest() {
        [b'=', b'\r' | b'\n', ..] | [b'='] => (i.skip(1), Octets::EMPTY),
        //= rfc9051#section-6.2.2
        //# the initial response MUST be encoded as base64.
        //= rfc9051#section-6.2.2
        //# It also MUST be transmitted outside of a quoted string or literal.
        _ => base64(i)?,
    };
    Ok((i, CommandBody::Authenticate { mechanism, initial_response: Some(Secret::new(response)) }))
}

/// A line of the client in the exchange.
///
/// ```abnf
/// authenticate = .. *(CRLF base64)     ; RFC 9051 section 9; `*` gives up, section 6.2.2
/// ```
pub(crate) fn authenticate_data(i: Input<'_>) -> Parsed<'_, AuthenticateData> {
    if i.next_is(b'*') {
        return Ok((i.skip(1), AuthenticateData::Cancel));
    }
    let (i, response) = base64(i)?;
    Ok((i, AuthenticateData::Response(Secret::new(response))))
}

/// ```abnf
/// base64          = *(4base64-char) [base64-terminal]               ; RFC 9051 section 9
/// base64-char     = ALPHA / DIGIT / "+" / "/"
/// base64-terminal = (2base64-char "==") / (3base64-char "=")
/// ```
///
/// Decoded. Canonical: the bits that padding leaves over are zero (RFC 4648 section 3.5).
pub(crate) fn base64(i: Input<'_>) -> Parsed<'_, Octets> {
    match decode_base64(i.rest()) {
        // Nothing comes after base64 but spaces that the decoder overlooks.
        Ok((bytes, len)) if matches!(i.skip(len).peek(), None | Some(b' ' | b'\r' | b'\n')) => {
            Ok((i.skip(len), Octets::from(bytes)))
        }
        Ok((_, len)) => i.skip(len).fail(expected!("base64", "a character of base64")),
        Err((at, expect)) => i.skip(at).fail(expect),
    }
}

/// The bytes of the base64 at the start of `text`, and how long it is; or where it is wrong.
pub(crate) fn decode_base64(text: &[u8]) -> Result<(Vec<u8>, usize), (usize, &'static Expect)> {
    let len = chars::run(Class::BASE64_CHAR, text);
    let (digits, end) = text.split_at(len);
    let mut bytes = Vec::with_capacity(len.div_ceil(4).saturating_mul(3));
    let mut quads = digits.chunks_exact(4);
    for quad in &mut quads {
        let word = quad.iter().fold(0_u32, |word, byte| (word << 6) | sextet(*byte));
        bytes.extend(word.to_be_bytes().iter().skip(1));
    }
    let last = quads.remainder();
    let (padding, octets) = match last {
        [] => return Ok((bytes, len)),
        [_] => return Err((len, expected!("base64", "a group of four characters"))),
        [_, _] => (b"==".as_slice(), 1),
        _ => (b"=".as_slice(), 2),
    };
    if !end.starts_with(padding) {
        return Err((len, expected!("base64", "a group of four characters, filled up with `=`")));
    }
    let word = last.iter().fold(0_u32, |word, byte| (word << 6) | sextet(*byte));
    let [_, bits @ ..] = (word << if octets == 1 { 12 } else { 6 }).to_be_bytes();
    if bits.iter().skip(octets).any(|left_over| *left_over != 0) {
        let at = len.saturating_sub(1);
        return Err((at, expected!("base64", "zero in the bits that `=` leaves over")));
    }
    bytes.extend(bits.iter().take(octets));
    Ok((bytes, len.saturating_add(padding.len())))
}

/// The six bits that a character of [`Class::BASE64_CHAR`] stands for.
const fn sextet(byte: u8) -> u32 {
    let bits = match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        _ => 63,
    };
    bits as u32
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Writer<'_> {
    /// `authenticate`, after the word.
    pub(crate) fn authenticate_arguments(
        &mut self,
        mechanism: &Atom,
        response: Option<&Secret<Octets>>,
    ) -> Result<(), EncodeError> {
        self.sp();
        self.bytes(mechanism.as_bytes());
        match response.map(|response| response.expose().as_bytes()) {
            None => {}
            //= rfc9051#section-6.2.2
            //# To send a zero-length initial response, the client MUST send a single pad character ("=").
            Some([]) => self.bytes(b" ="),
            Some(response) => {
                self.sp();
                self.secret(|w| {
                    w.base64(response);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// A line of the client in the exchange, without its end.
    pub(crate) fn authenticate_data(&mut self, data: &AuthenticateData) -> Result<(), EncodeError> {
        match data {
            AuthenticateData::Response(response) => self.secret(|w| {
                w.base64(response.expose().as_bytes());
                Ok(())
            }),
            AuthenticateData::Cancel => {
                self.bytes(b"*");
                Ok(())
            }
        }
    }

    /// `base64` of `bytes`.
    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        for group in bytes.chunks(3) {
            let word = (0..3).fold(0_u32, |word, place| {
                (word << 8) | u32::from(group.get(place).copied().unwrap_or_default())
            });
            for place in 0..4_usize {
                if place > group.len() {
                    self.bytes(b"=");
                    continue;
                }
                let shift = 18_usize.saturating_sub(place.saturating_mul(6));
                // OK because six bits are below 64.
                let bits = (word >> shift) as usize & 63;
                self.bytes(ALPHABET.get(bits..bits.saturating_add(1)).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec};

    use super::*;
    use crate::{
        DecodeOptions, Side,
        cursor::Context,
        frame::{AsParts as _, Frame},
        profile::EncodeProfile,
    };

    fn read(text: &'static [u8]) -> Result<(Vec<u8>, usize), usize> {
        let (frame, options) = (Frame::from_static(text), DecodeOptions::strict());
        let cx = Context::new(frame.parts(), &options, Side::Client);
        match base64(cx.input()) {
            Ok((i, octets)) => Ok((octets.as_bytes().to_vec(), i.at())),
            Err(nom::Err::Error(fault)) => Err(fault.at as usize),
            Err(_) => Err(usize::MAX),
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648_read_and_write() {
        let vectors: [(&[u8], &'static [u8]); 7] = [
            (b"", b""),
            (b"f", b"Zg=="),
            (b"fo", b"Zm8="),
            (b"foo", b"Zm9v"),
            (b"foob", b"Zm9vYg=="),
            (b"fooba", b"Zm9vYmE="),
            (b"foobar", b"Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(read(text), Ok((bytes.to_vec(), text.len())), "{}", String::from_utf8_lossy(text));
            let profile = EncodeProfile::client();
            let mut writer = Writer::new(&profile);
            writer.base64(bytes);
            let sent = writer.finish().map(|encoded| encoded.to_bytes());
            assert_eq!(sent, Ok([text, b"\r\n"].concat().into()));
        }
        assert_eq!(read(b"+/+/"), Ok((vec![0xfb, 0xff, 0xbf], 4)));
    }

    #[test]
    fn what_is_not_canonical_is_refused_at_the_byte() {
        for (text, at) in
            [(b"Z".as_slice(), 1), (b"Zg", 2), (b"Zg=", 2), (b"Zh==", 1), (b"Zm9=", 2), (b"Zm9vZ\r\n", 5)]
        {
            assert_eq!(read(text), Err(at), "{}", String::from_utf8_lossy(text));
        }
    }
}

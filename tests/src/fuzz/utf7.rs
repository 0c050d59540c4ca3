//! Mailbox names in modified UTF-7, beside an implementation that is as short as the rule.

use imap_codec::{
    DecodeOptions, decode_command, encode_command,
    frame::Frame,
    profile::{EncodeProfile, Literals},
};
use imap_types::{
    command::{Command, CommandBody},
    mailbox::{Mailbox, NameEncoding},
    utf7::{decode, encode},
};

use crate::{alloc, wire::show};

/// The bytes of a name, and once more as text that is to become a name.
pub fn utf7(bytes: &[u8]) {
    as_a_name(bytes);
    as_text(&String::from_utf8_lossy(bytes));
    // The same as UTF-16, which has more text above ASCII, and surrogates without their halves.
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    as_text(&String::from_utf16_lossy(&units));
}

fn as_a_name(name: &[u8]) {
    let (read, peak) = alloc::peak(|| decode(name));
    assert!(peak <= 4 * name.len() + 64, "{peak} bytes held for {}", name.len());
    match &read {
        Ok(text) => {
            assert_eq!(reference::decode(name).as_ref(), Some(text), "{}", show(name));
            assert_eq!(encode(text).as_bytes(), name, "two names of {text:?}");
        }
        Err(error) => {
            assert_eq!(reference::decode(name), None, "{error}: {}", show(name));
            assert!(error.at <= name.len(), "{error}: {}", show(name));
        }
    }
    if let Ok(mailbox) = Mailbox::try_from(name) {
        assert_eq!(mailbox.to_unicode(NameEncoding::ModifiedUtf7).ok(), read.ok(), "{}", show(name));
    }
}

fn as_text(text: &str) {
    let name = encode(text);
    assert_eq!(name, reference::encode(text), "{text:?}");
    assert_eq!(decode(name.as_bytes()).as_deref(), Ok(text), "{name}");
    assert!(name.bytes().all(|byte| matches!(byte, 0x20..=0x7e)), "{name:?}");
    for encoding in [NameEncoding::ModifiedUtf7, NameEncoding::Utf8] {
        let Ok(mailbox) = Mailbox::from_unicode(text, encoding) else { continue };
        assert_eq!(mailbox.to_unicode(encoding).as_deref(), Ok(text), "{mailbox:?}");
        on_the_wire(mailbox);
    }
}

/// A name that can be sent arrives as it was.
fn on_the_wire(mailbox: Mailbox) {
    let Ok(command) = Command::new("A1", CommandBody::Delete(mailbox.clone())) else { return };
    let mut every_form = EncodeProfile::client();
    (every_form.literals, every_form.utf8) = (Literals::NonSynchronizing, true);
    for profile in [EncodeProfile::client(), every_form] {
        let Ok(encoded) = encode_command(&command, &profile) else { continue };
        let frame = Frame::new(encoded.to_bytes());
        let mut options = DecodeOptions::strict();
        options.limits.argument_literal = usize::MAX;
        let arrived = decode_command(&frame, &options).expect("what was sent is read").value;
        let CommandBody::Delete(name) = &arrived.body else { panic!("another command: {arrived:?}") };
        assert_eq!(name.as_bytes(), mailbox.as_bytes(), "another name arrives");
        assert_eq!(*name, mailbox, "another mailbox arrives");
    }
}

/// The rule without a thought of speed: base64 as a row of bits, and a name is right where it is the one that would have
/// been made of what it says.
mod reference {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    pub(super) fn encode(text: &str) -> String {
        let mut name = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let plain = |c: char| (' '..='~').contains(&c);
            let end = rest.find(|c| plain(c) != plain(first)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            if plain(first) {
                name += &run.replace('&', "&-");
            } else {
                let mut bits: String = run.encode_utf16().map(|unit| format!("{unit:016b}")).collect();
                bits += &"0".repeat((6 - bits.len() % 6) % 6);
                let sextets = bits.as_bytes().chunks(6).map(|bits| {
                    let value = bits.iter().fold(0, |value, bit| value * 2 + usize::from(bit - b'0'));
                    &LETTERS[value..=value]
                });
                name += &format!("&{}-", sextets.collect::<String>());
            }
            rest = after;
        }
        name
    }

    pub(super) fn decode(name: &[u8]) -> Option<String> {
        let name = std::str::from_utf8(name).ok()?;
        let mut text = String::new();
        let mut parts = name.split('&');
        text += parts.next()?;
        for part in parts {
            let (run, plain) = part.split_once('-')?;
            if run.is_empty() {
                text.push('&');
            }
            let sextets = run.chars().map(|letter| LETTERS.find(letter).map(|value| format!("{value:06b}")));
            let bits = sextets.collect::<Option<String>>()?;
            let units: Result<Vec<u16>, _> = bits
                .as_bytes()
                .chunks_exact(16)
                .map(|unit| u16::from_str_radix(std::str::from_utf8(unit).expect("digits"), 2))
                .collect();
            text += &String::from_utf16(&units.ok()?).ok()?;
            text += plain;
        }
        (encode(&text) == name).then_some(text)
    }
}

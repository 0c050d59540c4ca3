//! The dictionary for libFuzzer: the words of the grammar files, and some shapes that are no words.

use std::{fmt::Write as _, fs, path::Path};

use imap_tests::{golden::updating, oracle::keywords};

/// What the rules describe without naming it.
const SHAPES: &[&[u8]] = &[
    b"A1 ",
    b"* ",
    b"+ ",
    b"* OK [",
    b"UID FETCH",
    b"CAPABILITY IMAP4rev1",
    b"+FLAGS.SILENT",
    b"-FLAGS.SILENT",
    b"BODY.PEEK[",
    b"HEADER.FIELDS.NOT (",
    b"\\*",
    b"$",
    b"(",
    b")",
    b"((",
    b"))",
    b"[",
    b"]",
    b"1:*",
    b"1:4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551615",
    b"-1:-100",
    b"{0}\r\n",
    b"{1}\r\n",
    b"{1+}\r\n",
    b"~{1}\r\n",
    b"~{1+}\r\n",
    b"{5}",
    b"<0>",
    b"<0.10>",
    b"\"\"",
    b"\"\\\\\"",
    b"\r\n",
    b"\n",
    b"\0",
    b"\xc3\xa9",
    b"&AOk-",
    b"&-",
    b"01-Jan-2020",
    b"\" 1-Jan-2020 00:00:00 +0000\"",
    b"%",
    b"*",
    b"=",
    b"AAAA",
    b"QQ==",
    b"message",
    b"multipart",
    b"mixed",
    b"DONE",
    b"X-GM-LABELS",
];

fn line(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(*byte));
            }
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => write!(text, "\\x{byte:02x}").expect("a string"),
        }
    }
    text + "\"\n"
}

#[test]
fn the_dictionary_holds_the_words_of_the_grammar() {
    let mut text = String::from(
        "# Words for libFuzzer, printed from the grammar files:\n\
         # UPDATE_GOLDEN=1 cargo test -p imap-tests --test abnf dictionary\n",
    );
    // One byte is no word.
    let words = keywords();
    words.keys().filter(|word| word.len() > 1).for_each(|word| text += &line(word.as_bytes()));
    text += "# What the rules describe without naming it.\n";
    SHAPES.iter().for_each(|shape| text += &line(shape));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/imap.dict");
    if updating() {
        fs::write(&path, text).expect("the dictionary is written");
        return;
    }
    let frozen = fs::read_to_string(&path).expect("fuzz/imap.dict");
    let differs = frozen.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        frozen == text,
        "fuzz/imap.dict is not what the grammar files say (first difference in line {:?}); UPDATE_GOLDEN=1 rewrites it",
        differs.map(|at| at + 1)
    );
}

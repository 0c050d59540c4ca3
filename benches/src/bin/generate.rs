//! Writes the inputs of the bench: `cargo run --release --bin generate`.
//!
//! The same bytes every time: a seeded generator of our own, no clock. The files are committed, so this needs to run
//! only when the inputs are to change.

#[path = "../captured.rs"]
mod captured;
#[path = "../made.rs"]
mod made;

use std::{fmt::Write as _, fs, io, path::Path};

use made::{
    FAMILY, GIVEN, HOSTS, MONTHS, Rng, WORDS, envelope, flags, internal_date, message_id, token, words,
};

fn main() -> io::Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    fs::create_dir_all(&data)?;
    for (name, bytes) in [
        ("fetch_full.imap", messages(64, fetch_full)),
        ("fetch_flags.imap", messages(256, fetch_flags)),
        ("list.imap", messages(256, list)),
        ("search.imap", search(100_000)),
        ("esearch.imap", esearch(10_000)),
        ("body.imap", messages(4, body)),
        ("commands.imap", commands(128)),
    ] {
        println!("{name}: {} bytes", bytes.len());
        fs::write(data.join(name), bytes)?;
    }
    captured::write(&data)
}

fn messages(count: usize, one: fn(&mut Rng, usize, &mut String)) -> Vec<u8> {
    let mut rng = Rng(count as u64 ^ 0x1a9b);
    let mut out = String::new();
    for n in 0..count {
        one(&mut rng, n, &mut out);
        out.push_str("\r\n");
    }
    out.into_bytes()
}

fn text_part(rng: &mut Rng, subtype: &str) -> String {
    let charset = rng.pick(&["utf-8", "us-ascii", "iso-8859-1", "UTF-8"]);
    let format = if rng.chance(30) { " \"format\" \"flowed\"" } else { "" };
    let encoding = rng.pick(&["7bit", "quoted-printable", "8bit", "base64"]);
    let disposition = if rng.chance(15) { "(\"inline\" NIL)" } else { "NIL" };
    format!(
        "(\"text\" \"{subtype}\" (\"charset\" \"{charset}\"{format}) NIL NIL \"{encoding}\" {} {} NIL {disposition} NIL NIL)",
        rng.within(20, 60_000),
        rng.within(1, 1_200)
    )
}

fn attachment(rng: &mut Rng) -> String {
    let (media, subtype, end) = rng.pick(&[
        ("application", "pdf", "pdf"),
        ("image", "jpeg", "jpg"),
        ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("image", "png", "png"),
        ("application", "octet-stream", "bin"),
    ]);
    let name = format!("{}.{end}", words(rng, 1, 3).replace(' ', "_"));
    let id = if rng.chance(40) { message_id(rng) } else { "NIL".to_owned() };
    format!(
        "(\"{media}\" \"{subtype}\" (\"name\" \"{name}\") {id} NIL \"base64\" {} NIL (\"attachment\" (\"filename\" \"{name}\" \"size\" \"{}\")) NIL NIL)",
        rng.within(900, 4_000_000),
        rng.within(700, 3_000_000)
    )
}

fn multipart(rng: &mut Rng, parts: &str, subtype: &str) -> String {
    format!("({parts} \"{subtype}\" (\"boundary\" \"----=_Part_{}\") NIL NIL NIL)", token(rng, 18))
}

fn alternative(rng: &mut Rng) -> String {
    let parts = format!("{}{}", text_part(rng, "plain"), text_part(rng, "html"));
    multipart(rng, &parts, "alternative")
}

fn body_structure(rng: &mut Rng) -> String {
    match rng.within(0, 9) {
        0..=3 => text_part(rng, "plain"),
        4..=6 => alternative(rng),
        7 => {
            let parts = format!("{}{}", text_part(rng, "plain"), attachment(rng));
            multipart(rng, &parts, "mixed")
        }
        8 => {
            let mut parts = alternative(rng);
            parts.push_str(&attachment(rng));
            multipart(rng, &parts, "mixed")
        }
        _ => {
            // A forwarded message.
            let inner = format!(
                "(\"message\" \"rfc822\" NIL NIL \"fwd\" \"7bit\" {} {} {} {} NIL (\"inline\" NIL) NIL NIL)",
                rng.within(2_000, 90_000),
                envelope(rng),
                alternative(rng),
                rng.within(40, 2_000)
            );
            let parts = format!("{}{inner}", text_part(rng, "plain"));
            multipart(rng, &parts, "mixed")
        }
    }
}

fn fetch_full(rng: &mut Rng, n: usize, out: &mut String) {
    let (flags, date, size) = (flags(rng), internal_date(rng), rng.within(700, 6_000_000));
    let (envelope, body) = (envelope(rng), body_structure(rng));
    write!(
        out,
        "* {} FETCH (UID {} FLAGS ({flags}) INTERNALDATE \"{date}\" RFC822.SIZE {size} ENVELOPE {envelope} BODYSTRUCTURE {body})",
        n + 1,
        n * 3 + 4_000
    )
    .expect("a String takes it");
}

fn fetch_flags(rng: &mut Rng, n: usize, out: &mut String) {
    let flags = flags(rng);
    let (sequence, uid) = (n as u64 * 37 + rng.within(1, 30), n as u64 * 913 + rng.within(1, 900));
    write!(out, "* {sequence} FETCH (UID {uid} FLAGS ({flags}))").expect("a String takes it");
}

fn list(rng: &mut Rng, n: usize, out: &mut String) {
    let attributes = match n % 7 {
        0 => rng.pick(&["\\HasNoChildren \\Sent", "\\HasNoChildren \\Drafts", "\\HasNoChildren \\Junk"]),
        1 => "\\HasChildren \\Noselect",
        2 => "",
        3 => "\\HasChildren \\Subscribed",
        _ => "\\HasNoChildren",
    };
    let depth = rng.within(1, 4);
    let name = (0..depth).map(|_| rng.pick(WORDS).replace(['.', ':'], "")).collect::<Vec<_>>().join("/");
    let name = match n % 5 {
        0 => format!("\"{} {name}\"", rng.pick(FAMILY)),
        1 => format!("Archiv/{}/&APw-ber {n}", rng.within(2001, 2026)).replace(' ', "-"),
        2 => format!("\"{name}\""),
        _ => name,
    };
    write!(out, "* LIST ({attributes}) \"/\" {name}").expect("a String takes it");
}

fn search(count: usize) -> Vec<u8> {
    let mut rng = Rng(7);
    let mut out = String::from("* SEARCH");
    let mut uid = 0;
    for _ in 0..count {
        uid += if rng.chance(70) { 1 } else { rng.within(2, 60) };
        write!(out, " {uid}").expect("a String takes it");
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// Ranges and single UIDs, as a server sends them for a search in a mailbox that was cleaned up now and then.
fn esearch(count: usize) -> Vec<u8> {
    let mut rng = Rng(11);
    let mut out = String::from("* ESEARCH (TAG \"A282\") UID ALL ");
    let mut uid = 4000;
    for n in 0..count {
        let comma = if n == 0 { "" } else { "," };
        uid += rng.within(2, 60);
        write!(out, "{comma}{uid}").expect("a String takes it");
        if rng.chance(80) {
            uid += rng.within(1, 900);
            write!(out, ":{uid}").expect("a String takes it");
        }
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// A literal of 64 KiB: headers and lines of base64.
fn body(rng: &mut Rng, n: usize, out: &mut String) {
    let size = 64 * 1024;
    let mut text = format!("Subject: {}\r\nContent-Transfer-Encoding: base64\r\n\r\n", words(rng, 3, 7));
    while text.len() < size {
        text.push_str(&token(rng, 76));
        text.push_str("\r\n");
    }
    text.truncate(size);
    write!(out, "* {} FETCH (UID {} BODY[] {{{size}}}\r\n{text})", n + 1, n + 70).expect("a String takes it");
}

fn set(rng: &mut Rng) -> String {
    let count = rng.within(1, 6);
    let mut at = 0;
    let mut parts = Vec::new();
    for _ in 0..count {
        let start = at + rng.within(1, 90);
        if rng.chance(50) {
            parts.push(start.to_string());
            at = start;
        } else {
            at = start + rng.within(1, 400);
            parts.push(format!("{start}:{at}"));
        }
    }
    if rng.chance(15) {
        parts.push(format!("{}:*", at + 2));
    }
    parts.join(",")
}

/// What a mail client sends in a day, in about those proportions.
fn commands(count: usize) -> Vec<u8> {
    let mut rng = Rng(99);
    let mut out = String::new();
    for n in 0..count {
        let rng = &mut rng;
        let body = match n % 32 {
            0 => {
                format!("LOGIN {}@{} \"{}\"", rng.pick(GIVEN).to_lowercase(), rng.pick(HOSTS), token(rng, 16))
            }
            1 => "CAPABILITY".to_owned(),
            2 => "LIST \"\" \"*\"".to_owned(),
            3 | 4 => format!("SELECT \"{}\"", words(rng, 1, 3)),
            5 => "EXAMINE INBOX".to_owned(),
            6..=8 => format!("UID FETCH {} (UID FLAGS)", set(rng)),
            9..=11 => {
                format!("UID FETCH {} (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", set(rng))
            }
            12..=14 => format!("UID FETCH {} (UID BODY.PEEK[])", rng.within(1, 90_000)),
            15 => format!(
                "UID FETCH {} (BODY.PEEK[HEADER.FIELDS (Date From To Cc Subject Message-ID References)])",
                set(rng)
            ),
            16 => format!("FETCH {} BODY[1.2.MIME]<0.2048>", rng.within(1, 500)),
            17..=19 => format!("UID STORE {} +FLAGS.SILENT (\\Seen)", set(rng)),
            20 => format!("UID STORE {} -FLAGS (\\Flagged $Forwarded)", set(rng)),
            21 => format!("UID COPY {} \"Archive/{}\"", set(rng), rng.within(2001, 2026)),
            22 => "UID SEARCH UNSEEN NOT DELETED".to_owned(),
            23 => format!(
                "UID SEARCH OR FROM \"{}\" SUBJECT \"{}\" SINCE {}-{}-{}",
                rng.pick(FAMILY),
                words(rng, 1, 3),
                rng.within(1, 28),
                rng.pick(MONTHS),
                rng.within(2004, 2026)
            ),
            24 => format!("UID SEARCH UID {} (FLAGGED LARGER {})", set(rng), rng.within(10_000, 900_000)),
            25 => format!("STATUS \"{}\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)", words(rng, 1, 2)),
            26 => {
                let text = format!("Subject: {}\r\n\r\n{}\r\n", words(rng, 2, 5), words(rng, 10, 60));
                format!("APPEND Sent (\\Seen) \"{}\" {{{}+}}\r\n{text}", internal_date(rng), text.len())
            }
            27 => format!("CREATE \"{}\"", words(rng, 1, 3)),
            28 => "NOOP".to_owned(),
            29 => "IDLE".to_owned(),
            30 => "EXPUNGE".to_owned(),
            _ => "LOGOUT".to_owned(),
        };
        write!(out, "A{:03} {body}\r\n", n + 1).expect("a String takes it");
    }
    out.into_bytes()
}

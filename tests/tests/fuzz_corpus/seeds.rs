//! The seeds of the fuzz targets: from the known-answer tables one for each topic and side, from the captures one for
//! each side of each.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use imap_codec::Side;
use imap_tests::{corpus, rng::Rng, table};

use crate::folder;

/// A seed by its target and its name.
type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

/// Larger messages, and streams, are for the tests that are about size.
const LARGEST: (usize, usize) = (4096, 65536);

/// Writes the seeds of the tables where they are committed, or those of the captures too where `SEED_FOLDER` says.
pub(crate) fn write() {
    let mut seeds = Seeds::new();
    of_tables(&mut seeds);
    of_numbers(&mut seeds);
    of_sessions(&mut seeds);
    let elsewhere = env::var_os("SEED_FOLDER").map(PathBuf::from);
    if elsewhere.is_some() {
        of_captures(&mut seeds);
    }
    for ((target, name), bytes) in seeds {
        let folder = elsewhere.as_ref().map_or_else(|| folder("corpus", target), |root| root.join(target));
        fs::create_dir_all(&folder).expect("a folder that can be made");
        fs::write(folder.join(name), bytes).expect("a file that can be written");
    }
}

/// A stream of one side, for each target that takes one, with the bytes before it that say how it is read.
fn stream(seeds: &mut Seeds, side: Side, name: &str, bytes: &[u8]) {
    let (target, side) = match side {
        Side::Client => ("command", 0_u8),
        Side::Server => ("response", 1),
    };
    seeds.entry((target, name.to_owned())).or_default().extend_from_slice(bytes);
    // At limits that most messages keep, see `fuzz::framer`.
    let limits: &[u8] = &[side | 2, 7, 255, 250, 250, 255, 255, 255, 9];
    let targets =
        [("frame_split", &[side, 7][..]), ("token", &[side]), ("differential", &[side]), ("framer", limits)];
    for (target, before) in targets {
        seeds
            .entry((target, format!("{name}_{}", ["command", "response"][usize::from(side)])))
            .or_insert_with(|| before.to_vec())
            .extend_from_slice(bytes);
    }
}

/// Each seed whole is a stream; the messages of a table follow each other in it.
fn of_tables(seeds: &mut Seeds) {
    let grammar = table::grammar()
        .into_iter()
        .map(|table| (table.topic, table.cases.into_iter().map(|case| case.input).collect::<Vec<_>>()));
    let malformed = table::malformed().into_iter().map(|table| {
        (format!("bad_{}", table.topic), table.cases.into_iter().map(|case| case.input).collect::<Vec<_>>())
    });
    let (mut sets, mut names) = (Vec::new(), Vec::new());
    for (topic, inputs) in grammar.chain(malformed) {
        for input in inputs.iter().filter(|input| input.bytes.len() <= LARGEST.0) {
            let side = match input.from {
                table::From::Client => Side::Client,
                table::From::Server | table::From::Greeting => Side::Server,
            };
            stream(seeds, side, &topic, &input.bytes);
            if input.from == table::From::Greeting {
                let greetings = seeds.entry(("greeting", topic.clone())).or_default();
                greetings.extend_from_slice(&input.bytes);
            }
            words(&mut sets, &mut names, &input.bytes);
        }
    }
    // These are short: the seeds are numbered, and say in which mailbox a set is.
    for words in [&mut sets, &mut names] {
        words.sort();
        words.dedup();
    }
    for (at, name) in names.into_iter().enumerate() {
        seeds.insert(("utf7", format!("name_{at:02}")), name);
    }
    for (at, set) in sets.iter().enumerate() {
        seeds.insert(("sequence_set", format!("set_{at:02}")), [&[at as u8], &set[..]].concat());
    }
}

/// What of a message is a set of numbers, or a name with base64 in it.
fn words(sets: &mut Vec<Vec<u8>>, names: &mut Vec<Vec<u8>>, message: &[u8]) {
    for word in message.split(|byte| matches!(byte, b' ' | b'(' | b')' | b'"' | b'\r' | b'\n')) {
        let is_set = word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b',' | b'*' | b'$'));
        if is_set && word.iter().any(|byte| matches!(byte, b':' | b',' | b'*' | b'$')) && word.len() < 80 {
            sets.push(word.to_vec());
        }
        if word.contains(&b'&') && word.iter().all(u8::is_ascii) {
            names.push(word.to_vec());
        }
    }
}

/// What values are made from: any numbers, one seed for each kind.
fn of_numbers(seeds: &mut Seeds) {
    let mut add = |target, name: &str, first: &[u8], len: usize| {
        let mut random = Rng::of(name);
        let more = (0..len).map(|_| random.below(256) as u8);
        seeds.insert((target, name.to_owned()), first.iter().copied().chain(more).collect());
    };
    for (kind, name) in ["command", "command_more", "response", "greeting"].into_iter().enumerate() {
        add("value", name, &[kind as u8], 399);
    }
    for (side, name) in ["commands", "responses"].into_iter().enumerate() {
        add("token", name, &[side as u8 | 2], 600);
        add("framer", name, &[side as u8, 7], 600);
    }
    for (text, name) in ["台北/日本語 & Entwürfe", "🙂\u{ffff}\u{10ffff}x"].into_iter().zip(["text", "pairs"])
    {
        add("utf7", name, text.as_bytes(), 0);
    }
    let utf16: Vec<u8> = "a台北🙂é".encode_utf16().flat_map(u16::to_be_bytes).collect();
    add("utf7", "utf16", &utf16, 0);
    add("sequence_set", "bounds", &[], 49);
}

/// What real sessions sent.
fn of_captures(seeds: &mut Seeds) {
    for capture in corpus::captures() {
        let name = capture.file.replace(['/', '.'], "_");
        for side in [Side::Client, Side::Server] {
            let mut bytes = capture.stream(side);
            bytes.truncate(LARGEST.1 - 16);
            stream(seeds, side, &name, &bytes);
        }
        let first = capture.stream(Side::Server);
        let greeting = first.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        seeds.insert(("greeting", name), greeting.to_vec());
    }
}

/// Sessions: operations between which the messages of the tables come, one seed a topic.
fn of_sessions(seeds: &mut Seeds) {
    for (kind, table) in table::grammar().into_iter().enumerate() {
        let mut rng = Rng::of(&table.topic);
        let op = |seed: &mut Vec<u8>, op: u8, bytes: &[u8]| {
            seed.extend([op, bytes.len() as u8]);
            seed.extend_from_slice(bytes);
        };
        let mut client = vec![(kind as u8) & 0x7f];
        let mut server = vec![kind as u8 | 32];
        let mut observer = Vec::new();
        op(&mut client, 0, b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE ENABLE LITERAL+] hi");
        client.extend([6, 6]);
        op(&mut client, 0, b"* FLAGS (\\Seen)\r\n* 9 EXISTS\r\na1 OK [READ-WRITE] selected");
        op(&mut server, 0, b"s SELECT INBOX");
        server.extend([6, 0]);
        op(&mut observer, 1, b"* PREAUTH hi");
        for case in table.cases.iter().filter(|case| case.input.bytes.len() < 250) {
            let line = case.input.bytes.strip_suffix(b"\r\n").unwrap_or(&case.input.bytes);
            match case.input.from {
                table::From::Client => {
                    op(&mut server, 0, line);
                    server.extend([6 + (rng.below(4) as u8), rng.below(256) as u8]);
                    op(&mut observer, 0, line);
                }
                table::From::Server | table::From::Greeting => {
                    op(&mut client, 0, line);
                    client.extend([6 + (rng.below(6) as u8), rng.below(256) as u8]);
                    op(&mut observer, 1, line);
                }
            }
        }
        seeds.insert(("client_ops", table.topic.clone()), client);
        seeds.insert(("server_ops", table.topic.clone()), server);
        seeds.insert(("observer", table.topic.clone()), observer);
        if kind < 8 {
            let bytes: Vec<u8> = (0..308).map(|_| rng.below(256) as u8).collect();
            seeds.insert(("pair", table.topic), bytes);
        }
    }
}

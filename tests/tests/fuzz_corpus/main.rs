//! Replays what is committed for the fuzz targets, on any toolchain.
//!
//! `UPDATE_CORPUS=1` makes the seeds anew from the known-answer tables: one for each topic and side.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use imap_tests::{fuzz, rng::Rng, table};

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 8] = [
    ("command", fuzz::command),
    ("response", fuzz::response),
    ("frame_split", fuzz::frame_split),
    ("value", fuzz::value),
    ("client_ops", fuzz::client_ops),
    ("server_ops", fuzz::server_ops),
    ("observer", fuzz::observer),
    ("pair", fuzz::pair),
];

#[global_allocator]
static ALLOCATOR: imap_tests::alloc::Counting = imap_tests::alloc::Counting;

fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(kind).join(target)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder that can be read").path()).collect();
    files.sort();
    files
}

#[test]
fn the_corpus_breaks_nothing() {
    if env::var_os("UPDATE_CORPUS").is_some() {
        seed();
    }
    for (target, run) in TARGETS {
        let mut count = 0_usize;
        for file in files(&folder("corpus", target)).into_iter().chain(files(&folder("regressions", target)))
        {
            println!("{}", file.display());
            run(&fs::read(&file).expect("a file that can be read"));
            count += 1;
        }
        assert!(count > 0, "{target} has no corpus");
    }
}

/// The seeds of sessions, changed at random: a share of what the fuzzer does, on any toolchain.
#[test]
fn sessions_bear_changed_seeds() {
    let most = env::var("CHANGED_SEEDS").ok().and_then(|most| most.parse().ok()).unwrap_or(400);
    for (target, run) in TARGETS.into_iter().skip(4) {
        let seeds: Vec<Vec<u8>> = files(&folder("corpus", target))
            .iter()
            .map(|file| fs::read(file).expect("a file that can be read"))
            .collect();
        let mut rng = Rng::of(target);
        for _ in 0..most {
            let mut bytes = seeds[rng.below(seeds.len())].clone();
            bytes.truncate(1 + rng.below(bytes.len()));
            for _ in 0..rng.below(12) {
                let at = rng.below(bytes.len());
                match rng.below(3) {
                    0 => bytes[at] = rng.below(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, rng.below(256) as u8),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            run(&bytes);
        }
    }
}

/// Each seed whole is a stream; the messages of a table follow each other in it.
fn seed() {
    let mut seeds: BTreeMap<(&str, String), Vec<u8>> = BTreeMap::new();
    let grammar = table::grammar().into_iter().map(|table| {
        (table.topic.clone(), table.cases.into_iter().map(|case| case.input).collect::<Vec<_>>())
    });
    let malformed = table::malformed().into_iter().map(|table| {
        (format!("bad_{}", table.topic), table.cases.into_iter().map(|case| case.input).collect::<Vec<_>>())
    });
    for (topic, inputs) in grammar.chain(malformed) {
        for input in inputs {
            let (target, side) = match input.from {
                table::From::Client => ("command", 0_u8),
                table::From::Server | table::From::Greeting => ("response", 1),
            };
            // Large messages are for the tests that are about size.
            if input.bytes.len() > 4096 {
                continue;
            }
            seeds.entry((target, topic.clone())).or_default().extend_from_slice(&input.bytes);
            seeds
                .entry(("frame_split", format!("{topic}_{target}")))
                .or_insert_with(|| vec![side, 7])
                .extend_from_slice(&input.bytes);
        }
    }
    // Values have no bytes of their own: numbers from which one of each kind is made.
    for (kind, name) in ["command", "command_more", "response", "greeting"].into_iter().enumerate() {
        let mut random = Rng::of(name);
        let mut bytes: Vec<u8> = (0..400).map(|_| random.below(256) as u8).collect();
        bytes[0] = kind as u8;
        seeds.insert(("value", name.to_owned()), bytes);
    }
    session_seeds(&mut seeds);
    for ((target, topic), bytes) in seeds {
        let folder = folder("corpus", target);
        fs::create_dir_all(&folder).expect("a folder that can be made");
        fs::write(folder.join(topic), bytes).expect("a file that can be written");
    }
}

/// Sessions: operations between which the messages of the tables come, one seed a topic.
fn session_seeds(seeds: &mut BTreeMap<(&str, String), Vec<u8>>) {
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

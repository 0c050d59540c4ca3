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

const TARGETS: [Target; 4] = [
    ("command", fuzz::command),
    ("response", fuzz::response),
    ("frame_split", fuzz::frame_split),
    ("value", fuzz::value),
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
    for ((target, topic), bytes) in seeds {
        let folder = folder("corpus", target);
        fs::create_dir_all(&folder).expect("a folder that can be made");
        fs::write(folder.join(topic), bytes).expect("a file that can be written");
    }
}

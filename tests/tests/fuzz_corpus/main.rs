//! Replays what is committed for the fuzz targets, on any toolchain.
//!
//! `UPDATE_CORPUS=1` makes the seeds anew, see `seeds`. Where `SEED_FOLDER` is set they go there, those of the captures
//! with them: many, from which `cargo fuzz cmin` keeps what is worth to be committed.

mod seeds;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use imap_tests::{cases, fuzz, rng::Rng};

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 13] = [
    ("command", fuzz::command),
    ("response", fuzz::response),
    ("greeting", fuzz::greeting),
    ("value", fuzz::value),
    ("token", fuzz::token),
    ("frame_split", fuzz::frame_split),
    ("framer", fuzz::framer),
    ("utf7", fuzz::utf7),
    ("sequence_set", fuzz::sequence_set),
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
        seeds::write();
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
    for (target, run) in TARGETS.into_iter().skip(9) {
        let seeds: Vec<Vec<u8>> = files(&folder("corpus", target))
            .iter()
            .map(|file| fs::read(file).expect("a file that can be read"))
            .collect();
        let mut rng = Rng::of(&format!("{target}{}", cases::seed(0)));
        for _ in 0..cases::times(400) {
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

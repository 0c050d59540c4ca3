//! Runs the program, and compares what it writes with what is committed.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "each test uses some of these helpers, and may fail"
)]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// What a run of the program came to.
pub struct Run {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// The objects of `--json`.
    pub fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
    }
}

/// Runs the program with `input` as standard input.
pub fn run(args: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_imap-inspect"))
        .args(args)
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // A program that ends early reads no further; that is not what is tested here.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the input is written");
    Run {
        status: output.status.code().expect("an exit status"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// `decode --json` of what `from` sent, with further options.
pub fn decode(from: &str, options: &[&str], input: &[u8]) -> Vec<Value> {
    let run = run(&[&["decode", "--json", "--from", from], options].concat(), input);
    assert_eq!(run.err, "");
    let objects = run.objects();
    let bad = objects.iter().any(|object| object["ok"] == false);
    assert_eq!(run.status, i32::from(bad), "the status says whether all decoded");
    objects
}

/// The canonical form in a decoded object.
pub fn canonical(object: &Value) -> Option<Vec<u8>> {
    Some(STANDARD.decode(object["canonical_b64"].as_str()?).expect("base64"))
}

/// The folder of inputs and expected outputs.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// The recorded sessions.
pub fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures");
    let mut files = Vec::new();
    for server in fs::read_dir(root).expect("the captures").flatten().filter(|entry| entry.path().is_dir()) {
        let entries = fs::read_dir(server.path()).expect("a folder").flatten().map(|entry| entry.path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")));
    }
    files.sort();
    assert!(!files.is_empty(), "there are captures");
    files
}

/// Compares with a committed file; `UPDATE_GOLDEN=1` writes it anew.
pub fn golden(name: &str, found: &str) {
    let path = data().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).expect("the file is written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != found {
        let at = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
        let at = at.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
        panic!(
            "{} differs in line {} (UPDATE_GOLDEN=1 writes it anew)\nexpected: {:?}\nfound:    {:?}",
            path.display(),
            at + 1,
            expected.lines().nth(at),
            found.lines().nth(at)
        );
    }
}

/// The objects tile the input, and errors point into their message.
pub fn tiles(objects: &[Value], input: &[u8]) {
    let mut end = 0;
    for object in objects {
        let (offset, length) = (object["offset"].as_u64().unwrap(), object["length"].as_u64().unwrap());
        assert_eq!(offset, end, "{object}");
        end += length;
        if let Some(at) = object["error"]["at"].as_u64() {
            assert!((offset..=end).contains(&at), "{object}");
        }
    }
    assert_eq!(end, input.len() as u64);
}

/// The objects of one kind of event.
pub fn events<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["event"] == kind).collect()
}

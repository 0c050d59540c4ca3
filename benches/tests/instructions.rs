//! How many instructions each decode workload takes, and how those of a view grow, as valgrind counts them: figures that
//! a busy machine does not change. `cargo test --release -- --ignored` compares the former with `instructions.txt`, with
//! `UPDATE_GOLDEN=1` rewrites it.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

/// What may be more or less than recorded, in percent: compilers and allocators differ a little.
const MARGIN: u64 = 5;

const COMPARE: &str = env!("CARGO_BIN_EXE_compare");

#[test]
#[ignore = "needs valgrind, and a release build"]
fn decoding_takes_the_instructions_recorded() {
    if cfg!(debug_assertions) {
        panic!("run it with --release");
    }
    let now = counts();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt");
    let text: String =
        now.iter().map(|(name, instructions)| format!("{instructions:>12}  {name}\n")).collect();
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).expect("it can be written");
        return;
    }
    let recorded = fs::read_to_string(&path).expect("instructions.txt");
    let recorded: BTreeMap<&str, u64> = recorded
        .lines()
        .map(|line| {
            let (instructions, name) = line.trim_start().split_once("  ").expect("two columns");
            (name, instructions.parse().expect("a number"))
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, &now) in &now {
        let before = recorded.get(name.as_str()).copied().unwrap_or_default();
        if now.abs_diff(before) * 100 > before * MARGIN {
            wrong.push(format!("{name}: {before} recorded, {now} now"));
        }
    }
    assert_eq!(now.len(), recorded.len(), "workloads came or went");
    assert!(wrong.is_empty(), "instructions per message:\n{}\nnow:\n{text}", wrong.join("\n"));
}

#[test]
#[ignore = "needs valgrind, and a release build"]
fn a_view_of_ten_times_the_messages_takes_little_more() {
    if cfg!(debug_assertions) {
        panic!("run it with --release");
    }
    for workload in ["view, random EXPUNGE", "view, random lookup"] {
        let sizes = ["@10,000 messages", "@100,000 messages", "@1,000,000 messages"];
        let counts = sizes.map(|size| instructions(workload, size));
        println!("{workload}: {counts:?}");
        for pair in counts.windows(2) {
            assert!(pair[1] * 10 <= pair[0] * 16, "{workload}: {counts:?}");
        }
    }
}

/// The instructions of our first contender, per message, by workload.
fn counts() -> BTreeMap<String, u64> {
    let names = Command::new(COMPARE).args(["--names", "decode "]).output().expect("it runs");
    let names = String::from_utf8(names.stdout).expect("text");
    let workloads = names.lines().filter_map(|line| line.split_once('\t'));
    workloads
        .filter(|(_, name)| name.starts_with("decode "))
        .map(|(messages, name)| {
            let messages: u64 = messages.parse().expect("a number");
            (name.to_owned(), instructions(name, "@ours, bytes copied") / messages)
        })
        .collect()
}

fn instructions(workload: &str, contender: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*collected*"])
        .arg("--callgrind-out-file=/dev/null")
        .args([COMPARE, "--runs=1", workload, contender])
        .output()
        .expect("valgrind runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    collected.and_then(|(_, number)| number.trim().parse().ok()).unwrap_or_else(|| panic!("{report}"))
}

//! Decoding, encoding and sessions beside the published peers and the bare codec, in one process, and what is held in
//! memory: see README.md.

mod alloc;
mod dialogue;
mod made;
mod measure;
mod memory;
mod ours;
mod pair;
mod peers;
mod workload;
mod workloads;

use std::{env, process::ExitCode};

use measure::{ROUNDS, Row};
use workloads::Inputs;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// The size of a read, where input arrives in pieces.
const PIECE: usize = 4096;

const USAGE: &str = "Give parts of workload names, such as `search` or `encode`, and `@` with a part of a contender's \
                     name, such as `@ours`. `--runs=N` measures nothing: it runs each contender once, and N times \
                     within `collected`, for a profiler. `--names` prints the names of the workloads, and how many \
                     messages each has.";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let mut runs = None;
    let mut names = false;
    for flag in words.iter().filter(|word| word.starts_with('-')) {
        match flag.strip_prefix("--runs=").map(str::parse::<u32>) {
            Some(Ok(number)) => runs = Some(number),
            None if flag == "--names" => names = true,
            _ => {
                eprintln!("{flag} is not known. {USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let wanted: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.starts_with(['-', '@'])).collect();
    let contender = words.iter().find_map(|word| word.strip_prefix('@')).unwrap_or_default();

    let inputs = Inputs::read();
    let mut rows = Vec::new();
    if runs.is_none() && !names {
        println!(
            "Times are medians of {ROUNDS} runs, per message. Ratios above 1: the first line is faster."
        );
    }
    for mut workload in workloads::all(&inputs) {
        if !wanted.is_empty() && !wanted.iter().any(|word| workload.name.contains(word)) {
            continue;
        }
        workload.contenders.retain(|each| each.name.contains(contender));
        if workload.contenders.is_empty() {
            continue;
        }
        if names {
            println!("{}\t{}", workload.messages, workload.name);
        } else if let Some(runs) = runs {
            for contender in &mut workload.contenders {
                (contender.run)();
                (0..runs).for_each(|_| collected(&mut *contender.run));
            }
        } else {
            rows.extend(measure::measure(&mut workload));
        }
    }
    print_table(&rows);
    if runs.is_none() && !names && contender.is_empty() {
        let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word));
        memory::print(&memory::figures(chosen));
    }
    ExitCode::SUCCESS
}

/// What a profiler is to look at: `--toggle-collect='*collected*'` leaves out the preparations.
#[inline(never)]
fn collected(run: &mut dyn FnMut()) {
    std::hint::black_box(run)();
}

fn print_table(rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    println!("\n| workload | against | ratio | half of the runs | wanted | | allocations | of what |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for row in rows {
        println!(
            "| {} | {} | {:.2} | {:.2} to {:.2} | {} | {} | {:.2} | {} |",
            row.workload,
            row.against,
            row.ratio,
            row.spread.0,
            row.spread.1,
            row.wanted,
            if row.reached { "yes" } else { "no" },
            row.allocations,
            row.explained,
        );
    }
}

//! Sessions against traces: every `data/trace/<flow>/<case>.trace`, in every cut.
//!
//! `CASE=idle cargo test -p imap-tests --test traces` runs some of them only.

use std::{fs, path::PathBuf};

use imap_tests::{
    data,
    report::{Report, selected},
    trace,
};

/// All trace files, in order.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![data("trace")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ext| ext == "trace") {
                files.push(entry);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_trace_runs_in_every_cut() {
    let root = data("trace");
    let mut report = Report::default();
    for file in files() {
        let name = file.strip_prefix(&root).expect("below").display().to_string();
        if selected(&name) {
            report.run(&name, |fail| {
                if let Err(what) = trace::load(&file).and_then(|trace| trace::run(&trace, &name)) {
                    fail(what);
                }
            });
        }
    }
    report.finish("traces");
}

/// The bytes after which a trace is cut: all, or enough of them where there are many.
fn cuts(bytes: usize) -> impl Iterator<Item = usize> {
    (0..=bytes).step_by((bytes / 700).max(1))
}

#[test]
fn all_that_is_open_ends_once_wherever_the_input_ends() {
    let root = data("trace");
    let mut report = Report::default();
    for file in files() {
        let name = file.strip_prefix(&root).expect("below").display().to_string();
        if selected(&name) {
            report.run(&name, |fail| {
                let trace = match trace::load(&file) {
                    Ok(trace) => trace,
                    Err(what) => return fail(what),
                };
                for bytes in cuts(trace.input()) {
                    if let Err(what) = trace::run_short(&trace, bytes) {
                        return fail(what);
                    }
                }
            });
        }
    }
    report.finish("traces cut short");
}

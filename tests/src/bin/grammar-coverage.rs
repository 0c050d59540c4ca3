//! `cargo run -p imap-tests --bin grammar-coverage`: what of each grammar file is generated, and as what it is read.
//!
//! `typed` are alternatives that some message with them shows as values of types of their own, `kept` those that are kept by
//! name in an open shape, `refused` those that are not read. `--short` leaves out the reasons below the table, `--rules` adds
//! a row for each rule.

use imap_tests::{
    abnf::recognise::with_deep_stack,
    oracle::coverage::{Detail, Table, measure},
};

fn main() {
    let detail = match std::env::args().nth(1).as_deref() {
        None => Detail::Reasons,
        Some("--short") => Detail::Files,
        Some("--rules") => Detail::Rules,
        Some(_) => {
            eprintln!("usage: grammar-coverage [--short | --rules]");
            std::process::exit(2);
        }
    };
    let files = with_deep_stack(measure);
    print!("{}", Table { files: &files, detail });
}

//! Reads IMAP traffic and says what it means and whether it was legal.
//!
//! Two subcommands read: `decode` one direction, `session` whole dialogues. Both make [`message::Message`]s,
//! which [`render`] writes as text or as JSON; `states` prints the state machine that sessions are judged by, `explain` what a
//! tolerated deviation is.
//! The program holds no knowledge of the protocol: that is in the libraries. What it adds is files,
//! presentation and exit statuses.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is matched here are messages, of which only a few kinds are told apart"
)]
#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail"
    )
)]

mod cli;
mod decode;
mod dialogue;
mod explain;
mod failure;
mod head;
mod input;
mod message;
mod reader;
mod render;
mod session;
mod states;
mod value;

use std::process::ExitCode;

use clap::{Parser as _, error::ErrorKind};

use crate::{
    cli::{Cli, Task},
    failure::Failure,
    render::paint,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            eprintln!("imap-inspect: {}; try --help", usage(&error));
            return ExitCode::from(2);
        }
        Err(help) => {
            // Help that nobody reads to the end is no mistake.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    match run(&cli) {
        Ok(true) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("imap-inspect: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Does what is asked; says whether all was well.
fn run(cli: &Cli) -> Result<bool, Failure> {
    let (json, plain) = match &cli.task {
        Task::Decode(decode) => (decode.reading.json, false),
        Task::Session(session) => (session.reading.json, false),
        Task::States(_) => (false, true),
        Task::Explain(_) => (false, false),
    };
    let mut out = paint::stdout(json || plain);
    let result = match &cli.task {
        Task::Decode(options) => decode::run(options, &mut *out),
        Task::Session(options) => session::run(options, &mut *out),
        Task::Explain(options) => explain::run(&options.id, &mut *out).map(|()| true),
        Task::States(options) => states::run(options.format, &mut *out).map(|()| true),
    };
    // What was found before a failure is shown before it.
    let flushed = out.flush().map_err(Failure::from);
    let well = result?;
    flushed?;
    Ok(well)
}

/// A mistake on the command line in one line.
fn usage(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a subcommand is missing: decode, session, states or explain".into();
    }
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let line = lines.collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).into()
}

//! The command line: what can be asked, and the help that says so.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reads IMAP traffic and says what it means and whether it was legal.
#[derive(Debug, Parser)]
#[command(name = "imap-inspect", version, after_help = EXIT)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Decode the bytes of one direction: any number of messages, no session
    #[command(after_help = DECODE, after_long_help = DECODE_LONG)]
    Decode(Decode),
    /// Read whole dialogues, both directions, and judge them
    #[command(after_help = SESSION, after_long_help = SESSION_LONG)]
    Session(Session),
    /// Print the state machine of a session
    #[command(after_help = STATES)]
    States(States),
    /// Explain a deviation from the grammar that is tolerated
    #[command(after_help = EXPLAIN)]
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// What is read beyond the RFCs
    ///
    /// What real peers are known to send is read by default, and reported.
    #[arg(long, value_enum, default_value_t = Profile::Tolerant)]
    pub(crate) profile: Profile,
    /// The revision that counts where they differ
    #[arg(long, value_enum, default_value_t = Revision::Any)]
    pub(crate) mode: Revision,
    /// One JSON object a line instead of text for people
    #[arg(long)]
    pub(crate) json: bool,
    /// Show passwords, SASL data and URLAUTH tokens
    #[arg(long)]
    pub(crate) show_secrets: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Who sent the bytes
    #[arg(long, value_enum)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Show literals of more than 1 MiB too
    #[arg(long)]
    pub(crate) full: bool,
    /// The file; `-` or nothing for standard input
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Session {
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Captures (.jsonl); `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct States {
    /// The form: a table, or a diagram
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Its id, as reports give it: Q4
    pub(crate) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// Commands
    Client,
    /// Greeting and responses
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The RFCs and nothing else
    Strict,
    /// What real peers send too
    Tolerant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Revision {
    /// The union of both and of all extensions
    Any,
    /// IMAP4rev1 (RFC 3501)
    Rev1,
    /// IMAP4rev2 (RFC 9051)
    Rev2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table, with the RFC sentence behind each row
    Text,
    /// A Mermaid state diagram
    Mermaid,
    /// A Graphviz graph
    Dot,
}

const EXIT: &str = "\
Exit status: 0 if all was well, 1 if something did not decode or was not legal,
2 for a mistake on the command line or a file that cannot be read.";

const DECODE: &str = "\
Examples:
  printf 'a1 SELECT INBOX\\r\\n' | imap-inspect decode --from client
  imap-inspect decode --from server --json responses.log | jq .kind";

const DECODE_LONG: &str = "\
Examples:
  printf 'a1 SELECT INBOX\\r\\n' | imap-inspect decode --from client
      The meaning of one command.
  imap-inspect decode --from server --profile strict responses.log
      Everything in a log of responses that departs from the RFCs.
  imap-inspect decode --from server --json responses.log | jq .kind
      One JSON object a message, for programs.

The bytes are read as they are on the wire: lines end in CRLF (strict) or in LF as well (tolerant),
and literals follow their announcement. A malformed message never stops the reading of the next.
Passwords, SASL data and URLAUTH tokens are left out unless --show-secrets is given.

Exit status: 0 if all messages decoded, 1 if some did not, 2 for a mistake on the command line or a
file that cannot be read.";

const SESSION: &str = "\
Examples:
  imap-inspect session tests/data/captures/dovecot/scripted__fetch-a-00.jsonl
  imap-inspect session --json *.jsonl | tail -n 1";

const SESSION_LONG: &str = "\
Examples:
  imap-inspect session tests/data/captures/dovecot/scripted__fetch-a-00.jsonl
      A timeline: each message, the state after it, what was illegal and why, latencies, a summary.
  imap-inspect session --json *.jsonl | tail -n 1
      The summary of many sessions as a JSON object.

A capture is a text file with one JSON object a line. The first line describes it (server, client,
what). Each further line is a chunk as it was read from the socket:
  {\"t\": 0.0058, \"dir\": \"C\", \"b64\": \"YTEgQ0FQQUJJTElUWQ0K\"}
with t in seconds, dir C (client to server) or S (server to client), b64 the bytes; after COMPRESS
also plain, what they inflate to. {\"t\": .., \"dir\": .., \"eof\": true} says that a side has closed, and
{\"note\": \"..\"} that the rest was left out.

Exit status: 0 if all was well, 1 if anything was malformed or a violation of the protocol, 2 for a
mistake on the command line or a file that cannot be read.";

const EXPLAIN: &str = "\
Examples:
  imap-inspect explain Q4";

const STATES: &str = "\
Examples:
  imap-inspect states
  imap-inspect states --format dot | dot -Tsvg > states.svg";

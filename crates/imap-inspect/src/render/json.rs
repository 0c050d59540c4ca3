//! One JSON object a line. The keys and their meaning are a contract: programs read them.

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use imap_codec::Side;
use imap_fsm::permit::Conflict;
use imap_types::{atom::Tag, response::Status};
use serde::Serialize;
use serde_json::Value;

use crate::{
    head::Kind,
    message::{Bent, Message, Outcome, Problem},
    session::{Step, Summary},
    value::{Show, Shown},
};

/// The object of one message of `decode`.
#[derive(Serialize)]
struct Object<'a> {
    offset: u64,
    length: u64,
    ok: bool,
    kind: Kind,
    name: Option<&'a str>,
    tag: Option<&'a str>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rest<'a> {
    Read { canonical_b64: Option<String>, tolerated: Vec<String>, deviations: Vec<Deviation>, value: Value },
    Malformed { error: Error<'a> },
    Incomplete {},
}

#[derive(Serialize)]
struct Deviation {
    id: String,
    at: u64,
}

#[derive(Serialize)]
struct Error<'a> {
    at: u64,
    rule: &'a str,
    expected: &'a str,
    found: &'a str,
    message: String,
}

/// Writes the object of one message.
pub(crate) fn decoded(out: &mut dyn Write, message: &Message, show: Show) -> io::Result<()> {
    let rest = match &message.outcome {
        Outcome::Read { meaning, deviations } => {
            let Shown { value, secret, cut } = meaning.shown(show);
            let hidden = cut || secret && !show.secrets;
            let canonical = if hidden { None } else { meaning.canonical(message.from) };
            Rest::Read {
                canonical_b64: canonical.map(|bytes| STANDARD.encode(bytes)),
                tolerated: tolerated(deviations),
                deviations: deviations.iter().map(deviation).collect(),
                value,
            }
        }
        Outcome::Malformed(problem) => Rest::Malformed { error: error(problem) },
        Outcome::Incomplete | Outcome::Refused => Rest::Incomplete {},
    };
    let object = Object {
        offset: message.offset,
        length: message.length,
        ok: message.outcome.is_ok(),
        kind: message.kind(),
        name: message.head.name.as_deref(),
        tag: message.head.tag.as_deref(),
        rest,
    };
    line(out, &object)
}

fn error(problem: &Problem) -> Error<'_> {
    Error {
        at: problem.at,
        rule: problem.rule,
        expected: &problem.expected,
        found: &problem.found,
        message: problem.message(),
    }
}

fn deviation(bent: &Bent) -> Deviation {
    Deviation { id: bent.quirk.id(), at: bent.at }
}

/// The ids of deviations, each once, by first occurrence.
fn tolerated(deviations: &[Bent]) -> Vec<String> {
    let mut ids = Vec::new();
    for deviation in deviations {
        let id = deviation.quirk.id();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The objects of `session`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event<'a> {
    Message {
        session: u64,
        t: Option<f64>,
        from: &'a str,
        offset: u64,
        length: u64,
        ok: bool,
        kind: Kind,
        name: Option<&'a str>,
        tag: Option<&'a str>,
        tolerated: Vec<String>,
        state: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error<'a>>,
    },
    Violation {
        session: u64,
        by: &'a str,
        offset: u64,
        id: &'a str,
        rfc: String,
        section: &'a str,
        message: &'a str,
    },
    Pipelined {
        session: u64,
        tag: &'a str,
        name: &'a str,
        behind: Vec<&'a str>,
        conflict: Option<&'static str>,
    },
    Completed {
        session: u64,
        tag: &'a str,
        name: Option<&'a str>,
        status: Option<&'a str>,
        latency_ms: Option<f64>,
    },
    Note {
        session: u64,
        what: &'a str,
    },
}

/// Writes the object of one event of a session.
pub(crate) fn event(out: &mut dyn Write, session: u64, step: &Step<'_>) -> io::Result<()> {
    let event = match step {
        Step::Begin { .. } | Step::End => return Ok(()),
        Step::Message { t, message, state } => {
            let (bent, error) = match &message.outcome {
                Outcome::Read { deviations, .. } => (deviations.as_slice(), None),
                Outcome::Malformed(problem) => (&[][..], Some(error(problem))),
                Outcome::Incomplete | Outcome::Refused => (&[][..], None),
            };
            Event::Message {
                session,
                t: *t,
                from: side(message.from),
                offset: message.offset,
                length: message.length,
                ok: message.outcome.is_ok(),
                kind: message.kind(),
                name: message.head.name.as_deref(),
                tag: message.head.tag.as_deref(),
                tolerated: tolerated(bent),
                state: state.name(),
                error,
            }
        }
        Step::Pipelined(pipelined) => Event::Pipelined {
            session,
            tag: pipelined.tag.as_str(),
            name: &pipelined.name,
            behind: pipelined.behind.iter().map(Tag::as_str).collect(),
            conflict: pipelined.conflict.as_ref().map(Conflict::kind),
        },
        Step::Violation(violation) => {
            let source = violation.rule.source();
            Event::Violation {
                session,
                by: side(violation.by()),
                offset: violation.place.offset,
                id: violation.rule.id(),
                rfc: source.rfc.to_string(),
                section: source.section,
                message: &violation.message,
            }
        }
        Step::Completed { completed, latency } => Event::Completed {
            session,
            tag: completed.tag.as_str(),
            name: Some(&*completed.name).filter(|name| !name.is_empty()),
            status: completed.status.map(status),
            latency_ms: *latency,
        },
        Step::Note(what) => Event::Note { session, what },
    };
    line(out, &event)
}

/// Writes the last line.
pub(crate) fn summary(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    #[derive(Serialize)]
    struct Last<'a> {
        summary: &'a Summary,
    }
    line(out, &Last { summary })
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::No => "NO",
        Status::Bad => "BAD",
        Status::PreAuth => "PREAUTH",
        Status::Bye => "BYE",
    }
}

/// Writes one object and ends its line.
fn line(out: &mut dyn Write, object: &impl Serialize) -> io::Result<()> {
    // A value of ours always has a JSON form, so that what fails is the writing.
    serde_json::to_writer(&mut *out, object).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

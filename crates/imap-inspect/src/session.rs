//! `session`: whole dialogues, judged by the observer.

use std::{collections::BTreeMap, io::Write, path::Path};

use imap_fsm::{
    observer::{Completed, Pipelined, Violation},
    state::State,
};
use serde::Serialize;

use crate::{
    cli,
    dialogue::Dialogue,
    failure::Failure,
    input::capture::{Capture, Header, Record},
    message::{Message, Outcome},
    render::{json, timeline::Timeline},
    value::Show,
};

/// One thing that is reported of a session.
pub(crate) enum Step<'a> {
    /// A session begins.
    Begin {
        /// The name of its file.
        name: &'a str,
        /// What the file says about it.
        header: &'a Header,
    },
    /// A message.
    Message {
        /// Seconds since the start of the session.
        t: Option<f64>,
        /// The message.
        message: &'a Message,
        /// The state after it.
        state: State,
    },
    /// The command in the message before did not wait for the replies to others.
    Pipelined(&'a Pipelined),
    /// A rule was broken, by the message before.
    Violation(&'a Violation),
    /// A command has its reply: the message before.
    Completed {
        /// Which.
        completed: &'a Completed,
        /// From the command to its reply, in milliseconds.
        latency: Option<f64>,
    },
    /// The stream changes, or is not whole.
    Note(&'static str),
    /// The session ends.
    End,
}

/// What all sessions had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    /// How many sessions there were.
    pub(crate) sessions: u64,
    /// Messages of both sides, malformed and incomplete ones too.
    pub(crate) messages: u64,
    /// Those that did not decode.
    pub(crate) malformed: u64,
    /// Those that never became complete.
    pub(crate) incomplete: u64,
    /// Broken rules.
    pub(crate) violations: u64,
    /// How often each deviation was tolerated.
    pub(crate) tolerated: BTreeMap<String, u64>,
    /// The state at the end of the only session.
    pub(crate) final_state: Option<&'static str>,
}

impl Summary {
    fn count(&mut self, step: &Step<'_>) {
        let add = |counter: &mut u64| *counter = counter.saturating_add(1);
        match step {
            Step::Begin { .. } => add(&mut self.sessions),
            Step::Message { message, .. } => {
                add(&mut self.messages);
                match &message.outcome {
                    Outcome::Read { deviations, .. } => {
                        for deviation in deviations {
                            add(self.tolerated.entry(deviation.quirk.id()).or_default());
                        }
                    }
                    Outcome::Malformed(_) => add(&mut self.malformed),
                    Outcome::Incomplete | Outcome::Refused => add(&mut self.incomplete),
                }
            }
            Step::Violation(_) => add(&mut self.violations),
            Step::Pipelined(_) | Step::Completed { .. } | Step::Note(_) | Step::End => {}
        }
    }
}

/// Writes what happens, in one of the two forms, and counts it.
struct Report<'o> {
    out: &'o mut dyn Write,
    timeline: Option<Timeline>,
    summary: Summary,
}

impl Report<'_> {
    fn step(&mut self, step: &Step<'_>) -> Result<(), Failure> {
        self.summary.count(step);
        match &mut self.timeline {
            Some(timeline) => timeline.event(self.out, step)?,
            None => json::event(self.out, self.summary.sessions.saturating_sub(1), step)?,
        }
        Ok(())
    }
}

/// Reads all files and writes what happens in them; says whether nothing was malformed or a violation.
///
/// # Errors
///
/// [`Failure`] where a file cannot be read, or the output cannot be written.
pub(crate) fn run(options: &cli::Session, out: &mut dyn Write) -> Result<bool, Failure> {
    let show = Show { secrets: options.reading.show_secrets, full: false };
    let timeline = (!options.reading.json).then(|| Timeline::new(show));
    let mut report = Report { out, timeline, summary: Summary::default() };
    for file in &options.files {
        let state = session(file, options, &mut report)?;
        report.summary.final_state = Some(state.name()).filter(|_| options.files.len() == 1);
    }
    let Report { out, timeline, summary } = report;
    match timeline {
        Some(mut timeline) => timeline.summary(out, &summary)?,
        None => json::summary(out, &summary)?,
    }
    Ok(summary.malformed == 0 && summary.violations == 0)
}

/// Reads one file; says in which state its session ends.
fn session(file: &Path, options: &cli::Session, report: &mut Report<'_>) -> Result<State, Failure> {
    let mut capture = Capture::open(file)?;
    report.step(&Step::Begin { name: &file.display().to_string(), header: &capture.header })?;
    let mut dialogue = Dialogue::new(&options.reading);
    while let Some(record) = capture.next()? {
        let mut write = |step: &Step<'_>| report.step(step);
        match record {
            Record::Chunk { t, from, data, compressed } => {
                dialogue.bytes(t, from, &data, compressed, &mut write)?;
            }
            Record::Eof { from, .. } => dialogue.closed(from),
            Record::Note(_) => dialogue.left_out(&mut write)?,
        }
    }
    let state = dialogue.end(&mut |step| report.step(step))?;
    report.step(&Step::End)?;
    Ok(state)
}

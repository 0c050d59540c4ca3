//! A client in a trace.
//!
//! # Calls
//!
//! | call | meaning |
//! |---|---|
//! | `a1 SELECT INBOX` | `send`. The first word names the handle from here on: by custom the tag that is expected |
//! | `streamed a1 APPEND Sent {310}\r\n` | the same, with payloads that will be uploaded |
//! | `idle a1` | `idle` |
//! | `done a1`, `cancel a1` | `done`, `cancel` |
//! | `answer a1 "TEXT"`, `answer a1 *` | `authenticate` |
//! | `upload a1 TEXT` | `upload` |
//! | `tls`, `compressed` | `tls_up`, `compression_up`, with the token of the event |
//! | `release` | `release_buffers` |
//!
//! # Events
//!
//! Messages are as on the wire; ` -> a1` says which command data is for.
//!
//! | event | text |
//! |---|---|
//! | `Greeting` | `greeting * OK ready` |
//! | `Capabilities` | `capabilities` |
//! | `Data`, `Status` | `* 3 EXISTS -> a1`, `* OK [ALERT] x` |
//! | `Completed` | `a1 OK done`; `a1: a3 OK done` where the tag is not the name of the handle |
//! | `Aborted` | `aborted a1 written ended`, `aborted a1 unwritten cancelled`, `aborted a1 unwritten refused: ...` |
//! | `Challenge` | `challenge a1 "TEXT"`; `challenge a1 none` where it is no base64 |
//! | `Upload`, `Idling` | `upload a1 310`, `idling a1` |
//! | `StreamBegin` | `stream 5000 * 7 FETCH (BODY[] {5000}\r\n..)`; `stream 5000` where nothing can be read |
//! | `Chunk`, `StreamEnd`, `StreamAborted` | `chunk TEXT` (all of a turn as one), `stream end`, `stream aborted` |
//! | `StartTls`, `Compress` | `starttls`, `compress "TEXT"` with the unread bytes |
//! | `Violation`, `Malformed`, `Tolerated` | `violation unknown-tag`, `malformed nz-number`, `tolerated Q4 Q5` |
//! | `Due`, `Ended` | `due reply`, `ended closed` |

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use imap_codec::DecodeOptions;
use imap_fsm::{
    client::{
        Abort, Blocked, Client, Compress, Config, End, Event, Handle, LiteralForm, Malformed, StartTls,
        StrayReply, Tls,
    },
    error::Misuse,
    state::State,
    time::Time,
    timer::TimerKind,
};
use imap_types::{
    command::AuthenticateData,
    response::{Data, Response},
};

use super::{
    Header, Session,
    message::{command, greeting_wire, quoted, response_wire, text, words},
    notation::timer_name,
};

/// A client and what it gave its owner.
pub struct Driver {
    client: Client,
    handles: BTreeMap<String, Handle>,
    names: BTreeMap<Handle, String>,
    /// How often each has ended.
    ends: BTreeMap<Handle, usize>,
    /// How many streams have begun, and how many have ended.
    streams: (usize, usize),
    tls: Option<StartTls>,
    compress: Option<Compress>,
}

impl Driver {
    /// A client by a header.
    ///
    /// # Errors
    /// Where a switch is wrong.
    pub fn new(header: &Header) -> Result<Self, String> {
        let config = Arc::new(config(header)?);
        let client = if header.protected {
            Client::protected(config, Time::ZERO)
        } else {
            Client::new(config, Time::ZERO)
        };
        Ok(Self {
            client,
            handles: BTreeMap::new(),
            names: BTreeMap::new(),
            ends: BTreeMap::new(),
            streams: (0, 0),
            tls: None,
            compress: None,
        })
    }

    fn name(&self, handle: Handle) -> &str {
        self.names.get(&handle).map_or("?", String::as_str)
    }

    fn handle(&self, name: &str) -> Result<Handle, String> {
        self.handles.get(name).copied().ok_or_else(|| format!("no handle: {name:?}"))
    }

    fn keep(&mut self, name: &str, handle: Result<Handle, Misuse>) -> Result<(), Misuse> {
        let handle = handle?;
        self.handles.insert(name.to_owned(), handle);
        self.names.insert(handle, name.to_owned());
        self.ends.entry(handle).or_default();
        Ok(())
    }

    fn account(&mut self, event: &Event) {
        match event {
            Event::Completed { handle, .. } | Event::Aborted { handle, .. } => {
                *self.ends.entry(*handle).or_default() += 1;
            }
            Event::StreamBegin { .. } => self.streams.0 += 1,
            Event::StreamEnd | Event::StreamAborted => self.streams.1 += 1,
            _ => {}
        }
    }

    fn show(&mut self, event: Event) -> Vec<u8> {
        self.account(&event);
        match event {
            Event::Greeting(greeting) => greeting_wire(&greeting),
            Event::Capabilities => text("capabilities"),
            Event::Data { data, of } => {
                let mut wire = response_wire(&Response::Data(data));
                if let Some(of) = of {
                    wire.extend(format!(" -> {}", self.name(of)).bytes());
                }
                wire
            }
            Event::Status(status) => response_wire(&Response::Status(status)),
            Event::Completed { handle, reply } => {
                let name = self.name(handle);
                let same = reply.tag.as_ref().is_some_and(|tag| tag.as_str() == name);
                let mut wire = if same { Vec::new() } else { text(format!("{name}: ")) };
                wire.extend(response_wire(&Response::Status(reply)));
                wire
            }
            Event::Aborted { handle, written, why } => {
                let written = if written { "written" } else { "unwritten" };
                let why = match why {
                    Abort::Cancelled => "cancelled".to_owned(),
                    Abort::Ended => "ended".to_owned(),
                    Abort::Refused(misuse) => format!("refused: {misuse}"),
                    other => format!("{other:?}"),
                };
                text(format!("aborted {} {written} {why}", self.name(handle)))
            }
            Event::Challenge { handle, challenge } => {
                let mut shown = text(format!("challenge {} ", self.name(handle)));
                match challenge.challenge {
                    Some(challenge) => shown.extend(quoted(challenge.expose().as_bytes())),
                    None => shown.extend(b"none"),
                }
                shown
            }
            Event::Upload { handle, size } => text(format!("upload {} {size}", self.name(handle))),
            Event::Idling(handle) => text(format!("idling {}", self.name(handle))),
            Event::StreamBegin { fetch, size } => {
                let mut shown = text(format!("stream {size}"));
                if let Some(fetch) = fetch {
                    shown.push(b' ');
                    shown.extend(response_wire(&Response::Data(Data::Fetch(fetch))));
                }
                shown
            }
            Event::Chunk(bytes) => [b"chunk ", &bytes[..]].concat(),
            Event::StreamEnd => text("stream end"),
            Event::StreamAborted => text("stream aborted"),
            Event::StartTls(token) => {
                self.tls = Some(token);
                text("starttls")
            }
            Event::Compress(token) => {
                let shown = [b"compress ", &quoted(token.unread())[..]].concat();
                self.compress = Some(token);
                shown
            }
            Event::Violation(violation) => text(format!("violation {}", violation.rule)),
            Event::Malformed { error: Malformed::Decode(error), .. } => {
                text(format!("malformed {}", error.rule))
            }
            Event::Malformed { error: Malformed::Frame(error), .. } => {
                text(format!("malformed {}", error.kind.rule()))
            }
            Event::Tolerated { deviations, .. } => {
                let ids: Vec<_> = deviations.iter().map(|deviation| deviation.quirk.id()).collect();
                text(format!("tolerated {}", ids.join(" ")))
            }
            Event::Due(kind) => text(format!("due {}", timer_name(kind))),
            Event::Ended(end) => text(format!("ended {}", end_name(end))),
            other => text(format!("{other:?}")),
        }
    }
}

impl Session for Driver {
    fn bytes(&mut self, bytes: &[u8], owned: bool, now: Time) {
        if owned {
            self.client.handle_owned(Bytes::copy_from_slice(bytes), now);
        } else {
            self.client.handle_bytes(bytes, now);
        }
    }

    fn eof(&mut self, now: Time) {
        self.client.handle_eof(now);
    }

    fn timeout(&mut self, now: Time) {
        self.client.handle_timeout(now);
    }

    fn timer(&self) -> Option<(Time, TimerKind)> {
        self.client.poll_timeout()
    }

    fn call(&mut self, call: &[u8], now: Time) -> Result<Result<(), Misuse>, String> {
        let (word, rest) = words(call);
        Ok(match &*word {
            "tls" => {
                let token = self.tls.take().ok_or("no StartTls")?;
                self.client.tls_up(token, now);
                Ok(())
            }
            "compressed" => {
                let token = self.compress.take().ok_or("no Compress")?;
                self.client.compression_up(token, now);
                Ok(())
            }
            "release" => {
                self.client.release_buffers();
                Ok(())
            }
            "done" | "cancel" => {
                let handle = self.handle(&words(rest).0)?;
                if word == "done" { self.client.done(handle, now) } else { self.client.cancel(handle, now) }
            }
            "answer" => {
                let (name, answer) = words(rest);
                let handle = self.handle(&name)?;
                let answer = match answer.strip_prefix(b"\"").and_then(|answer| answer.strip_suffix(b"\"")) {
                    Some(answer) => AuthenticateData::from(answer),
                    None if answer == b"*" => AuthenticateData::Cancel,
                    None => return Err("an answer is quoted, or `*`".to_owned()),
                };
                self.client.authenticate(handle, answer, now)
            }
            "upload" => {
                let (name, bytes) = words(rest);
                let handle = self.handle(&name)?;
                self.client.upload(handle, &Bytes::copy_from_slice(bytes), now).map(|_| ())
            }
            "idle" => {
                let handle = self.client.idle(now);
                self.keep(&words(rest).0, handle)
            }
            "streamed" => {
                let command = command(rest, true)?;
                let handle = self.client.send(command.body, now);
                self.keep(command.tag.as_str(), handle)
            }
            _ => {
                let command = command(call, false)?;
                let handle = self.client.send(command.body, now);
                self.keep(command.tag.as_str(), handle)
            }
        })
    }

    fn event(&mut self) -> Option<Vec<u8>> {
        let event = self.client.poll_event()?;
        Some(self.show(event))
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        self.client.poll_transmit().map(Vec::from)
    }

    fn state(&self) -> State {
        self.client.state()
    }

    fn exists(&self) -> Option<Option<u32>> {
        self.client.mailbox().map(imap_fsm::mailbox::View::exists)
    }

    fn settle(&mut self, _: Time) {}

    fn accounts(&self) -> Result<(), String> {
        if let Some((handle, times)) = self.ends.iter().find(|(_, times)| **times != 1) {
            return Err(format!("{} ended {times} times", self.name(*handle)));
        }
        let (begun, ended) = self.streams;
        if begun == ended { Ok(()) } else { Err(format!("{begun} streams began, and {ended} ended")) }
    }

    fn advertises(&self, name: &str) -> Option<bool> {
        self.client.capabilities().advertises(name)
    }
}

fn end_name(end: End) -> &'static str {
    match end {
        End::LoggedOut => "logged-out",
        End::Bye => "bye",
        End::Closed => "closed",
        End::Violation => "violation",
        End::Unreadable => "unreadable",
        _ => "unknown",
    }
}

/// The configuration by a header.
///
/// # Errors
/// Where a switch is wrong.
pub fn config(header: &Header) -> Result<Config, String> {
    let mut config = Config::default();
    config.tls = match header.switch("tls") {
        None | Some("required") => Tls::Required,
        Some("credentials") => Tls::ForCredentials,
        Some("optional") => Tls::Optional,
        other => return Err(format!("tls: {other:?}")),
    };
    if header.switch("profile") == Some("strict") {
        config.decode = DecodeOptions::strict();
    }
    super::message::limits(header.switch("limits"), &mut config.decode.limits)?;
    if header.switch("blocked") == Some("refuse") {
        config.blocked = Blocked::Refuse;
    }
    if header.switch("literals") == Some("synchronizing") {
        config.literals = LiteralForm::Synchronizing;
    }
    if header.switch("stray-reply") == Some("end") {
        config.stray_reply = StrayReply::End;
    }
    config.ask_capabilities = header.switch("ask-capabilities") != Some("no");
    config.stream_above = header.number("stream-above")?;
    config.commands = header.number("commands")?.unwrap_or(config.commands);
    config.greeting_timeout = header.seconds("greeting-timeout")?.unwrap_or(config.greeting_timeout);
    config.idle_renew = header.seconds("idle-renew")?.unwrap_or(config.idle_renew);
    config.reply_timeout = header.seconds("reply-timeout")?.unwrap_or(config.reply_timeout);
    config.literal_timeout = header.seconds("literal-timeout")?.unwrap_or(config.literal_timeout);
    Ok(config)
}

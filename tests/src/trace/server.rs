//! A server in a trace.
//!
//! # Calls
//!
//! | call | meaning |
//! |---|---|
//! | `* OK ready` | `greet`, as long as nothing was said; then `status` |
//! | `* BYE TEXT` | `bye` |
//! | `* 3 EXISTS` | `data`, for all other untagged lines |
//! | `streamed * 1 FETCH (BODY[] {5000}\r\n)` | the same, with payloads that follow: `payload TEXT` |
//! | `a1 OK done` | `complete` |
//! | `+ dGVzdA==`, `+ ` | `challenge`, for the AUTHENTICATE that came last |
//! | `select a1 uids=1:3` | `select`; also `validity= next= recent= unseen= modseq= access=read-only list=NAME vanished=` |
//! | `accept a1`, `refuse a1 NO [TOOBIG] no` | `accept`, `refuse` |
//! | `update arrived 14:15`, `update expunged 12`, `update recent 2`, `update changed 12 (FLAGS (\Seen))` | `update` |
//! | `user joe` | `set_user` |
//! | `tls`, `compressed` | `tls_up`, `compression_up`, with the token of the event |
//! | `release` | `release_buffers` |
//!
//! # Events
//!
//! | event | text |
//! |---|---|
//! | `Command` | as on the wire: `a1 SELECT INBOX`; `..` for a payload that was uploaded |
//! | `Upload` | `upload 310 a1 APPEND Sent {310}\r\n..` |
//! | `Chunk`, `UploadEnd` | `chunk TEXT` (all of a turn as one), `uploaded a1` |
//! | `AuthenticateData` | `answer a1 "TEXT"`, `answer a1 *` |
//! | `Idle`, `IdleDone` | `idle`, `done` |
//! | `Enabled` | `enabled QRESYNC` |
//! | `Aborted` | `aborted a1` |
//! | `StartTls`, `Compress` | `starttls`, `compress "TEXT"` with the unread bytes |
//! | `Violation`, `Malformed`, `Tolerated` | `violation done-without-idle`, `malformed nz-number`, `tolerated Q20` |
//! | `Due`, `Ended` | `due literal`, `ended closed` |

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use imap_codec::DecodeOptions;
use imap_fsm::{
    error::Misuse,
    mailbox::View,
    server::{
        Compress, Config, End, Event, Id, Malformed, Reply, Request, Selected, Server, StartTls, Update,
    },
    state::{Access, State},
    time::Time,
    timer::TimerKind,
};
use imap_types::{
    command::{AuthenticateData, Command},
    fetch::MsgAtt,
    number::{ModSeq, SeqNum, Uid, UidValidity},
    octets::Octets,
    response::{Data, Greeting, GreetingKind, Response, Status, StatusResponse},
    sequence::UidSet,
};

use super::{
    Header, Session,
    message::{command_wire, quoted, response, text, words},
    notation::timer_name,
};

/// A server and what it gave its owner.
pub struct Driver {
    server: Server,
    ids: BTreeMap<String, Id>,
    tags: BTreeMap<Id, String>,
    last: Option<Id>,
    greeted: bool,
    /// How often each has ended.
    ends: BTreeMap<Id, usize>,
    tls: Option<StartTls>,
    compress: Option<Compress>,
}

impl Driver {
    /// A server by a header.
    ///
    /// # Errors
    /// Where a switch is wrong.
    pub fn new(header: &Header) -> Result<Self, String> {
        let config = Arc::new(config(header)?);
        let server = if header.protected {
            Server::protected(config, Time::ZERO)
        } else {
            Server::new(config, Time::ZERO)
        };
        Ok(Self {
            server,
            ids: BTreeMap::new(),
            tags: BTreeMap::new(),
            last: None,
            greeted: false,
            ends: BTreeMap::new(),
            tls: None,
            compress: None,
        })
    }

    fn tag(&self, id: Id) -> &str {
        self.tags.get(&id).map_or("?", String::as_str)
    }

    fn id(&self, tag: &str) -> Result<Id, String> {
        self.ids.get(tag).copied().ok_or_else(|| format!("no command: {tag:?}"))
    }

    fn keep(&mut self, id: Id, command: &Command) {
        let tag = command.tag.as_str().to_owned();
        self.tags.insert(id, tag.clone());
        self.ids.insert(tag, id);
        self.last = Some(id);
        self.ends.entry(id).or_default();
    }

    /// A command that the owner ended, where it could.
    fn ended(&mut self, id: Id, done: Result<(), Misuse>) -> Result<(), Misuse> {
        if done.is_ok() {
            *self.ends.entry(id).or_default() += 1;
        }
        done
    }

    fn account(&mut self, event: &Event) {
        match event {
            Event::Idle(id) => {
                self.ends.entry(*id).or_default();
            }
            Event::Aborted(id)
            | Event::IdleDone(id)
            | Event::AuthenticateData { id, data: AuthenticateData::Cancel } => {
                *self.ends.entry(*id).or_default() += 1;
            }
            _ => {}
        }
    }

    fn show(&mut self, event: Event) -> Vec<u8> {
        self.account(&event);
        match event {
            Event::Command { id, command } => {
                self.keep(id, &command);
                command_wire(&command)
            }
            Event::Upload { id, command, size } => {
                self.keep(id, &command);
                [format!("upload {size} ").as_bytes(), &command_wire(&command)].concat()
            }
            Event::Chunk { bytes, .. } => [b"chunk ", &bytes[..]].concat(),
            Event::UploadEnd(id) => text(format!("uploaded {}", self.tag(id))),
            Event::AuthenticateData { id, data } => {
                let mut shown = text(format!("answer {} ", self.tag(id)));
                match data {
                    AuthenticateData::Response(data) => shown.extend(quoted(data.expose().as_bytes())),
                    AuthenticateData::Cancel => shown.push(b'*'),
                }
                shown
            }
            Event::Idle(id) => {
                // Its tag is told nowhere.
                self.tags.insert(id, "idle".to_owned());
                self.ids.insert("idle".to_owned(), id);
                text("idle")
            }
            Event::IdleDone(_) => text("done"),
            Event::Enabled(list) => {
                let names: Vec<_> = list.iter().map(|capability| capability.as_str()).collect();
                text(format!("enabled {}", names.join(" ")))
            }
            Event::Aborted(id) => text(format!("aborted {}", self.tag(id))),
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

    fn say(&mut self, line: &[u8], streamed: bool, now: Time) -> Result<Result<(), Misuse>, String> {
        Ok(match response(line, streamed)? {
            Response::Data(data) => self.server.data(data, now),
            Response::Continuation(continuation) => {
                let challenge = continuation.challenge.map_or_else(Octets::default, |it| it.expose().clone());
                let id = self.last.ok_or("no command")?;
                self.server.challenge(id, challenge, now)
            }
            Response::Status(status) => match &status.tag {
                Some(tag) => {
                    let id = self.id(tag.as_str())?;
                    let reply = Reply { status: status.status, code: status.code, text: status.text };
                    let done = self.server.complete(id, reply, now);
                    self.ended(id, done)
                }
                None if !self.greeted => {
                    self.greeted = true;
                    self.server.greet(greeting(status)?, now)
                }
                None if status.status == Status::Bye => {
                    self.server.bye(status.code, &String::from_utf8_lossy(status.text.as_bytes()), now)
                }
                None => self.server.status(status, now),
            },
            _ => return Err("no response that a server says".to_owned()),
        })
    }

    fn update(&self, call: &[u8]) -> Result<Update, String> {
        let (kind, rest) = words(call);
        let rest = String::from_utf8_lossy(rest).into_owned();
        let set = |text: &str| UidSet::try_from(text).map_err(|error| error.to_string());
        Ok(match &*kind {
            "arrived" => Update::Arrived(set(&rest)?),
            "expunged" => Update::Expunged(set(&rest)?),
            "recent" => Update::Recent(rest.parse().map_err(|_| "no number".to_owned())?),
            "changed" => {
                let (uid, items) = rest.split_once(' ').ok_or("a change has a UID and items")?;
                let uid = uid.parse::<u32>().ok().and_then(|uid| Uid::try_from(uid).ok()).ok_or("no UID")?;
                Update::Changed { uid, items: items_of(items)? }
            }
            _ => return Err(format!("no update: {kind:?}")),
        })
    }

    fn select(&mut self, call: &[u8], now: Time) -> Result<Result<(), Misuse>, String> {
        let (tag, rest) = words(call);
        let rest = String::from_utf8_lossy(rest).into_owned();
        let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{text:?} is no number"));
        let wrong = |_| "a number that is none".to_owned();
        let validity = UidValidity::try_from(1_u32).map_err(wrong)?;
        let mut selected = Selected::new(View::default(), validity, Uid::try_from(14_u32).map_err(wrong)?);
        for field in rest.split_whitespace() {
            let (name, value) = field.split_once('=').ok_or("a field is name=value")?;
            match name {
                "uids" => {
                    let uids = UidSet::try_from(value).map_err(|error| error.to_string())?;
                    selected.messages = View::from_uids(uids.iter()).map_err(|error| error.to_string())?;
                }
                "messages" => {
                    let _ = selected.messages.on_exists(number(value)?);
                }
                "validity" => selected.uid_validity = UidValidity::try_from(number(value)?).map_err(wrong)?,
                "next" => selected.uid_next = Uid::try_from(number(value)?).map_err(wrong)?,
                "recent" => selected.recent = number(value)?,
                "unseen" => selected.unseen = Some(SeqNum::try_from(number(value)?).map_err(wrong)?),
                "modseq" => {
                    let value = value.parse::<u64>().map_err(|_| "no number".to_owned())?;
                    selected.highest_mod_seq =
                        Some(ModSeq::try_from(value).map_err(|error| error.to_string())?);
                }
                "access" if value == "read-only" => selected.access = Access::ReadOnly,
                "list" => {
                    let line = format!("* LIST () \"/\" {value}");
                    let Response::Data(Data::List(list)) = response(line.as_bytes(), false)? else {
                        return Err("no LIST".to_owned());
                    };
                    selected.list = Some(list);
                }
                "vanished" => {
                    let uids = UidSet::try_from(value).map_err(|error| error.to_string())?;
                    selected.changes.push(Data::Vanished { earlier: true, uids });
                }
                _ => return Err(format!("no field: {name:?}")),
            }
        }
        let id = self.id(&tag)?;
        let done = self.server.select(id, selected, now);
        Ok(self.ended(id, done))
    }
}

fn items_of(items: &str) -> Result<Vec<MsgAtt>, String> {
    match response(format!("* 1 FETCH {items}").as_bytes(), false)? {
        Response::Data(Data::Fetch(fetch)) => Ok(fetch.items.to_vec()),
        _ => Err("no items".to_owned()),
    }
}

fn greeting(status: StatusResponse) -> Result<Greeting, String> {
    let kind = match status.status {
        Status::Ok => GreetingKind::Ok,
        Status::PreAuth => GreetingKind::PreAuth,
        Status::Bye => GreetingKind::Bye,
        Status::No | Status::Bad => return Err("no greeting".to_owned()),
    };
    Ok(Greeting { kind, code: status.code, text: status.text })
}

impl Session for Driver {
    fn bytes(&mut self, bytes: &[u8], owned: bool, now: Time) {
        if owned {
            self.server.handle_owned(Bytes::copy_from_slice(bytes), now);
        } else {
            self.server.handle_bytes(bytes, now);
        }
    }

    fn eof(&mut self, now: Time) {
        self.server.handle_eof(now);
    }

    fn timeout(&mut self, now: Time) {
        self.server.handle_timeout(now);
    }

    fn timer(&self) -> Option<(Time, TimerKind)> {
        self.server.poll_timeout()
    }

    fn call(&mut self, call: &[u8], now: Time) -> Result<Result<(), Misuse>, String> {
        let (word, rest) = words(call);
        Ok(match &*word {
            "tls" => {
                let token = self.tls.take().ok_or("no StartTls")?;
                self.server.tls_up(token, now);
                Ok(())
            }
            "compressed" => {
                let token = self.compress.take().ok_or("no Compress")?;
                self.server.compression_up(token, now);
                Ok(())
            }
            "release" => {
                self.server.release_buffers();
                Ok(())
            }
            "user" => {
                self.server.set_user(Some(&words(rest).0));
                Ok(())
            }
            "accept" => {
                let id = self.id(&words(rest).0)?;
                self.server.accept(id, now)
            }
            "refuse" => {
                let id = self.id(&words(rest).0)?;
                let Response::Status(status) = response(rest, false)? else {
                    return Err("no reply".to_owned());
                };
                let reply = Reply { status: status.status, code: status.code, text: status.text };
                let done = self.server.refuse(id, reply, now);
                self.ended(id, done)
            }
            "payload" => self.server.payload(&Bytes::copy_from_slice(rest), now).map(|_| ()),
            "update" => {
                let update = self.update(rest)?;
                self.server.update(update, now)
            }
            "select" => return self.select(rest, now),
            "streamed" => return self.say(rest, true, now),
            _ => return self.say(call, false, now),
        })
    }

    fn event(&mut self) -> Option<Vec<u8>> {
        let event = self.server.poll_event()?;
        Some(self.show(event))
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        self.server.poll_transmit().map(Vec::from)
    }

    fn state(&self) -> State {
        self.server.state()
    }

    fn exists(&self) -> Option<Option<u32>> {
        self.server.mailbox().map(View::exists)
    }

    fn wants_bytes(&self) -> bool {
        self.server.wants_bytes()
    }

    fn settle(&mut self, now: Time) {
        if !self.greeted {
            self.greeted = true;
            if let Ok(greeting) = Greeting::ok("ready") {
                let _ = self.server.greet(greeting, now);
            }
        }
        let open: Vec<Id> = self.ends.iter().filter(|(_, times)| **times == 0).map(|(id, _)| *id).collect();
        for id in open {
            let no = || Reply { status: Status::No, code: None, text: "gone".try_into().unwrap_or_default() };
            let mut done = self.server.complete(id, no(), now);
            if let Err(Misuse::Payload { left }) = done {
                let rest = vec![b'x'; usize::try_from(left).unwrap_or(0)];
                let _ = self.server.payload(&Bytes::from(rest), now);
                done = self.server.complete(id, no(), now);
            }
            if done.is_err() {
                done = self.server.refuse(id, no(), now);
            }
            let _ = self.ended(id, done);
        }
    }

    fn accounts(&self) -> Result<(), String> {
        match self.ends.iter().find(|(_, times)| **times != 1) {
            Some((id, times)) => Err(format!("{} ended {times} times", self.tag(*id))),
            None => Ok(()),
        }
    }

    fn advertises(&self, name: &str) -> Option<bool> {
        self.server.capabilities().advertises(name)
    }
}

fn end_name(end: End) -> &'static str {
    match end {
        End::LoggedOut => "logged-out",
        End::Bye => "bye",
        End::Closed => "closed",
        End::TimedOut => "timed-out",
        End::BadCommands => "bad-commands",
        End::Violation => "violation",
        _ => "unknown",
    }
}

/// The configuration by a header.
///
/// # Errors
/// Where a switch is wrong.
pub fn config(header: &Header) -> Result<Config, String> {
    let mut config =
        Config::new(header.capabilities.split_whitespace()).map_err(|error| error.to_string())?;
    config.require_tls = match header.switch("tls") {
        None | Some("required") => true,
        Some("optional") => false,
        other => return Err(format!("tls: {other:?}")),
    };
    if header.switch("profile") == Some("strict") {
        config.decode = DecodeOptions { limits: config.decode.limits, ..DecodeOptions::strict() };
    }
    super::message::limits(header.switch("limits"), &mut config.decode.limits)?;
    super::message::limits(header.switch("limits-before"), &mut config.limits_before)?;
    if let Some(refused) = header.switch("authorize") {
        // `refuse DELETE`: NO to that command.
        let name = refused.strip_prefix("refuse ").ok_or("authorize: refuse NAME")?.to_owned();
        config.authorize = Some(Arc::new(move |request: &Request<'_>| {
            if request.command.name() == name {
                return Err(Reply {
                    status: Status::No,
                    code: None,
                    text: "not for you".try_into().unwrap_or_default(),
                });
            }
            Ok(())
        }));
    }
    config.upload_above = header.number("upload-above")?;
    config.parallel = header.number("parallel")?.unwrap_or(config.parallel);
    config.backlog = header.number("backlog")?.unwrap_or(config.backlog);
    config.hand_over_unknown = header.switch("hand-over-unknown") == Some("yes");
    config.bad_commands_before = header.number("bad-commands-before")?.unwrap_or(config.bad_commands_before);
    config.bad_commands = header.number("bad-commands")?.unwrap_or(config.bad_commands);
    config.autologout = header.seconds("autologout")?.unwrap_or(config.autologout);
    config.authentication_timeout =
        header.seconds("authentication-timeout")?.unwrap_or(config.authentication_timeout);
    config.literal_timeout = header.seconds("literal-timeout")?.unwrap_or(config.literal_timeout);
    Ok(config)
}

//! The owner of the server session: it answers commands from the small store, in its own time and mood.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use imap_fsm::{
    error::Misuse,
    mailbox::{By, View},
    server::{Event, Id, Reply, Selected, Server, Update},
    time::Time,
};
use imap_types::{
    code::Code,
    command::{Command, CommandBody},
    esearch::{Correlator, EsearchResponse, SearchReturnData},
    fetch::{FetchResponse, MsgAtt, Payload, UidFetchResponse},
    flag::{Flag, FlagFetch},
    list::ListResponse,
    mailbox::Mailbox as Name,
    names::Names,
    namespace::{Namespace, NamespaceResponse},
    number::{Number64, Uid, UidValidity},
    octets::Octets,
    response::{Data, Status},
    search::SearchResponse,
    section::Section,
    select::SelectParameter,
    sequence::{SequenceSet, UidSet},
    status::{StatusAtt, StatusAttVal, StatusData},
    store::{StoreItem, StoreMode},
    string::{Form, IString, NString},
};

use super::{commands::mod_seq, store::Store};
use crate::rng::Rng;

/// A command that the server handed over, and what became of it.
#[derive(Debug)]
pub struct Got {
    /// Its name.
    pub id: Id,
    /// The command; where only an upload was asked for so far, what is known of it.
    pub command: Command,
    /// The payloads that were uploaded.
    pub chunks: Vec<Vec<u8>>,
    /// What it is waiting for, or came to.
    pub fate: Fate,
}

/// What a command is waiting for, or came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// A payload is offered.
    Offered,
    /// A payload is being uploaded, or the rest of the command is.
    Uploading,
    /// A reply.
    Waits,
    /// The client's answer to a challenge.
    Challenged,
    /// This was the reply.
    Replied(Status, String),
    /// None: the session answered by itself, or ended.
    Aborted,
}

impl Got {
    fn is_over(&self) -> bool {
        matches!(self.fate, Fate::Replied(..) | Fate::Aborted)
    }
}

/// The owner.
#[derive(Debug, Default)]
pub struct Owner {
    /// All that was handed over, in order.
    pub got: Vec<Got>,
    /// The data that it sent and the client has not received.
    pub told: VecDeque<Data>,
    /// The challenges that it sent and the client has not received.
    pub challenges: VecDeque<Vec<u8>>,
    /// What it sent as payloads and the client has not received.
    pub payloads: VecDeque<Vec<u8>>,
    store: Store,
    selected: Option<Vec<u8>>,
    /// The IDLEs that run.
    idles: BTreeSet<Id>,
    replies: u32,
    /// Whether all goes well, without delay: at the end of a case.
    pub kind: bool,
}

impl Owner {
    /// Takes note of an event.
    ///
    /// # Panics
    /// Where it is about a command that is over, or comes at the wrong time.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Upload { id, command, size: _ } => match self.find(id) {
                Some(got) => {
                    assert_eq!(got.fate, Fate::Uploading, "{got:?}");
                    got.command = command;
                    got.fate = Fate::Offered;
                }
                None => {
                    self.got.push(Got { id, command, chunks: Vec::new(), fate: Fate::Offered });
                }
            },
            Event::Chunk { id, bytes } => {
                let got = self.find(id).expect("a chunk belongs to an upload");
                assert_eq!(got.fate, Fate::Uploading, "{got:?}");
                got.chunks.last_mut().expect("it was accepted").extend_from_slice(&bytes);
            }
            Event::UploadEnd(id) => {
                assert_eq!(self.find(id).expect("the end of an upload").fate, Fate::Uploading);
            }
            Event::Command { id, command } => match self.find(id) {
                Some(got) => {
                    assert_eq!(got.fate, Fate::Uploading, "{got:?}");
                    got.command = command;
                    got.fate = Fate::Waits;
                }
                None => self.got.push(Got { id, command, chunks: Vec::new(), fate: Fate::Waits }),
            },
            Event::AuthenticateData { id, data } => {
                let got = self.find(id).expect("an answer belongs to AUTHENTICATE");
                assert_eq!(got.fate, Fate::Challenged, "{got:?}");
                let gives_up = data == imap_types::command::AuthenticateData::Cancel;
                got.fate = if gives_up { Fate::Aborted } else { Fate::Waits };
            }
            Event::Idle(id) => assert!(self.idles.insert(id), "{id:?} begins twice"),
            Event::IdleDone(id) => assert!(self.idles.remove(&id), "{id:?} ends twice"),
            Event::Aborted(id) if self.idles.remove(&id) => {}
            Event::Aborted(id) => {
                let got = self.find(id).expect("what is aborted was handed over");
                assert!(!got.is_over(), "aborted twice: {got:?}");
                got.fate = Fate::Aborted;
            }
            _ => {}
        }
    }

    /// The command of that name that is not over.
    fn find(&mut self, id: Id) -> Option<&mut Got> {
        let got = self.got.iter_mut().find(|got| got.id == id)?;
        assert!(!got.is_over(), "an event for what is over: {got:?}");
        Some(got)
    }

    /// Whether something is left to be done here.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.got.iter().any(|got| matches!(got.fate, Fate::Offered | Fate::Waits))
    }

    /// Does something about one of the commands that wait.
    ///
    /// # Panics
    /// Where the server refuses what is right.
    pub fn act(&mut self, server: &mut Server, rng: &mut Rng, now: Time) {
        let waiting: Vec<usize> = (0..self.got.len())
            .filter(|at| matches!(self.got[*at].fate, Fate::Offered | Fate::Waits))
            .collect();
        if let Some(idle) = self.idles.first().copied()
            && !self.kind
            && rng.below(6) == 0
        {
            self.idles.remove(&idle);
            let reply = if rng.below(2) == 0 { Reply::ok("enough") } else { Reply::no("enough") };
            return server.complete(idle, reply.expect("the text is fine"), now).expect("IDLE is running");
        }
        if waiting.is_empty() {
            return;
        }
        let at = waiting[rng.below(waiting.len())];
        if self.got[at].fate == Fate::Offered {
            let id = self.got[at].id;
            if self.kind || rng.below(4) > 0 {
                server.accept(id, now).expect("the upload was offered");
                self.got[at].chunks.push(Vec::new());
                self.got[at].fate = Fate::Uploading;
            } else {
                let reply = self.refusal(rng);
                self.got[at].fate = Fate::Replied(reply.status, reply.text.to_string());
                server.refuse(id, reply, now).expect("the upload was offered");
            }
            return;
        }
        self.answer(at, server, rng, now);
    }

    /// A reply of its own, so that it is known again.
    fn reply(&mut self, status: Status) -> Reply {
        self.replies += 1;
        let text = format!("reply {}", self.replies);
        match status {
            Status::No => Reply::no(&text),
            Status::Bad => Reply::bad(&text),
            _ => Reply::ok(&text),
        }
        .expect("the text is fine")
    }

    fn refusal(&mut self, rng: &mut Rng) -> Reply {
        self.reply(if rng.below(2) == 0 { Status::No } else { Status::Bad })
    }

    fn complete(&mut self, at: usize, reply: Reply, server: &mut Server, now: Time) {
        self.got[at].fate = Fate::Replied(reply.status, reply.text.to_string());
        server.complete(self.got[at].id, reply, now).expect("the command waits for its reply");
    }

    fn tell(&mut self, data: Data, server: &mut Server, now: Time) {
        server.data(data.clone(), now).unwrap_or_else(|misuse| panic!("{misuse}: {data:?}"));
        self.told.push_back(data);
    }

    fn answer(&mut self, at: usize, server: &mut Server, rng: &mut Rng, now: Time) {
        if !server.state().is_selected() {
            self.selected = None;
        }
        let id = self.got[at].id;
        let body = self.got[at].command.body.clone();
        let well = if self.kind { rng.below(12) < 11 } else { rng.below(4) > 0 };
        if let CommandBody::Authenticate { .. } = body
            && rng.below(if self.kind { 4 } else { 2 }) == 0
        {
            let challenge = super::commands::bytes(rng, 20);
            server.challenge(id, challenge.clone(), now).expect("no challenge waits");
            self.challenges.push_back(challenge);
            self.got[at].fate = Fate::Challenged;
            return;
        }
        if !well {
            let reply = self.refusal(rng);
            return self.complete(at, reply, server, now);
        }
        let tag = self.got[at].command.tag.clone();
        let done = match &body {
            CommandBody::Select { mailbox, parameters } | CommandBody::Examine { mailbox, parameters } => {
                let name = mailbox.as_bytes();
                if let Some(selected) = self.selection(name, parameters, server, rng) {
                    self.selected = Some(name.to_vec());
                    let examine = matches!(body, CommandBody::Examine { .. });
                    let text = if examine { "EXAMINE completed" } else { "SELECT completed" };
                    self.got[at].fate = Fate::Replied(Status::Ok, text.into());
                    return server.select(id, selected, now).expect("the mailbox can be selected");
                }
                false
            }
            CommandBody::Close => {
                if server.state() == imap_fsm::state::State::Selected(imap_fsm::state::Access::ReadWrite) {
                    self.expunge(None);
                }
                self.selected = None;
                true
            }
            CommandBody::Unselect => {
                self.selected = None;
                true
            }
            // Names in LIST have to be sendable to any client.
            CommandBody::Create { mailbox, .. } => {
                mailbox.as_bytes().is_ascii() && self.store.create(mailbox.as_bytes())
            }
            CommandBody::Delete(mailbox) => {
                let other = self.selected.as_deref() != Some(mailbox.as_bytes());
                other && self.store.delete(mailbox.as_bytes())
            }
            CommandBody::Namespace => {
                let personal = vec![Namespace::new("", Some('/')).expect("no NUL")];
                let data = NamespaceResponse { personal, ..NamespaceResponse::default() };
                self.tell(Data::Namespace(data), server, now);
                true
            }
            CommandBody::List(_) | CommandBody::Lsub { .. } => {
                let names: Vec<Vec<u8>> = self.store.names().map(<[u8]>::to_vec).collect();
                for name in names {
                    let list = ListResponse::new(name_of(&name), Some('/'));
                    let lsub = matches!(body, CommandBody::Lsub { .. });
                    self.tell(if lsub { Data::Lsub(list) } else { Data::List(list) }, server, now);
                }
                true
            }
            CommandBody::Status { mailbox, items } => self.status(mailbox, items, server, now),
            CommandBody::Append(append) => {
                let many = append.messages.len() as u32;
                self.arrive(append.mailbox.as_bytes(), many, server, now)
            }
            CommandBody::Expunge => {
                let gone = self.expunge(None);
                self.gone(gone, server, now);
                true
            }
            CommandBody::UidExpunge(set) => {
                let gone = self.expunge(Some(&uids(server, set, By::Uid)));
                self.gone(gone, server, now);
                true
            }
            CommandBody::Search(search) => {
                self.search(search.uid, search.returns.is_some(), tag.as_bytes(), server, rng, now);
                true
            }
            CommandBody::Fetch(fetch) => {
                self.fetch(fetch.uid, &fetch.set, server, rng, now);
                true
            }
            CommandBody::Store(store) => {
                if let StoreItem::Flags { mode, silent, flags } = &store.item {
                    self.store_flags(store.uid, &store.set, (*mode, *silent, flags), server, now);
                }
                true
            }
            CommandBody::Copy(copy) => {
                let many = uids(server, &copy.set, by(copy.uid)).len() as u32;
                self.arrive(copy.mailbox.as_bytes(), many, server, now)
            }
            CommandBody::Move(copy) => {
                let moved = uids(server, &copy.set, by(copy.uid));
                let there = self.arrive(copy.mailbox.as_bytes(), moved.len() as u32, server, now);
                if there && let Some(name) = self.selected.clone() {
                    let gone = self.store.expunge(&name, |uid| moved.contains(number(uid)));
                    self.gone(gone, server, now);
                }
                there
            }
            CommandBody::Replace(replace) => {
                let set = SequenceSet::from(replace.number);
                let there = self.arrive(replace.mailbox.as_bytes(), 1, server, now);
                if there && let Some(name) = self.selected.clone() {
                    let gone = uids(server, &set, by(replace.uid));
                    let gone = self.store.expunge(&name, |uid| gone.contains(number(uid)));
                    self.gone(gone, server, now);
                }
                there
            }
            _ => true,
        };
        let mut reply = self.reply(if done { Status::Ok } else { Status::No });
        if !done && rng.below(2) == 0 {
            reply = reply.with_code(Code::TryCreate);
        } else if rng.below(4) == 0 {
            reply = reply.with_code(Code::Alert);
        }
        self.complete(at, reply, server, now);
    }

    fn selection(
        &self,
        name: &[u8],
        parameters: &[SelectParameter],
        server: &Server,
        rng: &mut Rng,
    ) -> Option<Selected> {
        let mailbox = self.store.mailbox(name)?;
        let uids: Vec<Uid> = mailbox.messages.keys().copied().map(number).collect();
        let known = UidSet::from_iter(uids.iter().copied());
        let view = View::from_uids(uids).expect("UIDs ascend");
        let validity = UidValidity::try_from(mailbox.validity).expect("not 0");
        let mut selected = Selected::new(view, validity, number(mailbox.next));
        selected.recent = rng.below(3) as u32;
        selected.highest_mod_seq = (rng.below(3) > 0).then(|| mod_seq(rng));
        let lists = rng.below(2) == 0 || server.capabilities().is_rev2();
        selected.list = lists.then(|| ListResponse::new(name_of(name), Some('/')));
        if rng.below(4) == 0 {
            selected.access = imap_fsm::state::Access::ReadOnly;
        }
        let asks = parameters.iter().any(|parameter| matches!(parameter, SelectParameter::QResync { .. }));
        if asks && server.capabilities().is_enabled("QRESYNC") {
            let gone: UidSet = (1..mailbox.next).map(number).filter(|uid| !known.contains(*uid)).collect();
            if !gone.is_empty() {
                selected.changes.push(Data::Vanished { earlier: true, uids: gone });
            }
        }
        Some(selected)
    }

    fn status(&mut self, name: &Name, items: &[StatusAtt], server: &mut Server, now: Time) -> bool {
        let Some(mailbox) = self.store.mailbox(name.as_bytes()) else { return false };
        let values: Vec<StatusAttVal> = items
            .iter()
            .filter_map(|item| match item {
                StatusAtt::Messages => Some(StatusAttVal::Messages(mailbox.messages.len() as u32)),
                StatusAtt::UidNext => Some(StatusAttVal::UidNext(number(mailbox.next))),
                StatusAtt::UidValidity => {
                    UidValidity::try_from(mailbox.validity).ok().map(StatusAttVal::UidValidity)
                }
                _ => None,
            })
            .collect();
        self.tell(Data::Status(StatusData::new(name.clone(), values)), server, now);
        true
    }

    fn search(
        &mut self,
        uid: bool,
        returns: bool,
        tag: &[u8],
        server: &mut Server,
        rng: &mut Rng,
        now: Time,
    ) {
        let Some(view) = server.mailbox() else { return };
        let all: Vec<_> = view.messages(&SequenceSet::all(), By::Number).collect();
        let numbers: Vec<_> = all
            .into_iter()
            .filter(|_| rng.below(3) == 0)
            .filter_map(|message| if uid { message.uid.map(Uid::get) } else { Some(message.number.get()) })
            .filter_map(|number| number.try_into().ok())
            .collect();
        let capabilities = server.capabilities();
        let data = if returns || capabilities.is_enabled("IMAP4rev2") || capabilities.is_rev2() {
            let mut data = vec![SearchReturnData::Count(numbers.len() as u32)];
            if !numbers.is_empty() {
                data.push(SearchReturnData::All(numbers.into_iter().collect()));
            }
            let tag = Correlator::Tag(tag.try_into().expect("a tag is a string"));
            Data::Esearch(EsearchResponse { correlators: vec![tag], uid, data })
        } else {
            Data::Search(SearchResponse { numbers, mod_seq: None })
        };
        self.tell(data, server, now);
    }

    fn fetch(&mut self, uid: bool, set: &SequenceSet, server: &mut Server, rng: &mut Rng, now: Time) {
        let Some(view) = server.mailbox() else { return };
        let messages: Vec<_> = view.messages(set, by(uid)).take(4).collect();
        let uid_only = server.capabilities().is_enabled("UIDONLY");
        for message in messages {
            let Some(known) = message.uid else { continue };
            let mut items = vec![MsgAtt::Flags(self.flags(known))];
            if uid && !uid_only {
                items.insert(0, MsgAtt::Uid(known));
            }
            if rng.below(3) == 0 {
                items.push(MsgAtt::ModSeq(mod_seq(rng)));
            }
            let payload = (rng.below(2) == 0).then(|| super::commands::bytes(rng, 400));
            let streamed = payload.is_some() && rng.below(2) == 0;
            if let Some(bytes) = &payload {
                let data = if streamed {
                    let size = Number64::from(bytes.len() as u32);
                    Payload::Streamed { size, form: Form::Literal }
                } else {
                    let bytes = Octets::from(bytes.clone());
                    Payload::Data(NString::from(IString::received(bytes, Form::Literal)))
                };
                items.push(MsgAtt::BodySection { section: Box::new(Section::ALL), origin: None, data });
            }
            let data = if uid_only {
                Data::UidFetch(UidFetchResponse { uid: known, items })
            } else {
                Data::Fetch(FetchResponse { seq: message.number, items })
            };
            self.tell(data, server, now);
            if let Some(bytes) = payload {
                if streamed {
                    self.send_payload(&bytes, server, rng, now);
                }
                self.payloads.push_back(bytes);
            }
        }
    }

    fn send_payload(&mut self, bytes: &[u8], server: &mut Server, rng: &mut Rng, now: Time) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let refused = server.data(Data::Exists(1), now);
            assert!(matches!(refused, Err(Misuse::Payload { .. })), "{refused:?} inside a payload");
            let (piece, more) = rest.split_at(1 + rng.below(rest.len()));
            let left = server.payload(&Bytes::copy_from_slice(piece), now).expect("the payload is wanted");
            assert_eq!(left, more.len() as u64);
            rest = more;
        }
    }

    fn store_flags(
        &mut self,
        uid: bool,
        set: &SequenceSet,
        (mode, silent, flags): (StoreMode, bool, &Names<Flag>),
        server: &mut Server,
        now: Time,
    ) {
        let Some(view) = server.mailbox() else { return };
        let messages: Vec<_> = view.messages(set, by(uid)).collect();
        let Some(name) = self.selected.clone() else { return };
        for message in messages {
            let Some(known) = message.uid else { continue };
            let Some(mailbox) = self.store.mailbox_mut(&name) else { return };
            let Some(has) = mailbox.messages.get_mut(&known.get()) else { continue };
            match mode {
                StoreMode::Replace => *has = flags.iter().cloned().collect(),
                StoreMode::Add => {
                    has.retain(|flag| !flags.contains(flag));
                    has.extend(flags.iter().cloned());
                }
                StoreMode::Remove => has.retain(|flag| !flags.contains(flag)),
            }
            if silent {
                continue;
            }
            let mut items = vec![MsgAtt::Flags(self.flags(known))];
            let data = if server.capabilities().is_enabled("UIDONLY") {
                Data::UidFetch(UidFetchResponse { uid: known, items })
            } else {
                if uid {
                    items.push(MsgAtt::Uid(known));
                }
                Data::Fetch(FetchResponse { seq: message.number, items })
            };
            self.tell(data, server, now);
        }
    }

    fn flags(&self, uid: Uid) -> Names<FlagFetch> {
        let mailbox = self.selected.as_deref().and_then(|name| self.store.mailbox(name));
        let flags = mailbox.and_then(|mailbox| mailbox.messages.get(&uid.get()));
        flags.into_iter().flatten().cloned().map(FlagFetch::from).collect()
    }

    /// Removes what has `\Deleted`: of these, or all.
    fn expunge(&mut self, of: Option<&UidSet>) -> UidSet {
        let Some(name) = self.selected.clone() else { return UidSet::default() };
        let Some(mailbox) = self.store.mailbox(&name).cloned() else { return UidSet::default() };
        self.store.expunge(&name, |uid| {
            mailbox.has(uid, &Flag::Deleted) && of.is_none_or(|of| of.contains(number(uid)))
        })
    }

    fn gone(&mut self, uids: UidSet, server: &mut Server, now: Time) {
        if !uids.is_empty() && server.state().is_selected() {
            server.update(Update::Expunged(uids), now).expect("a mailbox is selected");
        }
    }

    /// Messages arrive in a mailbox; false where there is none.
    fn arrive(&mut self, name: &[u8], many: u32, server: &mut Server, now: Time) -> bool {
        let Some(uids) = self.store.append(name, many) else { return false };
        let here = self.is_selected(name) && server.state().is_selected();
        if here && !uids.is_empty() {
            server.update(Update::Arrived(uids), now).expect("a mailbox is selected");
        }
        true
    }

    fn is_selected(&self, name: &[u8]) -> bool {
        let Some(selected) = &self.selected else { return false };
        selected == name || (selected.eq_ignore_ascii_case(b"INBOX") && name.eq_ignore_ascii_case(b"INBOX"))
    }

    /// The UIDs in the selected mailbox.
    #[must_use]
    pub fn messages(&self) -> Vec<u32> {
        let mailbox = self.selected.as_deref().and_then(|name| self.store.mailbox(name));
        mailbox.map_or_else(Vec::new, |mailbox| mailbox.messages.keys().copied().collect())
    }

    /// Another session changes the mailbox that is selected here.
    ///
    /// # Panics
    /// Where the server refuses an update of the selected mailbox.
    pub fn change(&mut self, server: &mut Server, rng: &mut Rng, now: Time) {
        if !server.state().is_selected() {
            self.selected = None;
        }
        let Some(name) = self.selected.clone() else {
            self.store.append(b"INBOX", 1);
            return;
        };
        match rng.below(4) {
            0 => {
                let many = 1 + rng.below(3) as u32;
                self.arrive(&name, many, server, now);
            }
            1 | 2 => {
                let odds = 2 + rng.below(8);
                let gone = self.store.expunge(&name, |_| rng.below(odds) == 0);
                self.gone(gone, server, now);
            }
            _ => {
                let Some(mailbox) = self.store.mailbox_mut(&name) else { return };
                let many = mailbox.messages.len();
                let Some((uid, flags)) = mailbox.messages.iter_mut().nth(rng.below(many)) else { return };
                *flags = vec![Flag::Flagged, Flag::Deleted];
                let uid = number(*uid);
                let items = vec![MsgAtt::Flags(self.flags(uid))];
                server.update(Update::Changed { uid, items }, now).expect("a mailbox is selected");
            }
        }
    }

    /// Whether all that was handed over has an end.
    ///
    /// # Errors
    /// Names what has none.
    pub fn check_over(&self) -> Result<(), String> {
        match self.got.iter().find(|got| !got.is_over()) {
            Some(got) => Err(format!("the server forgot {got:?}")),
            None => Ok(()),
        }
    }

    /// The commands by their tags.
    #[must_use]
    pub fn by_tag(&self) -> BTreeMap<&str, &Got> {
        self.got.iter().map(|got| (got.command.tag.as_str(), got)).collect()
    }
}

fn number(uid: u32) -> Uid {
    Uid::try_from(uid).expect("UIDs begin at 1")
}

fn name_of(name: &[u8]) -> Name {
    Name::try_from(name).expect("the name has no NUL")
}

const fn by(uid: bool) -> By {
    if uid { By::Uid } else { By::Number }
}

/// The UIDs that a set names, as the client knows the mailbox.
fn uids(server: &Server, set: &SequenceSet, by: By) -> UidSet {
    let Some(view) = server.mailbox() else { return UidSet::default() };
    view.messages(set, by).filter_map(|message| message.uid).collect()
}

//! Sessions under arbitrary peers and arbitrary owners.
//!
//! An input is a byte that chooses the configuration, then operations: a byte that chooses which, and what it takes.
//! Each session runs twice, the second time byte by byte: its owner must not see a difference. Whatever happens, nothing
//! panics, everything drains, and what is begun ends once.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use imap_codec::Side;
use imap_fsm::{
    client::{self, Client},
    mailbox::View,
    observer::{self, Dialogue, Note},
    server::{self, Reply, Selected, Server, Update},
    time::Time,
};
use imap_types::{
    command::{AuthenticateData, CommandBody},
    fetch::{FetchAtt, FetchResponse, MsgAtt},
    flag::{Flag, FlagFetch},
    list::ListResponse,
    mailbox::Mailbox,
    number::{SeqNum, Uid, UidValidity},
    response::{Data, Greeting},
    search::SearchKey,
    sequence::UidSet,
    store::StoreMode,
};

use crate::pair::{Op, Pair, Setup};

/// An input that is read from its beginning.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A byte that says how many follow, and those.
    fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte().unwrap_or_default()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }
}

/// The most events and pieces of output that one operation may lead to, by the bytes that it handed in.
const fn bound(bytes: usize) -> usize {
    bytes * 4 + 8192
}

/// A command that a client may want to send.
fn wish(choice: u8) -> CommandBody {
    let made = match choice % 24 {
        0 => Ok(CommandBody::Noop),
        1 => Ok(CommandBody::Capability),
        2 => Ok(CommandBody::StartTls),
        3 => CommandBody::login("joe", "se\"same\r\n"),
        4 => CommandBody::authenticate("PLAIN"),
        5 => CommandBody::authenticate_with("SCRAM-SHA-256", &b"n,,n=joe"[..]),
        6 => CommandBody::select("INBOX"),
        7 => CommandBody::examine("two\r\nlines"),
        8 => CommandBody::enable(["QRESYNC", "IMAP4rev2"]),
        9 => CommandBody::list("", "*"),
        10 => CommandBody::fetch("1:*", FetchAtt::Flags),
        11 => CommandBody::uid_fetch("2,4:7", FetchAtt::Envelope),
        12 => CommandBody::store(1, StoreMode::Add, [Flag::Seen]),
        13 => Ok(CommandBody::search(SearchKey::All)),
        14 => Ok(CommandBody::Expunge),
        15 => Ok(CommandBody::Close),
        16 => Ok(CommandBody::Unselect),
        17 => Ok(CommandBody::Logout),
        18 => Ok(CommandBody::Idle),
        19 => CommandBody::append("Sent", streamed(u64::from(choice))),
        20 => CommandBody::append("Sent", imap_types::append::AppendMessage::new("hello")),
        21 => Ok(CommandBody::Unauthenticate),
        22 => Ok(CommandBody::Compress(imap_types::compress::CompressionAlgorithm::Deflate)),
        _ => CommandBody::uid_copy("1:*", "Trash"),
    };
    made.expect("plain values")
}

fn streamed(size: u64) -> imap_types::append::AppendMessage {
    imap_types::append::AppendMessage::streamed(size.try_into().expect("a small number"))
}

/// What the owner of a session saw: events and bytes by operation.
type Seen = Vec<String>;

/// A client under an arbitrary server and an arbitrary owner.
///
/// # Panics
/// Where something does not hold.
pub fn client_ops(bytes: &[u8]) {
    let whole = run_client(bytes, false, false);
    assert_eq!(whole, run_client(bytes, true, false), "whole and byte by byte differ");
    // What waits to be sent is judged by all that has arrived when the owner asks for events. Who asks at every byte may
    // see another session, in which all else holds.
    run_client(bytes, true, true);
}

/// Runs the operations on a client that gets its input whole or byte by byte, its owner asking for events at each byte.
fn run_client(bytes: &[u8], bytewise: bool, asked: bool) -> Seen {
    let mut input = Input(bytes);
    let choice = input.byte().unwrap_or_default();
    let mut config = client::Config::default();
    config.tls =
        [client::Tls::Optional, client::Tls::ForCredentials, client::Tls::Required, client::Tls::Optional]
            [usize::from(choice & 3)];
    config.stream_above = (choice & 4 != 0).then_some(4);
    config.ask_capabilities = choice & 8 == 0;
    if choice & 16 != 0 {
        config.blocked = client::Blocked::Refuse;
    }
    config.reply_timeout = (choice & 32 != 0).then_some(Duration::from_secs(30));
    let config = Arc::new(config);
    let mut now = Time::ZERO;
    let mut client = if choice & 64 == 0 { Client::new(config, now) } else { Client::protected(config, now) };
    let mut owner = ClientOwner::default();
    owner.drain(&mut client, now, 0);
    while let Some(op) = input.byte() {
        let mut fed = 0;
        match op % 16 {
            0..=5 => {
                let bytes = input.bytes();
                fed = bytes.len() + 2;
                let line: Vec<u8> = if op & 16 == 0 { [bytes, b"\r\n"].concat() } else { bytes.to_vec() };
                if bytewise {
                    for byte in &line {
                        client.handle_bytes(std::slice::from_ref(byte), now);
                        if asked {
                            owner.drain_events(&mut client, now, fed);
                        }
                    }
                } else {
                    client.handle_owned(Bytes::from(line), now);
                }
            }
            6..=8 => {
                if let Ok(handle) = client.send(wish(input.byte().unwrap_or_default()), now) {
                    owner.open.insert(handle);
                    owner.handles.push(handle);
                }
            }
            9 => {
                if let Some(handle) = owner.pick(input.byte()) {
                    let _ = client.done(handle, now);
                }
            }
            10 => {
                if let Some(handle) = owner.pick(input.byte()) {
                    let _ = client.cancel(handle, now);
                }
            }
            11 => {
                if let Some(handle) = owner.pick(input.byte()) {
                    let _ = client.authenticate(handle, AuthenticateData::from(input.bytes()), now);
                }
            }
            12 => {
                if let Some((handle, left)) = client.wants_upload() {
                    let len = u64::from(input.byte().unwrap_or_default()).min(left);
                    let piece = Bytes::from(vec![b'x'; usize::try_from(len).expect("a byte")]);
                    assert_eq!(client.upload(handle, &piece, now), Ok(left - len));
                }
            }
            13 => {
                now = now.after(Duration::from_secs(u64::from(input.byte().unwrap_or_default()) * 20));
                client.handle_timeout(now);
            }
            14 => client.release_buffers(),
            _ => client.handle_eof(now),
        }
        owner.drain(&mut client, now, fed);
    }
    client.handle_eof(now);
    owner.drain(&mut client, now, 0);
    assert!(owner.ended && owner.open.is_empty(), "not all ended: {:?}", owner.open);
    assert!(client.poll_event().is_none() && client.poll_timeout().is_none());
    owner.seen
}

/// Keeps what has to be kept of a client.
#[derive(Default)]
struct ClientOwner {
    handles: Vec<client::Handle>,
    open: BTreeSet<client::Handle>,
    ended: bool,
    streaming: bool,
    seen: Seen,
    /// What came since the last operation, chunks joined.
    line: String,
}

impl ClientOwner {
    fn pick(&self, choice: Option<u8>) -> Option<client::Handle> {
        let at = usize::from(choice.unwrap_or_default()).checked_rem(self.handles.len())?;
        self.handles.get(at).copied()
    }

    fn drain(&mut self, client: &mut Client, now: Time, fed: usize) {
        self.drain_events(client, now, fed);
        let mut sent = Vec::new();
        let mut pieces = 0;
        while let Some(bytes) = client.poll_transmit() {
            assert!(!bytes.is_empty(), "an empty piece");
            sent.extend_from_slice(&bytes);
            pieces += 1;
            assert!(pieces < bound(fed), "output without end");
        }
        self.drain_events(client, now, fed);
        let _ = write!(self.line, "sent {}", sent.escape_ascii());
        self.seen.push(std::mem::take(&mut self.line));
    }

    fn drain_events(&mut self, client: &mut Client, now: Time, fed: usize) {
        let mut count = 0;
        while let Some(event) = client.poll_event() {
            count += 1;
            assert!(count < bound(fed), "events without end");
            assert!(!self.ended, "after the end: {event:?}");
            let shown = format!("{event:?}");
            match event {
                client::Event::Completed { handle, .. } | client::Event::Aborted { handle, .. } => {
                    assert!(self.open.remove(&handle), "ended twice: {shown}");
                }
                client::Event::StreamBegin { .. } => {
                    assert!(!std::mem::replace(&mut self.streaming, true), "two streams at once");
                }
                client::Event::StreamEnd | client::Event::StreamAborted => {
                    assert!(std::mem::take(&mut self.streaming), "no stream to end");
                }
                client::Event::Chunk(piece) => {
                    assert!(self.streaming, "a chunk of nothing");
                    let _ = write!(self.line, "{}", piece.escape_ascii());
                    continue;
                }
                client::Event::StartTls(token) => client.tls_up(token, now),
                client::Event::Compress(token) => {
                    let unread = token.unread().clone();
                    client.compression_up(token, now);
                    client.handle_owned(unread, now);
                    // How much was read already is a matter of chunks.
                    let _ = writeln!(self.line, "\ncompress");
                    continue;
                }
                client::Event::Ended(_) => {
                    self.ended = true;
                    assert!(!self.streaming, "a stream outlives the session");
                }
                _ => {}
            }
            let _ = writeln!(self.line, "\n{shown}");
        }
    }
}

/// A server under an arbitrary client and an arbitrary owner.
///
/// # Panics
/// Where something does not hold.
pub fn server_ops(bytes: &[u8]) {
    let whole = run_server(bytes, false);
    assert_eq!(whole, run_server(bytes, true), "whole and byte by byte differ");
}

fn run_server(bytes: &[u8], bytewise: bool) -> Seen {
    let mut input = Input(bytes);
    let choice = input.byte().unwrap_or_default();
    let names = "IMAP4rev1 IMAP4rev2 STARTTLS AUTH=PLAIN SASL-IR ENABLE IDLE LITERAL+ ID NAMESPACE UIDPLUS CONDSTORE QRESYNC \
        ESEARCH SEARCHRES MOVE UNSELECT UIDONLY UTF8=ACCEPT CATENATE MULTIAPPEND REPLACE NOTIFY COMPRESS=DEFLATE \
        UNAUTHENTICATE LIST-EXTENDED BINARY";
    let mut config = server::Config::new(names.split(' ')).expect("atoms");
    config.require_tls = choice & 1 != 0;
    config.upload_above = (choice & 2 != 0).then_some(4);
    config.parallel = if choice & 4 != 0 { 3 } else { 1 };
    config.hand_over_unknown = choice & 8 != 0;
    config.bad_commands_before = if choice & 16 != 0 { u32::MAX } else { 3 };
    config.bad_commands = config.bad_commands_before;
    let mut now = Time::ZERO;
    let mut server = Server::new(Arc::new(config), now);
    let greeting = if choice & 32 != 0 { Greeting::pre_auth("hi") } else { Greeting::ok("hi") };
    server.greet(greeting.expect("plain text"), now).expect("the first");
    let mut owner = ServerOwner::default();
    owner.drain(&mut server, now, 0);
    while let Some(op) = input.byte() {
        let mut fed = 0;
        match op % 16 {
            0..=5 => {
                let bytes = input.bytes();
                fed = bytes.len() + 2;
                let line: Vec<u8> = if op & 16 == 0 { [bytes, b"\r\n"].concat() } else { bytes.to_vec() };
                if bytewise {
                    for byte in &line {
                        server.handle_bytes(std::slice::from_ref(byte), now);
                        owner.drain(&mut server, now, fed);
                    }
                } else {
                    server.handle_owned(Bytes::from(line), now);
                }
            }
            6..=9 => owner.act(&mut server, input.byte().unwrap_or_default(), now),
            10 => {
                let update = match input.byte().unwrap_or_default() {
                    n if n % 3 == 0 => Update::Expunged(UidSet::from(uid(u32::from(n)))),
                    n if n % 3 == 1 => Update::Arrived(UidSet::from(uid(u32::from(n) + 1000))),
                    n => Update::Changed { uid: uid(u32::from(n)), items: vec![seen()] },
                };
                let _ = server.update(update, now);
            }
            11 => {
                let number =
                    SeqNum::try_from(u32::from(input.byte().unwrap_or_default()) + 1).expect("not 0");
                let _ = server.data(Data::Expunge(number), now);
                let _ = server.data(Data::Fetch(FetchResponse { seq: number, items: vec![seen()] }), now);
            }
            12 => {
                now = now.after(Duration::from_secs(u64::from(input.byte().unwrap_or_default()) * 20));
                server.handle_timeout(now);
            }
            13 => server.release_buffers(),
            14 => {
                let _ = server.bye(None, "enough", now);
            }
            _ => server.handle_eof(now),
        }
        owner.drain(&mut server, now, fed);
    }
    server.handle_eof(now);
    for _ in 0..1000 {
        if owner.ended {
            break;
        }
        owner.drain(&mut server, now, 0);
        if owner.open.is_empty() && !owner.ended {
            owner.drain(&mut server, now, 0);
            assert!(owner.ended, "nothing is open, and it does not end");
        }
        owner.act(&mut server, 0, now);
    }
    owner.drain(&mut server, now, 0);
    assert!(owner.ended && owner.open.is_empty(), "not all ended: {:?} of {server:?}", owner.open);
    owner.log()
}

fn uid(number: u32) -> Uid {
    Uid::try_from(number + 1).expect("not 0")
}

fn seen() -> MsgAtt {
    MsgAtt::Flags([FlagFetch::Flag(Flag::Seen)].into_iter().collect())
}

/// Keeps what has to be kept of a server.
#[derive(Default)]
struct ServerOwner {
    /// Commands without a reply, oldest first; whether a decision about a payload is due.
    open: Vec<(server::Id, CommandBody, bool)>,
    ended: bool,
    events: String,
    sent: Vec<u8>,
}

impl ServerOwner {
    /// Events and bytes in their orders: what comes between them is a matter of chunks.
    fn log(self) -> Seen {
        vec![self.events, self.sent.escape_ascii().to_string()]
    }

    /// Does something about the oldest command.
    fn act(&mut self, server: &mut Server, choice: u8, now: Time) {
        let Some((id, body, decides)) = self.open.first().cloned() else { return };
        let reply = match choice % 3 {
            0 => Reply::ok("done"),
            1 => Reply::no("not now"),
            _ => Reply::bad("what"),
        }
        .expect("plain text");
        if decides {
            if choice.is_multiple_of(3) && server.accept(id, now).is_ok() {
                self.open.iter_mut().filter(|open| open.0 == id).for_each(|open| open.2 = false);
            } else if !choice.is_multiple_of(3) && server.refuse(id, reply, now).is_ok() {
                self.open.retain(|open| open.0 != id);
            }
            return;
        }
        if matches!(body, CommandBody::Authenticate { .. }) && choice & 64 != 0 {
            let _ = server.challenge(id, &b"who"[..], now);
            return;
        }
        let selects = matches!(body, CommandBody::Select { .. } | CommandBody::Examine { .. });
        let done = if selects && choice.is_multiple_of(3) {
            let messages = View::from_uids((0..9).map(uid)).expect("ascending");
            let validity = UidValidity::try_from(7).expect("not 0");
            let mut selected = Selected::new(messages, validity, uid(2000));
            if choice & 64 == 0 {
                selected.list = Some(ListResponse::new(Mailbox::inbox(), Some('/')));
            }
            server.select(id, selected, now)
        } else {
            server.complete(id, reply, now)
        };
        if done.is_err() {
            // The protocol wants something before the OK: say NO.
            let no = Reply::no("no").expect("plain text");
            if server.complete(id, no, now).is_err() {
                return;
            }
        }
        self.open.retain(|open| open.0 != id);
    }

    fn drain(&mut self, server: &mut Server, now: Time, fed: usize) {
        let mut count = 0;
        loop {
            let mut moved = false;
            while let Some(event) = server.poll_event() {
                moved = true;
                count += 1;
                assert!(count < bound(fed), "events without end");
                assert!(!self.ended, "after the end: {event:?}");
                self.take(server, event, now);
            }
            while let Some(bytes) = server.poll_transmit() {
                moved = true;
                count += 1;
                assert!(count < bound(fed) && !bytes.is_empty(), "output without end");
                self.sent.extend_from_slice(&bytes);
            }
            if !moved {
                return;
            }
        }
    }

    fn take(&mut self, server: &mut Server, event: server::Event, now: Time) {
        let shown = format!("{event:?}");
        match event {
            server::Event::Command { id, command } => {
                self.open.retain(|open| open.0 != id);
                self.open.push((id, command.body, false));
            }
            server::Event::Upload { id, command, .. } => {
                self.open.retain(|open| open.0 != id);
                self.open.push((id, command.body, true));
            }
            server::Event::Aborted(id) => self.open.retain(|open| open.0 != id),
            server::Event::Chunk { bytes, .. } => {
                let _ = write!(self.events, "{}", bytes.escape_ascii());
                return;
            }
            // Given up: the session has replied.
            server::Event::AuthenticateData { id, data: AuthenticateData::Cancel } => {
                self.open.retain(|open| open.0 != id);
            }
            server::Event::StartTls(token) => server.tls_up(token, now),
            server::Event::Compress(token) => {
                let unread = token.unread().clone();
                server.compression_up(token, now);
                server.handle_owned(unread, now);
                let _ = writeln!(self.events, "\ncompress");
                return;
            }
            server::Event::Ended(_) => self.ended = true,
            _ => {}
        }
        let _ = writeln!(self.events, "\n{shown}");
    }
}

/// An observer of two arbitrary peers: whole pieces and single bytes make the same events.
///
/// # Panics
/// Where something does not hold.
pub fn observer(bytes: &[u8]) {
    let watch = |bytewise: bool| {
        let mut input = Input(bytes);
        let mut dialogue = Dialogue::new(observer::Options::default());
        let mut seen = Vec::new();
        while let Some(op) = input.byte() {
            let piece = input.bytes();
            let line: Vec<u8> = if op & 2 == 0 { [piece, b"\r\n"].concat() } else { piece.to_vec() };
            let from = if op & 1 == 0 { Side::Client } else { Side::Server };
            let pieces: Vec<&[u8]> = if bytewise { line.chunks(1).collect() } else { vec![&line] };
            for piece in pieces {
                match from {
                    Side::Client => dialogue.client_bytes(piece),
                    Side::Server => dialogue.server_bytes(piece),
                }
                while let Some(event) = dialogue.poll_event() {
                    let note = matches!(event, observer::Event::Note(Note::Compress));
                    seen.push(format!("{event:?}"));
                    if note {
                        dialogue.inflated();
                    }
                }
            }
        }
        seen
    };
    assert_eq!(watch(false), watch(true), "whole and byte by byte differ");
}

/// A client and a server that are joined: the first eight bytes choose their configurations, the others what happens.
///
/// # Panics
/// Where they disagree.
pub fn pair(bytes: &[u8]) {
    let Some((seed, ops)) = bytes.split_first_chunk::<8>() else { return };
    let ops: Vec<Op> = ops.chunks_exact(5).take(400).map(op).collect();
    Pair::play(&Setup::of(u64::from_le_bytes(*seed)), &ops);
}

fn op(bytes: &[u8]) -> Op {
    let &[kind, a, b, c, d] = bytes else { return Op::Settle };
    let (short, long) = (u16::from_le_bytes([a, b]), u32::from_le_bytes([a, b, c, d]));
    match kind % 16 {
        0..=2 => Op::Send(long),
        3 => Op::ToServer(short % 400 + 1),
        4 => Op::ToClient(short % 400 + 1),
        5 | 6 => Op::Answer(long),
        7 => Op::Change(long),
        8 => Op::Done,
        9 => Op::Cancel(short),
        10 => Op::Respond(long),
        11 => Op::Upload(short % 6000 + 1),
        12 => Op::Wait(short % 1000),
        13 => Op::Misuse(long),
        14 if c == 0 && d == 0 => {
            if a & 1 == 0 {
                Op::EndOfClient
            } else {
                Op::EndOfServer
            }
        }
        14 => Op::Note,
        _ => Op::Settle,
    }
}

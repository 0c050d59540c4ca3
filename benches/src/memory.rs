//! Bytes that are held: figures that a busy machine does not change.

use bytes::Bytes;
use imap_fsm::{client, mailbox::View, server};
use imap_types::{
    append::AppendMessage,
    command::CommandBody,
    fetch::{FetchAtt, FetchResponse, MsgAtt, Payload},
    number::{Number64, SeqNum},
    response::Data,
    section::Section,
};

use crate::{
    alloc::counted,
    pair::{Configs, NOW, Pair},
    workloads::view::spread,
};

/// A number of bytes, and the most that it is to be.
pub struct Figure {
    pub what: String,
    pub figure: f64,
    pub most: f64,
}

/// The payload of a message that is streamed, and the size of its pieces.
const PAYLOAD: u64 = 1 << 30;
const PIECE: usize = 16 * 1024;

const SESSIONS: usize = 100_000;

/// The figures of which the group is wanted.
pub fn figures(wanted: impl Fn(&str) -> bool) -> Vec<Figure> {
    type Measure = fn() -> Vec<Figure>;
    let groups: [(&str, Measure); 3] = [
        ("memory of a streamed payload", || vec![append(), fetch()]),
        ("memory of idle sessions", idle),
        ("memory of a view", view),
    ];
    groups.into_iter().filter(|(name, _)| wanted(name)).flat_map(|(_, run)| run()).collect()
}

// ---- streams ----

fn streamed(what: &str, peak: u64) -> Figure {
    Figure { what: what.to_owned(), figure: peak as f64, most: 65_536.0 }
}

/// The client sends it in pieces, and the server hands them out. The pieces themselves belong to the owner.
fn append() -> Figure {
    let mut pair = Pair::selected(&Configs::new());
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let size = Number64::try_from(PAYLOAD).expect("a number");
    let (received, counted) = counted(|| {
        let append = CommandBody::append("Sent", AppendMessage::streamed(size)).expect("a name");
        pair.client.send(append, NOW).expect("it may be sent");
        let (mut received, mut completed) = (0, false);
        while !completed {
            if let Some((handle, left)) = pair.client.wants_upload() {
                let piece = piece.slice(..(left as usize).min(PIECE));
                pair.client.upload(handle, &piece, NOW).expect("it is wanted");
            }
            pair.settle(
                |_, event| completed |= matches!(event, client::Event::Completed { .. }),
                |server, event| match event {
                    server::Event::Upload { id, .. } => server.accept(id, NOW).expect("it waits"),
                    server::Event::Chunk { bytes, .. } => received += bytes.len() as u64,
                    server::Event::Command { id, .. } => {
                        server
                            .complete(id, server::Reply::ok("done").expect("a text"), NOW)
                            .expect("it ends");
                    }
                    _ => {}
                },
            );
        }
        received
    });
    assert_eq!(received, PAYLOAD);
    streamed("APPEND of 1 GiB, streamed from client to server: peak heap of both", counted.peak)
}

/// The server sends it in pieces, and the client hands them out.
fn fetch() -> Figure {
    let mut pair = Pair::selected(&Configs::new());
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let size = Number64::try_from(PAYLOAD).expect("a number");
    let (received, counted) = counted(|| {
        let section = FetchAtt::BodySection { peek: true, section: Section::default(), partial: None };
        pair.client.send(CommandBody::fetch("1", section).expect("a set"), NOW).expect("it may be sent");
        let (mut received, mut completed, mut sending) = (0, false, None);
        while !completed {
            if let Some(id) = sending
                && pair.server.payload(&piece, NOW).expect("it is wanted") == 0
            {
                pair.server.complete(id, server::Reply::ok("done").expect("a text"), NOW).expect("it ends");
                sending = None;
            }
            pair.settle(
                |_, event| match event {
                    client::Event::Chunk(bytes) => received += bytes.len() as u64,
                    client::Event::Completed { .. } => completed = true,
                    _ => {}
                },
                |server, event| {
                    let server::Event::Command { id, .. } = event else { return };
                    let section = Box::new(Section::default());
                    let item = MsgAtt::BodySection { section, origin: None, data: Payload::streamed(size) };
                    let seq = SeqNum::try_from(1_u32).expect("a number");
                    let response = FetchResponse { seq, items: vec![item] };
                    server.data(Data::Fetch(response), NOW).expect("it may be sent");
                    sending = Some(id);
                },
            );
        }
        received
    });
    assert_eq!(received, PAYLOAD);
    streamed("FETCH of 1 GiB, streamed from server to client: peak heap of both", counted.peak)
}

// ---- sessions at rest ----

/// Logged in, a mailbox of ten messages selected, IDLE running, buffers released. Configurations are shared, and the view
/// is not counted.
fn idle() -> Vec<Figure> {
    let configs = Configs::new();
    let mut clients = Vec::with_capacity(SESSIONS);
    let mut servers = Vec::with_capacity(SESSIONS);
    let ((), both) = counted(|| {
        for _ in 0..SESSIONS {
            let mut pair = Pair::selected(&configs);
            pair.client.idle(NOW).expect("it may be sent");
            pair.settle(|_, _| {}, |_, _| {});
            pair.client.release_buffers();
            pair.server.release_buffers();
            clients.push(pair.client);
            servers.push(pair.server);
        }
    });
    let views = [clients[0].mailbox(), servers[0].mailbox()].map(|view| {
        let view = view.expect("a mailbox is selected");
        let (copy, weight) = counted(|| view.clone());
        drop(copy);
        weight.held as f64 + size_of::<View>() as f64
    });
    let ((), of_servers) = counted(|| servers.clear());
    let of_servers = -of_servers.held as f64;
    let of_clients = both.held as f64 - of_servers;
    [
        ("an idle client", of_clients, size_of::<client::Client>(), views[0]),
        ("an idle server", of_servers, size_of::<server::Server>(), views[1]),
    ]
    .map(|(what, heap, inline, view)| Figure {
        what: format!("{what}, of {SESSIONS}, without its view of {view} bytes"),
        figure: heap / SESSIONS as f64 + inline as f64 - view,
        most: 1024.0,
    })
    .into()
}

// ---- views ----

fn view() -> Vec<Figure> {
    let (view, counted) = counted(|| spread(1_000_000));
    let figure = counted.held as f64 + size_of_val(&view) as f64;
    vec![Figure { what: "a view of 1,000,000 messages".into(), figure, most: 8e6 }]
}

/// The table.
pub fn print(figures: &[Figure]) {
    if figures.is_empty() {
        return;
    }
    println!("\n| memory | bytes | wanted | |\n| --- | --- | --- | --- |");
    for Figure { what, figure, most } in figures {
        let reached = if figure <= most { "yes" } else { "no" };
        println!("| {what} | {figure:.0} | at most {most} | {reached} |");
    }
}

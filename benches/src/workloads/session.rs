//! Sessions beside the bare codec: what the state machines cost that decide what each message means.

use std::{hint::black_box, sync::Arc};

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_greeting, decode_response, encode_response,
    frame::{Event as FrameEvent, Framer, FramerOptions},
    profile::EncodeProfile,
};
use imap_fsm::{
    client::{self, Client},
    server::{self, Reply, Selected, Server},
};
use imap_types::{
    number::{Uid, UidValidity},
    response::{Greeting, GreetingKind, Response, Status, StatusResponse},
    string::Text,
};

use crate::{
    dialogue::{Pipeline, READ, Sync},
    pair::NOW,
    workload::{Contender, Goal, Workload},
    workloads::Inputs,
};

/// What the server of these sessions says to a command that went well.
const DONE: &str = "completed";

pub fn workloads(inputs: &Inputs) -> Vec<Workload<'_>> {
    let (sync, pipeline) = (&inputs.sync, &inputs.pipeline);
    vec![
        Workload {
            name: "client session, sync of 50,000 messages",
            messages: sync.count,
            bytes: sync.bytes,
            contenders: vec![client(sync), client_bare(sync)],
            goals: vec![Goal::AtMost(1.5, "own frame + decode")],
            absent: "the peers are no state machines",
            allocations: "as decoding: the list of items; lists of flags and addresses; shared bytes",
        },
        Workload {
            name: "server session, 100,000 pipelined commands",
            messages: pipeline.answers.len(),
            bytes: pipeline.commands.len(),
            contenders: vec![server(pipeline), server_bare(pipeline)],
            goals: vec![Goal::AtMost(2.0, "own frame + decode + encode")],
            absent: "the peers are no state machines",
            allocations: "as decoding and encoding: lists of items, the lines of the answers; and the command in flight",
        },
    ]
}

/// Bytes in reads, all events drained.
fn client(sync: &Sync) -> Contender<'_> {
    let config = Arc::new(client::Config::default());
    Contender::new("ours, session", move || {
        let mut client = Client::protected(Arc::clone(&config), NOW);
        let (mut data, mut completed) = (0, 0);
        for turn in &sync.turns {
            for command in &turn.commands {
                client.send(command.clone(), NOW).expect("it may be sent");
            }
            drain(&mut client, &mut data, &mut completed);
            for read in turn.answer.chunks(READ) {
                client.handle_bytes(black_box(read), NOW);
                drain(&mut client, &mut data, &mut completed);
            }
        }
        // All but the greeting, two codes and the replies is data.
        assert_eq!((data, completed), (sync.count - 4 - completed, sync.turns.len() - 1));
    })
}

fn drain(client: &mut Client, data: &mut usize, completed: &mut usize) {
    while let Some(event) = client.poll_event() {
        match black_box(&event) {
            client::Event::Data { .. } => *data += 1,
            client::Event::Completed { .. } => *completed += 1,
            client::Event::Greeting(_) | client::Event::Capabilities | client::Event::Status(_) => {}
            event => panic!("{event:?}"),
        }
    }
    while let Some(bytes) = client.poll_transmit() {
        black_box(&bytes);
    }
    black_box(client.poll_timeout());
}

fn client_bare(sync: &Sync) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    Contender::new("own frame + decode", move || {
        let mut framer = Framer::new(Side::Server, FramerOptions::new(&options));
        let mut messages = 0;
        for read in sync.turns.iter().flat_map(|turn| turn.answer.chunks(READ)) {
            framer.push(black_box(read));
            while let Some(event) = framer.next_event() {
                let FrameEvent::Message(frame) = event else { panic!("{event:?}") };
                if messages == 0 {
                    black_box(&decode_greeting(&frame, &options).expect("we read it"));
                } else {
                    black_box(&decode_response(&frame, &options).expect("we read it"));
                }
                messages += 1;
            }
        }
        assert_eq!(messages, sync.count);
    })
}

/// Commands in reads, each answered at its turn, all that is to be sent drained after each read.
fn server(pipeline: &Pipeline) -> Contender<'_> {
    let config = Arc::new(server::Config::new(["IMAP4rev1", "UIDPLUS", "IDLE"]).expect("capabilities"));
    Contender::new("ours, session", move || {
        let mut server = selected(&config, pipeline);
        let mut answers = pipeline.answers.iter();
        for read in pipeline.commands.chunks(READ) {
            server.handle_bytes(black_box(read), NOW);
            while let Some(event) = server.poll_event() {
                let server::Event::Command { id, command } = event else { panic!("{event:?}") };
                black_box(&command);
                if let Some(data) = answers.next().expect("an answer for each") {
                    server.data(data.clone(), NOW).expect("it may be sent");
                }
                server.complete(id, Reply::ok(DONE).expect("a text"), NOW).expect("it may be sent");
            }
            while let Some(bytes) = server.poll_transmit() {
                black_box(&bytes);
            }
            black_box(server.poll_timeout());
        }
        assert!(answers.next().is_none());
    })
}

/// A server whose client has selected the mailbox.
fn selected(config: &Arc<server::Config>, pipeline: &Pipeline) -> Server {
    let mut server = Server::protected(Arc::clone(config), NOW);
    server
        .greet(Greeting::new(GreetingKind::PreAuth, "ready").expect("a text"), NOW)
        .expect("it is the first");
    server.handle_bytes(b"A0 SELECT INBOX\r\n", NOW);
    let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("SELECT is a command") };
    let number = |number: u32| (UidValidity::try_from(number), Uid::try_from(number));
    let (Ok(validity), Ok(next)) = number(1_700_000_000) else { panic!("they are above 0") };
    server.select(id, Selected::new(pipeline.view.clone(), validity, next), NOW).expect("it may be sent");
    while server.poll_transmit().is_some() {}
    server
}

fn server_bare(pipeline: &Pipeline) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_clients();
    let profile = EncodeProfile::server();
    Contender::new("own frame + decode + encode", move || {
        let mut framer = Framer::new(Side::Client, FramerOptions::new(&options));
        let mut answers = pipeline.answers.iter();
        for read in pipeline.commands.chunks(READ) {
            framer.push(black_box(read));
            while let Some(event) = framer.next_event() {
                let FrameEvent::Message(frame) = event else { panic!("{event:?}") };
                let command = decode_command(&frame, &options).expect("we read it").value;
                black_box(&command);
                if let Some(data) = answers.next().expect("an answer for each") {
                    encode(&Response::Data(data.clone()), &profile);
                }
                let text = Text::try_from(DONE).expect("a text");
                let reply = StatusResponse { tag: Some(command.tag), status: Status::Ok, code: None, text };
                encode(&Response::Status(reply), &profile);
            }
        }
        assert!(answers.next().is_none());
    })
}

fn encode(response: &Response, profile: &EncodeProfile) {
    black_box(&encode_response(black_box(response), profile).expect("we write it"));
}

//! The token reader over a dialogue: what was captured of both sides.

use std::hint::black_box;

use imap_codec::{Side, token::Tokens};

use crate::{
    ours, peers,
    workload::{Contender, Goal, Input, Workload},
    workloads::Inputs,
};

pub fn workloads(inputs: &Inputs) -> Vec<Workload<'_>> {
    let (server, client) = (&inputs.captured, &inputs.captured_commands);
    vec![Workload {
        name: "tokens of a dialogue",
        messages: server.count() + client.count(),
        bytes: server.bytes.len() + client.bytes.len(),
        contenders: vec![
            tokens(server, client),
            both(ours::responses_copied(server), ours::commands_copied(client), "own decode"),
            both(
                peers::imap_codec_responses(server),
                peers::imap_codec_commands(client),
                "imap-codec 2.0.0-alpha.10",
            ),
        ],
        goals: vec![Goal::AtMost(0.75, "own decode"), Goal::FasterThanPeers(4.0)],
        absent: "imap-proto: decodes no commands",
        allocations: "none",
    }]
}

fn tokens<'a>(server: &'a Input, client: &'a Input) -> Contender<'a> {
    Contender::new("ours, tokens", move || {
        for (side, input) in [(Side::Server, server), (Side::Client, client)] {
            for message in input.messages() {
                for token in Tokens::new(side, black_box(message)) {
                    black_box(&token).as_ref().expect("we read it");
                }
            }
        }
    })
}

fn both<'a>(mut first: Contender<'a>, mut second: Contender<'a>, name: &'static str) -> Contender<'a> {
    Contender::new(name, move || {
        (first.run)();
        (second.run)();
    })
}

//! From bytes in a buffer to a value, and its drop.

use crate::{
    ours, peers,
    workload::{Goal, Input, Workload},
    workloads::Inputs,
};

pub fn workloads(inputs: &Inputs) -> Vec<Workload<'_>> {
    let (search, esearch) = (&inputs.search, &inputs.esearch);
    let per_byte = esearch.bytes.len() as f64 / search.bytes.len() as f64;
    vec![
        responses(
            "decode fetch envelope+bodystructure",
            &inputs.fetch_full,
            3.0,
            "the shared bytes; the list of items; the envelope; each part and each list of \
             parts; lists of more than one flag, address or parameter; strings with escapes, and those in one buffer with them",
        ),
        responses(
            "decode fetch uid+flags",
            &inputs.fetch_flags,
            4.0,
            "the list of items; the list of more than one flag; the shared bytes where a keyword is among them",
        ),
        responses("decode list", &inputs.list, 4.0, "the shared bytes; the list of attributes"),
        responses("decode search 100,000 numbers", search, 2.0, "the numbers"),
        Workload {
            name: "decode esearch 10,000 ranges",
            messages: 1,
            bytes: esearch.bytes.len(),
            contenders: vec![
                ours::responses_copied(esearch),
                ours::responses_copied(search).named("own search, per byte").scaled(per_byte),
            ],
            goals: vec![Goal::AtMost(1.0, "own search, per byte")],
            absent: "imap-codec, imap-proto: read no ESEARCH",
            allocations: "the ranges, growing; the shared bytes and their count, for the tag",
        },
        Workload {
            name: "decode commands",
            messages: inputs.commands.count(),
            bytes: inputs.commands.bytes.len(),
            contenders: vec![
                ours::commands_copied(&inputs.commands),
                ours::commands_shared(&inputs.commands),
                peers::imap_codec_commands(&inputs.commands),
            ],
            goals: vec![Goal::FasterThanPeers(4.0)],
            absent: "imap-proto: decodes no commands",
            allocations: "the shared bytes; lists of items, ranges and keys",
        },
        responses("decode what was captured", &inputs.captured, 0.0, "as above"),
        body("decode body[] 64 KiB literal", &inputs.body_64k),
        body("decode body[] 4 MiB literal", &inputs.body_4m),
        responses("decode search 4 MB, one shot", &inputs.search_4mb, 2.0, "the numbers"),
    ]
}

fn responses<'a>(
    name: &'static str,
    input: &'a Input,
    faster: f64,
    allocations: &'static str,
) -> Workload<'a> {
    Workload {
        name,
        messages: input.count(),
        bytes: input.bytes.len(),
        contenders: vec![
            ours::responses_copied(input),
            ours::responses_shared(input),
            peers::imap_codec_responses(input),
            peers::imap_proto_responses(input),
        ],
        goals: vec![if faster > 0.0 { Goal::FasterThanPeers(faster) } else { Goal::None }],
        absent: "",
        allocations,
    }
}

/// The payload is shared, as it is where it was read: a peer's value borrows it.
fn body<'a>(name: &'static str, input: &'a Input) -> Workload<'a> {
    Workload {
        contenders: vec![
            ours::responses_shared(input),
            ours::responses_copied(input),
            peers::imap_codec_responses(input),
            peers::imap_proto_responses(input),
        ],
        // Not slower by more than 20 %.
        goals: vec![Goal::FasterThanPeers(0.83)],
        ..responses(
            name,
            input,
            0.0,
            "the count of the shared bytes; the list of items; the section; the frame",
        )
    }
}

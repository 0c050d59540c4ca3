//! From a value to the segments that are to be sent, and their drop.

use crate::{
    ours, peers,
    workload::{Goal, Input, Workload},
    workloads::Inputs,
};

pub fn workloads(inputs: &Inputs) -> Vec<Workload<'_>> {
    vec![
        responses("encode fetch envelope+bodystructure", &inputs.fetch_full),
        responses("encode fetch uid+flags", &inputs.fetch_flags),
        responses("encode list", &inputs.list),
        responses("encode search 100,000 numbers", &inputs.search),
        responses("encode body[] 64 KiB literal", &inputs.body_64k),
        responses("encode body[] 4 MiB literal", &inputs.body_4m),
        Workload {
            name: "encode commands",
            messages: inputs.commands.count(),
            bytes: inputs.commands.bytes.len(),
            contenders: vec![
                ours::encode_commands(&inputs.commands),
                peers::imap_codec_encode_commands(&inputs.commands),
            ],
            goals: vec![Goal::FasterThanPeers(3.0)],
            absent: "imap-proto: its builder of commands has no values to encode",
            allocations: "the line and its count",
        },
    ]
}

fn responses<'a>(name: &'static str, input: &'a Input) -> Workload<'a> {
    Workload {
        name,
        messages: input.count(),
        bytes: input.bytes.len(),
        contenders: vec![ours::encode_responses(input), peers::imap_codec_encode_responses(input)],
        goals: vec![Goal::FasterThanPeers(3.0)],
        absent: "imap-proto: encodes no responses",
        allocations: "the line, growing, and its count; with a literal, the list of segments and a line after it",
    }
}

//! Decoding and encoding beside the published peers, in one process: see README.md.

mod alloc;
mod ours;
mod peers;
mod workload;

use std::{env, process::ExitCode, time::Instant};

use workload::Input;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// The size of a read, where input arrives in pieces.
const PIECE: usize = 4096;

/// How many times each contender is measured.
const ROUNDS: usize = 30;

/// How long one measurement should take at least, in nanoseconds.
const SAMPLE: u128 = 3_000_000;

/// One way to do the work of a workload; a run goes through all its messages once.
struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// What is measured side by side. The first contender is what the ratios are against.
struct Workload<'a> {
    name: &'static str,
    /// Messages in a run.
    messages: usize,
    /// Bytes in a run.
    bytes: usize,
    contenders: Vec<Contender<'a>>,
    /// The peers that cannot do it, and why.
    absent: &'static str,
}

fn main() -> ExitCode {
    let filter: Vec<String> = env::args().skip(1).collect();
    if let Some(flag) = filter.iter().find(|word| word.starts_with('-') && *word != "--once") {
        eprintln!(
            "{flag} is not known. Give parts of workload names, such as `search` or `encode`; \
             `--once` runs each contender a hundred times without measuring, for a profiler."
        );
        return ExitCode::from(2);
    }
    let once = filter.iter().any(|word| word == "--once");
    let wanted = |name: &str| {
        let mut words = filter.iter().filter(|word| !word.starts_with(['-', '@'])).peekable();
        words.peek().is_none() || words.any(|word| name.contains(word.as_str()))
    };

    let contender = filter.iter().find_map(|word| word.strip_prefix('@')).unwrap_or_default();

    let inputs = Inputs::read();
    println!(
        "Times are medians of {ROUNDS} runs, per message. Ratios above 1 mean that the first line is faster."
    );
    for mut workload in inputs.workloads() {
        if !wanted(workload.name) {
            continue;
        }
        workload.contenders.retain(|each| each.name.contains(contender));
        if workload.contenders.is_empty() {
            continue;
        }
        if once {
            for contender in &mut workload.contenders {
                for _ in 0..100 {
                    collected(&mut *contender.run);
                }
            }
            continue;
        }
        measure(&mut workload);
    }
    ExitCode::SUCCESS
}

/// What a profiler is to look at: `--toggle-collect=compare::collected` leaves out the preparations.
#[inline(never)]
fn collected(run: &mut dyn FnMut()) {
    std::hint::black_box(run)();
}

struct Inputs {
    fetch_full: Input,
    fetch_flags: Input,
    list: Input,
    search: Input,
    search_4mb: Input,
    body: Input,
    commands: Input,
}

impl Inputs {
    fn read() -> Self {
        let search = Input::read("search");
        Self {
            fetch_full: Input::read("fetch_full"),
            fetch_flags: Input::read("fetch_flags"),
            list: Input::read("list"),
            search_4mb: Input::search_4mb(&search),
            search,
            body: Input::read("body"),
            commands: Input::read("commands"),
        }
    }

    fn workloads(&self) -> Vec<Workload<'_>> {
        let responses = |name, input| Workload {
            name,
            messages: Input::count(input),
            bytes: input.bytes.len(),
            contenders: vec![
                ours::responses_copied(input),
                ours::responses_shared(input),
                peers::imap_codec_responses(input),
                peers::imap_proto_responses(input),
            ],
            absent: "",
        };
        let encode = |name, input| Workload {
            name,
            messages: Input::count(input),
            bytes: input.bytes.len(),
            contenders: vec![ours::encode_responses(input), peers::imap_codec_encode_responses(input)],
            absent: "imap-proto: encodes no responses",
        };
        vec![
            responses("decode fetch envelope+bodystructure", &self.fetch_full),
            responses("decode fetch uid+flags", &self.fetch_flags),
            responses("decode list", &self.list),
            responses("decode search 100,000 numbers", &self.search),
            responses("decode body[] 64 KiB literal", &self.body),
            Workload {
                name: "decode commands",
                messages: self.commands.count(),
                bytes: self.commands.bytes.len(),
                contenders: vec![
                    ours::commands_copied(&self.commands),
                    ours::commands_shared(&self.commands),
                    peers::imap_codec_commands(&self.commands),
                ],
                absent: "imap-proto: decodes no commands",
            },
            responses("decode search 4 MB, one shot", &self.search_4mb),
            Workload {
                name: "decode search 4 MB in 4 KiB pieces",
                messages: 1,
                bytes: self.search_4mb.bytes.len(),
                contenders: vec![
                    ours::in_pieces(&self.search_4mb),
                    ours::responses_copied(&self.search_4mb),
                    peers::imap_codec_in_pieces(&self.search_4mb),
                ],
                absent: "imap-proto: has no framer",
            },
            encode("encode fetch envelope+bodystructure", &self.fetch_full),
            encode("encode fetch uid+flags", &self.fetch_flags),
            encode("encode list", &self.list),
            encode("encode search 100,000 numbers", &self.search),
            encode("encode body[] 64 KiB literal", &self.body),
            Workload {
                name: "encode commands",
                messages: self.commands.count(),
                bytes: self.commands.bytes.len(),
                contenders: vec![
                    ours::encode_commands(&self.commands),
                    peers::imap_codec_encode_commands(&self.commands),
                ],
                absent: "imap-proto: its builder of commands has no values to encode",
            },
        ]
    }
}

fn time(run: &mut dyn FnMut(), times: u32) -> u128 {
    let start = Instant::now();
    for _ in 0..times {
        run();
    }
    start.elapsed().as_nanos()
}

fn measure(workload: &mut Workload<'_>) {
    let allocations: Vec<(u64, u64)> =
        workload.contenders.iter_mut().map(|contender| alloc::counted(&mut *contender.run)).collect();
    // How often each must run for a sample to be long enough; this warms up too.
    let times: Vec<u32> = workload
        .contenders
        .iter_mut()
        .map(|contender| {
            let mut times = 1;
            while time(&mut *contender.run, times) < SAMPLE {
                times *= 2;
            }
            times
        })
        .collect();
    let mut samples = vec![Vec::new(); workload.contenders.len()];
    for round in 0..ROUNDS {
        let mut order: Vec<usize> = (0..workload.contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let nanos = time(&mut *workload.contenders[index].run, times[index]);
            samples[index].push(nanos as f64 / f64::from(times[index]) / workload.messages as f64);
        }
    }
    let medians: Vec<f64> = samples.iter_mut().map(|samples| median(samples)).collect();

    println!(
        "\n{}: {} messages of {} bytes on average",
        workload.name,
        workload.messages,
        workload.bytes / workload.messages
    );
    println!(
        "  {:<28} {:>12} {:>12} {:>9} {:>10} {:>12} {:>7}",
        "", "ns", "best ns", "MB/s", "allocs", "alloc bytes", "ratio"
    );
    let per_message = workload.messages as f64;
    for (((contender, median), samples), (calls, bytes)) in
        workload.contenders.iter().zip(&medians).zip(&samples).zip(allocations)
    {
        let best = samples.first().copied().unwrap_or_default();
        println!(
            "  {:<28} {:>12.1} {:>12.1} {:>9.0} {:>10.2} {:>12.0} {:>7.2}",
            contender.name,
            median,
            best,
            workload.bytes as f64 / per_message / median * 1000.0,
            calls as f64 / per_message,
            bytes as f64 / per_message,
            median / medians[0]
        );
    }
    if !workload.absent.is_empty() {
        println!("  left out: {}", workload.absent);
    }
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    let middle = samples.len() / 2;
    (samples[middle - 1] + samples[middle]) / 2.0
}

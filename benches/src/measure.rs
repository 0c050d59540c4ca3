//! Times, by turns.

use std::time::Instant;

use crate::{
    alloc,
    workload::{Goal, Workload},
};

/// How many times each contender is measured.
pub const ROUNDS: usize = 30;

/// How long one measurement should take at least, in nanoseconds.
const SAMPLE: u128 = 3_000_000;

/// One line of the table.
pub struct Row {
    pub workload: &'static str,
    pub against: String,
    pub wanted: String,
    pub ratio: f64,
    /// The ratio at a quarter and at three quarters of the rounds: within a round, the contenders share the weather.
    pub spread: (f64, f64),
    pub reached: bool,
    /// Of the first contender, for each message.
    pub allocations: f64,
    pub explained: &'static str,
}

fn time(run: &mut dyn FnMut(), times: u32) -> u128 {
    let start = Instant::now();
    for _ in 0..times {
        run();
    }
    start.elapsed().as_nanos()
}

/// Measures, prints the figures, and gives the lines of the table.
pub fn measure(workload: &mut Workload<'_>) -> Vec<Row> {
    let allocations: Vec<(u64, u64)> = workload
        .contenders
        .iter_mut()
        .map(|contender| {
            let ((), counted) = alloc::counted(&mut *contender.run);
            (counted.calls, counted.bytes)
        })
        .collect();
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
            let contender = &mut workload.contenders[index];
            let nanos = time(&mut *contender.run, times[index]) as f64 * contender.scale;
            samples[index].push(nanos / f64::from(times[index]) / workload.messages as f64);
        }
    }
    let medians: Vec<f64> = samples.iter().map(|samples| at(samples, 0.5)).collect();
    print(workload, &samples, &allocations);
    let fastest_peer = (1..medians.len())
        .filter(|index| workload.contenders[*index].name.starts_with("imap-"))
        .min_by(|a, b| medians[*a].total_cmp(&medians[*b]));
    workload
        .goals
        .iter()
        .filter_map(|goal| {
            let (index, wanted, most) = match *goal {
                Goal::FasterThanPeers(wanted) => (fastest_peer?, wanted, false),
                Goal::AtMost(wanted, name) => {
                    (workload.contenders.iter().position(|each| each.name == name)?, wanted, true)
                }
                Goal::None => return None,
            };
            let pairs = samples[0].iter().zip(&samples[index]);
            let ratios: Vec<f64> =
                pairs.map(|(ours, other)| if most { ours / other } else { other / ours }).collect();
            let ratio = at(&ratios, 0.5);
            Some(Row {
                workload: workload.name,
                against: workload.contenders[index].name.to_owned(),
                wanted: format!("{} {wanted}", if most { "at most" } else { "at least" }),
                ratio,
                spread: (at(&ratios, 0.25), at(&ratios, 0.75)),
                reached: if most { ratio <= wanted } else { ratio >= wanted },
                allocations: allocations[0].0 as f64 / workload.messages as f64,
                explained: workload.allocations,
            })
        })
        .collect()
}

fn print(workload: &Workload<'_>, samples: &[Vec<f64>], allocations: &[(u64, u64)]) {
    let per_message = workload.messages as f64;
    println!(
        "\n{}: {} messages of {} bytes on average",
        workload.name,
        workload.messages,
        workload.bytes / workload.messages
    );
    println!(
        "  {:<34} {:>12} {:>12} {:>9} {:>10} {:>12} {:>7}",
        "", "ns", "best ns", "MB/s", "allocs", "alloc bytes", "ratio"
    );
    let first = at(&samples[0], 0.5);
    for ((contender, samples), (calls, bytes)) in workload.contenders.iter().zip(samples).zip(allocations) {
        let median = at(samples, 0.5);
        println!(
            "  {:<34} {:>12.1} {:>12.1} {:>9.0} {:>10.2} {:>12.0} {:>7.2}",
            contender.name,
            median,
            at(samples, 0.0),
            workload.bytes as f64 / per_message / median * 1000.0,
            *calls as f64 / per_message,
            *bytes as f64 / per_message,
            median / first,
        );
    }
    if !workload.absent.is_empty() {
        println!("  left out: {}", workload.absent);
    }
}

/// The value below which `part` of the samples lie.
fn at(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

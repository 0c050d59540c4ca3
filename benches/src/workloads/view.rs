//! The view of a mailbox at sizes that grow tenfold: EXPUNGE, and lookup by number and by UID, at random places.

use std::hint::black_box;

use imap_fsm::mailbox::View;
use imap_types::number::{SeqNum, Uid};

use crate::{
    made::Rng,
    workload::{Contender, Goal, Workload},
};

/// Calls in a run.
const CALLS: usize = 1000;

pub fn workloads() -> Vec<Workload<'static>> {
    [
        (
            "view, random EXPUNGE and arrival",
            expunge as fn(&mut View, &mut Rng),
            "leaves that are cut in two or grow",
        ),
        ("view, random lookup", lookup, "none"),
    ]
    .map(|(name, call, allocations)| Workload {
        name,
        messages: CALLS,
        bytes: 0,
        contenders: [
            ("1,000,000 messages", 1_000_000),
            ("100,000 messages", 100_000),
            ("10,000 messages", 10_000),
        ]
        .map(|(name, messages)| at_size(name, messages, call))
        .into(),
        goals: vec![Goal::None],
        absent: "the peers have none",
        allocations,
    })
    .into()
}

fn at_size(name: &'static str, messages: u32, call: fn(&mut View, &mut Rng)) -> Contender<'static> {
    let mut view = spread(messages);
    let mut rng = Rng(17);
    Contender::new(name, move || (0..CALLS).for_each(|_| call(black_box(&mut view), &mut rng)))
}

/// A view of so many messages: every second UID, so that none can be told from its neighbour.
pub fn spread(messages: u32) -> View {
    let uids = (1..=messages).map(|number| Uid::try_from(number * 2).expect("a UID"));
    View::from_uids(uids).expect("UIDs ascend")
}

fn random(view: &View, rng: &mut Rng) -> SeqNum {
    let number = rng.within(1, u64::from(view.at_least()));
    SeqNum::try_from(number as u32).expect("a number")
}

/// One goes and one comes, so that the size stays.
fn expunge(view: &mut View, rng: &mut Rng) {
    black_box(view.on_expunge(random(view, rng)).expect("it is there"));
    let last = SeqNum::try_from(view.at_least()).expect("some are left");
    let last = view.uid(last).expect("it is known").get();
    view.push(Uid::try_from(last + 1).expect("a UID")).expect("UIDs ascend");
}

fn lookup(view: &mut View, rng: &mut Rng) {
    let number = random(view, rng);
    let uid = view.uid(number).expect("it is known");
    assert_eq!(view.seq(black_box(uid)), Some(number));
}

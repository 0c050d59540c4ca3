//! What a view costs: bytes by a counting allocator, and steps.

use imap_fsm::mailbox::{By, View};
use imap_tests::{alloc, rng::Rng};
use imap_types::{
    number::{SeqNum, Uid},
    sequence::{SequenceSet, UidSet},
};

use crate::{number, uid};

// ---- memory ----

/// Every second UID, so that none can be told from its neighbour.
fn spread(count: u32) -> impl Iterator<Item = Uid> {
    (1..=count).map(|at| uid(at * 2))
}

/// The bytes that a view holds, which are given back for it.
fn held(view: View) -> usize {
    const MORE: usize = 1 << 26;
    let ((), peak) = alloc::peak(|| {
        drop(view);
        drop(vec![0_u8; MORE]);
    });
    MORE - peak
}

#[test]
fn a_million_messages_fit_in_five_megabytes() {
    const MILLION: u32 = 1_000_000;
    let (view, peak) = alloc::peak(|| View::from_uids(spread(MILLION)).unwrap());
    assert_eq!(view.known(), MILLION);
    assert!(peak < 4_300_000, "{peak} bytes while it was made");
    let held = held(view);
    assert!((4_000_000..4_300_000).contains(&held), "{held} bytes");
}

#[test]
fn uids_told_in_any_order_cost_no_more_than_eight_bytes() {
    const COUNT: u32 = 250_000;
    let ascending: Vec<u32> = (1..=COUNT).collect();
    let descending: Vec<u32> = ascending.iter().rev().copied().collect();
    let mut shuffled = ascending.clone();
    let mut rng = Rng::of("any order");
    (1..shuffled.len()).rev().for_each(|at| shuffled.swap(at, rng.below(at + 1)));
    for (name, order, most) in
        [("ascending", ascending, 4.5), ("descending", descending, 5.0), ("shuffled", shuffled, 8.0)]
    {
        let (view, peak) = alloc::peak(|| {
            let mut view = View::default();
            view.on_exists(COUNT).unwrap();
            order.iter().for_each(|at| view.on_fetch(number(*at), Some(uid(at * 2))).unwrap());
            view
        });
        assert!(view.is_complete());
        let [held, peak] = [held(view), peak].map(|bytes| bytes as f64 / f64::from(COUNT));
        assert!(held < most, "{name}: {held} bytes for each UID");
        // While unknown ones are left between them, their numbers are kept too.
        assert!(peak < 12.0, "{name}: {peak} bytes for each UID on the way");
    }
}

#[test]
fn numbers_allocate_nothing() {
    assert!(size_of::<View>() <= 96, "{} bytes", size_of::<View>());
    let (_, calls) = alloc::calls(|| {
        let mut view = View::default();
        view.on_exists(u32::MAX).unwrap();
        let _ = view.on_expunge(number(7));
        assert_eq!(view.uid(number(u32::MAX)), None);
        assert_eq!(view.clone().exists(), Some(u32::MAX - 1));
        view
    });
    assert_eq!(calls, 0);

    let all = UidSet::try_from("1:4294967295").unwrap();
    let mut view = View::default();
    view.on_exists(u32::MAX).unwrap();
    for at in 1..1000 {
        view.on_fetch(number(at * 1_000_000), Some(uid(at * 1_000_000))).unwrap();
    }
    let (vanished, peak) = alloc::peak(|| view.on_vanished(false, &all));
    assert_eq!((vanished.count(), vanished.runs().len(), view.exists()), (u32::MAX, 1, Some(0)));
    assert!(peak < 1000, "{peak} bytes");
    assert_eq!(vanished.numbers().nth(2), Some(number(u32::MAX - 2)));
    // A set of all numbers is one range, and is walked one message at a time.
    view.on_exists(u32::MAX).unwrap();
    let everything = SequenceSet::all();
    let (_, peak) = alloc::peak(|| {
        assert_eq!(view.ranges(&everything, By::Number).count(), 1);
        assert_eq!(
            view.messages(&everything, By::Uid).nth(1000).map(|message| message.number),
            Some(number(1001))
        );
    });
    assert!(peak < 1000, "{peak} bytes");
}

#[test]
fn memory_follows_what_is_left() {
    const COUNT: u32 = 200_000;
    for left in [100_000, 20_000, 1000, 1, 0] {
        let mut rng = Rng::of("what is left");
        let mut view = View::from_uids(spread(COUNT)).unwrap();
        while view.at_least() > left {
            view.on_expunge(random(&view, &mut rng)).unwrap();
        }
        let random = held(view);
        assert!(random <= left as usize * 9 + 100, "{random} bytes for {left}, removed at random");
        // The same by one response that leaves some here and there.
        let mut view = View::from_uids(spread(COUNT)).unwrap();
        let stays = |at: u32| left > 0 && at.is_multiple_of(COUNT / left);
        let gone: UidSet = (1..=COUNT).filter(|at| !stays(*at)).map(|at| uid(at * 2)).collect();
        assert_eq!(view.on_vanished(false, &gone).contradiction(), None);
        assert_eq!(view.known(), left);
        let walked = held(view);
        assert!(walked <= left as usize * 9 + 100, "{walked} bytes for {left}, removed at once");
    }
}

// ---- steps ----

/// How many steps each of 5000 calls takes, at random places.
fn steps(view: &mut View, mut call: impl FnMut(&mut View, &mut Rng)) -> f64 {
    let mut rng = Rng::of("steps");
    let before = view.steps();
    (0..5000).for_each(|_| call(view, &mut rng));
    (view.steps() - before) as f64 / 5000.0
}

fn random(view: &View, rng: &mut Rng) -> SeqNum {
    number(rng.below(view.at_least() as usize) as u32 + 1)
}

/// Ten times the messages cost little more steps for each call: they grow with the depth of the tree.
#[test]
fn calls_cost_little_more_in_large_views() {
    type Call = fn(&mut View, &mut Rng);
    let calls: [(&str, f64, Call); 5] = [
        ("EXPUNGE", 1.6, |view, rng| {
            view.on_expunge(random(view, rng)).unwrap();
        }),
        ("expunge_uid", 1.6, |view, rng| {
            let uid = view.uid(random(view, rng)).unwrap();
            assert!(view.expunge_uid(uid).is_some());
        }),
        ("VANISHED", 1.6, |view, rng| {
            let gone = UidSet::from(view.uid(random(view, rng)).unwrap());
            assert_eq!(view.on_vanished(false, &gone).count(), 1);
        }),
        // Nothing is moved, so that only the depth counts; in instructions (`benches/`) it grows less.
        ("FETCH", 2.0, |view, rng| {
            let at = random(view, rng);
            view.on_fetch(at, view.uid(at)).unwrap();
        }),
        ("EXPUNGE and push", 1.6, |view, rng| {
            view.on_expunge(random(view, rng)).unwrap();
            let last = view.uid(number(view.at_least())).unwrap();
            view.push(uid(last.get() + 1)).unwrap();
        }),
    ];
    for (name, most, call) in calls {
        let counted = [10_000, 100_000, 1_000_000].map(|count| {
            let mut view = View::from_uids(spread(count)).unwrap();
            steps(&mut view, call)
        });
        for pair in counted.windows(2) {
            assert!(pair[1] <= pair[0] * most, "{name}: {counted:?} steps, of ten times the messages each");
        }
        assert!(counted[0] > 1.0, "{name}: {counted:?} steps counted");
    }
}

#[test]
fn a_view_is_made_in_linear_time() {
    let [small, large] = [10_000, 1_000_000].map(|count| View::from_uids(spread(count)).unwrap().steps());
    assert!(large <= small * 200 && small > 1000, "{small} steps for 10,000 messages, {large} for 1,000,000");
}

/// All of it goes in a walk, not one by one from the root.
#[test]
fn what_vanishes_together_costs_one_walk() {
    let mut view = View::from_uids(spread(1_000_000)).unwrap();
    let before = view.steps();
    let gone = UidSet::try_from("1:4294967295").unwrap();
    let vanished = view.on_vanished(false, &gone);
    assert_eq!((vanished.count(), view.exists()), (1_000_000, Some(0)));
    assert!(view.steps() - before < 3_000_000, "{} steps", view.steps() - before);
}

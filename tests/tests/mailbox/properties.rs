//! Random operations on a view and on a plain list: both answer alike.

use std::collections::BTreeSet;

use imap_fsm::mailbox::{By, Contradiction, View};
use imap_tests::cases;
use imap_types::{
    number::{SeqNum, Uid, UidValidity},
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    number,
    plain::{HIGHEST, Plain},
    uid,
};

#[derive(Clone, Debug)]
enum Operation {
    Exists(u32),
    /// As many messages more.
    More(u32),
    Expunge(u32),
    ExpungeUid(u32),
    Vanished(Vec<(u32, u32)>),
    Fetch(u32, Option<u32>),
    /// The UIDs of some messages from that one on, each so much above the one before.
    FetchSome(u32, u32, u32),
    UidFetch(u32),
    UidValidity(u32),
    Unseen(u32),
    Push(u32),
    Save(Vec<(u32, u32)>),
    Ask(Vec<(u32, u32)>),
}

fn operation(most: u32) -> impl Strategy<Value = Operation> {
    let at = 1..=most;
    let uids = 1..=most * 3;
    // Mostly small ranges, now and then from somewhere to the end of all numbers.
    let wild = prop_oneof![4 => uids.clone(), 1 => Just(u32::MAX)];
    let range = prop_oneof![
        3 => uids.clone().prop_map(|uid| (uid, uid)),
        3 => (uids.clone(), 0..20_u32).prop_map(|(low, more)| (low, low + more)),
        1 => (uids.clone(), wild),
    ];
    let set = vec(range, 1..6);
    prop_oneof![
        1 => at.clone().prop_map(Operation::Exists),
        4 => (0..most / 4 + 2).prop_map(Operation::More),
        8 => at.clone().prop_map(Operation::Expunge),
        4 => uids.clone().prop_map(Operation::ExpungeUid),
        6 => set.clone().prop_map(Operation::Vanished),
        8 => (at.clone(), prop::option::weighted(0.9, uids.clone())).prop_map(|(at, uid)| Operation::Fetch(at, uid)),
        8 => (at.clone(), 1..most, 1..4_u32).prop_map(|(at, count, step)| Operation::FetchSome(at, count, step)),
        4 => uids.clone().prop_map(Operation::UidFetch),
        1 => (1..4_u32).prop_map(Operation::UidValidity),
        1 => at.prop_map(Operation::Unseen),
        3 => uids.prop_map(Operation::Push),
        1 => set.clone().prop_map(Operation::Save),
        4 => set.prop_map(Operation::Ask),
    ]
}

fn uid_set(ranges: &[(u32, u32)]) -> UidSet {
    let range = |(low, high): &(u32, u32)| UidRange::try_from(*low..=*high).unwrap();
    UidSet::received(ranges.iter().map(range).collect())
}

fn same<T: std::fmt::Debug + PartialEq>(what: &str, found: T, wanted: T) -> Result<(), TestCaseError> {
    prop_assert_eq!(found, wanted, "{}", what);
    Ok(())
}

fn apply(view: &mut View, plain: &mut Plain, operation: &Operation) -> Result<(), TestCaseError> {
    match operation {
        Operation::Exists(exists) => same("EXISTS", view.on_exists(*exists), plain.exists_is(*exists)),
        Operation::More(more) => {
            let exists = plain.len() + more;
            same("EXISTS", view.on_exists(exists), plain.exists_is(exists))
        }
        Operation::Expunge(at) => {
            let found = view.on_expunge(number(*at)).map(|gone| gone.map(Uid::get));
            same("EXPUNGE", found, plain.expunge(*at))
        }
        Operation::ExpungeUid(gone) => {
            let at = plain.messages.iter().position(|known| *known == Some(*gone)).map(|at| at as u32 + 1);
            at.map(|at| plain.expunge(at));
            same("expunge_uid", view.expunge_uid(uid(*gone)).map(SeqNum::get), at)
        }
        Operation::Vanished(ranges) => {
            let set = uid_set(ranges);
            let (gone, excess) = plain.vanished(&set);
            let vanished = view.on_vanished(false, &set);
            same("numbers", vanished.numbers().map(SeqNum::get).collect(), gone)?;
            let wrong = (excess > 0).then_some(Contradiction::Vanished(excess));
            same("excess", vanished.contradiction(), wrong)?;
            same("EARLIER", view.on_vanished(true, &set).count(), 0)
        }
        Operation::Fetch(at, told) => {
            let checked = view.check_fetch(number(*at), told.map(uid));
            let found = view.on_fetch(number(*at), told.map(uid));
            same("check", checked, found)?;
            same("FETCH", found, plain.fetch(*at, *told))
        }
        Operation::FetchSome(from, count, step) => {
            let first = plain.below(plain.messages.len().min(*from as usize)).1 + *from / 2 + 1;
            (0..*count).try_for_each(|more| {
                let (at, told) = (from + more, first + more * step);
                if at > plain.len() || told > HIGHEST {
                    return Ok(());
                }
                same("FETCH", view.on_fetch(number(at), Some(uid(told))), plain.fetch(at, Some(told)))
            })
        }
        Operation::UidFetch(told) => {
            let found = view.on_uid_fetch(uid(*told)).map(|at| at.map(SeqNum::get));
            same("UIDFETCH", found, plain.uid_fetch(*told))
        }
        Operation::UidValidity(validity) => {
            let found = view.on_uid_validity(UidValidity::try_from(*validity).unwrap());
            same("UIDVALIDITY", found, plain.uid_validity(*validity))
        }
        Operation::Unseen(at) => {
            let wanted = match plain.exists() {
                Some(exists) if *at > exists => Err(Contradiction::Above(exists)),
                _ => {
                    plain.unseen = Some(*at as usize);
                    Ok(())
                }
            };
            same("UNSEEN", view.on_unseen(number(*at)), wanted)
        }
        Operation::Push(new) => same("push", view.push(uid(*new)).ok().map(SeqNum::get), plain.push(*new)),
        Operation::Save(ranges) => {
            let ranges: Vec<_> = ranges.iter().map(|(low, high)| (*low, (*high).min(HIGHEST))).collect();
            view.save(&uid_set(&ranges));
            plain.saved = uid_set(&ranges).iter().map(Uid::get).collect();
            Ok(())
        }
        Operation::Ask(ranges) => ask(view, plain, ranges),
    }
}

/// Sets name the same messages in both.
fn ask(view: &View, plain: &Plain, ranges: &[(u32, u32)]) -> Result<(), TestCaseError> {
    // The end of all numbers stands for `*`.
    let bound =
        |bound| if bound == u32::MAX { SeqNumber::Largest } else { SeqNumber::try_from(bound).unwrap() };
    let set: SequenceSet =
        ranges.iter().map(|(low, high)| SeqRange::new(bound(*low), bound(*high))).collect();
    for by in [By::Number, By::Uid] {
        let wanted: Vec<_> = (0..plain.messages.len())
            .filter(|at| plain.names(&set, by, *at))
            .map(|at| (at as u32 + 1, plain.messages[at]))
            .collect();
        let found: Vec<_> = view
            .messages(&set, by)
            .map(|message| (message.number.get(), message.uid.map(Uid::get)))
            .collect();
        same("messages", &found, &wanted)?;
        let numbers: Vec<_> =
            view.ranges(&set, by).flat_map(|(first, last)| first.get()..=last.get()).collect();
        same("ranges", numbers, wanted.iter().map(|(number, _)| *number).collect())?;
        let apart: Vec<_> = view.ranges(&set, by).collect();
        prop_assert!(apart.windows(2).all(|pair| pair[0].1.get() + 1 < pair[1].0.get()), "{apart:?}");
    }
    let saved: Vec<_> = view
        .messages(&SequenceSet::saved(), By::Uid)
        .filter_map(|message| message.uid.map(Uid::get))
        .collect();
    let wanted: Vec<_> =
        plain.messages.iter().flatten().filter(|known| plain.saved.contains(known)).copied().collect();
    same("$", saved, wanted)?;
    let above = set.ranges().iter().flat_map(|range| [range.start, range.end]).any(|bound| match bound {
        SeqNumber::Number(number) => plain.exists().is_some_and(|exists| number.get() > exists),
        SeqNumber::Largest => plain.exists() == Some(0),
    });
    same("above EXISTS", view.names_above_exists(&set), above)
}

/// Both answer alike.
fn compare(view: &View, plain: &Plain) -> Result<(), TestCaseError> {
    same("exists", view.exists(), plain.exists())?;
    same("at_least", view.at_least(), plain.len())?;
    let known = plain.messages.iter().flatten().count() as u32;
    same("known", view.known(), known)?;
    same("complete", view.is_complete(), plain.exact && known == plain.len())?;
    same("unseen", view.unseen().map(|unseen| unseen.get() as usize), plain.unseen)?;
    same("saved", view.saved().collect::<UidSet>().iter().map(Uid::get).collect(), plain.saved.clone())?;
    for (at, wanted) in plain.messages.iter().enumerate() {
        let at = at as u32 + 1;
        prop_assert_eq!(view.uid(number(at)).map(Uid::get), *wanted, "UID of {}", at);
        if let Some(wanted) = wanted {
            prop_assert_eq!(view.seq(uid(*wanted)), Some(number(at)), "number of UID {}", wanted);
        }
    }
    let uids: BTreeSet<_> = plain.messages.iter().flatten().copied().collect();
    for absent in (1..HIGHEST).step_by(7).filter(|uid| !uids.contains(uid)) {
        prop_assert_eq!(view.seq(uid(absent)), None, "UID {}", absent);
    }
    same("behind the last", view.uid(number(plain.len() + 1)), None)
}

fn run(usual: u32, most: u32, operations: usize) {
    let cases = cases::times_32(usual);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &cases::seed_bytes(7));
    let mut runner = TestRunner::new_with_rng(config, rng);
    // A mailbox that a server made, one of which only EXISTS is known, or nothing at all.
    let begin = (0..3_u8, 0..=most);
    let outcome = runner.run(&(begin, vec(operation(most), 1..operations)), |((kind, size), operations)| {
        let (mut view, mut plain) = (View::default(), Plain::default());
        match kind {
            0 => {
                let uids: Vec<u32> = (1..=size).map(|at| at * 2).collect();
                view = View::from_uids(uids.iter().map(|known| uid(*known))).unwrap();
                plain.messages = uids.into_iter().map(Some).collect();
                plain.exact = true;
            }
            1 => apply(&mut view, &mut plain, &Operation::Exists(size))?,
            _ => {}
        }
        for operation in &operations {
            apply(&mut view, &mut plain, operation)?;
            if most < 100 {
                compare(&view, &plain)?;
            }
        }
        compare(&view, &plain)?;
        same("a clone", &view.clone(), &view)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn small_views_are_plain_lists() {
    run(400, 30, 40);
}

/// Large enough for several leaves, which split and join.
#[test]
fn large_views_are_plain_lists() {
    run(60, 2500, 40);
}

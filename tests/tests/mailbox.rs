//! The view of a mailbox beside a plain list of UIDs, its memory and its steps.

use std::collections::BTreeSet;

use imap_fsm::mailbox::{By, Contradiction, View};
use imap_tests::{alloc, rng::Rng};
use imap_types::{
    number::{SeqNum, Uid, UidValidity},
    sequence::{SeqNumber, SequenceSet, UidSet},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn number(number: u32) -> SeqNum {
    SeqNum::try_from(number).unwrap()
}

fn uid(uid: u32) -> Uid {
    Uid::try_from(uid).unwrap()
}

// ---- the plain list ----

/// What a view should be: each message, and its UID where it is known.
#[derive(Clone, Debug, Default)]
struct Plain {
    messages: Vec<Option<u32>>,
    exact: bool,
    uid_validity: Option<u32>,
    unseen: Option<usize>,
    saved: BTreeSet<u32>,
}

/// UIDs above this are named in sets only, and are the UIDs of no message.
const HIGHEST: u32 = 9000;

impl Plain {
    fn len(&self) -> u32 {
        self.messages.len() as u32
    }

    fn exists(&self) -> Option<u32> {
        self.exact.then(|| self.len())
    }

    /// Number and UID of the first known message at or behind the place, counted from 0.
    fn above(&self, at: usize) -> Option<(u32, u32)> {
        let mut behind = self.messages.iter().enumerate().skip(at);
        behind.find_map(|(at, uid)| uid.map(|uid| (at as u32 + 1, uid)))
    }

    fn below(&self, at: usize) -> (u32, u32) {
        let before = self.messages.iter().enumerate().take(at).rev();
        before.filter_map(|(at, uid)| uid.map(|uid| (at as u32 + 1, uid))).next().unwrap_or((0, 0))
    }

    /// The UIDs that the message can have.
    fn possible(&self, at: usize) -> (u32, u32) {
        match self.messages[at] {
            Some(uid) => (uid, uid),
            None => (self.below(at).1 + 1, self.above(at).map_or(u32::MAX, |(_, uid)| uid - 1)),
        }
    }

    fn exists_is(&mut self, exists: u32) -> Result<(), Contradiction> {
        let before = self.len();
        self.exact = true;
        if exists < before {
            self.messages = vec![None; exists as usize];
            self.unseen = None;
            return Err(Contradiction::Shrunk(before));
        }
        self.messages.resize(exists as usize, None);
        self.unseen = self.unseen.filter(|unseen| *unseen <= exists as usize);
        Ok(())
    }

    fn expunge(&mut self, number: u32) -> Result<Option<u32>, Contradiction> {
        if number > self.len() {
            return if self.exact { Err(Contradiction::Above(self.len())) } else { Ok(None) };
        }
        let uid = self.messages.remove(number as usize - 1);
        uid.map(|uid| self.saved.remove(&uid));
        self.unseen_expunged(number as usize, 1, 1);
        Ok(uid)
    }

    fn unseen_expunged(&mut self, first: usize, among: usize, count: usize) {
        self.unseen = match self.unseen {
            Some(unseen) if unseen >= first + among => Some(unseen - count),
            Some(unseen) if unseen >= first => None,
            other => other,
        };
    }

    /// Gives the numbers of those that go, from the highest to the lowest, and how many UIDs name nothing.
    fn vanished(&mut self, set: &UidSet) -> (Vec<u32>, u64) {
        let (set, mut gone, mut excess) = (set.normalized(), Vec::new(), 0);
        let before = self.clone();
        // From the end, gap by gap: `end` is the place of the known message behind it, or the end.
        let mut end = self.messages.len();
        loop {
            let (start, low) = before.below(end);
            let high = before.messages.get(end).map_or(u32::MAX, |known| known.unwrap() - 1);
            let size = end - start as usize;
            let named: u64 = set
                .ranges()
                .iter()
                .map(|range| {
                    let (low, high) = (range.low().get().max(low + 1), range.high().get().min(high));
                    (u64::from(high) + 1).saturating_sub(u64::from(low))
                })
                .sum();
            let count = (size as u64).min(named) as usize;
            if before.exact || end < before.messages.len() {
                excess += named - count as u64;
            }
            if count > 0 {
                gone.extend((end - count..end).rev().map(|at| at as u32 + 1));
                self.messages.drain(end - count..end);
                self.unseen_expunged(start as usize + 1, size, count);
            }
            if start == 0 {
                break;
            }
            end = start as usize - 1;
            if set.contains(uid(low)) {
                gone.push(start);
                self.messages.remove(end);
                self.unseen_expunged(start as usize, 1, 1);
            }
        }
        self.saved.retain(|saved| !set.contains(uid(*saved)));
        (gone, excess)
    }

    fn fetch(&mut self, number: u32, uid: Option<u32>) -> Result<(), Contradiction> {
        if number > self.len() {
            if self.exact {
                return Err(Contradiction::Above(self.len()));
            }
            self.messages.resize(number as usize, None);
        }
        let Some(uid) = uid else { return Ok(()) };
        let at = number as usize - 1;
        let fits = self.fits(at, uid);
        match self.messages[at] {
            Some(known) if known == uid => Ok(()),
            Some(known) => {
                if fits.is_ok() {
                    self.messages[at] = Some(uid);
                }
                Err(Contradiction::Uid(known))
            }
            None => fits.map(|()| self.messages[at] = Some(uid)),
        }
    }

    fn fits(&self, at: usize, uid: u32) -> Result<(), Contradiction> {
        let number = at as u32 + 1;
        let (below, low) = self.below(at);
        match (below, self.above(at + 1)) {
            (0, _) if uid < number => Err(Contradiction::Low(number)),
            (1.., _) if uid <= low => Err(Contradiction::Order(below, low)),
            (1.., _) if uid - low < number - below => Err(Contradiction::Room(below, low)),
            (_, Some((above, high))) if uid >= high => Err(Contradiction::Order(above, high)),
            (_, Some((above, high))) if high - uid < above - number => Err(Contradiction::Room(above, high)),
            _ => Ok(()),
        }
    }

    fn uid_fetch(&mut self, told: u32) -> Result<Option<u32>, Contradiction> {
        if let Some(at) = self.messages.iter().position(|known| *known == Some(told)) {
            return Ok(Some(at as u32 + 1));
        }
        let fits: Vec<usize> = (0..self.messages.len())
            .filter(|at| {
                let (low, high) = self.possible(*at);
                self.messages[*at].is_none() && (low..=high).contains(&told)
            })
            .collect();
        let open = !self.exact && self.messages.iter().flatten().all(|known| *known < told);
        match fits.as_slice() {
            _ if open => Ok(None),
            [] => Err(Contradiction::NoSuchUid(uid(told))),
            [at] => {
                self.messages[*at] = Some(told);
                Ok(Some(*at as u32 + 1))
            }
            _ => Ok(None),
        }
    }

    fn uid_validity(&mut self, validity: u32) -> Result<(), Contradiction> {
        match self.uid_validity.replace(validity) {
            Some(before) if before != validity => {
                self.messages.fill(None);
                self.saved.clear();
                Err(Contradiction::UidValidity(UidValidity::try_from(before).unwrap()))
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, uid: u32) -> Option<u32> {
        let (last, known) = self.below(self.messages.len());
        let fits = uid > known + (self.len() - last);
        fits.then(|| {
            self.exact = true;
            self.messages.push(Some(uid));
            self.len()
        })
    }

    /// Whether the set names the message for certain.
    fn names(&self, set: &SequenceSet, by: By, at: usize) -> bool {
        let (number, (low, high)) = (at as u32 + 1, self.possible(at));
        let last = number == self.len();
        let within = |start: SeqNumber, end: SeqNumber, low: u32, high: u32| {
            let plain = |bound| if let SeqNumber::Number(bound) = bound { bound.get() } else { u32::MAX };
            let (start, end) = (plain(start), plain(end));
            start.min(end) <= low && high <= start.max(end)
        };
        set.normalized().ranges().iter().any(|range| {
            (last && (range.start == SeqNumber::Largest || range.end == SeqNumber::Largest))
                || match by {
                    By::Number => within(range.start, range.end, number, number),
                    By::Uid => within(range.start, range.end, low, high),
                }
        })
    }
}

// ---- operations ----

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
    let range = |(low, high): &(u32, u32)| imap_types::sequence::UidRange::try_from(*low..=*high).unwrap();
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
    let set: SequenceSet = ranges
        .iter()
        .map(|(low, high)| imap_types::sequence::SeqRange::new(bound(*low), bound(*high)))
        .collect();
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

/// `CASES=10000 SEED=5` looks longer, and elsewhere.
fn run(cases: u32, most: u32, operations: usize) {
    let asked = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    let (cases, seed) = (asked("CASES").unwrap_or(cases), asked("SEED").unwrap_or(7) as u8);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
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
    assert!(peak < 4_500_000, "{peak} bytes while it was made");
    let held = held(view);
    assert!((4_000_000..4_500_000).contains(&held), "{held} bytes");
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

/// A hundred times the messages cost at most twice the steps for each call: they grow with the depth of the tree.
#[test]
fn calls_cost_little_more_in_large_views() {
    type Call = fn(&mut View, &mut Rng);
    let calls: [(&str, f64, Call); 5] = [
        ("EXPUNGE", 2.0, |view, rng| {
            view.on_expunge(random(view, rng)).unwrap();
        }),
        ("expunge_uid", 2.0, |view, rng| {
            let uid = view.uid(random(view, rng)).unwrap();
            assert!(view.expunge_uid(uid).is_some());
        }),
        ("VANISHED", 2.0, |view, rng| {
            let gone = UidSet::from(view.uid(random(view, rng)).unwrap());
            assert_eq!(view.on_vanished(false, &gone).count(), 1);
        }),
        // Nothing is moved, so that only the depth counts.
        ("FETCH", 2.56, |view, rng| {
            let at = random(view, rng);
            view.on_fetch(at, view.uid(at)).unwrap();
        }),
        ("EXPUNGE and push", 2.0, |view, rng| {
            view.on_expunge(random(view, rng)).unwrap();
            let last = view.uid(number(view.at_least())).unwrap();
            view.push(uid(last.get() + 1)).unwrap();
        }),
    ];
    for (name, most, call) in calls {
        let [small, large] = [10_000, 1_000_000].map(|count| {
            let mut view = View::from_uids(spread(count)).unwrap();
            steps(&mut view, call)
        });
        assert!(large <= small * most, "{name}: {small} steps of 10,000 messages, {large} of 1,000,000");
        assert!(small > 1.0, "{name}: {small} steps counted");
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

//! Sets of numbers: what a peer wrote is never expanded, and small sets are as sets of numbers are.

use std::{collections::BTreeSet, num::NonZeroU32};

use bytes::Bytes;
use imap_codec::{DecodeOptions, decode_command, encode_command, frame::Frame, profile::EncodeProfile};
use imap_types::{
    command::CommandBody,
    number::Uid,
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
};

use crate::{alloc, wire::show};

/// A byte that says how large the mailbox is, then a set as it is written, whose bytes are also the bounds of two small
/// sets.
pub fn sequence_set(bytes: &[u8]) {
    let [size, text @ ..] = bytes else { return };
    written(text);
    let half = text.len() / 2;
    let (one, other) = text.split_at(half);
    let largest = NonZeroU32::new(u32::from(*size) % LIMIT + 1).expect("one is added");
    small(one, largest);
    sets_of_uids(one, other, largest);
}

/// Numbers of small sets are up to this.
const LIMIT: u32 = 40;

/// What a peer may have written.
fn written(text: &[u8]) {
    let line = Bytes::from([b"A1 FETCH ", text, b" FLAGS\r\n"].concat());
    let strict =
        DecodeOptions { limits: DecodeOptions::tolerant_of_servers().limits, ..DecodeOptions::strict() };
    let command = decode_command(&Frame::new(line.clone()), &strict);
    let parsed = std::str::from_utf8(text).ok().and_then(|text| SequenceSet::try_from(text).ok());
    let decoded = command.as_ref().ok().and_then(|command| match &command.value.body {
        CommandBody::Fetch(fetch) => Some(&fetch.set),
        _ => None,
    });
    let Some(set) = &parsed else {
        let is_a_set = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b',' | b'*' | b'$'));
        assert!(decoded.is_none() || !is_a_set, "decoded, and not parsed: {}", show(text));
        return;
    };
    assert_eq!(decoded, Some(set), "parsed, and not decoded so: {}", show(text));
    assert_eq!(set.to_string().as_bytes(), text, "shown in another way");
    let sent = command.ok().and_then(|command| encode_command(&command.value, &EncodeProfile::client()).ok());
    assert_eq!(sent.map(|sent| sent.to_bytes()), Some(line), "sent in another way");

    // Whatever the numbers are, what is done with them is in proportion to the bytes.
    let most = 64 * text.len() + 256;
    let largest = NonZeroU32::MAX;
    let (_, peak) = alloc::peak(|| {
        let normal = set.normalized();
        assert_eq!(normal.normalized(), normal, "normalised twice: {}", show(text));
        assert!(normal.len(largest) <= set.len(largest), "more numbers: {}", show(text));
        assert_eq!(normal.has_saved(), set.has_saved());
        assert_eq!(normal.has_largest(), set.has_largest(), "{}", show(text));
        let uids = set.resolve(Uid(largest));
        assert_eq!(uids.len(), normal.resolve(Uid(largest)).len(), "{}", show(text));
        for number in set.iter(largest).take(50) {
            assert!(set.contains(number, largest) && normal.contains(number, largest), "{}", show(text));
            assert!(uids.contains(Uid(number)), "{number}: {}", show(text));
        }
        let nothing = uids.difference(&uids);
        assert!(nothing.is_empty(), "{nothing}: {}", show(text));
        assert_eq!(uids.union(&uids), uids, "{}", show(text));
        assert_eq!(uids.intersection(&uids), uids, "{}", show(text));
        let pairs = uids.pairs(&uids).map(|pairs| pairs.map(|(left, _)| left.len()).sum::<u64>());
        assert_eq!(pairs, Some(uids.len()), "{}", show(text));
    });
    assert!(peak <= most, "{peak} bytes held for {}", show(text));
}

/// The bounds of ranges: each byte is a number up to [`LIMIT`], or `*`.
fn bounds(bytes: &[u8]) -> impl Iterator<Item = (SeqNumber, SeqNumber)> {
    let number = |byte: u8| {
        NonZeroU32::new(u32::from(byte) % (LIMIT + 1)).map_or(SeqNumber::Largest, SeqNumber::Number)
    };
    bytes.chunks_exact(2).take(12).map(move |pair| (number(pair[0]), number(pair[1])))
}

/// The numbers from one bound to the other, in ascending order.
fn between(a: u32, b: u32) -> impl Iterator<Item = u32> {
    a.min(b)..=a.max(b)
}

fn small(bytes: &[u8], largest: NonZeroU32) {
    let ranges: Vec<_> = bounds(bytes).map(|(start, end)| SeqRange::new(start, end)).collect();
    let set = SequenceSet::received(ranges.into(), false);
    let listed: Vec<u32> = bounds(bytes)
        .flat_map(|(start, end)| between(start.resolve(largest).get(), end.resolve(largest).get()))
        .collect();
    let model: BTreeSet<u32> = listed.iter().copied().collect();

    assert!(set.iter(largest).map(u32::from).eq(listed.iter().copied()), "other numbers: {set}");
    assert_eq!(set.len(largest), listed.len() as u64, "{set}");
    for number in (1..=LIMIT + 1).filter_map(NonZeroU32::new) {
        assert_eq!(set.contains(number, largest), model.contains(&number.get()), "{number} in {set}");
    }
    let uids = set.resolve(Uid(largest));
    assert!(uids.iter().map(|uid| uid.get()).eq(model.iter().copied()), "{set} as UIDs: {uids}");
    let collected: SequenceSet =
        listed.iter().filter_map(|number| NonZeroU32::new(*number)).map(SeqNumber::from).collect();
    assert!(collected.iter(largest).map(u32::from).eq(listed.iter().copied()), "collected: {collected}");

    // What is normalised means the same in every mailbox that has all of its numbers.
    let normal = set.normalized();
    for largest in (LIMIT..LIMIT + 3).filter_map(NonZeroU32::new) {
        let expanded: BTreeSet<NonZeroU32> = set.iter(largest).collect();
        let numbers: BTreeSet<NonZeroU32> = normal.iter(largest).collect();
        assert_eq!(numbers, expanded, "{set} as {normal} of {largest}");
    }
    let above = NonZeroU32::new(LIMIT + 2).expect("above zero");
    for pair in normal.ranges().windows(2) {
        let (end, next) = (pair[0].end.resolve(above), pair[1].start.resolve(above));
        assert!(end.get() + 1 < next.get(), "{set} as {normal}: two ranges that are one");
    }
}

fn sets_of_uids(one: &[u8], other: &[u8], largest: NonZeroU32) {
    let uid = |number: SeqNumber| Uid(number.resolve(largest));
    let set = |bytes| {
        UidSet::received(bounds(bytes).map(|(start, end)| UidRange::new(uid(start), uid(end))).collect())
    };
    let list = |set: &UidSet| set.iter().map(|uid| uid.get()).collect::<Vec<u32>>();
    let (one, other) = (set(one), set(other));
    let (left, right) = (list(&one), list(&other));
    let model = |list: &[u32]| list.iter().copied().collect::<BTreeSet<u32>>();
    let (a, b) = (model(&left), model(&right));
    for (what, made, expected) in [
        ("normalised", one.normalized(), a.clone()),
        ("union", one.union(&other), &a | &b),
        ("intersection", one.intersection(&other), &a & &b),
        ("difference", one.difference(&other), &a - &b),
    ] {
        assert!(list(&made).into_iter().eq(expected), "{what} of {one} and {other}: {made}");
        assert_eq!(made.normalized(), made, "{what} of {one} and {other} is not normalised: {made}");
    }
    let pairs = one.pairs(&other).map(|pairs| {
        pairs.flat_map(|(left, right)| between_uids(left).zip(between_uids(right))).collect::<Vec<_>>()
    });
    let expected = (left.len() == right.len()).then(|| left.into_iter().zip(right).collect::<Vec<_>>());
    assert_eq!(pairs, expected, "pairs of {one} and {other}");
}

fn between_uids(range: UidRange) -> impl Iterator<Item = u32> {
    between(range.low().get(), range.high().get())
}

use std::{string::ToString as _, vec::Vec};

use imap_types::{error::ValidationError, number::UidValidity, sequence::SequenceSet, sequence::UidSet};

use super::*;

fn number(number: u32) -> SeqNum {
    SeqNum::try_from(number).unwrap_or(SeqNum(core::num::NonZeroU32::MIN))
}

fn uid(uid: u32) -> Uid {
    Uid::try_from(uid).unwrap_or(Uid(core::num::NonZeroU32::MIN))
}

/// A view with that many messages and these UIDs.
fn view(exists: u32, known: &[(u32, u32)]) -> View {
    let mut view = View::default();
    assert_eq!(view.on_exists(exists), Ok(()));
    for (at, known) in known {
        assert_eq!(view.on_fetch(number(*at), Some(uid(*known))), Ok(()));
    }
    view.check();
    view
}

#[test]
fn expunge_moves_numbers_down() {
    let mut view = view(3, &[(1, 10), (3, 30)]);
    assert_eq!(view.on_expunge(number(1)), Ok(Some(uid(10))));
    assert_eq!(view.exists(), Some(2));
    assert_eq!(view.on_fetch(number(2), Some(uid(30))), Ok(()));
    assert_eq!(view.on_fetch(number(2), Some(uid(31))), Err(Contradiction::Uid(30)));
    assert_eq!(view.uid(number(2)), Some(uid(31)));
    assert_eq!(view.on_expunge(number(3)), Err(Contradiction::Above(2)));
    assert_eq!(view.on_exists(1), Err(Contradiction::Shrunk(2)));
    assert_eq!((view.exists(), view.known()), (Some(1), 0));
    view.check();
}

#[test]
fn uids_need_room_for_the_messages_between() {
    let mut view = view(9, &[(2, 10), (6, 16)]);
    assert_eq!(view.on_fetch(number(3), Some(uid(10))), Err(Contradiction::Order(2, 10)));
    assert_eq!(view.on_fetch(number(4), Some(uid(11))), Err(Contradiction::Room(2, 10)));
    assert_eq!(view.on_fetch(number(4), Some(uid(15))), Err(Contradiction::Room(6, 16)));
    assert_eq!(view.on_fetch(number(1), Some(uid(10))), Err(Contradiction::Order(2, 10)));
    assert_eq!(view.on_fetch(number(9), Some(uid(18))), Err(Contradiction::Room(6, 16)));
    assert_eq!(view.on_fetch(number(9), Some(uid(19))), Ok(()));
    assert_eq!(View::default().on_fetch(number(5), Some(uid(4))), Err(Contradiction::Low(5)));
    view.check();
}

#[test]
fn vanished_takes_unknown_messages_from_their_gap() -> Result<(), ValidationError> {
    let known = [(3, 10), (6, 20)];
    for (gone, count, left, runs) in [
        ("20", 1, 7, &[(6, 1, 1)][..]),
        ("1:9", 2, 6, &[(1, 2, 2)]),
        ("5", 1, 7, &[(1, 2, 1)]),
        ("11,13", 2, 6, &[(4, 2, 2)]),
        ("10:20", 4, 4, &[(3, 4, 4)]),
        ("20:4294967295", 3, 5, &[(6, 3, 3)]),
        ("4294967295", 1, 7, &[(7, 2, 1)]),
        ("1:4294967295", 8, 0, &[(1, 8, 8)]),
    ] {
        let mut view = view(8, &known);
        let vanished = view.on_vanished(false, &UidSet::try_from(gone)?);
        view.check();
        let told: Vec<_> = vanished.runs().iter().map(|run| (run.first, run.among, run.count)).collect();
        assert_eq!((vanished.count(), view.exists()), (count, Some(left)), "{gone}");
        assert_eq!(told, runs, "{gone}");
        // What it says is what so many EXPUNGE would have done.
        let mut same = super::tests::view(8, &known);
        assert_eq!(u32::try_from(vanished.numbers().count()), Ok(count));
        vanished.numbers().for_each(|number| assert!(same.on_expunge(number).is_ok(), "{gone}"));
        assert_eq!(same, view, "{gone}");
    }
    Ok(())
}

#[test]
fn vanished_is_contradictory_only_where_it_is_certain() -> Result<(), ValidationError> {
    for (gone, excess) in
        [("7,8", None), ("7:9", Some(1)), ("11", Some(1)), ("10,21,22", None), ("21:23", Some(1))]
    {
        let mut view = view(6, &[(3, 10), (4, 20)]);
        let vanished = view.on_vanished(false, &UidSet::try_from(gone)?);
        assert_eq!(vanished.contradiction(), excess.map(Contradiction::Vanished), "{gone}");
        assert_eq!(view.on_vanished(true, &UidSet::try_from("1:4294967295")?).count(), 0);
        view.check();
    }
    // How many messages there are is not known: there may be that many.
    let mut view = View::default();
    assert_eq!(view.on_fetch(number(2), Some(uid(10))), Ok(()));
    assert_eq!(view.on_vanished(false, &UidSet::try_from("11:99")?).contradiction(), None);
    assert_eq!(
        view.on_vanished(false, &UidSet::try_from("1:2")?).contradiction(),
        Some(Contradiction::Vanished(1))
    );
    assert_eq!((view.exists(), view.seq(uid(10))), (None, Some(number(1))));
    Ok(())
}

#[test]
fn numbers_are_a_lower_bound_until_exists_is_told() {
    let mut view = View::default();
    assert_eq!(view.on_fetch(number(5), Some(uid(50))), Ok(()));
    assert_eq!((view.exists(), view.at_least(), view.is_complete()), (None, 5, false));
    assert_eq!(view.on_expunge(number(9)), Ok(None));
    assert_eq!(view.on_expunge(number(2)), Ok(None));
    assert_eq!(view.seq(uid(50)), Some(number(4)));
    assert_eq!(view.on_exists(4), Ok(()));
    assert_eq!(view.exists(), Some(4));
    // What the server tells of a message before its EXISTS is believed.
    assert_eq!(view.on_fetch(number(6), Some(uid(60))), Err(Contradiction::Above(4)));
    assert_eq!((view.exists(), view.at_least(), view.uid(number(6))), (None, 6, Some(uid(60))));
    assert_eq!(view.on_fetch(number(7), None), Ok(()));
    assert_eq!(view.on_exists(7), Ok(()));
    view.check();
}

#[test]
fn uid_fetch_teaches_what_is_certain() {
    let mut view = view(5, &[(1, 10), (3, 30)]);
    assert_eq!(view.on_uid_fetch(uid(5)), Err(Contradiction::NoSuchUid(uid(5))));
    assert_eq!(view.on_uid_fetch(uid(10)), Ok(Some(number(1))));
    assert_eq!(view.on_uid_fetch(uid(20)), Ok(Some(number(2))));
    assert_eq!(view.on_uid_fetch(uid(21)), Err(Contradiction::NoSuchUid(uid(21))));
    assert_eq!(view.on_uid_fetch(uid(40)), Ok(None));
    assert_eq!(view.on_uid_fetch(uid(30)), Ok(Some(number(3))));
    assert_eq!(View::default().on_uid_fetch(uid(7)), Ok(None));
    view.check();
}

#[test]
fn another_uid_validity_voids_all_uids() -> Result<(), ValidationError> {
    let mut view = view(5, &[(1, 10), (3, 30)]);
    view.save(&UidSet::try_from("10,30")?);
    let (one, two) = (UidValidity::try_from(1)?, UidValidity::try_from(2)?);
    assert_eq!(view.on_uid_validity(one), Ok(()));
    assert_eq!(view.on_uid_next(uid(31)), Ok(()));
    assert_eq!(view.on_uid_next(uid(30)), Err(Contradiction::UidNext(31)));
    assert_eq!(view.on_uid_next(uid(30)), Err(Contradiction::UidNext(30)));
    assert_eq!(view.on_uid_validity(one), Ok(()));
    assert_eq!(view.saved().count(), 2);
    assert_eq!(view.on_uid_validity(two), Err(Contradiction::UidValidity(one)));
    assert_eq!((view.exists(), view.known(), view.uid_next()), (Some(5), 0, None));
    assert_eq!(view.saved().count(), 0);
    Ok(())
}

//= rfc9051#section-6.4.4.1
//= type=test
//# Implementors are reminded that if the server stores the list as a list of message numbers, it MUST
//# automatically adjust them when notifying the client about expunged messages, as described in Section
//# 7.5.1.
#[test]
fn the_saved_result_loses_what_is_expunged() -> Result<(), ValidationError> {
    let mut view = view(6, &[(1, 10), (3, 30), (5, 32)]);
    view.save(&UidSet::try_from("1:4,10,20:40")?);
    assert_eq!(view.on_expunge(number(3)), Ok(Some(uid(30))));
    assert_eq!(view.on_exists(7), Ok(()));
    assert_eq!(view.saved().collect::<UidSet>().to_string(), "1:4,10,20:29,31:40");
    assert_eq!(view.on_vanished(false, &UidSet::try_from("10,22,35:90")?).count(), 5);
    assert_eq!(view.saved().collect::<UidSet>().to_string(), "1:4,20:21,23:29,31:34");
    assert!(view.is_saved(uid(4)) && !view.is_saved(uid(22)));
    view.save(&UidSet::default());
    assert_eq!(view.saved().count(), 0);
    Ok(())
}

#[test]
fn the_first_unseen_message_keeps_its_number_up_to_date() -> Result<(), ValidationError> {
    let mut view = view(9, &[(2, 10), (6, 20)]);
    assert_eq!(view.on_unseen(number(10)), Err(Contradiction::Above(9)));
    assert_eq!(view.on_unseen(number(6)), Ok(()));
    assert_eq!(view.on_vanished(false, &UidSet::try_from("5,11,21")?).count(), 3);
    assert_eq!(view.unseen(), Some(number(4)));
    assert_eq!(view.on_expunge(number(5)), Ok(None));
    assert_eq!(view.on_expunge(number(1)), Ok(Some(uid(10))));
    assert_eq!(view.unseen(), Some(number(3)));
    assert_eq!(view.on_expunge(number(3)), Ok(Some(uid(20))));
    assert_eq!(view.unseen(), None);
    Ok(())
}

#[test]
fn sets_name_what_is_certain() -> Result<(), ValidationError> {
    let view = view(9, &[(2, 10), (3, 12), (6, 20)]);
    for (set, by, ranges) in [
        ("3,2,8:*", By::Number, "2-3 8-9"),
        ("7:20,30", By::Number, "7-9"),
        ("30:*", By::Number, "9-9"),
        ("1:9", By::Uid, "1-1"),
        ("1:8", By::Uid, ""),
        ("2:12", By::Uid, "2-3"),
        ("11:20", By::Uid, "3-6"),
        ("11", By::Uid, ""),
        ("13:19", By::Uid, "4-5"),
        ("14:*", By::Uid, "6-9"),
        ("99:*,12", By::Uid, "3-3 9-9"),
        ("*", By::Uid, "9-9"),
        ("1:4294967295", By::Uid, "1-9"),
    ] {
        let found: Vec<_> = view
            .ranges(&SequenceSet::try_from(set)?, by)
            .map(|(first, last)| std::format!("{first}-{last}"))
            .collect();
        assert_eq!(found.join(" "), ranges, "{set} {by:?}");
    }
    Ok(())
}

#[test]
fn the_saved_result_joins_the_rest_of_a_set() -> Result<(), ValidationError> {
    let mut view = View::from_uids([3, 5, 8, 13, 21].map(uid)).unwrap_or_default();
    view.save(&UidSet::try_from("4:9,21:90")?);
    let all =
        |set: SequenceSet, by| view.ranges(&set, by).map(|(a, b)| (a.get(), b.get())).collect::<Vec<_>>();
    assert_eq!(all(SequenceSet::saved(), By::Number), [(2, 3), (5, 5)]);
    assert_eq!(all(SequenceSet::try_from("4")?.with_saved(), By::Number), [(2, 5)]);
    assert_eq!(all(SequenceSet::try_from("3")?.with_saved(), By::Uid), [(1, 3), (5, 5)]);
    Ok(())
}

#[test]
fn numbers_above_exists_are_told() -> Result<(), ValidationError> {
    let some = view(3, &[]);
    for (set, above) in [("1:3", false), ("*", false), ("4", true), ("4:*", true), ("2,9:1", true)] {
        assert_eq!(some.names_above_exists(&SequenceSet::try_from(set)?), above, "{set}");
    }
    assert!(view(0, &[]).names_above_exists(&SequenceSet::largest()));
    assert!(!view(0, &[]).names_above_exists(&SequenceSet::saved()));
    assert!(!View::default().names_above_exists(&SequenceSet::try_from(9)?));
    Ok(())
}

#[test]
fn uids_are_added_in_order_only() {
    let mut view = view(3, &[(1, 10)]);
    assert_eq!(view.push(uid(12)), Err(NotAscending { uid: uid(12), last: 12 }));
    assert_eq!(view.push(uid(13)), Ok(number(4)));
    assert!(view.push(uid(13)).is_err());
    assert_eq!(view.extend([uid(20), uid(u32::MAX), uid(5)]).map_err(|error| error.last), Err(u32::MAX));
    assert_eq!((view.exists(), view.known()), (Some(6), 4));
    assert_eq!(view.on_expunge(number(6)), Ok(Some(uid(u32::MAX))));
    view.check();
}

/// Enough messages for three levels of the tree, removed in several orders.
#[test]
fn large_views_stay_in_order() -> Result<(), ValidationError> {
    let all =
        || View::from_uids((1..=100_000_u32).map(|number| uid(number.saturating_mul(3)))).unwrap_or_default();
    for step in [1_u32, 7, 1_000] {
        let mut view = all();
        view.check();
        for _ in 0..step {
            let middle = view.at_least() / 2;
            assert!(view.on_expunge(number(middle)).is_ok());
        }
        let every: UidSet =
            (1..=100_000_u32).step_by(step as usize).map(|number| uid(number.saturating_mul(3))).collect();
        let _ = view.on_vanished(false, &every);
        view.check();
        for left in (0..view.at_least()).rev() {
            assert!(view.on_expunge(number(left / 3 + 1)).is_ok_and(|uid| uid.is_some()));
            assert_eq!(view.exists(), Some(left));
        }
        view.check();
    }
    // UIDs that come from the last to the first, and every second one before the others.
    let mut view = view(100_000, &[]);
    for at in (1..=50_000_u32).rev().map(|half| half * 2).chain((1..=50_000).map(|half| half * 2 - 1)) {
        assert_eq!(view.on_fetch(number(at), Some(uid(at * 3))), Ok(()));
    }
    view.check();
    assert!(view.is_complete());
    assert_eq!(view, all());
    Ok(())
}

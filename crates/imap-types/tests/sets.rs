//! Sets of messages and the parts of a message, as an embedder makes and reads them.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::reversed_empty_ranges,
    reason = "a test may fail, and ranges of the protocol may be given in either order"
)]

use core::num::NonZeroU32;
use std::collections::BTreeSet;

use imap_types::{
    error::{ValidationError, ValidationErrorKind},
    number::{SeqNum, Uid},
    octets::Octets,
    section::{RawSection, Section, SectionText},
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
    string::AString,
    vec1::Vec1,
};

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn set(text: &str) -> Result<SequenceSet, ValidationError> {
    SequenceSet::try_from(text)
}

#[test]
fn a_range_knows_its_numbers() -> Result<(), ValidationError> {
    for (text, largest, inside) in [
        ("3", 9, vec![3]),
        ("3:5", 9, vec![3, 4, 5]),
        ("5:3", 9, vec![3, 4, 5]),
        ("*", 4, vec![4]),
        ("*:3", 4, vec![3, 4]),
        // RFC 9051 section 9: `*` may be below the other bound, and the range is never empty.
        ("6:*", 4, vec![4, 5, 6]),
    ] {
        let set = set(text)?;
        let [range] = set.ranges() else { panic!("{text} is one range") };
        let found: Vec<u32> = (1..=9).filter(|n| range.contains(number(*n), number(largest))).collect();
        assert_eq!(found, inside, "{text} of {largest}");
        assert_eq!(range.len(number(largest)), inside.len() as u64, "{text} of {largest}");
        assert_eq!(range.is_range(), text.contains(':'), "{text}");
        let listed: Vec<u32> = set.iter(number(largest)).map(NonZeroU32::get).collect();
        assert_eq!(listed, inside, "{text} of {largest}");
        let found: Vec<u32> = (1..=9).filter(|n| set.contains(number(*n), number(largest))).collect();
        assert_eq!(found, inside, "{text} of {largest}");
    }
    Ok(())
}

#[test]
fn a_set_tells_star_and_the_saved_result() -> Result<(), ValidationError> {
    for (text, saved, largest) in [
        ("1", false, false),
        ("$", true, false),
        ("1,$", true, false),
        ("*", false, true),
        ("*:1,$", true, true),
        ("2,1:*", false, true),
    ] {
        let set = set(text)?;
        assert_eq!((set.has_saved(), set.has_largest()), (saved, largest), "{text}");
        assert!(!set.is_empty(), "{text}");
        assert_eq!(set.normalized().has_saved(), saved, "{text}");
    }
    assert!(SequenceSet::default().is_empty());
    assert!(!SequenceSet::default().has_saved());
    assert_eq!(SequenceSet::default().with_saved(), SequenceSet::saved());
    assert_eq!(SequenceSet::saved().to_string(), "$");
    assert_eq!(SequenceSet::largest().to_string(), "*");
    assert_eq!(SequenceSet::all().to_string(), "1:*");
    Ok(())
}

#[test]
fn a_normalised_set_is_as_short_as_can_be() -> Result<(), ValidationError> {
    for (text, short) in [
        ("1", "1"),
        ("5:5", "5"),
        ("2,1", "1:2"),
        ("1,3", "1,3"),
        ("4:6,5", "4:6"),
        ("4:6,1:9", "1:9"),
        ("7:8,1:6", "1:8"),
        ("*,1:*", "1:*"),
        ("*,4", "4,*"),
        ("5,*:2", "2:*"),
        ("4294967295,*", "4294967295,*"),
        ("4294967295,1:4294967294", "1:4294967295"),
        ("3,1,$", "1,3,$"),
    ] {
        assert_eq!(set(text)?.normalized().to_string(), short, "{text}");
    }
    for (text, short) in [("5:5", "5"), ("2,1", "1:2"), ("1,3", "1,3"), ("9:7,8:12,1", "1,7:12")] {
        assert_eq!(UidSet::try_from(text)?.normalized().to_string(), short, "{text}");
    }
    Ok(())
}

#[test]
fn a_set_is_made_from_what_rust_has() -> Result<(), ValidationError> {
    assert_eq!(SequenceSet::try_from(7)?.to_string(), "7");
    assert_eq!(SequenceSet::try_from(7..=9)?.to_string(), "7:9");
    assert_eq!(SequenceSet::try_from(9..=7)?.to_string(), "9:7");
    assert_eq!(SequenceSet::try_from(7..)?.to_string(), "7:*");
    assert!(SequenceSet::try_from(0).is_err() && SequenceSet::try_from(0..=1).is_err());
    assert!(SequenceSet::try_from(1..=0).is_err() && SequenceSet::try_from(0..).is_err());
    assert_eq!(SequenceSet::from(SeqNum::try_from(3)?).to_string(), "3");
    assert_eq!(SequenceSet::from(SeqNumber::from(number(3))).to_string(), "3");
    assert_eq!("2,4:7".parse::<SequenceSet>()?.to_string(), "2,4:7");
    let uids = UidSet::try_from("5:5,7,9:8")?;
    assert_eq!(SequenceSet::from(&uids).to_string(), "5:5,7,9:8");
    assert_eq!(SequenceSet::from(uids.clone()).to_string(), "5:5,7,9:8");
    assert_eq!(SequenceSet::received(SeqRange::ALL.into(), true).to_string(), "1:*,$");

    assert_eq!("2,4:7".parse::<UidSet>()?.to_string(), "2,4:7");
    assert_eq!((UidSet::try_from(7)?.to_string(), UidSet::try_from(7..=9)?.to_string()), {
        ("7".into(), "7:9".into())
    });
    assert!(UidSet::try_from(0).is_err() && UidSet::try_from(0..=1).is_err());
    let range = UidRange::try_from(9..=7)?;
    assert_eq!((range.low().get(), range.high().get(), range.len()), (7, 9, 3));
    assert_eq!(UidSet::from(range).into_iter().collect::<Vec<_>>(), [range]);
    assert_eq!((range.is_range(), UidRange::single(Uid::try_from(7)?).is_range()), (true, false));
    assert_eq!(UidRange::single(Uid::try_from(7)?).to_string(), "7");
    assert_eq!(uids.ranges().len(), 3);
    Ok(())
}

#[test]
fn what_was_collected_is_joined_where_it_goes_on_upwards() -> Result<(), ValidationError> {
    for (ranges, joined) in [
        (vec![1..=2, 3..=4], "1:4"),
        (vec![1..=2, 4..=5], "1:2,4:5"),
        (vec![2..=1, 2..=3], "2:1,2:3"),
        (vec![2..=1, 3..=4], "2:1,3:4"),
        (vec![1..=2, 4..=3], "1:2,4:3"),
        (vec![1..=3, 2..=4], "1:3,2:4"),
        (vec![u32::MAX..=u32::MAX, 1..=1], "4294967295:4294967295,1:1"),
        (vec![5..=5, 6..=6], "5:6"),
    ] {
        let uids = ranges.iter().cloned().map(UidRange::try_from).collect::<Result<UidSet, _>>()?;
        assert_eq!(uids.to_string(), joined);
        let set = ranges.into_iter().map(SeqRange::try_from).collect::<Result<SequenceSet, _>>()?;
        assert_eq!(set.to_string(), joined);
    }
    assert_eq!(SequenceSet::try_from([3, 4, 9, 10, 1].as_slice())?.to_string(), "3:4,9:10,1");
    Ok(())
}

#[test]
fn what_is_no_set_says_why() {
    for (text, kind) in [
        ("", ValidationErrorKind::Empty),
        ("1,", ValidationErrorKind::Shape),
        ("1:", ValidationErrorKind::Shape),
        ("0", ValidationErrorKind::Range),
        ("01", ValidationErrorKind::Range),
        ("4294967296", ValidationErrorKind::Range),
        ("a", ValidationErrorKind::Character),
        ("1;2", ValidationErrorKind::Character),
    ] {
        assert_eq!(SequenceSet::try_from(text).map_err(|error| error.kind), Err(kind), "{text:?}");
        assert_eq!(UidSet::try_from(text).map_err(|error| error.kind), Err(kind), "{text:?}");
    }
    assert_eq!(SequenceSet::try_from(&[][..]).map_err(|error| error.kind), Err(ValidationErrorKind::Empty));
}

#[test]
fn pairs_are_the_uids_side_by_side() -> Result<(), ValidationError> {
    for (from, to, pairs) in [
        ("1", "9", "1>9"),
        ("1:3", "7:9", "1:3>7:9"),
        ("1,5", "8:9", "1>8 5>9"),
        ("8:9", "1,5", "8>1 9>5"),
        ("3:1,10", "21,31:33", "1>21 2:3>31:32 10>33"),
        ("1:4294967295", "4294967295,1:4294967294", "1>4294967295 2:4294967295>1:4294967294"),
    ] {
        let (from, to) = (UidSet::try_from(from)?, UidSet::try_from(to)?);
        let Some(found) = from.pairs(&to) else { panic!("{from} and {to} are as many") };
        let found: Vec<_> = found.map(|(from, to)| format!("{from}>{to}")).collect();
        assert_eq!(found.join(" "), pairs);
    }
    assert!(UidSet::try_from("1:2")?.pairs(&UidSet::try_from("1")?).is_none());
    Ok(())
}

#[test]
fn sets_of_uids_are_sets() -> Result<(), ValidationError> {
    let uid = |n| Uid(number(n));
    for text in ["1", "2:4", "4:2", "1,3,5:9", "9,1"] {
        let uids = UidSet::try_from(text)?;
        let listed: Vec<u32> = uids.iter().map(Uid::get).collect();
        let inside: BTreeSet<u32> = (1..=10).filter(|n| uids.contains(uid(*n))).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), inside, "{text}");
        assert_eq!(uids.len(), listed.len() as u64, "{text}");
        assert!(!uids.is_empty(), "{text}");
        assert_eq!(set(text)?.resolve(uid(10)), uids.normalized(), "{text}");
    }
    assert!(UidSet::default().is_empty() && UidSet::default().iter().next().is_none());
    Ok(())
}

#[test]
fn a_section_is_made_as_it_is_written() -> Result<(), ValidationError> {
    let two = number(2);
    assert_eq!(Section::part(&[2, 2])?, Section { part: vec![two, two], text: None });
    assert_eq!(Section::part(&[]).map_err(|error| error.kind), Err(ValidationErrorKind::Empty));
    assert_eq!(Section::part(&[1, 0]).map_err(|error| error.kind), Err(ValidationErrorKind::Range));
    assert_eq!(Section::header(), Section { part: vec![], text: Some(SectionText::Header) });
    assert_eq!(Section::text(), Section { part: vec![], text: Some(SectionText::Text) });
    let names = Vec1::new(AString::try_from("DATE")?);
    assert_eq!(Section::header_fields(names.clone()).text, Some(SectionText::HeaderFields(names)));
    assert_eq!(Section::ALL, Section::default());
    Ok(())
}

#[test]
fn an_unknown_section_ends_at_its_bracket() -> Result<(), ValidationError> {
    for text in ["", "1.2", "HEADER.FIELDS (DATE FROM)", "~"] {
        let section = RawSection::try_from(text)?;
        assert_eq!((section.as_str(), section.as_bytes()), (text, text.as_bytes()));
        assert_eq!(RawSection::try_from(Octets::from(text))?, section);
    }
    for byte in 0..=u8::MAX {
        let allowed = (b' '..=b'~').contains(&byte) && !br#"]"\{"#.contains(&byte);
        assert_eq!(RawSection::allows(byte), allowed, "{byte:#x}");
        let section = RawSection::try_from(Octets::from(&[b'a', byte]));
        assert_eq!(section.map_err(|error| error.at).err(), (!allowed).then_some(1), "{byte:#x}");
    }
    Ok(())
}

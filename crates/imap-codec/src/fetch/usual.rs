//! Items that come by the thousand, in the spelling that all use. What is not here is for the rules of `fetch.rs`.

use alloc::vec::Vec;

use imap_types::{
    date::InternalDate,
    fetch::{FetchAtt, MsgAtt},
    flag::FlagFetch,
    names::Names,
    number::Uid,
};

use super::flag_fetches;
use crate::{
    body::body,
    cursor::{Input, Parsed},
    date::date_time,
    envelope::envelope,
    error::expected,
    flag::usual_name,
    number::{number64, short_nz_number},
};

/// An item without arguments that clients ask for all the time, as they spell it, and its length. `None` where
/// [`fetch_att`](super::fetch_att) has to look.
#[inline]
pub(super) fn usual_fetch_att(rest: &[u8]) -> Option<(FetchAtt, usize)> {
    fn item<const N: usize>(rest: &[u8], name: &[u8; N], item: FetchAtt) -> Option<(FetchAtt, usize)> {
        usual_name(rest, name, 0).map(|usual| (item, usual.len.get().into()))
    }
    match rest {
        [b'F', ..] => item(rest, b"FLAGS", FetchAtt::Flags),
        [b'U', ..] => item(rest, b"UID", FetchAtt::Uid),
        [b'I', ..] => item(rest, b"INTERNALDATE", FetchAtt::InternalDate),
        [b'R', ..] => item(rest, b"RFC822.SIZE", FetchAtt::Rfc822Size),
        [b'E', ..] => item(rest, b"ENVELOPE", FetchAtt::Envelope),
        [b'B', ..] => item(rest, b"BODYSTRUCTURE", FetchAtt::BodyStructure),
        _ => None,
    }
}

/// The first items of an update as servers send it by the thousand: UID and FLAGS in either order, which nearly always are all,
/// or FLAGS. They are put together at once, because an item that is added to a list goes through memory twice. `None` where
/// it begins otherwise, and where it may be a listing, which is made room for.
#[inline]
pub(super) fn usual_update(i: Input<'_>) -> Option<(Input<'_>, Vec<MsgAtt>)> {
    if !is_short(i) || i.limits().list < 2 {
        return None;
    }
    if let Some((i, uid)) = usual_uid(i) {
        return Some(match second(i).and_then(usual_flags) {
            Some((i, flags)) => (i, alloc::vec![MsgAtt::Uid(uid), MsgAtt::Flags(flags)]),
            None => (i, alloc::vec![MsgAtt::Uid(uid)]),
        });
    }
    let (i, flags) = usual_flags(i)?;
    Some(match second(i).and_then(usual_uid) {
        Some((i, uid)) => (i, alloc::vec![MsgAtt::Flags(flags), MsgAtt::Uid(uid)]),
        None => (i, alloc::vec![MsgAtt::Flags(flags)]),
    })
}

/// What follows an item and its space.
#[inline]
fn second(i: Input<'_>) -> Option<Input<'_>> {
    i.next_is(b' ').then(|| i.skip(1))
}

/// Whether so little is left of the message that it is rather an update than a listing.
#[inline]
pub(super) fn is_short(i: Input<'_>) -> bool {
    i.rest().len() <= 128
}

/// An item that servers send all the time, in its usual spelling, read straight into its place. `None` where
/// [`msg_att_item`](super::msg_att_item) has to look.
#[inline]
pub(super) fn usual_item<'a>(i: Input<'a>, items: &mut Vec<MsgAtt>) -> Option<Input<'a>> {
    match i.peek()? {
        b'U' => {
            let (end, uid) = usual_uid(i)?;
            push(items, || MsgAtt::Uid(uid));
            Some(end)
        }
        b'F' => {
            let (end, flags) = usual_flags(i)?;
            push(items, || MsgAtt::Flags(flags));
            Some(end)
        }
        b'I' => {
            let (end, date) = usual(i, b"INTERNALDATE ", date_time)?;
            push(items, || MsgAtt::InternalDate(InternalDate::DateTime(date)));
            Some(end)
        }
        b'R' => {
            let (end, size) = usual(i, b"RFC822.SIZE ", number64)?;
            push(items, || MsgAtt::Rfc822Size(size));
            Some(end)
        }
        b'E' => {
            let (end, envelope) = usual(i, b"ENVELOPE ", envelope)?;
            push(items, || MsgAtt::Envelope(envelope));
            Some(end)
        }
        b'B' => {
            let (end, body) = usual(i, b"BODYSTRUCTURE ", |i| body(i, 1))?;
            push(items, || MsgAtt::BodyStructure(body));
            Some(end)
        }
        _ => None,
    }
}

/// Adds what `make` makes, which is written where it stays: a value of 64 bytes that is made elsewhere and moved at once
/// waits for its own bytes.
#[inline]
fn push(items: &mut Vec<MsgAtt>, make: impl FnOnce() -> MsgAtt) {
    items.extend(core::iter::once_with(make));
}

/// What `rule` reads after `name`, up to where an item ends. `None` where it fails.
#[inline]
fn usual<'a, T>(
    i: Input<'a>,
    name: &[u8],
    rule: impl FnOnce(Input<'a>) -> Parsed<'a, T>,
) -> Option<(Input<'a>, T)> {
    if !i.rest().starts_with(name) {
        return None;
    }
    let read = i.skip(name.len()).attempt(|i| match rule(i)? {
        (end, value) if item_ends(end) => Ok((end, value)),
        (end, _) => end.fail(expected!("SP", "a space or `)`")),
    });
    read.ok()
}

/// `"UID" SP uniqueid`, in its usual spelling and up to where an item ends.
#[inline]
fn usual_uid(i: Input<'_>) -> Option<(Input<'_>, Uid)> {
    let (len, uid) = short_nz_number(i.rest().strip_prefix(b"UID ")?)?;
    let end = i.skip(len.saturating_add(4));
    item_ends(end).then_some((end, Uid(uid)))
}

/// `"FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"`, in its usual spelling and up to where an item ends.
#[inline]
fn usual_flags(i: Input<'_>) -> Option<(Input<'_>, Names<FlagFetch>)> {
    usual(i, b"FLAGS ", flag_fetches)
}

/// Whether an item of `msg-att` may end here.
#[inline]
fn item_ends(i: Input<'_>) -> bool {
    matches!(i.peek(), Some(b' ' | b')'))
}

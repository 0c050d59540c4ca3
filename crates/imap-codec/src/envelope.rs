//! ENVELOPE and its addresses.

use alloc::boxed::Box;

use imap_types::{
    envelope::{Address, Envelope},
    few::Few,
    string::NString,
};

use crate::{
    cursor::{Input, Parsed, close, open, sp, within_list_limit},
    error::{EncodeError, expected},
    string::{nil, nstring_or_atom},
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP
///            env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"     ; RFC 9051 section 9
/// ```
///
/// Meaning: RFC 9051 section 7.5.2.
pub(crate) fn envelope(i: Input<'_>) -> Parsed<'_, Box<Envelope>> {
    let (i, ()) = open(i)?;
    let (i, date) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, subject) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, from) = addresses(i)?;
    let (i, ()) = sp(i)?;
    let (i, sender) = addresses(i)?;
    let (i, ()) = sp(i)?;
    let (i, reply_to) = addresses(i)?;
    let (i, ()) = sp(i)?;
    let (i, to) = addresses(i)?;
    let (i, ()) = sp(i)?;
    let (i, cc) = addresses(i)?;
    let (i, ()) = sp(i)?;
    let (i, bcc) = addresses(i)?;
    let (i, (in_reply_to, message_id)) = replied_to_and_own(i)?;
    let (i, ()) = closing(i)?;
    let envelope = Envelope { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id };
    Ok((i, Box::new(envelope)))
}

/// `SP env-in-reply-to SP env-message-id`, or less at the end of a shorter envelope.
#[inline]
fn replied_to_and_own(i: Input<'_>) -> Parsed<'_, (NString, NString)> {
    if i.next_is(b')') && i.tolerates(Quirk::NoInReplyTo) {
        return Ok((i, (NString::NIL, NString::NIL)));
    }
    let (i, ()) = sp(i)?;
    let (i, in_reply_to) = nstring_or_atom(i)?;
    if i.next_is(b')') && i.tolerates(Quirk::NoMessageId) {
        return Ok((i, (in_reply_to, NString::NIL)));
    }
    let (i, ()) = sp(i)?;
    let (i, message_id) = nstring_or_atom(i)?;
    Ok((i, (in_reply_to, message_id)))
}

/// ```abnf
/// env-from = "(" 1*address ")" / nil     ; RFC 9051 section 9
/// ```
///
/// `env-sender`, `env-reply-to`, `env-to`, `env-cc` and `env-bcc` are the same. No SP between addresses.
fn addresses(i: Input<'_>) -> Parsed<'_, Few<Address>> {
    if !i.next_is(b'(') {
        return match nil(i) {
            Ok((i, ())) => Ok((i, Few::EMPTY)),
            Err(_) => i.fail(expected!("address", "a list of addresses or NIL")),
        };
    }
    let mut start = i.skip(1);
    while !start.next_is(b'(') {
        if start.next_is(b')') && start.tolerates(Quirk::EmptyAddresses) {
            return Ok((start.skip(1), Few::EMPTY));
        }
        start = beside_addresses(start)?.0;
    }
    let (mut i, first) = address(start)?;
    let mut addresses = Few::from(first);
    while !i.next_is(b')') {
        if !i.next_is(b'(') {
            i = beside_addresses(i)?.0;
            continue;
        }
        let (rest, next) = address(within_list_limit(i, addresses.len())?.0)?;
        addresses.push(next);
        i = rest;
    }
    Ok((i.skip(1), addresses))
}

/// What stands beside addresses and is none: a space, or NIL.
#[cold]
fn beside_addresses(i: Input<'_>) -> Parsed<'_, ()> {
    if i.next_is(b' ') && i.tolerates(Quirk::SpaceBetweenAddresses) {
        return Ok((i.skip(1), ()));
    }
    match nil(i) {
        Ok((rest, ())) if i.tolerates(Quirk::NilAddress) => Ok((rest, ())),
        _ => i.fail(expected!("address", "an address in parentheses")),
    }
}

/// `")"`, and a space before it where the decoder overlooks that.
#[inline]
fn closing(i: Input<'_>) -> Parsed<'_, ()> {
    match close(i) {
        Err(_) if i.rest().starts_with(b" )") && i.tolerates(Quirk::SpaceAfterAddress) => close(i.skip(1)),
        read => read,
    }
}

/// ```abnf
/// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"     ; RFC 9051 section 9
/// ```
fn address(i: Input<'_>) -> Parsed<'_, Address> {
    if !i.next_is(b'(') {
        return i.fail(expected!("address", "an address in parentheses"));
    }
    let (i, name) = nstring_or_atom(i.skip(1))?;
    let (i, ()) = sp(i)?;
    let (i, adl) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, mailbox) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, host) = nstring_or_atom(i)?;
    let (i, ()) = closing(i)?;
    Ok((i, Address { name, adl, mailbox, host }))
}

impl Writer<'_> {
    /// `envelope`
    pub(crate) fn envelope(&mut self, envelope: &Envelope) -> Result<(), EncodeError> {
        let Envelope { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id } =
            envelope;
        self.bytes(b"(");
        self.nstring(date)?;
        self.sp();
        self.nstring(subject)?;
        for addresses in [from, sender, reply_to, to, cc, bcc] {
            self.sp();
            self.addresses(addresses)?;
        }
        self.sp();
        self.nstring(in_reply_to)?;
        self.sp();
        self.nstring(message_id)?;
        self.bytes(b")");
        Ok(())
    }

    /// `env-from` and its like
    fn addresses(&mut self, addresses: &[Address]) -> Result<(), EncodeError> {
        if addresses.is_empty() {
            self.bytes(b"NIL");
            return Ok(());
        }
        self.bytes(b"(");
        for Address { name, adl, mailbox, host } in addresses {
            self.bytes(b"(");
            self.nstring(name)?;
            self.sp();
            self.nstring(adl)?;
            self.sp();
            self.nstring(mailbox)?;
            self.sp();
            self.nstring(host)?;
            self.bytes(b")");
        }
        self.bytes(b")");
        Ok(())
    }
}

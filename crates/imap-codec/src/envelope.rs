//! ENVELOPE and its addresses.

use alloc::boxed::Box;

use imap_types::{
    envelope::{Address, Envelope},
    few::Few,
    nstrings::NStrings,
    string::Form,
};

use crate::{
    cursor::{Filled, Input, Parsed, close, open, sp, within_list_limit},
    error::{EncodeError, expected},
    string::{nil, nstring_or_atom, nstring_or_atom_at, plain_nstring},
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
    let mut envelope = Box::<Envelope>::default();
    let i = nstring_or_atom_at(i, envelope.strings_mut(), 0)?;
    let (i, ()) = sp(i)?;
    let mut i = nstring_or_atom_at(i, envelope.strings_mut(), 1)?;
    let Envelope { from, sender, reply_to, to, cc, bcc, .. } = &mut *envelope;
    let start = sp(i)?.0;
    i = addresses_into(start, from)?;
    let sent = start.read_until(i);
    for list in [sender, reply_to] {
        i = sp(i)?.0;
        // RFC 9051 section 7.5.2: where a message has no Sender or Reply-To, "the server sets the corresponding member of
        // the envelope to be the same value as the from member".
        i = match sent.filter(|sent| i.rest().starts_with(sent)) {
            Some(sent) => {
                list.clone_from(from);
                i.skip(sent.len())
            }
            None => addresses_into(i, list)?,
        };
    }
    for list in [to, cc, bcc] {
        i = addresses_into(sp(i)?.0, list)?;
    }
    let i = replied_to_and_own(i, envelope.strings_mut())?;
    let (i, ()) = closing(i)?;
    Ok((i, envelope))
}

/// `SP env-in-reply-to SP env-message-id`, or less at the end of a shorter envelope.
#[inline]
fn replied_to_and_own<'a>(i: Input<'a>, strings: &mut NStrings<4>) -> Filled<'a> {
    if i.next_is(b')') && i.tolerates(Quirk::NoInReplyTo) {
        return Ok(i);
    }
    let (i, ()) = sp(i)?;
    let i = nstring_or_atom_at(i, strings, 2)?;
    if i.next_is(b')') && i.tolerates(Quirk::NoMessageId) {
        return Ok(i);
    }
    let (i, ()) = sp(i)?;
    nstring_or_atom_at(i, strings, 3)
}

/// ```abnf
/// env-from = "(" 1*address ")" / nil     ; RFC 9051 section 9
/// ```
///
/// `env-sender`, `env-reply-to`, `env-to`, `env-cc` and `env-bcc` are the same. No SP between addresses. The list is empty
/// before.
fn addresses_into<'a>(i: Input<'a>, list: &mut Few<Address>) -> Filled<'a> {
    if !i.next_is(b'(') {
        return match nil(i) {
            Ok((i, ())) => Ok(i),
            Err(_) => Err(i.error(expected!("address", "a list of addresses or NIL"))),
        };
    }
    let mut i = i.skip(1);
    loop {
        if i.next_is(b'(') {
            if !list.is_empty() {
                within_list_limit(i, list.len())?;
            }
            i = list.push_with(|address| address_into(i, address))?;
        } else if !i.next_is(b')') {
            i = beside_addresses(i)?.0;
        } else if !list.is_empty() || i.tolerates(Quirk::EmptyAddresses) {
            return Ok(i.skip(1));
        } else {
            i = beside_addresses(i)?.0;
        }
    }
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
///
/// From the parenthesis, which the caller has seen.
fn address_into<'a>(i: Input<'a>, address: &mut Address) -> Filled<'a> {
    match plain_address(i, address.strings_mut()) {
        Some(i) => Ok(i),
        None => unusual_address(i, address),
    }
}

/// An address of plain strings.
#[inline]
fn plain_address<'a>(i: Input<'a>, strings: &mut NStrings<4>) -> Option<Input<'a>> {
    let mut i = i;
    let mut ranges = [const { None }; 4];
    for (range, behind) in ranges.iter_mut().zip(b"   )") {
        (i, *range) = plain_nstring(i.skip(1))?;
        if !i.next_is(*behind) {
            return None;
        }
    }
    *strings = NStrings::found(i.cx, ranges, Form::Quoted);
    Some(i.skip(1))
}

/// The same for any strings, which are copied together where they do not all lie in the frame.
#[cold]
fn unusual_address<'a>(i: Input<'a>, address: &mut Address) -> Filled<'a> {
    let (i, name) = nstring_or_atom(i.skip(1))?;
    let (i, ()) = sp(i)?;
    let (i, adl) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, mailbox) = nstring_or_atom(i)?;
    let (i, ()) = sp(i)?;
    let (i, host) = nstring_or_atom(i)?;
    *address.strings_mut() = NStrings::from([name, adl, mailbox, host]);
    let (i, ()) = closing(i)?;
    Ok(i)
}

impl Writer<'_> {
    /// `envelope`
    pub(crate) fn envelope(&mut self, envelope: &Envelope) -> Result<(), EncodeError> {
        let Envelope { from, sender, reply_to, to, cc, bcc, .. } = envelope;
        self.bytes(b"(");
        self.nstring(envelope.date())?;
        self.sp();
        self.nstring(envelope.subject())?;
        for addresses in [from, sender, reply_to, to, cc, bcc] {
            self.sp();
            self.addresses(addresses)?;
        }
        self.sp();
        self.nstring(envelope.in_reply_to())?;
        self.sp();
        self.nstring(envelope.message_id())?;
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
        for address in addresses {
            self.bytes(b"(");
            self.nstring(address.name())?;
            self.sp();
            self.nstring(address.adl())?;
            self.sp();
            self.nstring(address.mailbox())?;
            self.sp();
            self.nstring(address.host())?;
            self.bytes(b")");
        }
        self.bytes(b")");
        Ok(())
    }
}

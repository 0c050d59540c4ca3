//! Mailbox names on their way out and back: their encoding, their case, and whom they are sent to.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_response, encode_command, frame::Frame, profile::EncodeProfile,
};
use imap_types::{
    command::{Command, CommandBody},
    mailbox::{Mailbox, NameEncoding},
    response::{Data, Response},
};

//= rfc3501#section-5.1
//= type=test
//# Client implementations MUST NOT attempt to create 8-bit mailbox names, and SHOULD interpret any 8-bit
//# mailbox names returned by LIST or LSUB as UTF-8.
#[test]
fn names_above_7_bit_go_only_to_a_peer_that_reads_utf_8() {
    let name = Mailbox::from_unicode("Entwürfe", NameEncoding::Utf8).unwrap();
    for body in [CommandBody::create(name.clone()), CommandBody::list(name, "%")] {
        let command = Command::new("A1", body.unwrap()).unwrap();
        assert!(encode_command(&command, &EncodeProfile::client()).is_err());
        let mut profile = EncodeProfile::client();
        profile.utf8 = true;
        let sent = encode_command(&command, &profile).unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&sent).contains("\"Entwürfe\""), "{}", sent.escape_ascii());
    }
}

//= rfc9051#appendix-A
//= type=test
//# MUST be compatible with the Mailbox International Naming Convention
#[test]
fn names_go_both_ways_in_modified_utf_7() {
    for (unicode, wire) in
        [("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("Tom & Jerry", "\"Tom &- Jerry\"")]
    {
        let name = Mailbox::from_unicode(unicode, NameEncoding::ModifiedUtf7).unwrap();
        let command = Command::new("A1", CommandBody::select(name).unwrap()).unwrap();
        let sent = encode_command(&command, &EncodeProfile::client()).unwrap().to_bytes();
        assert_eq!(sent, format!("A1 SELECT {wire}\r\n"));
        let line = Frame::new(Bytes::from(format!("* LIST () \"/\" {wire}\r\n")));
        let Response::Data(Data::List(list)) =
            decode_response(&line, &DecodeOptions::strict()).unwrap().value
        else {
            panic!("a LIST response")
        };
        assert_eq!(list.mailbox.to_unicode(NameEncoding::ModifiedUtf7).unwrap(), unicode);
    }
}

//= rfc9051#appendix-A.1
//= type=test
//# In particular, server implementations MUST preserve the exact form of the modified base64 portion of a
//# modified UTF-7 name and treat that text as case sensitive, even if names are otherwise case insensitive
//# or case folded.
#[test]
fn base64_in_names_has_case_and_stays_as_it_is() {
    let (one, other) = ("&U,BTFw-", "&u,btfw-");
    assert_ne!(Mailbox::try_from(one).unwrap(), Mailbox::try_from(other).unwrap());
    for name in [one, other] {
        let command = Command::new("A1", CommandBody::create(name).unwrap()).unwrap();
        let sent = encode_command(&command, &EncodeProfile::as_received(Side::Client)).unwrap().to_bytes();
        assert_eq!(sent, format!("A1 CREATE {name}\r\n"));
    }
}

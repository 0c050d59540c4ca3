//! SELECT and EXAMINE.

use imap_types::{
    mailbox::Mailbox,
    select::{SelectParameter, SeqMatch},
};

use crate::{
    cursor::{Input, Parsed, close, keyword, open, sp},
    error::EncodeError,
    mailbox::mailbox,
    number::{mod_sequence_value, uid_validity},
    parameter::{Form, maybe_parameters, no_value, parameter, typed_parameter},
    sequence::{known_sequence_set, known_uids},
    writer::Writer,
};

/// What follows the word.
///
/// ```abnf
/// select        = "SELECT" SP mailbox [select-params]      ; RFC 4466 section 3
/// examine       = "EXAMINE" SP mailbox [select-params]
/// select-params = SP "(" select-param *(SP select-param) ")"
/// ```
pub(crate) fn select(i: Input<'_>) -> Parsed<'_, (Mailbox, alloc::vec::Vec<SelectParameter>)> {
    let (i, ()) = sp(i)?;
    let (i, mailbox) = mailbox(i)?;
    let (i, parameters) = maybe_parameters(i, select_param)?;
    Ok((i, (mailbox, parameters)))
}

/// ```abnf
/// select-param    = select-param-name [SP select-param-value]     ; RFC 4466 section 3
/// select-param    =/ condstore-param                              ; RFC 7162 section 7
/// condstore-param = "CONDSTORE"
/// select-param    =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value
///                    [SP known-uids] [SP seq-match-data] ")"
/// ```
fn select_param(i: Input<'_>) -> Parsed<'_, SelectParameter> {
    let (_, name) = keyword(i);
    match name.as_bytes() {
        b"CONDSTORE" => {
            let rule = |i| no_value(i).map(|(i, ())| (i, SelectParameter::CondStore));
            typed_parameter(i, rule, SelectParameter::Other)
        }
        b"QRESYNC" => typed_parameter(i, qresync, SelectParameter::Other),
        _ => parameter(i, UNTYPED).map(|(i, parameter)| (i, SelectParameter::Other(parameter))),
    }
}

/// RFC 5257 section 4.2: `select-param =/ "ANNOTATE"`.
const UNTYPED: &[(&str, Form)] = &[("ANNOTATE", Form::Nothing)];

/// The parameters that have a type.
const TYPED: &[&str] = &["CONDSTORE", "QRESYNC"];

/// `SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"`
fn qresync(i: Input<'_>) -> Parsed<'_, SelectParameter> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, uid_validity) = uid_validity(i)?;
    let (i, ()) = sp(i)?;
    let (mut i, mod_seq) = mod_sequence_value(i)?;
    let (mut uids, mut seq_match) = (None, None);
    if let [b' ', b'0'..=b'9' | b'*' | b'$', ..] = i.rest() {
        let (rest, known) = known_uids(i.skip(1))?;
        (i, uids) = (rest, Some(known));
    }
    if i.next_is(b' ') {
        let (rest, data) = seq_match_data(i.skip(1))?;
        (i, seq_match) = (rest, Some(data));
    }
    let (i, ()) = close(i)?;
    Ok((i, SelectParameter::QResync { uid_validity, mod_seq, known_uids: uids, seq_match }))
}

/// ```abnf
/// seq-match-data = "(" known-sequence-set SP known-uid-set ")"     ; RFC 7162 section 7
/// ```
fn seq_match_data(i: Input<'_>) -> Parsed<'_, SeqMatch> {
    let (i, ()) = open(i)?;
    let (i, numbers) = known_sequence_set(i)?;
    let (i, ()) = sp(i)?;
    let (i, uids) = known_uids(i)?;
    let (i, ()) = close(i)?;
    Ok((i, SeqMatch { numbers, uids }))
}

impl Writer<'_> {
    /// `SP mailbox [select-params]`
    pub(crate) fn select_arguments(
        &mut self,
        mailbox: &Mailbox,
        parameters: &[SelectParameter],
    ) -> Result<(), EncodeError> {
        self.sp();
        self.mailbox(mailbox)?;
        self.parameters(parameters, Self::select_param)
    }

    /// `select-param`
    fn select_param(&mut self, parameter: &SelectParameter) -> Result<(), EncodeError> {
        match parameter {
            SelectParameter::CondStore => self.bytes(b"CONDSTORE"),
            SelectParameter::QResync { uid_validity, mod_seq, known_uids, seq_match } => {
                self.bytes(b"QRESYNC (");
                self.number(uid_validity.get());
                self.sp_number(mod_seq.get());
                if let Some(uids) = known_uids {
                    self.sp();
                    self.uid_set(uids)?;
                }
                if let Some(SeqMatch { numbers, uids }) = seq_match {
                    self.bytes(b" (");
                    self.known_sequence_set(numbers)?;
                    self.sp();
                    self.uid_set(uids)?;
                    self.bytes(b")");
                }
                self.bytes(b")");
            }
            SelectParameter::Other(parameter) => self.other_parameter(parameter, TYPED, UNTYPED)?,
            _ => return Err(EncodeError::unknown("a parameter of SELECT")),
        }
        Ok(())
    }
}

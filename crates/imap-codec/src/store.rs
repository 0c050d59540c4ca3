//! STORE and UID STORE.

use imap_types::{
    atom::Atom,
    names::Names,
    store::{Store, StoreItem, StoreMode, StoreModifier},
};

use crate::{
    cursor::{Input, Parsed, Word, keyword, more, sp, word},
    error::{EncodeError, EncodeErrorKind, expected},
    flag::{flag, flag_list},
    number::mod_sequence_valzer,
    parameter::{parameter, parameters, typed_parameter},
    sequence::sequence_set,
    string::value,
    writer::Writer,
};

/// The arguments of STORE.
///
/// ```abnf
/// store = "STORE" SP sequence-set [store-modifiers] SP store-att-flags     ; RFC 4466 section 3
/// ```
pub(crate) fn store(i: Input<'_>, uid: bool) -> Parsed<'_, Store> {
    let (i, ()) = sp(i)?;
    let (i, set) = sequence_set(i)?;
    let (i, ()) = sp(i)?;
    let (i, modifiers) = if i.next_is(b'(') {
        let (i, modifiers) = parameters(i, store_modifier)?;
        let (i, ()) = sp(i)?;
        (i, modifiers)
    } else {
        (i, alloc::vec::Vec::new())
    };
    let (i, item) = store_att_flags(i)?;
    Ok((i, Store { uid, set, modifiers, item }))
}

/// ```abnf
/// store-modifier =  store-modifier-name [SP store-modif-params]     ; RFC 4466 section 3
/// store-modifier =/ "UNCHANGEDSINCE" SP mod-sequence-valzer         ; RFC 7162 section 7
/// ```
fn store_modifier(i: Input<'_>) -> Parsed<'_, StoreModifier> {
    if keyword(i).1.as_bytes() == UNCHANGEDSINCE.as_bytes() {
        let rule = |i| {
            let (i, ()) = sp(i)?;
            let (i, mod_seq) = mod_sequence_valzer(i)?;
            Ok((i, StoreModifier::UnchangedSince(mod_seq)))
        };
        return typed_parameter(i, rule, StoreModifier::Other);
    }
    let (i, modifier) = parameter(i, &[])?;
    Ok((i, StoreModifier::Other(modifier)))
}

const UNCHANGEDSINCE: &str = "UNCHANGEDSINCE";

/// ```abnf
/// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
///                   (flag-list / (flag *(SP flag)))     ; RFC 9051 section 9
/// store-att-flags =/ att-annotate                       ; RFC 5257 section 5
/// ```
///
/// And `X-GM-LABELS` in the form of `FLAGS`. An item of any other name is an error: a server must refuse what
/// it cannot do.
fn store_att_flags(i: Input<'_>) -> Parsed<'_, StoreItem> {
    let (rest, name) = word(i);
    let Some((mode, silent)) = flags_name(&name) else {
        return extension_item(i, rest, &name);
    };
    let (rest, ()) = sp(rest)?;
    if rest.next_is(b'(') {
        let (i, flags) = flag_list(rest)?;
        return Ok((i, StoreItem::Flags { mode, silent, flags }));
    }
    let (mut i, first) = flag(rest)?;
    let mut flags = Names::from(first);
    let mut held = 1_usize;
    while let Some(next) = more(i) {
        let (rest, flag) = flag(next)?;
        i = crate::cursor::within_list_limit(rest, held)?.0;
        held = held.saturating_add(1);
        flags.push(flag);
    }
    Ok((i, StoreItem::Flags { mode, silent, flags }))
}

/// Mode and `.SILENT` of `["+" / "-"] "FLAGS" [".SILENT"]`.
fn flags_name(name: &Word) -> Option<(StoreMode, bool)> {
    Some(match name.as_bytes() {
        b"FLAGS" => (StoreMode::Replace, false),
        b"FLAGS.SILENT" => (StoreMode::Replace, true),
        b"+FLAGS" => (StoreMode::Add, false),
        b"+FLAGS.SILENT" => (StoreMode::Add, true),
        b"-FLAGS" => (StoreMode::Remove, false),
        b"-FLAGS.SILENT" => (StoreMode::Remove, true),
        _ => return None,
    })
}

/// A known item of an extension, with its value.
fn extension_item<'a>(i: Input<'a>, rest: Input<'a>, name: &Word) -> Parsed<'a, StoreItem> {
    let labels = match name.as_bytes() {
        b"ANNOTATION" => false,
        b"X-GM-LABELS" | b"+X-GM-LABELS" | b"-X-GM-LABELS" => true,
        b"X-GM-LABELS.SILENT" | b"+X-GM-LABELS.SILENT" | b"-X-GM-LABELS.SILENT" => true,
        _ => return i.fail(expected!(Unknown, "store-att-flags", "FLAGS, +FLAGS or -FLAGS")),
    };
    let Ok(name) = Atom::try_from(i.octets(name.len())) else {
        return i.fail(expected!("store-att-flags", "FLAGS, +FLAGS or -FLAGS"));
    };
    let (rest, ()) = sp(rest)?;
    if !labels && !rest.next_is(b'(') {
        return rest.fail(expected!("att-annotate", "a list of annotations"));
    }
    let (i, value) = value(rest, 0)?;
    Ok((i, StoreItem::Other { name, value }))
}

impl Writer<'_> {
    /// `store`, after the word.
    pub(crate) fn store_arguments(&mut self, store: &Store) -> Result<(), EncodeError> {
        self.sp();
        self.sequence_set(&store.set)?;
        self.parameters(&store.modifiers, Self::store_modifier)?;
        self.sp();
        match &store.item {
            StoreItem::Flags { mode, silent, flags } => {
                self.bytes(match mode {
                    StoreMode::Replace => b"FLAGS".as_slice(),
                    StoreMode::Add => b"+FLAGS",
                    StoreMode::Remove => b"-FLAGS",
                });
                self.bytes(if *silent { b".SILENT " } else { b" " });
                self.flag_list(flags)
            }
            StoreItem::Other { name, value } => {
                self.bytes(name.as_str().to_ascii_uppercase().as_bytes());
                self.sp();
                self.value(value)
            }
            _ => Err(EncodeError::new(EncodeErrorKind::Unknown, "what STORE changes")),
        }
    }

    /// `store-modifier`
    fn store_modifier(&mut self, modifier: &StoreModifier) -> Result<(), EncodeError> {
        match modifier {
            StoreModifier::UnchangedSince(mod_seq) => {
                self.bytes(UNCHANGEDSINCE.as_bytes());
                self.sp_number(mod_seq.get());
                Ok(())
            }
            StoreModifier::Other(parameter) => self.other_parameter(parameter, &[UNCHANGEDSINCE], &[]),
            _ => Err(EncodeError::unknown("a modifier of STORE")),
        }
    }
}

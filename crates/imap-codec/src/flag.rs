//! Flags and lists of flags.

use core::num::NonZeroU8;

use imap_types::{
    flag::{Flag, FlagFetch, FlagPerm},
    names::Names,
};

use crate::{
    atom::atom,
    cursor::{Input, Parsed, keyword, parenthesized_names},
    error::{EncodeError, EncodeErrorKind, expected},
    tolerance::Quirk,
    writer::Writer,
};

/// ```abnf
/// flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" /
///        flag-keyword / flag-extension      ; Does not include "\Recent", RFC 9051 section 9
/// ```
pub(crate) fn flag(i: Input<'_>) -> Parsed<'_, Flag> {
    if !i.next_is(b'\\') {
        let (i, keyword) = match atom(i) {
            Ok(read) => read,
            Err(_) => return i.fail(expected!("flag", "a flag")),
        };
        return Ok((i, Flag::Keyword(keyword)));
    }
    let (rest, word) = keyword(i.skip(1));
    let flag = match word.as_bytes() {
        b"SEEN" => Flag::Seen,
        b"ANSWERED" => Flag::Answered,
        b"FLAGGED" => Flag::Flagged,
        b"DELETED" => Flag::Deleted,
        b"DRAFT" => Flag::Draft,
        b"RECENT" => return i.fail(expected!("flag", "a flag that can be set")),
        _ => {
            return match atom(i.skip(1)) {
                //= rfc9051#section-9
                //# Client implementations MUST accept flag-extension flags.
                Ok((i, name)) => Ok((i, Flag::Extension(name))),
                Err(_) => {
                    i.skip(1).fail(expected!("flag-extension", "the name of a flag after the backslash"))
                }
            };
        }
    };
    Ok((rest, flag))
}

/// ```abnf
/// flag-fetch = flag / obsolete-flag-recent     ; RFC 9051 section 9
/// ```
pub(crate) fn flag_fetch(i: Input<'_>) -> Parsed<'_, FlagFetch> {
    // A look at the first letter spares the word.
    if let [b'\\', b'R' | b'r', ..] = i.rest() {
        let (rest, word) = keyword(i.skip(1));
        if word.as_bytes() == b"RECENT" {
            return Ok((rest, FlagFetch::Recent));
        }
    }
    let (i, flag) = flag(i)?;
    Ok((i, FlagFetch::Flag(flag)))
}

/// A name in its usual spelling: its place among the known ones, and its length. Two bytes, so that it is returned in a
/// register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usual {
    pub(crate) place: u8,
    pub(crate) len: NonZeroU8,
}

/// A flag of the grammar in its usual spelling, by its place among those of [`Flag`] and [`FlagFetch`]. `None` where [`flag`]
/// has to look.
#[inline]
pub(crate) fn usual_flag(rest: &[u8]) -> Option<Usual> {
    let [_, first, second, ..] = rest else { return None };
    match (first, second) {
        (b'A', _) => usual_name(rest, b"\\Answered", 0),
        (b'F', _) => usual_name(rest, b"\\Flagged", 1),
        (b'D', b'e') => usual_name(rest, b"\\Deleted", 2),
        (b'S', _) => usual_name(rest, b"\\Seen", 3),
        (b'D', _) => usual_name(rest, b"\\Draft", 4),
        _ => None,
    }
}

/// The `name` at that place, where it stands at the start of `rest` and ends there as an item of a list.
#[inline]
pub(crate) fn usual_name<const N: usize>(rest: &[u8], name: &[u8; N], place: u8) -> Option<Usual> {
    let (start, after) = rest.split_first_chunk()?;
    if start != name || !matches!(after, [b' ' | b')', ..]) {
        return None;
    }
    Some(Usual { place, len: NonZeroU8::new(u8::try_from(N).ok()?)? })
}

/// ```abnf
/// flag-perm = flag / "\*"     ; RFC 9051 section 9
/// ```
pub(crate) fn flag_perm(i: Input<'_>) -> Parsed<'_, FlagPerm> {
    if let [b'\\', b'*', ..] = i.rest() {
        return Ok((i.skip(2), FlagPerm::Any));
    }
    let (i, flag) = flag(i)?;
    Ok((i, FlagPerm::Flag(flag)))
}

/// ```abnf
/// flag-list = "(" [flag *(SP flag)] ")"     ; RFC 9051 section 9
/// ```
///
/// From a server: what is no flag is kept raw beside the others.
pub(crate) fn flag_list(i: Input<'_>) -> Parsed<'_, Names<Flag>> {
    parenthesized_names(i, usual_flag, |start| {
        let (i, flag) = start.or_invalid(flag, Flag::Invalid)?;
        if let Flag::Invalid(invalid) = &flag {
            // A keyword with brackets, as Gmail makes them of folder names, is reported by its name.
            let bracket = invalid.raw.as_bytes().iter().position(|byte| *byte == b']');
            if let Some(at) = bracket {
                start.skip(at).tolerates(Quirk::BracketInKeyword);
            }
            if invalid.raw.as_bytes() == b"\\*" {
                start.skip(1).tolerates(Quirk::AnyInFlags);
            }
        }
        Ok((i, flag))
    })
}

impl Writer<'_> {
    /// `flag`
    pub(crate) fn flag(&mut self, flag: &Flag) -> Result<(), EncodeError> {
        match flag {
            Flag::Answered => self.bytes(b"\\Answered"),
            Flag::Flagged => self.bytes(b"\\Flagged"),
            Flag::Deleted => self.bytes(b"\\Deleted"),
            Flag::Seen => self.bytes(b"\\Seen"),
            Flag::Draft => self.bytes(b"\\Draft"),
            Flag::Keyword(atom) => self.bytes(atom.as_bytes()),
            // A client that could set it would set what only the server does.
            Flag::Extension(atom) if *atom == "Recent" => {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "\\Recent"));
            }
            Flag::Extension(atom) => {
                self.bytes(b"\\");
                self.bytes(atom.as_bytes());
            }
            Flag::Invalid(invalid) => self.invalid(invalid)?,
            _ => return Err(EncodeError::unknown("a flag")),
        }
        Ok(())
    }

    /// `flag-fetch`
    pub(crate) fn flag_fetch(&mut self, flag: &FlagFetch) -> Result<(), EncodeError> {
        match flag {
            FlagFetch::Flag(flag) => self.flag(flag),
            FlagFetch::Recent => {
                self.bytes(b"\\Recent");
                Ok(())
            }
        }
    }

    /// `flag-perm`
    pub(crate) fn flag_perm(&mut self, flag: &FlagPerm) -> Result<(), EncodeError> {
        match flag {
            FlagPerm::Flag(flag) => self.flag(flag),
            FlagPerm::Any => {
                self.bytes(b"\\*");
                Ok(())
            }
        }
    }

    /// `flag-list`
    pub(crate) fn flag_list(&mut self, flags: &Names<Flag>) -> Result<(), EncodeError> {
        self.list(flags, Self::flag)
    }
}

//! Atoms and tags.

use imap_types::atom::{Atom, Tag};

use crate::{
    cursor::{Input, Parsed},
    error::expected,
};

/// ```abnf
/// atom = 1*ATOM-CHAR     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn atom(i: Input<'_>) -> Parsed<'_, Atom> {
    match Atom::scan(i.cx, i.at()) {
        Some((atom, len)) => Ok((i.skip(len), atom)),
        None => i.fail(expected!("atom", "an atom")),
    }
}

/// ```abnf
/// tag = 1*<any ASTRING-CHAR except "+">     ; RFC 9051 section 9
/// ```
pub(crate) fn tag(i: Input<'_>) -> Parsed<'_, Tag> {
    match Tag::scan(i.cx, i.at()) {
        Some((_, len)) if len > i.limits().tag => i.fail(expected!(TooLong, "tag", "a tag within the limit")),
        Some((tag, len)) => Ok((i.skip(len), tag)),
        None => i.fail(expected!("tag", "a tag")),
    }
}

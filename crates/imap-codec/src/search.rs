//! SEARCH: what to look for, and the plain result.

use alloc::{boxed::Box, format, vec::Vec};
use core::num::NonZeroU32;

use imap_types::{
    atom::Atom,
    flag::Flag,
    search::{EntryType, ModSeqEntry, Search, SearchKey, SearchResponse, SearchReturn},
    value::{Invalid, Value},
    vec1::Vec1,
};

use crate::{
    atom::atom,
    context::search_return_opt_of_contexts,
    cursor::{
        Input, Parsed, close, keyword, more, open, parenthesized, skip_item, sp, within_depth_limit,
        within_list_limit,
    },
    date::date,
    error::{EncodeError, EncodeErrorKind, ErrorKind, expected},
    mailbox::list_mailbox,
    number::{mod_sequence_value, mod_sequence_valzer, number64, nz_number, short_nz_number},
    parameter::{Form, parameter},
    sequence::sequence_set,
    string::{astring, charset, literal8, nstring, quoted, value},
    tolerance::Quirk,
    writer::Writer,
};

/// The arguments of SEARCH.
///
/// ```abnf
/// search         = "SEARCH" [search-return-opts] SP search-program     ; RFC 9051 section 9
/// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
/// ```
pub(crate) fn search(i: Input<'_>, uid: bool) -> Parsed<'_, Search> {
    let (i, returns) = maybe_search_return_opts(i)?;
    let (i, ()) = sp(i)?;
    let (rest, word) = keyword(i);
    let (i, charset) = if word.as_bytes() == b"CHARSET" {
        let (i, ()) = sp(rest)?;
        let (i, charset) = charset(i)?;
        let (i, ()) = sp(i)?;
        (i, Some(charset))
    } else {
        (i, None)
    };
    let (mut i, first) = search_key(i, 0)?;
    let mut keys = Vec1::new(first);
    while let Some(next) = more(i) {
        let (rest, key) = search_key(next, 0)?;
        i = within_list_limit(rest, keys.len())?.0;
        keys.push(key);
    }
    Ok((i, Search { uid, returns, charset, keys }))
}

/// Whether the arguments of the searching command `name` of an extension fit, which [`other`] keeps as
/// they came: a server must refuse sort keys and search keys that it cannot evaluate. Of another command
/// nothing is asked.
///
/// ```abnf
/// sort            = ["UID" SP] "SORT" SP sort-criteria SP search-criteria         ; RFC 5256 section 5
/// sort           =/ ["UID" SP] "SORT" search-return-opts SP sort-criteria SP search-criteria
///                                                                           ; RFC 5267 section 5
/// thread          = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
/// thread-alg      = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext
/// sort-criteria   = "(" sort-criterion *(SP sort-criterion) ")"
/// search-criteria = charset 1*(SP search-key)
/// esearch         = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
///                                                                           ; RFC 7377 section 4
/// ```
///
/// [`other`]: crate::decode_command
pub(crate) fn fits_search<'a>(i: Input<'a>, name: &[u8], uid: bool) -> Parsed<'a, ()> {
    let i = if name.eq_ignore_ascii_case(b"SORT") {
        let (i, _) = maybe_search_return_opts(i)?;
        let (i, ()) = sp(i)?;
        let (start, ()) = open(i)?;
        let (mut i, ()) = sort_criterion(start)?;
        while i.next_is(b' ') {
            i = sort_criterion(i.skip(1))?.0;
        }
        close(i)?.0
    } else if name.eq_ignore_ascii_case(b"THREAD") {
        let (i, ()) = sp(i)?;
        atom(i)?.0
    } else if !uid && name.eq_ignore_ascii_case(b"ESEARCH") {
        let (start, ()) = sp(i)?;
        let (rest, word) = keyword(start);
        let i = if word.as_bytes() == b"IN" {
            let (start, ()) = sp(rest)?;
            let (_, ()) = open(start)?;
            value(start, 0)?.0
        } else {
            i
        };
        let (i, _) = search(i, false)?;
        return Ok((i, ()));
    } else {
        return Ok((i, ()));
    };
    let (i, ()) = sp(i)?;
    let (i, _) = charset(i)?;
    let (i, ()) = sp(i)?;
    let (mut i, _) = search_key(i, 0)?;
    while let Some(next) = more(i) {
        i = search_key(next, 0)?.0;
    }
    Ok((i, ()))
}

/// ```abnf
/// sort-criterion = ["REVERSE" SP] sort-key     ; RFC 5256 section 5
/// sort-key       = "ARRIVAL" / "CC" / "DATE" / "FROM" / "SIZE" / "SUBJECT" / "TO"
/// sort-key      =/ "DISPLAYFROM" / "DISPLAYTO"                     ; RFC 5957 section 5
/// sort-key      =/ "ANNOTATION" SP entry SP att-sort               ; RFC 5257 section 5
/// sort-key      =/ "RELEVANCY"                                     ; RFC 6203 section 7
/// ```
///
/// And `MODSEQ` and `UID`, which no RFC has.
fn sort_criterion(i: Input<'_>) -> Parsed<'_, ()> {
    let (rest, word) = keyword(i);
    let (i, rest, word) = if word.as_bytes() == b"REVERSE" {
        let (i, ()) = sp(rest)?;
        let (rest, word) = keyword(i);
        (i, rest, word)
    } else {
        (i, rest, word)
    };
    match word.as_bytes() {
        b"ARRIVAL" | b"CC" | b"DATE" | b"FROM" | b"SIZE" | b"SUBJECT" | b"TO" | b"DISPLAYFROM"
        | b"DISPLAYTO" | b"RELEVANCY" | b"MODSEQ" | b"UID" => Ok((rest, ())),
        b"ANNOTATION" => {
            let (i, ()) = sp(rest)?;
            let (i, _) = astring(i)?;
            let (i, ()) = sp(i)?;
            match keyword(i) {
                (end, word) if matches!(word.as_bytes(), b"VALUE.PRIV" | b"VALUE.SHARED") => Ok((end, ())),
                _ => i.fail(expected!("att-sort", "value.priv or value.shared")),
            }
        }
        _ => match atom(i) {
            Ok(_) => i.fail(expected!(Unknown, "sort-key", "a known sort key")),
            Err(_) => i.fail(expected!("sort-key", "a sort key")),
        },
    }
}

/// `[search-return-opts]`
fn maybe_search_return_opts(i: Input<'_>) -> Parsed<'_, Option<Vec<SearchReturn>>> {
    if i.next_is(b' ') {
        let (rest, word) = keyword(i.skip(1));
        if word.as_bytes() == b"RETURN" {
            return search_return_opts(rest).map(|(i, options)| (i, Some(options)));
        }
    }
    Ok((i, None))
}

/// What follows the word `RETURN`.
///
/// ```abnf
/// search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
///                                                     ; RFC 9051 section 9
/// ```
fn search_return_opts(i: Input<'_>) -> Parsed<'_, Vec<SearchReturn>> {
    let (i, ()) = sp(i)?;
    parenthesized(i, search_return_opt)
}

/// The RETURN options that have a type.
const RETURN_OPTIONS: &[&str] = &["MIN", "MAX", "ALL", "COUNT", "SAVE", "CONTEXT", "PARTIAL", "UPDATE"];

/// RFC 6203 section 7: `search-return-opt =/ "RELEVANCY"`.
const UNTYPED: &[(&str, Form)] = &[("RELEVANCY", Form::Nothing)];

/// ```abnf
/// search-return-opt  = "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE" / search-ret-opt-ext
/// search-ret-opt-ext = search-modifier-name [SP search-mod-params]     ; RFC 9051 section 9
/// ```
fn search_return_opt(i: Input<'_>) -> Parsed<'_, SearchReturn> {
    let (rest, word) = keyword(i);
    let option = match word.as_bytes() {
        b"MIN" => SearchReturn::Min,
        b"MAX" => SearchReturn::Max,
        b"ALL" => SearchReturn::All,
        b"COUNT" => SearchReturn::Count,
        b"SAVE" => SearchReturn::Save,
        b"CONTEXT" | b"PARTIAL" | b"UPDATE" => return search_return_opt_of_contexts(i),
        _ => {
            return parameter(i, UNTYPED).map(|(i, option)| (i, SearchReturn::Other(option)));
        }
    };
    Ok((rest, option))
}

/// ```abnf
/// search-key = "ALL" / "ANSWERED" / "BCC" SP astring / "BEFORE" SP date / .. /
///              "NOT" SP search-key / "OR" SP search-key SP search-key / .. /
///              "UID" SP sequence-set / "UNDRAFT" / sequence-set /
///              "(" search-key *(SP search-key) ")"     ; RFC 9051 section 9
/// ```
///
/// And `NEW`, `OLD` and `RECENT` of RFC 3501, and the keys of extensions. `depth` counts what is open around
/// the key: parentheses, NOT, OR and FUZZY alike, since each costs a step of recursion.
///
/// # Errors
/// Kind `Unknown` for a key of an unknown name: a server must refuse what it cannot evaluate.
fn search_key(i: Input<'_>, depth: usize) -> Parsed<'_, SearchKey> {
    match i.peek() {
        Some(b'0'..=b'9' | b'*' | b'$') => {
            return sequence_set(i).map(|(i, set)| (i, SearchKey::Set(set)));
        }
        Some(b'(') => return search_keys(i, depth),
        _ => {}
    }
    let (rest, word) = keyword(i);
    let key = match word.as_bytes() {
        b"ALL" => SearchKey::All,
        b"ANSWERED" => SearchKey::Answered,
        b"DELETED" => SearchKey::Deleted,
        b"DRAFT" => SearchKey::Draft,
        b"FLAGGED" => SearchKey::Flagged,
        b"NEW" => SearchKey::New,
        b"OLD" => SearchKey::Old,
        b"RECENT" => SearchKey::Recent,
        b"SEEN" => SearchKey::Seen,
        b"UNANSWERED" => SearchKey::Unanswered,
        b"UNDELETED" => SearchKey::Undeleted,
        b"UNDRAFT" => SearchKey::Undraft,
        b"UNFLAGGED" => SearchKey::Unflagged,
        b"UNSEEN" => SearchKey::Unseen,
        b"BCC" => return argument(rest, astring, SearchKey::Bcc),
        b"BODY" => return argument(rest, astring, SearchKey::Body),
        b"CC" => return argument(rest, astring, SearchKey::Cc),
        b"FROM" => return argument(rest, astring, SearchKey::From),
        b"SUBJECT" => return argument(rest, astring, SearchKey::Subject),
        b"TEXT" => return argument(rest, astring, SearchKey::Text),
        b"TO" => return argument(rest, astring, SearchKey::To),
        b"BEFORE" => return date_key(i, rest, SearchKey::Before),
        b"ON" => return date_key(i, rest, SearchKey::On),
        b"SINCE" => return date_key(i, rest, SearchKey::Since),
        b"SENTBEFORE" => return date_key(i, rest, SearchKey::SentBefore),
        b"SENTON" => return date_key(i, rest, SearchKey::SentOn),
        b"SENTSINCE" => return date_key(i, rest, SearchKey::SentSince),
        b"KEYWORD" => return argument(rest, flag_keyword, SearchKey::Keyword),
        b"UNKEYWORD" => return argument(rest, flag_keyword, SearchKey::Unkeyword),
        b"LARGER" => return argument(rest, number64, SearchKey::Larger),
        b"SMALLER" => return argument(rest, number64, SearchKey::Smaller),
        b"UID" => return argument(rest, sequence_set, SearchKey::Uid),
        b"HEADER" => {
            let (i, ()) = sp(rest)?;
            let (i, name) = astring(i)?;
            let (i, ()) = sp(i)?;
            let (i, text) = astring(i)?;
            return Ok((i, SearchKey::Header(name, text)));
        }
        b"NOT" => return operand(rest, depth).map(|(i, key)| (i, SearchKey::Not(key))),
        b"OR" => {
            let (i, one) = operand(rest, depth)?;
            let (i, other) = operand(i, depth)?;
            return Ok((i, SearchKey::Or(one, other)));
        }
        b"MODSEQ" => return search_modsequence(rest),
        b"FUZZY" => return operand(rest, depth).map(|(i, key)| (i, SearchKey::Fuzzy(key))),
        name => return extension_key(i, rest, name),
    };
    Ok((rest, key))
}

/// `"(" search-key *(SP search-key) ")"`
fn search_keys(i: Input<'_>, depth: usize) -> Parsed<'_, SearchKey> {
    let depth = depth.saturating_add(1);
    within_depth_limit(i, depth)?;
    let (i, ()) = open(i)?;
    let (mut i, first) = search_key(i, depth)?;
    let mut keys = Vec1::new(first);
    while i.next_is(b' ') {
        let (rest, key) = search_key(i.skip(1), depth)?;
        i = within_list_limit(rest, keys.len())?.0;
        keys.push(key);
    }
    let (i, ()) = close(i)?;
    Ok((i, SearchKey::And(keys)))
}

/// `SP search-key`, inside of another key.
fn operand(i: Input<'_>, depth: usize) -> Parsed<'_, Box<SearchKey>> {
    let (i, ()) = sp(i)?;
    let depth = depth.saturating_add(1);
    within_depth_limit(i, depth)?;
    let (i, key) = search_key(i, depth)?;
    Ok((i, Box::new(key)))
}

/// `SP` and the argument of a key.
fn argument<'a, T>(
    i: Input<'a>,
    rule: impl FnOnce(Input<'a>) -> Parsed<'a, T>,
    key: impl FnOnce(T) -> SearchKey,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = sp(i)?;
    let (i, value) = rule(i)?;
    Ok((i, key(value)))
}

/// `SP date`. A date that no calendar has makes the key an invalid one, where the decoder keeps such.
fn date_key<'a>(
    start: Input<'a>,
    i: Input<'a>,
    key: impl FnOnce(imap_types::date::Date) -> SearchKey,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = sp(i)?;
    match date(i) {
        Ok((i, date)) => Ok((i, key(date))),
        Err(nom::Err::Error(fault))
            if fault.expect.kind == ErrorKind::Calendar && i.cx.options.tolerance.keeps_invalid() =>
        {
            let (rest, _) = skip_item(i)?;
            let at = fault.at.saturating_sub(u32::try_from(start.at()).unwrap_or(u32::MAX));
            let invalid = Invalid::new(start.until(rest), fault.expect.rule, at);
            Ok((rest, SearchKey::Invalid(invalid)))
        }
        Err(error) => Err(error),
    }
}

/// ```abnf
/// flag-keyword = "$MDNSent" / "$Forwarded" / "$Junk" / "$NotJunk" / "$Phishing" / atom
///                                                     ; RFC 9051 section 9
/// ```
fn flag_keyword(i: Input<'_>) -> Parsed<'_, Atom> {
    match atom(i) {
        Ok(read) => Ok(read),
        Err(_) => i.fail(expected!("flag-keyword", "a keyword")),
    }
}

/// What follows the word `MODSEQ`.
///
/// ```abnf
/// search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer     ; RFC 7162 section 7
/// search-modseq-ext  = SP entry-name SP entry-type-req
/// entry-type-req     = "priv" / "shared" / "all"
/// ```
fn search_modsequence(i: Input<'_>) -> Parsed<'_, SearchKey> {
    let (mut i, ()) = sp(i)?;
    let mut entry = None;
    if i.next_is(b'"') {
        let (next, flag) = entry_name(i)?;
        let (next, ()) = sp(next)?;
        let (rest, word) = keyword(next);
        let kind = match word.as_bytes() {
            b"PRIV" => EntryType::Private,
            b"SHARED" => EntryType::Shared,
            b"ALL" => EntryType::All,
            _ => return next.fail(expected!("entry-type-req", "priv, shared or all")),
        };
        entry = Some(Box::new(ModSeqEntry { flag, kind }));
        i = sp(rest)?.0;
    }
    let (i, mod_seq) = mod_sequence_valzer(i)?;
    Ok((i, SearchKey::ModSeq { entry, mod_seq }))
}

/// ```abnf
/// entry-name          = entry-flag-name                      ; RFC 7162 section 7
/// entry-flag-name     = DQUOTE "/flags/" attr-flag DQUOTE
/// attr-flag           = "\\Answered" / "\\Flagged" / "\\Deleted" / "\\Seen" / "\\Draft" /
///                       attr-flag-keyword / attr-flag-extension
/// attr-flag-extension = "\\" atom
/// attr-flag-keyword   = atom
/// ```
///
/// The two backslashes are one in the string: "entry-flag-name follows the escape rules used by quoted string".
fn entry_name(i: Input<'_>) -> Parsed<'_, Flag> {
    let (rest, name) = quoted(i)?;
    let flag = match name.as_bytes().split_at_checked(FLAGS.len()) {
        Some((path, flag)) if path.eq_ignore_ascii_case(FLAGS.as_bytes()) => core::str::from_utf8(flag).ok(),
        _ => None,
    };
    match flag.map(Flag::try_from) {
        Some(Ok(flag)) => Ok((rest, flag)),
        _ => i.fail(expected!("entry-name", "the name of an entry: \"/flags/..\"")),
    }
}

/// Where the entries of flags are.
const FLAGS: &str = "/flags/";

/// What an argument of a key of an extension is.
#[derive(Clone, Copy)]
enum Argument {
    /// `nz-number`
    Number,
    /// `number64`
    Number64,
    Date,
    Atom,
    /// `objectid = 1*255(ALPHA / DIGIT / "_" / "-")` (RFC 8474 section 7)
    ObjectId,
    AString,
    /// `list-mailbox` (RFC 5257 section 5)
    EntryMatch,
    /// `"value" / "value.priv" / "value.shared"` (RFC 5257 section 5)
    AttSearch,
    /// `nstring / literal8` (RFC 5257 section 5)
    Value,
}

/// A key of an extension that has no type here: `name` is known, and so are its arguments.
fn extension_key<'a>(start: Input<'a>, rest: Input<'a>, name: &[u8]) -> Parsed<'a, SearchKey> {
    let arguments: &[Argument] = match name {
        // RFC 5032 section 3, RFC 9738 section 3.2
        b"OLDER" | b"YOUNGER" | b"UIDAFTER" | b"UIDBEFORE" => &[Argument::Number],
        // RFC 5257 section 4.8
        b"ANNOTATION" => &[Argument::EntryMatch, Argument::AttSearch, Argument::Value],
        // RFC 5466 section 3.1
        b"FILTER" => &[Argument::Atom],
        // RFC 8474 section 6
        b"EMAILID" | b"THREADID" => &[Argument::ObjectId],
        // RFC 8514 section 4.3
        b"SAVEDBEFORE" | b"SAVEDON" | b"SAVEDSINCE" => &[Argument::Date],
        b"SAVEDATESUPPORTED" => &[],
        // Gmail's X-GM-EXT-1
        b"X-GM-RAW" | b"X-GM-LABELS" => &[Argument::AString],
        b"X-GM-MSGID" | b"X-GM-THRID" => &[Argument::Number64],
        _ => {
            return match atom(start) {
                Ok(_) => start.fail(expected!(Unknown, "search-key", "a known search key")),
                Err(_) => start.fail(expected!("search-key", "a search key")),
            };
        }
    };
    let Ok(name) = Atom::try_from(start.until(rest)) else {
        return start.fail(expected!("search-key", "a search key"));
    };
    let mut values = Vec::with_capacity(arguments.len());
    let mut i = rest;
    for kind in arguments {
        let (next, ()) = sp(i)?;
        let (rest, value) = extension_argument(next, *kind)?;
        values.push(value);
        i = rest;
    }
    Ok((i, SearchKey::Other { name, arguments: values }))
}

fn extension_argument(i: Input<'_>, kind: Argument) -> Parsed<'_, Value> {
    let end = match kind {
        Argument::Number => nz_number(i)?.0,
        Argument::Number64 => number64(i)?.0,
        Argument::Date => date(i)?.0,
        Argument::AttSearch => match keyword(i) {
            (end, word) if matches!(word.as_bytes(), b"VALUE" | b"VALUE.PRIV" | b"VALUE.SHARED") => end,
            _ => return i.fail(expected!("att-search", "value, value.priv or value.shared")),
        },
        Argument::Atom => atom(i)?.0,
        Argument::ObjectId => {
            let allowed = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            match i.rest().iter().take_while(allowed).count() {
                len @ 1..=255 => i.skip(len),
                _ => return i.fail(expected!("objectid", "up to 255 letters, digits, `_` and `-`")),
            }
        }
        Argument::AString => astring(i)?.0,
        Argument::EntryMatch => list_mailbox(i)?.0,
        Argument::Value if i.next_is(b'~') => literal8(i)?.0,
        Argument::Value => nstring(i)?.0,
    };
    let (rest, value) = value(i, 0)?;
    if rest.at() != end.at() {
        // OK: a value is never shorter, so this is what stands between the argument and the next space.
        return end.fail(expected!("SP", "a space or the end of the key"));
    }
    Ok((rest, value))
}

/// What follows the word `SEARCH` of a response.
///
/// ```abnf
/// mailbox-data =/ "SEARCH" *(SP nz-number)                                   ; RFC 3501 section 9
/// mailbox-data =/ "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq]         ; RFC 7162 section 7
/// search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"
/// ```
///
/// Spaces at the end of the line are left to the caller. Room is made for as many numbers as there are spaces: never more than the bytes at hand can hold.
pub(crate) fn search_data(mut i: Input<'_>) -> Parsed<'_, SearchResponse> {
    i.went_over(i.rest().len());
    let spaces = memchr::memchr_iter(b' ', i.rest()).count();
    let mut numbers = Vec::with_capacity(spaces.min(i.limits().list));
    loop {
        let bytes = i.rest();
        let left = numbers_in(bytes, i.limits().list, &mut numbers);
        i = i.skip(bytes.len().saturating_sub(left));
        if !i.next_is(b' ') {
            return Ok((i, SearchResponse { numbers, mod_seq: None }));
        }
        let next = i.skip(1);
        if next.next_is(b'(') && !numbers.is_empty() {
            let (i, mod_seq) = search_sort_mod_seq(next)?;
            return Ok((i, SearchResponse { numbers, mod_seq: Some(mod_seq) }));
        }
        if i.at_trailing_space() && i.cx.options.tolerance.reads(Quirk::TrailingSpaceSearch) {
            return Ok((i, SearchResponse { numbers, mod_seq: None }));
        }
        if matches!(next.rest(), [b'0', b' ' | b'\r' | b'\n', ..]) && next.tolerates(Quirk::ZeroInSearch) {
            i = next.skip(1);
            continue;
        }
        let (rest, number) = nz_number(next)?;
        within_list_limit(rest, numbers.len())?;
        numbers.push(number);
        i = rest;
    }
}

/// `*(SP nz-number)` from the start of `bytes` into `numbers`, up to `limit` of them. Stops before the first
/// that does not fit, and says how many bytes are left.
fn numbers_in(mut bytes: &[u8], limit: usize, numbers: &mut Vec<NonZeroU32>) -> usize {
    while let [b' ', rest @ ..] = bytes {
        if numbers.len() >= limit {
            break;
        }
        let read = short_nz_number(rest).or_else(|| long_number(rest));
        let Some((len, number)) = read else { break };
        numbers.push(number);
        bytes = rest.get(len..).unwrap_or_default();
    }
    bytes.len()
}

/// The number of one to ten digits at the start of `bytes`, after how many digits; `None` where there is none.
#[cold]
fn long_number(bytes: &[u8]) -> Option<(usize, NonZeroU32)> {
    if matches!(bytes, [b'0', ..]) {
        return None;
    }
    let (mut number, mut len) = (0_u64, 0_usize);
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || len > 10 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        len = len.saturating_add(1);
    }
    Some((len, NonZeroU32::new(u32::try_from(number).ok()?)?))
}

/// `"(" "MODSEQ" SP mod-sequence-value ")"`
fn search_sort_mod_seq(i: Input<'_>) -> Parsed<'_, imap_types::number::ModSeq> {
    let (i, ()) = open(i)?;
    let (rest, word) = keyword(i);
    if word.as_bytes() != b"MODSEQ" {
        return i.fail(expected!("search-sort-mod-seq", "MODSEQ"));
    }
    let (i, ()) = sp(rest)?;
    let (i, mod_seq) = mod_sequence_value(i)?;
    let (i, ()) = close(i)?;
    Ok((i, mod_seq))
}

impl Writer<'_> {
    /// `search`, after the word.
    pub(crate) fn search_arguments(&mut self, search: &Search) -> Result<(), EncodeError> {
        if let Some(options) = &search.returns {
            self.bytes(b" RETURN ");
            self.list(options, |w, option| {
                match option {
                    SearchReturn::Min => w.bytes(b"MIN"),
                    SearchReturn::Max => w.bytes(b"MAX"),
                    SearchReturn::All => w.bytes(b"ALL"),
                    SearchReturn::Count => w.bytes(b"COUNT"),
                    SearchReturn::Save => w.bytes(b"SAVE"),
                    SearchReturn::Context => w.bytes(b"CONTEXT"),
                    SearchReturn::Partial(range) => {
                        w.bytes(b"PARTIAL ");
                        w.partial_range(*range);
                    }
                    SearchReturn::Update(items) => w.modifier_update(items.as_ref())?,
                    SearchReturn::Other(option) => w.other_parameter(option, RETURN_OPTIONS, UNTYPED)?,
                    _ => return Err(EncodeError::unknown("a RETURN option")),
                }
                Ok(())
            })?;
        }
        if let Some(charset) = &search.charset {
            self.bytes(b" CHARSET ");
            self.charset(charset)?;
        }
        self.sp();
        self.separated(&search.keys, Self::search_key)
    }

    /// `search-key`
    fn search_key(&mut self, key: &SearchKey) -> Result<(), EncodeError> {
        let word: &[u8] = match key {
            SearchKey::All => b"ALL",
            SearchKey::Answered => b"ANSWERED",
            SearchKey::Deleted => b"DELETED",
            SearchKey::Draft => b"DRAFT",
            SearchKey::Flagged => b"FLAGGED",
            SearchKey::New => b"NEW",
            SearchKey::Old => b"OLD",
            SearchKey::Recent => b"RECENT",
            SearchKey::Seen => b"SEEN",
            SearchKey::Unanswered => b"UNANSWERED",
            SearchKey::Undeleted => b"UNDELETED",
            SearchKey::Undraft => b"UNDRAFT",
            SearchKey::Unflagged => b"UNFLAGGED",
            SearchKey::Unseen => b"UNSEEN",
            SearchKey::Bcc(text) => return self.text_key(b"BCC ", text),
            SearchKey::Body(text) => return self.text_key(b"BODY ", text),
            SearchKey::Cc(text) => return self.text_key(b"CC ", text),
            SearchKey::From(text) => return self.text_key(b"FROM ", text),
            SearchKey::Subject(text) => return self.text_key(b"SUBJECT ", text),
            SearchKey::Text(text) => return self.text_key(b"TEXT ", text),
            SearchKey::To(text) => return self.text_key(b"TO ", text),
            SearchKey::Header(name, text) => {
                self.text_key(b"HEADER ", name)?;
                self.sp();
                return self.astring(text);
            }
            SearchKey::Before(date) => return self.date_key(b"BEFORE ", *date),
            SearchKey::On(date) => return self.date_key(b"ON ", *date),
            SearchKey::Since(date) => return self.date_key(b"SINCE ", *date),
            SearchKey::SentBefore(date) => return self.date_key(b"SENTBEFORE ", *date),
            SearchKey::SentOn(date) => return self.date_key(b"SENTON ", *date),
            SearchKey::SentSince(date) => return self.date_key(b"SENTSINCE ", *date),
            SearchKey::Keyword(name) => return self.words(b"KEYWORD ", name.as_bytes()),
            SearchKey::Unkeyword(name) => return self.words(b"UNKEYWORD ", name.as_bytes()),
            SearchKey::Larger(size) => {
                self.bytes(b"LARGER ");
                self.number(size.get());
                return Ok(());
            }
            SearchKey::Smaller(size) => {
                self.bytes(b"SMALLER ");
                self.number(size.get());
                return Ok(());
            }
            SearchKey::Not(key) => return self.operand(b"NOT ", key),
            SearchKey::Fuzzy(key) => return self.operand(b"FUZZY ", key),
            SearchKey::Or(one, other) => {
                self.operand(b"OR ", one)?;
                return self.operand(b" ", other);
            }
            SearchKey::Uid(set) => {
                self.bytes(b"UID ");
                return self.sequence_set(set);
            }
            SearchKey::Set(set) => return self.sequence_set(set),
            SearchKey::And(keys) => return self.list(keys, Self::search_key),
            SearchKey::ModSeq { entry, mod_seq } => {
                self.bytes(b"MODSEQ ");
                if let Some(entry) = entry {
                    self.entry_name(&entry.flag)?;
                    self.sp();
                    self.bytes(entry.kind.as_str().as_bytes());
                    self.sp();
                }
                self.number(mod_seq.get());
                return Ok(());
            }
            SearchKey::Other { name, arguments } => {
                self.bytes(name.as_str().to_ascii_uppercase().as_bytes());
                return arguments.iter().try_for_each(|argument| {
                    self.sp();
                    self.value(argument)
                });
            }
            SearchKey::Invalid(invalid) => return self.invalid(invalid),
            _ => return Err(EncodeError::unknown("a search key")),
        };
        self.bytes(word);
        Ok(())
    }

    /// `entry-name`. System flags are in lower case, as RFC 7162 prints them here.
    fn entry_name(&mut self, flag: &Flag) -> Result<(), EncodeError> {
        let name = match flag {
            Flag::Answered | Flag::Flagged | Flag::Deleted | Flag::Seen | Flag::Draft => {
                format!("{FLAGS}{flag}").to_ascii_lowercase()
            }
            Flag::Extension(atom) if *atom == "Recent" => {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "\\Recent"));
            }
            Flag::Keyword(_) | Flag::Extension(_) => format!("{FLAGS}{flag}"),
            Flag::Invalid(_) | _ => {
                return Err(EncodeError::new(EncodeErrorKind::Combination, "the flag of an entry"));
            }
        };
        self.quoted(name.as_bytes());
        Ok(())
    }

    fn text_key(&mut self, word: &[u8], text: &imap_types::string::AString) -> Result<(), EncodeError> {
        self.bytes(word);
        self.astring(text)
    }

    #[allow(clippy::unnecessary_wraps, reason = "the shape of a key")]
    fn date_key(&mut self, word: &[u8], date: imap_types::date::Date) -> Result<(), EncodeError> {
        self.bytes(word);
        self.date(date);
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, reason = "the shape of a key")]
    fn words(&mut self, word: &[u8], argument: &[u8]) -> Result<(), EncodeError> {
        self.bytes(word);
        self.bytes(argument);
        Ok(())
    }

    fn operand(&mut self, word: &[u8], key: &SearchKey) -> Result<(), EncodeError> {
        self.bytes(word);
        self.search_key(key)
    }

    /// The data of SEARCH, after the word.
    pub(crate) fn search_data(&mut self, response: &SearchResponse) -> Result<(), EncodeError> {
        self.sp_numbers(&response.numbers);
        if let Some(mod_seq) = response.mod_seq {
            if response.numbers.is_empty() {
                let what = "the modification sequence of no messages";
                return Err(EncodeError::new(EncodeErrorKind::Combination, what));
            }
            self.bytes(b" (MODSEQ ");
            self.number(mod_seq.get());
            self.bytes(b")");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    #[test]
    fn the_fast_number_is_the_plain_one() {
        let numbers =
            [1_u32, 7, 10, 99, 100, 12345, 999_999, 1_234_567, 9_999_999, 10_000_000, 99_999_999, u32::MAX];
        for number in numbers {
            for after in ["", " ", "\r\n", " 1 2 3 4 5 6 7", ")", ":5", "x23456789"] {
                let text = format!(" {number}{after}");
                let mut read = vec![];
                let left = numbers_in(text.as_bytes(), 1, &mut read);
                assert_eq!(read, [NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)], "{text}");
                assert_eq!(left, after.len(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_left() {
        for text in [
            "",
            " ",
            " 0",
            " 01",
            " x",
            "  1",
            " 4294967296",
            " 99999999999",
            " 18446744073709551617",
            " /",
            " :",
            " 0 1 2 3 4 5 6",
            " \u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            let mut read = vec![];
            assert_eq!(numbers_in(text.as_bytes(), 9, &mut read), text.len(), "{text:?}");
            assert!(read.is_empty(), "{text:?}");
        }
        let mut read = vec![];
        assert_eq!(numbers_in(b" 1 2 3", 2, &mut read), 2);
    }
}

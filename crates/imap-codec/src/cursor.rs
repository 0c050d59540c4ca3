//! The only reader of input bytes.
//!
//! An [`Input`] is the rest of one complete message, together with what the rules need to know. The rules
//! are `nom` parsers over it, `fn(Input) -> Parsed<T>`: they are written in sequence where they are hot, and
//! joined by `nom`'s combinators where that reads better. An input is always a suffix of its frame; that is
//! how a rule knows its offset.
//!
//! Read `string.rs` next: it is the model of a topic.

use alloc::vec::Vec;
use core::{
    cell::{Cell, OnceCell, RefCell},
    fmt,
    ops::Range,
};

use imap_types::{
    chars::Class,
    names::{Name, Names},
    octets::{Buffer, Octets, Source},
    value::{Bare, Invalid},
    vec1::Vec1,
};

use crate::{
    DecodeOptions, Mode, Side,
    error::{Expect, Fault, expected},
    flag::Usual,
    frame::{Parts, StreamedLiteral},
    limits::Limits,
    tolerance::{Deviation, Quirk},
};

/// The result of a rule: what is left, and the value.
pub(crate) type Parsed<'a, T> = nom::IResult<Input<'a>, T, Fault>;

/// The result of a rule that reads into the place where its value stays: what is left.
pub(crate) type Filled<'a> = Result<Input<'a>, nom::Err<Fault>>;

/// What the rules of one message share.
pub(crate) struct Context<'a> {
    bytes: &'a [u8],
    /// The buffer that the strings share, where it was made before; else they make it.
    shared: Option<&'a Buffer>,
    made: OnceCell<Buffer>,
    pub(crate) options: &'a DecodeOptions,
    /// Who sent the message.
    pub(crate) side: Side,
    /// The literals whose payload is not in the frame, in the order of their headers.
    pub(crate) streamed: &'a [StreamedLiteral],
    /// The deviations read so far.
    deviations: RefCell<Vec<Deviation>>,
    /// Up to where it is known that no quoted string is closed, so that [`skip_quoted`] looks there only once.
    unclosed: Cell<usize>,
    /// How many bytes the rules have gone over.
    #[cfg(debug_assertions)]
    steps: Cell<u64>,
}

impl<'a> Context<'a> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "made in its place")]
    pub(crate) fn new(message: Parts<'a>, options: &'a DecodeOptions, side: Side) -> Self {
        Self {
            bytes: message.bytes,
            shared: message.buffer,
            made: OnceCell::new(),
            options,
            side,
            streamed: message.streamed,
            deviations: RefCell::new(Vec::new()),
            unclosed: Cell::new(0),
            #[cfg(debug_assertions)]
            steps: Cell::new(0),
        }
    }

    /// How many bytes the rules have gone over.
    #[cfg(debug_assertions)]
    pub(crate) const fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// The whole message.
    pub(crate) fn input(&'a self) -> Input<'a> {
        Input { cx: self, at: 0 }
    }

    /// The deviations read, given away.
    #[inline]
    pub(crate) fn take_deviations(&self) -> Vec<Deviation> {
        self.deviations.take()
    }
}

impl Source for Context<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// The buffer that the strings of the message share. Of borrowed bytes it is a copy, made with the first
    /// string that needs it: a message without any, as many updates of flags are, has none.
    #[inline]
    fn buffer(&self) -> &Buffer {
        match self.shared {
            Some(buffer) => buffer,
            None => self.made.get_or_init(|| Buffer::copy_from_slice(self.bytes)),
        }
    }
}

/// The rest of a message: where it begins. Sixteen bytes, so that it travels in registers.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) cx: &'a Context<'a>,
    at: usize,
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No bytes: the message may hold a credential.
        write!(f, "Input(at {})", self.at())
    }
}

impl<'a> Input<'a> {
    /// The bytes that are left.
    #[inline]
    pub(crate) fn rest(self) -> &'a [u8] {
        self.cx.bytes.get(self.at..).unwrap_or_default()
    }

    /// Where the rest begins, in bytes from the start of the frame.
    #[inline]
    pub(crate) const fn at(self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline]
    pub(crate) fn peek(self) -> Option<u8> {
        self.cx.bytes.get(self.at).copied()
    }

    /// Whether the next byte is `byte`.
    #[inline]
    pub(crate) fn next_is(self, byte: u8) -> bool {
        self.peek() == Some(byte)
    }

    /// Whether nothing but the line end is left.
    pub(crate) fn at_line_end(self) -> bool {
        matches!(self.rest(), [] | [b'\r', b'\n'] | [b'\n'])
    }

    /// Whether nothing but spaces, at least one, is left before the line end.
    #[inline]
    pub(crate) fn at_trailing_space(self) -> bool {
        self.next_is(b' ') && {
            let spaces = self.rest().iter().take_while(|byte| **byte == b' ').count();
            // Counted as it is skipped.
            self.skip(spaces).at_line_end()
        }
    }

    /// Goes on by `len` bytes, of which the caller has seen that they are there.
    #[inline]
    pub(crate) fn skip(self, len: usize) -> Self {
        self.went_over(len);
        // OK because both are within a message; past its end, the rest is empty.
        Self { cx: self.cx, at: self.at.wrapping_add(len) }
    }

    /// Counts bytes that a rule looks at, in builds with debug assertions; tests see by it that the work is linear.
    /// What is skipped is counted there; this is for those that look ahead further than a few bytes.
    #[inline]
    #[cfg_attr(
        not(debug_assertions),
        allow(unused_variables, clippy::unused_self, reason = "nothing is counted")
    )]
    pub(crate) fn went_over(self, len: usize) {
        #[cfg(debug_assertions)]
        self.cx.steps.set(self.cx.steps.get().saturating_add(len as u64));
    }

    /// The next `len` bytes as a string that shares the frame. Empty when there are fewer.
    #[inline]
    pub(crate) fn octets(self, len: usize) -> Octets {
        let start = self.at();
        self.went_over(len);
        Octets::cut(self.cx, start..start.wrapping_add(len)).unwrap_or(Octets::EMPTY)
    }

    /// Where the next `len` bytes are.
    #[inline]
    pub(crate) fn range(self, len: usize) -> Range<usize> {
        self.went_over(len);
        self.at..self.at.wrapping_add(len)
    }

    /// The same for a string that is nearly always the last one of its message: where none before it needed the buffer,
    /// it is copied alone, and nobody counts who shares it.
    #[inline]
    pub(crate) fn last_octets(self, len: usize) -> Octets {
        if self.cx.shared.is_some() || self.cx.made.get().is_some() {
            return self.octets(len);
        }
        self.went_over(len);
        self.rest().get(..len).map_or(Octets::EMPTY, Octets::from)
    }

    /// What was read between `self` and the later `end`.
    pub(crate) fn until(self, end: Self) -> Octets {
        self.octets(end.at().saturating_sub(self.at()))
    }

    /// The bytes between `self` and the later `end`, where they were read in a way that is the same wherever they stand: as
    /// a list in parentheses, without any deviation that was to be reported.
    #[inline]
    pub(crate) fn read_until(self, end: Self) -> Option<&'a [u8]> {
        let read = self.cx.bytes.get(self.at..end.at)?;
        let alike = self.cx.streamed.is_empty() && self.cx.deviations.borrow().is_empty();
        (alike && read.starts_with(b"(")).then_some(read)
    }

    /// Fails here.
    #[inline]
    #[allow(clippy::unnecessary_wraps, reason = "the result of a rule")]
    pub(crate) fn fail<T>(self, expect: &'static Expect) -> Parsed<'a, T> {
        Err(self.error(expect))
    }

    /// The same where a rule fills a place.
    #[inline]
    pub(crate) fn error(self, expect: &'static Expect) -> nom::Err<Fault> {
        nom::Err::Error(self.fault(expect))
    }

    /// What is wrong where a rule fails here.
    #[cold]
    pub(crate) fn fault(self, expect: &'static Expect) -> Fault {
        Fault { at: u32::try_from(self.at()).unwrap_or(u32::MAX), expect }
    }

    /// Whether the decoder reads `quirk`. If so, it is reported, at this place.
    pub(crate) fn tolerates(self, quirk: Quirk) -> bool {
        let reads = self.cx.options.tolerance.reads(quirk);
        if reads {
            self.cx.deviations.borrow_mut().push(Deviation { quirk, at: self.at() });
        }
        reads
    }

    pub(crate) fn limits(self) -> &'a Limits {
        &self.cx.options.limits
    }

    pub(crate) fn mode(self) -> Mode {
        self.cx.options.mode
    }

    /// Tries `rule`; where it fails, what it reported is forgotten.
    pub(crate) fn attempt<T>(self, rule: impl FnOnce(Self) -> Parsed<'a, T>) -> Parsed<'a, T> {
        let reported = self.cx.deviations.borrow().len();
        let result = rule(self);
        if result.is_err() {
            self.cx.deviations.borrow_mut().truncate(reported);
        }
        result
    }

    /// Asks whether `rule` fits; what it reported is forgotten either way, for another rule reads the same.
    pub(crate) fn check(self, rule: impl FnOnce(Self) -> Parsed<'a, ()>) -> Parsed<'a, ()> {
        let reported = self.cx.deviations.borrow().len();
        let result = rule(self);
        self.cx.deviations.borrow_mut().truncate(reported);
        result
    }

    /// Reads an item with `rule`, up to a place where an item may end (SP, `)`, the line end). Where that
    /// fails and the decoder keeps invalid parts, the item is skipped and kept raw.
    pub(crate) fn or_invalid<T>(
        self,
        rule: impl FnOnce(Self) -> Parsed<'a, T>,
        invalid: impl FnOnce(Invalid) -> T,
    ) -> Parsed<'a, T> {
        self.or_invalid_item(rule, skip_item, invalid)
    }

    /// The same for items that `skip` goes over: those that hold spaces.
    pub(crate) fn or_invalid_item<T>(
        self,
        rule: impl FnOnce(Self) -> Parsed<'a, T>,
        skip: impl FnOnce(Self) -> Parsed<'a, Octets>,
        invalid: impl FnOnce(Invalid) -> T,
    ) -> Parsed<'a, T> {
        let reported = self.cx.deviations.borrow().len();
        let fault = match rule(self) {
            Ok((i, value)) if matches!(i.peek(), None | Some(b' ' | b')' | b'\r' | b'\n')) => {
                return Ok((i, value));
            }
            Ok((i, _)) => i.fault(expected!("SP", "a space, `)` or the end of the line")),
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
            Err(nom::Err::Incomplete(needed)) => return Err(nom::Err::Incomplete(needed)),
        };
        self.cx.deviations.borrow_mut().truncate(reported);
        self.keep_invalid(fault, skip, invalid)
    }

    /// Keeps raw what `skip` goes over, where the decoder keeps invalid parts; else fails with `fault`.
    pub(crate) fn keep_invalid<T>(
        self,
        fault: Fault,
        skip: impl FnOnce(Self) -> Parsed<'a, Octets>,
        invalid: impl FnOnce(Invalid) -> T,
    ) -> Parsed<'a, T> {
        if !self.cx.options.tolerance.keeps_invalid() {
            return Err(nom::Err::Error(fault));
        }
        // What is odd inside a part that is kept raw is no deviation that was read.
        let reported = self.cx.deviations.borrow().len();
        let skipped = skip(self);
        self.cx.deviations.borrow_mut().truncate(reported);
        let Ok((i, raw)) = skipped else {
            return Err(nom::Err::Error(fault));
        };
        let at = fault.at.saturating_sub(u32::try_from(self.at()).unwrap_or(u32::MAX));
        Ok((i, invalid(Invalid::new(raw, fault.expect.rule, at))))
    }
}

impl nom::error::ParseError<Input<'_>> for Fault {
    fn from_error_kind(input: Input<'_>, _: nom::error::ErrorKind) -> Self {
        input.fault(expected!("command", "a message of the protocol"))
    }

    fn append(_: Input<'_>, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }

    /// The deepest failure is the one to report.
    fn or(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }
}

/// `SP = %x20` (RFC 5234 appendix B.1)
#[inline]
pub(crate) fn sp(i: Input<'_>) -> Parsed<'_, ()> {
    if i.next_is(b' ') { Ok((i.skip(1), ())) } else { i.fail(expected!("SP", "a space")) }
}

/// The space before a list, and nothing before `(` where the decoder overlooks that.
#[inline]
pub(crate) fn sp_before_list(i: Input<'_>) -> Parsed<'_, ()> {
    match sp(i) {
        Err(_) if i.next_is(b'(') && i.tolerates(Quirk::NoSpaceBeforeList) => Ok((i, ())),
        read => read,
    }
}

/// One given byte; `expect` says what it is for.
#[inline]
pub(crate) fn byte<'a>(i: Input<'a>, byte: u8, expect: &'static Expect) -> Parsed<'a, ()> {
    if i.next_is(byte) { Ok((i.skip(1), ())) } else { i.fail(expect) }
}

/// `"("`
#[inline]
pub(crate) fn open(i: Input<'_>) -> Parsed<'_, ()> {
    byte(i, b'(', expected!("(", "an opening parenthesis"))
}

/// `")"`
#[inline]
pub(crate) fn close(i: Input<'_>) -> Parsed<'_, ()> {
    byte(i, b')', expected!(")", "a closing parenthesis"))
}

/// `CRLF`, and after it the end of the message.
pub(crate) fn crlf(i: Input<'_>) -> Parsed<'_, ()> {
    match i.rest() {
        [b'\r', b'\n'] => Ok((i.skip(2), ())),
        [b'\n'] if i.tolerates(Quirk::BareLf) => Ok((i.skip(1), ())),
        _ => i.fail(expected!("CRLF", "the end of the line")),
    }
}

/// What follows the next space; `None` where there is no space, or none but those before the line end that
/// the decoder overlooks. For `*(SP item)` at the end of a line.
#[inline]
pub(crate) fn more(i: Input<'_>) -> Option<Input<'_>> {
    let next = if i.next_is(b' ') { i.skip(1) } else { return None };
    match next.peek() {
        None | Some(b' ' | b'\r' | b'\n') if trailing_spaces(i) => None,
        _ => Some(next),
    }
}

/// Whether nothing but spaces is left before the line end, and the decoder overlooks them.
#[cold]
fn trailing_spaces(i: Input<'_>) -> bool {
    let quirk = match i.cx.side {
        Side::Client => Quirk::TrailingSpaceCommand,
        Side::Server => Quirk::TrailingSpace,
    };
    i.cx.options.tolerance.reads(quirk) && i.at_trailing_space()
}

/// `item *(SP item)`, with the limit on lists.
pub(crate) fn sp_separated<'a, T>(
    mut i: Input<'a>,
    item: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    // What a vector would make room for with its first item, without the detour.
    let mut items = Vec::with_capacity(4);
    loop {
        let (rest, value) = item(i)?;
        i = within_list_limit(rest, items.len())?.0;
        items.push(value);
        if !i.next_is(b' ') {
            return Ok((i, items));
        }
        i = i.skip(1);
    }
}

/// The same as a list that is never empty.
pub(crate) fn one_or_more<'a, T>(
    i: Input<'a>,
    item: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Vec1<T>> {
    let (mut i, first) = item(i)?;
    let mut items = Vec1::new(first);
    while i.next_is(b' ') {
        let (rest, value) = item(i.skip(1))?;
        i = within_list_limit(rest, items.len())?.0;
        items.push(value);
    }
    Ok((i, items))
}

/// `"(" [item *(SP item)] ")"`, with the limit on lists.
pub(crate) fn parenthesized<'a, T>(
    i: Input<'a>,
    item: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    let (i, ()) = open(i)?;
    if i.next_is(b')') {
        return Ok((i.skip(1), Vec::new()));
    }
    let (i, items) = sp_separated(i, item)?;
    let (i, ()) = close(i)?;
    Ok((i, items))
}

/// The same as a list of names: those that `usual` knows by place and length, others as `item` reads them.
#[inline]
pub(crate) fn parenthesized_names<'a, T: Name>(
    i: Input<'a>,
    usual: impl Fn(&[u8]) -> Option<Usual>,
    item: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Names<T>> {
    let (mut i, ()) = open(i)?;
    let mut names = Names::EMPTY;
    if i.next_is(b')') {
        return Ok((i.skip(1), names));
    }
    let mut held = 0_usize;
    loop {
        i = match usual(i.rest()) {
            Some(usual) => {
                names.push_known(usual.place);
                i.skip(usual.len.get().into())
            }
            None => {
                let (rest, name) = item(i)?;
                names.push(name);
                rest
            }
        };
        i = within_list_limit(i, held)?.0;
        held = held.saturating_add(1);
        if !i.next_is(b' ') {
            break;
        }
        i = i.skip(1);
    }
    let (i, ()) = close(i)?;
    Ok((i, names))
}

/// Fails where `held` more items than the limit would be in one list.
pub(crate) fn within_list_limit(i: Input<'_>, held: usize) -> Parsed<'_, ()> {
    if held < i.limits().list {
        Ok((i, ()))
    } else {
        i.fail(expected!(TooLong, "list", "a list within the limit on items"))
    }
}

/// Fails where `depth` open parentheses are more than the limit.
pub(crate) fn within_depth_limit(i: Input<'_>, depth: usize) -> Parsed<'_, ()> {
    if depth <= i.limits().depth {
        Ok((i, ()))
    } else {
        i.fail(expected!(TooDeep, "depth", "parentheses nested within the limit"))
    }
}

/// Skips one item, however odd: to the next SP, `)` or line end outside parentheses, quoted strings and
/// literals. Needs no stack, whatever the nesting.
pub(crate) fn skip_item(start: Input<'_>) -> Parsed<'_, Octets> {
    let mut i = start;
    let mut open = 0_usize;
    loop {
        match i.peek() {
            Some(b'(') => {
                open = open.saturating_add(1);
                i = i.skip(1);
            }
            Some(b')') if open > 0 => {
                open = open.saturating_sub(1);
                i = i.skip(1);
            }
            Some(b' ') if open > 0 => i = i.skip(1),
            None | Some(b')' | b' ' | b'\r' | b'\n') => break,
            Some(b'"') => i = skip_quoted(i),
            Some(b'{') => i = crate::string::literal(i).map_or_else(|_| i.skip(1), |(rest, _)| rest),
            Some(_) => i = i.skip(1),
        }
    }
    if open > 0 {
        return i.fail(expected!(")", "a closing parenthesis"));
    }
    Ok((i, start.until(i)))
}

/// Skips a quoted string, whatever is in it; only the `"` where the line does not close it. However often
/// it is called, the work is linear in the message.
pub(crate) fn skip_quoted(i: Input<'_>) -> Input<'_> {
    if i.at() < i.cx.unclosed.get() {
        return i.skip(1);
    }
    let mut inside = i.skip(1);
    loop {
        let plain = inside.rest().iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\r' | b'\n'));
        inside = inside.skip(plain.unwrap_or(inside.rest().len()));
        match inside.rest() {
            [b'"', ..] => return inside.skip(1),
            [b'\\', byte, ..] if !matches!(byte, b'\r' | b'\n') => inside = inside.skip(2),
            [b'\\', ..] => inside = inside.skip(1),
            _ => {
                i.cx.unclosed.set(inside.at());
                return i.skip(1);
            }
        }
    }
}

/// The upper case of a byte that keywords may hold, and 0 for any other.
#[inline]
#[allow(clippy::indexing_slicing, reason = "a table of 256 entries indexed by a byte")]
const fn upper(byte: u8) -> u8 {
    UPPER[byte as usize]
}

static UPPER: [u8; 256] = upper_table();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time, for bytes from 0 to 255"
)]
const fn upper_table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut i = 0_usize;
    while i < 256 {
        let byte = i as u8;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'=' | b'/' | b'_') {
            table[i] = byte.to_ascii_uppercase();
        }
        i += 1;
    }
    table
}

/// A keyword, in upper case: at most 24 bytes of letters, digits and `.`, `-`, `+`, `=`, `/`.
///
/// Read once, then `match`ed: `match word.as_bytes() { b"OK" => .. }`.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl Word {
    const MAX: usize = 24;

    /// No word.
    pub(crate) const EMPTY: Self = Self { bytes: [0; Self::MAX], len: 0 };

    /// The word at the start of `rest`, in upper case; empty where it is longer than any known keyword.
    #[inline]
    pub(crate) fn peek(i: Input<'_>) -> Self {
        let mut bytes = [0; Self::MAX];
        let mut len = 0_usize;
        for (slot, byte) in bytes.iter_mut().zip(i.rest()) {
            let upper = upper(*byte);
            if upper == 0 {
                return Self { bytes, len };
            }
            *slot = upper;
            len = len.wrapping_add(1);
        }
        if i.rest().get(Self::MAX).is_some_and(|byte| upper(*byte) != 0) {
            len = 0;
        }
        Self { bytes, len }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}

/// The keyword at the start of the rest, and what follows it.
#[inline]
pub(crate) fn word(i: Input<'_>) -> (Input<'_>, Word) {
    //= rfc9051#section-9
    //# Implementations MUST accept these strings in a case-insensitive fashion.
    let word = Word::peek(i);
    (i.skip(word.len()), word)
}

/// The atom at the start of the rest as a keyword, and what follows it. Empty where there is no atom, or
/// one that no keyword is.
#[inline]
pub(crate) fn keyword(i: Input<'_>) -> (Input<'_>, Word) {
    let (rest, word) = word(i);
    if rest.peek().is_some_and(|byte| Class::ATOM_CHAR.contains(byte)) {
        return (i, Word { bytes: [0; Word::MAX], len: 0 });
    }
    (rest, word)
}

/// A bare word of a value tree.
pub(crate) fn bare(i: Input<'_>) -> Parsed<'_, Bare> {
    match Bare::scan(i.cx, i.at()) {
        Some((bare, len)) => Ok((i.skip(len), bare)),
        None => i.fail(expected!("tagged-ext-val", "a word, a string or a list")),
    }
}

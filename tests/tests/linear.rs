//! Work is linear in the bytes (S12), for shapes that were made to be otherwise: twice the input is at most twice the
//! work and a tenth. Work is what the framer and the decoder count: the bytes that they look at.
#![cfg(debug_assertions)]

use imap_codec::{
    DecodeOptions, Side, decode_steps,
    frame::{Framer, FramerOptions},
    limits::Limits,
};
use imap_tests::alloc;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// Makes `n` units of something.
type Shape = fn(usize) -> Vec<u8>;

/// What is sent, by whom, and how many units are about a quarter of a megabyte.
const SHAPES: &[(&str, Side, usize, Shape)] = &[
    ("spaces", Side::Client, 250_000, |n| line("A1 ", " ", n, "")),
    ("spaces at the end", Side::Client, 250_000, |n| line("A1 NOOP", " ", n, "")),
    ("spaces in data", Side::Server, 250_000, |n| line("* XX a", " ", n, "b")),
    ("quotes", Side::Client, 250_000, |n| line("A1 XX ", "\"", n, "")),
    ("quotes in a list", Side::Server, 250_000, |n| line("* 1 FETCH (X ", "\"", n, "")),
    ("quotes in a structure", Side::Server, 250_000, |n| line("* 1 FETCH (BODYSTRUCTURE (", "\"", n, "))")),
    ("backslashes", Side::Client, 250_000, |n| line("A1 LOGIN \"", "\\", n, "")),
    ("backslashes in data", Side::Server, 250_000, |n| line("* LIST (", "\\", n, ") NIL x")),
    ("escapes", Side::Server, 125_000, |n| line("* LIST () NIL \"", "\\\"", n, "\"")),
    ("commas", Side::Client, 250_000, |n| line("A1 FETCH 1", ",", n, " FLAGS")),
    ("commas in data", Side::Server, 250_000, |n| line("* VANISHED 1", ",", n, "")),
    ("spaces, quotes, backslashes, commas", Side::Client, 60_000, |n| line("A1 XX ", " \"\\,", n, "")),
    ("spaces, quotes, backslashes, commas in data", Side::Server, 60_000, |n| line("* XX ", " \"\\,", n, "")),
    ("open parentheses", Side::Server, 250_000, |n| line("* XX ", "(", n, "")),
    ("open parentheses of a search", Side::Client, 250_000, |n| line("A1 SEARCH ", "(", n, "")),
    ("open parentheses of a structure", Side::Server, 250_000, |n| {
        line("* 1 FETCH (BODYSTRUCTURE ", "(", n, ")")
    }),
    ("lists nested to the limit", Side::Server, 2_000, |n| {
        let nested = format!(" {}{}", "(".repeat(60), ")".repeat(60));
        line("* XX a", &nested, n, "")
    }),
    ("structures nested to the limit, all of them broken", Side::Server, 2_000, |n| {
        let nested = format!(" BODYSTRUCTURE {}{}", "(".repeat(60), ")".repeat(60));
        line("* 1 FETCH (UID 1", &nested, n, ")")
    }),
    ("NOT of NOT", Side::Client, 60_000, |n| line("A1 SEARCH ", "NOT ", n, "ALL")),
    ("tiny literals", Side::Client, 30_000, |n| line("A1 XX", " {1+}\r\na", n, "")),
    ("tiny literals in data", Side::Server, 30_000, |n| line("* 1 FETCH (X (a", " {1}\r\na", n, "))")),
    ("literals that lie", Side::Server, 30_000, |n| line("* 1 FETCH (X (a", " {9}", n, "))")),
    ("items", Side::Server, 30_000, |n| line("* 1 FETCH (UID 1", " FLAGS ()", n, ")")),
    ("items that cannot be read", Side::Server, 30_000, |n| line("* 1 FETCH (UID 1", " UID 0", n, ")")),
    ("items without spaces", Side::Server, 30_000, |n| line("* 1 FETCH (UID 1", "UID 1", n, ")")),
    ("flags that are none", Side::Server, 60_000, |n| line("* FLAGS (a", " %]", n, ")")),
    ("ranges", Side::Server, 30_000, |n| line("* VANISHED 1:2", ",7:9", n, "")),
    ("ranges of COPYUID", Side::Server, 30_000, |n| {
        let set = String::from_utf8(line("1:2", ",7:9", n, "")).unwrap();
        let set = set.trim_end();
        format!("A1 OK [COPYUID 1 {set} {set}] x\r\n").into_bytes()
    }),
    ("ranges of ESEARCH", Side::Server, 30_000, |n| line("* ESEARCH ALL 1:2", ",7:9", n, "")),
    ("numbers", Side::Server, 60_000, |n| line("* SEARCH", " 1234", n, "")),
    ("numbers with zeros", Side::Server, 60_000, |n| line("* SEARCH", " 0 00", n, "")),
    ("patterns", Side::Client, 80_000, |n| line("A1 LIST \"\" ", "%*", n, "")),
    ("a code that never ends", Side::Server, 80_000, |n| line("* OK [X ", "[ (", n, "")),
    ("addresses", Side::Server, 20_000, |n| {
        let address = "(NIL NIL \"a\" \"b\")";
        line("* 1 FETCH (ENVELOPE (NIL NIL (", address, n, ") NIL NIL NIL NIL NIL NIL NIL))")
    }),
    ("parts that cannot be read", Side::Server, 20_000, |n| {
        line("* 1 FETCH (BODYSTRUCTURE (", "(\"a\" \"b\" x)", n, " \"mixed\"))")
    }),
    ("sections with fields that never close", Side::Server, 20_000, |n| {
        line("* 1 FETCH (UID 1", " BODY[HEADER.FIELDS (A", n, ")")
    }),
];

fn line(before: &str, unit: &str, n: usize, after: &str) -> Vec<u8> {
    format!("{before}{}{after}\r\n", unit.repeat(n)).into_bytes()
}

fn tolerant(side: Side) -> DecodeOptions {
    let mut options = match side {
        Side::Client => DecodeOptions::tolerant_of_clients(),
        Side::Server => DecodeOptions::tolerant_of_servers(),
    };
    // Nothing is cut short but what recurses.
    let most = 1 << 28;
    options.limits = Limits { line: most, message: most, list: most, literals: most, ..Limits::CLIENT };
    options
}

fn twice_and_a_tenth(what: &str, once: u64, twice: u64) {
    assert!(once > 0, "{what}: nothing was counted");
    assert!(twice * 10 <= once * 22, "{what}: {once} steps, and {twice} for twice the input");
}

#[test]
fn s12_decoding_twice_the_input_takes_at_most_twice_the_steps() {
    for (what, side, n, shape) in SHAPES {
        for options in [
            tolerant(*side),
            DecodeOptions { tolerance: DecodeOptions::strict().tolerance, ..tolerant(*side) },
        ] {
            let steps = |n| decode_steps(*side, &shape(n), &options);
            twice_and_a_tenth(what, steps(*n / 4), steps(*n / 2));
        }
    }
}

/// Some of the shapes at the size at which they are feared: so many units.
const FEARED: &[(&str, usize)] = &[
    ("tiny literals", 100_000),
    ("tiny literals in data", 100_000),
    ("lists nested to the limit", 10_000),
    ("structures nested to the limit, all of them broken", 10_000),
    ("spaces", 1 << 20),
    ("spaces in data", 1 << 20),
    ("quotes", 1 << 20),
    ("quotes in a list", 1 << 20),
    ("backslashes", 1 << 20),
    ("backslashes in data", 1 << 20),
    ("commas", 1 << 20),
    ("commas in data", 1 << 20),
    ("spaces, quotes, backslashes, commas", 1 << 18),
    ("spaces, quotes, backslashes, commas in data", 1 << 18),
    ("patterns", 1 << 19),
    ("ranges", 100_000),
    ("ranges of COPYUID", 100_000),
    ("items", 100_000),
];

#[test]
fn s12_the_last_doubling_to_a_feared_size_doubles_the_work() {
    for (name, n) in FEARED {
        let shape = SHAPES.iter().find(|shape| shape.0 == *name);
        let (what, side, _, shape) = shape.unwrap_or_else(|| panic!("no shape is called {name}"));
        let (half, whole) = (shape(n / 2), shape(*n));
        let [once, twice] = [&half, &whole].map(|message| decode_steps(*side, message, &tolerant(*side)));
        twice_and_a_tenth(what, once, twice);
        for piece in [1, 4096] {
            let [once, twice] = [&half, &whole].map(|message| framing_steps(*side, message, piece));
            twice_and_a_tenth(what, once, twice);
        }
    }
}

#[test]
fn s12_decoding_takes_a_few_steps_for_each_byte() {
    for (what, side, n, shape) in SHAPES {
        let message = shape(*n);
        let steps = decode_steps(*side, &message, &tolerant(*side));
        // Depth is a factor where a part that cannot be read is looked for at each of its levels, and skipped; 64 is
        // its limit.
        assert!(
            steps <= (2 * 64 + 2) * message.len() as u64,
            "{what}: {steps} steps for {} bytes",
            message.len()
        );
    }
}

/// The steps of the framer for a message that comes in pieces of that size.
fn framing_steps(side: Side, message: &[u8], piece: usize) -> u64 {
    let mut framer = Framer::new(side, FramerOptions::offline(&tolerant(side)));
    for piece in message.chunks(piece) {
        framer.push(piece);
        while framer.next_event().is_some() {}
    }
    framer.steps()
}

#[test]
fn s12_framing_twice_the_input_takes_at_most_twice_the_steps() {
    for (what, side, n, shape) in SHAPES {
        for piece in [1, 7, 4096] {
            let (once, twice) =
                (framing_steps(*side, &shape(*n / 8), piece), framing_steps(*side, &shape(*n / 4), piece));
            // Each byte of a line is looked at once at least: what does not grow was not counted.
            assert!(once < twice, "{what}: {once} steps, and {twice} for twice the input");
            twice_and_a_tenth(what, once, twice);
        }
    }
}

#[test]
fn s12_twice_the_input_holds_at_most_twice_the_memory() {
    let mut most = 0;
    for (what, side, n, shape) in SHAPES {
        let peak = |n| {
            let message = shape(n);
            alloc::peak(|| decode_steps(*side, &message, &tolerant(*side))).1
        };
        let (once, twice) = (peak(*n / 4), peak(*n / 2));
        most = most.max(once);
        // Lists grow by doubling, so that one more item can mean twice the room.
        assert!(twice <= 4 * once + 4096, "{what}: {once} bytes, and {twice} for twice the input");
    }
    // Some shapes hold nothing at all.
    assert!(most > 0, "nothing was counted");
}

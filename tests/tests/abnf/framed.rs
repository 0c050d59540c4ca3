//! A message of the grammar is one message to the framer, whatever the chunks, and reads as itself.

use imap_codec::{Expecting, Mode};
use imap_tests::{
    abnf::{Edition, recognise::with_deep_stack},
    cases::times,
    codec::{Reading, decode},
    oracle::{is_in, read},
    stream::{Item, Outcome, any_cut_gives_the_same, reader_of},
    table::{From, Input},
};

use crate::{Failures, each_message};

/// The message as its receiver gets it.
fn input(rule: &str, mode: Mode, bytes: Vec<u8>) -> Input {
    let (from, expecting) = match rule {
        "command" => (From::Client, Expecting::Command),
        "authenticate-data" => (From::Client, Expecting::AuthenticateData),
        "idle-done" => (From::Client, Expecting::IdleDone),
        "greeting" => (From::Greeting, Expecting::Command),
        _ => (From::Server, Expecting::Command),
    };
    Input { from, bytes, expecting, mode }
}

#[test]
fn a_message_of_the_grammar_is_one_message_in_any_chunks() {
    with_deep_stack(one_message);
}

fn one_message() {
    let mut failures = Failures::default();
    // Of one revision, with a decoder that was told so.
    for (edition, mode) in
        [(Edition::Rev1, Mode::Rev1), (Edition::Rev2, Mode::Rev2), (Edition::All, Mode::Any)]
    {
        each_message(edition, times(150), 13, |rule, tree, _, random| {
            let mut message = tree.message();
            // A text may end in what looks like the header of a literal, and announces none.
            if random.below(2) == 0 {
                let mut ending = message.clone();
                ending.splice(ending.len() - 2..ending.len() - 2, *b"{5}");
                if is_in(edition, rule, &ending) {
                    message = ending;
                }
            }
            // What the codec refuses is for other tests.
            if !read(rule, &message).is_read() {
                return;
            }
            let input = input(rule, mode, message);
            let shown = input.bytes.escape_ascii().to_string();
            let alone = match decode(&input, Reading::Strict) {
                Ok(decoded) => decoded.value,
                Err(error) => {
                    failures.add(
                        format!("{edition:?} {rule}: not read in mode {mode:?}"),
                        format!("{shown}\n      {error}"),
                    );
                    return;
                }
            };
            let items = any_cut_gives_the_same(
                || reader_of(&input, Reading::Strict),
                &input.bytes,
                [random.number()],
            );
            match items.as_deref() {
                Ok([Item { outcome: Outcome::Message(message, _), .. }]) if **message == alone => {}
                Ok(items) => {
                    failures.add(
                        format!("{edition:?} {rule}: {} messages", items.len()),
                        format!("{shown}\n      {items:?}"),
                    );
                }
                Err(what) => {
                    failures.add(format!("{edition:?} {rule}: chunks"), format!("{shown}\n      {what}"))
                }
            }
        });
    }
    failures.end("a message of the grammar is not one message");
}

//! `states`: the state machine, printed from its table.

use std::{fmt, io::Write};

use imap_fsm::state::table;

use crate::{cli::Format, failure::Failure};

/// Prints the table or a diagram of it.
///
/// # Errors
///
/// [`Failure`] where the output cannot be written.
pub(crate) fn run(format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let mut text = String::new();
    let printed: fmt::Result = match format {
        Format::Text => table::text(&mut text),
        Format::Mermaid => table::mermaid(&mut text),
        Format::Dot => table::dot(&mut text),
    };
    // A string takes whatever is written.
    debug_assert!(printed.is_ok(), "a string is never full");
    out.write_all(text.as_bytes())?;
    Ok(())
}

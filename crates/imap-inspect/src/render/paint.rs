//! Colours, few of them. The stream that they are written to takes them out again where there is no
//! terminal, or where `NO_COLOR` is set.

use std::{
    fmt,
    io::{self, BufWriter, Write},
};

use anstyle::{AnsiColor, Style};

/// For what is only there to find one's way: offsets, times, lengths.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// For names.
pub(crate) const NAME: Style = Style::new().bold();
/// For mistakes.
pub(crate) const WRONG: Style = AnsiColor::Red.on_default().bold();
/// For what was tolerated.
pub(crate) const BENT: Style = AnsiColor::Yellow.on_default();
/// For what a client sends.
pub(crate) const CLIENT: Style = AnsiColor::Cyan.on_default();
/// For what a server sends.
pub(crate) const SERVER: Style = AnsiColor::Green.on_default();

/// `text` in a style.
pub(crate) fn paint<T: fmt::Display>(style: Style, text: T) -> Painted<T> {
    Painted(style, text)
}

/// A text with its style; padding asked of it goes to the text.
pub(crate) struct Painted<T>(Style, T);

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        self.1.fmt(f)?;
        write!(f, "{}", self.0.render_reset())
    }
}

/// Standard output; without colours where `plain`.
pub(crate) fn stdout(plain: bool) -> Box<dyn Write> {
    if plain {
        Box::new(BufWriter::with_capacity(1 << 16, io::stdout()))
    } else {
        Box::new(BufWriter::with_capacity(1 << 16, anstream::stdout()))
    }
}

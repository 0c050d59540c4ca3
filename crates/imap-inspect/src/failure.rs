//! What ends the program early: one line on standard error and exit status 2.

use std::{fmt, io, path::Path};

/// Why the program cannot go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the user gave cannot be used; the message says which and why.
    Input(String),
    /// Output has nowhere to go: the reader of the pipe has left. Not a mistake.
    Closed,
    /// Output failed otherwise.
    Output(io::Error),
}

impl Failure {
    /// A file that cannot be opened or read.
    pub(crate) fn reading(name: &Path, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".into(),
            io::ErrorKind::PermissionDenied => "no permission to read it".into(),
            io::ErrorKind::IsADirectory => "it is a directory".into(),
            _ => error.to_string(),
        };
        Self::Input(format!("cannot read {}: {why}", name.display()))
    }
}

impl From<io::Error> for Failure {
    /// An error of writing: reading has [`Failure::reading`].
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Output(error) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) => f.write_str(message),
            Self::Closed => f.write_str("the reader of the output has left"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
        }
    }
}

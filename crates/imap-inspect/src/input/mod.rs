//! What is read: files, and the formats that hold a dialogue.
//!
//! One format so far: [`capture`]. Packet captures and raw logs get a module each beside it; each gives
//! the same [`Record`](capture::Record)s, so that nothing after this module knows where they came from.

pub(crate) mod capture;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use crate::failure::Failure;

/// Opens a file to read, or standard input for `-`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let open = || -> io::Result<File> {
        let file = File::open(path)?;
        // Opening a directory succeeds; only reading it fails, and not everywhere with a clear error.
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(file)
    };
    match open() {
        Ok(file) => Ok(Box::new(BufReader::with_capacity(1 << 16, file))),
        Err(error) => Err(Failure::reading(path, &error)),
    }
}

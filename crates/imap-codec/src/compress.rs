//! COMPRESS.

use imap_types::compress::CompressionAlgorithm;

use crate::{
    atom::atom,
    cursor::{Input, Parsed, sp},
    writer::Writer,
};

/// The argument of COMPRESS.
///
/// ```abnf
/// compress  = "COMPRESS" SP algorithm     ; RFC 4978 section 5
/// algorithm = "DEFLATE"
/// ```
///
/// Another algorithm is read as well, so that a server can say that it has none of that name.
pub(crate) fn compress(i: Input<'_>) -> Parsed<'_, CompressionAlgorithm> {
    let (i, ()) = sp(i)?;
    let (i, name) = atom(i)?;
    Ok((i, CompressionAlgorithm::from(name)))
}

impl Writer<'_> {
    /// `compress`, after the word.
    pub(crate) fn compress_argument(&mut self, algorithm: &CompressionAlgorithm) {
        self.sp();
        self.bytes(algorithm.as_str().as_bytes());
    }
}

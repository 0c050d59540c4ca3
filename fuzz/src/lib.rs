//! What only the fuzz targets need: `differential`, which sets the codec beside published ones.

pub mod differential;

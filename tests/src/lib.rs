//! Loaders and drivers that the suites share.

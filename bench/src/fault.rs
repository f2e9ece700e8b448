//! What went wrong, in words: a benchmark has nobody who would tell one fault from another.

use std::error::Error;

/// Something that ends the run.
pub type Fault = Box<dyn Error + Send + Sync>;

/// The outcome of whatever can fail.
pub type Result<T> = std::result::Result<T, Fault>;

/// A fault in words.
pub fn fault(words: impl Into<String>) -> Fault {
    words.into().into()
}

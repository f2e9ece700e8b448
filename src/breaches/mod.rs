//! Passwords known from data breaches: a compact file of truncated SHA-1 digests, built from a published list and
//! looked up without loading it.

mod build;
mod error;
mod file;
mod layout;
mod source;
mod spool;
#[cfg(test)]
mod tests;

pub use build::{Progress, Step, build};
pub use file::BreachedPasswords;

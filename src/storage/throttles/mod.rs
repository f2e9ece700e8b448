//! Counters of attempts that belong to no account's document: they exist for unknown addresses too.

mod charge;
mod counter;
mod release;

pub use counter::{Admission, Charged, ThrottleKey};

//! Counters of attempts. They are not part of an account's document, because they exist for unknown
//! addresses too.

mod charge;
mod counter;
mod release;

pub use charge::Counting;
pub use counter::{Admission, Charged, ThrottleKey};

#[cfg(test)]
mod tests;

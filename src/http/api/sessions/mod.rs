//! The account's sessions, listed and ended by their owner.

pub mod end_one;
pub mod end_others;
pub mod list;

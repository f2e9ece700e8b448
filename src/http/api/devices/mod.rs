//! The account's trusted devices, listed and removed by their owner.

pub mod list;
pub mod remove_all;
pub mod remove_one;

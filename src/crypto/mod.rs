//! Algorithms over domain values: a leaf that knows no storage, no flow and no framework.

pub mod hashing_pool;
mod hashing_queue;
pub mod keyed_digest;
pub mod password_hash;
pub mod provisioning;
pub mod recovery_codes;
pub mod seal;
pub mod token;
pub mod totp;

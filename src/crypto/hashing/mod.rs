//! Password hashing: Argon2id on dedicated threads, behind a bounded queue.

#[cfg(feature = "argon2-simd")]
mod argon2_simd;
mod error;
mod kernel;
mod password_hash;
mod pool;
mod portable;
mod queue;
mod workspace;

pub use password_hash::{HashingCost, Verdict};
pub use pool::{HashingError, HashingPool, PoolLayout};
pub use queue::Begun;

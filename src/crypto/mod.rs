//! Algorithms over domain values: a leaf that knows no storage, no flow and no framework.

#[cfg(feature = "argon2-simd")]
mod argon2_simd;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod hashing_pool;
mod hashing_queue;
pub mod kernel;
pub mod keyed_digest;
pub mod password_hash;
pub mod provisioning;
pub mod recovery_codes;
#[cfg(test)]
mod sampling;
pub mod seal;
pub mod token;
pub mod totp;
pub mod workspace;

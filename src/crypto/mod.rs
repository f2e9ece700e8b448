//! Algorithms over domain values. This layer knows no database and no web framework.

pub mod device_token;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod hashing;
pub mod jwt;
pub mod keyed_digest;
pub mod mail_token;
pub mod provisioning;
pub mod recovery_codes;
#[cfg(test)]
mod sampling;
pub mod seal;
pub mod service_secret;
pub mod sign_in_token;
pub mod token;
pub mod totp;
pub mod webauthn;

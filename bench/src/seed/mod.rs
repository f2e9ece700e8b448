//! Accounts that the service finds in its database, in its own shape, with tokens and secrets that the
//! generator knows.
//!
//! Hashing a million passwords would take hours, so all accounts share one password and its hash; and
//! sessions, challenges and second factors are written as the service writes them
//! (`src/storage/document.rs`, `src/crypto/token.rs`, `src/crypto/seal.rs`).

pub mod fill;
pub mod passkey;
pub mod person;
pub mod secret;
pub mod token;

/// The password of every account.
pub const PASSWORD: &str = "plum velvet tractor";

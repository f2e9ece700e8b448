//! Passkeys from the outside.

mod factor;
mod guards;
mod links;
mod reauthentication;

use crate::harness::authenticator::{Authenticator, UV};

/// An authenticator that verifies its user.
pub fn verifying() -> Authenticator {
    let mut key = Authenticator::new();
    key.flags |= UV;
    key
}

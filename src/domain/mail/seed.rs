//! What the tokens of links are derived from.

use std::fmt;

/// A random number that tokens of links are derived from, so that every attempt to send carries the same link.
/// Without the key it opens nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 16]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

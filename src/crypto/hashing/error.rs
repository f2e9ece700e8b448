//! Why a hash could not be computed.

/// A hash could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The stored text is not an Argon2id hash.
    #[error("the stored password hash is malformed")]
    Malformed,
    /// The cost is above the ceiling, or below what Argon2id needs.
    #[error("the cost of the password hash is not accepted")]
    Cost,
    /// The algorithm failed.
    #[error("Argon2id could not be computed")]
    Computation,
    /// The hashing threads have ended.
    #[error("the hashing threads have ended")]
    Stopped,
}

//! The lists of an account, parsed on demand: most requests need one session of up to seventy and nothing
//! else.

use super::digest::Digest;
use super::login_challenge::LoginChallenge;
use super::network::KnownNetwork;
use super::session::Session;

/// What is stored is not of the shape that this service writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document is malformed: {0}")]
pub struct Malformed(pub &'static str);

/// The lists of one account as they were when it was read. Each call parses its list again.
///
/// # Errors
///
/// [`Malformed`] where the stored list is not of the expected shape.
pub trait Lists: Send + Sync {
    /// The sessions of both kinds, live or not.
    fn sessions(&self) -> Result<Vec<Session>, Malformed>;

    /// The session whose token has this digest, live or not.
    fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed>;

    /// The login challenges, live or not.
    fn challenges(&self) -> Result<Vec<LoginChallenge>, Malformed>;

    /// The digests of the unused recovery codes.
    fn recovery(&self) -> Result<Vec<Digest>, Malformed>;

    /// The account's known networks.
    fn networks(&self) -> Result<Vec<KnownNetwork>, Malformed>;
}

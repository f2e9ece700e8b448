//! The lists of an account, parsed on demand: most requests need one session of up to seventy and nothing
//! else.

use super::device::TrustedDevice;
use super::digest::Digest;
use super::login_challenge::LoginChallenge;
use super::network::KnownNetwork;
use super::passkey::ceremony::{PasskeyEnrolment, PendingChallenge};
use super::session::Session;

/// A stored document doesn't have the expected shape. It names the field and never contains its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed document: collection {collection}, _id {id}, field {field}")]
pub struct Malformed {
    /// The collection.
    pub collection: &'static str,
    /// The document's `_id`, in hexadecimal.
    pub id: String,
    /// The path of the field.
    pub field: String,
}

/// The lists of one account as they were when it was read. Each call parses its list again.
pub trait Lists: Send + Sync {
    /// The sessions of both kinds, live or not.
    fn sessions(&self) -> Result<Vec<Session>, Malformed>;

    /// The session whose token has this digest, live or not.
    fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed>;

    /// The login challenges, live or not.
    fn challenges(&self) -> Result<Vec<LoginChallenge>, Malformed>;

    /// The digests of the unused recovery codes.
    fn recovery(&self) -> Result<Vec<Digest>, Malformed>;

    /// The trusted devices, live or not.
    fn devices(&self) -> Result<Vec<TrustedDevice>, Malformed>;

    /// The account's known networks.
    fn networks(&self) -> Result<Vec<KnownNetwork>, Malformed>;

    /// The challenges that a sign-in with a passkey has used, expired or not.
    fn spent(&self) -> Result<Vec<PendingChallenge>, Malformed>;

    /// The passkeys that sessions are about to add, expired or not.
    fn enrolments(&self) -> Result<Vec<PasskeyEnrolment>, Malformed>;
}

//! What a token says.

use serde::{Deserialize, Serialize};

/// The claims of a token (RFC 7519, section 4.1; RFC 9068, section 2.2). Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The origin of the service that issued it.
    pub iss: String,
    /// The id of the account.
    pub sub: String,
    /// The service that it is for.
    pub aud: String,
    /// When it was issued.
    pub iat: i64,
    /// The same: it may be used at once.
    pub nbf: i64,
    /// When it expires.
    pub exp: i64,
    /// Its own id, which is random.
    pub jti: String,
    /// The public id of the session that it was issued to.
    pub sid: String,
    /// When the session was authenticated.
    pub auth_time: i64,
    /// The assurance level of the session.
    pub acr: String,
    /// The factors of the session (RFC 8176).
    pub amr: Vec<String>,
}

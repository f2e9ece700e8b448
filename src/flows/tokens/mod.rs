//! Tokens for other services: they are issued to sessions, and looked at for services and proxies.

mod forward;
mod introspect;
mod issue;
pub mod rotation;
mod services;

use chrono::TimeDelta;

use crate::crypto::jwt::{PublicKey, SigningKeys};
use crate::crypto::service_secret::ServiceSecret;
use crate::domain::audience::Audience;
use crate::domain::session::Session;
use crate::flows::Auth;
use crate::flows::error::{AuthError, TokenError};
pub use introspect::ActiveToken;
pub use services::Service;

/// The settings of tokens for other services.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The service's own origin, which tokens name as their issuer.
    pub issuer: String,
    /// How tokens are signed; `None` if none are issued.
    pub signing: Option<Signing>,
    /// The services that may introspect tokens; empty if none may.
    pub services: Vec<(Audience, ServiceSecret)>,
}

/// How tokens are signed.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The keys; the first one signs.
    pub keys: SigningKeys,
    /// The services that tokens may be made for.
    pub audiences: Vec<Audience>,
    /// How long a token is valid, unless its session ends earlier.
    pub lifetime: TimeDelta,
}

impl Auth {
    /// How tokens are signed.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotAvailable`] without signing keys.
    pub fn require_signing(&self) -> Result<&Signing, AuthError> {
        Ok(self.rules.tokens.signing.as_ref().ok_or(TokenError::NotAvailable)?)
    }

    /// The public keys that tokens are verified with, the one that signs first.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotAvailable`] without signing keys.
    pub fn published_keys(&self) -> Result<impl Iterator<Item = &PublicKey>, AuthError> {
        Ok(self.require_signing()?.keys.published())
    }
}

/// The factors of a session, as tokens name them (RFC 8176).
fn references(session: &Session) -> Vec<String> {
    session.methods.references().iter().map(|&one| one.to_owned()).collect()
}

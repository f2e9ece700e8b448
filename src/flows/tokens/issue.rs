//! Issues a token for another service.

use super::{Signing, references};
use crate::crypto::jwt::Claims;
use crate::crypto::token::random_id;
use crate::domain::audience::Audience;
use crate::flows::Auth;
use crate::flows::access::{OpenSession, SignedIn};
use crate::flows::error::{AuthError, TokenError};

/// A token that was issued.
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// How long it is valid, in seconds.
    pub expires_in: i64,
}

impl Auth {
    /// Issues a token to a session, for one audience: the one that is named or, without a name, the only one. It expires
    /// no later than the session.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotAvailable`] without signing keys, [`TokenError::UnknownAudience`],
    /// [`TokenError::MissingAudience`].
    pub fn issue_token(
        &self,
        caller: &SignedIn,
        audience: Option<&str>,
    ) -> Result<IssuedToken, AuthError> {
        let OpenSession { account, session, .. } = caller.open();
        let Signing { keys, audiences, lifetime } = self.require_signing()?;
        let audience = chosen(audiences, audience)?;
        let now = self.clock.now();
        let session_ends = session.expires_at(self.lifetimes(session.kind));
        let expires_at = session_ends.min(now + *lifetime);
        let claims = Claims {
            iss: self.rules.tokens.issuer.clone(),
            sub: account.id.to_string(),
            aud: audience.as_str().to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: random_id(),
            sid: session.id.as_str().to_owned(),
            auth_time: session.authenticated_at.timestamp(),
            acr: session.aal().as_str().to_owned(),
            amr: references(session),
        };
        Ok(IssuedToken { token: keys.sign(&claims)?, expires_in: claims.exp - claims.iat })
    }
}

fn chosen<'a>(audiences: &'a [Audience], named: Option<&str>) -> Result<&'a Audience, TokenError> {
    let found = match (named, audiences) {
        (Some(named), _) => audiences.iter().find(|audience| audience.as_str() == named),
        (None, [_, _, ..]) => return Err(TokenError::MissingAudience),
        (None, _) => audiences.first(),
    };
    found.ok_or(TokenError::UnknownAudience)
}

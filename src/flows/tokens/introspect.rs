//! Says whether a token is active, to a service that received it (RFC 7662).

use super::{Service, references};
use crate::crypto::jwt::Claims;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::session::Session;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::live_session::lacks_second_factor;

/// What a service learns about an active token. Times are seconds since 1970.
pub struct ActiveToken {
    /// Who issued it.
    pub issuer: String,
    /// The id of the account.
    pub subject: String,
    /// The account's address, if it is verified.
    pub username: Option<EmailAddress>,
    /// The service that it is for; `None` for the token of a session.
    pub audience: Option<String>,
    /// When it was issued or, for the token of a session, when the session was opened.
    pub issued_at: i64,
    /// When it expires; for the token of a session, unless it is used again.
    pub expires_at: i64,
    /// When the session was authenticated.
    pub authenticated_at: i64,
    /// The assurance level.
    pub level: String,
    /// The factors (RFC 8176).
    pub methods: Vec<String>,
    /// The public id of the session.
    pub session: SessionId,
}

/// How far the clock of the instance that signed a token may be ahead of this one's, in seconds.
const LEEWAY: i64 = 10;

impl Auth {
    /// What a token says, if it is active: the token of a session that has every factor of its account, or a token that
    /// was issued for this service and whose session is such a one still. The former counts as a use of the session.
    ///
    /// # Errors
    ///
    /// Only those of every use case.
    pub async fn introspect(
        &self,
        service: &Service,
        token: &str,
    ) -> Result<Option<ActiveToken>, AuthError> {
        match self.session_of(token).await? {
            Some((account, session)) => Ok(self.describe_session(&account, &session)),
            None => self.introspect_issued(service, token).await,
        }
    }

    fn describe_session(&self, account: &Account, session: &Session) -> Option<ActiveToken> {
        if lacks_second_factor(account, session) {
            return None;
        }
        Some(ActiveToken {
            issuer: self.rules.tokens.issuer.clone(),
            subject: account.id.to_string(),
            username: account.is_email_verified.then(|| account.email.clone()),
            audience: None,
            issued_at: session.created_at.timestamp(),
            expires_at: session.expires_at(self.lifetimes(session.kind)).timestamp(),
            authenticated_at: session.authenticated_at.timestamp(),
            level: session.aal().as_str().to_owned(),
            methods: references(session),
            session: session.id.clone(),
        })
    }

    async fn introspect_issued(
        &self,
        service: &Service,
        token: &str,
    ) -> Result<Option<ActiveToken>, AuthError> {
        let (rules, now) = (&self.rules.tokens, self.clock.now().timestamp());
        let claims = rules.signing.as_ref().and_then(|signing| signing.keys.verify(token));
        let is_current = |claims: &Claims| {
            claims.aud == service.name().as_str()
                && claims.iss == rules.issuer
                && (claims.nbf - LEEWAY..claims.exp).contains(&now)
        };
        let Some(claims) = claims.filter(is_current) else {
            return Ok(None);
        };
        let Some(user) = UserId::parse(&claims.sub) else {
            return Ok(None);
        };
        let Some(account) = self.store.account(user).await? else {
            return Ok(None);
        };
        let session = self.live_session_by_id(&account, &SessionId::new(claims.sid))?;
        let described = session.and_then(|session| self.describe_session(&account, &session));
        Ok(described.map(|of_session| ActiveToken {
            audience: Some(claims.aud),
            issued_at: claims.iat,
            expires_at: claims.exp,
            authenticated_at: claims.auth_time,
            level: claims.acr,
            methods: claims.amr,
            ..of_session
        }))
    }
}

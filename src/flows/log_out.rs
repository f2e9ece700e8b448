//! Logging out.

use super::Auth;
use super::access::Credentials;
use super::error::AuthError;
use crate::crypto::token::{PresentedToken, TokenKind};
use crate::domain::client::Client;
use crate::domain::event::EventKind;

impl Auth {
    /// Ends the credentials that a request carries: the session of its `Bearer` header, or the session
    /// and the login challenge of its cookies.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`], and then the session may not have ended.
    pub async fn log_out(
        &self,
        credentials: Credentials<'_>,
        client: &Client,
    ) -> Result<(), AuthError> {
        let carried = match credentials.bearer {
            Some(bearer) => [(TokenKind::Session, Some(bearer)), (TokenKind::Login, None)],
            None => [
                (TokenKind::Session, credentials.session_cookie),
                (TokenKind::Login, credentials.login_cookie),
            ],
        };
        for (kind, token) in carried {
            if let Some(presented) = token.and_then(|token| PresentedToken::parse(kind, token)) {
                self.end_token(presented, client).await?;
            }
        }
        Ok(())
    }

    /// Ends the session or login challenge of a token, if there is one.
    pub(super) async fn end_token(
        &self,
        presented: PresentedToken,
        client: &Client,
    ) -> Result<(), AuthError> {
        let Some(account) = self.store.account(presented.user).await? else {
            return Ok(());
        };
        match presented.kind {
            TokenKind::Session => {
                if let Some(session) = account.session(&presented.digest)?
                    && self.store.end_session(&account, &session).await?
                {
                    self.record(account.id, EventKind::SignedOut, client);
                }
            }
            TokenKind::Login => {
                if let Some(challenge) = account.challenge(&presented.digest)? {
                    self.store.end_challenge(&account, &challenge).await?;
                }
            }
        }
        Ok(())
    }
}

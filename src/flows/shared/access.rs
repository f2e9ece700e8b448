//! Who is calling, and what they may do. Each permission is a type that only this file constructs.

use crate::crypto::token::{PresentedToken, TokenKind};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::Session;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::live_session::{lacks_second_factor, require_confirmed_factor};

/// The tokens that a request carries. It has no `Debug`, so that none of them can be logged.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The token of an `Authorization: Bearer` header; with one, cookies are ignored.
    pub bearer: Option<&'a str>,
    /// The token in the session's cookie.
    pub session_cookie: Option<&'a str>,
    /// The token in the login challenge's cookie.
    pub login_cookie: Option<&'a str>,
}

/// How a token was sent, and therefore how a new one is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In a cookie.
    Cookie,
    /// In an `Authorization` header.
    Bearer,
}

/// Who is calling.
pub enum Caller {
    /// A caller without a live credential.
    Anonymous,
    /// A caller with a live login challenge: the password was correct, the second factor is required next.
    Challenge(ChallengeHolder),
    /// A caller with a live session.
    Session(OpenSession),
}

/// A live login challenge.
pub struct ChallengeHolder {
    pub(in crate::flows) account: Account,
    pub(in crate::flows) challenge: LoginChallenge,
    pub(in crate::flows) client: Client,
}

/// A live session, which may lack the second factor of an authenticator that was just enabled.
pub struct OpenSession {
    pub(in crate::flows) account: Account,
    pub(in crate::flows) session: Session,
    pub(in crate::flows) carrier: Carrier,
    pub(in crate::flows) client: Client,
}

/// A live session that was opened with every factor its account has.
pub struct SignedIn(pub(in crate::flows) OpenSession);

/// A session whose sign-in is recent enough for sensitive actions.
pub struct Fresh<S>(pub(in crate::flows) S);

/// A caller who may submit a second factor.
pub enum FactorSubmitter {
    /// With a login challenge.
    Challenge(ChallengeHolder),
    /// With a session, usually of an account that has a second factor.
    Session(SignedIn),
}

impl OpenSession {
    /// The session's account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// How its token was sent.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        self.carrier
    }

    fn into_signed_in(self) -> Result<SignedIn, AuthError> {
        if lacks_second_factor(&self.account, &self.session) {
            return Err(AuthError::OtpRequired);
        }
        Ok(SignedIn(self))
    }
}

impl SignedIn {
    /// The session.
    #[must_use]
    pub fn open(&self) -> &OpenSession {
        &self.0
    }

    /// The session without its account.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.0.session
    }

    /// How many unused recovery codes its account has.
    pub fn recovery_codes_left(&self) -> Result<usize, AuthError> {
        Ok(self.0.account.recovery_codes()?.len())
    }
}

impl<S> Fresh<S> {
    /// The session.
    #[must_use]
    pub fn get(&self) -> &S {
        &self.0
    }
}

impl Caller {
    /// The caller's session.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] without a session, [`AuthError::OtpRequired`] with a login challenge.
    pub fn into_open_session(self) -> Result<OpenSession, AuthError> {
        match self {
            Self::Anonymous => Err(AuthError::NotAuthenticated),
            Self::Challenge(_) => Err(AuthError::OtpRequired),
            Self::Session(session) => Ok(session),
        }
    }

    /// The caller's session, opened with every factor of its account.
    ///
    /// # Errors
    ///
    /// As above, and [`AuthError::OtpRequired`] if the session lacks the second factor.
    pub fn into_signed_in(self) -> Result<SignedIn, AuthError> {
        self.into_open_session()?.into_signed_in()
    }

    /// The caller's permission to submit a second factor.
    ///
    /// # Errors
    ///
    /// [`AuthError::LoginExpired`] without a login, [`AuthError::OtpNotEnabled`] if the account has no
    /// second factor, [`AuthError::OtpRequired`] if the session lacks the second factor.
    pub fn into_factor_submitter(self) -> Result<FactorSubmitter, AuthError> {
        match self {
            Self::Anonymous => Err(AuthError::LoginExpired),
            Self::Challenge(holder) => Ok(FactorSubmitter::Challenge(holder)),
            Self::Session(session) if !session.account.has_second_factor() => {
                Err(AuthError::OtpNotEnabled)
            }
            Self::Session(session) => session.into_signed_in().map(FactorSubmitter::Session),
        }
    }

    /// The caller's permission to ask for a passkey's signature, whether or not the account has a passkey.
    ///
    /// # Errors
    ///
    /// [`AuthError::LoginExpired`] without a login, [`AuthError::OtpRequired`] if the session lacks the second
    /// factor.
    pub fn into_passkey_asker(self) -> Result<FactorSubmitter, AuthError> {
        match self {
            Self::Session(session) => session.into_signed_in().map(FactorSubmitter::Session),
            other => other.into_factor_submitter(),
        }
    }
}

impl FactorSubmitter {
    /// The account that the second factor is for.
    #[must_use]
    pub fn account(&self) -> &Account {
        match self {
            Self::Challenge(holder) => &holder.account,
            Self::Session(signed_in) => &signed_in.0.account,
        }
    }
}

impl Auth {
    /// Identifies the caller. If there is a `Bearer` header, only that counts; otherwise the cookie of a
    /// live session, or else that of a live login challenge.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] for a `Bearer` header without a live session's token.
    pub async fn identify(
        &self,
        credentials: Credentials<'_>,
        client: Client,
    ) -> Result<Caller, AuthError> {
        if let Some(bearer) = credentials.bearer {
            let session = self.find_session(Some(bearer), Carrier::Bearer, &client).await?;
            return session.map(Caller::Session).ok_or(AuthError::NotAuthenticated);
        }
        let carried = credentials.session_cookie;
        if let Some(session) = self.find_session(carried, Carrier::Cookie, &client).await? {
            return Ok(Caller::Session(session));
        }
        let challenge = self.find_challenge(credentials.login_cookie, client).await?;
        Ok(challenge.map_or(Caller::Anonymous, Caller::Challenge))
    }

    /// Requires a recent sign-in, with a second factor where the account has one. (One that was never confirmed can
    /// be removed without it.)
    ///
    /// # Errors
    ///
    /// [`AuthError::ReauthenticationRequired`] if it is not recent enough, or was made without a second factor.
    pub fn require_fresh(&self, session: OpenSession) -> Result<Fresh<OpenSession>, AuthError> {
        self.check_fresh(&session)?;
        Ok(Fresh(session))
    }

    /// The same check, of a session that is kept.
    ///
    /// # Errors
    ///
    /// [`AuthError::ReauthenticationRequired`].
    pub(in crate::flows) fn check_fresh(&self, caller: &OpenSession) -> Result<(), AuthError> {
        let OpenSession { account, session, .. } = caller;
        if !session.is_fresh(self.rules.reauth_window, self.clock.now()) {
            return Err(AuthError::ReauthenticationRequired);
        }
        require_confirmed_factor(account, session)
    }

    /// Requires a recent sign-in with every factor.
    ///
    /// # Errors
    ///
    /// [`AuthError::ReauthenticationRequired`] if it is not recent enough.
    pub fn require_fresh_signed_in(&self, session: SignedIn) -> Result<Fresh<SignedIn>, AuthError> {
        self.require_fresh(session.0).map(|fresh| Fresh(SignedIn(fresh.0)))
    }

    async fn find_session(
        &self,
        token: Option<&str>,
        carrier: Carrier,
        client: &Client,
    ) -> Result<Option<OpenSession>, AuthError> {
        let Some(token) = token else {
            return Ok(None);
        };
        let found = self.session_of(token).await?;
        Ok(found.map(|(account, session)| {
            let client = client.clone();
            OpenSession { account, session, carrier, client }
        }))
    }

    async fn find_challenge(
        &self,
        token: Option<&str>,
        client: Client,
    ) -> Result<Option<ChallengeHolder>, AuthError> {
        let Some(presented) =
            token.and_then(|token| PresentedToken::parse(TokenKind::Login, token))
        else {
            return Ok(None);
        };
        let Some(account) = self.store.account(presented.user).await? else {
            return Ok(None);
        };
        let challenge = account.challenge(&presented.digest)?;
        let live = challenge.filter(|challenge| challenge.is_live(self.clock.now()));
        let usable = live.filter(|_| account.disabled_at.is_none());
        Ok(usable.map(|challenge| ChallengeHolder { account, challenge, client }))
    }
}

#[cfg(test)]
mod tests;

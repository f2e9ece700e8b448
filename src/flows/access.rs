//! Who is calling, and what that lets them do: a right to call is a type that only this file makes.

use super::Auth;
use super::error::AuthError;
use crate::crypto::token::PresentedToken;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::{Aal, Session};

/// The tokens that a request carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// Of an `Authorization: Bearer` header, which decides alone.
    pub bearer: Option<&'a str>,
    /// Of the session's cookie.
    pub session_cookie: Option<&'a str>,
    /// Of the login challenge's cookie.
    pub login_cookie: Option<&'a str>,
}

/// How a token travelled, and so how a new one is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In a cookie.
    Cookie,
    /// In an `Authorization` header.
    Bearer,
}

/// Who is calling.
pub enum Caller {
    /// Somebody without a live credential.
    Nobody,
    /// Somebody who gave a right password and owes the second factor.
    Challenge(ChallengeHolder),
    /// Somebody with a live session.
    Session(OpenSession),
}

/// A live login challenge.
pub struct ChallengeHolder {
    pub(super) account: Account,
    pub(super) challenge: LoginChallenge,
    pub(super) client: Client,
}

/// A live session, which may lack the second factor of an authenticator that was just switched on.
pub struct OpenSession {
    pub(super) account: Account,
    pub(super) session: Session,
    pub(super) carrier: Carrier,
    pub(super) client: Client,
}

/// A live session that proved every factor its account has.
pub struct SignedIn(pub(super) OpenSession);

/// A session whose authentication is younger than the operator's window: what sensitive calls take.
pub struct Fresh<S>(pub(super) S);

/// Somebody who may give a code.
pub enum Claimant {
    /// To a login challenge.
    Challenge(ChallengeHolder),
    /// Within a session of an account with an authenticator.
    Session(SignedIn),
}

impl OpenSession {
    /// The account that the session is of.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// How its token travelled.
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

    /// The session, for whoever needs nothing of its account.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.0.session
    }

    /// How many recovery codes of its account were not used yet.
    ///
    /// # Errors
    ///
    /// None that the caller causes.
    pub fn recovery_codes_left(&self) -> Result<usize, AuthError> {
        Ok(self.0.account.lists.recovery()?.len())
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
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] to nobody, [`AuthError::OtpRequired`] to a challenge.
    pub fn into_open_session(self) -> Result<OpenSession, AuthError> {
        match self {
            Self::Nobody => Err(AuthError::NotAuthenticated),
            Self::Challenge(_) => Err(AuthError::OtpRequired),
            Self::Session(session) => Ok(session),
        }
    }

    /// # Errors
    ///
    /// As above, and [`AuthError::OtpRequired`] to a session that lacks the second factor.
    pub fn into_signed_in(self) -> Result<SignedIn, AuthError> {
        self.into_open_session()?.into_signed_in()
    }

    /// # Errors
    ///
    /// [`AuthError::LoginExpired`] to nobody, [`AuthError::NoAuthenticator`] to a session whose
    /// account has none, [`AuthError::OtpRequired`] to a session that lacks the second factor.
    pub fn into_claimant(self) -> Result<Claimant, AuthError> {
        match self {
            Self::Nobody => Err(AuthError::LoginExpired),
            Self::Challenge(holder) => Ok(Claimant::Challenge(holder)),
            Self::Session(session) if !session.account.authenticator.is_enabled() => {
                Err(AuthError::NoAuthenticator)
            }
            Self::Session(session) => session.into_signed_in().map(Claimant::Session),
        }
    }
}

impl Claimant {
    /// The account that the code is for.
    #[must_use]
    pub fn account(&self) -> &Account {
        match self {
            Self::Challenge(holder) => &holder.account,
            Self::Session(signed_in) => &signed_in.0.account,
        }
    }
}

/// Whether a session was opened with less than its account asks for now: the state of the token that
/// switched an authenticator on by the Basic contract, until a first code was right.
pub(super) fn lacks_second_factor(account: &Account, session: &Session) -> bool {
    account.authenticator.is_enabled() && session.aal() < Aal::Two
}

impl Auth {
    /// Finds out who is calling. A `Bearer` header decides alone; else a live session's cookie
    /// does, else a live challenge's.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] for a `Bearer` header that carries no live session.
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
        Ok(challenge.map_or(Caller::Nobody, Caller::Challenge))
    }

    /// Asks for a fresh authentication.
    ///
    /// # Errors
    ///
    /// [`AuthError::ReauthenticationRequired`] where it is too old.
    pub fn require_fresh(&self, session: OpenSession) -> Result<Fresh<OpenSession>, AuthError> {
        let window = self.rules.reauth_window;
        if !session.session.is_fresh(window, self.clock.now()) {
            return Err(AuthError::ReauthenticationRequired);
        }
        Ok(Fresh(session))
    }

    /// Asks for a fresh authentication with every factor.
    ///
    /// # Errors
    ///
    /// [`AuthError::ReauthenticationRequired`] where it is too old.
    pub fn require_fresh_signed_in(&self, session: SignedIn) -> Result<Fresh<SignedIn>, AuthError> {
        self.require_fresh(session.0).map(|fresh| Fresh(SignedIn(fresh.0)))
    }

    async fn find_session(
        &self,
        token: Option<&str>,
        carrier: Carrier,
        client: &Client,
    ) -> Result<Option<OpenSession>, AuthError> {
        let Some(presented) = token.and_then(PresentedToken::parse) else {
            return Ok(None);
        };
        let Some(account) = self.store.account(presented.user).await? else {
            return Ok(None);
        };
        let Some(session) = self.live_session(&account, &presented.digest)? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if session.is_seen_due(now) {
            self.store.note_seen(&account, &session, now);
        }
        Ok(Some(OpenSession { account, session, carrier, client: client.clone() }))
    }

    async fn find_challenge(
        &self,
        token: Option<&str>,
        client: Client,
    ) -> Result<Option<ChallengeHolder>, AuthError> {
        let Some(presented) = token.and_then(PresentedToken::parse) else {
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

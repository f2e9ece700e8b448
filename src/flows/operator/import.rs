//! Importing the users of the tutorial's own database: passwords are hashed, secrets sealed and ids kept, so
//! that nobody has to register or set up an authenticator app again.

mod twins;

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use secrecy::ExposeSecret;

use super::Operator;
use crate::crypto::totp;
use crate::domain::authenticator::{Authenticator, Totp};
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind};
use crate::domain::ids::UserId;
use crate::domain::network::Network;
use crate::domain::password::Password;
use crate::domain::totp::{SharedSecret, TimeStep};
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{NewAccount, StoreError, TutorialUser, TutorialUsers};
use twins::Twins;

/// The outcome for one user of the source.
#[derive(Debug)]
pub struct Outcome {
    /// The user's `_id` in the source.
    pub id: String,
    /// The email address in the source.
    pub email: String,
    /// What was done.
    pub result: ImportResult,
}

/// What was done with a user of the source.
#[derive(Debug, PartialEq, Eq)]
pub enum ImportResult {
    /// Imported, or importable in a dry run; perhaps with a note.
    Imported(Option<&'static str>),
    /// Imported by an earlier run.
    AlreadyHere,
    /// Not imported, with the reason.
    Skipped(String),
}

/// A user of the source who can be imported.
struct Candidate {
    id: UserId,
    email: EmailAddress,
    /// The address as the source has it.
    email_given: String,
    name: DisplayName,
    password: Password,
    secret: Option<(SharedSecret, bool)>,
    created_at: Option<crate::domain::clock::Moment>,
    updated_at: Option<crate::domain::clock::Moment>,
    note: Option<&'static str>,
}

/// Hashes in progress for each hashing thread: one runs while the account for the other is written.
const HASHES_AHEAD: usize = 2;

impl Operator {
    /// Imports every user of `source` who can be imported, in the order of their ids, and reports each.
    /// Users whose addresses differ only by case or surrounding spaces are all refused, even if one of
    /// them is refused for another reason. An import can be repeated: accounts that exist stay unchanged.
    /// The source is never written to.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`], also if the source does not respond. Users imported by then stay.
    pub async fn import(
        &self,
        source: &TutorialUsers,
        is_dry_run: bool,
        mut report: impl FnMut(Outcome),
    ) -> Result<(), AuthError> {
        if !is_dry_run {
            self.auth.store.ensure_indexes().await?;
        }
        let twins = Twins::of(source).await?;
        let mut reader = source.read().await?;
        loop {
            let users = reader.next().await?;
            if users.is_empty() {
                return Ok(());
            }
            let candidates = self.candidates(users, &twins, &mut report).await?;
            let ahead = self.auth.hasher.threads() * HASHES_AHEAD;
            let mut imports = stream::iter(candidates)
                .map(|candidate| self.import_one(candidate, is_dry_run))
                .buffered(ahead);
            while let Some(outcome) = imports.next().await {
                report(outcome?);
            }
        }
    }

    /// The users of a batch who can be imported; reports the others.
    async fn candidates(
        &self,
        users: Vec<TutorialUser>,
        twins: &Twins,
        report: &mut impl FnMut(Outcome),
    ) -> Result<Vec<Candidate>, AuthError> {
        let mut candidates = Vec::with_capacity(users.len());
        for user in users {
            let (id, email) = (shown_id(&user), user.email.clone().unwrap_or_default());
            match Candidate::read(user) {
                Ok(candidate) => candidates.push(candidate),
                Err(why) => report(Outcome { id, email, result: ImportResult::Skipped(why) }),
            }
        }
        self.not_taken(candidates, twins, report).await
    }

    /// The users whose id and address are not those of an account, and whose address no other user has.
    async fn not_taken(
        &self,
        candidates: Vec<Candidate>,
        twins: &Twins,
        report: &mut impl FnMut(Outcome),
    ) -> Result<Vec<Candidate>, AuthError> {
        let ids: Vec<UserId> = candidates.iter().map(|candidate| candidate.id).collect();
        let addresses: Vec<&str> = candidates.iter().map(|one| one.email.as_str()).collect();
        let taken = self.auth.store.taken(&ids, &addresses).await?;
        let ids: HashSet<UserId> = taken.iter().map(|(id, _)| *id).collect();
        let addresses: HashSet<&str> = taken.iter().map(|(_, email)| email.as_str()).collect();
        let mut free = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            if ids.contains(&candidate.id) {
                report(candidate.outcome(ImportResult::AlreadyHere));
            } else if twins.have(&candidate.email) {
                report(candidate.outcome(ImportResult::Skipped(SHARED.to_owned())));
            } else if addresses.contains(candidate.email.as_str()) {
                report(candidate.outcome(ImportResult::Skipped(TAKEN.to_owned())));
            } else {
                free.push(candidate);
            }
        }
        Ok(free)
    }

    async fn import_one(
        &self,
        candidate: Candidate,
        is_dry_run: bool,
    ) -> Result<Outcome, AuthError> {
        let imported = ImportResult::Imported(candidate.note);
        if is_dry_run {
            return Ok(candidate.outcome(imported));
        }
        let account = self.auth.account_of(&candidate).await?;
        match self.auth.store.insert_account(account).await {
            // Someone registered the address after it was looked up.
            Err(StoreError::Duplicate) => {
                Ok(candidate.outcome(ImportResult::Skipped(TAKEN.to_owned())))
            }
            Err(error) => Err(error.into()),
            Ok(()) => {
                self.auth.record(candidate.id, EventKind::ImportedByOperator, Cause::Operator);
                Ok(candidate.outcome(imported))
            }
        }
    }
}

const SHARED: &str =
    "another user in the source has the same email address, ignoring case and spaces";
const TAKEN: &str = "another account has this email address";

impl Auth {
    async fn account_of(&self, candidate: &Candidate) -> Result<NewAccount, AuthError> {
        let password = self.hasher.hash(Network::NOWHERE, candidate.password.clone()).await?;
        let authenticator = match &candidate.secret {
            None => Authenticator::None,
            Some((secret, is_verified)) => {
                let secret = self.ring.seal(candidate.id, secret)?;
                let totp = Totp { secret, last_step: TimeStep::NONE, created_at: None };
                if *is_verified {
                    Authenticator::Confirmed(totp)
                } else {
                    Authenticator::Unconfirmed(totp)
                }
            }
        };
        let now = self.clock.now();
        Ok(NewAccount {
            id: candidate.id,
            email: candidate.email.clone(),
            name: candidate.name.clone(),
            password,
            authenticator,
            links: Vec::new(),
            network: None,
            created_at: candidate.created_at.unwrap_or(now),
            updated_at: candidate.updated_at.unwrap_or(now),
        })
    }
}

impl Candidate {
    /// Reads a user, or returns why they cannot be imported.
    fn read(user: TutorialUser) -> Result<Self, String> {
        let id = user.id.map_err(|_shown| "its _id is not an ObjectId".to_owned())?;
        let email_given = user.email.ok_or("the email address is missing")?;
        let email = EmailAddress::parse(&email_given)
            .map_err(|rule| format!("the email address is invalid: {}", rule.code))?;
        let password = user.password.ok_or("the password is missing or not a string")?;
        let password = Password::parse(password.expose_secret())
            .map_err(|rule| format!("the password is invalid: {}", rule.code))?;
        let is_enabled = user.enabled.ok_or("otp_enabled is not a boolean")?;
        let secret = match (is_enabled, &user.base32) {
            (false, _) => None,
            (true, None) => return Err("otp_enabled is true, but there is no secret".to_owned()),
            (true, Some(base32)) => {
                let secret = totp::read_base32(base32.expose_secret());
                Some(secret.ok_or("otp_enabled is true, but the secret is not valid")?)
            }
        };
        let (name, note) = match user.name.as_deref().map(DisplayName::parse) {
            Some(Ok(name)) => (name, None),
            _ => (
                DisplayName::of_address(&email),
                Some("the name is missing or invalid, so it was taken from the email address"),
            ),
        };
        Ok(Self {
            id,
            email,
            email_given,
            name,
            password,
            secret: secret.map(|secret| (secret, user.verified)),
            created_at: user.created_at,
            updated_at: user.updated_at.or(user.created_at),
            note,
        })
    }

    fn outcome(&self, result: ImportResult) -> Outcome {
        Outcome { id: self.id.to_string(), email: self.email_given.clone(), result }
    }
}

fn shown_id(user: &TutorialUser) -> String {
    match &user.id {
        Ok(id) => id.to_string(),
        Err(shown) => shown.clone(),
    }
}

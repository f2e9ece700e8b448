//! The sealing keys and the secrets that need them: which are missing, which are unused, and sealing
//! everything under the newest.

use std::collections::BTreeMap;

use crate::crypto::seal::KeyRing;
use crate::domain::authenticator::Sealed;
use crate::domain::ids::UserId;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::StoredSecret;

/// The result of a rotation.
#[derive(Debug, Default)]
pub struct Rotation {
    /// Secrets that were sealed again.
    pub resealed: u64,
    /// How many secrets are not sealed under the newest key, by the id of their key and the reason.
    pub left: BTreeMap<(String, Reason), u64>,
    /// Keys of the ring that no secret needs, except the newest.
    pub unused: Vec<String>,
    /// Whether it was interrupted. Then unused keys are not listed.
    pub interrupted: bool,
}

/// Why a secret was not sealed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It names no key; its id is [`DAMAGED`].
    Damaged,
    /// The ring lacks its key.
    KeyMissing,
    /// Its key does not open it.
    NotOpened,
    /// It changed during the rotation, which gave up or was interrupted. Another one can seal it.
    Changed,
}

/// Receives the progress of a rotation.
pub trait Progress {
    /// About how many accounts have secrets.
    fn begin(&mut self, accounts: u64);
    /// This many more accounts were checked.
    fn advance(&mut self, accounts: u64);
    /// Whether to stop after this batch.
    fn is_interrupted(&self) -> bool;
}

/// The id under which damaged secrets are counted.
pub const DAMAGED: &str = "?";

/// Rounds in a row whose secrets all change between their reading and their writing, before a rotation gives up.
const OVERTAKEN_ROUNDS: u32 = 10;

impl Auth {
    /// Logs every key that secrets are sealed under and that the ring lacks.
    pub(in crate::flows) async fn report_missing_keys(&self) {
        match self.missing_keys().await {
            Ok(missing) => missing.iter().for_each(report_missing_key),
            Err(error) => tracing::warn!(cause = %error, "cannot check the sealing keys"),
        }
    }

    /// Ids of the keys that secrets are sealed under and that the ring lacks, with the number of secrets.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`].
    async fn missing_keys(&self) -> Result<BTreeMap<String, u64>, AuthError> {
        let mut needed = self.keys_in_use().await?;
        let is_known = |id: &str| self.ring.ids().any(|known| known == id);
        needed.retain(|id, _| !is_known(id));
        Ok(needed)
    }

    /// Seals every secret that is under an older key again under the newest one, while the service
    /// runs. A secret is replaced only if it is still as it was read; one that has changed is left to
    /// the next round. Rounds continue until one finds nothing to replace, or until ten in a row replace nothing.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`]: secrets sealed again by then stay so. It can be repeated.
    pub(super) async fn rotate_keys(
        &self,
        progress: &mut impl Progress,
    ) -> Result<Rotation, AuthError> {
        let mut rotation = Rotation::default();
        progress.begin(self.store.count_accounts_with_secrets().await?);
        let mut overtaken = 0;
        while overtaken < OVERTAKEN_ROUNDS && !progress.is_interrupted() {
            let (found, resealed) = self.reseal_all(progress).await?;
            rotation.resealed += resealed;
            if found == 0 {
                break;
            }
            overtaken = if resealed == 0 { overtaken + 1 } else { 0 };
        }
        rotation.interrupted = progress.is_interrupted();
        let note = |secret: &StoredSecret| {
            if let Some(left) = self.reason_left(secret) {
                *rotation.left.entry(left).or_default() += 1;
            }
        };
        self.each_secret(note).await?;
        if !rotation.interrupted {
            let newest = self.ring.newest().unwrap_or_default();
            let is_needed = |id: &str| rotation.left.keys().any(|(needed, _)| needed == id);
            let unused = self.ring.ids().filter(|id| *id != newest && !is_needed(id));
            rotation.unused = unused.map(str::to_owned).collect();
        }
        Ok(rotation)
    }

    /// Seals every secret again once, and returns how many were under older keys and how many were replaced.
    async fn reseal_all(&self, progress: &mut impl Progress) -> Result<(usize, u64), AuthError> {
        let (mut found, mut resealed, mut after) = (0, 0, None);
        while let Some((secrets, last)) = self.store.secrets(after).await? {
            let renewed: Vec<_> = secrets.iter().filter_map(|secret| self.reseal(secret)).collect();
            found += renewed.len();
            for batch in renewed.chunks(500) {
                resealed += self.store.replace_secrets(batch).await?;
            }
            progress.advance(count_accounts(&secrets));
            after = Some(last);
            if progress.is_interrupted() {
                break;
            }
        }
        Ok((found, resealed))
    }

    /// The secret sealed under the newest key, if it was under an older key of the ring.
    fn reseal(&self, secret: &StoredSecret) -> Option<(StoredSecret, Sealed)> {
        if KeyRing::key_of(&secret.sealed) == self.ring.newest() {
            return None;
        }
        let opened = self.ring.open(secret.user, &secret.sealed).ok()?;
        let sealed = self.ring.seal(secret.user, &opened).ok()?;
        Some((secret.clone(), sealed))
    }

    /// The id of the secret's key and why it is not the newest; `None` if it is.
    fn reason_left(&self, secret: &StoredSecret) -> Option<(String, Reason)> {
        let Some(key) = KeyRing::key_of(&secret.sealed) else {
            return Some((DAMAGED.to_owned(), Reason::Damaged));
        };
        if self.ring.newest() == Some(key) {
            return None;
        }
        let reason = if !self.ring.ids().any(|known| known == key) {
            Reason::KeyMissing
        } else if self.ring.open(secret.user, &secret.sealed).is_err() {
            Reason::NotOpened
        } else {
            Reason::Changed
        };
        Some((key.to_owned(), reason))
    }

    /// How many secrets are sealed under each key.
    async fn keys_in_use(&self) -> Result<BTreeMap<String, u64>, AuthError> {
        let mut keys = BTreeMap::new();
        let note = |secret: &StoredSecret| {
            let id = KeyRing::key_of(&secret.sealed).unwrap_or(DAMAGED);
            *keys.entry(id.to_owned()).or_default() += 1;
        };
        self.each_secret(note).await?;
        Ok(keys)
    }

    async fn each_secret(&self, mut note: impl FnMut(&StoredSecret)) -> Result<(), AuthError> {
        let mut after = None;
        while let Some((secrets, last)) = self.store.secrets(after).await? {
            secrets.iter().for_each(&mut note);
            after = Some(last);
        }
        Ok(())
    }
}

fn count_accounts(secrets: &[StoredSecret]) -> u64 {
    let mut users: Vec<UserId> = secrets.iter().map(|secret| secret.user).collect();
    users.dedup();
    u64::try_from(users.len()).unwrap_or(u64::MAX)
}

fn report_missing_key((key, secrets): (&String, &u64)) {
    tracing::error!(key, secrets, "SEALING_KEYS lacks a key that stored secrets need");
}

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
    /// How many secrets are sealed under each key that is not the newest, by its id. Damaged ones are
    /// under [`DAMAGED`].
    pub left: BTreeMap<String, u64>,
    /// Keys of the ring that no secret needs, except the newest.
    pub unused: Vec<String>,
    /// Whether it was interrupted. Then unused keys are not listed.
    pub interrupted: bool,
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
    /// the next round. Rounds continue until one replaces nothing.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`]: secrets sealed again by then stay so. It can be repeated.
    pub async fn rotate_keys(&self, progress: &mut impl Progress) -> Result<Rotation, AuthError> {
        let mut rotation = Rotation::default();
        progress.begin(self.store.count_accounts_with_secrets().await?);
        loop {
            let resealed = self.reseal_all(progress).await?;
            rotation.resealed += resealed;
            if resealed == 0 || progress.is_interrupted() {
                break;
            }
        }
        rotation.interrupted = progress.is_interrupted();
        rotation.left = self.keys_in_use().await?;
        let newest = self.ring.newest().unwrap_or_default();
        rotation.left.remove(newest);
        if !rotation.interrupted {
            let is_unused = |id: &&str| *id != newest && !rotation.left.contains_key(*id);
            rotation.unused = self.ring.ids().filter(is_unused).map(str::to_owned).collect();
        }
        Ok(rotation)
    }

    async fn reseal_all(&self, progress: &mut impl Progress) -> Result<u64, AuthError> {
        let (mut resealed, mut after) = (0, None);
        while let Some((secrets, last)) = self.store.secrets(after).await? {
            let renewed: Vec<_> = secrets.iter().filter_map(|secret| self.reseal(secret)).collect();
            for batch in renewed.chunks(500) {
                resealed += self.store.replace_secrets(batch).await?;
            }
            progress.advance(count_accounts(&secrets));
            after = Some(last);
            if progress.is_interrupted() {
                break;
            }
        }
        Ok(resealed)
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

    /// How many secrets are sealed under each key.
    async fn keys_in_use(&self) -> Result<BTreeMap<String, u64>, AuthError> {
        let (mut keys, mut after) = (BTreeMap::new(), None);
        while let Some((secrets, last)) = self.store.secrets(after).await? {
            for secret in &secrets {
                let id = KeyRing::key_of(&secret.sealed).unwrap_or(DAMAGED);
                *keys.entry(id.to_owned()).or_default() += 1;
            }
            after = Some(last);
        }
        Ok(keys)
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

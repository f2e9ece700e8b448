//! The networks that an account knows.

use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::network::KnownNetwork;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::NetworkNote;

impl Auth {
    /// The site of a client, as an account stores it.
    pub(in crate::flows) fn network(&self, user: UserId, client: &Client) -> KnownNetwork {
        KnownNetwork { key: self.network_key(user, client), at: self.clock.now() }
    }

    /// Whether the account was registered from the client's site, or a sign-in was completed from it, in
    /// the last 30 days.
    pub(in crate::flows) fn knows_network(
        &self,
        account: &Account,
        client: &Client,
    ) -> Result<bool, AuthError> {
        let key = self.network_key(account.id, client);
        Ok(account.knows_network(&key, self.clock.now())?)
    }

    /// What a completed sign-in records about the network that it came from.
    pub(in crate::flows) fn network_note(
        &self,
        account: &Account,
        client: &Client,
    ) -> Result<NetworkNote, AuthError> {
        let KnownNetwork { key, at: now } = self.network(account.id, client);
        Ok(match account.network_seen_at(&key)? {
            None => NetworkNote::New(key, now),
            Some(at) if now - at < KnownNetwork::RECORD_EVERY => NetworkNote::Nothing,
            Some(_) => NetworkNote::Again(key, now),
        })
    }

    /// Records a sign-in from a network that the account did not know. Its first network is not new.
    pub(in crate::flows) fn record_new_network(
        &self,
        account: &Account,
        note: NetworkNote,
        client: &Client,
    ) -> Result<(), AuthError> {
        if matches!(note, NetworkNote::New(..)) && !account.networks()?.is_empty() {
            self.record(account.id, EventKind::NewNetwork, client);
        }
        Ok(())
    }

    fn network_key(&self, user: UserId, client: &Client) -> Digest {
        let (user, site) = (user.to_string(), client.site().to_string());
        self.digests.of("known network", &[&user, &site])
    }
}

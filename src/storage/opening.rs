//! A new session in the document of an account, and what a sign-in records beside it.

use bson::doc;

use super::devices::DeviceNote;
use super::document::{self, array};
use super::guarded_write::GuardedWrite;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::lists::Malformed;
use crate::domain::network::KnownNetwork;
use crate::domain::session::Session;

/// A new session, and what it replaces.
pub struct Opening {
    /// The session.
    pub session: Session,
    /// The session that it replaces, at the same position: one update cannot pull from and push to the same
    /// array.
    pub in_place_of: Option<Digest>,
    /// What to record about the network that the sign-in came from.
    pub network: NetworkNote,
    /// What it does to the trusted devices.
    pub device: DeviceNote,
}

/// What to record about a network.
#[derive(Clone, Copy, Debug)]
pub enum NetworkNote {
    /// Nothing: it was recorded recently, or no sign-in was completed.
    Nothing,
    /// A sign-in from an unknown network.
    New(Digest, Moment),
    /// Another sign-in from a known network.
    Again(Digest, Moment),
}

impl Opening {
    /// A session in the place of `old`.
    #[must_use]
    pub fn in_place_of(old: &Session, session: Session) -> Self {
        Self {
            session,
            in_place_of: Some(old.digest),
            network: NetworkNote::Nothing,
            device: DeviceNote::Nothing,
        }
    }
}

impl GuardedWrite {
    /// Opens a session. It replaces the one that `opening` names, or the least recently seen one if the list
    /// is full.
    pub(super) fn opening(self, account: &Account, opening: &Opening) -> Result<Self, Malformed> {
        let kind = opening.session.kind;
        let (name, session) = (array(kind), document::session(&opening.session));
        let displaced = match opening.in_place_of {
            None => account.displaced_session(kind)?,
            carried => carried,
        };
        let write = match displaced {
            Some(old) => self.replace(name, "digest", document::digest(&old), session),
            None => self.push(name, session, kind.limit()),
        };
        write.noting(account, opening.network)?.noting_device(account, &opening.device)
    }

    /// Records a network that a sign-in was completed from.
    pub(super) fn noting(self, account: &Account, network: NetworkNote) -> Result<Self, Malformed> {
        Ok(match network {
            NetworkNote::Nothing => self,
            NetworkNote::New(key, at) => {
                let known = document::network(&KnownNetwork { key, at });
                let write = match account.displaced_network()? {
                    Some(old) => self.replace("networks", "key", document::digest(&old), known),
                    None => self.push("networks", known, KnownNetwork::LIMIT),
                };
                // Of several logins at once from one new network, one records it.
                write.narrow("networks.key", doc! { "$ne": document::digest(&key) })
            }
            NetworkNote::Again(key, at) => self
                .set("networks.$[network].at", document::at(at))
                .each("network.key", document::digest(&key)),
        })
    }
}

//! Trusted devices in the document of an account.

use bson::{Bson, Document, doc};

use super::document::{at, digest};
use super::error::StoreError;
use super::fields::{self, BadField, Fields};
use super::guarded_write::GuardedWrite;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::device::{DeviceId, Presented, TrustedDevice};
use crate::domain::digest::Digest;
use crate::domain::lists::Malformed;

pub(super) const DEVICES: &str = "devices";

/// What a login does to the trusted devices.
#[derive(Clone, Debug)]
pub enum DeviceNote {
    /// Nothing.
    Nothing,
    /// The device that it comes from is trusted from now on.
    Trust(TrustedDevice),
    /// A trusted device presented its token and is given another one.
    Rotate(Rotation),
}

/// A token of a trusted device that was presented, and the one that the device is given.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The device.
    pub device: DeviceId,
    /// The digest of the presented token.
    pub presented: Digest,
    /// What presenting it means.
    pub is: Presented,
    /// The digest of the new token.
    pub next: Digest,
    /// When.
    pub at: Moment,
    /// The client's IP address.
    pub ip: String,
    /// The client's user agent.
    pub user_agent: String,
}

/// An element of `devices`.
fn document_of(device: &TrustedDevice) -> Document {
    let mut document = doc! {
        "id": device.id.as_str(),
        "unpresented": digests(&device.unpresented),
        "until": at(device.until),
        "created": at(device.created_at),
        "seen": at(device.last_seen_at),
        "ip": device.ip.as_str(),
        "user_agent": device.user_agent.as_str(),
    };
    if let Some(previous) = &device.previous {
        document.insert("previous", digest(previous));
    }
    document
}

fn digests(of: &[Digest]) -> Bson {
    Bson::Array(of.iter().map(|one| Bson::Binary(digest(one))).collect())
}

pub(super) fn read(fields: &Fields<'_>) -> Result<TrustedDevice, BadField> {
    let unpresented = fields.each("unpresented", fields::digest)?;
    Ok(TrustedDevice {
        id: DeviceId::new(fields.text("id")?),
        previous: fields.optional("previous", fields::digest)?,
        unpresented,
        until: fields.moment("until")?,
        created_at: fields.moment("created")?,
        last_seen_at: fields.moment("seen")?,
        ip: fields.text("ip")?.to_owned(),
        user_agent: fields.text("user_agent")?.to_owned(),
    })
}

impl GuardedWrite {
    /// Trusts a device, or gives one its next token.
    pub(super) fn noting_device(
        self,
        account: &Account,
        note: &DeviceNote,
    ) -> Result<Self, Malformed> {
        Ok(match note {
            DeviceNote::Nothing => self,
            DeviceNote::Trust(device) => match account.displaced_device()? {
                Some(old) => self.replace(DEVICES, "id", old.as_str(), document_of(device)),
                None => self.push(DEVICES, document_of(device), TrustedDevice::LIMIT),
            },
            DeviceNote::Rotate(rotation) => self.rotating_device(rotation),
        })
    }

    /// Trusts a device, in a write that ends all others.
    pub(super) fn trusting_only(self, note: &DeviceNote) -> Self {
        match note {
            DeviceNote::Trust(device) => self.set(DEVICES, vec![document_of(device)]),
            DeviceNote::Nothing | DeviceNote::Rotate(_) => self,
        }
    }

    fn rotating_device(self, rotation: &Rotation) -> Self {
        let Rotation { device, presented, is, next, at: now, ip, user_agent } = rotation;
        let field = |name: &str| format!("{DEVICES}.$[device].{name}");
        let write = match is {
            Presented::First => self
                .only_if(format!("{DEVICES}.unpresented"), digest(presented))
                .set(field("previous"), digest(presented))
                .set(field("unpresented"), digests(&[*next])),
            Presented::Again | Presented::Copied => self
                .only_if(format!("{DEVICES}.previous"), digest(presented))
                .push_newest(field("unpresented"), digest(next), TrustedDevice::UNPRESENTED),
        };
        write
            .set(field("seen"), at(*now))
            .set(field("ip"), ip.as_str())
            .set(field("user_agent"), user_agent.as_str())
            .each("device.id", device.as_str())
    }
}

impl Store {
    /// Removes a device, and returns whether it existed. This needs no other condition, because it can only
    /// revoke trust.
    pub async fn remove_device(
        &self,
        account: &Account,
        device: &DeviceId,
    ) -> Result<bool, StoreError> {
        self.pull_anywhere(account, DEVICES, doc! { "id": device.as_str() }).await
    }

    /// Removes every device.
    pub async fn remove_devices(&self, account: &Account) -> Result<bool, StoreError> {
        self.pull_anywhere(account, DEVICES, doc! { "id": { "$exists": true } }).await
    }
}

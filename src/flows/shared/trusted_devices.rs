//! Trusted devices at a login: recognized by their token, and given the next one.

use chrono::TimeDelta;

use crate::crypto::device_token::{DeviceToken, PresentedDevice};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::device::{Presented, TrustedDevice};
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{DeviceNote, Rotation};

/// A token that a trusted device is given. There is no `Debug`, so it cannot be logged.
#[derive(Clone)]
pub struct IssuedDevice {
    /// The token.
    pub token: DeviceToken,
    /// How long the device is trusted.
    pub remaining: TimeDelta,
}

/// A login of a trusted device.
pub(in crate::flows) struct Recognized {
    /// What the login writes.
    pub note: DeviceNote,
    /// What the device is given.
    pub issued: IssuedDevice,
}

impl Auth {
    /// Recognizes a trusted device by its token, once the password was right. A token of another account is
    /// ignored. One that the device may no longer present is a copy: the device is not trusted any more.
    pub(in crate::flows) async fn recognize(
        &self,
        account: &Account,
        token: Option<&str>,
        client: &Client,
    ) -> Result<Option<Recognized>, AuthError> {
        let now = self.clock.now();
        let presented = token.and_then(PresentedDevice::parse);
        let Some(presented) = presented.filter(|one| one.user == account.id) else {
            return Ok(None);
        };
        let devices = account.devices()?.into_iter();
        let mut named = devices.filter(|device| device.id == presented.id && device.is_live(now));
        let Some(device) = named.next().filter(|_| self.trusts_devices()) else {
            return Ok(None);
        };
        let is = device.presented(&presented.digest);
        if is == Presented::Copied {
            if self.store.remove_device(account, &device.id).await? {
                self.record(account.id, EventKind::DeviceTokenReused, client);
            }
            return Ok(None);
        }
        let token = presented.successor();
        let note = DeviceNote::Rotate(Rotation {
            device: device.id,
            presented: presented.digest,
            is,
            next: token.digest(),
            at: now,
            ip: client.address.to_string(),
            user_agent: client.user_agent.clone(),
        });
        let issued = IssuedDevice { token, remaining: device.until - now };
        Ok(Some(Recognized { note, issued }))
    }

    /// Trusts the device of a client from now on, if the operator allows that.
    pub(in crate::flows) fn trust(&self, user: UserId, client: &Client) -> Option<Recognized> {
        let (now, lifetime) = (self.clock.now(), self.rules.device_lifetime);
        if !self.trusts_devices() {
            return None;
        }
        let (id, token) = DeviceToken::of_new_device(user);
        let until: Moment = now + lifetime;
        let device = TrustedDevice::trust(id, token.digest(), until, client, now);
        let issued = IssuedDevice { token, remaining: lifetime };
        Some(Recognized { note: DeviceNote::Trust(device), issued })
    }

    fn trusts_devices(&self) -> bool {
        self.rules.device_lifetime > TimeDelta::zero()
    }
}

//! An account's trusted devices, listed and removed by their owner.

use super::Auth;
use super::access::{OpenSession, SignedIn};
use super::error::AuthError;
pub use super::shared::trusted_devices::IssuedDevice;
use crate::crypto::device_token::PresentedDevice;
use crate::domain::device::{DeviceId, TrustedDevice};
use crate::domain::event::EventKind;

/// A trusted device as its owner sees it.
pub struct DeviceView {
    /// The device.
    pub device: TrustedDevice,
    /// Whether the request came from it.
    pub is_current: bool,
}

impl Auth {
    /// The devices that are trusted, last used first. `token` is that of the device that asks, if it has one.
    pub fn trusted_devices(
        &self,
        caller: &SignedIn,
        token: Option<&str>,
    ) -> Result<Vec<DeviceView>, AuthError> {
        let (account, now) = (&caller.0.account, self.clock.now());
        let current = token.and_then(PresentedDevice::parse);
        let is_current = |device: &TrustedDevice| {
            current.as_ref().is_some_and(|one| one.user == account.id && one.id == device.id)
        };
        let live = account.devices()?.into_iter().filter(|device| device.is_live(now));
        let mut views: Vec<_> =
            live.map(|device| DeviceView { is_current: is_current(&device), device }).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.device.last_seen_at));
        Ok(views)
    }

    /// Removes a device: the next login on it needs a second factor.
    ///
    /// # Errors
    ///
    /// [`AuthError::DeviceNotFound`].
    pub async fn remove_device(&self, caller: &SignedIn, id: &DeviceId) -> Result<(), AuthError> {
        let OpenSession { account, client, .. } = &caller.0;
        if !self.store.remove_device(account, id).await? {
            return Err(AuthError::DeviceNotFound);
        }
        self.record(account.id, EventKind::DeviceRemoved, client);
        Ok(())
    }

    /// Removes every device.
    pub async fn remove_devices(&self, caller: &SignedIn) -> Result<(), AuthError> {
        let OpenSession { account, client, .. } = &caller.0;
        if self.store.remove_devices(account).await? {
            self.record(account.id, EventKind::DeviceRemoved, client);
        }
        Ok(())
    }
}

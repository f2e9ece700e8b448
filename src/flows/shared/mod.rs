//! What several use cases share.

pub mod access;
pub(super) mod charges;
pub mod counting;
pub mod event_log;
pub(super) mod first_factor;
pub(super) mod grant;
pub(super) mod live_session;
mod networks;
mod passkey_factor;
pub(super) mod passkeys;
mod recording;
pub(super) mod retry;
pub(super) mod screening;
pub(super) mod second_factor;
mod session_tries;
mod throttling;
pub mod trusted_devices;

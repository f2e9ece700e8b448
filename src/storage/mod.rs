//! MongoDB: the connection, and guarded writes with a file for each part of the account's document.
//!
//! A rule that must hold when requests race is the filter of one write. A write depends on an earlier read
//! only through its filter. BSON is used in this layer only.
//!
//! Every operation fails with [`StoreError::Unavailable`] or [`StoreError::Refused`] if the database doesn't
//! do what was asked, and with [`StoreError::Malformed`] if a document doesn't have the expected shape.
//! Functions document other errors only.

mod accounts;
mod authenticator;
mod coalesced_reads;
mod connection_string;
mod database_check;
mod devices;
mod document;
mod error;
mod events;
mod factors;
mod fields;
#[cfg(fuzzing)]
pub mod fuzzing;
mod grouped_writes;
mod guard;
mod guarded_write;
mod indexes;
mod lists;
mod mail;
mod numbered_commands;
mod opening;
mod operator;
mod passkey_changes;
mod passkey_sign_in;
mod passkeys;
mod persistence;
mod pool_events;
mod reading;
mod secrets;
mod sessions;
mod settings;
mod store;
#[cfg(test)]
mod testing;
mod throttles;
mod tutorial;

pub use accounts::{NewAccount, new_user_id};
pub use authenticator::Enrolled;
pub use connection_string::check as check_connection_string;
pub use database_check::DatabaseFault;
pub use devices::{DeviceNote, Rotation};
pub use error::StoreError;
pub use mail::{OutboxCount, Removal, Taken};
pub use opening::{NetworkNote, Opening};
pub use operator::{AccountFilter, FactorReset};
pub use passkey_changes::FirstFactor;
pub use passkey_sign_in::SignInPasskey;
pub use persistence::persist;
pub use secrets::StoredSecret;
pub use sessions::Carried;
pub use settings::StoreSettings;
pub use store::{SharedState, Store};
pub use throttles::{Admission, Charged, Counting, ThrottleKey};
pub use tutorial::{TutorialUser, TutorialUsers};

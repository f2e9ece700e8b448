//! MongoDB: connecting, and guarded writes, a file for each concern of the account's document.
//!
//! A rule that must hold when requests race is the filter of one write; no write here depends on
//! something read before it other than through its filter. BSON shapes stay inside this layer.

mod accounts;
mod authenticator;
mod codes;
mod connection_string;
mod document;
mod error;
mod events;
mod fields;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guarded_write;
mod indexes;
mod lists;
mod operator;
mod persistence;
mod reading;
mod secrets;
mod sessions;
mod settings;
mod store;
mod throttles;
mod tutorial;

pub use accounts::{NewAccount, new_user_id};
pub use authenticator::Binding;
pub use codes::FactorTarget;
pub use connection_string::check as check_connection_string;
pub use error::StoreError;
pub use operator::AccountFilter;
pub use persistence::persist;
pub use secrets::StoredSecret;
pub use sessions::{Carried, NetworkNote, Opening};
pub use settings::StoreSettings;
pub use store::Store;
pub use throttles::{Admission, Charged, ThrottleKey};
pub use tutorial::{TutorialUser, TutorialUsers};

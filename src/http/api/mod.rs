//! The JSON API under `/api/auth`, one call in each file.

pub mod delete_account;
pub mod devices;
pub mod email;
pub mod events;
pub mod forward;
mod link_token;
pub mod log_in;
pub mod log_out;
pub mod me;
pub mod otp;
pub mod passkeys;
pub mod password;
pub mod reauthenticate;
pub mod register;
pub mod secure;
pub mod sessions;
pub mod token;

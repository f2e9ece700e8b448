//! The JSON API under `/api/auth`, one call in each file.

pub mod change_password;
pub mod delete_account;
pub mod events;
pub mod log_in;
pub mod log_out;
pub mod me;
pub mod otp;
pub mod reauthenticate;
pub mod register;
pub mod sessions;

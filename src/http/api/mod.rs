//! The JSON contract under `/api`.

pub mod account;
pub mod events;
pub mod login;
pub mod otp;
pub mod recovery_codes;
pub mod registration;
pub mod session;

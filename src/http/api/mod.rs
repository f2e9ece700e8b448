//! The JSON contract under `/api`.

pub mod login;
pub mod otp;
pub mod registration;
pub mod session;
mod views;

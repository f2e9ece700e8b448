//! The Basic → Bearer API under `/auth`, and `/whoami`, one call in each file.

pub mod credentials;
pub mod enable_otp;
pub mod qr;
pub mod whoami;

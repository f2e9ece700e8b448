//! Values and rules: no I/O, no framework, no system clock (the time is passed in).

pub mod account;
pub mod audience;
pub mod authenticator;
pub mod client;
pub mod clock;
pub mod device;
pub mod digest;
pub mod display_name;
pub mod email;
pub mod event;
pub mod event_page;
pub mod ids;
pub mod invalid;
pub mod lists;
pub mod login_challenge;
pub mod mail;
pub mod network;
pub mod notice;
pub mod passkey;
pub mod password;
pub mod recovery_code;
pub mod second_factor;
pub mod session;
mod short_name;
pub mod throttle;
pub mod totp;
pub mod wait;

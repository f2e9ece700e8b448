//! Twofold: two-factor authentication as a service, on Actix-web and MongoDB.
//!
//! ```text
//! main -> cli -> app -> http -> flows -> domain
//!          |             |       |--> crypto  -> domain
//!          |             |       `--> storage -> domain
//!          `-------------`--> views -> flows, domain
//! config -> domain      telemetry -> config
//! ```
//!
//! One account is one document, and every security rule is the filter of one guarded write of it.

pub mod app;
pub mod cli;
pub mod config;
mod crypto;
mod domain;
mod flows;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
mod storage;
pub mod telemetry;
mod views;

pub use domain::clock::{Clock, Moment};

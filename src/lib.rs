//! Twofold: two-factor authentication as a service, on Actix-web and MongoDB.
//!
//! Each layer uses these layers, and no others:
//!
//! ```text
//! main      -> cli
//! cli       -> app, flows, mail, breaches, views, config, telemetry, domain
//! app       -> http, flows, mail, crypto, storage, breaches, metrics, config, domain
//! http      -> flows, views, metrics, config, domain
//! views     -> flows, domain
//! flows     -> crypto, storage, breaches, mail, metrics, domain
//! crypto    -> metrics, domain
//! storage   -> metrics, domain
//! mail      -> domain
//! breaches  -> domain
//! metrics   -> domain
//! telemetry -> config
//! config    -> domain
//! domain    -> nothing
//! ```
//!
//! One account is one document, and every security rule is the filter of one guarded write of it.

pub mod app;
mod breaches;
pub mod cli;
pub mod config;
mod crypto;
mod domain;
mod flows;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
pub mod mail;
mod metrics;
mod storage;
pub mod telemetry;
mod views;

pub use domain::clock::{Clock, Moment};

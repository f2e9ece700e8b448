//! The whole service, as its clients meet it: a real server, a real database, a clock that is moved.
//!
//! One binary for all, so that there is one link and one `mongod` a run.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a failed helper is a failed test"
)]

mod harness;

mod absences;
mod access_table;
mod account;
mod bad_input;
mod basic_contract;
mod brand;
mod breached_passwords;
mod clock_jumps;
mod connections;
mod cookies;
mod cors_and_origin;
mod credentials;
mod devices;
mod documentation;
mod earlier_documents;
mod email;
mod enrolment;
mod events;
mod guards;
mod guesses;
mod hashing;
mod headers;
mod lifetimes;
mod login;
mod mail;
mod metrics;
mod monitoring;
mod openapi;
mod operator;
mod overtaken;
mod pages;
mod passkeys;
mod password_rules;
mod passwords;
mod process;
mod races;
mod recovery_codes;
mod registration;
mod secrets;
mod sessions;
mod settings;
mod slow_bodies;
mod stopping;
mod strangers;
mod suite;
mod tokens;
mod unhealthy_database;

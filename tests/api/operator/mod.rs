//! The operator at the command line.

mod check_config;
mod confirmation;
mod create;
mod generated;
mod import;
mod import_source;
mod keys;
mod listing;
mod passwords;
mod role;
mod users;

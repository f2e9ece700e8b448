//! The operator at the command line.

mod import;
mod import_source;
mod keys;
mod users;

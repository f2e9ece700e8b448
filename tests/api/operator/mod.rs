//! The operator at the command line.

mod import;
mod keys;
mod users;

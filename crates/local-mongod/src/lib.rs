//! A real `mongod` for development, tests and benchmarks.
//!
//! This crate finds, fetches, starts and stops a `mongod`. The service does not depend on it.
//!
//! ```no_run
//! use local_mongod::{Error, Mongod};
//!
//! # async fn example() -> Result<(), Error> {
//! let mut mongod = Mongod::temporary("target").root_user("admin", "password123").start().await?;
//! let uri = mongod.uri();
//! mongod.stop().await?; // the database is down…
//! mongod.start().await?; // … and up again, at the same address, with its data
//! # Ok(())
//! # }
//! ```
//!
//! No `mongod` outlives the process that started it, even when that process is killed.

mod ask;
mod builder;
mod database;
mod error;
mod fetch;
mod find;
mod folder;
mod leash;
mod mongod;
mod package;
mod replica_set;
mod stopped;
mod trial;
mod uri;

pub use self::{
    ask::{Answer, ask},
    builder::Builder,
    error::Error,
    find::find,
    mongod::Mongod,
    replica_set::ReplicaSet,
};

//! Proves that the service keeps its promises while its parts fail: `mongod`s are killed, paused, cut off, slow and
//! out of disk space, instances of the service are killed and restarted, and clients send nonsense.
//!
//! Clients note every answer in a [`ledger::Ledger`], which is compared with the service afterwards.
//! `docs/reliability.md` has the results of the last recorded run.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test in several files: a failed helper is a failed run"
)]

pub mod balancer;
pub mod chaos;
pub mod client;
pub mod cluster;
pub mod dice;
pub mod instances;
pub mod ledger;
pub mod mailbox;
pub mod malformed;
pub mod person;
pub mod process;
pub mod proxy;
pub mod report;
pub mod settle;
pub mod soak;
pub mod traffic;

pub use machine::Machine;

#[expect(dead_code, reason = "the benchmark uses all of it")]
#[path = "../../bench/src/fault.rs"]
mod fault;
#[expect(dead_code, reason = "the benchmark uses all of it")]
#[path = "../../bench/src/machine.rs"]
mod machine;

#[path = "../../tests/api/harness/authenticator.rs"]
mod authenticator;
#[expect(dead_code, reason = "the tests of mail use all of it")]
#[expect(clippy::panic, reason = "a missing link fails the run")]
#[path = "../../tests/api/harness/received.rs"]
mod received;

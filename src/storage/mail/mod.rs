//! The links of an account, a pending change of its address, and the outbox.

mod change;
mod document;
mod links;
mod outbox;
mod repair;

pub(super) use document::{SECURE_PASSKEY, links, path, read};
pub use outbox::{OutboxCount, Taken};
pub use repair::Removal;

//! One `mongod` for the run, a database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use local_mongod::Mongod;
use tokio::sync::OnceCell;

static MONGOD: OnceCell<Mongod> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The connection string of the run's `mongod`, which ends with the process.
pub async fn url() -> String {
    let start = || async { Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap() };
    MONGOD.get_or_init(start).await.uri()
}

/// A name that no other test of the run uses.
pub fn fresh_name() -> String {
    format!("twofold_{}", DATABASES.fetch_add(1, Ordering::Relaxed))
}

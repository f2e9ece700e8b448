//! One `mongod` for the run, a database for each test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use local_mongod::Mongod;
use mongodb::Client;
use mongodb::options::ClientOptions;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::OnceCell;

static MONGOD: OnceCell<Mongod> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The connection string of the run's `mongod`, which ends with the process.
pub async fn url() -> String {
    let start = || async {
        allow_many_files();
        Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap()
    };
    MONGOD.get_or_init(start).await.uri()
}

/// Services, their workers and clients run in this process, as many as the machine has cores: with
/// their sockets they need more than the usual soft limit of 1024 descriptors.
fn allow_many_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit { current: maximum, maximum };
    let _as_before = setrlimit(Resource::Nofile, raised);
}

/// The database of one test. It is dropped when the test and all of its services have ended,
/// whatever the outcome: `mongod` has files open for each collection and index.
pub struct Database {
    pub url: String,
    pub name: String,
}

impl Database {
    /// A database that no other test of the run uses.
    pub fn fresh(url: &str) -> Self {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        Self { url: url.to_owned(), name: format!("twofold_{number}") }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (url, name) = (self.url.clone(), self.name.clone());
        // On a thread of its own, which the test does not wait for: this may be an async context.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let dropping = async { tokio::time::timeout(TIME_TO_DROP, remove(&url, &name)).await };
            // Nothing is left to drop where a test's own mongod has ended before.
            let _gone = runtime.block_on(dropping);
            std::io::Result::Ok(())
        });
    }
}

const TIME_TO_DROP: Duration = Duration::from_secs(20);

/// Drops the database of this name and those that a test made beside it.
async fn remove(url: &str, name: &str) -> mongodb::error::Result<()> {
    let mut options = ClientOptions::parse(url).await?;
    options.server_selection_timeout = Some(Duration::from_secs(2));
    let client = Client::with_options(options)?;
    let beside = format!("{name}_");
    for found in client.list_database_names().await? {
        if found == name || found.starts_with(&beside) {
            client.database(&found).drop().await?;
        }
    }
    Ok(())
}

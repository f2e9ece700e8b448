//! What every measurement stands on: a `mongod` of the run's own, the service's program, a generator.

use std::path::PathBuf;
use std::time::Duration;

use bson::{Document, doc};
use local_mongod::Mongod;
use mongodb::{Client, Database};

use crate::child::{Generator, Server};
use crate::fault::{Result, fault};
use crate::limit::spec::{Fixed, Spec, Task};
use crate::machine::{self, Machine};
use crate::seed::secret;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's program.
    pub service: PathBuf,
    /// Rounds of each side.
    pub rounds: u32,
    /// How long a round lasts.
    pub round: Duration,
    /// A folder for what the run needs meanwhile.
    pub folder: PathBuf,
    /// Accounts of the large database.
    pub million: u64,
    /// The tutorial's service.
    pub tutorial: Option<PathBuf>,
}

/// The stage.
pub struct Stage {
    /// How the run is made.
    pub settings: Settings,
    /// Sends the load.
    pub generator: Generator,
    /// `mongod`'s process.
    pub mongod_pid: u32,
    mongod: Mongod,
    client: Client,
    version: String,
}

impl Stage {
    /// Starts everything.
    pub async fn set(settings: Settings) -> Result<Self> {
        let mongod = Mongod::temporary(&settings.folder).start().await?;
        let client = Client::with_uri_str(mongod.uri()).await?;
        let admin = client.database("admin");
        let status = admin.run_command(doc! { "serverStatus": 1, "metrics": 0 }).await?;
        let pid = status.get_i64("pid").or_else(|_| status.get_i32("pid").map(i64::from))?;
        // What a mongod takes by itself: half of the memory but for a GiB. The one of tests has less.
        let cache = (machine::memory_mib().saturating_sub(1024) / 2).clamp(256, 8192);
        let cache = format!("cache_size={cache}M");
        admin
            .run_command(doc! { "setParameter": 1, "wiredTigerEngineRuntimeConfig": cache })
            .await?;
        Ok(Self {
            generator: Generator::start()?,
            mongod_pid: u32::try_from(pid)?,
            version: status.get_str("version")?.to_owned(),
            mongod,
            client,
            settings,
        })
    }

    /// The machine and the versions.
    pub fn machine(&self) -> Result<Machine> {
        Machine::here(self.version.clone(), &self.settings.service.display().to_string())
    }

    /// The connection string of the run's `mongod`.
    pub fn uri(&self) -> String {
        self.mongod.uri()
    }

    /// A database of the run's `mongod`.
    pub fn database(&self, name: &str) -> Database {
        self.client.database(name)
    }

    /// Starts the service on a database: development's settings, so that its limits on guessing a
    /// network has to itself do not end the load, and the whole hashing queue for this one client.
    pub async fn service(&self, database: &str) -> Result<Server> {
        self.service_with(database, Vec::new()).await
    }

    /// The same with more settings.
    pub async fn service_with(&self, database: &str, more: Vec<(&str, String)>) -> Result<Server> {
        let mut settings = vec![
            ("APP_ENV", "development".to_owned()),
            ("DATABASE_URL", self.mongod.uri()),
            ("MONGO_INITDB_DATABASE", database.to_owned()),
            ("SEALING_KEYS", secret::sealing_keys()),
            ("HASH_QUEUE_SHARE", "100".to_owned()),
            ("MAIL_FOLDER", "off".to_owned()),
        ];
        settings.extend(more);
        Server::service(&self.settings.service, &settings).await
    }

    /// Starts a limit on a database.
    pub async fn limit(
        &self,
        database: &str,
        path: &str,
        (task, answer): (Task, Fixed),
    ) -> Result<Server> {
        let spec = Spec {
            uri: self.mongod.uri(),
            database: database.to_owned(),
            workers: machine::cores(),
            path: path.to_owned(),
            task,
            answer,
        };
        Server::limit(&spec, &self.settings.folder).await
    }

    /// What the run's own processes are, beside the given ones.
    pub fn ours(&self, others: &[u32]) -> Vec<u32> {
        let mut ours = vec![self.mongod_pid, self.generator.pid, std::process::id()];
        ours.extend_from_slice(others);
        ours
    }

    /// Ends the databases of a measurement that is over.
    pub async fn clear(&self, names: &[&str]) -> Result<()> {
        for name in names {
            self.database(name).drop().await?;
        }
        Ok(())
    }

    /// One document of a collection, for checks of what was seeded.
    pub async fn one(&self, database: &str, collection: &str) -> Result<Document> {
        let found = self.database(database).collection(collection).find_one(doc! {}).await?;
        found.ok_or_else(|| fault(format!("{database}.{collection} is empty")))
    }
}

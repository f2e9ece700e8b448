//! A database command that is held back, so that a test can act between a flow's read and its write.

use bson::doc;
use local_mongod::Mongod;
use mongodb::{Client, Database};

/// The next command of one name that the service sends; the database holds it for a second.
pub struct HeldWrite {
    admin: Database,
    entered_before: i32,
}

impl HeldWrite {
    /// Starts a `mongod` that can hold commands back.
    pub async fn mongod() -> Mongod {
        let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"));
        mongod.parameter("enableTestCommands=1").start().await.unwrap()
    }

    /// Holds back the next command of this name, less long than the service waits for one.
    pub async fn next(database_url: &str, command: &str) -> Self {
        let admin = Client::with_uri_str(database_url).await.unwrap().database("admin");
        let fail_point = doc! {
            "configureFailPoint": "failCommand",
            "mode": { "times": 1 },
            "data": {
                "failCommands": [command],
                "appName": "twofold",
                "blockConnection": true,
                "blockTimeMS": 1_000,
            },
        };
        let configured = admin.run_command(fail_point).await.unwrap();
        let entered_before = configured.get_i32("count").unwrap();
        Self { admin, entered_before }
    }

    /// Waits until the command has arrived: what the service read before it is read by now.
    pub async fn until_held(&self) {
        let wait = doc! {
            "waitForFailPoint": "failCommand",
            "timesEntered": self.entered_before + 1,
            "maxTimeMS": 30_000,
        };
        self.admin.run_command(wait).await.unwrap();
    }
}

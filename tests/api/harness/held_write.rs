//! A database command that is held back, so that a test can act between a flow's read and its write.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use local_mongod::Mongod;
use mongodb::{Client, Database};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::app::TestApp;
use super::wait::until;

/// How long the database holds a command: not as long as the service waits for it.
const HELD: Duration = Duration::from_secs(1);

/// The next commands of one name that the service sends, which the database holds for a second or refuses.
pub struct HeldWrite {
    admin: Database,
    entered: i32,
    since: Instant,
    /// How long it is before the database goes on, for certain.
    held: Duration,
}

impl HeldWrite {
    /// Starts a `mongod` that can hold commands back.
    pub async fn mongod() -> Mongod {
        let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"));
        mongod.parameter("enableTestCommands=1").start().await.unwrap()
    }

    /// A service with such a `mongod` of its own.
    pub async fn app() -> (Mongod, TestApp) {
        let mongod = Self::mongod().await;
        let app = TestApp::on(&mongod.uri(), []).await;
        (mongod, app)
    }

    /// Holds back the next command of this name.
    pub async fn next(database_url: &str, command: &str) -> Self {
        Self::next_of(database_url, command, 1).await
    }

    /// Holds back this many commands of this name.
    pub async fn next_of(database_url: &str, command: &str, count: i32) -> Self {
        Self::hold(database_url, command, doc! { "times": count }, count).await
    }

    /// Holds back this many commands of this name on accounts.
    pub async fn on_users(app: &TestApp, command: &str, count: i32) -> Self {
        let on = doc! { "namespace": format!("{}.users", app.database_name) };
        let mode = doc! { "times": count };
        Self::configure(&app.database_url, command, mode, held(on), count).await
    }

    /// Holds back the `n`th command of this name on a collection of the service, and each one before it: they come
    /// one after the other. Later ones are not held.
    pub async fn nth(app: &TestApp, (collection, command): (&str, &str), n: i32) -> Self {
        let on = doc! { "namespace": format!("{}.{collection}", app.database_name) };
        let (mode, effect) = (doc! { "times": n }, held(on));
        let first = Self::configure(&app.database_url, command, mode, effect, n).await;
        Self { held: HELD * u32::try_from(n).unwrap(), ..first }
    }

    /// Holds back every command of this name but the first.
    pub async fn all_but_first(database_url: &str, command: &str) -> Self {
        Self::hold(database_url, command, doc! { "skip": 1 }, 1).await
    }

    /// Refuses every command of this name but the first, as a database that is failing.
    pub async fn refusing_all_but_first(database_url: &str, command: &str) -> Self {
        const INTERNAL_ERROR: i32 = 1;
        let refusal = doc! { "errorCode": INTERNAL_ERROR };
        Self::configure(database_url, command, doc! { "skip": 1 }, refusal, 1).await
    }

    /// Has the next command of this name on a collection of the service fail, in the way that the fail point describes.
    pub async fn failing(
        app: &TestApp,
        (collection, command): (&str, &str),
        how: Document,
    ) -> Self {
        let mut effect = doc! { "namespace": format!("{}.{collection}", app.database_name) };
        effect.extend(how);
        Self::configure(&app.database_url, command, doc! { "times": 1 }, effect, 1).await
    }

    async fn hold(database_url: &str, command: &str, mode: Document, count: i32) -> Self {
        Self::configure(database_url, command, mode, held(Document::new()), count).await
    }

    async fn configure(
        database_url: &str,
        command: &str,
        mode: Document,
        effect: Document,
        count: i32,
    ) -> Self {
        let mut data = doc! { "failCommands": [command], "appName": "twofold" };
        data.extend(effect);
        let admin = Client::with_uri_str(database_url).await.unwrap().database("admin");
        let fail_point = doc! {
            "configureFailPoint": "failCommand",
            "mode": mode,
            "data": data,
        };
        let since = Instant::now();
        let configured = admin.run_command(fail_point).await.unwrap();
        let entered = configured.get_i32("count").unwrap() + count;
        Self { admin, entered, since, held: HELD }
    }

    /// Waits until the commands have arrived: what the service read before them is read by now.
    pub async fn until_held(&self) {
        let wait = doc! {
            "waitForFailPoint": "failCommand",
            "timesEntered": self.entered,
            "maxTimeMS": 30_000,
        };
        self.admin.run_command(wait).await.unwrap();
    }

    /// Whether the command is held back still, for certain.
    pub fn is_held(&self) -> bool {
        self.since.elapsed() < self.held
    }

    /// The answer to the call whose command was held back until now; `None` where the machine was so
    /// slow that the database may have gone on before.
    pub async fn answer(&self, calling: JoinHandle<Answer>) -> Option<Answer> {
        let is_held = self.is_held();
        let answer = calling.await.unwrap();
        (is_held && answer.status != 503).then_some(answer)
    }

    /// Sends a call whose command is held back, and does something meanwhile.
    pub async fn around(
        &self,
        call: impl Future<Output = Answer> + Send + 'static,
        act: impl AsyncFnOnce(),
    ) -> Option<Answer> {
        let calling = tokio::spawn(call);
        self.until_held().await;
        act().await;
        self.answer(calling).await
    }

    /// Waits until the service has no write under way: what was held is written, or matched nothing.
    pub async fn until_done(&self) {
        let is_command = |name: &str| doc! { name: { "$exists": true } };
        let (updates, deletes) = (is_command("command.update"), is_command("command.delete"));
        let is_update = doc! { "$or": [{ "op": "update" }, updates, deletes] };
        let of_service = doc! { "appName": "twofold", "active": true, "$and": [is_update] };
        let under_way = [doc! { "$currentOp": {} }, doc! { "$match": of_service }];
        until("the held write is done", async || {
            let mut found = self.admin.aggregate(under_way.clone()).await.unwrap();
            !found.advance().await.unwrap()
        })
        .await;
    }

    /// Holds back and refuses nothing more.
    pub async fn release(&self) {
        let off = doc! { "configureFailPoint": "failCommand", "mode": "off" };
        self.admin.run_command(off).await.unwrap();
    }
}

/// What a fail point does that holds commands back.
fn held(mut which: Document) -> Document {
    let milliseconds = i64::try_from(HELD.as_millis()).unwrap();
    which.extend(doc! { "blockConnection": true, "blockTimeMS": milliseconds });
    which
}

/// Sends a call, and does something while its command on `users` is held back. The answer, or `None` where the machine
/// was so slow that the database may have gone on before.
pub async fn overtaken(
    app: &TestApp,
    command: &str,
    call: impl Future<Output = Answer> + Send + 'static,
    act: impl AsyncFnOnce(),
) -> Option<Answer> {
    let write = HeldWrite::nth(app, ("users", command), 1).await;
    write.around(call, act).await
}

/// Finds of accounts that the database has executed, and whose replies it holds back.
pub struct HeldFinds {
    admin: Database,
    entered: i32,
}

impl HeldFinds {
    const FAIL_POINT: &str = "waitAfterCommandFinishesExecution";

    /// Holds back the reply to every find of the service from now on.
    pub async fn begin(app: &TestApp) -> Self {
        let admin = Client::with_uri_str(&app.database_url).await.unwrap().database("admin");
        let users = format!("{}.users", app.database_name);
        let fail_point = doc! {
            "configureFailPoint": Self::FAIL_POINT,
            "mode": "alwaysOn",
            "data": { "ns": users, "commands": ["find"] },
        };
        let configured = admin.run_command(fail_point).await.unwrap();
        Self { admin, entered: configured.get_i32("count").unwrap() + 1 }
    }

    /// Waits until a find was executed.
    pub async fn until_held(&self) {
        let wait = doc! {
            "waitForFailPoint": Self::FAIL_POINT,
            "timesEntered": self.entered,
            "maxTimeMS": 30_000,
        };
        self.admin.run_command(wait).await.unwrap();
    }

    /// Lets the replies go.
    pub async fn release(self) {
        let off = doc! { "configureFailPoint": Self::FAIL_POINT, "mode": "off" };
        self.admin.run_command(off).await.unwrap();
    }
}

/// Runs a scenario again, with a number of its own, until what it does while a command is held is in time.
pub async fn until_in_time(scenario: impl AsyncFn(usize) -> Option<()>) {
    for attempt in 0..30 {
        if scenario(attempt).await.is_some() {
            return;
        }
    }
    panic!("the machine is too slow to do anything while a command is held for {HELD:?}");
}

//! An application as production starts it, with a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use bson::Document;
use chrono::TimeDelta;
use mongodb::{Client, Collection};
use tokio::sync::{OnceCell, mpsc, oneshot};
use twofold::app::Application;
use twofold::config::{Config, Environment};
use twofold::{Clock, Moment};

use super::browser::{Browser, Call};
use super::database::{self, Database};
use super::person::Person;
use super::wait::{self, until, until_within, within};

/// A running service with a database of its own.
pub struct TestApp {
    pub port: u16,
    pub clock: Clock,
    pub database_url: String,
    pub database_name: String,
    database: Arc<Database>,
    client: OnceCell<Client>,
    /// The service stops when this is dropped.
    _stop: mpsc::Sender<()>,
}

/// Fixed, so that codes and waits are the same in every run: the middle of a time step.
const START: i64 = 1_800_000_015;

impl TestApp {
    pub const SEALING_KEYS: &str = "test:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=";

    /// Starts a service with the settings of development and cheap hashes.
    pub async fn spawn() -> Self {
        Self::with([]).await
    }

    /// The same, with some settings changed.
    pub async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        Self::with_clock(still_clock(), settings).await
    }

    /// The same, by another clock.
    pub async fn with_clock<const N: usize>(clock: Clock, settings: [(&str, &str); N]) -> Self {
        let url = database::url().await;
        Self::ready(&url, clock, &settings).await
    }

    /// The same, on a database of the test's own.
    pub async fn on<const N: usize>(database_url: &str, settings: [(&str, &str); N]) -> Self {
        Self::ready(database_url, still_clock(), &settings).await
    }

    async fn ready(database_url: &str, clock: Clock, settings: &[(&str, &str)]) -> Self {
        let app = Self::start(Database::fresh(database_url), clock, settings).await;
        app.until_ready().await;
        app
    }

    /// A service whose database does not answer yet.
    pub async fn on_unready(database_url: &str) -> Self {
        Self::start(Database::fresh(database_url), still_clock(), &[]).await
    }

    /// A service with some settings changed, as many as there are.
    pub async fn with_all(settings: &[(&str, &str)]) -> Self {
        Self::on_with_all(&database::url().await, settings).await
    }

    /// The same, on a database of the test's own.
    pub async fn on_with_all(database_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::ready(database_url, still_clock(), settings).await
    }

    /// Another instance of the service on the same database and clock.
    pub async fn second_instance<const N: usize>(&self, settings: [(&str, &str); N]) -> Self {
        let database = Arc::clone(&self.database);
        let app = Self::start(database, self.clock.clone(), &settings).await;
        app.until_ready().await;
        app
    }

    async fn start(
        database: impl Into<Arc<Database>>,
        clock: Clock,
        settings: &[(&str, &str)],
    ) -> Self {
        let database = database.into();
        let is_production = settings.contains(&("APP_ENV", "production"));
        let client_scheme = if is_production { "https" } else { "http" };
        let defaults = Environment::from_pairs([
            ("APP_ENV", "development"),
            ("PORT", "0"),
            ("CLIENT_ORIGIN", &format!("{client_scheme}://localhost:3000")),
            ("SEALING_KEYS", Self::SEALING_KEYS),
            ("HASH_MEMORY_KIB", "64"),
            ("HASH_ITERATIONS", "1"),
            ("MAIL_FOLDER", "off"),
            ("DATABASE_URL", &database.url),
            ("MONGO_INITDB_DATABASE", &database.name),
        ]);
        let environment =
            settings.iter().fold(defaults, |all, (name, value)| all.with(name, *value));
        let config = Config::from_environment(&environment).unwrap();
        let (stop, mut stopped) = mpsc::channel(1);
        let (bound, port) = oneshot::channel();
        let clock_of_service = clock.clone();
        let in_use = Arc::clone(&database);
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let application = Application::build(config, clock_of_service).await.unwrap();
                bound.send(application.port()).unwrap();
                let stop = async || stopped.recv().await.unwrap_or_default();
                application.run_until(stop).await.unwrap();
            });
            drop(in_use);
        });
        Self {
            port: within(Duration::from_mins(1), "the service is bound", port).await.unwrap(),
            clock,
            database_url: database.url.clone(),
            database_name: database.name.clone(),
            database,
            client: OnceCell::new(),
            _stop: stop,
        }
    }

    /// Polls the service's own probe: it says when the indexes exist.
    async fn until_ready(&self) {
        let browser = self.browser();
        until_within(Duration::from_mins(1), "the service is ready", async || {
            browser.get("/health/ready").await.status == 200
        })
        .await;
    }

    /// Where it answers.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A client with a cookie jar of its own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.url(""), self.clock.clone())
    }

    /// Moves the service's clock.
    pub fn advance(&self, step: TimeDelta) {
        self.clock.advance(step);
    }

    /// Registers a person, whose address begins with `name`.
    pub async fn register(&self, name: &str) -> Person {
        let person = Person::new(self, name);
        person.register().await;
        person
    }

    /// A command-line client with a token that a person got by the Basic contract.
    pub async fn bearer(&self, person: &Person) -> Browser {
        self.bearer_with(person, "").await
    }

    /// The same, with a code.
    pub async fn bearer_with(&self, person: &Person, code: &str) -> Browser {
        let call = Call::new("POST", &format!("/auth/credentials?otp={code}"));
        let call = call.header("authorization", &person.basic());
        let answer = self.browser().send(call).await;
        let token = answer.assert_status(200).json()["token"].as_str().unwrap().to_owned();
        self.browser().bearer(&token)
    }

    /// Registers a person and logs them in, in their own browser.
    pub async fn signed_in(&self, name: &str) -> Person {
        let person = self.register(name).await;
        person.browser.log_in(&person).await.assert_status(200);
        person
    }

    /// A browser that was logged in by the password; with a second factor, it has a login challenge.
    pub async fn challenged(&self, person: &Person) -> Browser {
        let browser = self.browser();
        browser.log_in(person).await.assert_status(200);
        browser
    }

    /// Locks a person's codes by ten wrong ones, five on each of two logins.
    pub async fn lock_codes(&self, person: &Person) {
        let wrong = person.phone().wrong_code_at(self.clock.now());
        for _ in 0..2 {
            let browser = self.browser();
            browser.log_in(person).await.assert_status(200);
            for _ in 0..5 {
                browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
            }
        }
    }

    /// Moves the clock to the next time step and reads the code off the person's phone: one that
    /// was never used.
    pub fn next_code(&self, person: &Person) -> String {
        self.advance(TimeDelta::seconds(30));
        person.phone().code_at(self.clock.now())
    }

    /// A collection of the service's database, to look at what is stored.
    pub async fn collection(&self, name: &str) -> Collection<Document> {
        let connect = || async { Client::with_uri_str(&self.database_url).await.unwrap() };
        let client = self.client.get_or_init(connect).await;
        client.database(&self.database_name).collection(name)
    }

    /// The stored account of a person.
    pub async fn stored(&self, person: &Person) -> Document {
        let filter = bson::doc! { "email": &person.email };
        self.collection("users").await.find_one(filter).await.unwrap().unwrap()
    }

    /// When the person's first session was last seen, as the database has it.
    pub async fn last_seen(&self, person: &Person) -> Moment {
        let stored = self.stored(person).await;
        let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap().clone();
        let seen = session.get_datetime("seen").unwrap().timestamp_millis();
        Moment::from_timestamp_millis(seen).unwrap()
    }

    /// Stores that the person's sessions were last seen a minute ago, so that their next use is noted.
    pub async fn set_last_seen_back(&self, person: &Person) {
        let a_minute_ago = (self.clock.now() - TimeDelta::seconds(61)).timestamp_millis();
        let seen = bson::DateTime::from_millis(a_minute_ago);
        let update = bson::doc! { "$set": { "sessions.$[].seen": seen } };
        let filter = bson::doc! { "email": &person.email };
        self.collection("users").await.update_one(filter, update).await.unwrap();
    }

    /// Asserts what the events of an account are, newest first. The service does not wait long for
    /// one that is late to be written.
    pub async fn assert_events(&self, browser: &Browser, expected: &[&str]) {
        let read = async || {
            let answer = browser.get("/api/auth/events?limit=100").await;
            let events = answer.assert_status(200).json()["events"].clone();
            let kind = |event: &serde_json::Value| event["kind"].as_str().unwrap().to_owned();
            events.as_array().unwrap().iter().map(kind).collect::<Vec<_>>()
        };
        let recorded = async { while read().await.len() < expected.len() {} };
        let _late = tokio::time::timeout(wait::PATIENCE, recorded).await;
        assert_eq!(read().await, expected);
    }

    /// Waits until the use of a session was recorded, which no answer waits for.
    pub async fn until_seen(&self, person: &Person) {
        let seen = async || self.last_seen(person).await == self.clock.now();
        until("the session's use is recorded", seen).await;
    }
}

/// A clock that stands still at the same moment in every run.
fn still_clock() -> Clock {
    Clock::settable(Moment::from_timestamp(START, 0).unwrap())
}

//! The instances of the service.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use service_process::Service;

/// A key that protects nothing.
const SEALING_KEYS: &str = "test:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=";

/// Processes of the service on one database, which end with this value.
pub struct Instances {
    program: PathBuf,
    settings: Vec<(String, String)>,
    places: Vec<Mutex<Place>>,
}

#[derive(Default)]
struct Place {
    service: Option<Service>,
    /// When its process was last ended on purpose.
    ended: Option<Instant>,
}

impl Instances {
    /// Starts `count` instances with cheap hashes and mail in a folder. `more` are further settings.
    pub async fn start(
        program: &Path,
        count: usize,
        database_url: &str,
        mail: &Path,
        more: &[(&str, &str)],
    ) -> Self {
        let mail = mail.display().to_string();
        let settings = [
            ("APP_ENV", "development"),
            ("CLIENT_ORIGIN", "http://localhost:3000"),
            ("SEALING_KEYS", SEALING_KEYS),
            ("HASH_MEMORY_KIB", "64"),
            ("HASH_ITERATIONS", "1"),
            ("TRUSTED_PROXIES", "127.0.0.1/32"),
            ("LOG", "warn,twofold::cli::serve=info"),
            ("PORT", "0"),
            ("MAIL_FOLDER", &mail),
            ("DATABASE_URL", database_url),
            ("MONGO_INITDB_DATABASE", "twofold"),
        ];
        let settings = settings.iter().chain(more);
        let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let places = (0..count).map(|_| Mutex::default()).collect();
        let all = Self { program: program.to_owned(), settings: settings.collect(), places };
        for number in 0..count {
            all.start_one(number).await;
        }
        all
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// Starts an instance that does not run, and waits until it is ready.
    pub async fn start_one(&self, number: usize) {
        let mut command = Command::new(&self.program);
        command.arg("serve").env_clear().envs(self.settings.iter().cloned());
        command.current_dir(self.program.parent().unwrap());
        let service = Service::start(&mut command).await.unwrap();
        self.with(number, |place| place.service = Some(service));
    }

    /// Kills an instance.
    pub fn kill(&self, number: usize) {
        self.take(number);
    }

    /// Stops an instance as an operator does, and waits until it has ended.
    ///
    /// # Panics
    ///
    /// If it exits with anything but 0.
    pub async fn terminate(&self, number: usize) {
        let mut service = self.take(number).unwrap();
        let status = service.terminate().await.unwrap();
        assert!(status.success(), "an instance that was stopped exited with {status}");
    }

    fn take(&self, number: usize) -> Option<Service> {
        self.with(number, |place| {
            place.ended = Some(Instant::now());
            place.service.take()
        })
    }

    /// Where an instance answers, if it runs.
    #[must_use]
    pub fn address(&self, number: usize) -> Option<SocketAddr> {
        self.with(number, |place| place.service.as_ref().map(|service| service.address))
    }

    /// Its process, if it runs.
    #[must_use]
    pub fn pid(&self, number: usize) -> Option<u32> {
        self.with(number, |place| place.service.as_ref().map(Service::pid))
    }

    /// What the running instances have logged.
    #[must_use]
    pub fn logs(&self) -> String {
        (0..self.count()).map(|number| self.log(number)).collect()
    }

    /// What an instance has logged, if it runs.
    #[must_use]
    pub fn log(&self, number: usize) -> String {
        self.with(number, |place| place.service.as_ref().map(Service::log)).unwrap_or_default()
    }

    /// When an instance was last ended on purpose.
    #[must_use]
    pub fn ended(&self, number: usize) -> Option<Instant> {
        self.with(number, |place| place.ended)
    }

    fn with<T>(&self, number: usize, read: impl FnOnce(&mut Place) -> T) -> T {
        read(&mut self.places[number].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

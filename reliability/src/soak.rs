//! The same mix for a long time, at about 70 % of what the service can do.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::chaos::Stage;
use crate::process::{descriptors, resident_mib};
use crate::report::say;
use crate::traffic::{Pace, Traffic, enrol};

/// The part of the capacity that is used.
const LOAD: f64 = 0.7;
const CAPACITY_FOR: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(10);
const POINTS: u32 = 20;
/// Old events are removed after this, so that the number of events stays the same.
const SETTINGS: [(&str, &str); 1] = [("EVENT_RETENTION", "2m")];
const COLLECTIONS: [&str; 4] = ["users", "throttles", "security_events", "outbox"];

/// The result of a soak.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Soak {
    /// People.
    pub people: usize,
    /// Minutes.
    pub minutes: u64,
    /// What they did a second when nobody waited.
    pub capacity: f64,
    /// Requests that were not answered while the machine stalled, and the longest stall in seconds.
    pub stalls: (u64, f64),
    /// The series.
    pub points: Vec<Point>,
    /// Broken promises, and what did not stay flat.
    pub broken: Vec<String>,
}

/// What was measured in a part of the run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    /// Minutes since the beginning.
    pub minute: f64,
    /// Requests a second.
    pub rate: f64,
    /// The median latency and the 99th percentile, in milliseconds.
    pub latency: (f64, f64),
    /// Resident memory of each instance, in MiB.
    pub memory: Vec<u64>,
    /// Open descriptors of each instance, most of them connections.
    pub descriptors: Vec<usize>,
    /// Documents in each collection.
    pub documents: Vec<u64>,
    /// The average size of an account, in bytes.
    pub account: u64,
}

/// Runs it.
pub async fn run(program: &Path, folder: &Path, people: usize, minutes: u64) -> (Stage, Soak) {
    let stage = Stage::set(program, folder, &SETTINGS).await;
    let enrolled = enrol(people, &stage.client(), &stage.mailbox).await;
    let traffic = Traffic::start(enrolled, &Pace::Pause(Duration::ZERO));
    let before = traffic.actions();
    sleep(CAPACITY_FOR).await;
    let actions = f64::from(u32::try_from(traffic.actions() - before).unwrap());
    let capacity = actions / CAPACITY_FOR.as_secs_f64();
    let enrolled = traffic.stop().await;
    say(&format!("{people} people do {capacity:.0} things a second when nobody waits."));

    let tickets = Arc::new(Semaphore::new(0));
    let pacer = tokio::spawn(issue(Arc::clone(&tickets), capacity * LOAD, people));
    let traffic = Traffic::start(enrolled, &Pace::Tickets(tickets));
    let mut soak = Soak { people, minutes, capacity, ..Soak::default() };
    let (begun, part) = (Instant::now(), Duration::from_mins(minutes) / POINTS);
    let _before = stage.ledger.take_latencies();
    for _ in 0..POINTS {
        let since = Instant::now();
        sleep(part).await;
        let mut point = stage.measure(since.elapsed()).await;
        point.minute = begun.elapsed().as_secs_f64() / 60.0;
        say(&point.row());
        soak.points.push(point);
    }
    let memory = stage.memory();
    let people = traffic.stop().await;
    pacer.abort();
    let settled = stage.settle(people, &memory, Duration::from_secs(75)).await;
    (soak.broken, soak.stalls) = (settled.broken, settled.stalls);
    soak.judge();
    (stage, soak)
}

/// Issues tickets at a constant rate. Nobody's late ones are made up for.
async fn issue(tickets: Arc<Semaphore>, rate: f64, people: usize) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut due = 0.0;
    loop {
        ticks.tick().await;
        due += rate * TICK.as_secs_f64();
        while due >= 1.0 {
            due -= 1.0;
            if tickets.available_permits() < people {
                tickets.add_permits(1);
            }
        }
    }
}

impl Stage {
    async fn measure(&self, time: Duration) -> Point {
        let latencies = self.ledger.take_latencies();
        let at = |hundredths: usize| {
            let place = (latencies.len() * hundredths / 100).min(latencies.len().saturating_sub(1));
            latencies.get(place).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        let pids: Vec<u32> =
            (0..self.instances.count()).filter_map(|number| self.instances.pid(number)).collect();
        let driver = mongodb::Client::with_uri_str(self.cluster.uri()).await.unwrap();
        let database = driver.database("twofold");
        let mut documents = Vec::new();
        for name in COLLECTIONS {
            let counted = database.collection::<Document>(name).count_documents(doc! {}).await;
            documents.push(counted.unwrap());
        }
        let statistics = database.run_command(doc! { "collStats": "users" }).await.unwrap();
        let account = statistics.get("avgObjSize").and_then(bson::Bson::as_i32).unwrap_or_default();
        Point {
            minute: 0.0,
            rate: f64::from(u32::try_from(latencies.len()).unwrap()) / time.as_secs_f64(),
            latency: (at(50), at(99)),
            memory: pids.iter().copied().map(resident_mib).collect(),
            descriptors: pids.iter().copied().map(descriptors).collect(),
            documents,
            account: u64::try_from(account).unwrap(),
        }
    }
}

impl Point {
    /// The names of what [`row`](Self::row) has.
    pub const HEAD: &str = "| minute | requests/s | p50, p99 ms | memory MiB | descriptors | users, throttles, events, outbox \
                            | bytes an account |\n|---|---|---|---|---|---|---|";

    /// A row of the table.
    #[must_use]
    pub fn row(&self) -> String {
        format!(
            "| {:.1} | {:.0} | {:.1}, {:.1} | {:?} | {:?} | {:?} | {} |",
            self.minute,
            self.rate,
            self.latency.0,
            self.latency.1,
            self.memory,
            self.descriptors,
            self.documents,
            self.account
        )
        .replace(['[', ']'], "")
    }
}

impl Soak {
    /// Compares the last quarter of the run with the one before. In the first half pools fill, old events are not removed
    /// yet, and the outbox fills with what is due when a login challenge expires, after five minutes.
    fn judge(&mut self) {
        let quarter = self.points.len() / 4;
        let mean = |quarter_number: usize, read: &dyn Fn(&Point) -> f64| {
            let part = self.points.iter().skip(quarter * quarter_number).take(quarter);
            part.map(read).sum::<f64>() / f64::from(u32::try_from(quarter.max(1)).unwrap())
        };
        let mut rising = Vec::new();
        let mut check = |what: &str, factor: f64, more: f64, read: &dyn Fn(&Point) -> f64| {
            let (before, after) = (mean(2, read), mean(3, read));
            if after > before * factor + more {
                rising.push(format!("{what} rose from {before:.1} to {after:.1}"));
            }
        };
        let number = |value: u64| f64::from(u32::try_from(value).unwrap());
        check("the median latency", 2.0, 10.0, &|point| point.latency.0);
        check("the 99th percentile", 3.0, 50.0, &|point| point.latency.1);
        for (instance, _) in self.points[0].memory.iter().enumerate() {
            check("memory", 1.1, 8.0, &|point| number(point.memory[instance]));
            check("descriptors", 1.1, 16.0, &|point| {
                number(u64::try_from(point.descriptors[instance]).unwrap())
            });
        }
        for (place, name) in COLLECTIONS.iter().enumerate() {
            check(name, 1.5, 50.0, &|point| number(point.documents[place]));
        }
        check("the size of an account", 1.1, 200.0, &|point| number(point.account));
        self.broken.extend(rising);
    }
}

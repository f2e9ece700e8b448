//! `docs/reliability.md`: the last recorded runs and what they prove.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Machine;
use crate::chaos::Phase;
use crate::malformed::Outcome;
use crate::settle::Settled;
use crate::soak::{Point, Soak};

/// Everything that was recorded, each part with the machine and the date of its run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// `make chaos`.
    pub chaos: Option<Recorded<Chaos>>,
    /// `make soak`.
    pub soak: Option<Recorded<Soak>>,
    /// `make malformed`.
    pub malformed: Option<Recorded<Outcome>>,
}

/// A result, and what it was measured on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorded<T> {
    /// The machine and the versions.
    pub machine: Machine,
    /// The result.
    pub result: T,
}

/// The result of `make chaos`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chaos {
    /// People who use the service.
    pub people: usize,
    /// The faults, in their order.
    pub phases: Vec<Phase>,
    /// The comparison at the end.
    pub settled: Settled,
}

impl Record {
    /// Reads the record in `folder`, or begins one.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("reliability.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes the record and the page into `folder`.
    ///
    /// # Panics
    ///
    /// If they cannot be written.
    pub fn write(&self, folder: &Path) {
        let json = serde_json::to_string_pretty(self).unwrap();
        fs::write(folder.join("reliability.json"), json + "\n").unwrap();
        fs::write(folder.join("reliability.md"), self.page()).unwrap();
        say(&format!("Recorded in {}.", folder.join("reliability.md").display()));
    }

    fn page(&self) -> String {
        let mut page = include_str!("introduction.md").to_owned();
        let parts = [
            ("Faults", self.chaos.as_ref().map(|it| it.heading() + &it.result.table())),
            ("A long time", self.soak.as_ref().map(|it| it.heading() + &it.result.table())),
            (
                "Malformed requests",
                self.malformed.as_ref().map(|it| it.heading() + &it.result.table()),
            ),
        ];
        for (title, part) in parts {
            let part = part.unwrap_or_else(|| "Not recorded yet.\n".to_owned());
            page.extend(["\n## ", title, "\n\n", &part]);
        }
        page
    }
}

impl<T> Recorded<T> {
    fn heading(&self) -> String {
        let machine = &self.machine;
        let memory = machine.memory_mib / 1024;
        format!(
            "{}, {} cores, {memory} GiB, Linux {}; mongod {}; {}; {}.\n\n",
            machine.processor,
            machine.cores,
            machine.kernel,
            machine.mongod,
            machine.service,
            machine.date,
        )
    }
}

impl Chaos {
    /// The result as a table in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text =
            "| fault | requests | acknowledged writes | 503 or cut off | back after the \
                        fault | back after its repair |\n|---|---|---|---|---|---|\n"
                .to_owned();
        for phase in &self.phases {
            let back = phase.back.map_or("away, as it must be".to_owned(), seconds);
            // Writing to a text cannot fail.
            let _written = writeln!(
                text,
                "| {} | {} | {} | {} | {back} | {} |",
                phase.fault,
                phase.requests,
                phase.writes,
                phase.unclear,
                seconds(phase.back_after_repair),
            );
        }
        text + &self.settled.in_words(self.people)
    }
}

impl Settled {
    fn in_words(&self, people: usize) -> String {
        let memory = self.memory.iter().map(|(before, after)| format!("{before} → {after} MiB"));
        let memory = memory.collect::<Vec<_>>().join(", ");
        format!(
            "\nAfterwards, for {people} people: {} live sessions are alive, {} ended ones are not. Of {} mails \
             that were promised {} arrived and {} wait for their next attempt; of the requests for a link, {} were \
             lost with an instance that was killed and {} were given up. Memory of each instance: {memory}. {}\
             \n{}",
            self.live_sessions,
            self.ended_sessions,
            self.mails,
            self.arrived,
            self.waiting,
            self.lost_with_instance,
            self.given_up,
            stalls(self.stalls),
            broken(&self.broken),
        )
    }
}

impl Soak {
    /// The result as a table in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let Self { people, minutes, capacity, .. } = self;
        let mut text = format!(
            "{people} people for {minutes} minutes, at 70 % of the {capacity:.0} things a second that they do when \
             nobody waits. A thing is one request to eight.\n\n{}\n",
            Point::HEAD
        );
        text.extend(self.points.iter().map(|point| point.row() + "\n"));
        text + "\n" + &stalls(self.stalls) + &broken(&self.broken)
    }
}

impl Outcome {
    /// The result in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let statuses = self.statuses.iter().map(|(status, count)| format!("{status}: {count}"));
        let memory: Vec<String> = self.memory.iter().map(ToString::to_string).collect();
        format!(
            "{} requests on {} connections in {:.0} s, with the seed {}. Statuses: {}. {} connections ended without an \
             answer, as those do that are closed in the middle of a request. The longest connection took {:.1} s. \
             Memory of the service in the course of the run, in MiB: {}. actix-http panicked {} times at a header's name \
             of 64 KiB, which closes that connection only. {}\n{}",
            self.requests,
            self.connections,
            self.seconds,
            self.seed,
            statuses.collect::<Vec<_>>().join(", "),
            self.unanswered,
            self.longest,
            memory.join(", "),
            self.panics_of_framework,
            stalls(self.stalls),
            broken(&self.broken),
        )
    }
}

fn stalls((excused, longest): (u64, f64)) -> String {
    if excused == 0 {
        return String::new();
    }
    format!(
        "{excused} requests or connections were not answered while the machine stalled the client too, for {longest:.1} s at most. "
    )
}

fn broken(promises: &[String]) -> String {
    if promises.is_empty() {
        return "\nBroken promises: none.\n".to_owned();
    }
    format!("\nBroken promises: {}.\n\n- {}\n", promises.len(), promises.join("\n- "))
}

fn seconds(seconds: f64) -> String {
    if seconds == 0.0 { "at once".to_owned() } else { format!("{seconds:.1} s") }
}

/// The machine, and the versions of the database and the service.
pub async fn here(database_url: &str, program: &Path) -> Machine {
    let driver = mongodb::Client::with_uri_str(database_url).await.unwrap();
    let built = driver.database("admin").run_command(bson::doc! { "buildInfo": 1 }).await;
    let version = built.unwrap().get_str("version").unwrap().to_owned();
    Machine::here(version, &program.display().to_string()).unwrap()
}

/// Writes a line for whoever runs this.
pub fn say(line: &str) {
    // Nobody reads it if standard output is closed.
    let _closed = writeln!(std::io::stdout(), "{line}");
}

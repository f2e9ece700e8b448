//! `docs/reliability.md`: the last recorded runs and what they prove.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::chaos::Phase;
use crate::machine::Machine;
use crate::settle::Settled;

/// Everything that was recorded, each part with the machine and the date of its run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// `make chaos`.
    pub chaos: Option<Recorded<Chaos>>,
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
        if let Some(recorded) = &self.chaos {
            page.push_str("\n## Faults\n\n");
            page.push_str(&recorded.heading());
            page.push_str(&recorded.result.table());
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
        let mut text = format!(
            "\nAfterwards, for {people} people: {} live sessions are alive, {} ended ones are not. Of {} mails \
             that were promised {} arrived and {} wait for their next attempt; of the requests for a link, {} were \
             lost with an instance that was killed and {} were given up. Memory of each instance: {memory}. \
             Broken promises: {}.\n",
            self.live_sessions,
            self.ended_sessions,
            self.mails,
            self.arrived,
            self.waiting,
            self.lost_with_instance,
            self.given_up,
            if self.broken.is_empty() { "none".to_owned() } else { self.broken.len().to_string() },
        );
        self.broken.iter().for_each(|one| text.push_str(&format!("\n- {one}")));
        text
    }
}

fn seconds(seconds: f64) -> String {
    if seconds == 0.0 { "at once".to_owned() } else { format!("{seconds:.1} s") }
}

/// Writes a line for whoever runs this.
pub fn say(line: &str) {
    // Nobody reads it if standard output is closed.
    let _closed = writeln!(std::io::stdout(), "{line}");
}

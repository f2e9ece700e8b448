//! What was measured.

use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::stats::{median, range};

/// A whole run.
#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    /// On what.
    pub machine: Machine,
    /// Rounds of each side.
    pub rounds: u32,
    /// Seconds of a round.
    pub seconds: f64,
    /// What was measured, in order.
    pub works: Vec<Measured>,
}

/// One measurement.
#[derive(Clone, Serialize, Deserialize)]
pub struct Measured {
    /// Its name, as `WORK=` takes it.
    pub work: String,
    /// What was called.
    pub call: String,
    /// What it is measured against.
    pub against: String,
    /// The sides, the service first.
    pub sides: Vec<Side>,
    /// What follows.
    pub findings: Vec<Finding>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Why there is no finding, where other processes took the machine.
    pub refused: Option<String>,
}

/// The rounds of one side.
#[derive(Clone, Serialize, Deserialize)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// Its rounds.
    pub rounds: Vec<Round>,
}

/// One round.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Round {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the latencies are below, ms.
    pub p50: f64,
    /// 99 of 100 are.
    pub p99: f64,
    /// 999 of 1,000 are.
    pub p999: f64,
    /// The server's CPU a request, microseconds.
    pub server: f64,
    /// `mongod`'s.
    pub mongod: f64,
    /// The generator's.
    pub generator: f64,
    /// The share of the machine that other processes took.
    pub foreign: f64,
    /// The share that the hypervisor gave to others.
    pub stolen: f64,
}

/// A number with a goal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Finding {
    /// What it says.
    pub what: String,
    /// The median.
    pub value: f64,
    /// The least of all rounds.
    pub least: f64,
    /// The greatest of all rounds.
    pub greatest: f64,
    /// Its unit; a ratio has none.
    pub unit: String,
    /// What is wanted.
    pub goal: Goal,
}

/// What is wanted of a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    /// As much or more.
    AtLeast(f64),
    /// As much or less.
    AtMost(f64),
    /// It is only told.
    Told,
}

impl Goal {
    /// Whether a value reaches it.
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
            Self::Told => true,
        }
    }

    /// The goal in words.
    pub fn in_words(self, unit: &str) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {goal}{unit}"),
            Self::AtMost(goal) => format!("≤ {goal}{unit}"),
            Self::Told => "told only".to_owned(),
        }
    }
}

impl Round {
    /// Whether the machine was this benchmark's own meanwhile. A hypervisor takes three or four
    /// hundredths of a machine under full load, from all sides alike.
    pub fn is_undisturbed(&self) -> bool {
        const FOREIGN: f64 = 0.05;
        const STOLEN: f64 = 0.10;
        self.foreign <= FOREIGN && self.stolen <= STOLEN
    }
}

impl Side {
    /// A number of each round.
    pub fn each(&self, of: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.rounds.iter().map(of).collect()
    }

    /// The median of a number over the rounds.
    pub fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(&self.each(of))
    }
}

impl Finding {
    /// Whether the goal is reached.
    pub fn is_met(&self) -> bool {
        self.goal.is_met(self.value)
    }

    /// Whether it is a ratio, which another run on another machine may be compared with.
    pub fn is_ratio(&self) -> bool {
        self.unit.is_empty()
    }

    /// The ratio of two sides' numbers, round by round: neighbours in time had the same machine, which
    /// the medians of each side need not have had.
    pub fn ratio(
        what: &str,
        (one, other): (&Side, &Side),
        of: impl Fn(&Round) -> f64,
        goal: Goal,
    ) -> Self {
        let pairs = one.each(&of).into_iter().zip(other.each(&of));
        let ratios: Vec<f64> = pairs.map(|(one, other)| one / other).collect();
        Self::of(what, &ratios, "", goal)
    }

    /// A number that was measured several times.
    pub fn of(what: &str, values: &[f64], unit: &str, goal: Goal) -> Self {
        let (least, greatest) = range(values);
        let (value, unit) = (median(values), unit.to_owned());
        Self { what: what.to_owned(), value, least, greatest, unit, goal }
    }
}

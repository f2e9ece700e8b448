//! Rounds of the sides by turns, A B A B …, so that a machine that grows warm or busy does so for both.
//!
//! A round during which other processes took more than a twentieth of the machine is not a
//! measurement: it is made again. After too many of them there is no result, and it is said why.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::sleep;

use crate::cpu::{self, Took};
use crate::fault::{Result, fault};
use crate::load::{HashPlan, Order, Outcome, Plan, write_requests};
use crate::machine;
use crate::number::{float, micros};
use crate::results::{Round, Side};
use crate::stage::Stage;
use crate::stats::per_second;

/// The share of the machine that others may have while a round is waited for.
const CALM: f64 = 0.05;
/// Rounds that may be lost to them, in one measurement.
pub const LOST: u32 = 12;
/// How long the end of it is waited for before the next try.
const PATIENCE: u32 = 20;
/// Rounds that warm caches, pools and branch predictors, a side.
const WARM_UPS: u32 = 1;

/// Somebody who answers.
#[derive(Clone, Debug)]
pub struct Contender {
    /// Its name.
    pub name: String,
    /// What it does.
    pub does: Does,
}

/// What a contender does.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    /// Answers at an address, from a process.
    Answer(SocketAddr, u32),
    /// Hashes in the generator's own process: there is no request at all.
    Hash,
}

/// How many connections there are, each with one request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// One alone.
    One,
    /// So many for each core.
    ACore(usize),
}

impl Callers {
    /// From one caller to more than a service should ever have at once.
    pub const SCALE: [Self; 6] =
        [Self::One, Self::ACore(1), Self::ACore(4), Self::FULL, Self::ACore(32), Self::ACore(128)];
    /// What keeps every core busy.
    pub const FULL: Self = Self::ACore(16);

    /// The number of connections.
    pub fn connections(self) -> usize {
        match self {
            Self::One => 1,
            Self::ACore(count) => count * machine::cores(),
        }
    }

    /// The name of a work with so many, which for the usual number is the work's own.
    pub fn name(self, work: &str, usual: Self) -> String {
        match self {
            _ if self == usual => work.to_owned(),
            Self::One => format!("{work}, one caller"),
            Self::ACore(count) => format!("{work}, {count} a core"),
        }
    }
}

/// The requests of one round.
pub struct Requests {
    /// Rendered.
    pub list: Vec<Vec<u8>>,
    /// Whether to begin again at the end of the list.
    pub again: bool,
    /// Connections, each with one request under way.
    pub callers: Callers,
    /// The status that every answer has.
    pub expected: u16,
}

/// What is measured.
pub trait Work {
    /// Puts the database where every round begins, and renders the round's requests.
    /// `side` is the place of the contender that answers them.
    async fn prepare(&mut self, stage: &Stage, side: usize) -> Result<Requests>;
}

/// What came of the rounds.
pub enum Alternated {
    /// Rounds of each contender, in their order.
    Sides(Vec<Side>),
    /// Nothing: others took the machine.
    Refused(String),
}

/// Measures the contenders by turns.
pub async fn alternate(
    stage: &mut Stage,
    work: &mut impl Work,
    contenders: &[Contender],
) -> Result<Alternated> {
    for _ in 0..WARM_UPS {
        for contender in contenders.iter().enumerate() {
            round(stage, work, contender).await?;
        }
    }
    let mut sides: Vec<Side> =
        contenders.iter().map(|one| Side { name: one.name.clone(), rounds: Vec::new() }).collect();
    let mut lost = 0;
    for _ in 0..stage.settings.rounds {
        for (contender, side) in contenders.iter().enumerate().zip(&mut sides) {
            loop {
                let (measured, by_whom) = round(stage, work, contender).await?;
                if measured.is_undisturbed() {
                    side.rounds.push(measured);
                    break;
                }
                lost += 1;
                if lost > LOST {
                    return Ok(Alternated::Refused(by_whom));
                }
                calm(stage).await?;
            }
        }
    }
    Ok(Alternated::Sides(sides))
}

/// Waits, for a while, until nobody else uses the machine.
pub async fn calm(stage: &Stage) -> Result<()> {
    for _ in 0..PATIENCE {
        let before = cpu::glance()?;
        sleep(Duration::from_secs(1)).await;
        if cpu::glance()?.since(&before, &stage.ours(&[])).foreign <= CALM {
            break;
        }
    }
    Ok(())
}

/// One round, and who else used the machine.
async fn round(
    stage: &mut Stage,
    work: &mut impl Work,
    (side, contender): (usize, &Contender),
) -> Result<(Round, String)> {
    let order = match contender.does {
        Does::Hash => Order::Hash(HashPlan {
            threads: machine::cores(),
            millis: micros(stage.settings.round) / 1000,
        }),
        Does::Answer(address, _) => {
            let requests = work.prepare(stage, side).await?;
            Order::Load(plan(stage, address, &requests)?)
        }
    };
    let server = match contender.does {
        Does::Hash => stage.generator.pid,
        Does::Answer(_, pid) => pid,
    };
    let ours = stage.ours(&[server]);
    let before = cpu::glance()?;
    let outcome = stage.generator.obey(&order).await;
    let outcome = outcome.map_err(|cause| fault(format!("{}: {cause}", contender.name)))?;
    let took = cpu::glance()?.since(&before, &ours);
    let measured = measured(stage, &outcome, &took, server);
    Ok((measured, took.by_whom))
}

fn plan(stage: &Stage, address: SocketAddr, requests: &Requests) -> Result<Plan> {
    let path = stage.settings.folder.join("requests.bin");
    write_requests(&path, &requests.list)?;
    Ok(Plan {
        address,
        requests: path,
        again: requests.again,
        connections: requests.callers.connections(),
        millis: micros(stage.settings.round) / 1000,
        expected: vec![requests.expected],
        pace: None,
    })
}

/// A round's numbers.
pub fn measured(stage: &Stage, outcome: &Outcome, took: &Took, server: u32) -> Round {
    let a_request = |pid: u32| {
        let micros = took.by_process.get(&pid).copied().unwrap_or_default();
        float(micros) / float(outcome.answered.max(1))
    };
    let millis = |micros: u64| float(micros) / 1000.0;
    let generator =
        if server == stage.generator.pid { 0.0 } else { a_request(stage.generator.pid) };
    Round {
        per_second: per_second(outcome.counted, outcome.micros),
        p50: millis(outcome.p50),
        p99: millis(outcome.p99),
        p999: millis(outcome.p999),
        server: a_request(server),
        mongod: a_request(stage.mongod_pid),
        generator,
        foreign: took.foreign,
        stolen: took.stolen,
    }
}

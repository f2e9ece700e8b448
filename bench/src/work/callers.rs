//! A work with each number of callers, against two limits: one whose requests share commands as the service's do, and
//! one that sends its own command for each request.

use super::About;
use crate::fault::{Result, fault};
use crate::results::{Finding, Goal, Measured, Round, Side};
use crate::rounds::{Alternated, Callers, Contender, Requests, Work, alternate};
use crate::stage::Stage;

/// The name of the limit that sends a command for each request.
pub const SINGLE: &str = "single-read limit";
/// How much of the limit that shares commands is reached.
pub const OF_LIMIT: Goal = Goal::AtLeast(0.85);
/// What a caller alone may wait, to the single-read limit: it shares nothing.
const ALONE: Goal = Goal::AtMost(1.1);

/// What is wanted with every core busy, to the single-read limit.
#[derive(Clone, Copy)]
pub struct Goals {
    /// Of answers a second.
    pub speed: Goal,
    /// Of `mongod`'s CPU a request.
    pub mongod: Goal,
}

/// A work with another number of callers.
pub struct With<'a, W>(pub &'a mut W, pub Callers);

impl<W: Work> Work for With<'_, W> {
    async fn prepare(&mut self, stage: &Stage, side: usize) -> Result<Requests> {
        Ok(Requests { callers: self.1, ..self.0.prepare(stage, side).await? })
    }
}

/// Measures the service, the limit and the single-read limit, with each number of callers.
pub async fn measure(
    stage: &mut Stage,
    work: &mut impl Work,
    contenders: &[Contender],
    (about, goals): (&About, Goals),
    notes: &[String],
) -> Result<Vec<Measured>> {
    let mut all = Vec::new();
    for callers in Callers::SCALE {
        let rounds = alternate(stage, &mut With(work, callers), contenders).await?;
        let measured = match rounds {
            Alternated::Refused(by_whom) => about.refused(by_whom),
            Alternated::Sides(sides) => {
                let findings = findings(&sides, callers, goals)?;
                about.measured(sides, findings, notes.to_vec())
            }
        };
        all.push(Measured { work: callers.name(about.work, Callers::FULL), ..measured });
    }
    Ok(all)
}

fn findings(sides: &[Side], callers: Callers, goals: Goals) -> Result<Vec<Finding>> {
    let [service, limit, single] = sides else {
        return Err(fault("the service and two limits are compared"));
    };
    let full = |goal| if callers == Callers::FULL { goal } else { Goal::Told };
    let alone = if callers == Callers::One { ALONE } else { Goal::Told };
    let speed = |round: &Round| round.per_second;
    let to_single = |what: &str, of: fn(&Round) -> f64, goal| {
        Finding::ratio(&format!("{what}to the {SINGLE}"), (service, single), of, goal)
    };
    Ok(vec![
        Finding::ratio("to limit", (service, limit), speed, full(OF_LIMIT)),
        to_single("", speed, full(goals.speed)),
        to_single("mongod's CPU, ", |round| round.mongod, full(goals.mongod)),
        to_single("p50, ", |round| round.p50, alone),
    ])
}

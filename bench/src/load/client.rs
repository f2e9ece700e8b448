//! Connections that send requests, all on one thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use super::plan::{Outcome, Plan, read_requests};
use crate::fault::{Result, fault};
use crate::number::{float, micros};
use crate::wire::Connection;

/// What the connections share.
struct Shared {
    requests: Vec<Vec<u8>>,
    plan: Plan,
    next: Cell<usize>,
    tally: RefCell<Tally>,
    begun: Instant,
    deadline: Instant,
}

struct Tally {
    latencies: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    counted: u64,
    last: Instant,
    unexpected: Option<String>,
}

/// Sends what the plan says, and waits for the last answer.
pub async fn load(plan: &Plan) -> Result<Outcome> {
    let requests = read_requests(&plan.requests)?;
    if requests.is_empty() {
        return Err(fault("there is nothing to send"));
    }
    let mut connections = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        connections.push(Connection::open(plan.address).await?);
    }
    let begun = Instant::now();
    let shared = Rc::new(Shared {
        requests,
        plan: plan.clone(),
        next: Cell::new(0),
        tally: RefCell::new(Tally::begin(begun)?),
        begun,
        deadline: begun + Duration::from_millis(plan.millis),
    });
    let tasks = LocalSet::new();
    let running: Vec<_> = connections
        .into_iter()
        .map(|connection| tasks.spawn_local(Rc::clone(&shared).run(connection)))
        .collect();
    tasks.await;
    for one in running {
        one.await??;
    }
    Ok(shared.outcome())
}

impl Tally {
    fn begin(begun: Instant) -> Result<Self> {
        Ok(Self {
            latencies: Histogram::new_with_bounds(1, 600_000_000, 3)?,
            statuses: BTreeMap::new(),
            counted: 0,
            last: begun,
            unexpected: None,
        })
    }
}

impl Shared {
    async fn run(self: Rc<Self>, mut connection: Connection) -> Result<()> {
        while let Some((request, due)) = self.take() {
            let sent = match due {
                Some(due) => {
                    sleep_until(due).await;
                    due
                }
                None => Instant::now(),
            };
            if sent >= self.deadline {
                break;
            }
            let status = connection.exchange(request).await?;
            self.note(status, sent, &connection);
        }
        Ok(())
    }

    /// The next request, and when it is due.
    fn take(&self) -> Option<(&[u8], Option<Instant>)> {
        let place = self.next.get();
        self.next.set(place + 1);
        let length = self.requests.len();
        if place >= length && !self.plan.again {
            return None;
        }
        let request = self.requests.get(place % length)?;
        let due = self.plan.pace.map(|pace| {
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            self.begun + Duration::from_secs_f64(float(place) / pace)
        });
        Some((request, due))
    }

    fn note(&self, status: u16, sent: Instant, connection: &Connection) {
        let now = Instant::now();
        let mut tally = self.tally.borrow_mut();
        *tally.statuses.entry(status).or_default() += 1;
        tally.latencies.saturating_record(micros(now - sent).max(1));
        if now <= self.deadline {
            tally.counted += 1;
            tally.last = now;
        }
        if tally.unexpected.is_none() && !self.plan.expected.contains(&status) {
            tally.unexpected = Some(connection.last().chars().take(600).collect());
        }
    }

    fn outcome(&self) -> Outcome {
        let tally = self.tally.borrow();
        // Where the requests ran out before the time did, the last answer ends the round.
        let ran_out = self.next.get() > self.requests.len() && !self.plan.again;
        let end = if ran_out { tally.last } else { self.deadline };
        Outcome {
            counted: tally.counted,
            answered: tally.statuses.values().sum(),
            micros: micros(end - self.begun),
            p50: tally.latencies.value_at_quantile(0.5),
            p99: tally.latencies.value_at_quantile(0.99),
            p999: tally.latencies.value_at_quantile(0.999),
            statuses: tally.statuses.clone(),
            unexpected: tally.unexpected.clone(),
        }
    }
}

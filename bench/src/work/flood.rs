//! `GET /api/auth/me` while logins flood the hashing queue, against the same without them: no cheap
//! request waits behind a hash.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::sleep;

use super::About;
use super::login::{self, Logins};
use super::me::{self, Call};
use crate::child::{Generator, Server};
use crate::cpu;
use crate::fault::Result;
use crate::load::{Order, Plan, write_requests};
use crate::machine;
use crate::number::micros;
use crate::results::{Finding, Goal, Measured, Round, Side};
use crate::rounds::{LOST, calm, measured};
use crate::seed::fill;
use crate::seed::person::Person;
use crate::stage::Stage;

const DATABASE: &str = "flood";
/// People who ask who they are; those after them log in.
const CALLERS: u64 = 1_000;
const LOGINS_A_CORE: u64 = 300;
/// A second: far below what the machine can do, so that latency is waiting and not capacity.
const PACE: f64 = 300.0;
/// Until the queue is full.
const FILLING: Duration = Duration::from_millis(700);
/// Connections beyond the queue's places: the rest is answered 503 at once.
pub const OVERFLOWING: usize = 96;
/// Connections a hashing thread that fill the queue's places.
const FILL: usize = 60;

/// An order to flood a server with logins from so many connections a core.
pub fn order(
    stage: &Stage,
    logins: &Logins,
    address: SocketAddr,
    (time, connections): (Duration, usize),
) -> Result<Order> {
    let path = stage.settings.folder.join("flood.bin");
    write_requests(&path, &logins.requests())?;
    Ok(Order::Load(Plan {
        address,
        requests: path,
        again: true,
        connections: connections * machine::cores(),
        millis: micros(time) / 1000,
        expected: vec![200, 503],
        pace: None,
    }))
}

/// What the rounds are made with.
struct Flood {
    service: Server,
    second: Generator,
    calm: Order,
    logins: Logins,
}

impl Flood {
    /// A round of `me`; with logins beside it or without.
    async fn round(&mut self, stage: &mut Stage, flooded: bool) -> Result<(Round, String)> {
        fill::put_back(&stage.database(DATABASE)).await?;
        let ours = stage.ours(&[self.service.pid, self.second.pid]);
        let time = stage.settings.round + FILLING + FILLING;
        let order = order(stage, &self.logins, self.service.address, (time, FILL))?;
        let before = cpu::glance()?;
        let outcome = if flooded {
            let calls = async {
                sleep(FILLING).await;
                stage.generator.obey(&self.calm).await
            };
            let (calls, logins) = tokio::join!(calls, self.second.obey(&order));
            logins?;
            calls?
        } else {
            stage.generator.obey(&self.calm).await?
        };
        let took = cpu::glance()?.since(&before, &ours);
        Ok((measured(stage, &outcome, &took, self.service.pid), took.by_whom))
    }
}

async fn prepared(stage: &mut Stage) -> Result<Flood> {
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let (caller, stranger) = (me::shape()?, login::shape()?);
    let callers = (0..CALLERS).map(|number| (Person(number), &caller));
    let people: Vec<Person> = {
        let logins = LOGINS_A_CORE * machine::count();
        (CALLERS..CALLERS + logins).map(Person).collect()
    };
    let strangers = people.iter().map(|person| (*person, &stranger));
    fill::put_back_later(&database, callers.chain(strangers)).await?;
    let service = stage.service(DATABASE).await?;
    let path = stage.settings.folder.join("calls.bin");
    let calls: Vec<Vec<u8>> = (0..CALLERS).map(|one| Call::Me.request(Person(one))).collect();
    write_requests(&path, &calls)?;
    let calm = Order::Load(Plan {
        address: service.address,
        requests: path,
        again: true,
        connections: 16,
        millis: micros(stage.settings.round) / 1000,
        expected: vec![200],
        pace: Some(PACE),
    });
    let logins = Logins { database: DATABASE, people };
    Ok(Flood { service, second: Generator::start()?, calm, logins })
}

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "flood",
        call: "GET /api/auth/me while logins flood the hashing queue",
        against: "the same, 300 a second, without them",
        goal: Goal::AtMost(5.0),
    };
    let mut flood = prepared(stage).await?;
    let mut sides = [side("flooded"), side("alone")];
    let mut lost = 0;
    flood.round(stage, false).await?;
    for _ in 0..stage.settings.rounds {
        for (side, flooded) in sides.iter_mut().zip([true, false]) {
            loop {
                let (round, by_whom) = flood.round(stage, flooded).await?;
                if round.is_undisturbed() {
                    side.rounds.push(round);
                    break;
                }
                lost += 1;
                if lost > LOST {
                    return Ok(about.refused(by_whom));
                }
                calm(stage).await?;
            }
        }
    }
    stage.clear(&[DATABASE]).await?;
    let [flooded, alone] = &sides;
    let pair = (flooded, alone);
    let found = vec![
        Finding::ratio("p99, flooded to alone", pair, |round| round.p99, about.goal),
        Finding::ratio("p50, flooded to alone", pair, |round| round.p50, Goal::Told),
        Finding::of("p99 flooded", &flooded.each(|round| round.p99), " ms", Goal::Told),
    ];
    let note = "The flooded side's CPU is that of the logins too, divided by the requests of `me`.";
    Ok(about.measured(sides.into(), found, vec![note.to_owned()]))
}

fn side(name: &str) -> Side {
    Side { name: name.to_owned(), rounds: Vec::new() }
}

//! Resident memory: idle, while logins flood the hashing queue, and after.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::login::{self, Logins};
use super::{About, flood};
use crate::child::Generator;
use crate::cpu;
use crate::fault::Result;
use crate::machine;
use crate::number::float;
use crate::results::{Finding, Goal, Measured};
use crate::seed::fill;
use crate::seed::person::Person;
use crate::stage::Stage;

const DATABASE: &str = "memory";
/// More than there are connections, so that nobody's logins overlap: five at once count as guessing.
const PEOPLE_A_CORE: u64 = 400;
const MIB: u64 = 1024 * 1024;
/// A hashing thread's block of memory.
const A_THREAD: u64 = 19;
const IDLE: f64 = 20.0;
const BESIDE: u64 = 64;
const FLOOD: Duration = Duration::from_secs(6);
const GLANCE: Duration = Duration::from_millis(50);
const REST: Duration = Duration::from_secs(12);

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let most = float(machine::count() * A_THREAD + BESIDE);
    let about = About {
        work: "memory",
        call: "resident memory of the service",
        against: "idle 20 MiB; flooded 19 MiB a hashing thread and 64 MiB; back when it rests",
        goal: Goal::Told,
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let shape = login::shape()?;
    let people: Vec<Person> = (0..PEOPLE_A_CORE * machine::count()).map(Person).collect();
    fill::users(&database, people.iter().map(|person| (*person, &shape))).await?;
    let service = stage.service(DATABASE).await?;
    sleep(Duration::from_secs(2)).await;
    let mib = || cpu::resident(service.pid).map(|bytes| float(bytes) / float(MIB));
    let idle = mib()?;

    let logins = Logins { database: DATABASE, people };
    let order = flood::order(stage, &logins, service.address, (FLOOD, flood::OVERFLOWING))?;
    let mut second = Generator::start()?;
    let flooding = tokio::spawn(async move { second.obey(&order).await.map(drop) });
    let mut flooded = Vec::new();
    while !flooding.is_finished() {
        flooded.push(mib()?);
        sleep(GLANCE).await;
    }
    flooding.await??;
    let rested = Instant::now() + REST;
    while Instant::now() < rested {
        sleep(GLANCE).await;
    }
    let after = mib()?;
    stage.clear(&[DATABASE]).await?;
    let peak = flooded.iter().copied().fold(0.0, f64::max);
    let findings = vec![
        Finding::of("idle", &[idle], " MiB", Goal::AtMost(IDLE)),
        Finding::of("flooded, at most", &[peak], " MiB", Goal::AtMost(most)),
        // It comes back if what hashing took is gone: not a thread's block is left beside the rest.
        Finding::of("after a rest", &[after], " MiB", Goal::AtMost(IDLE + float(A_THREAD))),
    ];
    Ok(about.measured(Vec::new(), findings, Vec::new()))
}

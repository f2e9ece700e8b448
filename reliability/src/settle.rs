//! Comparing what was promised with what the service says and the database has, after everything was repaired.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use mongodb::{Client as Driver, Database};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::chaos::Stage;
use crate::ledger::Promised;
use crate::person::Person;

/// A rest after the last request, so that memory returns: the memory of hashes does after five seconds.
const REST: Duration = Duration::from_secs(8);
/// What an instance may keep more than before the faults: pools that have grown, and its counters.
const KEPT_MIB: u64 = 24;
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often somebody may be compared.
const ATTEMPTS: u32 = 10;
/// An instance looks up who asked for a link after it has answered, and has it in memory only until then.
const LOOKED_UP_WITHIN: Duration = Duration::from_secs(15);

/// What was compared.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settled {
    /// Sessions that were promised to be alive, and are.
    pub live_sessions: usize,
    /// Sessions that were promised to have ended, and have.
    pub ended_sessions: usize,
    /// Mails that were promised.
    pub mails: usize,
    /// Those that have arrived.
    pub arrived: usize,
    /// Those that are in the outbox and wait for their next attempt.
    pub waiting: usize,
    /// Requests for a link that were in the memory of an instance that was killed.
    pub lost_with_instance: usize,
    /// Requests for a link whose address could not be looked up, because the database was away.
    pub given_up: usize,
    /// Requests that were not answered while the machine stalled this process as well, and the longest stall in seconds.
    pub stalls: (u64, f64),
    /// Resident memory of each instance before the faults and after them, in MiB.
    pub memory: Vec<(u64, u64)>,
    /// Broken promises.
    pub broken: Vec<String>,
}

impl Stage {
    /// Compares everything, the memory only with what it was before. Mails may take as long as `patience`.
    pub async fn settle(
        &self,
        mut people: Vec<Person>,
        memory_before: &[u64],
        patience: Duration,
    ) -> Settled {
        let mut settled = Settled::default();
        for person in &mut people {
            let mut attempts = 1;
            while person.verify().await.is_err() {
                // A busy machine makes the database late.
                attempts += 1;
                if attempts > ATTEMPTS {
                    self.ledger.broken("an outcome is unknown although nothing fails".to_owned());
                    break;
                }
                sleep(LOOK_EVERY).await;
            }
            let (live, ended) = person.promised_sessions();
            settled.live_sessions += live;
            settled.ended_sessions += ended;
        }
        self.compare_mails(&mut settled, patience).await;
        if !memory_before.is_empty() {
            sleep(REST).await;
        }
        for (before, after) in memory_before.iter().zip(self.memory()) {
            settled.memory.push((*before, after));
            if after > before + KEPT_MIB {
                let what = format!("an instance keeps {after} MiB; before it had {before} MiB");
                self.ledger.broken(what);
            }
        }
        let (excused, longest) = self.ledger.stalls();
        settled.stalls = (excused, longest.as_secs_f64());
        settled.broken = self.ledger.all_broken();
        settled
    }

    async fn compare_mails(&self, settled: &mut Settled, patience: Duration) {
        let promised = self.ledger.mails();
        settled.mails = promised.len();
        let mut missing = promised;
        let deadline = Instant::now() + patience;
        loop {
            missing.retain(|mail| !self.mailbox.has(mail));
            if missing.is_empty() || Instant::now() > deadline {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
        settled.arrived = settled.mails - missing.len();
        if missing.is_empty() {
            return;
        }
        let driver = Driver::with_uri_str(self.cluster.uri()).await.unwrap();
        let database = driver.database("twofold");
        for mail in missing {
            if is_waiting(&database, &mail).await {
                settled.waiting += 1;
            } else if self.was_lost_with_instance(&mail) {
                settled.lost_with_instance += 1;
            } else if mail.kind == "reset"
                && self.ledger.was_unclear_near(mail.at, LOOKED_UP_WITHIN)
            {
                settled.given_up += 1;
            } else if self.mailbox.has(&mail) {
                settled.arrived += 1;
            } else {
                let age = mail.at.elapsed().as_secs();
                self.ledger.broken(format!("{} to {}, promised {age} s ago", mail.kind, mail.to));
            }
        }
    }

    fn was_lost_with_instance(&self, mail: &Promised) -> bool {
        let killed = self.instances.ended(mail.instance);
        mail.kind == "reset"
            && killed.is_some_and(|at| at >= mail.at && at < mail.at + LOOKED_UP_WITHIN)
    }
}

async fn is_waiting(database: &Database, mail: &Promised) -> bool {
    let users = database.collection::<Document>("users");
    let Some(user) = users.find_one(doc! { "email": &mail.to }).await.unwrap() else {
        return false;
    };
    let job = doc! { "user": user.get_object_id("_id").unwrap(), "kind": { "$regex": format!("^{}", mail.kind) } };
    database.collection::<Document>("outbox").find_one(job).await.unwrap().is_some()
}

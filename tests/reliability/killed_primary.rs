//! A primary is killed while people use the service.

use std::time::Duration;

use twofold_reliability::chaos::{Fault, Stage};
use twofold_reliability::traffic::{Pace, Traffic, enrol};

use crate::{folder, program};

/// The secondaries replicate this much later, so that a write that did not wait for them is lost with the primary.
const LAG: Duration = Duration::from_millis(150);

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_with_the_primary() {
    let mut stage = Stage::set(program(), folder(), &[]).await;
    let people = enrol(24, &stage.client(), &stage.mailbox).await;
    stage.cluster.delay_replication(LAG);
    let traffic = Traffic::start(people, &Pace::Pause(Duration::from_millis(50)));
    stage.calm(Duration::from_secs(3)).await;
    let phase = stage.cause(Fault::KillPrimary, Duration::from_secs(8)).await;
    let people = traffic.stop().await;
    stage.cluster.delay_replication(Duration::ZERO);
    let settled = stage.settle(people, &[], Duration::from_secs(5)).await;
    let none = Vec::<String>::new();
    assert_eq!(settled.broken, none, "{phase:?}\n{settled:?}\n{}", stage.instances.logs());
    assert!(phase.writes > 50 && phase.unclear > 0, "{phase:?}");
    assert!(settled.live_sessions > 10 && settled.ended_sessions > 10, "{settled:?}");
}

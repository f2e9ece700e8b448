//! Two instances are restarted one after the other, behind a load balancer, while people use the service.

use std::sync::Arc;
use std::time::Duration;

use twofold_reliability::balancer::Balancer;
use twofold_reliability::chaos::Stage;
use twofold_reliability::client::Client;
use twofold_reliability::traffic::{Pace, Traffic, enrol};

use crate::{folder, program};

/// One hash at a time, and not a cheap one: some wait whenever an instance is stopped.
const SLOW_HASHES: [(&str, &str); 3] =
    [("HASH_THREADS", "1"), ("HASH_MEMORY_KIB", "4096"), ("HASH_QUEUE_SHARE", "100")];

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_nothing() {
    let stage = Stage::set(program(), folder(), &SLOW_HASHES).await;
    let address = |number| stage.instances.address(number).unwrap();
    let balancer = Balancer::start(vec![address(0), address(1)]).await;
    let client = Client::through(balancer.address, Arc::clone(&stage.ledger));
    let people = enrol(24, &client, &stage.mailbox).await;
    let traffic = Traffic::start(people, &Pace::Pause(Duration::from_millis(20)));
    for number in 0..2 {
        stage.calm(Duration::from_secs(2)).await;
        let former = address(number);
        balancer.remove(former);
        // Connections are accepted in their order, so those from before are when this one is answered.
        assert!(stage.client().is_ready(number).await);
        stage.instances.terminate(number).await;
        stage.instances.start_one(number).await;
        balancer.add(address(number));
    }
    stage.calm(Duration::from_secs(2)).await;
    let mut people = traffic.stop().await;
    for person in &mut people {
        person.verify_events().await.unwrap();
    }
    let settled = stage.settle(people, &[], Duration::from_secs(10)).await;
    let (counts, none) = (stage.ledger.counts(), Vec::<String>::new());
    assert_eq!(settled.broken, none, "{}\n{}", counts.in_words(), stage.instances.logs());
    assert_eq!(counts.unclear, 0, "{}\n{}", counts.in_words(), stage.instances.logs());
    assert_eq!(settled.arrived, settled.mails, "{settled:?}\n{}", stage.instances.logs());
    assert!(counts.writes > 100, "{counts:?}");
}

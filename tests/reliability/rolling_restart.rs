//! Two instances are restarted one after the other, behind a load balancer, while people use the service.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use twofold_reliability::balancer::Balancer;
use twofold_reliability::chaos::Stage;
use twofold_reliability::client::{Call, Client};
use twofold_reliability::traffic::{Pace, Traffic, enrol};

use crate::{folder, program};

/// One hash at a time, and not a cheap one: some wait whenever an instance is stopped.
const SETTINGS: [(&str, &str); 4] = [
    ("HASH_THREADS", "1"),
    ("HASH_MEMORY_KIB", "4096"),
    ("HASH_QUEUE_SHARE", "100"),
    ("SHUTDOWN_DRAIN", "2s"),
];

/// Opens a page again and again, so that connections are made and used at the moment at which an instance stops.
async fn browse(client: &Client) {
    let page = Call::new(Method::GET, "/api/healthchecker", "127.0.0.1");
    let browsing = (0..6).map(|_| async { while client.send(0, &page).await.is_ok() {} });
    join_all(browsing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_nothing() {
    let stage = Stage::set(program(), folder(), &SETTINGS).await;
    let address = |number| stage.instances.address(number).unwrap();
    let balancer = Balancer::start(vec![address(0), address(1)]).await;
    let client = Client::through(balancer.address, Arc::clone(&stage.ledger));
    let people = enrol(24, &client, &stage.mailbox).await;
    let traffic = Traffic::start(people, &Pace::Pause(Duration::from_millis(20)));
    for number in 0..2 {
        stage.calm(Duration::from_secs(1)).await;
        let former = address(number);
        tokio::select! {
            () = stage.instances.terminate(number) => {}
            () = browse(&client) => break,
        }
        stage.instances.start_one(number).await;
        balancer.exchange(former, address(number));
    }
    stage.calm(Duration::from_secs(1)).await;
    let mut people = traffic.stop().await;
    for person in &mut people {
        person.verify_events().await.unwrap();
    }
    let settled = stage.settle(people, &[], Duration::from_secs(10)).await;
    let (counts, none) = (stage.ledger.counts(), Vec::<String>::new());
    assert_eq!(settled.broken, none, "{}\n{}", counts.in_words(), stage.instances.logs());
    assert_eq!(counts.unclear, 0, "{}\n{}", counts.in_words(), stage.instances.logs());
    assert_eq!(settled.arrived, settled.mails, "{settled:?}\n{}", stage.instances.logs());
    assert!(counts.writes > 100 && balancer.reused() > 100, "{counts:?}");
}

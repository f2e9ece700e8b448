//! Networks that several logins at once make known.

use bson::{Bson, DateTime};
use chrono::TimeDelta;
use futures_util::future::join_all;

use super::held_writes::login;
use crate::harness::{Answer, HeldWrite, Person, TestApp, count, until_in_time};
use crate::passwords::from;

#[tokio::test(flavor = "multi_thread")]
async fn two_logins_at_once_from_new_networks_onto_seven_leave_eight() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), [("TRUSTED_PROXIES", "127.0.0.1")]).await;
    until_in_time(async |n| {
        // The network of the registration is the seventh.
        let ada = app.register(&format!("ada-{n}")).await;
        for network in 1..7 {
            let browser = from(&app, &format!("192.0.2.{network}"));
            browser.log_in(&ada).await.assert_status(200);
        }
        log_in_at_once(&app, &ada, &["192.0.2.7", "192.0.2.8"]).await?;
        assert_eq!(app.stored(&ada).await.get_array("networks").unwrap().len(), 8);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_logins_at_once_from_one_new_network_record_it_once() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), [("TRUSTED_PROXIES", "127.0.0.1")]).await;
    // One or eight networks are known by then: the new one is added, or replaces the oldest.
    for (others, expected) in [(0, 2), (7, 8)] {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{others}-{n}")).await;
            for network in 0..others {
                let browser = from(&app, &format!("198.51.100.{network}"));
                browser.log_in(&ada).await.assert_status(200);
            }
            app.advance(TimeDelta::seconds(1));
            log_in_at_once(&app, &ada, &["192.0.2.1"; 5]).await?;
            let networks = app.stored(&ada).await.get_array("networks").unwrap().clone();
            let now = DateTime::from_millis(app.clock.now().timestamp_millis());
            let is_new =
                |network: &&Bson| network.as_document().unwrap().get("at") == Some(&now.into());
            assert_eq!((networks.len(), networks.iter().filter(is_new).count()), (expected, 1));
            Some(())
        })
        .await;
    }
}

/// Logs a person in from these addresses, so that every login has read the account before one is written.
async fn log_in_at_once(app: &TestApp, person: &Person, addresses: &[&str]) -> Option<()> {
    let logins = i32::try_from(addresses.len()).unwrap();
    // Its counters are deleted after the account was read, and before the session is opened.
    let writes = HeldWrite::next_of(&app.database_url, "delete", logins).await;
    let callings: Vec<_> = addresses
        .iter()
        .map(|address| {
            let (browser, call) = (from(app, address), login(person));
            tokio::spawn(async move { browser.send(call).await })
        })
        .collect();
    writes.until_held().await;
    let is_in_time = writes.is_held();
    let answers: Vec<Answer> = join_all(callings).await.into_iter().map(Result::unwrap).collect();
    writes.release().await;
    if !is_in_time || count(&answers, 503) > 0 {
        return None;
    }
    for answer in &answers {
        answer.assert_status(200);
    }
    Some(())
}

//! Counters on a real `mongod`.

use bson::{Document, doc};
use chrono::TimeDelta;

use super::{Admission, Charged, Counting, ThrottleKey};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::throttle::{PASSWORD, STRANGERS, Throttle};
use crate::storage::testing::{Server, TestStore};

fn at(seconds: i64) -> Moment {
    Moment::from_timestamp_millis(1_800_000_000_000).unwrap() + TimeDelta::seconds(seconds)
}

/// A budget of `limit` for a network, and the counters of an address.
fn counters(limit: u32) -> [Counting; 3] {
    let key = |about, part: Option<u8>| ThrottleKey {
        about: Digest::from_bytes([about; 32]),
        part: part.map(|part| Digest::from_bytes([part; 32])),
    };
    let admission = Admission::Limited;
    let throttle = Throttle::budget(limit, TimeDelta::minutes(10));
    [
        Counting { key: key(1, None), throttle, admission },
        Counting { key: key(2, Some(1)), throttle: PASSWORD, admission },
        Counting {
            key: key(2, None),
            throttle: STRANGERS,
            admission: Admission::Shared(Digest::from_bytes([3; 32])),
        },
    ]
}

/// Counts an attempt at this second, and returns what was counted and how long to wait.
async fn charge(
    test: &TestStore,
    counters: &[Counting],
    second: i64,
) -> (Vec<Charged>, Option<i64>) {
    let mut charged = Vec::new();
    let wait = test.store.charge_all(counters, at(second), &mut charged).await.unwrap();
    (charged, wait.map(|wait| wait.num_seconds()))
}

/// The counter as it is stored, without what is kept of the time before.
async fn stored(test: &TestStore, counter: &Counting) -> Option<Document> {
    let filter = doc! { "_id": counter.key.id() };
    let found = test.store.throttles.find_one(filter).await.unwrap()?;
    let mut document = Document::try_from(&*found).unwrap();
    document.remove("before");
    document.remove("expires");
    Some(document)
}

#[tokio::test]
async fn one_command_counts_an_attempt_by_several_counters() {
    for server in [Server::ReplicaSet, Server::Standalone] {
        let test = TestStore::on(server).await;
        let (charged, wait) = charge(&test, &counters(9), 0).await;
        assert_eq!((charged.len(), wait), (3, None));
        let before = test.sent("update").len();
        assert_eq!(charge(&test, &counters(9), 1).await.0.len(), 3);
        assert_eq!(test.sent("update").len(), before + 1);
        for counter in counters(9) {
            assert_eq!(
                stored(&test, &counter).await.unwrap().get("failed").unwrap().as_i32(),
                Some(2)
            );
        }
        assert_eq!(charge(&test, &[], 2).await.0.len(), 0);
    }
}

#[tokio::test]
async fn a_counter_that_refuses_leaves_those_after_it_uncounted_and_says_how_long_to_wait() {
    let test = TestStore::on(Server::ReplicaSet).await;
    let [network, pair, address] = counters(6);
    for second in 0..5 {
        assert_eq!(charge(&test, &[network, pair, address], second).await.1, None);
    }
    // The fifth was at second 4, and the pair waits for 30 seconds.
    let (charged, wait) = charge(&test, &[network, pair, address], 10).await;
    assert_eq!((charged.len(), wait), (1, Some(24)));
    let failed = async |counter| stored(&test, counter).await.unwrap().get_i32("failed").unwrap();
    assert_eq!([failed(&network).await, failed(&pair).await, failed(&address).await], [6, 5, 5]);
    let (charged, wait) = charge(&test, &[network, pair, address], 40).await;
    assert_eq!((charged.len(), wait), (0, Some(560)));
    assert_eq!(failed(&pair).await, 5);
}

#[tokio::test]
async fn an_attempt_that_is_taken_back_leaves_no_trace() {
    let test = TestStore::on(Server::ReplicaSet).await;
    charge(&test, &counters(9), 0).await;
    let mut before = Vec::new();
    for counter in counters(9) {
        before.push(stored(&test, &counter).await);
    }
    let (charged, _) = charge(&test, &counters(9), 5).await;
    for (counter, (charged, before)) in counters(9).iter().zip(charged.iter().zip(before)) {
        assert_ne!(stored(&test, counter).await, before);
        test.store.refund(charged).await.unwrap();
        assert_eq!(stored(&test, counter).await, before);
    }
    // A later attempt has set the times: they stay.
    let (first, _) = charge(&test, &counters(9), 10).await;
    let (second, _) = charge(&test, &counters(9), 20).await;
    for (counter, charged) in counters(9).iter().zip(&first) {
        let latest = stored(&test, counter).await.unwrap();
        test.store.refund(charged).await.unwrap();
        let left = stored(&test, counter).await.unwrap();
        assert_eq!(
            (left.get("at"), left.get("shared_at")),
            (latest.get("at"), latest.get("shared_at"))
        );
    }
    test.store.forget(&second).await.unwrap();
    assert_eq!(test.store.throttles.count_documents(doc! {}).await.unwrap(), 0);
}

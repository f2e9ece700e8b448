//! Reads of accounts from a real `mongod`, with the commands that were sent for them.

use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use bson::{Document, rawdoc};
use futures_util::future::{join, join_all, join4};

use super::*;
use crate::storage::testing::{PATIENCE, Server, TestStore, begin, poll_once};

/// A worker's reads of a database of its own.
struct Reads(TestStore);

type Reading<'a> = Pin<Box<dyn Future<Output = Reply> + 'a>>;

impl Reads {
    /// Accounts with the ids from 0 to `accounts`, each with `padding` bytes besides.
    async fn of(accounts: u8, padding: usize) -> Self {
        let test = TestStore::on(Server::Standalone).await;
        let padding = "x".repeat(padding);
        let account = |number| rawdoc! { "_id": id(user(number)), "padding": padding.as_str() };
        test.store.users.insert_many((0..accounts).map(account)).await.unwrap();
        Self(test)
    }

    /// Begins to read an account.
    fn begin(&self, number: u8) -> Reading<'_> {
        begin(self.0.store.reads.find(user(number)))
    }

    /// Begins to read an account, and waits until as many finds were sent as can be under way.
    async fn begin_and_send(&self, number: u8) -> Vec<Reading<'_>> {
        let before = self.sent().len();
        let mut readings = Vec::new();
        for sent in 1..=FINDS {
            readings.push(self.begin(number));
            self.until_sent(before + sent).await;
        }
        readings
    }

    async fn until_sent(&self, finds: usize) {
        self.0.until_sent("find", finds).await;
    }

    /// The filters of the finds that were sent.
    fn sent(&self) -> Vec<Document> {
        let finds = self.0.sent("find");
        finds.iter().map(|find| find.get_document("filter").unwrap().clone()).collect()
    }

    /// Which accounts each find asked for, in order.
    fn asked(&self) -> Vec<Vec<u8>> {
        let number = |id: ObjectId| id.bytes()[0];
        let asked = |filter: &Document| {
            if let Ok(one) = filter.get_object_id("_id") {
                return vec![number(one)];
            }
            let ids = filter.get_document("_id").unwrap().get_array("$in").unwrap();
            let ids = ids.iter().map(|id| number(id.as_object_id().unwrap()));
            let mut ids: Vec<u8> = ids.collect();
            ids.sort_unstable();
            ids
        };
        self.sent().iter().map(asked).collect()
    }
}

fn user(number: u8) -> UserId {
    UserId::from_bytes([number; 12])
}

/// The account that a caller was given.
fn number_of(reply: &Reply) -> Option<u8> {
    let account = reply.as_ref().unwrap().as_ref()?;
    Some(account.get_object_id("_id").unwrap().bytes()[0])
}

fn is_unavailable(reply: &Reply) -> bool {
    matches!(reply, Err(StoreError::Unavailable))
}

#[tokio::test]
async fn one_account_is_found_by_its_id_alone_however_many_callers_read_it() {
    let reads = Reads::of(2, 0).await;
    assert_eq!(number_of(&reads.begin(1).await), Some(1));
    let callers = join_all((0..5).map(|_| reads.begin(1))).await;
    assert!(callers.iter().all(|reply| number_of(reply) == Some(1)));
    let plain = doc! { "_id": id(user(1)) };
    assert_eq!(reads.sent(), [plain.clone(), plain]);
}

#[tokio::test]
async fn callers_that_wait_share_the_next_find_and_an_account_that_was_deleted_is_none() {
    let reads = Reads::of(3, 0).await;
    let under_way = reads.begin_and_send(0).await;
    // Also the account that is being read: its find may have passed a write that the caller knows of.
    let waiting: Vec<_> = [0, 1, 200, 1, 2].into_iter().map(|number| reads.begin(number)).collect();
    join_all(under_way).await;
    let found: Vec<_> = join_all(waiting).await.iter().map(number_of).collect();
    assert_eq!(found, [Some(0), Some(1), None, Some(1), Some(2)]);
    let mut asked = vec![vec![0]; FINDS];
    asked.push(vec![0, 1, 2, 200]);
    assert_eq!(reads.asked(), asked);
}

#[tokio::test]
async fn a_find_has_at_most_64_ids_and_the_rest_goes_out_in_the_next() {
    let reads = Reads::of(70, 0).await;
    let under_way = reads.begin_and_send(0).await;
    // The last caller's account is in the first find, but the caller comes after one that is not.
    let numbers = || (1..70).chain([1]);
    let waiting: Vec<_> = numbers().map(|number| reads.begin(number)).collect();
    join_all(under_way).await;
    let found: Vec<_> = join_all(waiting).await.iter().map(number_of).collect();
    assert_eq!(found, numbers().map(Some).collect::<Vec<_>>());
    let mut asked = reads.asked().split_off(FINDS);
    asked.sort_by_key(|ids| std::cmp::Reverse(ids.len()));
    assert_eq!(asked, [(1..65).collect(), [1].into_iter().chain(65..70).collect::<Vec<u8>>()]);
}

#[tokio::test]
async fn a_find_that_fails_fails_its_own_callers_only() {
    const INTERNAL_ERROR: i32 = 1;
    let reads = Reads::of(3, 0).await;
    let late = doc! { "errorCode": INTERNAL_ERROR, "blockConnection": true, "blockTimeMS": 300 };
    let _fail_point = reads.0.fail_next("find", FINDS, late).await;
    let (first, second) = (reads.begin(0), reads.begin(1));
    reads.until_sent(1).await;
    let other = reads.begin(0);
    reads.until_sent(FINDS).await;
    let next = reads.begin(2);
    let (first, second, other, next) = join4(first, second, other, next).await;
    assert!([first, second, other].iter().all(is_unavailable));
    assert_eq!(number_of(&next), Some(2));
    assert_eq!(number_of(&reads.begin(0).await), Some(0));
}

#[tokio::test]
async fn a_caller_that_leaves_costs_the_others_nothing() {
    let reads = Reads::of(4, 0).await;
    let (leaving, staying) = (reads.begin(0), reads.begin(0));
    reads.until_sent(1).await;
    let (leaving_too, waiting) = (reads.begin(1), reads.begin(2));
    drop((leaving, leaving_too));
    let (staying, waiting) = join(staying, waiting).await;
    assert_eq!((number_of(&staying), number_of(&waiting)), (Some(0), Some(2)));
    assert_eq!(reads.asked(), [[0], [2]]);
}

#[tokio::test]
async fn a_find_without_an_answer_keeps_nobody_longer_than_the_deadline() {
    let reads = Reads::of(2, 0).await;
    let held = doc! { "blockConnection": true, "blockTimeMS": 6_000 };
    let _fail_point = reads.0.fail_next("find", 2 * FINDS, held).await;
    let begun = Instant::now();
    let under_way = reads.begin_and_send(0).await;
    let waiting = reads.begin(1);
    let (under_way, waiting) = join(join_all(under_way), waiting).await;
    assert!(under_way.iter().all(is_unavailable) && is_unavailable(&waiting));
    let took = begun.elapsed();
    assert!(took >= DEADLINE && took < 2 * DEADLINE, "{took:?}");
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_the_place_of_a_caller_that_left_is_free_again() {
    let reads = Reads::of(2, 0).await;
    let mut waiting: Vec<_> = (0..PLACES).map(|_| reads.begin(0)).collect();
    let mut refused: Reading<'_> = Box::pin(reads.0.store.reads.find(user(1)));
    assert!(matches!(poll_once(&mut refused), Poll::Ready(Err(StoreError::Unavailable))));
    drop(waiting.pop());
    let admitted = reads.begin(1);
    assert!(join_all(waiting).await.iter().all(|reply| number_of(reply) == Some(0)));
    assert_eq!(number_of(&admitted.await), Some(1));
}

#[tokio::test]
async fn an_account_that_the_first_reply_has_no_room_for_is_found() {
    const ACCOUNTS: u8 = 20;
    // A reply has at most 16 MiB.
    let reads = Reads::of(ACCOUNTS, 1_000_000).await;
    let waiting: Vec<_> = (0..ACCOUNTS).map(|number| reads.begin(number)).collect();
    let found: Vec<_> = join_all(waiting).await.iter().map(number_of).collect();
    assert_eq!(found, (0..ACCOUNTS).map(Some).collect::<Vec<_>>());
    assert_eq!(reads.sent().len(), 1);
}

#[tokio::test]
async fn callers_of_two_workers_share_a_find() {
    let reads = Reads::of(3, 0).await;
    let other = reads.0.of_another_worker();
    let under_way = reads.begin_and_send(0).await;
    let (waiting, of_other) = (reads.begin(1), begin(other.reads.find(user(2))));
    join_all(under_way).await;
    let (waiting, of_other) = join(waiting, of_other).await;
    assert_eq!((number_of(&waiting), number_of(&of_other)), (Some(1), Some(2)));
    assert_eq!(reads.asked().last(), Some(&vec![1, 2]));
}

#[tokio::test]
async fn callers_whose_find_another_worker_was_to_send_ask_again_if_it_ends() {
    let reads = Reads::of(2, 0).await;
    let held = doc! { "blockConnection": true, "blockTimeMS": 6_000 };
    let _fail_point = reads.0.fail_next("find", FINDS, held).await;
    let ending = reads.0.of_another_worker();
    let worker = tokio::runtime::Runtime::new().unwrap();
    for sent in 1..=FINDS {
        let store = ending.clone();
        worker.spawn(async move { store.reads.find(user(0)).await });
        reads.until_sent(sent).await;
    }
    let waiting = reads.begin(1);
    worker.shutdown_background();
    assert_eq!(number_of(&waiting.await), Some(1));
    let all_free = async {
        while reads.0.store.reads.queue.lock().senders > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all_free).await.expect("the places of the worker's finds are free again");
}

//! Groups of writes on a real `mongod`.

use futures_util::future::{join_all, join3};

use super::*;
use crate::domain::account::Account;
use crate::storage::testing::{Server, TestStore, begin, poll_once};

mod failures;
mod guards;
mod one_by_one;
mod sample;

/// Accounts with the numbers from 0.
async fn accounts(server: Server, count: u8) -> (TestStore, Vec<Account>) {
    let test = TestStore::on(server).await;
    let mut accounts = Vec::new();
    for number in 0..count {
        accounts.push(sample::insert(&test, &sample::document(number)).await);
    }
    (test, accounts)
}

/// A write that matches while the account has this epoch, and raises it.
fn raise(account: &Account, epoch: i64) -> GuardedWrite {
    GuardedWrite::whenever(account).only_if("epoch", epoch).add("epoch", 1)
}

/// A write that always matches.
fn touch(account: &Account) -> GuardedWrite {
    GuardedWrite::whenever(account).add("epoch", 1)
}

/// Makes writes in one group, as far as it may have so many.
async fn together(
    test: &TestStore,
    writes: impl IntoIterator<Item = GuardedWrite>,
) -> Vec<Outcome> {
    let begun: Vec<_> =
        writes.into_iter().map(|write| begin(write.apply_in_group(&test.store))).collect();
    join_all(begun).await
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Err(StoreError::Unavailable))
}

fn are_ok(outcomes: Vec<Outcome>) -> Vec<bool> {
    outcomes.into_iter().map(Result::unwrap).collect()
}

/// The accounts' epochs; `None` for one that is not there.
async fn epochs(test: &TestStore, accounts: &[Account]) -> Vec<Option<i64>> {
    let stored = accounts.iter().map(|account| sample::stored(test, account));
    let stored = join_all(stored).await;
    stored.into_iter().map(|stored| Some(stored?.get_i64("epoch").unwrap())).collect()
}

/// How many statements each command had, in order; 0 for an ordinary update.
fn sizes(test: &TestStore) -> Vec<usize> {
    let size = |command: &Document| {
        let updates = command.get_array("updates").unwrap();
        let is_grouped = updates[0].as_document().unwrap().contains_key("upsert");
        if is_grouped { updates.len() } else { 0 }
    };
    test.sent("update").iter().map(size).collect()
}

#[tokio::test]
async fn one_write_alone_is_an_ordinary_update() {
    let (test, accounts) = accounts(Server::ReplicaSet, 1).await;
    assert!(raise(&accounts[0], 3).apply_in_group(&test.store).await.unwrap());
    assert!(!raise(&accounts[0], 3).apply_in_group(&test.store).await.unwrap());
    assert_eq!(epochs(&test, &accounts).await, [Some(4)]);
    assert_eq!(sizes(&test), [0, 0]);
}

#[tokio::test]
async fn writes_that_wait_share_a_command_and_each_has_its_own_outcome() {
    for server in [Server::ReplicaSet, Server::Standalone] {
        let (test, accounts) = accounts(server, 4).await;
        test.store
            .users
            .delete_one(doc! { "_id": raise(&accounts[1], 3).account() })
            .await
            .unwrap();
        let epoch_read = [3, 3, 2, 3];
        let writes = zip(&accounts, epoch_read).map(|(account, epoch)| raise(account, epoch));
        assert_eq!(are_ok(together(&test, writes).await), [true, false, false, true]);
        assert_eq!(epochs(&test, &accounts).await, [Some(4), None, Some(3), Some(4)]);
        let sizes = sizes(&test);
        assert!(sizes.iter().all(|size| *size == 4), "{sizes:?}");
        // A standalone server refuses the number of the first command.
        assert_eq!(sizes.len(), if matches!(server, Server::ReplicaSet) { 1 } else { 2 });
        assert_eq!(test.store.users.count_documents(doc! {}).await.unwrap(), 3);
        together(&test, accounts.iter().map(touch)).await;
        assert_eq!(self::sizes(&test).len(), sizes.len() + 1);
    }
}

#[tokio::test]
async fn a_command_is_as_durable_as_an_ordinary_write_and_has_a_number_of_its_own() {
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    for _ in 0..2 {
        together(&test, accounts.iter().map(touch)).await;
    }
    let notes = accounts.iter().map(|account| begin(test.store.notes.apply(touch(account))));
    join_all(notes.collect::<Vec<_>>()).await;
    let sent = test.sent("update");
    let concern = |at: usize| sent[at].get_document("writeConcern").unwrap().clone();
    let majority = doc! { "w": "majority", "j": true };
    assert_eq!([concern(0), concern(1), concern(2)], [majority.clone(), majority, doc! { "w": 1 }]);
    let number = |at: usize| sent[at].get_i64("txnNumber").unwrap();
    assert!(number(0) < number(1));
    assert_eq!(sent[0].get("lsid"), sent[1].get("lsid"));
}

#[tokio::test]
async fn statements_of_one_account_are_made_in_their_order() {
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    let [first, second] = [&accounts[0], &accounts[1]];
    let writes =
        [raise(first, 3), raise(second, 4), raise(first, 4), raise(second, 3), raise(first, 3)];
    assert_eq!(are_ok(together(&test, writes).await), [true, false, true, true, false]);
    assert_eq!(epochs(&test, &accounts).await, [Some(5), Some(4)]);
    assert_eq!(sizes(&test), [5]);
}

#[tokio::test]
async fn a_busy_account_has_four_statements_of_a_command_and_does_not_hold_up_others() {
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    let busy = (3..13).map(|epoch| raise(&accounts[0], epoch));
    let writes = busy.chain([raise(&accounts[1], 3)]);
    assert_eq!(are_ok(together(&test, writes).await), [true; 11]);
    assert_eq!(epochs(&test, &accounts).await, [Some(13), Some(4)]);
    assert_eq!(sizes(&test), [5, 4, 2]);
}

#[tokio::test]
async fn a_command_has_at_most_32_statements_and_the_rest_goes_out_in_the_next() {
    let (test, accounts) = accounts(Server::ReplicaSet, 35).await;
    assert_eq!(are_ok(together(&test, accounts.iter().map(touch)).await), [true; 35]);
    assert_eq!(sizes(&test), [32, 3]);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_cancel_its_write() {
    let (test, accounts) = accounts(Server::ReplicaSet, 3).await;
    let [left, waiting, other] =
        [0, 1, 2].map(|of| begin(touch(&accounts[of]).apply_in_group(&test.store)));
    drop(left);
    let (waiting, other) = futures_util::future::join(waiting, other).await;
    assert!(waiting.unwrap() && other.unwrap());
    assert_eq!(epochs(&test, &accounts).await, [Some(4); 3]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (test, accounts) = accounts(Server::ReplicaSet, 1).await;
    let waiting: Vec<_> =
        (0..PLACES).map(|_| begin(touch(&accounts[0]).apply_in_group(&test.store))).collect();
    let mut refused = Box::pin(touch(&accounts[0]).apply_in_group(&test.store));
    assert!(matches!(
        poll_once(&mut refused),
        std::task::Poll::Ready(Err(StoreError::Unavailable))
    ));
    drop(waiting);
}

#[tokio::test]
async fn a_write_that_must_be_sent_alone_is_refused() {
    let (test, accounts) = accounts(Server::ReplicaSet, 1).await;
    let account = || GuardedWrite::whenever(&accounts[0]);
    for write in [
        account().set("email", "bea@example.com"),
        account().push("passkeys", doc! {}, 10),
        account().set("passkeys.$[one].id", 1),
        account().only_if("_id", doc! { "$gt": 0 }).add("epoch", 1),
    ] {
        let refused = write.apply_in_group(&test.store).await;
        assert!(matches!(refused, Err(StoreError::InvalidWrite(_))), "{refused:?}");
    }
    assert!(test.sent("update").is_empty());
}

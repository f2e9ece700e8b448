//! Commands that fail, and replies that are lost.

use super::*;

/// What the tests write with: a command of two statements.
fn both(accounts: &[Account]) -> Vec<GuardedWrite> {
    accounts.iter().take(2).map(|account| raise(account, 3)).collect()
}

#[tokio::test]
async fn a_statement_that_fails_in_another_way_fails_alone() {
    let (test, accounts) = accounts(Server::ReplicaSet, 3).await;
    let invalid = GuardedWrite::whenever(&accounts[1]).add("name", 1);
    let outcomes = together(&test, [raise(&accounts[0], 3), invalid, raise(&accounts[2], 2)]).await;
    assert!(is_unavailable(&outcomes[1]));
    assert!(matches!(outcomes[..], [Ok(true), _, Ok(false)]));
}

#[tokio::test]
async fn an_unknown_outcome_is_that_of_each_statement_and_the_next_command_has_another_session() {
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    let lost = test.fail_next("update", 2, doc! { "closeConnection": true }).await;
    assert!(together(&test, both(&accounts)).await.iter().all(is_unavailable));
    drop(lost);
    assert_eq!(are_ok(together(&test, both(&accounts)).await), [true, true]);
    let sent = test.sent("update");
    let of = |name: &str| sent.iter().map(|command| command.get(name)).collect::<Vec<_>>();
    let (numbers, sessions) = (of("txnNumber"), of("lsid"));
    assert_eq!(sent.len(), 3);
    assert_eq!((numbers[0], sessions[0]), (numbers[1], sessions[1]));
    assert!(numbers[1] != numbers[2] && sessions[1] != sessions[2]);
}

#[tokio::test]
async fn a_refused_command_fails_its_own_statements_only() {
    const INTERNAL_ERROR: i32 = 1;
    let (test, accounts) = accounts(Server::ReplicaSet, 3).await;
    let refusal = doc! { "errorCode": INTERNAL_ERROR, "blockConnection": true, "blockTimeMS": 200 };
    let _refused = test.fail_next("update", 1, refusal).await;
    let [first, second] = [0, 1].map(|of| begin(touch(&accounts[of]).apply_in_group(&test.store)));
    test.until_sent("update", 1).await;
    let next = begin(touch(&accounts[2]).apply_in_group(&test.store));
    let (first, second, next) = join3(first, second, next).await;
    assert!(is_unavailable(&first) && is_unavailable(&second) && next.unwrap());
    assert_eq!(epochs(&test, &accounts).await, [Some(3), Some(3), Some(4)]);
}

#[tokio::test]
async fn a_command_that_others_may_not_have_yet_is_unknown_to_each_statement() {
    const WRITE_CONCERN_FAILED: i32 = 64;
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    let concern = doc! { "code": WRITE_CONCERN_FAILED, "errmsg": "waiting timed out" };
    let _late = test.fail_next("update", 1, doc! { "writeConcernError": concern }).await;
    assert!(together(&test, both(&accounts)).await.iter().all(is_unavailable));
    assert_eq!(sizes(&test), [2]);
}

#[tokio::test]
async fn a_command_whose_reply_is_lost_is_sent_again_and_executed_once() {
    const SHUTDOWN_IN_PROGRESS: i32 = 91;
    let (test, accounts) = accounts(Server::UnsharedReplicaSet, 3).await;
    let writes = || [raise(&accounts[0], 3), raise(&accounts[1], 2), raise(&accounts[2], 3)];
    let concern = doc! {
        "code": SHUTDOWN_IN_PROGRESS, "errmsg": "", "errorLabels": ["RetryableWriteError"],
    };
    let lost = test.fail_next("update", 1, doc! { "writeConcernError": concern }).await;
    assert_eq!(are_ok(together(&test, writes()).await), [true, false, true]);
    assert_eq!(epochs(&test, &accounts).await, [Some(4), Some(3), Some(4)]);
    assert_eq!(sizes(&test), [3, 3]);

    // The server executes the command, and closes the connection.
    let fail_point =
        |mode| doc! { "configureFailPoint": "onPrimaryTransactionalWrite", "mode": mode };
    let mut closing = fail_point(Bson::from(doc! { "times": 1 }));
    closing.insert("data", doc! { "closeConnection": true });
    test.admin(closing).await;
    let writes = [raise(&accounts[0], 4), raise(&accounts[1], 2), raise(&accounts[2], 4)];
    let outcomes = together(&test, writes).await;
    test.admin(fail_point("off".into())).await;
    drop(lost);
    assert_eq!(are_ok(outcomes), [true, false, true]);
    assert_eq!(epochs(&test, &accounts).await, [Some(5), Some(3), Some(5)]);
    assert_eq!(sizes(&test), [3, 3, 3, 3]);
    let retried = |reply: &Document| reply.get_array("retriedStmtIds").map_or(0, Vec::len);
    assert_eq!(test.replies("update").iter().map(retried).collect::<Vec<_>>(), [0, 2, 2]);
}

#[tokio::test]
async fn a_write_that_waits_longer_than_its_caller_is_not_sent() {
    let (test, accounts) = accounts(Server::ReplicaSet, 2).await;
    let held = doc! { "blockConnection": true, "blockTimeMS": 6_000 };
    let _held = test.fail_next("update", 1, held).await;
    let start = Instant::now();
    // The fifth must wait for the command with the others.
    let writes = [(); 5].map(|()| touch(&accounts[0]));
    assert!(together(&test, writes).await.iter().all(is_unavailable));
    let took = start.elapsed();
    assert!(took >= DEADLINE && took < 2 * DEADLINE, "{took:?}");
    assert!(touch(&accounts[1]).apply_in_group(&test.store).await.unwrap());
    assert_eq!(sizes(&test), [4, 0]);
}

//! A group has the outcomes and the effects of its statements one by one.

use bson::Document;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::sample::{digest, document, full_of_sessions, insert, now, stored};
use super::*;
use crate::domain::session::{Session, SessionKind};
use crate::storage::document::{self as stored_as};
use crate::storage::guard::codes_are_open;

const ACCOUNTS: u8 = 4;

/// What a statement does.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Requires the epoch that was read, and raises it.
    Epoch,
    /// Appends to a list, of which the account may have so many.
    Push(usize),
    /// Ends a session that must exist.
    End(u8),
    /// Counts in a session that must have tries left, by its position.
    Try(u8),
    /// Replaces a session.
    Replace(u8),
    /// Uses a recovery code.
    Recovery(u8),
    /// Counts a wrong code, while codes are not locked.
    Code,
    /// Ends everything.
    EndAll,
}

fn write(account: &Account, change: Change) -> GuardedWrite {
    let of = GuardedWrite::whenever(account);
    let session = |byte| account.session(&digest(byte)).unwrap();
    let sessions = stored_as::array(SessionKind::Cookie);
    match change {
        Change::Epoch => GuardedWrite::of(account).raising_epoch(),
        Change::Push(limit) => of.push(sessions, doc! { "digest": 0 }, limit),
        Change::End(byte) => of
            .only_if("sessions.digest", stored_as::digest(&digest(byte)))
            .pull(sessions, doc! { "digest": stored_as::digest(&digest(byte)) }),
        Change::Try(byte) => {
            let left = doc! { "digest": stored_as::digest(&digest(byte)), "failed": { "$lt": 3 } };
            of.only_if(sessions, doc! { "$elemMatch": left }).add("sessions.$.failed", 1)
        }
        Change::Replace(byte) => {
            let old = stored_as::digest(&digest(byte));
            let new = session(byte).map(|session| Session { failed: 0, ..session });
            let new = new.map_or_else(Document::new, |session| stored_as::session(&session));
            of.replace(sessions, "digest", old, new)
        }
        Change::Recovery(byte) => {
            let code = stored_as::digest(&digest(byte));
            of.only_if("recovery", code.clone()).pull("recovery", code)
        }
        Change::Code => of
            .only_if("$or", codes_are_open(now()))
            .add("codes.failed", 1)
            .set("codes.at", stored_as::at(now())),
        Change::EndAll => GuardedWrite::of(account).ending_all(),
    }
}

fn changes() -> impl Strategy<Value = Vec<(u8, Change)>> {
    let change = prop_oneof![
        Just(Change::Epoch),
        (2_usize..6).prop_map(Change::Push),
        (10_u8..14).prop_map(Change::End),
        (10_u8..14).prop_map(Change::Try),
        (10_u8..14).prop_map(Change::Replace),
        (40_u8..43).prop_map(Change::Recovery),
        Just(Change::Code),
        Just(Change::EndAll),
    ];
    vec((0..ACCOUNTS, change), 2..16)
}

/// The accounts before: one as usual, one with a full list, one whose codes are about to be locked, and one that is
/// read and then deleted.
async fn prepared(test: &TestStore, first: u8) -> Vec<Account> {
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let mut account = document(first + number);
        match number {
            1 => full_of_sessions(&mut account),
            2 => {
                account.insert("codes", doc! { "failed": 9_i64, "at": stored_as::at(now()) });
            }
            _ => {}
        }
        accounts.push(insert(test, &account).await);
    }
    let deleted = doc! { "_id": touch(&accounts[3]).account() };
    test.store.users.delete_one(deleted).await.unwrap();
    accounts
}

/// The outcomes, and the accounts without their ids.
type After = (Vec<bool>, Vec<Option<Document>>);

async fn after(test: &TestStore, accounts: &[Account], outcomes: Vec<bool>) -> After {
    let stored = join_all(accounts.iter().map(|account| stored(test, account))).await;
    let without_id = stored.into_iter().map(|account| {
        let mut account = account?;
        account.remove("_id");
        Some(account)
    });
    (outcomes, without_id.collect())
}

async fn both_ways(changes: &[(u8, Change)]) -> (After, After) {
    let test = TestStore::on(Server::ReplicaSet).await;
    let (alone, grouped) = (prepared(&test, 0).await, prepared(&test, ACCOUNTS).await);
    let mut outcomes = Vec::new();
    for (of, change) in changes {
        let write = write(&alone[usize::from(*of)], *change);
        outcomes.push(write.apply(&test.store).await.unwrap());
    }
    let writes = changes.iter().map(|(of, change)| write(&grouped[usize::from(*of)], *change));
    let in_group = are_ok(together(&test, writes).await);
    assert!(sizes(&test).iter().any(|size| *size > 0));
    (after(&test, &alone, outcomes).await, after(&test, &grouped, in_group).await)
}

#[test]
fn a_group_has_the_outcomes_and_effects_of_its_statements_one_by_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&changes(), |changes| {
            let (one_by_one, grouped) = runtime.block_on(both_ways(&changes));
            prop_assert_eq!(grouped, one_by_one);
            Ok(())
        })
        .unwrap();
}

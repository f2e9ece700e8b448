//! A change of the address.

use bson::doc;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{By, assert_outcome, overtake, press};
use crate::email::{Mailed, me};
use crate::harness::{Answer, Browser, HeldWrite, Person, overtaken, until, until_in_time};

const CONFIRM: &str = "email/confirm";
const APPROVE: &str = "email/approve";

fn asking(
    browser: &Browser,
    person: &Person,
    email: &str,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let form = json!({ "email": email, "password": person.password });
    let browser = browser.clone();
    async move { browser.put("/api/auth/email", form).await }
}

/// A pending change: who asked for it, for which address, and the tokens of its links.
struct Pending {
    person: Person,
    email: String,
    confirm: String,
    approve: Option<String>,
}

impl Pending {
    /// Of an address that is not verified.
    async fn unverified(mailed: &Mailed, name: &str) -> Self {
        let (person, _) = mailed.register(name).await;
        Self::of(mailed, person, false).await
    }

    async fn verified(mailed: &Mailed, name: &str) -> Self {
        let person = mailed.verified(name).await;
        Self::of(mailed, person, true).await
    }

    async fn of(mailed: &Mailed, person: Person, is_verified: bool) -> Self {
        person.browser.log_in(&person).await.assert_status(200);
        let email = format!("{}@new.example", person.name);
        asking(&person.browser, &person, &email).await.assert_status(202);
        let confirm = mailed.smtp.next_to(&email).await.token_for("confirm-email").to_owned();
        let approve = if is_verified {
            let notice = mailed.next(&person, "notice-email_change_requested").await;
            Some(notice.token_for("approve-email").to_owned())
        } else {
            None
        };
        Self { person, email, confirm, approve }
    }

    fn approve(&self) -> &str {
        self.approve.as_deref().unwrap()
    }

    /// Asks for another address, which replaces this change.
    async fn replace(&self) {
        let newer = format!("newer-{}", self.email);
        asking(&self.person.browser, &self.person, &newer).await.assert_status(202);
    }

    /// Asserts that the account has its address, or has the new one.
    async fn assert_applied(&self, mailed: &Mailed, is_applied: bool) {
        let email = if is_applied { &self.email } else { &self.person.email };
        let users = mailed.app.collection("users").await;
        assert_eq!(users.count_documents(doc! { "email": email }).await.unwrap(), 1);
    }
}

/// What overtakes a change.
#[derive(Clone, Copy, Debug)]
enum Ended {
    Replaced,
    Cancelled,
    By(By),
    VerifiedByOperator,
}

async fn end(mailed: &Mailed, pending: &Pending, how: Ended) {
    match how {
        Ended::Replaced => pending.replace().await,
        Ended::Cancelled => {
            let answer = pending.person.browser.delete("/api/auth/email/change").await;
            answer.assert_status(204);
        }
        Ended::By(by) => overtake(mailed, &pending.person, by).await,
        Ended::VerifiedByOperator => {
            let command = ["users", "verify-email", &pending.person.email];
            mailed.app.operator(&command).assert_code(0);
        }
    }
}

/// Waits until the job that applies a confirmed change is done.
async fn until_job_is_done(mailed: &Mailed) {
    let outbox = mailed.app.collection("outbox").await;
    let job = doc! { "kind": "apply_change" };
    let is_done = async || outbox.count_documents(job.clone()).await.unwrap() == 0;
    until("the job is done", is_done).await;
}

const ENDS: [Ended; 4] =
    [Ended::Replaced, Ended::Cancelled, Ended::By(By::Password), Ended::By(By::Disabling)];

#[tokio::test(flavor = "multi_thread")]
async fn a_change_ended_while_its_confirmation_is_written_does_not_take_effect() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for how in [&ENDS[..], &[Ended::VerifiedByOperator]].concat() {
        until_in_time(async |n| {
            let name = format!("{how:?}-{n}").replace(['(', ')'], "-").to_lowercase();
            let pending = Pending::unverified(&mailed, &name).await;
            let call = press(&mailed, CONFIRM, &pending.confirm);
            let act = async || end(&mailed, &pending, how).await;
            assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
            pending.assert_applied(&mailed, false).await;
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_ended_while_its_delay_or_its_approval_is_written_stays_ended() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for is_approval in [false, true] {
        for how in ENDS {
            until_in_time(async |n| {
                let name = format!("{how:?}-{is_approval}-{n}").replace(['(', ')'], "-");
                let pending = Pending::verified(&mailed, &name.to_lowercase()).await;
                let (call, token) = if is_approval {
                    (APPROVE, pending.approve())
                } else {
                    (CONFIRM, pending.confirm.as_str())
                };
                let call = press(&mailed, call, token);
                let act = async || end(&mailed, &pending, how).await;
                assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
                pending.assert_applied(&mailed, false).await;
                Some(())
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_and_an_approval_that_overtake_each_other_apply_the_change() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for is_approval_held in [false, true] {
        until_in_time(async |n| {
            let name = format!("ada-{is_approval_held}-{n}");
            let pending = Pending::verified(&mailed, &name).await;
            let (mut held, mut other) =
                ((CONFIRM, pending.confirm.as_str()), (APPROVE, pending.approve()));
            if is_approval_held {
                std::mem::swap(&mut held, &mut other);
            }
            let call = press(&mailed, held.0, held.1);
            let act = async || {
                let answer = press(&mailed, other.0, other.1).await;
                assert!([200, 204].contains(&answer.status), "{}", answer.status);
            };
            let answer = overtaken(&mailed.app, "update", call, act).await?;
            assert!([200, 204].contains(&answer.status), "{}", answer.status);
            assert_eq!(answer.json_or_null()["effective_at"], Value::Null);
            pending.assert_applied(&mailed, true).await;
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_confirmations_at_once_say_the_same_time() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let pending = Pending::verified(&mailed, &format!("ada-{n}")).await;
        let mut first = Value::Null;
        let call = press(&mailed, CONFIRM, &pending.confirm);
        let act = async || {
            mailed.app.advance(TimeDelta::minutes(1));
            first = press(&mailed, CONFIRM, &pending.confirm).await.assert_status(200).json();
        };
        let answer = overtaken(&mailed.app, "update", call, act).await?;
        assert_eq!(answer.assert_status(200).json(), first);
        assert!(first["effective_at"].is_string());
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_ends_when_its_delay_is_over_is_not_applied() {
    let (_mongod, mailed) = Mailed::held([("EMAIL_CHANGE_DELAY", "5m")]).await;
    for how in [Ended::Cancelled, Ended::By(By::Password)] {
        until_in_time(async |n| {
            let name = format!("{how:?}-{n}").replace(['(', ')'], "-").to_lowercase();
            let pending = Pending::verified(&mailed, &name).await;
            press(&mailed, CONFIRM, &pending.confirm).await.assert_status(200);
            let held = HeldWrite::nth(&mailed.app, ("users", "update"), 1).await;
            mailed.app.advance(TimeDelta::minutes(5));
            held.until_held().await;
            end(&mailed, &pending, how).await;
            let is_in_time = held.is_held();
            held.until_done().await;
            until_job_is_done(&mailed).await;
            if is_in_time {
                pending.assert_applied(&mailed, false).await;
            }
            is_in_time.then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_does_not_cancel_a_newer_change() {
    let (_mongod, mailed) = Mailed::held([("EMAIL_CHANGE_DELAY", "5m")]).await;
    until_in_time(async |n| {
        let pending = Pending::verified(&mailed, &format!("ada-{n}")).await;
        press(&mailed, CONFIRM, &pending.confirm).await.assert_status(200);
        let eve = mailed.verified(&format!("eve-{n}")).await;
        let users = mailed.app.collection("users").await;
        let taken = doc! { "$set": { "email": &pending.email } };
        users.update_one(doc! { "email": &eve.email }, taken).await.unwrap();
        // The first write would apply it, the second cancels it.
        let held = HeldWrite::nth(&mailed.app, ("users", "update"), 2).await;
        mailed.app.advance(TimeDelta::minutes(5));
        held.until_held().await;
        pending.replace().await;
        let is_in_time = held.is_held();
        held.until_done().await;
        until_job_is_done(&mailed).await;
        let stored = mailed.app.stored(&pending.person).await;
        let change = stored.get_document("mail").unwrap().get_document("change");
        assert!(!is_in_time || change.is_ok(), "the newer change is gone");
        is_in_time.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_it_asks_for_a_change_or_cancels_one_does_neither() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for is_cancelling in [false, true] {
        until_in_time(async |n| {
            let ada = mailed.verified(&format!("ada-{is_cancelling}-{n}")).await;
            let (browser, elsewhere) = (mailed.app.browser(), mailed.app.browser());
            browser.log_in(&ada).await.assert_status(200);
            elsewhere.log_in(&ada).await.assert_status(200);
            if is_cancelling {
                asking(&browser, &ada, "ada@new.example").await.assert_status(202);
            }
            // Asking charges the session for its password first.
            let writes = if is_cancelling { 1 } else { 2 };
            let held = HeldWrite::nth(&mailed.app, ("users", "update"), writes).await;
            let call = async move {
                if is_cancelling {
                    browser.delete("/api/auth/email/change").await
                } else {
                    asking(&browser, &ada, "ada@new.example").await
                }
            };
            let act = async || {
                elsewhere.delete("/api/auth/sessions").await.assert_status(204);
            };
            held.around(call, act).await?.assert_problem(401, "not_authenticated");
            let user = me(&elsewhere).await;
            assert_eq!(user["pending_email"].is_object(), is_cancelling, "{user}");
            mailed.app.advance(TimeDelta::minutes(2));
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_asked_for_while_the_address_is_verified_can_be_approved() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let (ada, mail) = mailed.register(&format!("ada-{n}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        let held = HeldWrite::nth(&mailed.app, ("users", "update"), 2).await;
        let call = asking(&ada.browser, &ada, &format!("ada-{n}@new.example"));
        let act = async || {
            press(&mailed, "email/verify", mail.token_for("verify")).await.assert_status(204);
        };
        held.around(call, act).await?.assert_status(202);
        let notice = mailed.next(&ada, "notice-email_change_requested").await;
        press(&mailed, APPROVE, notice.token_for("approve-email")).await.assert_status(204);
        Some(())
    })
    .await;
}

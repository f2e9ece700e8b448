//! What changes between the read of a link, a change of the address or a job, and the write that follows.

mod changes;
mod factors;
mod links;
mod outbox;
mod secure;

use bson::{DateTime, Document, doc};
use serde_json::json;

use crate::email::{Mailed, reset, use_link};
use crate::harness::{Answer, Person};

const NEW: &str = "a saucer of marbles";
/// A recovery code that nobody has.
const WRONG_RECOVERY: &str = "ABCDE-FGHJK";

/// Presses the button of a link's page, from a browser of its own.
fn press(
    mailed: &Mailed,
    call: &'static str,
    token: &str,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let (browser, token) = (mailed.app.browser(), token.to_owned());
    async move { use_link(&browser, call, &token).await }
}

/// Sets a new password with a link.
fn set(
    mailed: &Mailed,
    token: &str,
    code: Option<&str>,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let (browser, token, code) = (mailed.app.browser(), token.to_owned(), code.map(str::to_owned));
    async move { reset(&browser, &token, NEW, code.as_deref()).await }
}

/// Changes fields of the stored account, as no call does.
async fn edit(mailed: &Mailed, person: &Person, fields: Document) {
    let users = mailed.app.collection("users").await;
    let found = users.update_one(doc! { "email": &person.email }, doc! { "$set": fields }).await;
    assert_eq!(found.unwrap().matched_count, 1);
}

/// A lock of codes at links that begins now, after this many wrong ones in a row.
fn locked_now(mailed: &Mailed, failed: i64) -> Document {
    let at = DateTime::from_millis(mailed.app.clock.now().timestamp_millis());
    doc! { "mail.codes": { "failed": failed, "at": at } }
}

/// What overtakes a link.
#[derive(Clone, Copy, Debug)]
enum By {
    /// A write that raises the epoch.
    Password,
    /// The operator, who disables the account.
    Disabling,
    /// The address in the database, and nothing else.
    Address,
    /// The mark in the database that the address is verified, and nothing else.
    Verified,
    /// A newer link that verifies.
    NewerVerify,
    /// A newer link that resets.
    NewerReset,
}

async fn change_password(person: &Person) {
    let change = json!({ "current_password": person.password, "new_password": "plum tractor 2" });
    person.browser.put("/api/auth/password", change).await.assert_status(204);
}

async fn overtake(mailed: &Mailed, person: &Person, by: By) {
    match by {
        By::Password => change_password(person).await,
        By::Disabling => {
            mailed.app.operator(&["users", "disable", &person.email, "--yes"]).assert_code(0);
        }
        By::Address => {
            edit(mailed, person, doc! { "email": format!("moved-{}", person.email) }).await;
        }
        By::Verified => edit(mailed, person, doc! { "email_verified": true }).await,
        By::NewerVerify => {
            let asked = person.browser.post("/api/auth/email/verification", json!({})).await;
            asked.assert_status(202);
            mailed.next(person, "verify").await;
        }
        By::NewerReset => drop(mailed.forgot(person).await),
    }
}

fn assert_outcome(answer: &Answer, status: u16) {
    match status {
        400 => answer.assert_problem(400, "mail_token_invalid"),
        status => answer.assert_status(status),
    };
}

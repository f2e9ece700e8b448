//! What ends a pending change of the address, and what does not.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{Mailed, reset, use_link};
use crate::harness::{Person, until};

const NEW_PASSWORD: &str = "a saucer of marbles";

/// A write that raises the epoch. (The first code of an authenticator app that the Basic contract enabled raises it too,
/// but then no change is pending: enabling ended it, and the session may ask for none until that code.)
#[derive(Clone, Copy, Debug)]
enum Write {
    PasswordChange,
    Reset,
    AppConfirmed,
    AppEnabledByBasic,
    AppReplaced,
    AppRemoved,
    AppRemovedByBasic,
    Secured,
    SignedOutByOperator,
    AppResetByOperator,
    Disabled,
}

const WRITES: [Write; 11] = [
    Write::PasswordChange,
    Write::Reset,
    Write::AppConfirmed,
    Write::AppEnabledByBasic,
    Write::AppReplaced,
    Write::AppRemoved,
    Write::AppRemovedByBasic,
    Write::Secured,
    Write::SignedOutByOperator,
    Write::AppResetByOperator,
    Write::Disabled,
];

impl Write {
    /// Whether it needs an authenticator app from before.
    fn needs_app(self) -> bool {
        matches!(
            self,
            Self::AppReplaced
                | Self::AppRemoved
                | Self::AppRemovedByBasic
                | Self::AppResetByOperator
        )
    }

    /// Does it. `secure` is the token of a "This wasn't me" link.
    async fn apply(self, mailed: &Mailed, person: &Person, secure: &str) {
        let (browser, app) = (&person.browser, &mailed.app);
        let operator = |command: &str| {
            app.operator(&["users", command, &person.email, "--yes"]).assert_code(0);
        };
        let answer = match self {
            Self::PasswordChange => {
                let change = json!({
                    "current_password": person.password, "new_password": NEW_PASSWORD,
                });
                browser.put("/api/auth/password", change).await
            }
            Self::Reset => {
                let mail = mailed.forgot(person).await;
                reset(&app.browser(), mail.token_for("reset"), NEW_PASSWORD, None).await
            }
            Self::AppConfirmed | Self::AppReplaced => return person.clone().enrol_again().await,
            Self::AppEnabledByBasic | Self::AppRemovedByBasic => {
                let is_on = matches!(self, Self::AppEnabledByBasic);
                browser.put("/auth/otp/enable", json!({ "enabled": is_on })).await
            }
            Self::AppRemoved => browser.post("/api/auth/otp/disable", json!({})).await,
            Self::Secured => use_link(&app.browser(), "secure", secure).await,
            Self::SignedOutByOperator => return operator("sign-out"),
            Self::AppResetByOperator => return operator("reset-otp"),
            Self::Disabled => return operator("disable"),
        };
        assert!([200, 204].contains(&answer.status), "{self:?}: {}", answer.status);
    }
}

/// Somebody with a pending change of a verified address: the tokens that approve, undo and confirm it.
async fn pending(mailed: &Mailed, person: &Person) -> (String, String, String) {
    let email = format!("{}@new.example", person.name);
    let form = json!({ "email": email, "password": person.password });
    person.browser.put("/api/auth/email", form).await.assert_status(202);
    let notice = mailed.next(person, "notice-email_change_requested").await;
    let confirm = mailed.smtp.next_to(&email).await.token_for("confirm-email").to_owned();
    let token = |page| notice.token_for(page).to_owned();
    (token("approve-email"), token("secure"), confirm)
}

async fn with_change(
    mailed: &Mailed,
    name: &str,
    has_app: bool,
) -> (Person, (String, String, String)) {
    let person = if has_app {
        mailed.with_totp(name).await
    } else {
        let person = mailed.verified(name).await;
        person.browser.log_in(&person).await.assert_status(200);
        person
    };
    let tokens = pending(mailed, &person).await;
    (person, tokens)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_raises_the_epoch_cancels_a_change_confirmed_or_not() {
    let mailed = Mailed::spawn().await;
    let browser = mailed.app.browser();
    for write in WRITES {
        for is_confirmed in [false, true] {
            let name = format!("{write:?}-{is_confirmed}").to_lowercase();
            let (person, tokens) = with_change(&mailed, &name, write.needs_app()).await;
            let (approve, secure, confirm) = tokens;
            if is_confirmed {
                use_link(&browser, "email/confirm", &confirm).await.assert_status(200);
            }
            let before = mailed.app.stored(&person).await;
            write.apply(&mailed, &person, &secure).await;
            let after = mailed.app.stored(&person).await;
            let epochs = [&before, &after].map(|stored| stored.get_i64("epoch").unwrap());
            assert_eq!(epochs[1], epochs[0] + 1, "{write:?}");
            assert!(!after.get_document("mail").unwrap().contains_key("change"), "{write:?}");
            for (call, token) in [("email/confirm", &confirm), ("email/approve", &approve)] {
                use_link(&browser, call, token).await.assert_problem(400, "mail_token_invalid");
            }
            let events = mailed.app.collection("security_events").await;
            let id = after.get_object_id("_id").unwrap();
            let cancelled = doc! { "user": id, "kind": "email_change_cancelled" };
            let is_recorded =
                async || events.count_documents(cancelled.clone()).await.unwrap() == 1;
            until(&format!("{write:?} is recorded as the end of the change"), is_recorded).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_raise_the_epoch_leaves_a_change_pending() {
    let mailed = Mailed::spawn().await;
    let (ada, (approve, _, confirm)) = with_change(&mailed, "ada", true).await;
    let elsewhere = mailed.app.challenged(&ada).await;
    elsewhere.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let renewed = elsewhere.post("/api/auth/otp/recovery-codes", json!({})).await;
    renewed.assert_status(200);
    elsewhere.delete("/api/auth/sessions").await.assert_status(204);
    elsewhere.post("/api/auth/logout", json!({})).await.assert_status(204);
    mailed.app.operator(&["users", "unlock", &ada.email]).assert_code(0);
    mailed.app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let browser = mailed.app.browser();
    use_link(&browser, "email/approve", &approve).await.assert_status(204);
    let answer = use_link(&browser, "email/confirm", &confirm).await.assert_status(200).json();
    assert_eq!(answer["effective_at"], serde_json::Value::Null);
}

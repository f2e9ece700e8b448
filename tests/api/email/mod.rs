//! Email from the outside: links, notices, and the attacks that their rules stop.

mod access;
mod attacks;
mod change;
mod change_ends;
mod factors;
mod notices;
mod operator;
mod outbox;
mod registration;
mod reset;
mod secure;
mod verification;

use local_mongod::Mongod;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, HeldWrite, Person, Received, SmtpSink, TestApp};

/// A service that sends mail, and the server that it sends to.
pub struct Mailed {
    pub app: TestApp,
    pub smtp: SmtpSink,
}

impl Mailed {
    pub async fn spawn() -> Self {
        Self::with([]).await
    }

    pub async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let smtp = SmtpSink::start().await;
        let app = TestApp::with_all(&with_mail(&smtp.url(), &settings)).await;
        Self { app, smtp }
    }

    /// The same on a database of the test's own.
    pub async fn on(database_url: &str) -> Self {
        let smtp = SmtpSink::start().await;
        let app = TestApp::on_with_all(database_url, &with_mail(&smtp.url(), &[])).await;
        Self { app, smtp }
    }

    /// The same, with a `mongod` of its own that can hold commands back.
    pub async fn held<const N: usize>(settings: [(&str, &str); N]) -> (Mongod, Self) {
        let (mongod, smtp) = (HeldWrite::mongod().await, SmtpSink::start().await);
        let app = TestApp::on_with_all(&mongod.uri(), &with_mail(&smtp.url(), &settings)).await;
        (mongod, Self { app, smtp })
    }

    /// Somebody who registered; their verification mail is taken.
    pub async fn register(&self, name: &str) -> (Person, Received) {
        let person = self.app.register(name).await;
        let mail = self.next(&person, "verify").await;
        (person, mail)
    }

    /// Somebody who registered and verified their address.
    pub async fn verified(&self, name: &str) -> Person {
        let (person, mail) = self.register(name).await;
        use_link(&self.app.browser(), "email/verify", mail.token_for("verify"))
            .await
            .assert_status(204);
        person
    }

    /// Somebody who verified their address and has an authenticator app; the notice about it is taken.
    pub async fn with_totp(&self, name: &str) -> Person {
        let person = self.verified(name).await.with_totp().await;
        self.next(&person, "notice-factor_added").await;
        person
    }

    /// The next mail to a person, of this kind.
    pub async fn next(&self, person: &Person, kind: &str) -> Received {
        let mail = self.smtp.next_to(&person.email).await;
        assert_eq!(mail.kind(), kind, "{}", mail.text);
        mail
    }

    /// Asks for a link that resets a person's password, from a network that the account does not know.
    pub async fn forgot(&self, person: &Person) -> Received {
        forgot(&self.app.browser(), &person.email).await.assert_status(202);
        self.next(person, "reset").await
    }
}

fn with_mail<'a>(url: &'a str, settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mail = [("SMTP_URL", url), ("MAIL_FROM", "no-reply@auth.example")];
    [&mail, settings].concat()
}

/// Sends a link's token.
pub async fn use_link(browser: &Browser, call: &str, token: &str) -> Answer {
    browser.post(&format!("/api/auth/{call}"), json!({ "token": token })).await
}

pub async fn forgot(browser: &Browser, email: &str) -> Answer {
    browser.post("/api/auth/password/forgot", json!({ "email": email })).await
}

pub async fn reset(browser: &Browser, token: &str, password: &str, code: Option<&str>) -> Answer {
    let mut form = json!({ "token": token, "new_password": password });
    if let Some(code) = code {
        form["code"] = Value::from(code);
    }
    browser.post("/api/auth/password/reset", form).await
}

/// The account as its owner's browser sees it.
pub async fn me(browser: &Browser) -> Value {
    browser.get("/api/auth/me").await.assert_status(200).json()["user"].clone()
}

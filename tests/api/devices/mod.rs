//! Trusted devices: a login on one of them needs no second factor.

mod guards;
mod login;
mod management;
mod tokens;
mod trust;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Person, TestApp};

pub const COOKIE: &str = "twofold_device";

/// Submits the next code, and asks to trust the device.
pub async fn validate_and_trust(app: &TestApp, browser: &Browser, person: &Person) -> Answer {
    let form = json!({ "token": app.next_code(person), "remember_device": true });
    browser.post("/api/auth/otp/validate", form).await
}

/// Somebody with an authenticator app, and a browser that they trust.
pub async fn with_device(app: &TestApp, name: &str) -> (Person, Browser) {
    let person = app.register(name).await.with_totp().await;
    let browser = trusted(app, &person).await;
    (person, browser)
}

/// A browser that its owner trusts and is signed in with.
pub async fn trusted(app: &TestApp, person: &Person) -> Browser {
    app.advance(TimeDelta::minutes(1));
    let browser = app.challenged(person).await;
    validate_and_trust(app, &browser, person).await.assert_status(200);
    assert!(browser.cookie(COOKIE).is_some());
    browser
}

/// A browser that has nothing but the device's cookie of another one.
pub fn with_cookie_of(app: &TestApp, other: &Browser) -> Browser {
    let browser = app.browser();
    browser.set_cookie(COOKIE, &other.cookie(COOKIE).unwrap());
    browser
}

/// Logs in, and says whether that opened a session.
pub async fn opens_a_session(browser: &Browser, person: &Person) -> bool {
    browser.log_in(person).await.assert_status(200);
    browser.get("/api/auth/me").await.status == 200
}

pub async fn devices(browser: &Browser) -> Vec<Value> {
    let list = browser.get("/api/auth/devices").await.assert_status(200).json();
    list["devices"].as_array().unwrap().clone()
}

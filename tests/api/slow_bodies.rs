//! The account is read when a request's head has arrived, and its body may take seconds: whatever is
//! counted in between stays counted.

use bson::Document;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, HeldCall, Person, TestApp};
use crate::races::first_code;

/// A call whose body is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Enable,
    DisableByEither(bool),
    Generate,
    Verify,
    Validate,
    ChangePassword,
    Reauthenticate,
}

/// What is done between a head and its body.
#[derive(Clone, Copy, Debug)]
struct Guesses {
    wrong_passwords: i64,
    wrong_codes: i64,
}

/// Somebody who is signed in, with the counters at zero and the session not seen for a minute.
async fn signed_in_a_minute_ago(app: &TestApp, name: &str, has_totp: bool) -> Person {
    let ada = if has_totp {
        app.register(name).await.with_totp().await
    } else {
        app.signed_in(name).await
    };
    app.advance(TimeDelta::seconds(61));
    ada
}

/// Sends the head and returns once the service has read the account for it: that notes the use of
/// the session.
async fn hold(app: &TestApp, person: &Person, write: Write, body: &Value) -> HeldCall {
    let (method, path) = match write {
        Write::Enable | Write::DisableByEither(true) => ("PUT", "/auth/otp/enable"),
        Write::DisableByEither(false) => ("POST", "/api/auth/otp/disable"),
        Write::Generate => ("POST", "/api/auth/otp/generate"),
        Write::Verify => ("POST", "/api/auth/otp/verify"),
        Write::Validate => ("POST", "/api/auth/otp/validate"),
        Write::ChangePassword => ("PUT", "/api/auth/password"),
        Write::Reauthenticate => ("POST", "/api/auth/reauthenticate"),
    };
    let held = HeldCall::begin(app, &person.browser, (method, path, body)).await;
    app.until_seen(person).await;
    held
}

async fn guess_password(browser: &Browser) -> Answer {
    let form = json!({ "current_password": "not the password", "new_password": "plum velvet" });
    browser.put("/api/auth/password", form).await
}

fn session(stored: &Document) -> &Document {
    stored.get_array("sessions").unwrap()[0].as_document().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_while_a_body_is_held_back_end_the_session_at_the_fifth() {
    let app = TestApp::spawn().await;
    let eve = signed_in_a_minute_ago(&app, "eve", false).await;
    for _ in 0..2 {
        // Another session, whose count stays at zero.
        app.browser().log_in(&eve).await.assert_status(200);
        let held = hold(&app, &eve, Write::Enable, &json!({ "enabled": true })).await;
        for _ in 0..2 {
            guess_password(&eve.browser).await.assert_problem(400, "incorrect_password");
        }
        assert_eq!(held.finish().await, 200);
        let off = json!({ "enabled": false });
        eve.browser.put("/auth/otp/enable", off).await.assert_status(200);
        app.advance(TimeDelta::seconds(61));
    }
    assert_eq!(session(&app.stored(&eve).await).get_i64("failed").unwrap(), 4);
    guess_password(&eve.browser).await.assert_problem(400, "incorrect_password");
    guess_password(&eve.browser).await.assert_problem(401, "not_authenticated");
}

/// The body that makes a write succeed.
async fn right_body(app: &TestApp, person: &Person, write: Write) -> Value {
    match write {
        Write::Enable => json!({ "enabled": true }),
        Write::DisableByEither(_) => json!({ "enabled": false }),
        Write::Generate => json!({}),
        Write::Verify => {
            let code = first_code(app, &person.browser).await;
            // Starting the setup noted the use of the session. The code stays right for a step.
            app.until_seen(person).await;
            app.set_last_seen_back(person).await;
            json!({ "token": code })
        }
        Write::Validate => json!({ "token": person.phone().code_at(app.clock.now()) }),
        Write::ChangePassword => {
            json!({ "current_password": person.password, "new_password": "a saucer of marbles" })
        }
        Write::Reauthenticate => json!({ "password": person.password }),
    }
}

/// Guesses as often as `guesses` says; returns how many codes the account has counted.
async fn guess(app: &TestApp, person: &Person, has_totp: bool, guesses: Guesses) -> i64 {
    for _ in 0..guesses.wrong_passwords {
        guess_password(&person.browser).await.assert_problem(400, "incorrect_password");
    }
    let codes = if has_totp { guesses.wrong_codes } else { 0 };
    for _ in 0..codes {
        let wrong = person.phone().wrong_code_at(app.clock.now());
        person.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
    }
    codes
}

/// One case: what the write decides itself is as it decides, and every other counter is as it was
/// counted while the body was held back.
async fn interleave(app: &TestApp, name: &str, write: Write, guesses: Guesses) {
    let has_totp = matches!(
        write,
        Write::DisableByEither(_) | Write::Validate | Write::Generate | Write::ChangePassword
    );
    let ada = signed_in_a_minute_ago(app, name, has_totp).await;
    let body = right_body(app, &ada, write).await;
    let held = hold(app, &ada, write, &body).await;
    let counted_codes = guess(app, &ada, has_totp, guesses).await;
    let status = held.finish().await;
    assert!((200..300).contains(&status), "{write:?} was answered {status}");
    let expected = (write.leaves_failed(guesses), write.leaves_codes(counted_codes));
    assert_counters(app, &ada, write, expected).await;
}

impl Write {
    /// How many wrong passwords are counted afterwards: proving the password forgets them.
    fn leaves_failed(self, guesses: Guesses) -> i64 {
        match self {
            Self::ChangePassword | Self::Reauthenticate => 0,
            _ => guesses.wrong_passwords,
        }
    }

    /// How many wrong codes are counted afterwards: a right code and disabling reset the count.
    fn leaves_codes(self, counted: i64) -> i64 {
        match self {
            Self::DisableByEither(_) | Self::Validate => 0,
            _ => counted,
        }
    }
}

async fn assert_counters(app: &TestApp, person: &Person, write: Write, expected: (i64, i64)) {
    let stored = app.stored(person).await;
    let failed = session(&stored).get_i64("failed").unwrap();
    let codes = stored.get_document("codes").unwrap().get_i64("failed").unwrap();
    assert_eq!((failed, codes), expected, "{write:?}");
    let seen = app.last_seen(person).await;
    assert_eq!(seen, app.clock.now(), "{write:?} took the session's use back");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_with_a_slow_body_takes_back_what_was_counted_in_between() {
    let app = TestApp::spawn().await;
    let writes = prop_oneof![
        Just(Write::Enable),
        any::<bool>().prop_map(Write::DisableByEither),
        Just(Write::Generate),
        Just(Write::Verify),
        Just(Write::Validate),
        Just(Write::ChangePassword),
        Just(Write::Reauthenticate),
    ];
    let counts = (0_i64..5, 0_i64..4);
    let guesses =
        counts.prop_map(|(wrong_passwords, wrong_codes)| Guesses { wrong_passwords, wrong_codes });
    let handle = tokio::runtime::Handle::current();
    let number = std::cell::Cell::new(0);
    tokio::task::block_in_place(|| {
        let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&(writes, guesses), |(write, guesses)| {
            number.set(number.get() + 1);
            handle.block_on(interleave(&app, &format!("ada-{}", number.get()), write, guesses));
            Ok(())
        });
        outcome.unwrap();
    });
}

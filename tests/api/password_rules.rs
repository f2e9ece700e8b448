//! What counts in a password, and what does not.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Call, Person, TestApp};

/// Registers somebody with exactly this password.
async fn with_password(app: &TestApp, name: &str, password: &str) -> Person {
    let mut person = Person::new(app, name);
    person.password = password.to_owned();
    person.register().await;
    person
}

/// Asserts that neither way of logging in takes another password for the person's own, and that both
/// take the right one. The right one also clears the count of wrong ones.
async fn assert_another(app: &TestApp, person: &Person, other: &str) {
    let mut guess = person.clone();
    guess.password = other.to_owned();
    let basic = async |person: &Person| {
        let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
        app.browser().send(call).await
    };
    let refused = app.browser().log_in(&guess).await;
    assert_eq!(refused.code(), "incorrect_credentials", "{:?}", guess.password);
    let refused = basic(&guess).await;
    assert_eq!(refused.assert_status(401).json(), json!({ "token": null, "status": 3 }));
    app.browser().log_in(person).await.assert_status(200);
    assert_eq!(basic(person).await.assert_status(200).json()["status"], 0);
}

#[tokio::test]
async fn case_and_white_space_at_the_ends_of_a_password_count() {
    let app = TestApp::spawn().await;
    let ada = with_password(&app, "ada", " Plum\tvelvet tractor ").await;
    for other in [
        " plum\tvelvet tractor ",
        " PLUM\tVELVET TRACTOR ",
        "Plum\tvelvet tractor ",
        " Plum\tvelvet tractor",
        "Plum\tvelvet tractor",
        " Plum\tvelvet tractor\n",
        "  Plum\tvelvet tractor ",
        " Plum velvet tractor ",
    ] {
        assert_another(&app, &ada, other).await;
    }
}

#[tokio::test]
async fn the_last_of_256_characters_counts_and_so_does_what_follows_a_null() {
    let app = TestApp::spawn().await;
    let long = |last: &str| format!("{}{last}", "plum ".repeat(51));
    let ada = with_password(&app, "ada", &long("a")).await;
    assert_eq!(ada.password.chars().count(), 256);
    for other in [&long("b"), &long("A"), &long(""), &ada.password[..72]] {
        assert_another(&app, &ada, other).await;
    }
    let keys = with_password(&app, "kay", &"🔑".repeat(256)).await;
    assert_another(&app, &keys, &format!("{}🔒", "🔑".repeat(255))).await;
    let null = with_password(&app, "nul", "plum velvet\0tractor").await;
    for other in ["plum velvet\0tractar", "plum velvet\0", "plum velvet"] {
        assert_another(&app, &null, other).await;
    }
}

#[tokio::test]
async fn a_changed_password_is_stored_as_it_was_sent_too() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let new = " A saucer of Marbles ";
    let form = json!({ "current_password": ada.password, "new_password": new });
    ada.browser.put("/api/auth/password", form).await.assert_status(204);
    ada.password = new.to_owned();
    for other in ["A saucer of Marbles", " a saucer of marbles "] {
        assert_another(&app, &ada, other).await;
    }
}

#[tokio::test]
async fn a_password_never_expires() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let first = ada.browser.log_in(&ada).await.assert_status(200).json()["user"].clone();
    for _ in 0..3 {
        app.advance(TimeDelta::days(10 * 365));
        let browser = app.browser();
        let answer = browser.log_in(&ada).await;
        assert_eq!(answer.assert_status(200).json()["user"], first, "nothing asks for another one");
        browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
        let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
        assert_eq!(app.browser().send(call).await.assert_status(200).json()["status"], 0);
    }
}

#[tokio::test]
async fn one_password_of_two_people_is_stored_as_two_hashes() {
    let app = TestApp::spawn().await;
    let ada = with_password(&app, "ada", "plum velvet tractor").await;
    let eve = with_password(&app, "eve", "plum velvet tractor").await;
    let (of_ada, of_eve) = (app.stored(&ada).await, app.stored(&eve).await);
    assert_ne!(of_ada.get_str("password").unwrap(), of_eve.get_str("password").unwrap());
}

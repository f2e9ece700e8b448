//! Trusted devices in their owner's hands, and what ends them.

use serde_json::{Value, json};

use super::{COOKIE, devices, opens_a_session, trusted, with_cookie_of, with_device};
use crate::harness::{Browser, Person, TestApp};

#[tokio::test]
async fn the_list_shows_the_devices_last_used_first() {
    let app = TestApp::spawn().await;
    let (ada, first) = with_device(&app, "ada").await;
    let second = trusted(&app, &ada).await;
    app.advance(chrono::TimeDelta::minutes(1));
    let first = first.always("user-agent", "Firefox");
    assert!(opens_a_session(&first, &ada).await);
    let list = devices(&first).await;
    let current: Vec<&Value> = list.iter().map(|device| &device["current"]).collect();
    assert_eq!(current, [&json!(true), &json!(false)]);
    assert_eq!(list[0]["user_agent"], "Firefox");
    assert!(list[0]["last_seen_at"].as_str() > list[0]["created_at"].as_str());
    assert_eq!(list[1]["last_seen_at"], list[1]["created_at"]);
    let mut fields: Vec<&String> = list[0].as_object().unwrap().keys().collect();
    fields.sort();
    let expected =
        ["created_at", "current", "expires_at", "id", "ip", "last_seen_at", "user_agent"];
    assert_eq!(fields, expected);
    let seen_by_second = devices(&second).await;
    assert_eq!(seen_by_second[1]["current"], true);
}

#[tokio::test]
async fn one_device_or_all_can_be_removed_and_another_account_s_cannot() {
    let app = TestApp::spawn().await;
    let (ada, first) = with_device(&app, "ada").await;
    let second = trusted(&app, &ada).await;
    let third = trusted(&app, &ada).await;
    let (_bea, hers) = with_device(&app, "bea").await;
    let id = |list: &[Value], at: usize| list[at]["id"].as_str().unwrap().to_owned();
    let list = devices(&third).await;
    let path = format!("/api/auth/devices/{}", id(&list, 2));
    hers.delete(&path).await.assert_problem(404, "device_not_found");
    third.delete(&path).await.assert_status(204);
    third.delete(&path).await.assert_problem(404, "device_not_found");
    first.get("/api/auth/me").await.assert_status(200);
    assert!(!opens_a_session(&with_cookie_of(&app, &first), &ada).await);
    assert!(opens_a_session(&with_cookie_of(&app, &second), &ada).await);
    third.delete("/api/auth/devices").await.assert_status(204);
    third.delete("/api/auth/devices").await.assert_status(204);
    assert!(devices(&third).await.is_empty());
    assert!(!opens_a_session(&with_cookie_of(&app, &third), &ada).await);
    assert_eq!(devices(&hers).await.len(), 1);
}

/// A change that ends every trusted device.
type Change = (&'static str, fn(TestApp, Person, Browser) -> Done);
type Done = std::pin::Pin<Box<dyn Future<Output = (TestApp, Person)>>>;

#[tokio::test]
async fn whatever_changes_the_credentials_ends_every_device() {
    let changes: [Change; 6] = [
        ("the password", |app, mut ada, browser| {
            Box::pin(async move {
                let new = "another plum velvet tractor";
                let form = json!({ "current_password": ada.password, "new_password": new });
                browser.put("/api/auth/password", form).await.assert_status(204);
                ada.password = new.to_owned();
                (app, ada)
            })
        }),
        ("signing out the others", |app, ada, browser| {
            Box::pin(async move {
                browser.delete("/api/auth/sessions").await.assert_status(204);
                (app, ada)
            })
        }),
        ("another authenticator app", |app, mut ada, browser| {
            Box::pin(async move {
                ada.browser = browser;
                ada.enrol_again().await;
                (app, ada)
            })
        }),
        ("the operator's sign-out", |app, ada, _browser| {
            Box::pin(async move {
                app.operator(&["users", "sign-out", &ada.email, "--yes"]).assert_code(0);
                (app, ada)
            })
        }),
        ("the operator's disabling", |app, ada, _browser| {
            Box::pin(async move {
                app.operator(&["users", "disable", &ada.email, "--yes"]).assert_code(0);
                app.operator(&["users", "enable", &ada.email]).assert_code(0);
                (app, ada)
            })
        }),
        ("the operator's reset", |app, ada, _browser| {
            Box::pin(async move {
                app.operator(&["users", "reset-otp", &ada.email, "--yes"]).assert_code(0);
                (app, ada)
            })
        }),
    ];
    for (what, change) in changes {
        let app = TestApp::spawn().await;
        let (ada, device) = with_device(&app, "ada").await;
        let kept = with_cookie_of(&app, &device);
        let (app, ada) = change(app, ada, device).await;
        assert!(app.stored(&ada).await.get_array("devices").is_err(), "{what}");
        if what != "the operator's reset" {
            assert!(!opens_a_session(&kept, &ada).await, "{what}");
        }
    }
}

#[tokio::test]
async fn removing_the_authenticator_app_ends_the_devices_and_a_later_one_does_not_revive_them() {
    let app = TestApp::spawn().await;
    let (mut ada, device) = with_device(&app, "ada").await;
    let kept = with_cookie_of(&app, &device);
    device.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    app.advance(chrono::TimeDelta::minutes(1));
    ada.browser = device.clone();
    ada.enrol_again().await;
    assert!(!opens_a_session(&kept, &ada).await);
    assert!(kept.cookie(COOKIE).is_some(), "an unknown device's cookie is left alone");
}

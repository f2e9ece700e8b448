//! Each login gives a device a new token, and a token that was copied ends the device.

use bson::doc;

use super::{COOKIE, devices, opens_a_session, with_cookie_of, with_device};
use crate::harness::{TestApp, at_once, count};

#[tokio::test]
async fn every_login_gives_the_device_a_new_token() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let mut seen = vec![device.cookie(COOKIE).unwrap()];
    for _ in 0..3 {
        assert!(opens_a_session(&device, &ada).await);
        let token = device.cookie(COOKIE).unwrap();
        assert!(!seen.contains(&token));
        seen.push(token);
    }
    assert_eq!(devices(&device).await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_does_not_end_the_device() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    // The answers to three logins are lost: the old token is all that the browser has.
    for _ in 0..3 {
        assert!(opens_a_session(&with_cookie_of(&app, &device), &ada).await);
    }
    assert!(opens_a_session(&device, &ada).await);
    assert!(opens_a_session(&device, &ada).await);
}

#[tokio::test]
async fn whichever_of_two_tabs_answers_last_the_device_stays_trusted() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let (first, second) = (with_cookie_of(&app, &device), with_cookie_of(&app, &device));
    assert!(opens_a_session(&first, &ada).await && opens_a_session(&second, &ada).await);
    // The browser keeps what came last, which may be the first tab's.
    assert!(opens_a_session(&with_cookie_of(&app, &first), &ada).await);
}

#[tokio::test]
async fn a_copy_that_is_used_after_its_owner_ends_the_device() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let stolen = with_cookie_of(&app, &device);
    assert!(opens_a_session(&device, &ada).await);
    assert!(opens_a_session(&device, &ada).await, "the newer token is presented");
    assert!(!opens_a_session(&stolen, &ada).await);
    assert!(devices(&device).await.is_empty());
    assert!(!opens_a_session(&with_cookie_of(&app, &device), &ada).await);
    let kinds = device.get("/api/auth/events?limit=100").await.json()["events"].to_string();
    assert!(kinds.contains("device_token_reused"), "{kinds}");
}

#[tokio::test]
async fn a_copy_that_is_used_before_its_owner_ends_the_device_when_the_owner_returns() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let thief = with_cookie_of(&app, &device);
    assert!(opens_a_session(&thief, &ada).await && opens_a_session(&thief, &ada).await);
    assert!(!opens_a_session(&device, &ada).await, "the owner is asked for a code");
    assert!(!opens_a_session(&with_cookie_of(&app, &thief), &ada).await);
}

#[tokio::test]
async fn of_several_newer_tokens_the_first_that_is_presented_ends_the_others() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let (owner, thief) = (with_cookie_of(&app, &device), with_cookie_of(&app, &device));
    assert!(opens_a_session(&owner, &ada).await && opens_a_session(&thief, &ada).await);
    assert!(opens_a_session(&owner, &ada).await);
    assert!(!opens_a_session(&thief, &ada).await);
    assert!(!opens_a_session(&with_cookie_of(&app, &owner), &ada).await);
}

#[tokio::test]
async fn a_made_up_token_with_a_device_s_id_ends_the_device() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let mut token = device.cookie(COOKIE).unwrap();
    let last = if token.ends_with('A') { "E" } else { "A" };
    token.replace_range(token.len() - 1.., last);
    let forged = app.browser();
    forged.set_cookie(COOKIE, &token);
    assert!(!opens_a_session(&forged, &ada).await);
    assert!(devices(&device).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_logins_at_once_with_one_token_are_one_device() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let tabs: Vec<_> = (0..10).map(|_| with_cookie_of(&app, &device)).collect();
    let logins = tabs.iter().map(|tab| {
        let (tab, ada) = (tab.clone(), ada.clone());
        async move { tab.log_in(&ada).await }
    });
    let answers = at_once(logins).await;
    assert_eq!(count(&answers, 200) + count(&answers, 503) + count(&answers, 429), 10);
    let stored = app.stored(&ada).await;
    let stored = stored.get_array("devices").unwrap();
    assert_eq!(stored.len(), 1);
    let last = tabs.iter().rev().find(|tab| tab.cookie("twofold_session").is_some()).unwrap();
    assert!(opens_a_session(&with_cookie_of(&app, last), &ada).await);
    let events = app.collection("security_events").await;
    let reused = doc! { "kind": "device_token_reused" };
    assert_eq!(events.count_documents(reused).await.unwrap(), 0);
}

//! The hashing queue: bounded, shared, and given back.

use std::time::Duration;

use bson::doc;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    Answer, Browser, Call, TestApp, until, until_begun, until_charged, until_waiting, until_within,
};

/// One thread that takes its time, four places, all of which one network may hold.
const SLOW: [(&str, &str); 5] = [
    ("HASH_THREADS", "1"),
    ("HASH_QUEUE", "4"),
    ("HASH_QUEUE_SHARE", "100"),
    ("HASH_MEMORY_KIB", "65536"),
    ("HASH_ITERATIONS", "6"),
];

/// The same, in seconds.
const SLOWER: [(&str, &str); 5] =
    [SLOW[0], SLOW[1], SLOW[2], ("HASH_MEMORY_KIB", "262144"), ("HASH_ITERATIONS", "16")];

fn login(name: &str) -> Call {
    let form = json!({ "email": format!("{name}@example.com"), "password": "not the password" });
    Call::new("POST", "/api/auth/login").json(&form).header("origin", "http://localhost:3000")
}

async fn flood(browser: &Browser, count: usize) -> Vec<Answer> {
    let logins = (0..count).map(|n| {
        let browser = browser.copy();
        tokio::spawn(async move { browser.send(login(&format!("nobody-{n}"))).await })
    });
    join_all(logins).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_place_is_refused_at_once_and_not_charged() {
    let app = TestApp::with(SLOW).await;
    let answers = flood(&app.browser(), 40).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(refused.len() >= 30, "{} were refused", refused.len());
    for answer in refused {
        answer.assert_problem(503, "busy");
        assert!(answer.header("retry-after").is_some());
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    }
    let checked = answers.iter().filter(|answer| answer.status == 400).count();
    let throttles = app.collection("throttles").await;
    // Taking a charge back is not waited for by the one who was refused.
    let charged = doc! { "failed": { "$gt": 0 } };
    until("only the checked logins stay charged", async || {
        throttles.count_documents(charged.clone()).await.unwrap() == 2 * checked as u64
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_holds_its_share_of_the_places_and_no_more() {
    let mut settings = SLOW;
    settings[2] = ("HASH_QUEUE_SHARE", "25");
    let proxied = [
        settings[0],
        settings[1],
        settings[2],
        settings[3],
        settings[4],
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let app = TestApp::with(proxied).await;
    let from = |address: &str| app.browser().always("x-forwarded-for", address);
    let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
    let (crowd, single) = tokio::join!(flood(&one, 20), async {
        until_charged(&app, 2).await;
        other.send(login("somebody")).await
    });
    single.assert_problem(400, "incorrect_credentials");
    let checked = crowd.iter().filter(|answer| answer.status == 400).count();
    assert!((1..=4).contains(&checked), "{checked} of one network were checked");
}

#[tokio::test(flavor = "multi_thread")]
async fn cheap_calls_are_answered_while_hashes_run() {
    let app = TestApp::with(SLOW).await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let browser = app.browser();
    let flooding = tokio::spawn(async move { flood(&browser, 5).await });
    until_charged(&app, 4).await;
    ada.browser.get("/api/healthchecker").await.assert_status(200);
    ada.browser.get("/api/auth/me").await.assert_status(200);
    assert!(!flooding.is_finished(), "the hashes were over before they could be overtaken");
    flooding.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_gives_its_place_and_its_charge_back() {
    let app = TestApp::with(SLOWER).await;
    let send = |name: String| {
        let browser = app.browser();
        tokio::spawn(async move { browser.send(login(&name)).await })
    };
    let running = send("stays".to_owned());
    until_begun(&app, 1).await;
    let waiting: Vec<_> = (0..4).map(|n| send(format!("leaves-{n}"))).collect();
    until_charged(&app, 10).await;
    until_waiting(&app, 4).await;
    waiting.iter().for_each(tokio::task::JoinHandle::abort);

    let throttles = app.collection("throttles").await;
    until_within(Duration::from_mins(1), "the charges are taken back", async || {
        throttles.count_documents(doc! {}).await.unwrap() == 2
    })
    .await;
    assert!(!running.is_finished(), "the places were not given back but came free");
    running.await.unwrap().assert_problem(400, "incorrect_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_a_session_s_check_gets_its_try_back() {
    let app = TestApp::with(SLOWER).await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let browser = app.browser();
    let running = tokio::spawn(async move { browser.send(login("stays")).await });
    // After the registration and the login.
    until_begun(&app, 3).await;
    let (browser, form) = (ada.browser.copy(), json!({ "password": ada.password }));
    let leaving = tokio::spawn(async move { browser.post("/api/auth/reauthenticate", form).await });
    until_waiting(&app, 1).await;
    until_tries(&app, 1).await;
    leaving.abort();
    until_tries(&app, 0).await;
    assert!(!running.is_finished(), "the check had begun before it was left");
    running.await.unwrap().assert_problem(400, "incorrect_credentials");
}

/// Waits until the only account's only session has this many tries counted.
async fn until_tries(app: &TestApp, count: i64) {
    let users = app.collection("users").await;
    until("the session's tries are counted", async || {
        users.find_one(doc! { "sessions.failed": count }).await.unwrap().is_some()
    })
    .await;
}

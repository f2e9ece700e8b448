//! Passwords: what is refused does not count, and an unknown address costs what a known one does.

use chrono::TimeDelta;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::harness::{Answer, Call, TestApp, until_begun, until_waiting};
use crate::passwords::{behind_proxy, from, try_password};

#[tokio::test]
async fn what_the_strangers_rule_refuses_does_not_count_on_the_network_it_came_from() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await;
    for network in 0..25 {
        for _ in 0..4 {
            let stranger = from(&app, &format!("198.51.100.{network}"));
            try_password(&stranger, &ada.email).await.assert_status(400);
        }
    }
    let refused = from(&app, "203.0.113.1");
    for _ in 0..12 {
        assert_eq!(try_password(&refused, &ada.email).await.retry_after(), 60);
    }
    app.advance(TimeDelta::seconds(60));
    // Twelve failures of its own would make it wait for fifteen minutes.
    refused.log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn what_the_strangers_rule_refuses_does_not_prolong_the_wait_of_its_network() {
    let app = behind_proxy().await;
    for network in 0..19 {
        for _ in 0..5 {
            let stranger = from(&app, &format!("198.51.100.{network}"));
            try_password(&stranger, "nobody@example.com").await.assert_status(400);
        }
    }
    let one = from(&app, "203.0.113.1");
    for _ in 0..5 {
        try_password(&one, "nobody@example.com").await.assert_status(400);
    }
    // Its own wait of half a minute is over, that of the strangers is not.
    app.advance(TimeDelta::seconds(40));
    assert_eq!(try_password(&one, "nobody@example.com").await.retry_after(), 20);
    app.advance(TimeDelta::seconds(20));
    try_password(&one, "nobody@example.com").await.assert_status(400);
}

#[tokio::test]
async fn what_a_spent_network_budget_refuses_does_not_count_on_the_address() {
    let app = TestApp::with([("NETWORK_FAILURES", "2")]).await;
    let ada = app.register("ada").await;
    for name in ["nobody", "somebody"] {
        try_password(&app.browser(), &format!("{name}@example.com")).await.assert_status(400);
    }
    for _ in 0..12 {
        assert_eq!(try_password(&app.browser(), &ada.email).await.retry_after(), 600);
    }
    app.advance(TimeDelta::minutes(10));
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_and_an_unlock_forget_the_failures_of_one_address_and_of_no_other() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    let fail = async |email: &str| {
        for _ in 0..5 {
            try_password(&app.browser(), email).await.assert_status(400);
        }
    };
    fail(&bea.email).await;
    try_password(&app.browser(), &ada.email).await.assert_status(400);
    app.browser().log_in(&ada).await.assert_status(200);
    assert_eq!(app.browser().log_in(&bea).await.retry_after(), 30);
    fail(&ada.email).await;
    app.operator(&["users", "unlock", &ada.email]).assert_code(0);
    app.browser().log_in(&ada).await.assert_status(200);
    assert_eq!(app.browser().log_in(&bea).await.retry_after(), 30);
}

#[tokio::test]
async fn a_login_stores_no_new_hash_and_no_later_time_of_a_network_within_an_hour() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let before = app.stored(&ada).await;
    for _ in 0..5 {
        app.advance(TimeDelta::minutes(10));
        app.browser().log_in(&ada).await.assert_status(200);
    }
    let after = app.stored(&ada).await;
    for field in ["password", "networks"] {
        assert_eq!(after.get(field), before.get(field), "{field}");
    }
}

#[tokio::test]
async fn where_a_code_is_due_no_password_is_checked_without_one() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for _ in 0..6 {
        let form = json!({ "password": "not the password" });
        let refused = ada.browser.post("/api/auth/reauthenticate", form).await;
        refused.assert_problem(403, "otp_required");
    }
    ada.browser.get("/whoami").await.assert_status(200);
}

/// One thread that takes about a second for a hash, and a queue that one network may fill.
const SLOW: [(&str, &str); 5] = [
    ("HASH_THREADS", "1"),
    ("HASH_QUEUE", "3"),
    ("HASH_QUEUE_SHARE", "100"),
    ("HASH_MEMORY_KIB", "131072"),
    ("HASH_ITERATIONS", "12"),
];

fn login(app: &TestApp, email: String) -> JoinHandle<Answer> {
    let browser = app.browser();
    tokio::spawn(async move { try_password(&browser, &email).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_takes_a_place_in_the_hashing_queue_as_a_known_one_does() {
    let app = TestApp::with(SLOW).await;
    let quick = app.second_instance([]).await;
    let ada = quick.register("ada").await;
    // One is hashed and three wait, all for addresses that nobody has.
    let running = login(&app, "nobody@example.com".to_owned());
    until_begun(&app, 1).await;
    let waiting: Vec<_> = (0..3).map(|n| login(&app, format!("nobody-{n}@example.com"))).collect();
    until_waiting(&app, 3).await;
    for email in ["somebody@example.com", ada.email.as_str()] {
        let refused = try_password(&app.browser(), email).await;
        refused.assert_problem(503, "busy");
    }
    let basic = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    app.browser().send(basic).await.assert_problem(503, "busy");
    // An address that is taken is refused before any hashing.
    let form = json!({ "name": "Ada", "email": ada.email, "password": ada.password });
    app.browser().post("/api/auth/register", form).await.assert_problem(409, "account_exists");
    waiting.iter().for_each(JoinHandle::abort);
    running.await.unwrap().assert_problem(400, "incorrect_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_in_a_session_that_found_no_place_to_hash_is_taken_back_once() {
    let app = TestApp::with(SLOW).await;
    let quick = app.second_instance([]).await;
    let ada = quick.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let form = json!({ "password": "not the password" });
    for _ in 0..2 {
        let wrong = ada.browser.post("/api/auth/reauthenticate", form.clone()).await;
        wrong.assert_problem(400, "incorrect_password");
    }
    let here = app.browser();
    here.set_cookie("twofold_session", &ada.browser.cookie("twofold_session").unwrap());
    let running = login(&app, "nobody@example.com".to_owned());
    until_begun(&app, 1).await;
    let waiting: Vec<_> = (0..3).map(|n| login(&app, format!("nobody-{n}@example.com"))).collect();
    until_waiting(&app, 3).await;
    here.post("/api/auth/reauthenticate", form).await.assert_problem(503, "busy");
    waiting.iter().for_each(JoinHandle::abort);
    running.await.unwrap().assert_problem(400, "incorrect_credentials");
    let stored = app.stored(&ada).await;
    let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap();
    assert_eq!(session.get_i64("failed").unwrap(), 2);
}

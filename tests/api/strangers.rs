//! Guesses from many networks: strangers share one check a minute, and none of them takes every turn.

use bson::doc;
use chrono::TimeDelta;
use futures_util::future::join_all;

use crate::harness::{Person, TestApp, until};
use crate::passwords::{behind_proxy, from, try_password};

/// A hundred wrong passwords from twenty-five networks, of which each siege has others.
async fn siege(app: &TestApp, number: u8, email: &str) {
    for network in 0..25 {
        for _ in 0..4 {
            let stranger = from(app, &format!("198.51.{number}.{network}"));
            try_password(&stranger, email).await.assert_status(400);
        }
    }
}

#[tokio::test]
async fn after_a_hundred_strangers_share_one_check_a_minute_and_the_owner_does_not() {
    let app = behind_proxy().await;
    let ada: Person = app.register("ada").await;
    let home = from(&app, "192.0.2.1");
    home.log_in(&ada).await.assert_status(200);
    for email in [ada.email.as_str(), "nobody@example.com"] {
        siege(&app, 1, email).await;
        assert_eq!(try_password(&from(&app, "203.0.113.1"), email).await.retry_after(), 60);
        app.advance(TimeDelta::seconds(60));
        try_password(&from(&app, "203.0.113.1"), email).await.assert_status(400);
        try_password(&from(&app, "203.0.113.2"), email).await.retry_after();
    }
    try_password(&from(&app, "203.0.113.3"), &ada.email).await.assert_status(400);
    from(&app, "203.0.113.4").log_in(&ada).await.retry_after();
    home.log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_network_is_known_for_thirty_days_once_the_second_factor_was_right_too() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await.with_totp().await;
    let half = from(&app, "192.0.2.7");
    half.log_in(&ada).await.assert_status(200);
    siege(&app, 1, &ada.email).await;
    half.log_in(&ada).await.retry_after();

    app.advance(TimeDelta::minutes(1));
    half.log_in(&ada).await.assert_status(200);
    half.validate(&app.next_code(&ada)).await.assert_status(200);
    siege(&app, 2, &ada.email).await;
    half.log_in(&ada).await.assert_status(200);
    app.advance(TimeDelta::days(31));
    siege(&app, 3, &ada.email).await;
    half.log_in(&ada).await.retry_after();
}

/// A hundred wrong passwords from twenty-five /64s of one /48.
async fn siege_from_one_site(app: &TestApp, email: &str) {
    for network in 0..25 {
        for _ in 0..4 {
            let stranger = from(app, &format!("2001:db8:bad:{network:x}::1"));
            try_password(&stranger, email).await.assert_status(400);
        }
    }
}

#[tokio::test]
async fn one_site_has_every_fifth_of_the_shared_checks_however_many_networks_it_has() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await;
    for email in [ada.email.as_str(), "nobody@example.com"] {
        siege_from_one_site(&app, email).await;
        let mut checked = 0;
        for second in 0..600 {
            app.advance(TimeDelta::seconds(1));
            let stranger = from(&app, &format!("2001:db8:bad:{second:x}::1"));
            checked += u32::from(try_password(&stranger, email).await.status == 400);
        }
        assert_eq!(checked, 2, "one in five minutes");
    }
}

#[tokio::test]
async fn an_owner_abroad_gets_in_while_one_site_guesses_all_the_time() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await;
    siege_from_one_site(&app, &ada.email).await;
    let abroad = from(&app, "2001:db8:c::1");
    let mut waited = 0;
    while abroad.log_in(&ada).await.status != 200 {
        waited += 1;
        assert!(waited <= 120, "refused for two minutes");
        app.advance(TimeDelta::seconds(1));
        for network in 0..3 {
            let guess = from(&app, &format!("2001:db8:bad:{waited:x}{network}::1"));
            try_password(&guess, &ada.email).await;
        }
    }
}

#[tokio::test]
async fn a_site_whose_turn_it_was_learns_when_the_next_is() {
    let app = behind_proxy().await;
    siege_from_one_site(&app, "nobody@example.com").await;
    app.advance(TimeDelta::minutes(1));
    let (one, other) = (from(&app, "2001:db8:bad:ffff::1"), from(&app, "2001:db8:d::1"));
    try_password(&from(&app, "2001:db8:bad:fffe::1"), "nobody@example.com")
        .await
        .assert_status(400);
    assert_eq!(try_password(&one, "nobody@example.com").await.retry_after(), 300);
    assert_eq!(try_password(&other, "nobody@example.com").await.retry_after(), 60);
    app.advance(TimeDelta::minutes(2));
    assert_eq!(try_password(&one, "nobody@example.com").await.retry_after(), 180);
    try_password(&other, "nobody@example.com").await.assert_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_strangers_at_once_one_has_the_shared_check() {
    let app = behind_proxy().await;
    siege(&app, 1, "nobody@example.com").await;
    app.advance(TimeDelta::minutes(1));
    let guesses = (0..30).map(|number| {
        let stranger = from(&app, &format!("203.0.113.{number}"));
        tokio::spawn(async move { try_password(&stranger, "nobody@example.com").await.status })
    });
    let answers: Vec<u16> = join_all(guesses).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 1);
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 29);
}

#[tokio::test]
async fn the_site_of_a_registration_is_known_for_thirty_days() {
    let app = behind_proxy().await;
    let mut ada = Person::new(&app, "ada");
    ada.browser = from(&app, "2001:db8:a:1::1");
    ada.register().await;
    siege(&app, 1, &ada.email).await;
    from(&app, "2001:db8:b:1::1").log_in(&ada).await.retry_after();
    app.advance(TimeDelta::days(29));
    siege(&app, 2, &ada.email).await;
    from(&app, "2001:db8:a:2::1").log_in(&ada).await.assert_status(200);

    let mut eve = Person::new(&app, "eve");
    eve.browser = from(&app, "192.0.2.9");
    eve.register().await;
    app.advance(TimeDelta::days(31));
    siege(&app, 3, &eve.email).await;
    from(&app, "192.0.2.9").log_in(&eve).await.retry_after();
}

/// One thread that takes seconds, and one place.
const BUSY: [(&str, &str); 6] = [
    ("HASH_THREADS", "1"),
    ("HASH_QUEUE", "1"),
    ("HASH_QUEUE_SHARE", "100"),
    ("HASH_MEMORY_KIB", "262144"),
    ("HASH_ITERATIONS", "16"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_check_that_found_no_place_to_hash_is_given_back() {
    let app = behind_proxy().await;
    let busy = app.second_instance(BUSY).await;
    siege(&app, 1, "nobody@example.com").await;
    app.advance(TimeDelta::minutes(1));
    let earlier = from(&app, "203.0.113.8");
    try_password(&earlier, "nobody@example.com").await.assert_status(400);
    app.advance(TimeDelta::minutes(1));
    let held: Vec<_> = (0..2)
        .map(|number| {
            let (client, email) = (busy.browser(), format!("somebody-{number}@example.com"));
            tokio::spawn(async move { try_password(&client, &email).await })
        })
        .collect();
    let stranger = |app| from(app, "203.0.113.7");
    until("both held logins are counted", async || {
        app.collection("throttles").await.count_documents(doc! {}).await.unwrap() >= 27 + 4
    })
    .await;
    until("the queue is full", async || {
        try_password(&stranger(&busy), "nobody@example.com").await.status == 503
    })
    .await;
    until("the shared check is given back", async || {
        let shared = doc! { "failed": 101 };
        app.collection("throttles").await.count_documents(shared).await.unwrap() == 1
    })
    .await;
    // The turn of another site is not given back with it.
    assert_eq!(try_password(&earlier, "nobody@example.com").await.retry_after(), 240);
    try_password(&stranger(&app), "nobody@example.com").await.assert_status(400);
    held.iter().for_each(tokio::task::JoinHandle::abort);
}

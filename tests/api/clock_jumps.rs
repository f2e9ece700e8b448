//! A clock that jumps: nothing works twice, and nothing that ended is accepted.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn a_clock_that_jumps_back_lets_nothing_in_twice() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let code = app.next_code(&ada);
    let (first, ended) = (app.challenged(&ada).await, app.challenged(&ada).await);
    first.validate(&code).await.assert_status(200);
    ended.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let token = ended.cookie("twofold_session").unwrap();
    ended.post("/api/auth/logout", json!({})).await.assert_status(204);

    app.advance(TimeDelta::hours(-1));
    first.get("/api/auth/me").await.assert_status(200);
    ended.set_cookie("twofold_session", &token);
    ended.get("/api/auth/me").await.assert_status(401);
    let again = app.challenged(&ada).await;
    again.validate(&code).await.assert_status(400);
    again.validate(&ada.phone().code_at(app.clock.now())).await.assert_status(400);
    again.validate(&ada.recovery_codes[0]).await.assert_status(400);
    again.validate(&ada.recovery_codes[1]).await.assert_status(200);
    app.register("eve").await;

    app.advance(TimeDelta::hours(1));
    let code = app.next_code(&ada);
    app.challenged(&ada).await.validate(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_clock_that_jumped_ahead_and_is_corrected_locks_nobody_out_for_longer_than_it_jumped() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.signed_in("ada").await, app.register("eve").await);
    app.advance(TimeDelta::hours(5));
    ada.browser.get("/api/auth/me").await.assert_status(401);
    let ahead = app.challenged(&ada).await;
    ahead.get("/api/auth/me").await.assert_status(200);
    let wrong = json!({ "email": eve.email, "password": "not her password" });
    for _ in 0..5 {
        app.browser().post("/api/auth/login", wrong.clone()).await.assert_status(400);
    }

    app.advance(TimeDelta::hours(-5));
    ahead.get("/api/auth/me").await.assert_status(200);
    app.browser().log_in(&ada).await.assert_status(200);
    app.register("bob").await;
    // Her wrong passwords are still to come. The operator can unlock her.
    let wait = app.browser().log_in(&eve).await.retry_after();
    assert!(wait <= TimeDelta::hours(5).num_seconds() + 30, "{wait}");
    app.advance(TimeDelta::seconds(wait));
    app.browser().log_in(&eve).await.assert_status(200);
}

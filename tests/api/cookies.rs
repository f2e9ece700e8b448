//! Which cookie of a request is the session's, as production names it.

use crate::harness::{Answer, Call, TestApp};

async fn production() -> TestApp {
    TestApp::with([("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.example.com")]).await
}

async fn me(app: &TestApp, lines: &[String]) -> Answer {
    let call = Call::new("GET", "/api/auth/me");
    let call = lines.iter().fold(call, |call, line| call.raw_header("cookie", line.as_bytes()));
    app.browser().send(call).await
}

#[tokio::test]
async fn a_sibling_host_cannot_pass_its_cookie_off_as_the_session() {
    let app = production().await;
    let eve = app.register("eve").await;
    eve.browser.log_in(&eve).await.assert_status(200);
    let name = "__Host-twofold_session";
    let pair = format!("{name}={}", eve.browser.cookie(name).unwrap());
    for own in [pair.clone(), format!("a=b;\t{pair} ; c=d"), format!("\u{e9}=1; {pair}")] {
        me(&app, &[own]).await.assert_status(200);
    }
    for space in ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}"] {
        me(&app, &[format!("{space}{pair}")]).await.assert_problem(401, "not_authenticated");
    }
    // In front of the owner's cookie it does not matter either.
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let own = format!("{name}={}", ada.browser.cookie(name).unwrap());
    let answer = me(&app, &[format!("\u{2000}{pair}; {own}")]).await;
    assert_eq!(answer.assert_status(200).json()["user"]["email"], ada.email);
}

#[tokio::test]
async fn of_two_cookies_with_one_name_neither_counts() {
    let app = production().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let name = "__Host-twofold_session";
    let pair = format!("{name}={}", ada.browser.cookie(name).unwrap());
    for lines in [
        vec![format!("{pair}; {name}=other")],
        vec![format!("{name}=other; {pair}")],
        vec![pair.clone(), pair.clone()],
        vec![pair.clone(), format!("a=b; {name}=")],
    ] {
        me(&app, &lines).await.assert_problem(401, "not_authenticated");
    }
    me(&app, &[pair, "a=b".to_owned()]).await.assert_status(200);
}

//! Every kind of token in every other's place.

use serde_json::json;

use super::sign_in::{COOKIE, answer, request_options};
use super::{verifying, with_passkey};
use crate::email::Mailed;

#[tokio::test]
async fn every_kind_of_token_is_none_in_every_other_s_place() {
    let mailed = Mailed::spawn().await;
    let app = &mailed.app;
    let (ada, mail) = mailed.register("ada").await;
    let link = mail.token_for("verify").to_owned();
    let ada = ada.with_totp().await;
    let mut key = verifying();
    with_passkey(app, "bea", &mut key).await;
    let session = ada.browser.cookie("twofold_session").unwrap();
    let challenge = app.challenged(&ada).await.cookie("twofold_login").unwrap();
    let browser = app.browser();
    let credential = key.get(&request_options(&browser).await);
    let sign_in = browser.cookie(COOKIE).unwrap();
    let code = app.next_code(&ada);

    for token in [&challenge, &sign_in, &link] {
        let other = app.browser();
        other.set_cookie("twofold_session", token);
        other.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
        let bearer = app.browser().bearer(token);
        bearer.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    }
    for token in [&session, &sign_in, &link] {
        let other = app.browser();
        other.set_cookie("twofold_login", token);
        other.validate(&code).await.assert_problem(401, "login_expired");
    }
    for token in [&session, &challenge, &link] {
        let other = app.browser();
        other.set_cookie(COOKIE, token);
        answer(&other, &credential).await.assert_problem(400, "passkey_invalid");
    }
    for token in [&session, &challenge, &sign_in] {
        let form = json!({ "token": token });
        let refused = app.browser().post("/api/auth/email/verify", form).await;
        refused.assert_problem(400, "mail_token_invalid");
    }
    // In its own place each is what it is.
    answer(&browser, &credential).await.assert_status(200);
    ada.browser.get("/api/auth/me").await.assert_status(200);
    let form = json!({ "token": link });
    app.browser().post("/api/auth/email/verify", form).await.assert_status(204);
}

//! The calls about tokens for other services, as a service that issues them answers.

use serde_json::json;

use super::guide::Guide;
use super::{get, post};
use crate::harness::TestApp;
use crate::tokens::{BILLING, SERVICES, basic, question, signing_key};

/// Every call about tokens for other services.
pub async fn tokens(guide: &mut Guide) {
    guide.section("Other services");
    guide.0.push_str("\n[integration.md](integration.md) says which of these calls to use when. `token` and the keys exist where `SIGNING_KEYS` is set, and introspection where `SERVICES` is; elsewhere they answer 404 `tokens_not_available`.\n");
    let key = signing_key();
    let app = TestApp::with([
        ("SIGNING_KEYS", key.as_str()),
        ("TOKEN_AUDIENCES", "billing,reports"),
        ("SERVICES", SERVICES),
        ("PUBLIC_ORIGIN", "https://auth.example.com"),
    ])
    .await;
    let ada = app.register("ada").await.with_totp().await;
    app.operator(&["users", "verify-email", &ada.email]).assert_code(0);
    let path = "/api/auth/token";
    let asked = post(path, json!({ "audience": "billing" }));
    let issued = guide.call(&ada.browser, path, asked, "Signs a JWT for one other service. `audience` is one of `TOKEN_AUDIENCES`; if there is only one, it may be left out. The token is valid for `JWT_LIFETIME`, and no longer than the session.").await;
    let token = issued.assert_status(200).json()["token"].as_str().unwrap().to_owned();
    let unknown = post(path, json!({ "audience": "unknown" }));
    guide.example(&ada.browser, unknown).await.assert_status(422);

    let path = "/.well-known/jwks.json";
    guide.call(&app.browser(), path, get(path), "Returns the public keys that verify these tokens; the first one signs. Pages of any origin may read them, and clients may keep them for 5 minutes.").await.assert_status(200);

    let path = "/oauth/introspect";
    let ask =
        |token: &str| question(&format!("token={token}")).header("authorization", &basic(BILLING));
    guide.call(&app.browser(), path, ask(&token), "Says whether a token is active and whose it is (RFC 7662): a token from `token` that was made for the service that asks, the token of a session, or a bearer token. The service authenticates by HTTP Basic with its name and its secret from `SERVICES`.").await.assert_status(200);
    guide.0.push_str("\nAny other token:\n");
    guide.example(&app.browser(), ask("unknown")).await.assert_status(200);
    guide.0.push_str("\nWithout the right secret:\n");
    let wrong = question("token=unknown").header("authorization", &basic((BILLING.0, "wrong")));
    guide.example(&app.browser(), wrong).await.assert_status(401);

    let path = "/api/auth/forward";
    guide.call(&ada.browser, path, get("/api/auth/forward?aal=2"), "For a reverse proxy on the same host: says who is signed in, before the proxy forwards a request. `?aal=2` requires a sign-in with a second factor. Every answer other than 204 refuses.").await.assert_status(204);
    guide.example(&app.browser(), get(path)).await.assert_status(401);
}

//! The calls of the Basic → Bearer contract.

use serde_json::json;

use super::guide::Guide;
use super::{get, put};
use crate::harness::{Call, TestApp};

/// Every call of the Basic → Bearer contract, in the order of their use.
pub async fn basic(app: &TestApp, guide: &mut Guide) {
    guide.section("The Basic → Bearer contract");
    let cleo = app.register("cleo").await;
    let credentials =
        || Call::new("POST", "/auth/credentials").header("authorization", &cleo.basic());
    let path = "/auth/credentials";
    let got = guide.call(&app.browser(), path, credentials(), "Exchanges an email and a password (HTTP Basic), and a code (`?otp=`) if required, for a bearer token. `status` is the reason for a failure: 1 a code is required, 2 the code is wrong, 3 the email or the password is wrong.").await;
    let bearer = app.browser().bearer(got.json()["token"].as_str().unwrap());
    let path = "/whoami";
    guide
        .call(
            &bearer,
            path,
            get(path),
            "Returns the email of the token's account. Send `Authorization: Bearer …` with this call and those below.",
        )
        .await;
    let path = "/auth/otp/enable";
    guide.call(&bearer, path, put(path, json!({ "enabled": true })), "Turns two-factor authentication on or off, at once. Until a first code has been accepted, the token may only fetch the QR code, call `whoami`, turn two-factor authentication off again and log out.").await;
    let path = "/auth/otp/generate";
    guide
        .call(
            &bearer,
            path,
            get(path),
            "Returns the QR code as PNG, until a first code has been accepted.",
        )
        .await;
    guide.0.push_str("\nFrom now on a code is required:\n");
    guide.example(&app.browser(), credentials()).await;
}

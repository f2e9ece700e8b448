//! The calls about trusted devices.

use serde_json::json;

use super::guide::Guide;
use super::{get, post};
use crate::harness::{Call, TestApp};

/// Every call about trusted devices, in the order of their use.
pub async fn devices(guide: &mut Guide) {
    guide.section("Trusted devices");
    guide.0.push_str("\nIf `otp/validate` completes a login with `remember_device: true`, its answer also sets the cookie `twofold_device`:\n");
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await.always("user-agent", "Firefox");
    let code = json!({ "token": app.next_code(&ada), "remember_device": true });
    guide.example(&browser, post("/api/auth/otp/validate", code)).await.assert_status(200);
    guide.0.push_str("\nThe next login in this browser needs no second factor, and gives the device a new token. Its session has the level `aal1`, so calls that require a recent sign-in answer 403 `reauthentication_required` until a code or `reauthenticate` raises it to `aal2`.\n");
    let login = json!({ "email": ada.email, "password": ada.password });
    guide.example(&browser, post("/api/auth/login", login)).await.assert_status(200);
    let path = "/api/auth/devices";
    let prose = "Lists the account's trusted devices, last used first.";
    let listed = guide.call(&browser, path, get(path), prose).await.json();
    let one = format!("{path}/{}", listed["devices"][0]["id"].as_str().unwrap());
    let prose = "Removes one: the next login on it needs a second factor.";
    let removed = guide.call(&browser, "/api/auth/devices/{id}", Call::new("DELETE", &one), prose);
    removed.await.assert_status(204);
    let prose = "Removes all. So does every change of the password, and removing or replacing a second factor.";
    guide.call(&browser, path, Call::new("DELETE", path), prose).await.assert_status(204);
}

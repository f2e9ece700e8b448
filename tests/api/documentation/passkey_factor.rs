//! The calls that take a passkey as a second factor.

use serde_json::json;

use super::guide::Guide;
use super::post;
use crate::harness::TestApp;
use crate::passkeys::verifying;

/// A login that a passkey completes.
pub async fn passkey_factor(app: &TestApp, guide: &mut Guide) {
    let mut key = verifying();
    let dora = app.register("dora").await.with_passkey(app, &mut key).await;
    let browser = app.challenged(&dora).await;
    let path = "/api/auth/passkeys/challenge";
    let options = guide.call(&browser, path, post(path, json!({})), "Starts using a passkey as the second factor of a login, within a session, or, with `token`, for a link that resets the password or says \"This wasn't me\". Returns what `navigator.credentials.get()` needs; `PublicKeyCredential.parseRequestOptionsFromJSON()` reads it. The challenge works once, within five minutes, and there only.").await;
    let credential = key.get(&options.json());
    let path = "/api/auth/passkeys/validate";
    let validate = || post(path, json!({ "credential": credential }));
    guide.call(&browser, path, validate(), "Submits the passkey: what `navigator.credentials.get()` returned, by its `toJSON()`. A passkey that is refused costs the login one of its five tries, and its challenge. Within a session nothing changes.").await;
    guide.0.push_str("\nThe same answer again:\n");
    guide.example(&browser, validate()).await;
}

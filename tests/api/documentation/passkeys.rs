//! The calls about passkeys.

use serde_json::json;

use super::guide::Guide;
use super::{get, post};
use crate::harness::{Call, TestApp};
use crate::passkeys::{list, path, verifying};

/// Every call about passkeys, in the order of their use.
pub async fn passkeys(app: &TestApp, guide: &mut Guide) {
    guide.section("Passkeys");
    guide.0.push_str("\nThese calls exist where browsers make passkeys: not where the service is reached at an IP address, where each answers 404 `passkeys_not_available`. A browser turns options into what `navigator.credentials` takes by `PublicKeyCredential.parseCreationOptionsFromJSON()` and `parseRequestOptionsFromJSON()`, and the outcome into what these calls take by `toJSON()`.\n");
    let ada = app.signed_in("ada").await;
    let (browser, mut key) = (&ada.browser, verifying());
    let path_of_options = "/api/auth/passkeys/options";
    let options = guide.call(browser, path_of_options, Call::new("POST", path_of_options), "Starts adding a passkey. The challenge works once, within five minutes and for this session. Requires a recent sign-in.").await;
    let credential = key.create(&options.json());
    let path_of_all = "/api/auth/passkeys";
    let add = post(path_of_all, json!({ "name": "Ada's laptop", "credential": credential }));
    guide.call(browser, path_of_all, add, "Adds the passkey. `name` is optional; without it the passkey is named after its authenticator. The first second factor of an account turns two-factor authentication on: ten recovery codes, which are shown only once, a new token for this session, and the end of every other session. Requires a recent sign-in.").await;
    guide.call(browser, path_of_all, get(path_of_all), "Lists the passkeys. `synced` says whether a passkey is copied to other devices, and `signs_in` whether it may sign in without a password: only one that verified its user when it was added.").await;
    let stranger = app.browser();
    let path_of_options = "/api/auth/passkeys/sign-in/options";
    let start = Call::new("POST", path_of_options);
    let options = guide.call(&stranger, path_of_options, start, "Starts a sign-in with a passkey alone. Requires no session and names no account: the browser offers the passkeys that it has for this service. The cookie binds the challenge, which works once and within five minutes, to this browser.").await;
    let path_of_sign_in = "/api/auth/passkeys/sign-in";
    let sign_in = post(path_of_sign_in, json!({ "credential": key.get(&options.json()) }));
    guide.call(&stranger, path_of_sign_in, sign_in, "Signs in with a passkey alone, at level `aal2`. The passkey must verify its user, now and when it was added. Whatever is wrong, the response is the same 400 `passkey_invalid`.").await;
    let this = path(&list(browser).await[0]);
    let rename = Call::new("PATCH", &this).json(&json!({ "name": "Ada's old laptop" }));
    guide.call(browser, "/api/auth/passkeys/{id}", rename, "Renames a passkey.").await;
    guide.call(browser, "/api/auth/passkeys/{id}", Call::new("DELETE", &this), "Removes a passkey and ends every other session. Without any second factor left, two-factor authentication is off, and the recovery codes no longer work. Requires a recent sign-in.").await;
}

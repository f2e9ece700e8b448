//! What changes between the read and the write of a call that adds a passkey.

use bson::{Binary, Bson, DateTime, Document, doc};
use serde_json::json;

use super::{PASSKEYS, binary, creation_options, stored_passkey};
use crate::harness::authenticator::Authenticator;
use crate::harness::{Answer, HeldWrite, Person, TestApp, until_in_time};

/// Changes an account while a passkey is about to be written, and returns the answer.
async fn overtaken(
    app: &TestApp,
    ada: &Person,
    key: &mut Authenticator,
    meanwhile: impl AsyncFnOnce(Binary),
) -> Option<Answer> {
    let form = json!({ "credential": key.create(&creation_options(&ada.browser).await) });
    let held = HeldWrite::on_users(app, "update", 1).await;
    let browser = ada.browser.copy();
    let calling = tokio::spawn(async move { browser.post(PASSKEYS, form).await });
    held.until_held().await;
    meanwhile(binary(&key.credentials[0].id)).await;
    held.answer(calling).await
}

/// A change of the stored account, for a passkey with this id.
type Change<'a> = &'a dyn Fn(Binary) -> Document;

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_only_if_what_was_read_still_holds() {
    let (_mongod, app) = HeldWrite::app().await;
    let set = |path: &str, value: Bson| doc! { "$set": { path: value } };
    let ten: Vec<Bson> = (0..10).map(|n| stored_passkey(binary(&[n; 16])).into()).collect();
    let cases: [(&str, u16, Change<'_>); 7] = [
        ("passkey_invalid", 400, &|_| set("enrolments.0.until", DateTime::from_millis(0).into())),
        ("passkey_invalid", 400, &|_| set("enrolments.0.session", "another".into())),
        ("passkey_invalid", 400, &|_| set("enrolments.0.digest", binary(&[0; 32]).into())),
        ("passkey_invalid", 400, &|_| doc! { "$unset": { "enrolments": "" } }),
        ("too_many_passkeys", 409, &|_| set("passkeys", ten.clone().into())),
        ("passkey_exists", 409, &|id| set("passkeys", vec![stored_passkey(id)].into())),
        ("not_authenticated", 401, &|_| set("sessions", Bson::Array(Vec::new()))),
    ];
    let users = app.collection("users").await;
    for (number, (code, status, change)) in cases.into_iter().enumerate() {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{number}-{n}")).await.with_totp().await;
            let this = doc! { "email": &ada.email };
            let meanwhile = async |id| {
                users.update_one(this.clone(), change(id)).await.unwrap();
            };
            let answer = overtaken(&app, &ada, &mut Authenticator::new(), meanwhile).await;
            answer?.assert_problem(status, code);
            let passkeys =
                app.stored(&ada).await.get_array("passkeys").cloned().unwrap_or_default();
            let name = |one: &Bson| one.as_document().unwrap().get_str("name").unwrap().to_owned();
            assert!(passkeys.iter().all(|one| name(one) == "stored"), "{code}");
            users.delete_one(this).await.unwrap();
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_passkey_overtaken_by_an_authenticator_app_is_not_added() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = app.signed_in(&format!("ada-{n}")).await;
        let meanwhile = async |_| {
            let on = json!({ "enabled": true });
            ada.browser.put("/auth/otp/enable", on).await.assert_status(200);
        };
        let answer = overtaken(&app, &ada, &mut Authenticator::new(), meanwhile).await;
        answer?.assert_problem(403, "otp_required");
        assert!(!app.stored(&ada).await.contains_key("passkeys"));
        Some(())
    })
    .await;
}

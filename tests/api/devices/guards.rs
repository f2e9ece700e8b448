//! What changes between a login's read and its write.

use super::{COOKIE, opens_a_session, with_cookie_of, with_device};
use crate::guards::held_writes::login;
use crate::harness::{HeldWrite, until_in_time};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_the_removal_of_its_device_needs_a_code() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let (ada, device) = with_device(&app, &format!("ada-{n}")).await;
        let late = with_cookie_of(&app, &device);
        let write = HeldWrite::on_users(&app, "update", 1).await;
        let (calling, form) = (late.clone(), login(&ada));
        let waiting = tokio::spawn(async move { calling.send(form).await });
        write.until_held().await;
        device.delete("/api/auth/devices").await.assert_status(204);
        write.answer(waiting).await?.assert_status(200);
        assert!(late.cookie("twofold_session").is_none());
        assert!(late.cookie("twofold_login").is_some());
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_the_presentation_of_a_newer_token_ends_the_device() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let (ada, device) = with_device(&app, &format!("ada-{n}")).await;
        let late = with_cookie_of(&app, &device);
        let write = HeldWrite::on_users(&app, "update", 1).await;
        let (calling, form) = (late.clone(), login(&ada));
        let waiting = tokio::spawn(async move { calling.send(form).await });
        write.until_held().await;
        assert!(opens_a_session(&device, &ada).await && opens_a_session(&device, &ada).await);
        write.answer(waiting).await?.assert_status(200);
        assert!(late.cookie("twofold_session").is_none(), "its token was a copy by then");
        assert!(!opens_a_session(&with_cookie_of(&app, &device), &ada).await);
        assert!(device.cookie(COOKIE).is_some());
        Some(())
    })
    .await;
}

//! Journeys with passkeys and trusted devices.

use super::{travel, travel_to, travel_with_mail};

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_named_removed_and_signs_in() {
    travel("passkeys", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_key_is_a_second_factor() {
    travel("passkeys-second-factor", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_a_passkey_is_said_in_plain_words() {
    travel("passkeys-failures", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_with_a_passkey_leads_back_to_the_app() {
    travel("passkeys-return-to", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_take_a_passkey() {
    travel_with_mail("passkeys-links", &[], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_passkeys_is_accessible_in_light_on_a_desktop() {
    travel("passkeys-states", &["desktop-light"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_passkeys_is_accessible_in_dark_on_a_phone() {
    travel("passkeys-states", &["phone-dark"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_passkeys_fits_a_narrow_screen_and_a_zoomed_one() {
    travel("passkeys-states", &["narrow-light", "zoomed-dark"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_device_needs_the_password_alone_until_it_is_removed() {
    travel_to("devices", &["7 days"], [("DEVICE_LIFETIME", "7d")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_trusts_devices_shows_nothing_of_it() {
    travel_to("devices", &[], [("DEVICE_LIFETIME", "0")]).await;
}

//! The pages in a real browser. The journeys are written for Playwright; each runs against a service of
//! its own, whose clock it may move.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a failed helper is a failed test"
)]

mod example;
#[expect(dead_code, unused_imports, reason = "the tests of the interface use the rest")]
#[path = "../api/harness/mod.rs"]
mod harness;
mod node;
#[expect(dead_code, reason = "the tests of the clients use the rest")]
#[path = "../clients/packages.rs"]
mod packages;
mod passkeys;

use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use harness::until;
use harness::wait::Lines;
use harness::{SmtpSink, TestApp};
use twofold::Clock;

/// A journey mostly waits for one process or another, so two keep two cores busy. More take memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Whether Chromium is unpacked, as it must be before two start.
static IS_UNPACKED: LazyLock<bool> =
    LazyLock::new(|| node::script("unpack.mjs").status().is_ok_and(|status| status.success()));

/// For the longest journey on a busy machine.
const TIME_TO_TRAVEL: Duration = Duration::from_mins(5);

/// A program that is killed with this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Runs the journeys of a file, with arguments, against a service of their own.
async fn travel(file: &str, arguments: &[&str]) {
    travel_to(file, arguments, []).await;
}

/// The same, to a service with some settings changed.
async fn travel_to<const N: usize>(file: &str, arguments: &[&str], settings: [(&str, &str); N]) {
    travel_with(None, file, arguments, settings).await;
}

/// The same, to a service that sends mail. The journey asks for each message.
async fn travel_with_mail(file: &str, arguments: &[&str], require_verified_email: &str) {
    let smtp = SmtpSink::start().await;
    let settings = [
        ("SMTP_URL", smtp.url()),
        ("MAIL_FROM", "no-reply@auth.example".to_owned()),
        ("REQUIRE_VERIFIED_EMAIL", require_verified_email.to_owned()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    travel_with(Some(&smtp), file, arguments, settings).await;
}

async fn travel_with<const N: usize>(
    smtp: Option<&SmtpSink>,
    file: &str,
    arguments: &[&str],
    settings: [(&str, &str); N],
) {
    let _turn = TURNS.acquire().await.unwrap();
    assert!(*IS_UNPACKED, "Chromium could not be unpacked");
    // Browsers have the machine's time: the service's clock stands still there, until it is moved.
    let app = TestApp::with_clock(Clock::settable(Clock::system().now()), settings).await;
    // A passkey belongs to a name of a host.
    let has_passkeys = file.starts_with("passkeys") || ["devices", "pictures"].contains(&file);
    let host = if has_passkeys { "localhost" } else { "127.0.0.1" };
    let service = app.url("").replace("127.0.0.1", host);
    let time = app.clock.now().timestamp_millis().to_string();
    let journey = node::script("travel.mjs")
        .arg(node::source(&format!("journeys/{file}.mjs")))
        .args(arguments)
        .envs([("SERVICE", service.as_str()), ("SERVICE_TIME", &time)])
        .env("PICTURES", concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut journey = Ended(journey);
    let mut answers = journey.0.stdin.take().unwrap();
    let lines = Lines::of(journey.0.stdout.take().unwrap(), TIME_TO_TRAVEL);
    while let Some(line) = lines.next("the journey ends") {
        if let Some(seconds) = line.strip_prefix("advance ") {
            app.advance(TimeDelta::seconds(seconds.parse().unwrap()));
            answers.write_all(b"done\n").unwrap();
        } else if let Some(address) = line.strip_prefix("mail ") {
            let mail = smtp.unwrap().next_to(address).await;
            let mail = serde_json::json!({ "kind": mail.kind(), "links": mail.links() });
            answers.write_all(format!("{mail}\n").as_bytes()).unwrap();
        } else {
            eprintln!("{line}");
        }
    }
    let mut status = None;
    until("the journey's program ends", async || {
        status = journey.0.try_wait().unwrap();
        status.is_some()
    })
    .await;
    let status = status.unwrap();
    assert!(status.success(), "see target/tmp/browser-failures for pictures");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_signs_up_enrols_signs_in_and_leaves() {
    travel("new-user", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_replaced_with_a_recovery_code() {
    travel("recovery", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_browser_changes_the_password_and_the_other_is_out() {
    travel("two-browsers", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_told_locked_and_counted_down() {
    travel("guessing", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_session_proves_itself_in_place_and_the_call_goes_on() {
    travel("stale", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() {
    travel("keyboard", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_is_lost_and_a_reload_keeps_the_place() {
    travel("details", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_masked_and_password_managers_and_pasting_work() {
    travel("password-managers", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_never_advises_what_locks_the_person_out() {
    travel("lost-answers", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_answer_the_same_action_is_enough() {
    travel("retries", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_network_is_said_beside_each_action_and_nothing_typed_is_lost() {
    travel("network", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unsaved_recovery_codes_are_not_left_unasked() {
    travel("leaving", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_toasts_leave_the_layout_alone() {
    travel("layout", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_groups_repeats_and_knows_own_mistakes() {
    travel("activity", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_name_the_entry_as_the_app_does() {
    travel_to("issuer", &[], [("OTP_ISSUER", "Acme Works")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_leads_back_to_the_app_that_asked_and_to_no_other_page() {
    travel_with_mail("return-to", &[], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_s_name_logo_and_colour_are_on_every_page() {
    let (name, accent) = ("Acme <b>Works</b> & Söhne", "#7a1fa2");
    let brand = [
        ("APP_NAME", name),
        ("APP_LOGO", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/logo.svg")),
        ("APP_ACCENT", accent),
        ("OTP_ISSUER", "Acme"),
    ];
    travel_to("brand", &[name, accent], brand).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_would_see_bad_contrast() {
    travel("canary", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_is_accessible_in_light_on_a_desktop() {
    travel("states", &["desktop-light"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_is_accessible_in_dark_on_a_phone() {
    travel("states", &["phone-dark"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_fits_a_narrow_screen_and_a_zoomed_one() {
    travel("states", &["narrow-light", "zoomed-dark"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_pages_render_and_try_calls_out() {
    travel("documents", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sibling_host_cannot_pass_its_cookie_off_as_the_session() {
    let production = [("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.site.localhost")];
    travel_to("sibling-host", &[], production).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frontend_of_another_origin_signs_in_and_reads_errors() {
    travel("frontend", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_confirm_reset_and_are_used_once() {
    travel_with_mail("mail", &[], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_and_a_stolen_account_is_secured_by_links() {
    travel_with_mail("mail-change", &[], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unconfirmed_address_is_explained_at_sign_in() {
    travel_with_mail("mail-required", &[], "true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_mail_is_accessible_in_light_on_a_desktop() {
    travel_with_mail("mail-states", &["desktop-light"], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_mail_is_accessible_in_dark_on_a_phone() {
    travel_with_mail("mail-states", &["phone-dark"], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_mail_fits_a_narrow_screen_and_a_zoomed_one() {
    travel_with_mail("mail-states", &["narrow-light", "zoomed-dark"], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_mail_shows_nothing_of_it() {
    travel("mail-off", &[]).await;
}

/// Retakes the README's pictures: `make screenshots`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes into docs/pictures"]
async fn screenshots() {
    travel("pictures", &[]).await;
}

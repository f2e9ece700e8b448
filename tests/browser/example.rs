//! Journeys through the React example.

use std::sync::LazyLock;

use super::{packages, travel, travel_with_mail};
use crate::harness::output;

/// The React example, built.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| {
    let built = output(&mut packages::build(&packages::EXAMPLE, Some("http://localhost:8000")));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    packages::EXAMPLE.join("dist").to_str().unwrap().to_owned()
});

#[tokio::test(flavor = "multi_thread")]
async fn the_react_example_is_accessible_in_light_on_a_desktop() {
    travel("example", &[&EXAMPLE, "desktop-light"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_react_example_is_accessible_in_dark_on_a_phone() {
    travel("example", &[&EXAMPLE, "phone-dark"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_react_example_says_when_it_is_refused_or_not_answered() {
    travel("example-refusals", &[&EXAMPLE]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_open_the_react_example() {
    travel_with_mail("example-mail", &[&EXAMPLE], "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_react_example_makes_and_uses_passkeys() {
    travel("example-passkeys", &[&EXAMPLE]).await;
}

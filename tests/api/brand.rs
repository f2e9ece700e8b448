//! The operator's name, logo and colour: what is refused at the start, and what the pages then are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;

use twofold::config::{Config, Environment};

use crate::email::Mailed;
use crate::harness::wait::PATIENCE;
use crate::harness::{Answer, Call, TestApp};

const PNG: &[u8] = include_bytes!("../../docs/pictures/sign-in-light.png");
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><script>alert(1)</script><path d="M0 0h9v3z"/></svg>"#;

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("brand");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
    folder.join(name)
}

fn faults(settings: &[(&str, &str)]) -> String {
    let base = Environment::from_pairs([
        ("APP_ENV", "development"),
        ("DATABASE_URL", "mongodb://localhost/"),
        ("MONGO_INITDB_DATABASE", "twofold"),
        ("SEALING_KEYS", TestApp::SEALING_KEYS),
    ]);
    let environment = settings.iter().fold(base, |all, (name, value)| all.with(name, *value));
    Config::from_environment(&environment)
        .err()
        .map(|faults| faults.to_string())
        .unwrap_or_default()
}

async fn page(app: &TestApp, path: &str) -> Answer {
    app.browser().send(Call::new("GET", path).header("accept", "text/html")).await
}

async fn text(app: &TestApp, path: &str) -> String {
    String::from_utf8(page(app, path).await.body.clone()).unwrap()
}

#[test]
fn a_colour_whose_text_cannot_be_read_stops_the_start_with_how_much_is_missing() {
    for (accent, fault) in [
        ("#ffd400", "cannot be #ffd400 in light: its text on #f4f3ef would have a contrast of 1.2"),
        ("#0d6b5e, #0d6b5e", "cannot be #0d6b5e in dark: its text on "),
        ("#fd4", "choose a darker colour"),
        ("#0d6b5e,#111", "choose a lighter colour"),
        ("teal", "must be a colour such as #0d6b5e"),
        ("#0d6b5e;}*{display:none", "must be a colour such as #0d6b5e"),
        ("#0d6b5e,#6fd3bd,#fff", "must be a colour such as #0d6b5e"),
    ] {
        let said = faults(&[("APP_ACCENT", accent)]);
        assert!(said.contains("\n  APP_ACCENT ") && said.contains(fault), "{accent}: {said}");
    }
    for accent in ["#0d6b5e", "#00f", "#000", "#A02060, #FFB0D0"] {
        assert_eq!(faults(&[("APP_ACCENT", accent)]), "", "{accent}");
    }
}

#[test]
fn a_logo_that_cannot_be_shown_stops_the_start() {
    let large = file("large.png", &[PNG, &vec![0; 256 * 1024]].concat());
    let gif = file("logo.svg.gif", b"GIF89a");
    let html = file("logo.html.svg", b"<!doctype html><html><body><svg/></body></html>");
    for (path, fault) in [
        ("/nowhere/logo.svg", "names /nowhere/logo.svg, which cannot be read (No such file"),
        ("/", "which is not a regular file"),
        ("/dev/null", "which is not a regular file"),
        (html.to_str().unwrap(), "which is not an SVG, PNG or WebP image"),
        (large.to_str().unwrap(), "large.png, which is larger than 256 KiB"),
        (gif.to_str().unwrap(), "which is not an SVG, PNG or WebP image"),
    ] {
        let said = faults(&[("APP_LOGO", path)]);
        assert!(said.contains("\n  APP_LOGO ") && said.contains(fault), "{path}: {said}");
    }
    let largest = file("largest.png", &[PNG, &vec![0; 256 * 1024 - PNG.len()]].concat());
    assert_eq!(faults(&[("APP_LOGO", largest.to_str().unwrap())]), "");
}

/// Opening a FIFO that nobody writes to waits forever.
#[test]
fn a_logo_that_is_a_fifo_is_refused_at_once() {
    let fifo = file("placeholder", b"").with_file_name("fifo");
    let _absent = fs::remove_file(&fifo);
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let (sender, receiver) = channel();
    let path = fifo.display().to_string();
    std::thread::spawn(move || sender.send(faults(&[("APP_LOGO", &path)])));
    let said = receiver.recv_timeout(PATIENCE);
    fs::remove_file(fifo).unwrap();
    let said = said.expect("the settings are read");
    assert!(said.contains("fifo, which is not a regular file"), "{said}");
}

#[test]
fn a_name_is_one_line_that_the_authenticator_app_can_show() {
    for (settings, fault) in [
        (vec![("APP_NAME", "a\nb")], "APP_NAME must not have line ends or control characters"),
        (vec![("APP_NAME", &*"a".repeat(65))], "APP_NAME must be at most 64 characters"),
        (vec![("OTP_ISSUER", &*"a".repeat(65))], "OTP_ISSUER must be at most 64 characters"),
        (vec![("OTP_ISSUER", "Acme: 2")], "OTP_ISSUER must not have a colon"),
        (
            vec![("APP_NAME", "Acme: Accounts")],
            "OTP_ISSUER must be set, because APP_NAME has a colon",
        ),
    ] {
        assert!(faults(&settings).contains(fault), "{}", faults(&settings));
    }
    let both = [("APP_NAME", "Acme: Accounts"), ("OTP_ISSUER", "Acme")];
    for settings in [&both[..], &[("APP_NAME", &"é".repeat(64))], &[("APP_NAME", "ארנק ❤\u{fe0f}")]]
    {
        assert_eq!(faults(settings), "");
    }
}

#[test]
fn a_name_has_nothing_that_cannot_be_seen() {
    for name in ["APP_NAME", "OTP_ISSUER"] {
        for letter in "\0\t\r\n\u{1b}\u{7f}\u{85}\u{2028}\u{2029}".chars() {
            let said = faults(&[(name, &format!("Ac{letter}me"))]);
            let fault = format!("\n  {name} must not have line ends or control characters");
            assert!(said.contains(&fault), "{letter:?}: {said}");
        }
        for letter in "\u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{200f}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{3164}\u{feff}\u{e0041}".chars() {
            let said = faults(&[(name, &format!("Ac{letter}me"))]);
            let fault = format!(
                "\n  {name} must not have characters that are invisible or change the direction of text, such as U+{:04X}",
                u32::from(letter)
            );
            assert!(said.contains(&fault), "{letter:?}: {said}");
        }
    }
}

#[tokio::test]
async fn without_a_brand_the_pages_are_the_built_in_ones() {
    let app = TestApp::spawn().await;
    assert!(text(&app, "/static/index.html").await.contains("<title>Twofold</title>"));
    let css = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/web/app.css")).unwrap();
    assert_eq!(text(&app, "/static/app.css").await, css);
    page(&app, "/static/logo.svg").await.assert_status(404);
}

#[tokio::test]
async fn what_the_operator_chose_is_text_and_never_markup() {
    let name = r#"</title><script>alert(1)</script><html "'&lt; icon.svg"#;
    let app = TestApp::with([("APP_NAME", name), ("OTP_ISSUER", "Acme")]).await;
    let shown =
        "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;html &quot;'&amp;lt; icon.svg";
    let index = text(&app, "/static/index.html").await;
    assert!(index.contains(&format!("<title>{shown}</title>")), "{index}");
    assert!(index.starts_with("<!doctype html>\n<html data-trust="), "{index}");
    assert_eq!(index.matches("<script").count(), 1);
    let missing = text(&app, "/nowhere").await;
    assert_eq!(missing.matches(shown).count(), 2, "{missing}");
    assert!(!missing.contains("Twofold") && !missing.contains("<script"), "{missing}");
    let policy = page(&app, "/nowhere").await;
    let policy = policy.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
}

#[tokio::test]
async fn the_colour_comes_with_the_stylesheet() {
    let app = TestApp::with([("APP_ACCENT", "#7a1fa2")]).await;
    let css = page(&app, "/static/app.css").await;
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    let css = String::from_utf8(css.body.clone()).unwrap();
    let (_, end) = css.split_once("#000; }\n  .signed-in .frame").unwrap();
    assert!(end.contains(":root { --accent: #7a1fa2; --accent-wash: #f2e9f6; }"), "{end}");
    assert!(end.contains("@media (prefers-color-scheme: dark) { :root { --accent: #"), "{end}");
    let index = page(&app, "/static/index.html").await;
    assert!(!index.header("content-security-policy").unwrap().contains("unsafe"));
    assert!(!String::from_utf8(index.body.clone()).unwrap().contains("7a1fa2"));
}

#[tokio::test]
async fn the_logo_has_its_type_by_its_content_and_an_svg_runs_nothing() {
    let png = [PNG.get(..20_000).unwrap_or(PNG)].concat();
    for (named, bytes, path, media_type) in [
        ("logo.png", SVG.as_bytes(), "logo.svg", "image/svg+xml"),
        ("logo.html", png.as_slice(), "logo.png", "image/png"),
        ("logo", b"RIFF\x10\0\0\0WEBPVP8 ", "logo.webp", "image/webp"),
    ] {
        let logo = file(&format!("{path}-{named}"), bytes);
        let app = TestApp::with([("APP_LOGO", logo.to_str().unwrap())]).await;
        let served = page(&app, &format!("/static/{path}")).await;
        assert_eq!(served.assert_status(200).header("content-type"), Some(media_type));
        assert_eq!(served.body, bytes, "{path}");
        assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
        let policy = served.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("; sandbox;"));
        assert!(!policy.contains("script-src"), "{policy}");
        let etag = served.header("etag").unwrap();
        let again = Call::new("GET", &format!("/static/{path}")).header("if-none-match", etag);
        app.browser().send(again).await.assert_status(304);

        let link = format!(r#"href="{path}" type="{media_type}""#);
        assert!(text(&app, "/static/index.html").await.contains(&link));
        let missing = text(&app, "/nowhere").await;
        assert_eq!(missing.matches(&format!("/static/{path}")).count(), 2, "{missing}");
        let icon = app.browser().get("/favicon.ico").await;
        assert_eq!(icon.header("location"), Some(&*format!("/static/{path}")));
    }
}

#[tokio::test]
async fn mail_and_the_authenticator_app_use_the_name_too() {
    let app = TestApp::with([("APP_NAME", "Acme & Sons")]).await;
    let ada = app.signed_in("ada").await;
    let offer = ada.browser.post("/api/auth/otp/generate", serde_json::json!({})).await.json();
    let url = offer["otpauth_url"].as_str().unwrap();
    assert!(url.contains("issuer=Acme%20%26%20Sons"), "{url}");
    let mailed = Mailed::with([("APP_NAME", "Acme & Sons"), ("OTP_ISSUER", "Acme")]).await;
    let (_bob, mail) = mailed.register("bob").await;
    assert!(mail.text.contains("Someone created an account at Acme & Sons with"), "{}", mail.text);
    assert!(mail.html.contains("<p class=\"service\">Acme &amp; Sons</p>"), "{}", mail.html);
}

//! `twofold mail test`, and a service that starts with mail.

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;

use super::{ADA, folder};
use crate::harness::{Authority, Behaviour, SmtpSink, Start, TestApp, output, program};

fn mail_test(settings: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = program();
    output(
        set(&mut command)
            .envs(settings.iter().copied())
            .args(["mail", "test", "--to", ADA])
            .args(more),
    )
}

fn set(command: &mut Command) -> &mut Command {
    command.envs([
        ("APP_ENV", "development"),
        ("SEALING_KEYS", TestApp::SEALING_KEYS),
        // Nothing answers here: the command needs no database.
        ("DATABASE_URL", "mongodb://127.0.0.1:1/"),
        ("MONGO_INITDB_DATABASE", "twofold"),
        ("MAIL_FROM", "Shop <no-reply@shop.example>"),
    ])
}

fn printed(ran: &Output) -> String {
    [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_is_sent_over_tls_with_a_private_authority() {
    let path = folder("command");
    let authority = Arc::new(Authority::new());
    let sink = SmtpSink::with(Behaviour {
        tls: Some((Arc::clone(&authority), Start::AtOnce)),
        credentials: Some(("shop", "p@ss")),
        ..Behaviour::default()
    })
    .await;
    let file = path.join("ca.pem");
    fs::write(&file, &authority.pem).unwrap();
    let url = format!("smtps://shop:p%40ss@localhost:{}", sink.port());
    let with_authority = [("SMTP_URL", url.as_str()), ("MAIL_CA_FILE", file.to_str().unwrap())];
    let ran = mail_test(&with_authority, &[]);
    assert_eq!(ran.status.code(), Some(0), "{}", printed(&ran));
    let expected = format!(
        "A test message for {ADA} was handed over to the mail server localhost:{}.\n",
        sink.port()
    );
    assert_eq!(printed(&ran), expected);
    let message = sink.next_to(ADA).await;
    assert_eq!(message.kind(), "test");
    assert_eq!(message.header("from").as_deref(), Some("Shop <no-reply@shop.example>"));

    let ran = mail_test(&with_authority[..1], &["--json"]);
    assert_eq!(ran.status.code(), Some(1));
    let said = printed(&ran);
    assert!(said.contains("\"error\":\"failed\"") && said.contains("certificate"), "{said}");
    let wrong = url.replace("p%40ss", "wr0ng");
    let ran = mail_test(&[("SMTP_URL", &wrong), with_authority[1]], &[]);
    assert_eq!(ran.status.code(), Some(1));
    let said = printed(&ran);
    assert!(said.contains("535 5.7.8 wrong password") && !said.contains("wr0ng"), "{said}");
}

#[test]
fn without_mail_or_with_a_broken_template_the_reason_is_printed() {
    let ran = mail_test(&[("MAIL_FOLDER", "off")], &[]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(printed(&ran).contains("Mail is off"), "{}", printed(&ran));

    let path = folder("command-broken");
    fs::write(path.join("reset.txt"), "Subject: x\n{{ link").unwrap();
    let mut check = program();
    let ran = output(
        set(&mut check)
            .env("MAIL_TEMPLATES", &path)
            .env("HASH_THREADS", "none")
            .arg("check-config"),
    );
    let said = printed(&ran);
    assert_eq!(ran.status.code(), Some(1));
    for fault in ["MAIL_TEMPLATES has a fault: reset.txt", "HASH_THREADS must be"] {
        assert!(said.contains(&format!("\n  {fault}")), "{fault} is missing in {said}");
    }
}

#[tokio::test]
async fn a_service_starts_with_a_mail_server() {
    let sink = SmtpSink::start().await;
    let app =
        TestApp::with([("SMTP_URL", &sink.url()), ("MAIL_FROM", "no-reply@shop.example")]).await;
    app.browser().get("/health/live").await.assert_status(200);
    // It connects when there is mail.
    assert_eq!(sink.connections(), 0);
}

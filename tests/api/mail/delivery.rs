//! Sending: TLS, credentials, connections, and a folder in place of a server.

use std::sync::Arc;

use twofold::mail::{
    Content, Credentials, LinkPage, Mailer, Security, SendError, SmtpSettings, Transport,
};

use super::{ADA, built, folder, link, mailer, settings, smtp, to_ada};
use crate::harness::{Authority, Behaviour, DROP, SmtpSink, Start};

fn secured(sink: &SmtpSink, security: Security, authority: &Authority) -> SmtpSettings {
    let credentials = Credentials { user: "shop".into(), password: "p@ss:wörd".into() };
    SmtpSettings {
        security,
        credentials: Some(credentials),
        authorities: Some(authority.pem.clone()),
        ..smtp(sink)
    }
}

fn over(settings_of_server: SmtpSettings) -> Mailer {
    built(settings(Transport::Smtp(settings_of_server))).unwrap()
}

async fn guarded(start: Start, mechanism: &'static str) -> (SmtpSink, Arc<Authority>) {
    let authority = Arc::new(Authority::new());
    let sink = SmtpSink::with(Behaviour {
        tls: Some((Arc::clone(&authority), start)),
        credentials: Some(("shop", "p@ss:wörd")),
        mechanism: Some(mechanism),
        ..Behaviour::default()
    })
    .await;
    (sink, authority)
}

#[track_caller]
fn failure(outcome: Result<(), SendError>) -> String {
    match outcome {
        Err(SendError::Failed(why)) => why,
        other => panic!("{other:?} is no temporary failure"),
    }
}

#[tokio::test]
async fn mail_is_sent_over_tls_with_a_password() {
    for (start, security) in
        [(Start::ByStarttls, Security::StartTls), (Start::AtOnce, Security::Tls)]
    {
        for mechanism in ["PLAIN", "LOGIN"] {
            let (sink, authority) = guarded(start, mechanism).await;
            over(secured(&sink, security, &authority)).send(&to_ada(Content::Test)).await.unwrap();
            assert_eq!(sink.next_to(ADA).await.kind(), "test");
        }
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_mail_nor_password() {
    let sink = SmtpSink::with(Behaviour {
        credentials: Some(("shop", "p@ss:wörd")),
        ..Behaviour::default()
    })
    .await;
    let mailer = over(secured(&sink, Security::StartTls, &Authority::new()));
    // Had it come to the password, the server would have hung up.
    sink.answer("AUTH", Some(DROP));
    let why = failure(mailer.send(&to_ada(Content::Test)).await);
    assert!(why.contains("STARTTLS"), "{why}");
    assert_eq!(sink.waiting(), 0);
}

#[tokio::test]
async fn a_server_with_a_certificate_of_another_authority_gets_no_mail() {
    for (start, security) in
        [(Start::ByStarttls, Security::StartTls), (Start::AtOnce, Security::Tls)]
    {
        let (sink, _) = guarded(start, "PLAIN").await;
        let mailer = over(secured(&sink, security, &Authority::new()));
        let why = failure(mailer.send(&to_ada(Content::Test)).await);
        assert!(why.contains("certificate"), "{why}");
        let unknown =
            SmtpSettings { authorities: None, ..secured(&sink, security, &Authority::new()) };
        failure(over(unknown).send(&to_ada(Content::Test)).await);
        assert_eq!(sink.waiting(), 0);
    }
}

#[tokio::test]
async fn a_connection_is_used_again_while_it_works() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink);
    for _ in 0..3 {
        mailer.send(&to_ada(Content::Test)).await.unwrap();
        sink.next_to(ADA).await;
    }
    assert_eq!(sink.connections(), 1);
    sink.answer("NOOP", Some(DROP));
    mailer.send(&to_ada(Content::Test)).await.unwrap();
    sink.next_to(ADA).await;
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn fifty_messages_at_once_all_arrive() {
    let sink = SmtpSink::start().await;
    let mailer = Arc::new(mailer(&sink));
    let send = |_| {
        let mailer = Arc::clone(&mailer);
        tokio::spawn(async move { mailer.send(&to_ada(Content::Test)).await })
    };
    let sending: Vec<_> = (0..50).map(send).collect();
    for sent in sending {
        sent.await.unwrap().unwrap();
    }
    assert_eq!(sink.waiting(), 50);
}

#[tokio::test]
async fn a_folder_gets_each_message_as_a_file_whose_link_can_be_copied() {
    let path = folder("outgoing").join("not-there-yet");
    let mailer = built(settings(Transport::Folder(path.clone()))).unwrap();
    assert!(!path.exists());
    let reset = link(LinkPage::Reset);
    for _ in 0..2 {
        let content = Content::Reset { link: reset.clone(), disown: None };
        mailer.send(&to_ada(content)).await.unwrap();
    }
    let files: Vec<_> =
        std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("20270115T080000000Z-reset-") && name.contains(".eml"), "{name}");
    let text = std::fs::read_to_string(&files[0]).unwrap();
    let token = "AZaz09-_".repeat(8);
    let line = format!("\r\nhttps://auth.example.com/#/reset?token={token}\r\n");
    assert!(text.contains(&line), "{text}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_a_temporary_failure() {
    let file = folder("unwritable").join("file");
    std::fs::write(&file, "").unwrap();
    let mailer = built(settings(Transport::Folder(file))).unwrap();
    failure(mailer.send(&to_ada(Content::Test)).await);
}

//! A mail server that refuses, hangs or goes away.

use std::time::Duration;

use twofold::mail::{Content, EmailAddress, LinkPage, Message, SendError, Transport};

use super::{ADA, built, link, mailer, settings, smtp, to_ada};
use crate::harness::wait::PATIENCE;
use crate::harness::{Behaviour, DROP, HANG, SmtpSink, within};

const STAGES: [&str; 6] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "message"];

fn reset() -> Message {
    to_ada(Content::Reset { link: link(LinkPage::Reset), disown: None })
}

#[track_caller]
fn assert_says_nothing(error: &SendError) {
    let said = format!("{error} {error:?}");
    for secret in ["ada", "example", "AZaz", "http"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn only_a_5xx_answer_to_the_recipient_or_the_message_is_final() {
    const ANSWERS: [&str; 2] =
        ["451 4.7.1 <ada@example.com> later", "550 5.1.1 <ada@example.com> unknown"];
    for stage in STAGES {
        for answer in ANSWERS {
            let is_of_message = ["RCPT", "DATA", "message"].contains(&stage);
            // Before that, no server knows the recipient.
            let answer =
                if is_of_message { answer } else { &answer.replace("<ada@example.com>", "") };
            let sink = SmtpSink::start().await;
            sink.answer(stage, Some(Box::leak(answer.to_owned().into_boxed_str())));
            let mailer = mailer(&sink);
            let error = mailer.send(&reset()).await.unwrap_err();
            let is_final = is_of_message && answer.starts_with('5');
            assert_eq!(matches!(error, SendError::Refused(_)), is_final, "{stage}: {error}");
            assert!(error.to_string().contains(&answer[..9]), "{stage}: {error}");
            assert_says_nothing(&error);
            // What was begun is not continued.
            sink.answer(stage, None);
            mailer.send(&to_ada(Content::Test)).await.unwrap();
            assert_eq!(sink.next_to(ADA).await.kind(), "test", "{stage}");
            assert_eq!(sink.waiting(), 0, "{stage}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_temporary_failure_that_says_so() {
    let sink =
        SmtpSink::with(Behaviour { credentials: Some(("shop", "right")), ..Behaviour::default() })
            .await;
    let credentials = twofold::mail::Credentials { user: "shop".into(), password: "wr0ng".into() };
    let server = twofold::mail::SmtpSettings { credentials: Some(credentials), ..smtp(&sink) };
    let mailer = built(settings(Transport::Smtp(server))).unwrap();
    let error = mailer.send(&reset()).await.unwrap_err();
    assert!(matches!(error, SendError::Failed(_)), "{error}");
    let said = error.to_string();
    assert!(said.contains("535 5.7.8") && !said.contains("wr0ng"), "{said}");
    assert_says_nothing(&error);
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_at_the_deadline() {
    for stage in STAGES {
        let sink = SmtpSink::start().await;
        sink.answer(stage, Some(HANG));
        let mut settings = settings(Transport::Smtp(smtp(&sink)));
        settings.deadline = Duration::from_millis(200);
        let mailer = built(settings).unwrap();
        let message = reset();
        let error = within(PATIENCE, stage, mailer.send(&message)).await.unwrap_err();
        assert!(matches!(error, SendError::Failed(_)), "{stage}: {error}");
        assert_says_nothing(&error);
    }
}

#[tokio::test]
async fn after_a_cancelled_send_the_next_message_has_a_connection_of_its_own() {
    for stage in STAGES {
        let sink = SmtpSink::start().await;
        let mailer = mailer(&sink);
        // This connection is kept, and hangs in its second message.
        if !["greeting", "EHLO"].contains(&stage) {
            mailer.send(&to_ada(Content::Test)).await.unwrap();
            sink.next_to(ADA).await;
        }
        sink.answer(stage, Some(HANG));
        let reset = reset();
        // What the deadline does, but however slow the machine is.
        tokio::select! {
            sent = mailer.send(&reset) => panic!("{stage}: {sent:?}"),
            () = sink.hung() => {}
        }
        sink.answer(stage, None);
        mailer.send(&to_ada(Content::Test)).await.unwrap();
        assert_eq!(sink.next_to(ADA).await.kind(), "test", "{stage}");
        assert_eq!((sink.connections(), sink.waiting()), (2, 0), "{stage}");
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_a_temporary_failure() {
    for stage in STAGES {
        let sink = SmtpSink::start().await;
        sink.answer(stage, Some(DROP));
        let error = mailer(&sink).send(&reset()).await.unwrap_err();
        assert!(matches!(error, SendError::Failed(_)), "{stage}: {error}");
        assert_says_nothing(&error);
    }
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink);
    drop(sink);
    assert!(matches!(mailer.send(&reset()).await, Err(SendError::Failed(_))));
}

#[tokio::test]
async fn an_answer_that_is_not_smtp_is_a_temporary_failure_and_not_quoted() {
    let sink = SmtpSink::start().await;
    sink.answer("RCPT", Some("what about ada@example.com?"));
    let error = mailer(&sink).send(&reset()).await.unwrap_err();
    assert!(matches!(error, SendError::Failed(_)), "{error}");
    assert_says_nothing(&error);
}

#[tokio::test]
async fn an_address_that_is_not_ascii_or_not_one_is_refused() {
    let sink = SmtpSink::start().await;
    for address in ["ädä@example.com", "ada", "ada@example.com>\r\nRCPT TO:<eve@example.com", ""]
    {
        let message = Message { to: EmailAddress::stored(address), ..reset() };
        let error = mailer(&sink).send(&message).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)), "{address:?}: {error}");
        assert_says_nothing(&error);
    }
    assert_eq!(sink.connections(), 0);
}

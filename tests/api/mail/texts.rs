//! What the messages say.

use twofold::mail::{Content, DisplayName, EmailAddress, LinkPage, Message, NoticeKind};

use super::{ADA, link, mailer, moment, notice, to_ada};
use crate::harness::{Received, SmtpSink};

/// Every message with its kind, its subject, and the pages that its links lead to.
fn all() -> Vec<(Content, String, &'static str, Vec<&'static str>)> {
    let disown = || Some(link(LinkPage::Disown));
    let verify = |disown| Content::Verify { link: link(LinkPage::Verify), disown };
    let reset = |disown| Content::Reset { link: link(LinkPage::Reset), disown };
    let change = Content::ConfirmChange { link: link(LinkPage::ConfirmEmail) };
    let requested = Content::ChangeRequested {
        at: moment(),
        approve: link(LinkPage::ApproveEmail),
        secure: link(LinkPage::Secure),
    };
    let mut all = vec![
        (verify(None), "verify".to_owned(), "Confirm your email address", vec!["verify"]),
        (
            verify(disown()),
            "verify".to_owned(),
            "Confirm your email address",
            vec!["verify", "disown"],
        ),
        (reset(None), "reset".to_owned(), "Set a new password", vec!["reset"]),
        (reset(disown()), "reset".to_owned(), "Set a new password", vec!["reset", "disown"]),
        (change, "change".to_owned(), "Confirm your new email address", vec!["confirm-email"]),
        (
            requested,
            "notice-email_change_requested".to_owned(),
            "Someone asked to change your email address",
            vec!["secure", "approve-email"],
        ),
        (Content::Test, "test".to_owned(), "Test message", vec![]),
    ];
    for kind in NoticeKind::ALL {
        let name = format!("notice-{}", kind.as_str());
        all.push((notice(kind), name.clone(), subject(kind), vec!["secure"]));
        let secure = None;
        all.push((Content::Notice { kind, at: moment(), secure }, name, subject(kind), vec![]));
    }
    all
}

fn subject(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::PasswordChanged => "Your password was changed",
        NoticeKind::PasswordReset => "Your password was reset",
        NoticeKind::EmailChangeRequested => "Someone asked to change your email address",
        NoticeKind::EmailChangeCancelled => "The change of your email address was cancelled",
        NoticeKind::EmailChanged => "Your email address was changed",
        NoticeKind::FactorAdded => "Two-factor authentication: a sign-in method was added",
        NoticeKind::FactorRemoved => "Two-factor authentication: a sign-in method was removed",
        NoticeKind::RecoveryCodesRenewed => "Your recovery codes were replaced",
        NoticeKind::RecoveryCodeUsed => "A recovery code was used",
        NoticeKind::CodesLocked => "Codes are locked after too many wrong ones",
        NoticeKind::NewNetwork => "New sign-in to your account",
        NoticeKind::SecondFactorMissing => "Someone knows your password",
        NoticeKind::CredentialRefused => "A sign-in was refused",
    }
}

async fn received(content: Content, name: impl Into<Option<DisplayName>>) -> Received {
    let sink = SmtpSink::start().await;
    let (to, name) = (EmailAddress::parse(ADA).unwrap(), name.into());
    mailer(&sink).send(&Message { to, name, content }).await.unwrap();
    sink.next_to(ADA).await
}

/// The text of an HTML part, without its markup.
fn unescaped(html: &str) -> String {
    let pairs = [("&#x2f;", "/"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&amp;", "&")];
    pairs.iter().fold(html.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

#[tokio::test]
async fn every_message_says_the_same_in_plain_text_and_in_html() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink);
    for (content, kind, subject, pages) in all() {
        mailer.send(&to_ada(content)).await.unwrap();
        let message = sink.next_to(ADA).await;
        assert_eq!(message.kind(), kind);
        assert_eq!(message.header("subject").as_deref(), Some(subject), "{kind}");
        let links = message.links();
        assert_eq!(links.len(), pages.len(), "{kind}: {links:?}");
        for (link, page) in links.iter().zip(pages) {
            assert!(link.starts_with("https://auth.example.com/#/"), "{kind}: {link}");
            assert_eq!(*link, message.link_to(page), "{kind}");
            assert_eq!(message.token_for(page), "AZaz09-_".repeat(8), "{kind}");
        }
        let html = unescaped(&message.html);
        for link in &links {
            assert!(html.contains(&format!("href=\"{link}\"")), "{kind}: {html}");
        }
        assert_eq!(html.matches("http").count(), links.len(), "{kind}: {html}");
        for paragraph in message.text.split("\n\n") {
            let sentence = paragraph.trim().replace('\n', " ");
            let is_link = paragraph.contains("\nhttp");
            let label = paragraph.split(":\nhttp").next().unwrap();
            assert!(html.contains(if is_link { label } else { &sentence }), "{kind}: {paragraph}");
        }
        for loaded in ["<img", "src=", "url(", "@import", "<script", "<link"] {
            assert!(!html.contains(loaded), "{kind} loads something: {html}");
        }
        assert!(message.text.starts_with("Hello,\n\n"), "{kind}: {}", message.text);
        assert!(!message.text.contains(['{', '[']), "{kind}: {}", message.text);
    }
}

#[tokio::test]
async fn the_headers_say_who_sent_it_and_that_a_program_did() {
    let first = received(Content::Test, DisplayName::stored("Ada")).await;
    assert_eq!(first.from, "no-reply@shop.example");
    assert_eq!(first.header("to").as_deref(), Some(ADA));
    assert_eq!(first.header("auto-submitted").as_deref(), Some("auto-generated"));
    assert_eq!(first.header("mime-version").as_deref(), Some("1.0"));
    assert_eq!(first.header("date").as_deref(), Some("Fri, 15 Jan 2027 08:00:00 +0000"));
    let from = first.header("from").unwrap();
    assert!(from.ends_with("<no-reply@shop.example>") && from.contains("Zo"), "{from}");
    let id = first.header("message-id").unwrap();
    assert!(id.starts_with('<') && id.ends_with("@shop.example>"), "{id}");
    assert_ne!(received(Content::Test, None).await.header("message-id").unwrap(), id);
    assert!(first.raw.is_ascii());
    assert!(first.raw.lines().all(|line| line.len() <= 998));
}

#[tokio::test]
async fn a_message_says_when_it_happened_and_how_long_its_links_work() {
    let message = received(notice(NoticeKind::PasswordChanged), None).await;
    assert!(message.text.contains("Friday, 15 January 2027, 08:00 UTC"), "{}", message.text);
    assert!(message.text.contains("works for 72 hours"), "{}", message.text);
    let verify = Content::Verify { link: link(LinkPage::Verify), disown: None };
    let message = received(verify, None).await;
    assert!(message.text.contains("works for 24 hours"), "{}", message.text);
    assert!(message.text.contains("Confirm only if you created this account"));
    let reset = Content::Reset { link: link(LinkPage::Reset), disown: None };
    let message = received(reset, None).await;
    assert!(message.text.contains("works for 30 minutes"), "{}", message.text);
}

#[tokio::test]
async fn a_notice_without_a_link_says_whom_to_ask() {
    let (kind, at) = (NoticeKind::EmailChanged, moment());
    let message = received(Content::Notice { kind, at, secure: None }, None).await;
    assert!(message.text.contains("no-reply@shop.example"), "{}", message.text);
    assert!(!message.text.contains("This wasn't me"), "{}", message.text);
}

#[tokio::test]
async fn a_name_is_greeted_and_escaped_and_one_like_a_link_is_left_out() {
    let greeting = |message: &Received| message.text.lines().next().unwrap().to_owned();
    let message = received(Content::Test, DisplayName::stored("Ada <b> & \"Zoë\"")).await;
    assert_eq!(greeting(&message), "Hello Ada <b> & \"Zoë\",");
    assert!(
        message.html.contains("Hello Ada &lt;b&gt; &amp; &quot;Zoë&quot;,"),
        "{}",
        message.html
    );
    let message = received(Content::Test, DisplayName::stored(&"x".repeat(51))).await;
    assert_eq!(greeting(&message), format!("Hello {},", "x".repeat(50)));
    for name in ["evil.example", "http:x", "a/b", "ada@example.com"] {
        assert_eq!(
            greeting(&received(Content::Test, DisplayName::stored(name)).await),
            "Hello,",
            "{name}"
        );
    }
    // Nor is it markup of a template.
    let message = received(Content::Test, DisplayName::stored("{{ contact }}](x")).await;
    assert_eq!(greeting(&message), "Hello {{ contact }}](x,");
}

#[tokio::test]
async fn a_name_cannot_add_a_header_or_a_recipient() {
    for name in ["Ada\r\nBcc: eve@example", "Ada\nX-Evil", "Ada\r\n\r\nbody", "\r\n.\r\nMAIL FROM"]
    {
        let message = received(notice(NoticeKind::NewNetwork), DisplayName::stored(name)).await;
        assert_eq!(message.header("to").as_deref(), Some(ADA));
        assert_eq!((message.header("bcc"), message.header("x-evil")), (None, None));
        assert!(message.text.starts_with("Hello,\n"), "{}", message.text);
    }
}

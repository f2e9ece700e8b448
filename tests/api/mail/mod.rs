//! Composing and sending mail, to a real mail server.

mod command;
mod delivery;
mod refusals;
mod settings;
mod templates;
mod texts;

use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use twofold::mail::{
    Content, EmailAddress, Link, LinkPage, MailSetupError, Mailer, MailerSettings, Message,
    NoticeKind, PageLinks, Security, Sender, SmtpSettings, Transport,
};
use twofold::{Clock, Moment};
use url::Url;

use crate::harness::SmtpSink;

const ADA: &str = "ada@example.com";

/// 15 January 2027, 08:00 UTC.
fn moment() -> Moment {
    Moment::from_timestamp(1_800_000_000, 0).unwrap()
}

fn smtp(sink: &SmtpSink) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: sink.port(),
        security: Security::Plain,
        credentials: None,
        authorities: None,
    }
}

fn settings(transport: Transport) -> MailerSettings {
    MailerSettings {
        transport,
        from: Sender {
            name: Some("Zoë's shop".to_owned()),
            address: EmailAddress::parse("no-reply@shop.example").unwrap(),
        },
        service: "Shop & Co".to_owned(),
        templates: None,
        change_delay: TimeDelta::hours(24),
        deadline: Duration::from_secs(20),
    }
}

fn built(settings: MailerSettings) -> Result<Mailer, MailSetupError> {
    Mailer::new(settings, Clock::settable(moment()))
}

/// A mailer that sends to a server without TLS.
fn mailer(sink: &SmtpSink) -> Mailer {
    built(settings(Transport::Smtp(smtp(sink)))).unwrap()
}

fn to_ada(content: Content) -> Message {
    Message { to: EmailAddress::parse(ADA).unwrap(), name: None, content }
}

fn link(page: LinkPage) -> Link {
    let pages = PageLinks::new(Url::parse("https://auth.example.com/").unwrap());
    // As long as real tokens, and with every letter that they can have.
    pages.to(page, "AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_")
}

fn notice(kind: NoticeKind) -> Content {
    Content::Notice { kind, at: moment(), secure: Some(link(LinkPage::Secure)) }
}

/// An empty folder of this name.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mail").join(name);
    let _missing = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

//! Builds the mailer from the settings, and starts the delivery of mail.

use std::io;

use secrecy::SecretString;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::{Parts, StartError};
use crate::flows::mail::{Delivery, ResetQueue};

use crate::config::{Config, MailSettings, MailTransport, SmtpSecurity};
use crate::domain::clock::Clock;
use crate::mail::{
    Credentials, MailSetupError, Mailer, MailerSettings, PageLinks, Security, Sender, SmtpSettings,
    Transport,
};

/// The mailer; `None` if mail is off.
///
/// # Errors
///
/// [`MailSetupError`]: a template or a certificate is broken.
pub fn mailer(config: &Config, clock: Clock) -> Result<Option<Mailer>, MailSetupError> {
    let Some(mail) = &config.mail else { return Ok(None) };
    let settings = MailerSettings {
        transport: transport(mail),
        from: Sender { name: mail.from_name.clone(), address: mail.from.clone() },
        service: config.brand.name.clone(),
        templates: mail.templates.clone(),
        change_delay: mail.change_delay,
        deadline: Mailer::DEADLINE,
    };
    Mailer::new(settings, clock).map(Some)
}

/// Builds links for a service that listens on `port`; `None` if mail is off.
#[must_use]
pub fn page_links(config: &Config, port: u16) -> Option<PageLinks> {
    let local = || Url::parse(&format!("http://localhost:{port}")).ok();
    config.mail.as_ref()?.pages.clone().or_else(local).map(PageLinks::new)
}

fn transport(mail: &MailSettings) -> Transport {
    let server = match &mail.transport {
        MailTransport::Folder(path) => return Transport::Folder(path.clone()),
        MailTransport::Smtp(server) => server,
    };
    let credentials = |(user, password): &(SecretString, SecretString)| Credentials {
        user: user.clone(),
        password: password.clone(),
    };
    Transport::Smtp(SmtpSettings {
        host: server.host.clone(),
        port: server.port,
        security: match server.security {
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Plain => Security::Plain,
        },
        credentials: server.credentials.as_ref().map(credentials),
        authorities: mail.authorities.clone(),
    })
}

/// The running delivery of mail.
pub(crate) struct Delivering {
    stop: watch::Sender<bool>,
    resets: JoinHandle<()>,
    delivered: JoinHandle<()>,
}

impl Delivering {
    /// Resolves when the requests that wait are looked up, and the mails that are being sent are sent. The rest
    /// stays in the outbox.
    pub async fn finish(self) {
        drop(self.stop);
        if self.resets.await.is_err() | self.delivered.await.is_err() {
            tracing::error!("the delivery of mail failed");
        }
    }
}

/// Starts the delivery, and the queue of requests for links that reset a password. Runs within a `LocalSet`.
pub(super) fn start(
    parts: &Parts,
    mailer: Mailer,
    pages: PageLinks,
    resets: ResetQueue,
) -> Result<Delivering, StartError> {
    let delivery = Delivery::new(parts.auth()?, mailer, pages);
    let delivery = delivery.map_err(io::Error::other)?;
    let auth = parts.auth()?;
    let (stop, stopped) = watch::channel(false);
    let when_stopped = |mut stopped: watch::Receiver<bool>| async move {
        let _dropped = stopped.changed().await;
    };
    let resets = tokio::task::spawn_local(resets.run(auth, when_stopped(stopped.clone())));
    let delivered = tokio::task::spawn_local(delivery.run(when_stopped(stopped)));
    Ok(Delivering { stop, resets, delivered })
}

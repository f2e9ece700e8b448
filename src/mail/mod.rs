//! Composes and sends mail. Nothing here decides who gets which message.

mod compose;
mod error;
mod folder;
mod greeting;
mod link;
mod message;
mod smtp;
mod texts;

use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;

pub use crate::domain::display_name::DisplayName;
pub use crate::domain::email::EmailAddress;
pub use crate::domain::notice::NoticeKind;
pub use error::{MailSetupError, SendError};
pub use link::{Link, LinkPage, PageLinks};
pub use message::{Content, Message};
pub use smtp::{Credentials, Security, SmtpSettings};

use crate::domain::clock::Clock;
use compose::Composer;
use folder::Folder;
use smtp::Smtp;

/// How mail is composed and sent.
#[derive(Clone, Debug)]
pub struct MailerSettings {
    /// How it leaves.
    pub transport: Transport,
    /// The sender.
    pub from: Sender,
    /// The service's name, for the texts.
    pub service: String,
    /// A folder of templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
    /// How long a change of address waits, for the texts; zero for not at all.
    pub change_delay: TimeDelta,
    /// How long a message may take to send, connecting included.
    pub deadline: Duration,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// Into a folder of `.eml` files, for development.
    Folder(PathBuf),
}

/// The sender of all mail.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The name that recipients see.
    pub name: Option<String>,
    /// The address, which also gets the bounces.
    pub address: EmailAddress,
}

/// Composes messages and sends them.
pub struct Mailer {
    composer: Composer,
    delivery: Delivery,
    deadline: Duration,
}

enum Delivery {
    Smtp(Smtp),
    Folder(Folder),
}

impl Mailer {
    /// How long a message may take to send. The deadline of a mail library covers connecting only, so every send as a
    /// whole gets this one.
    pub const DEADLINE: Duration = Duration::from_secs(20);

    /// Checks the sender, the certificates and every template. It does not connect.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`], which names the setting.
    pub fn new(settings: MailerSettings, clock: Clock) -> Result<Self, MailSetupError> {
        let MailerSettings { transport, from, service, templates, change_delay, deadline } =
            settings;
        let delivery = match transport {
            Transport::Smtp(server) => Delivery::Smtp(Smtp::new(server, &from.address, deadline)?),
            Transport::Folder(path) => Delivery::Folder(Folder::new(path)),
        };
        let texts = texts::Texts::load(templates.as_deref())?;
        let composer = Composer::new(texts, from, service, change_delay, clock)?;
        Ok(Self { composer, delivery, deadline })
    }

    /// Sends a message. Each call sends it again, with a new message id.
    ///
    /// # Errors
    ///
    /// [`SendError::Refused`] if trying again is pointless, otherwise [`SendError::Failed`].
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let composed = self.composer.compose(message)?;
        match &self.delivery {
            Delivery::Folder(folder) => folder.write(&composed),
            // At the deadline the connection is dropped with the future. It is never used again: the server's late
            // answer would be taken for the answer to another command.
            Delivery::Smtp(smtp) => {
                let sent = tokio::time::timeout(self.deadline, smtp.deliver(&composed)).await;
                sent.unwrap_or_else(|_elapsed| Err(SendError::deadline(self.deadline)))
            }
        }
    }

    /// Where mail goes, for the log and the operator.
    #[must_use]
    pub fn destination(&self) -> String {
        match &self.delivery {
            Delivery::Smtp(smtp) => format!("the mail server {}", smtp.address()),
            Delivery::Folder(folder) => format!("the folder {}", folder.path().display()),
        }
    }
}

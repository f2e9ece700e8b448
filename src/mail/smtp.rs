//! Mail to a mail server (RFC 5321).
//!
//! The connections are kept here and not by the library's pool: that one keeps the connection of a send that was
//! cancelled at its deadline, in the middle of a command, and it does not say which command a server refused.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{self, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};

use super::compose::Composed;
use super::error::{MailSetupError, SendError};
use crate::domain::email::EmailAddress;

/// How many idle connections are kept.
const MOST_IDLE: usize = 4;
/// An idle connection is not used after this; servers close them after some minutes.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// The most of a server's words that an error repeats, in characters.
const LONGEST_ANSWER: usize = 200;

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How connections are protected.
    pub security: Security,
    /// What to sign in with.
    pub credentials: Option<Credentials>,
    /// Certificates of authorities to trust besides the public ones, in PEM.
    pub authorities: Option<String>,
}

/// How connections to a mail server are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS. A server that does not offer it gets no mail and no password.
    StartTls,
    /// None: for a server on the same machine.
    Plain,
}

/// A user of a mail server.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user's name.
    pub user: SecretString,
    /// The password.
    pub password: SecretString,
}

/// A mail server and the idle connections to it.
pub(super) struct Smtp {
    server: (String, u16),
    security: Security,
    tls: TlsParameters,
    credentials: Option<authentication::Credentials>,
    sender: Address,
    hello: ClientId,
    connecting: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

/// What a server's error answer is about.
#[derive(Clone, Copy)]
enum About {
    /// The connection, the credentials or the sender: the operator's to fix.
    Service,
    /// The recipient or the message. Such an answer may repeat the address.
    Message,
}

impl Smtp {
    pub fn new(
        settings: SmtpSettings,
        sender: &EmailAddress,
        connecting: Duration,
    ) -> Result<Self, MailSetupError> {
        let SmtpSettings { host, port, security, credentials, authorities } = settings;
        let sender: Address = sender
            .as_str()
            .parse()
            .map_err(|_cause| MailSetupError::new("MAIL_FROM", "must be an email address"))?;
        let tls = tls(&host, authorities.as_deref())
            .map_err(|_cause| MailSetupError::new("MAIL_CA_FILE", "must be certificates in PEM"))?;
        let credentials = credentials.map(|Credentials { user, password }| {
            let [user, password] = [user, password].map(|text| text.expose_secret().to_owned());
            authentication::Credentials::new(user, password)
        });
        Ok(Self {
            server: (host, port),
            security,
            tls,
            credentials,
            hello: ClientId::Domain(sender.domain().to_owned()),
            sender,
            connecting,
            idle: Mutex::default(),
        })
    }

    /// The server's name and port.
    pub fn address(&self) -> String {
        format!("{}:{}", self.server.0, self.server.1)
    }

    /// Hands a message to the server.
    pub async fn deliver(&self, composed: &Composed) -> Result<(), SendError> {
        let mut connection = self.connection().await?;
        // After an error the connection is dropped, and with it whatever was begun.
        self.transfer(&mut connection, composed).await?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push((connection, Instant::now()));
        }
        Ok(())
    }

    async fn transfer(
        &self,
        connection: &mut AsyncSmtpConnection,
        composed: &Composed,
    ) -> Result<(), SendError> {
        let service = |error| described(&error, About::Service);
        let message = |error| described(&error, About::Message);
        let from = Mail::new(Some(self.sender.clone()), Vec::new());
        connection.command(from).await.map_err(service)?;
        let to = Rcpt::new(composed.to.clone(), Vec::new());
        connection.command(to).await.map_err(message)?;
        connection.command(Data).await.map_err(message)?;
        connection.message(&composed.bytes).await.map_err(message)?;
        Ok(())
    }

    /// An idle connection that still works, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SendError> {
        while let Some((mut connection, since)) = self.take_idle() {
            if since.elapsed() < LONGEST_IDLE && connection.test_connected().await {
                return Ok(connection);
            }
        }
        self.connect().await.map_err(|error| described(&error, About::Service))
    }

    fn take_idle(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let (host, port) = &self.server;
        let tls = (self.security == Security::Tls).then(|| self.tls.clone());
        let (server, timeout) = ((host.as_str(), *port), Some(self.connecting));
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, timeout, &self.hello, tls, None).await?;
        if self.security == Security::StartTls {
            // An error if the server does not offer it.
            connection.starttls(self.tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn tls(host: &str, authorities: Option<&str>) -> Result<TlsParameters, Error> {
    let mut builder = TlsParametersBuilder::new(host.to_owned());
    if let Some(pem) = authorities {
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    builder.build()
}

/// An error in words that may be logged.
fn described(error: &Error, about: About) -> SendError {
    let Some(code) = error.status() else {
        // A source names a cause such as an unknown authority. That of an answer that cannot be parsed quotes it.
        let source = error.source().filter(|_| !error.is_response()).map(ToString::to_string);
        let source = source.unwrap_or_else(|| {
            "the connection ended, or the server's answer is not SMTP".to_owned()
        });
        return SendError::Failed(source);
    };
    let answer = error.source().map(ToString::to_string).unwrap_or_default();
    match about {
        About::Service => {
            let words = answer.chars().filter(|letter| !letter.is_control()).take(LONGEST_ANSWER);
            SendError::Failed(format!("the server says {code} {}", words.collect::<String>()))
        }
        About::Message => {
            let status = enhanced_status(&answer).unwrap_or_default();
            let text =
                format!("the server answers the recipient or the message with {code}{status}");
            if error.is_permanent() { SendError::Refused(text) } else { SendError::Failed(text) }
        }
    }
}

/// The status code at the beginning of an answer, such as ` 5.1.1` (RFC 3463, section 2), after a space.
fn enhanced_status(answer: &str) -> Option<String> {
    let first = answer.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    (parts.len() == 3 && parts.iter().all(is_number)).then(|| format!(" {first}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_code_is_taken_from_an_answer_about_the_recipient() {
        assert_eq!(enhanced_status("5.1.1 <ada@example.com> unknown").as_deref(), Some(" 5.1.1"));
        for answer in ["", "ada@example.com unknown", "a.b.c", "5.1", "5.1.1111", "1.2.3.4"] {
            assert_eq!(enhanced_status(answer), None, "{answer}");
        }
    }
}

//! The settings of mail.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use chrono::TimeDelta;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use super::reader::Reader;
use super::{HttpConfig, Mode};
use crate::domain::email::EmailAddress;

/// The settings of mail, where it is on.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// How mail leaves.
    pub transport: MailTransport,
    /// The sender's name, if it has one.
    pub from_name: Option<String>,
    /// The sender's address.
    pub from: EmailAddress,
    /// Certificates of authorities to trust besides the public ones, in PEM.
    pub authorities: Option<String>,
    /// A folder of templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
    /// The page that links lead to; `None` for the web UI at the port of a service in development.
    pub pages: Option<Url>,
    /// Whether only verified accounts may sign in.
    pub require_verified: bool,
    /// How long a change of address waits; zero for not at all.
    pub change_delay: TimeDelta,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// To a mail server.
    Smtp(SmtpServer),
    /// Into a folder of `.eml` files.
    Folder(PathBuf),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How connections are protected.
    pub security: SmtpSecurity,
    /// User and password.
    pub credentials: Option<(SecretString, SecretString)>,
}

/// How connections to a mail server are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS, which the server must offer.
    StartTls,
    /// None: the server has a loopback address.
    Plain,
}

/// Where development puts its mail.
const DEVELOPMENT_FOLDER: &str = ".data/mail";
/// The sender where only a folder is written to.
const FOLDER_SENDER: &str = "no-reply@service.invalid";
/// The longest name of a sender, in characters.
const LONGEST_NAME: usize = 100;

impl MailSettings {
    /// Reads the settings; `None` if mail is off. All of them are checked in any case.
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode, http: &HttpConfig) -> Option<Self> {
        let given = reader.optional_secret("SMTP_URL");
        let server = given.as_deref().and_then(|url| server(reader, url));
        let folder = folder(reader, mode);
        let sender = sender(reader);
        if given.is_some() && sender.is_none() && !reader.is_faulty("MAIL_FROM") {
            reader.fault("MAIL_FROM", "must be set where SMTP_URL is");
        }
        let require_verified =
            reader.choice("REQUIRE_VERIFIED_EMAIL", &[("false", false), ("true", true)]);
        let is_on = given.is_some() || reader.is_faulty("SMTP_URL") || folder.is_some();
        if require_verified && !is_on {
            reader.fault("REQUIRE_VERIFIED_EMAIL", "needs mail: set SMTP_URL");
        }
        let authorities = authorities(reader);
        let templates = reader.optional("MAIL_TEMPLATES").map(PathBuf::from);
        let pages = pages(reader, mode, http, is_on);
        let change_delay = reader.duration_or_zero("EMAIL_CHANGE_DELAY");
        let transport = server.map(MailTransport::Smtp).or(folder.map(MailTransport::Folder))?;
        let (from_name, from) =
            sender.unwrap_or_else(|| (None, EmailAddress::stored(FOLDER_SENDER)));
        Some(Self {
            transport,
            from_name,
            from,
            authorities,
            templates,
            pages,
            require_verified,
            change_delay,
        })
    }
}

fn server(reader: &mut Reader<'_>, url: &str) -> Option<SmtpServer> {
    let server = parse_server(url);
    if let Err(wants) = &server {
        reader.fault("SMTP_URL", *wants);
    }
    server.ok()
}

/// Parses the URL of a mail server. An error quotes no part of it.
fn parse_server(text: &str) -> Result<SmtpServer, &'static str> {
    const MALFORMED: &str = "must be a URL such as smtps://user:password@mail.example.com, with user and \
        password percent-encoded (@ as %40, / as %2F, : as %3A, % as %25)";
    let url = Url::parse(text).map_err(|_cause| MALFORMED)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let has_more = !matches!(url.path(), "" | "/") || url.query().or(url.fragment()).is_some();
    let is_host = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    if host.is_empty() || !host.chars().all(is_host) || has_more || url.port() == Some(0) {
        return Err(MALFORMED);
    }
    let is_loopback =
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let (security, port) = match url.scheme() {
        "smtps" => (SmtpSecurity::Tls, 465),
        "smtp" if is_loopback => (SmtpSecurity::Plain, 25),
        "smtp" => (SmtpSecurity::StartTls, 587),
        _ => return Err("must begin with smtps:// or smtp://"),
    };
    let decoded = |text: &str| -> Result<SecretString, &'static str> {
        let text = percent_decode_str(text).decode_utf8().map_err(|_cause| MALFORMED)?;
        Ok(SecretString::from(text.into_owned()))
    };
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        ("", Some(_)) | (_, None | Some("")) => {
            return Err("must have both a user and a password, or neither");
        }
        (user, Some(password)) => Some((decoded(user)?, decoded(password)?)),
    };
    Ok(SmtpServer { host, port: url.port().unwrap_or(port), security, credentials })
}

fn folder(reader: &Reader<'_>, mode: Mode) -> Option<PathBuf> {
    match reader.optional("MAIL_FOLDER") {
        Some(off) if off.eq_ignore_ascii_case("off") => None,
        Some(path) => Some(PathBuf::from(path)),
        None => (mode == Mode::Development).then(|| PathBuf::from(DEVELOPMENT_FOLDER)),
    }
}

/// An address, or a name and an address: `Twofold <no-reply@example.com>`.
fn sender(reader: &mut Reader<'_>) -> Option<(Option<String>, EmailAddress)> {
    let text = reader.optional("MAIL_FROM")?;
    let sender = parse_sender(&text);
    if sender.is_none() {
        reader.fault(
            "MAIL_FROM",
            "must be an email address, or a name and an address: Twofold <no-reply@example.com>",
        );
    }
    sender
}

fn parse_sender(text: &str) -> Option<(Option<String>, EmailAddress)> {
    let Some((name, rest)) = text.split_once('<') else {
        return Some((None, EmailAddress::parse(text).ok()?));
    };
    let name = name.trim().trim_matches('"').trim();
    let is_plain = name.chars().count() <= LONGEST_NAME
        && !name.contains(|letter: char| letter.is_control() || "<>\"".contains(letter));
    let address = EmailAddress::parse(rest.trim().strip_suffix('>')?).ok()?;
    is_plain.then(|| ((!name.is_empty()).then(|| name.to_owned()), address))
}

fn authorities(reader: &mut Reader<'_>) -> Option<String> {
    let path = reader.optional("MAIL_CA_FILE")?;
    match fs::read_to_string(path) {
        Ok(pem) if pem.contains("-----BEGIN CERTIFICATE-----") => Some(pem),
        Ok(_) => {
            reader.fault("MAIL_CA_FILE", "must be a file of certificates in PEM");
            None
        }
        Err(cause) => {
            reader.fault("MAIL_CA_FILE", format!("cannot be read ({cause})"));
            None
        }
    }
}

/// Where links lead. They are never built from a request, so that no request can send a token elsewhere.
fn pages(reader: &mut Reader<'_>, mode: Mode, http: &HttpConfig, is_on: bool) -> Option<Url> {
    let own = http.public_origin.as_deref();
    let Some(text) = reader.optional("MAIL_PAGES") else {
        return own.and_then(|origin| Url::parse(origin).ok());
    };
    let url = Url::parse(&text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_web && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
    });
    let Some(url) = url else {
        reader.fault(
            "MAIL_PAGES",
            "must be the URL of a page, without a #, such as https://app.example.com/account",
        );
        return None;
    };
    let origin = url.origin().ascii_serialization();
    let is_known = own == Some(&origin) || http.client_origins.contains(&origin);
    if mode == Mode::Production && is_on && !(is_known && url.scheme() == "https") {
        reader.fault(
            "MAIL_PAGES",
            "must be https in production, at PUBLIC_ORIGIN or one of CLIENT_ORIGIN",
        );
    }
    Some(url)
}

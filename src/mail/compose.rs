//! Turns a message into the bytes that are sent.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message as Mime};

use super::Sender;
use super::error::{MailSetupError, SendError};
use super::message::{Content, Message};
use super::texts::{Texts, Variables};
use crate::domain::clock::Clock;
use crate::domain::display_name::DisplayName;
use crate::domain::wait::in_words;

/// The longest line of a message, in characters (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// A message as it is sent.
pub(super) struct Composed {
    /// The recipient's address.
    pub to: Address,
    /// Headers and body, in ASCII.
    pub bytes: Vec<u8>,
    /// The name of its file in a folder, without the extension.
    pub file_stem: String,
}

/// Composes messages.
pub(super) struct Composer {
    texts: Texts,
    from: Mailbox,
    service: String,
    change_delay: Option<String>,
    clock: Clock,
}

impl Composer {
    /// Checks the sender, and renders every message once.
    pub fn new(
        texts: Texts,
        from: Sender,
        service: String,
        change_delay: TimeDelta,
        clock: Clock,
    ) -> Result<Self, MailSetupError> {
        let malformed = || MailSetupError::new("MAIL_FROM", "must be an email address");
        let address: Address = from.address.as_str().parse().map_err(|_cause| malformed())?;
        // The library panics where a name has line breaks.
        if from.name.iter().any(|name| name.contains(char::is_control)) {
            return Err(malformed());
        }
        let change_delay = (change_delay > TimeDelta::zero()).then(|| in_words(change_delay));
        let from = Mailbox::new(from.name, address);
        let composer = Self { texts, from, service, change_delay, clock };
        composer.check()?;
        Ok(composer)
    }

    /// Checks that every message can be rendered, with all its links.
    fn check(&self) -> Result<(), MailSetupError> {
        for content in Content::samples(self.clock.now()) {
            let template = content.name();
            for name in [None, Some(DisplayName::stored("Ada"))] {
                let fault =
                    |what| MailSetupError::new("MAIL_TEMPLATES", format!("has a fault: {what}"));
                let variables = self.variables(&content, name.as_ref());
                let rendered = self.texts.render(&template, &variables).map_err(fault)?;
                for (variable, link) in content.links() {
                    if !rendered.text.contains(link.expose()) {
                        return Err(fault(format!("{template}.txt lacks the link {variable}")));
                    }
                }
            }
        }
        Ok(())
    }

    /// Composes a message.
    pub fn compose(&self, message: &Message) -> Result<Composed, SendError> {
        let to = recipient(message)?;
        let template = message.content.name();
        let variables = self.variables(&message.content, message.name.as_ref());
        let rendered = self.texts.render(&template, &variables).map_err(SendError::Failed)?;
        let now = self.clock.now();
        let id = HEXLOWER.encode(&rand::random::<[u8; 16]>());
        let file_stem = format!("{}-{template}-{id:.6}", now.format("%Y%m%dT%H%M%S%3fZ"));
        // The recipient's name stays out of the header: the library panics where it has line breaks.
        let mime = Mime::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(rendered.subject)
            .date(now.into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Twofold-Message", &template))
            .multipart(
                MultiPart::alternative()
                    .singlepart(plain(rendered.text))
                    .singlepart(SinglePart::html(rendered.html)),
            )
            .map_err(|_cause| SendError::Failed("the message cannot be composed".to_owned()))?;
        Ok(Composed { to, bytes: mime.formatted(), file_stem })
    }

    fn variables<'a>(&'a self, content: &'a Content, name: Option<&DisplayName>) -> Variables<'a> {
        Variables {
            service: &self.service,
            contact: self.from.email.as_ref(),
            name: name.and_then(super::greeting::greeted),
            time: content.at().map(|at| at.format("%A, %-d %B %Y, %H:%M UTC").to_string()),
            change_delay: self.change_delay.as_deref(),
            links: content.links(),
        }
    }
}

/// The recipient's bare address. One that is not ASCII needs SMTPUTF8 (RFC 6531) from every server on its way; the
/// service accepts none, and an imported account that has one gets no mail.
fn recipient(message: &Message) -> Result<Address, SendError> {
    let address = message.to.as_str();
    if !address.is_ascii() {
        return Err(SendError::Refused("the address is not in ASCII".to_owned()));
    }
    let malformed = |_cause| SendError::Refused("the address is not valid".to_owned());
    address.parse().map_err(malformed)
}

/// The plain text part. Left to itself, the library encodes a text whose lines are as long as links, and a link could
/// not be copied from a file.
fn plain(text: String) -> SinglePart {
    let is_7bit = text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE);
    if !is_7bit {
        return SinglePart::plain(text);
    }
    let lines = text.replace('\n', "\r\n").into_bytes();
    SinglePart::plain(Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

//! A message as its recipient's mail program reads it.

use mail_parser::{MessageParser, MimeHeaders};

/// A message that a mail server received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The sender in the envelope.
    pub from: String,
    /// The recipient in the envelope.
    pub to: String,
    /// The whole message as it was sent.
    pub raw: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Received {
    pub fn new(from: &str, to: &str, raw: String) -> Self {
        let message = MessageParser::default().parse(&raw).unwrap();
        let kind = message.content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
        let part = |number: usize, subtype| {
            let part = &message.parts[number];
            assert_eq!(part.content_type().unwrap().subtype(), Some(subtype));
            part.text_contents().unwrap().replace("\r\n", "\n")
        };
        let (text, html) = (part(1, "plain"), part(2, "html"));
        Self { from: from.to_owned(), to: to.to_owned(), raw, text, html }
    }

    /// A header, decoded. `None` if it is missing; a header that is there twice fails the test.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.raw.split_once("\r\n\r\n").unwrap();
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let lines = unfolded.lines().filter(|line| line.to_ascii_lowercase().starts_with(&prefix));
        let values: Vec<&str> = lines.map(|line| line.split_once(':').unwrap().1.trim()).collect();
        assert!(values.len() < 2, "{name} is there {} times", values.len());
        values.first().map(|value| decoded(value))
    }

    /// The value of `X-Twofold-Message`.
    pub fn kind(&self) -> String {
        self.header("x-twofold-message").unwrap()
    }

    /// The links in the plain text part, in their order.
    pub fn links(&self) -> Vec<&str> {
        self.text.lines().filter(|line| line.starts_with("http")).collect()
    }

    /// The link to a page, such as `verify`.
    #[track_caller]
    pub fn link_to(&self, page: &str) -> &str {
        let part = format!("#/{page}?token=");
        let found = self.links().into_iter().find(|link| link.contains(&part));
        found.unwrap_or_else(|| panic!("no link to {page} in {}", self.text))
    }

    /// The token of the link to a page.
    #[track_caller]
    pub fn token_for(&self, page: &str) -> &str {
        self.link_to(page).split_once("?token=").unwrap().1
    }
}

/// A header's value, with its encoded words (RFC 2047) decoded.
fn decoded(value: &str) -> String {
    let message = format!("Subject: {value}\r\n\r\n");
    let parsed = MessageParser::default().parse(&message).map(|m| m.subject().map(str::to_owned));
    parsed.flatten().unwrap_or_else(|| value.to_owned())
}

//! The texts of the messages: templates in the program, each of which the operator can replace with a file.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, Value, context};
use rust_embed::Embed;

use super::error::MailSetupError;
use super::link::Link;

/// The built-in templates.
#[derive(Embed)]
#[folder = "src/mail/templates/"]
struct BuiltIn;

/// The template of the HTML part. Every other one is plain text.
const LAYOUT: &str = "layout.html";
/// What the first line of a message's template begins with.
const SUBJECT: &str = "Subject: ";
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 100;

/// The texts, ready to be filled in.
pub(super) struct Texts {
    templates: Environment<'static>,
    /// By the name of the template: constants, so that nothing a caller chose can be in a subject.
    subjects: BTreeMap<String, String>,
}

/// What templates can use.
pub(super) struct Variables<'a> {
    /// The service's name.
    pub service: &'a str,
    /// Whom to ask.
    pub contact: &'a str,
    /// The name to greet with.
    pub name: Option<String>,
    /// When it happened.
    pub time: Option<String>,
    /// How long a change of address waits.
    pub change_delay: Option<&'a str>,
    /// The links by their names.
    pub links: Vec<(&'static str, &'a Link)>,
}

/// A message in words.
pub(super) struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A paragraph of a message.
enum Block {
    Text(String),
    /// Every link but the first is a minor one.
    Link {
        label: String,
        url: String,
        is_minor: bool,
    },
}

impl Texts {
    /// Loads the built-in templates, and those of the folder in their place.
    pub fn load(folder: Option<&Path>) -> Result<Self, MailSetupError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut texts = Self { templates, subjects: BTreeMap::new() };
        let built_in = BuiltIn::iter().filter_map(|name| Some((BuiltIn::get(&name)?, name)));
        for (file, name) in built_in {
            texts
                .add(&name, String::from_utf8_lossy(&file.data).into_owned())
                .map_err(|fault| broken(&fault))?;
        }
        if let Some(folder) = folder {
            texts.replace(folder)?;
        }
        Ok(texts)
    }

    /// Takes every file of the folder. A file that replaces nothing is a mistake.
    fn replace(&mut self, folder: &Path) -> Result<(), MailSetupError> {
        let unreadable =
            |cause| MailSetupError::new("MAIL_TEMPLATES", format!("cannot be read ({cause})"));
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if BuiltIn::get(&name).is_none() {
                return Err(broken(&format!("there is no template {name}")));
            }
            let source = fs::read_to_string(entry.path()).map_err(unreadable)?;
            self.add(&name, source).map_err(|fault| broken(&fault))?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, source: String) -> Result<(), String> {
        let body = match source.strip_prefix(SUBJECT) {
            None => {
                self.subjects.remove(name);
                source
            }
            Some(rest) => {
                let (subject, body) = rest.split_once('\n').unwrap_or((rest, ""));
                self.subjects.insert(name.to_owned(), constant(subject.trim(), name)?);
                body.to_owned()
            }
        };
        let added = self.templates.add_template_owned(name.to_owned(), body);
        added.map_err(|cause| described(&cause, name))
    }

    /// Fills in a message's template.
    pub fn render(&self, template: &str, variables: &Variables<'_>) -> Result<Rendered, String> {
        let name = format!("{template}.txt");
        let lacks = || format!("{name} must begin with \"{SUBJECT}\"");
        let subject = self.subjects.get(&name).ok_or_else(lacks)?.clone();
        let body = self.fill(&name, variables.values())?;
        let blocks = blocks(&body, &variables.links);
        let text = blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n\n") + "\n";
        let html = self.fill(
            LAYOUT,
            context! {
                subject => subject.as_str(),
                service => variables.service,
                blocks => blocks.iter().map(Block::value).collect::<Vec<_>>(),
            },
        )?;
        Ok(Rendered { subject, text, html })
    }

    fn fill(&self, name: &str, values: Value) -> Result<String, String> {
        let template = self.templates.get_template(name);
        let filled = template.and_then(|template| template.render(values));
        filled.map_err(|cause| described(&cause, name))
    }
}

impl Variables<'_> {
    /// Every name is defined, so that a template that misspells one is refused.
    fn values(&self) -> Value {
        let link = |name| self.links.iter().find(|(other, _)| *other == name).map(|(_, link)| link);
        let url = |name| link(name).map(|link| link.expose());
        let lifetime = |name| link(name).map(|link| link.lifetime());
        context! {
            service => self.service,
            contact => self.contact,
            name => self.name.as_deref(),
            time => self.time.as_deref(),
            change_delay => self.change_delay,
            link => url("link"),
            link_lifetime => lifetime("link"),
            disown => url("disown"),
            approve => url("approve"),
            approve_lifetime => lifetime("approve"),
            secure => url("secure"),
            secure_lifetime => lifetime("secure"),
        }
    }
}

impl Block {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Link { label, url, .. } => format!("{label}:\n{url}"),
        }
    }

    fn value(&self) -> Value {
        let none = None::<&str>;
        match self {
            Self::Text(text) => {
                let line = text.lines().collect::<Vec<_>>().join(" ");
                context! { text => line, label => none, url => none, is_minor => false }
            }
            Self::Link { label, url, is_minor } => {
                let (label, url) = (label.as_str(), url.as_str());
                context! { text => none, label, url, is_minor => *is_minor }
            }
        }
    }
}

/// Splits a text into its paragraphs. `[label](url)` on its own is a link if it is one of the message's own.
fn blocks(text: &str, links: &[(&str, &Link)]) -> Vec<Block> {
    let trimmed: Vec<&str> = text.lines().map(str::trim).collect();
    let paragraphs = trimmed.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    let mut is_minor = false;
    let block = |lines: &[&str]| {
        let text = lines.join("\n");
        let label_and_url = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(')'));
        match label_and_url.and_then(|rest| rest.split_once("](")) {
            Some((label, url)) if links.iter().any(|(_, link)| link.expose() == url) => {
                let is_minor = std::mem::replace(&mut is_minor, true);
                Block::Link { label: label.to_owned(), url: url.to_owned(), is_minor }
            }
            _ => Block::Text(text),
        }
    };
    paragraphs.map(block).collect()
}

fn constant(subject: &str, name: &str) -> Result<String, String> {
    let fits = !subject.is_empty()
        && subject.chars().count() <= LONGEST_SUBJECT
        && !subject.contains(['{', '}'])
        && !subject.contains(char::is_control);
    if fits {
        return Ok(subject.to_owned());
    }
    Err(format!(
        "the subject of {name} must have 1 to {LONGEST_SUBJECT} characters, without braces"
    ))
}

fn broken(fault: &str) -> MailSetupError {
    MailSetupError::new("MAIL_TEMPLATES", format!("has a fault: {fault}"))
}

/// What is wrong with a template and where. An error in a template that another one includes is that one's cause.
fn described(error: &minijinja::Error, name: &str) -> String {
    if let Some(cause) = error.source().and_then(|cause| cause.downcast_ref()) {
        return described(cause, name);
    }
    let place = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
    let name = error.name().unwrap_or(name);
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{name}{place}: {}{detail}", error.kind())
}

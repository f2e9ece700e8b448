//! What the page of the web UI says about this service, as attributes: its script shows nothing else, and leads to
//! no other place.

use crate::config::{Config, Mode};
use crate::domain::wait;

/// The attributes of the page: whether there is mail, how long a device can be trusted, and the origins that a
/// sign-in may lead back to. `own` are those of the service.
pub fn attributes(settings: &Config, own: &[String]) -> String {
    let mail = settings.mail.as_ref().map(|_mail| ("mail", String::new()));
    let trust = settings.security.device_lifetime;
    let trust = (!trust.is_zero()).then(|| ("trust", wait::in_words(trust)));
    let all = [mail, trust, Some(("origins", origins(settings, own)))];
    let attribute = |(name, value): (&str, String)| format!(" data-{name}=\"{}\"", escaped(&value));
    all.into_iter().flatten().map(attribute).collect()
}

/// Origins, separated by spaces. In development one of them has any port.
fn origins(settings: &Config, own: &[String]) -> String {
    let local: &[&str] = match settings.mode {
        Mode::Development => &["http://localhost", "http://localhost:*"],
        Mode::Production => &[],
    };
    let listed = own.iter().chain(&settings.http.client_origins).map(String::as_str);
    listed.chain(local.iter().copied()).collect::<Vec<_>>().join(" ")
}

/// A text as HTML: also in an attribute with quotation marks, it stays a text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_attribute_or_a_text() {
        assert_eq!(escaped(r#"a"><script>&lt;"#), "a&quot;&gt;&lt;script&gt;&amp;lt;");
    }
}

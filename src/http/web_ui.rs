//! The files of the web UI that differ between services: pages with the operator's name and logo, the stylesheet
//! with the operator's colour, and the logo.

use std::collections::HashMap;

use super::asset::Asset;
use super::pages;
use crate::config::{Brand, Config, Mode};
use crate::domain::accent::{Accent, Tone};
use crate::domain::wait;

/// The name in the built-in pages.
const BUILT_IN_NAME: &str = "Twofold";

/// The logo in the built-in pages, and its type.
const BUILT_IN_LOGO: (&str, &str) = ("icon.svg", "image/svg+xml");

/// The files by their names. Everything else is served as it is built in.
pub fn files(brand: &Brand, attributes: &str) -> HashMap<&'static str, Asset> {
    let page = |name, attributes| {
        let page = dressed(&pages::source(name)?, brand, attributes);
        Some((name, page.into_bytes()))
    };
    let style = || {
        let css = pages::source("app.css")? + &style(brand.accent?);
        Some(("app.css", css.into_bytes()))
    };
    let logo = brand.logo.as_ref().map(|logo| (logo.format.file_name(), logo.bytes.clone()));
    let files = [page("index.html", attributes), page("missing.html", ""), style(), logo];
    let compressed =
        |(name, file): (_, Vec<u8>)| Some((name, Asset::compressed(name, &file).ok()?));
    files.into_iter().flatten().filter_map(compressed).collect()
}

/// A page with the operator's logo and name. The name is inserted last, so that nothing in it is replaced. It is
/// escaped, so it cannot contain a tag.
fn dressed(page: &str, brand: &Brand, attributes: &str) -> String {
    let (file, media_type) = BUILT_IN_LOGO;
    let logo_type = brand.logo.as_ref().map_or(media_type, |logo| logo.format.media_type());
    let page = page.replace(file, logo(brand)).replace(media_type, logo_type);
    let page = page.replace(BUILT_IN_NAME, &escaped(&brand.name));
    page.replacen("<html", &format!("<html{attributes}"), 1)
}

/// The name of the logo's file.
pub fn logo(brand: &Brand) -> &'static str {
    brand.logo.as_ref().map_or(BUILT_IN_LOGO.0, |logo| logo.format.file_name())
}

/// The operator's colour in light and in dark, as the end of the stylesheet.
fn style(Accent { light, dark }: Accent) -> String {
    let root =
        |Tone { colour, wash }| format!(":root {{ --accent: {colour}; --accent-wash: {wash}; }}");
    format!("\n{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", root(light), root(dark))
}

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

/// Origins, separated by spaces. In development they include `http://localhost` at any port.
fn origins(settings: &Config, own: &[String]) -> String {
    let local: &[&str] = match settings.mode {
        Mode::Development => &["http://localhost", "http://localhost:*"],
        Mode::Production => &[],
    };
    let listed = own.iter().chain(&settings.http.client_origins).map(String::as_str);
    listed.chain(local.iter().copied()).collect::<Vec<_>>().join(" ")
}

/// Escapes a text for HTML, also for an attribute in double quotation marks.
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

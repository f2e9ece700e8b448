//! The settings of mail.

use secrecy::ExposeSecret;
use twofold::config::{Config, Environment, MailSettings, MailTransport, SmtpSecurity, SmtpServer};

const PASSWORD: &str = "Zq7vK3xW";

fn parsed(settings: &[(&str, &str)]) -> Result<Config, String> {
    let base = Environment::from_pairs([
        ("APP_ENV", "development"),
        ("DATABASE_URL", "mongodb://localhost/"),
        ("MONGO_INITDB_DATABASE", "twofold"),
        ("SEALING_KEYS", "k:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ="),
    ]);
    let environment = settings.iter().fold(base, |all, (name, value)| all.with(name, *value));
    Config::from_environment(&environment).map_err(|faults| faults.to_string())
}

fn mail(settings: &[(&str, &str)]) -> Option<MailSettings> {
    parsed(settings).unwrap().mail
}

const PRODUCTION: [(&str, &str); 3] = [
    ("APP_ENV", "production"),
    ("PUBLIC_ORIGIN", "https://auth.example.com"),
    ("CLIENT_ORIGIN", "https://app.example.com"),
];
const SMTP: [(&str, &str); 2] =
    [("SMTP_URL", "smtps://mail.example.com"), ("MAIL_FROM", "Shop <no-reply@example.com>")];

fn server(url: &str) -> SmtpServer {
    let settings = mail(&[("SMTP_URL", url), ("MAIL_FROM", "a@example.com")]);
    let MailTransport::Smtp(server) = settings.unwrap().transport else { panic!("{url}") };
    server
}

fn folder_of(settings: &[(&str, &str)]) -> Option<String> {
    match mail(settings)?.transport {
        MailTransport::Folder(path) => Some(path.display().to_string()),
        MailTransport::Smtp(_) => None,
    }
}

#[test]
fn a_mail_server_is_protected_unless_it_is_on_this_machine() {
    use SmtpSecurity::{Plain, StartTls, Tls};
    for (url, host, port, security) in [
        ("smtps://mail.example.com", "mail.example.com", 465, Tls),
        ("smtps://Mail.Example.com:1465/", "mail.example.com", 1465, Tls),
        ("smtps://localhost", "localhost", 465, Tls),
        ("smtp://mail.example.com", "mail.example.com", 587, StartTls),
        ("smtp://10.0.0.1:25", "10.0.0.1", 25, StartTls),
        ("smtp://localhost.example.com", "localhost.example.com", 587, StartTls),
        ("smtp://127.0.0.1.example.com", "127.0.0.1.example.com", 587, StartTls),
        ("smtp://[2001:db8::1]", "2001:db8::1", 587, StartTls),
        ("smtp://localhost", "localhost", 25, Plain),
        ("smtp://LOCALHOST:1025", "localhost", 1025, Plain),
        ("smtp://127.1.2.3", "127.1.2.3", 25, Plain),
        ("smtp://[::1]:1025", "::1", 1025, Plain),
    ] {
        let server = server(url);
        assert_eq!((server.host.as_str(), server.port, server.security), (host, port, security));
        assert!(server.credentials.is_none(), "{url}");
    }
}

#[test]
fn user_and_password_are_percent_decoded_and_not_printable() {
    let server = server("smtps://shop%40example.com:p%40ss%2Fw%C3%B6rd%25+1@mail.example.com");
    assert!(!format!("{server:?}").contains("p@ss"));
    let (user, password) = server.credentials.unwrap();
    assert_eq!(user.expose_secret(), "shop@example.com");
    assert_eq!(password.expose_secret(), "p@ss/wörd%+1");
}

#[test]
fn a_malformed_url_of_a_mail_server_is_refused_without_a_piece_of_it() {
    for url in [
        "{p}",
        "mail.example.com",
        "http://ada:{p}@mail.example.com",
        "smtps://",
        "smtps://ada:{p}@",
        "smtps://ada:{p}@:25",
        "smtps://ada:{p}",
        "smtps://ada:x/{p}@mail.example.com",
        "smtps://ada:x?{p}@mail.example.com",
        "smtps://ada:x#{p}@mail.example.com",
        "smtps://ada:{p}@mail.example.com/path",
        "smtps://ada:{p}@mail.example.com?tls=none",
        "smtps://ada:{p}@mail.example.com:0",
        "smtps://ada:{p}@mail.example.com:99999",
        "smtps://ada:{p}@mail example.com",
        "smtps://ada@mail.example.com",
        "smtps://:{p}@mail.example.com",
        "smtps://ada:%ff{p}@mail.example.com",
    ] {
        let url = url.replace("{p}", PASSWORD);
        let said = parsed(&[("SMTP_URL", &url), ("MAIL_FROM", "a@example.com")]).unwrap_err();
        assert!(said.contains("\n  SMTP_URL must "), "{url}: {said}");
        for piece in PASSWORD.as_bytes().windows(4) {
            let piece = std::str::from_utf8(piece).unwrap();
            assert!(!said.contains(piece), "{url}: {said}");
        }
    }
}

#[test]
fn smtp_wins_over_the_folder_and_development_has_a_folder() {
    assert_eq!(folder_of(&[]).as_deref(), Some(".data/mail"));
    assert_eq!(folder_of(&[("MAIL_FOLDER", "/tmp/mail")]).as_deref(), Some("/tmp/mail"));
    assert!(mail(&[("MAIL_FOLDER", "off")]).is_none());
    assert!(mail(&PRODUCTION).is_none());
    let in_production = [&PRODUCTION[..], &[("MAIL_FOLDER", "/tmp/mail")]].concat();
    assert_eq!(folder_of(&in_production).as_deref(), Some("/tmp/mail"));
    for folder in ["off", "/tmp/mail"] {
        let both = [&SMTP[..], &[("MAIL_FOLDER", folder)]].concat();
        assert!(matches!(mail(&both).unwrap().transport, MailTransport::Smtp(_)));
    }
    let on = mail(&SMTP).unwrap();
    assert_eq!(on.from_name.as_deref(), Some("Shop"));
    assert_eq!(on.from.as_str(), "no-reply@example.com");
    assert_eq!((on.require_verified, on.change_delay.num_hours()), (false, 24));
}

#[test]
fn settings_of_mail_that_do_not_fit_together_are_reported_at_once() {
    let said = parsed(&[
        ("SMTP_URL", "smtps://mail.example.com"),
        ("MAIL_CA_FILE", "/not/there"),
        ("MAIL_PAGES", "ftp://example.com"),
        ("EMAIL_CHANGE_DELAY", "soon"),
        ("REQUIRE_VERIFIED_EMAIL", "maybe"),
        ("HASH_THREADS", "none"),
    ])
    .unwrap_err();
    for fault in [
        "MAIL_FROM must be set where SMTP_URL is",
        "MAIL_CA_FILE cannot be read",
        "MAIL_PAGES must be the URL of a page",
        "EMAIL_CHANGE_DELAY must be a duration",
        "REQUIRE_VERIFIED_EMAIL must be one of",
        "HASH_THREADS must be",
    ] {
        assert!(said.contains(&format!("\n  {fault}")), "{fault} is missing in {said}");
    }
    let off = [("MAIL_FOLDER", "off"), ("REQUIRE_VERIFIED_EMAIL", "true")];
    assert!(parsed(&off).unwrap_err().contains("REQUIRE_VERIFIED_EMAIL needs mail"));
    let no_delay = [&SMTP[..], &[("EMAIL_CHANGE_DELAY", "0"), ("REQUIRE_VERIFIED_EMAIL", "TRUE")]];
    let no_delay = mail(&no_delay.concat()).unwrap();
    assert!(no_delay.change_delay.is_zero() && no_delay.require_verified);
}

#[test]
fn a_sender_is_an_address_or_a_name_and_an_address() {
    for (text, name) in [
        ("no-reply@example.com", None),
        ("<no-reply@example.com>", None),
        ("Shop <no-reply@example.com>", Some("Shop")),
        ("\"Zoë's shop, Ltd.\" <no-reply@example.com>", Some("Zoë's shop, Ltd.")),
    ] {
        let read = mail(&[("MAIL_FROM", text)]).unwrap();
        assert_eq!((read.from_name.as_deref(), read.from.as_str()), (name, "no-reply@example.com"));
    }
    for wrong in [
        "shop",
        "Shop <shop>",
        "Shop <a@example.com",
        "Shop a@example.com",
        "a@example.com, b@example.com",
        "Shop\r\nBcc: <a@example.com>",
        "A <a@example.com> <b@example.com>",
    ] {
        assert!(parsed(&[("MAIL_FROM", wrong)]).unwrap_err().contains("MAIL_FROM"), "{wrong}");
    }
}

#[test]
fn links_lead_to_a_page_of_the_service_or_of_a_known_origin() {
    let pages =
        |settings: &[(&str, &str)]| mail(settings).unwrap().pages.map(|pages| pages.to_string());
    assert_eq!(pages(&[]), None);
    let own = [("PUBLIC_ORIGIN", "https://auth.example.com")];
    assert_eq!(pages(&own).as_deref(), Some("https://auth.example.com/"));
    assert_eq!(
        pages(&[("MAIL_PAGES", "http://localhost:3000/account")]).as_deref(),
        Some("http://localhost:3000/account")
    );
    let production = [&PRODUCTION[..], &SMTP[..]].concat();
    assert_eq!(pages(&production).as_deref(), Some("https://auth.example.com/"));
    for page in ["https://auth.example.com/x", "https://app.example.com/account?mail"] {
        let set = [&production[..], &[("MAIL_PAGES", page)]].concat();
        assert_eq!(pages(&set).as_deref(), Some(page));
    }
    for wrong in [
        "https://evil.example.com/",
        "https://app.example.com:8443/",
        "https://app.example.com.evil.example/",
        "http://app.example.com/",
        "https://app.example.com/#/x",
        "https://ada@app.example.com/",
        "app.example.com",
        "javascript:alert(1)",
    ] {
        let set = [&production[..], &[("MAIL_PAGES", wrong)]].concat();
        assert!(parsed(&set).unwrap_err().contains("\n  MAIL_PAGES must"), "{wrong}");
    }
}

//! People, and their phones.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};
use twofold::Moment;

use super::answer::read_qr_code;
use super::app::TestApp;
use super::browser::Browser;

/// Somebody who registered.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub password: String,
    pub recovery_codes: Vec<String>,
    /// The browser that they enrolled with, or log in with first.
    pub browser: Browser,
    phone: Option<Phone>,
}

/// An authenticator app: knows a secret, computes codes.
#[derive(Clone)]
pub struct Phone(Totp);

impl Phone {
    /// Types a secret into the app.
    pub fn typed(base32: &str) -> Self {
        let secret = Secret::try_from_base32(base32).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    /// Starts an enrolment in a browser that is signed in, and types the secret into the app.
    pub async fn enrolling(browser: &Browser) -> Self {
        let offer = browser.post("/api/auth/otp/generate", json!({})).await;
        Self::typed(offer.assert_status(200).json()["base32"].as_str().unwrap())
    }

    /// Takes a secret off a QR code in PNG.
    pub fn pictured(png: &[u8]) -> Self {
        let uri = url::Url::parse(&read_qr_code(png)).unwrap();
        let (_, secret) = uri.query_pairs().find(|(name, _)| name == "secret").unwrap();
        Self::typed(&secret)
    }

    /// The code that the app shows at a moment.
    pub fn code_at(&self, moment: Moment) -> String {
        self.0.generate(moment.timestamp().try_into().unwrap()).to_string()
    }

    /// A code that the app does not show within ten steps of a moment.
    pub fn wrong_code_at(&self, moment: Moment) -> String {
        let near: Vec<String> = (-10..=10)
            .map(|steps| self.code_at(moment + chrono::TimeDelta::seconds(30 * steps)))
            .collect();
        let mut candidates = (0..).map(|number: u32| format!("{number:06}"));
        candidates.find(|code| !near.contains(code)).unwrap()
    }
}

impl Person {
    pub fn new(app: &TestApp, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            password: format!("{name}'s plum velvet tractor"),
            recovery_codes: Vec::new(),
            browser: app.browser(),
            phone: None,
        }
    }

    /// Registers with their own browser.
    pub async fn register(&self) {
        let form = json!({
            "name": self.name, "email": self.email,
            "password": self.password, "passwordConfirm": self.password,
        });
        self.browser.post("/api/auth/register", form).await.assert_status(201);
    }

    /// Logs in and enrols an authenticator app; the person's browser stays signed in, at `aal2`.
    pub async fn with_totp(mut self) -> Self {
        self.browser.log_in(&self).await.assert_status(200);
        self.enrol_again().await;
        self
    }

    /// Enrols a new authenticator app with the person's browser, which is signed in and fresh.
    pub async fn enrol_again(&mut self) {
        let phone = Phone::enrolling(&self.browser).await;
        let code = phone.code_at(self.browser.service_time());
        let proved = self.browser.post("/api/auth/otp/verify", json!({ "token": code })).await;
        let codes = proved.assert_status(200).json()["recovery_codes"].clone();
        self.recovery_codes = texts(&codes);
        self.phone = Some(phone);
    }

    /// Their phone.
    pub fn phone(&self) -> &Phone {
        self.phone.as_ref().unwrap()
    }

    /// The value of an `Authorization: Basic` header with their credentials.
    pub fn basic(&self) -> String {
        let pair = format!("{}:{}", self.email, self.password);
        format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
    }
}

fn texts(array: &Value) -> Vec<String> {
    array.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

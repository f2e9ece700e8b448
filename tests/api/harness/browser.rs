//! A client: a browser that keeps cookies, or a command line with a bearer token.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;
use twofold::{Clock, Moment};

use super::answer::Answer;
use super::description;
use super::person::Person;

/// How long an answer may take: hashes that are made slow take minutes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// A client with a cookie jar of its own. Clones share the jar.
#[derive(Clone)]
pub struct Browser {
    base: String,
    client: Client,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
    headers: HeaderMap,
    clock: Clock,
}

/// A request under way to being sent.
pub struct Call {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
}

impl Call {
    /// A call without a body.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    /// Adds a header of any bytes.
    pub fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.append(name, HeaderValue::from_bytes(value).unwrap());
        self
    }

    /// Adds a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.raw_json(body.to_string())
    }

    /// Adds a body that says it is JSON.
    pub fn raw_json(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", "application/json")
    }
}

impl Browser {
    pub fn new(base: String, clock: Clock) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            base,
            client: client.no_proxy().timeout(PATIENCE).build().unwrap(),
            jar: Arc::default(),
            headers: HeaderMap::new(),
            clock,
        }
    }

    /// What the service's clock says.
    pub fn service_time(&self) -> Moment {
        self.clock.now()
    }

    /// A client without cookies, which sends this bearer token.
    pub fn bearer(&self, token: &str) -> Self {
        self.always("authorization", &format!("Bearer {token}")).forgetful()
    }

    /// The same client with a header on every call.
    pub fn always(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        let name: HeaderName = name.parse().unwrap();
        other.headers.insert(name, HeaderValue::from_str(value).unwrap());
        other
    }

    /// A copy whose jar starts as this one's and goes its own way.
    pub fn copy(&self) -> Self {
        let jar = self.jar.lock().unwrap().clone();
        Self { jar: Arc::new(Mutex::new(jar)), ..self.clone() }
    }

    fn forgetful(self) -> Self {
        Self { jar: Arc::default(), ..self }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Call::new("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Call::new("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Call::new("POST", path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Call::new("PUT", path).json(&body)).await
    }

    /// Sends a call with the jar's cookies, and keeps what the answer sets.
    pub async fn send(&self, call: Call) -> Answer {
        let (method, path) = (call.method.clone(), call.path.clone());
        let mut request = self.client.request(call.method, format!("{}{}", self.base, call.path));
        request = request.headers(self.headers.clone());
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        let answer = Answer { status, headers, body };
        self.keep(&answer);
        description::check(method.as_str(), &path, &answer);
        answer
    }

    /// The jar's value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// The password step.
    pub async fn log_in(&self, person: &Person) -> Answer {
        let form = serde_json::json!({ "email": person.email, "password": person.password });
        self.post("/api/auth/login", form).await
    }

    /// The code step.
    pub async fn validate(&self, token: &str) -> Answer {
        self.post("/api/auth/otp/validate", serde_json::json!({ "token": token })).await
    }

    fn cookie_header(&self) -> String {
        let jar = self.jar.lock().unwrap();
        let pairs: Vec<String> =
            jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&self, answer: &Answer) {
        let mut jar = self.jar.lock().unwrap();
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

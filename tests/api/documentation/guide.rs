//! The document, which is written while the calls are made.

use std::fmt::Write;

use serde_json::Value;

use super::samples::{TOKEN, masked, masked_form, masked_query};
use crate::harness::{Answer, Browser, Call};

/// The document so far.
pub struct Guide(pub String);

impl Guide {
    /// Begins a section.
    pub fn section(&mut self, title: &str) {
        write!(self.0, "\n## {title}\n").unwrap();
    }

    /// Makes a call, and writes the request and the response.
    pub async fn call(&mut self, browser: &Browser, path: &str, call: Call, prose: &str) -> Answer {
        write!(self.0, "\n### `{} {path}`\n\n{prose}\n", call.method).unwrap();
        self.example(browser, call).await
    }

    /// Another example of the same call.
    pub async fn example(&mut self, browser: &Browser, call: Call) -> Answer {
        let mut request = format!("{} {}\n", call.method, masked_query(&call.path));
        for (name, value) in &call.headers {
            let value = value.to_str().unwrap();
            let value =
                if name == "authorization" { "Basic YWRhQGV4YW1wbGUuY29tOi4uLg==" } else { value };
            writeln!(request, "{}: {value}", title(name.as_str())).unwrap();
        }
        if let Some(body) = &call.body {
            let form = || masked_form(std::str::from_utf8(body).unwrap());
            let body =
                serde_json::from_slice(body).map_or_else(|_| form(), |body| pretty(&masked(body)));
            write!(request, "\n{body}\n").unwrap();
        }
        let answer = browser.send(call).await;
        let mut response = format!("{}\n", answer.status);
        let plain = ["content-type", "retry-after", "www-authenticate"];
        for name in
            plain.into_iter().chain(["remote-user", "remote-email", "remote-name", "remote-aal"])
        {
            if let Some(value) = answer.header(name) {
                let value = if name == "remote-user" { "66f1c0afde31e2b4c8f09a17" } else { value };
                writeln!(response, "{}: {value}", title(name)).unwrap();
            }
        }
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            let value = if value.is_empty() { "" } else { TOKEN };
            // A removed cookie expires in the past of the real clock.
            let attributes = attributes.split("; Expires=").next().unwrap();
            writeln!(response, "Set-Cookie: {name}={value};{attributes}").unwrap();
        }
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => write!(response, "\n{}\n", pretty(&masked(body))).unwrap(),
            Err(_) if answer.body.is_empty() => {}
            Err(_) => response.push_str("\n…\n"),
        }
        write!(self.0, "\n```http\n{request}```\n\n```http\n{response}```\n").unwrap();
        answer
    }
}

/// Its text, the same whether or not a dependency keeps the order of members.
pub fn pretty(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    serde_json::to_string_pretty(&sorted).unwrap()
}

/// `content-type` as `Content-Type`.
fn title(name: &str) -> String {
    let part = |part: &str| match part {
        "www" => "WWW".to_owned(),
        part => part[..1].to_uppercase() + &part[1..],
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

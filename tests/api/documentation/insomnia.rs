//! `docs/insomnia.json`: the calls for both contracts as a collection for Insomnia. Names and bodies come
//! from the OpenAPI description.

use std::fmt::Write;

use serde_json::{Value, json};

use super::guide::pretty;
use crate::harness::DOCUMENT;

/// A call, by method and path.
type Step = (&'static str, &'static str);

/// Folders of the collection, and their calls in order.
const FOLDERS: &[(&str, &[Step])] = &[
    (
        "The JSON contract: six calls",
        &[
            ("post", "/api/auth/register"),
            ("post", "/api/auth/login"),
            ("post", "/api/auth/otp/generate"),
            ("post", "/api/auth/otp/verify"),
            ("post", "/api/auth/otp/validate"),
            ("post", "/api/auth/otp/disable"),
        ],
    ),
    (
        "The Basic → Bearer contract: four calls",
        &[
            ("post", "/auth/credentials"),
            ("put", "/auth/otp/enable"),
            ("get", "/auth/otp/generate"),
            ("get", "/whoami"),
        ],
    ),
];

/// The collection, in Insomnia's export format 4.
pub fn collection() -> String {
    let environment = json!({
        "base_url": "http://localhost:8000",
        "email": "ada@example.com",
        "password": "plum velvet tractor",
        "code": "123456",
        "bearer_token": "the token from /auth/credentials",
    });
    let mut resources = vec![
        json!({ "_id": "wrk_twofold", "_type": "workspace", "name": "Twofold", "scope": "collection" }),
        json!({
            "_id": "env_twofold", "_type": "environment", "parentId": "wrk_twofold", "name": "Base",
            "data": environment,
        }),
    ];
    for (number, (name, calls)) in FOLDERS.iter().enumerate() {
        let folder = format!("fld_{number}");
        resources.push(json!({
            "_id": folder, "_type": "request_group", "parentId": "wrk_twofold", "name": name,
            "metaSortKey": number,
        }));
        for (step, (method, path)) in calls.iter().enumerate() {
            resources.push(request(&folder, (number, step), method, path));
        }
    }
    let collection = json!({
        "_type": "export", "__export_format": 4, "__export_source": "twofold", "resources": resources,
    });
    let mut text = pretty(&collection);
    writeln!(text).unwrap();
    text
}

fn request(folder: &str, (number, step): (usize, usize), method: &str, path: &str) -> Value {
    let operation = &DOCUMENT["paths"][path][method];
    let summary = operation["summary"].as_str().unwrap();
    let mut request = json!({
        "_id": format!("req_{number}_{step}"), "_type": "request", "parentId": folder,
        "name": format!("{}. {summary}", step + 1), "method": method.to_uppercase(),
        "url": format!("{{{{ _.base_url }}}}{path}"), "metaSortKey": step, "headers": [], "parameters": [],
        "settingStoreCookies": true, "settingSendCookies": true,
    });
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    if let Some(name) = schema.as_str().and_then(|name| name.rsplit('/').next()) {
        let example = &DOCUMENT["components"]["schemas"][name]["examples"][0];
        let body = pretty(example).replace("\"123456\"", "\"{{ _.code }}\"");
        request["body"] = json!({ "mimeType": "application/json", "text": body });
        request["headers"] = json!([{ "name": "Content-Type", "value": "application/json" }]);
    }
    match path {
        "/auth/credentials" => {
            let (username, password) = ("{{ _.email }}", "{{ _.password }}");
            request["authentication"] =
                json!({ "type": "basic", "username": username, "password": password });
            // Disabled until two-factor authentication is on.
            request["parameters"] =
                json!([{ "name": "otp", "value": "{{ _.code }}", "disabled": true }]);
        }
        path if !path.starts_with("/api/") => {
            request["authentication"] =
                json!({ "type": "bearer", "token": "{{ _.bearer_token }}" });
        }
        _ => {}
    }
    request
}

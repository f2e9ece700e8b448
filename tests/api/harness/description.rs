//! Every answer of the suite is held against the OpenAPI description of the call that it answers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::answer::Answer;

/// The description as the service serves it.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&twofold::app::openapi().unwrap()).unwrap());

/// What a described response may look like, by its content type.
type Contents = BTreeMap<String, Option<Validator>>;

/// A response: its call's method and path, and its status.
type Key = (String, String, String);

/// The described responses.
static RESPONSES: LazyLock<BTreeMap<Key, Contents>> = LazyLock::new(|| {
    let mut described = BTreeMap::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let contents = response["content"].as_object().cloned().unwrap_or_default();
                let contents =
                    contents.iter().map(|(kind, media)| (kind.clone(), validator(kind, media)));
                let key = (method.to_uppercase(), path.clone(), status.clone());
                described.insert(key, contents.collect());
            }
        }
    }
    described
});

fn validator(content_type: &str, media: &Value) -> Option<Validator> {
    let mut schema = media["schema"].clone();
    let fields = schema.as_object_mut().filter(|_| content_type.contains("json"))?;
    fields.insert("components".to_owned(), DOCUMENT["components"].clone());
    Some(jsonschema::draft202012::new(&schema).unwrap())
}

/// The described path that a request's path is of.
fn described_path(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |described: &str| {
        let prefix = described.split_once('{').map(|(before, _)| before);
        let rest = prefix.and_then(|before| path.strip_prefix(before));
        rest.is_some_and(|rest| !rest.is_empty())
    };
    // A path without a parameter goes first, in whatever order they are described.
    let exact = paths.get_key_value(path).map(|(described, _)| described.as_str());
    exact.or_else(|| paths.keys().map(String::as_str).find(|described| fits(described)))
}

/// Holds an answer against what is described.
///
/// What belongs to no call is left alone: paths and methods that do not exist, and what the server says
/// to a request that is no HTTP.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Answer) {
    let Some(described) = described_path(path) else {
        return;
    };
    if answer.status == 405 || method == "OPTIONS" || method == "HEAD" {
        return;
    }
    let key = (method.to_owned(), described.to_owned(), answer.status.to_string());
    let found = RESPONSES.get(&key);
    let Some(contents) = found else {
        panic!("{method} {described} answered {}, which is not described", answer.status);
    };
    if answer.body.is_empty() || answer.header("content-encoding").is_some() {
        return;
    }
    let content_type = answer.header("content-type").unwrap();
    let Some(validator) = contents.get(content_type) else {
        panic!("{method} {described} answered {content_type}, which is not described");
    };
    if let Some(validator) = validator {
        let body = answer.json();
        let faults: Vec<String> = validator
            .iter_errors(&body)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{method} {described} {}: {faults:?} in {body}", answer.status);
    }
    if answer.header("content-type") == Some("application/problem+json") {
        let media = &DOCUMENT["paths"][described][method.to_lowercase()]["responses"]
            [answer.status.to_string()]["content"]["application/problem+json"];
        let code = answer.code();
        assert!(
            media["examples"].get(&code).is_some(),
            "{method} {described} said {code}, which is not described"
        );
    }
}

/// The request bodies' examples, by method and path.
pub fn examples() -> Vec<(String, String, Value)> {
    let mut examples = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            if let Some(name) = schema.as_str().and_then(|name| name.rsplit('/').next()) {
                let example = DOCUMENT["components"]["schemas"][name]["examples"][0].clone();
                assert_ne!(example, json!(null), "{name} has no example");
                examples.push((method.to_uppercase(), path.clone(), example));
            }
        }
    }
    examples
}

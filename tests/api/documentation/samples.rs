//! Samples that replace values which differ from run to run.

use serde_json::{Value, json};

pub const TOKEN: &str = "ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv";

/// The sample for a value that differs from run to run.
fn sample(key: &str, value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let is_hex = |length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(json!(match key {
        "token" | "code" if text.len() == 6 => "123456".to_owned(),
        "token" if text.contains('-') && text.len() == 27 =>
            "0f9k2m-7wqx3e-bz5rt8-hn4v6y".to_owned(),
        "token" if text.starts_with("mail-") => format!("mail-{TOKEN}"),
        "token" if text.starts_with("secure-") => format!("secure-{TOKEN}"),
        "token" if text.starts_with("ey") => JWT.to_owned(),
        "token" => TOKEN.to_owned(),
        "id" if text == "localhost" => return None,
        "id" if text.len() == 43 => CREDENTIAL.to_owned(),
        "rawId" => CREDENTIAL.to_owned(),
        "id" if text.len() == 16 => "ZvHAr94x4rTI8JoX".to_owned(),
        "challenge" => "q0bq8rJx2y6nGd1cVf4mZk5pTq7uXw9zA3sD6gH8jKl".to_owned(),
        "clientDataJSON" => "eyJ0eXBlIjoid2ViYXV0aG4i…".to_owned(),
        "attestationObject" => "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVj…".to_owned(),
        "authenticatorData" => "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2M…".to_owned(),
        "signature" => "MEUCIQDx…".to_owned(),
        "userHandle" => "ZvHAr94x4rTI8JoX".to_owned(),
        "kid" => "o1Z7xk3bTq0m5cVJ8sYw2LrE9uNfHdPgKiAaBtCvXyM".to_owned(),
        "x" | "y" => "hXHU7iOLHiXAz81mMI3BaFdgW46ATzm7by-u5cXR6Fc".to_owned(),
        "id" | "sub" if is_hex(24) => "66f1c0afde31e2b4c8f09a17".to_owned(),
        "id" if is_hex(32) => "00000000000000079c1f3be2d8a45607".to_owned(),
        "id" | "sid" => "Q9mK1x7fT0aVb3ZsLw5uYg".to_owned(),
        "request_id" => "kT3qQm1yVh8sJd2L".to_owned(),
        "base32" => "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
        "otpauth_url" => {
            let (before, rest) = text.split_once("secret=").unwrap();
            let after = rest.find('&').map_or("", |at| &rest[at..]);
            format!("{before}secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP{after}")
        }
        "next" => CURSOR.to_owned(),
        _ => return None,
    }))
}

const CREDENTIAL: &str = "MmYDNYhBDjQ4h7qXk1s9VwHn2TgkJc6Pb0RyLfEaDsU";
const CURSOR: &str = "000001a31e2a6f5800000000000000079c1f3be2d8a45607";

/// A token for another service.
const JWT: &str =
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl";

/// A form with a token, with a sample.
pub fn masked_form(form: &str) -> String {
    let is_issued = form.starts_with("token=ey");
    if is_issued { format!("token={JWT}") } else { form.to_owned() }
}

/// A path with samples.
pub fn masked_query(path: &str) -> String {
    if let Some((before, _)) = path.split_once("after=") {
        return format!("{before}after={CURSOR}");
    }
    let with_id = ["/api/auth/sessions/", "/api/auth/devices/"];
    if let Some(prefix) = with_id.into_iter().find(|prefix| path.starts_with(prefix)) {
        return format!("{prefix}Q9mK1x7fT0aVb3ZsLw5uYg");
    }
    match path.strip_prefix("/api/auth/passkeys/") {
        Some(id) if id.len() == 43 => format!("/api/auth/passkeys/{CREDENTIAL}"),
        _ => path.to_owned(),
    }
}

/// A body with samples.
pub fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mask = |(key, value): (String, Value)| {
                let value = match sample(&key, &value) {
                    Some(sample) => sample,
                    None if key == "recovery_codes" => recovery_codes(),
                    None => masked(value),
                };
                (key, value)
            };
            Value::Object(fields.into_iter().map(mask).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(masked).collect()),
        other => other,
    }
}

fn recovery_codes() -> Value {
    json!(["0f9k2m-7wqx3e-bz5rt8-hn4v6y", "… ten codes"])
}

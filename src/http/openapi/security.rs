//! How callers say who they are, and which calls ask for it.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use super::super::routes::{self, Access};
use super::errors::operation;

const COOKIE: &str = "session cookie";
const CHALLENGE: &str = "login challenge";
const BEARER: &str = "bearer token";
const BASIC: &str = "basic credentials";
const METRICS: &str = "metrics token";

/// Adds the schemes, and to every call those that it takes.
pub fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    for endpoint in routes::surface() {
        if let Some(operation) = operation(document, &endpoint) {
            operation.security = Some(requirements(endpoint.access, endpoint.path));
        }
    }
}

fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let cookie = |name, what| {
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, what)))
    };
    let http = |scheme, what| {
        let mut http = Http::new(scheme);
        http.description = Some(String::from(what));
        SecurityScheme::Http(http)
    };
    [
        (
            COOKIE,
            cookie(
                "twofold_session",
                "Set by a login; in production its name begins with `__Host-`.",
            ),
        ),
        (
            CHALLENGE,
            cookie(
                "twofold_login",
                "Set by a login whose second factor is due; lasts five minutes.",
            ),
        ),
        (
            BEARER,
            http(
                HttpAuthScheme::Bearer,
                "A token of `/auth/credentials`. It decides alone, whatever the cookies say.",
            ),
        ),
        (
            BASIC,
            http(HttpAuthScheme::Basic, "E-mail address and password of an account (RFC 7617)."),
        ),
        (
            METRICS,
            http(HttpAuthScheme::Bearer, "`METRICS_TOKEN`; in development there need not be one."),
        ),
    ]
}

/// Alternatives, of which one is enough.
fn requirements(access: Access, path: &str) -> Vec<SecurityRequirement> {
    let alternatives = |names: &[&str]| {
        let one = |name: &&str| SecurityRequirement::new::<_, [&str; 0], &str>(*name, []);
        names.iter().map(one).collect()
    };
    match access {
        Access::Public if path == routes::CREDENTIALS => alternatives(&[BASIC]),
        Access::Public => Vec::new(),
        Access::AnyCredential => {
            let mut any = alternatives(&[COOKIE, CHALLENGE, BEARER]);
            any.push(SecurityRequirement::default());
            any
        }
        Access::FactorSubmitter => alternatives(&[CHALLENGE, COOKIE, BEARER]),
        Access::MetricsReader => {
            let mut any = alternatives(&[METRICS]);
            any.push(SecurityRequirement::default());
            any
        }
        Access::OpenSession
        | Access::FreshOpenSession
        | Access::SignedIn
        | Access::FreshSignedIn => alternatives(&[COOKIE, BEARER]),
    }
}

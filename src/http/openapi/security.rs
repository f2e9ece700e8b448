//! How callers authenticate, and which calls require it.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use crate::http::endpoint::Access;

const COOKIE: &str = "sessionCookie";
const CHALLENGE: &str = "loginChallenge";
const BEARER: &str = "bearerToken";
const BASIC: &str = "basicCredentials";
const SERVICE: &str = "serviceCredentials";
const METRICS: &str = "metricsToken";

/// Adds the schemes.
pub fn add_schemes(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
}

fn schemes() -> [(&'static str, SecurityScheme); 6] {
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
                "Set at login. In production its name starts with `__Host-`.",
            ),
        ),
        (
            CHALLENGE,
            cookie(
                "twofold_login",
                "Set at login if a second factor is required. Valid for five minutes.",
            ),
        ),
        (
            BEARER,
            http(
                HttpAuthScheme::Bearer,
                "A token from `/auth/credentials`. If it is sent, cookies are ignored.",
            ),
        ),
        (
            BASIC,
            http(HttpAuthScheme::Basic, "Email address and password of an account (RFC 7617)."),
        ),
        (
            SERVICE,
            http(
                HttpAuthScheme::Basic,
                "Name and secret of a service, from `SERVICES` (RFC 7617).",
            ),
        ),
        (
            METRICS,
            http(
                HttpAuthScheme::Bearer,
                "`METRICS_TOKEN`. Not required in development unless it is set.",
            ),
        ),
    ]
}

/// Alternatives, of which one is enough.
pub fn requirements(access: Access) -> Vec<SecurityRequirement> {
    let alternatives = |names: &[&str]| {
        let one = |name: &&str| SecurityRequirement::new::<_, [&str; 0], &str>(*name, []);
        names.iter().map(one).collect()
    };
    match access {
        Access::Public | Access::SignIn | Access::Page => Vec::new(),
        Access::BasicCredentials => alternatives(&[BASIC]),
        Access::Service => alternatives(&[SERVICE]),
        Access::AnyCredential => {
            let mut any = alternatives(&[COOKIE, CHALLENGE, BEARER]);
            any.push(SecurityRequirement::default());
            any
        }
        Access::FactorSubmitter => alternatives(&[CHALLENGE, COOKIE, BEARER]),
        Access::PasskeyAsker => {
            let mut any = alternatives(&[CHALLENGE, COOKIE, BEARER]);
            any.push(SecurityRequirement::default());
            any
        }
        Access::MetricsReader => {
            let mut any = alternatives(&[METRICS]);
            any.push(SecurityRequirement::default());
            any
        }
        Access::OpenSession
        | Access::FreshOpenSession
        | Access::ProxiedSession
        | Access::SignedIn
        | Access::FreshSignedIn => alternatives(&[COOKIE, BEARER]),
    }
}

//! The OpenAPI 3.1 description. Paths and bodies come from the annotations of the handlers; access, errors and
//! optional bodies from the table of routes.

mod errors;
pub mod image;
mod security;

use actix_web::http::Method;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, License, ObjectBuilder, OpenApi, RefOr, Required, ServerBuilder,
};

use super::endpoint::{Endpoint, RequestBody};
use super::extract::credential;
use super::routes;

const DESCRIPTION: &str = "Two-factor authentication as a service. The JSON API is under `/api/auth` and takes a \
    cookie or a bearer token; the Basic → Bearer API is under `/auth`. Every error is `application/problem+json` with \
    a stable `code` and a `detail` for the user.";

const TAGS: [(&str, &str); 9] = [
    ("Authentication", "Registration, the password, and the second factor at login."),
    ("Second factor", "The authenticator app and the recovery codes of an account."),
    ("Passkeys", "Adding and managing passkeys, and signing in with one."),
    ("Sessions", "The current user, the account's sessions, and logging out."),
    (
        "Email",
        "Verifying and changing the address, and securing an account. Only where mail is configured.",
    ),
    ("Account", "The password, the security events, and deletion."),
    (
        "Other services",
        "Tokens for other services, and who is signed in, for services and proxies.",
    ),
    ("Basic API", "Credentials for a bearer token, for programs."),
    ("Operations", "Probes and metrics."),
];

/// The whole description, of a service at `server`.
#[must_use]
pub fn document(server: &str) -> OpenApi {
    let mut document = routes::Annotations::openapi();
    document.info = InfoBuilder::new()
        .title("Twofold")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license()))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url(server).build()]);
    let tag =
        |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    document.tags = Some(TAGS.into_iter().map(tag).collect());
    security::add_schemes(&mut document);
    let components = document.components.get_or_insert_with(Components::new);
    let named = |(name, schema): (&str, ObjectBuilder)| (name.to_owned(), schema.into());
    components.schemas.extend(credential::schemas().map(named));
    for endpoint in routes::endpoints() {
        if let Some(operation) = operation(&mut document, &endpoint) {
            operation.security = Some(security::requirements(endpoint.access));
            if endpoint.body == RequestBody::Optional
                && let Some(RefOr::T(body)) = &mut operation.request_body
            {
                body.required = Some(Required::False);
            }
            errors::add(operation, &endpoint);
        }
    }
    document
}

fn license() -> License {
    let mut license = License::new("MIT");
    license.identifier = Some("MIT".to_owned());
    license
}

/// The operation of a call.
fn operation<'a>(document: &'a mut OpenApi, endpoint: &Endpoint) -> Option<&'a mut Operation> {
    let item = document.paths.paths.get_mut(&endpoint.path)?;
    match endpoint.method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_describes_a_body_exactly_where_the_table_says_that_it_takes_one() {
        let mut document = document("/");
        for endpoint in routes::endpoints() {
            let operation = operation(&mut document, &endpoint).unwrap();
            let takes_one = endpoint.body != RequestBody::None;
            assert_eq!(operation.request_body.is_some(), takes_one, "{}", endpoint.path);
        }
    }
}

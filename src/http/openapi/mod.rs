//! The description of every call, in OpenAPI 3.1: paths and bodies by annotations at the handlers,
//! access and errors out of the table of routes and of reasons.

pub mod bodies;
mod errors;
mod security;

use utoipa::OpenApi;

use super::{api, basic, health, metrics, pages};
use crate::http::problem::{FieldFault, Problem};

/// What the annotations say.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Twofold",
        description = "Two-factor authentication as a service: a JSON contract under `/api`, carried by a \
            cookie or a bearer token, and a Basic → Bearer contract under `/auth`. Every error is \
            `application/problem+json` with a stable `code`, and a `detail` for the person at the screen.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/")),
    tags(
        (name = "Signing in", description = "Signing up, the password step, the code step."),
        (name = "Second factor", description = "Binding an authenticator app, and recovery codes."),
        (name = "Sessions", description = "Who is signed in, where, and for how long."),
        (name = "Account", description = "Password, security events, deletion."),
        (name = "Basic → Bearer", description = "Credentials for a bearer token, for programs."),
        (name = "Operation", description = "Probes and metrics."),
        (name = "Pages", description = "The web UI and these documents.")
    ),
    paths(
        api::registration::register,
        api::login::log_in,
        api::login::validate,
        api::otp::generate,
        api::otp::qr_code,
        api::otp::verify,
        api::otp::disable,
        api::recovery_codes::count,
        api::recovery_codes::renew,
        api::session::me,
        api::session::log_out,
        api::session::reauthenticate,
        api::session::list,
        api::session::end_others,
        api::session::end_one,
        api::account::change_password,
        api::account::delete,
        api::events::list,
        basic::credentials::exchange,
        basic::otp::enable,
        basic::otp::qr_code,
        basic::whoami,
        health::greet,
        health::live,
        health::ready,
        metrics::scrape,
        pages::root,
        pages::file,
        pages::swagger_ui,
        pages::redoc,
        pages::openapi,
    ),
    components(schemas(Problem, FieldFault))
)]
struct Annotations;

/// The whole description.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Annotations::openapi();
    security::describe(&mut document);
    errors::describe(&mut document);
    document
}

//! One call of the API: its method and path, who may call it, what it takes and how it fails.

use actix_web::Route;
use actix_web::http::Method;
use utoipa::openapi::path::HttpMethod;

use super::error::ApiError;

/// Who may call. The argument types of the handlers enforce it, and a test calls every route as every
/// kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any caller; credentials are ignored.
    Public,
    /// Any caller whose `Origin`, if there is one, is known: the call signs a user in.
    SignIn,
    /// HTTP Basic with an address and a password.
    BasicCredentials,
    /// Any caller; ends whatever credential was sent.
    AnyCredential,
    /// A live session, also one that lacks the second factor it has just enabled.
    OpenSession,
    /// The same, with a recent sign-in.
    FreshOpenSession,
    /// A live session that was opened with every factor of its account.
    SignedIn,
    /// The same, with a recent sign-in.
    FreshSignedIn,
    /// A login challenge, or a session of an account with a second factor.
    FactorSubmitter,
    /// A login challenge, a session, or a link's token in the body.
    PasskeyAsker,
    /// A live session that was opened with every factor; anything less counts as no session.
    ProxiedSession,
    /// HTTP Basic with the name and the secret of another service.
    Service,
    /// The operator's token; in development anyone, if no token is set.
    MetricsReader,
    /// Any caller; a page and not part of the API.
    Page,
}

/// Which body a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// A JSON body is required.
    Required,
    /// A JSON body is optional.
    Optional,
    /// The fields of a form are required.
    Form,
    /// There is no body.
    None,
}

/// One call.
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: String,
    /// Who may call.
    pub access: Access,
    /// Which body it takes.
    pub body: RequestBody,
    /// Its own errors, besides those of its access and its body.
    pub errors: fn() -> Vec<ApiError>,
    /// Its handler.
    pub handler: fn() -> Route,
}

impl Endpoint {
    /// A call of the API. The annotation of its handler defines the method and the path.
    pub fn described<P: utoipa::Path>(
        (access, body): (Access, RequestBody),
        errors: fn() -> Vec<ApiError>,
        handler: fn() -> Route,
    ) -> Self {
        let method = match P::methods().first() {
            Some(HttpMethod::Post) => Method::POST,
            Some(HttpMethod::Put) => Method::PUT,
            Some(HttpMethod::Delete) => Method::DELETE,
            Some(HttpMethod::Patch) => Method::PATCH,
            _ => Method::GET,
        };
        Self { method, path: P::path(), access, body, errors, handler }
    }

    /// A page.
    pub fn page(path: &str, handler: fn() -> Route) -> Self {
        let (method, access, body) = (Method::GET, Access::Page, RequestBody::None);
        Self { method, path: path.to_owned(), access, body, errors: Vec::new, handler }
    }
}

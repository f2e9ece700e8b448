//! The whole surface in one table: method, path, who may call, handler.

use actix_web::http::Method;
use actix_web::{HttpResponse, Route, guard, web};

use super::problem::ApiError;
use super::{api, basic, health, metrics, pages};

/// The one public call whose origin is checked even without a cookie.
pub const LOGIN: &str = "/api/auth/login";

/// The call that takes HTTP Basic.
pub const CREDENTIALS: &str = "/auth/credentials";

/// The files of the web UI, in whichever folder.
pub const FILES: &str = "/static/{file:.*}";

/// Who may call; the handlers' argument types enforce it, and the walk of every route by every
/// caller holds the two against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: no credential is looked at.
    Public,
    /// Whoever carries anything, or nothing: it ends.
    AnyCredential,
    /// A live session, also one that lacks the second factor it switched on.
    OpenSession,
    /// The same, fresh.
    FreshOpenSession,
    /// A live session that proved every factor.
    SignedIn,
    /// The same, fresh.
    FreshSignedIn,
    /// A login challenge, or a session of an account with an authenticator.
    FactorSubmitter,
    /// Whoever has the operator's token; in development anybody, where there is none.
    MetricsReader,
}

/// One call.
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    handler: fn() -> Route,
}

impl Endpoint {
    /// The path as the description writes it: without the pattern of a parameter.
    #[must_use]
    pub fn described_path(&self) -> &'static str {
        if self.path == FILES { "/static/{file}" } else { self.path }
    }
}

/// Calls whose body may be left out.
#[must_use]
pub fn takes_no_body_too(path: &str) -> bool {
    matches!(path, "/api/auth/otp/generate" | "/api/auth/otp/disable")
}

macro_rules! endpoints {
    ($($method:ident $path:expr, $access:ident => $handler:path;)*) => {
        vec![$(Endpoint {
            method: Method::$method,
            path: $path,
            access: Access::$access,
            handler: || web::route().to($handler),
        }),*]
    };
}

/// Every call there is.
#[must_use]
pub fn surface() -> Vec<Endpoint> {
    endpoints! {
        GET    "/api/healthchecker",       Public           => health::greet;
        GET    "/health/live",             Public           => health::live;
        GET    "/health/ready",            Public           => health::ready;
        GET    "/metrics",                 MetricsReader    => metrics::scrape;
        POST   "/api/auth/register",       Public           => api::registration::register;
        POST   LOGIN,                      Public           => api::login::log_in;
        POST   "/api/auth/otp/generate",   FreshSignedIn    => api::otp::generate;
        POST   "/api/auth/otp/verify",     FreshSignedIn    => api::otp::verify;
        POST   "/api/auth/otp/validate",   FactorSubmitter         => api::login::validate;
        POST   "/api/auth/otp/disable",    FreshOpenSession => api::otp::disable;
        GET    "/api/auth/otp/qr",         SignedIn         => api::otp::qr_code;
        GET    "/api/auth/otp/recovery-codes", SignedIn     => api::recovery_codes::count;
        POST   "/api/auth/otp/recovery-codes", FreshSignedIn => api::recovery_codes::renew;
        PUT    "/api/auth/password",       FreshSignedIn    => api::account::change_password;
        DELETE "/api/auth/account",        FreshSignedIn    => api::account::delete;
        GET    "/api/auth/events",         SignedIn         => api::events::list;
        GET    "/api/auth/me",             SignedIn         => api::session::me;
        POST   "/api/auth/logout",         AnyCredential         => api::session::log_out;
        POST   "/api/auth/reauthenticate", SignedIn         => api::session::reauthenticate;
        GET    "/api/auth/sessions",       SignedIn         => api::session::list;
        DELETE "/api/auth/sessions",       SignedIn         => api::session::end_others;
        DELETE "/api/auth/sessions/{id}",  SignedIn         => api::session::end_one;
        POST   CREDENTIALS,                Public           => basic::credentials::exchange;
        PUT    "/auth/otp/enable",         FreshOpenSession => basic::otp::enable;
        GET    "/auth/otp/generate",       OpenSession      => basic::otp::qr_code;
        GET    "/whoami",                  OpenSession      => basic::whoami;
        GET    "/",                        Public           => pages::root;
        GET    FILES,                      Public           => pages::file;
        GET    "/docs",                    Public           => pages::swagger_ui;
        GET    "/redoc",                   Public           => pages::redoc;
        GET    "/openapi.json",            Public           => pages::openapi;
    }
}

/// Registers every call; what is not in the table is 404, or 405 with the methods that are.
pub fn configure(app: &mut web::ServiceConfig) {
    let mut by_path: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for endpoint in surface() {
        match by_path.iter_mut().find(|(path, _)| *path == endpoint.path) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => by_path.push((endpoint.path, vec![endpoint])),
        }
    }
    for (path, endpoints) in by_path {
        let allowed = allowed(&endpoints);
        let refuse = move || {
            let error = ApiError::MethodNotAllowed(allowed.clone());
            async { HttpResponse::from_error(error) }
        };
        let resource = endpoints.into_iter().fold(web::resource(path), |resource, endpoint| {
            let route = (endpoint.handler)();
            resource.route(match endpoint.method {
                // HEAD is GET without the body (RFC 9110, section 9.3.2).
                Method::GET => route.guard(guard::Any(guard::Get()).or(guard::Head())),
                method => route.method(method),
            })
        });
        app.service(resource.default_service(web::to(refuse)));
    }
}

fn allowed(endpoints: &[Endpoint]) -> String {
    let mut methods: Vec<&str> = endpoints.iter().map(|one| one.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

/// What is at no path.
pub async fn nothing() -> HttpResponse {
    HttpResponse::from_error(ApiError::NotFound)
}

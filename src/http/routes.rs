//! Every call in one table.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::{HttpResponse, guard, web};
use utoipa::OpenApi;

use super::endpoint::{Access, Endpoint, RequestBody};
use super::error::{ApiError, FieldError};
use super::problem::Problem;
use super::{api, basic, health, oauth, pages, scrape, well_known};

/// Generates the table of calls, and their description, from rows: the module of the call, who may call
/// it, whether it takes a body, and whether the module lists errors of its own.
macro_rules! endpoints {
    (@errors none $($segment:ident)::+) => { Vec::new };
    (@errors errors $($segment:ident)::+) => { $($segment)::+::errors };
    ($( $($segment:ident)::+ $access:ident $body:ident $errors:ident; )*) => {
        /// The calls as their annotations describe them.
        #[derive(OpenApi)]
        #[openapi(
            paths($( $($segment)::+::handle ),*),
            components(schemas(Problem, FieldError))
        )]
        pub struct Annotations;

        /// Every call of the API.
        #[must_use]
        pub fn endpoints() -> Vec<Endpoint> {
            vec![$(
                Endpoint::described::<$($segment)::+::__path_handle>(
                    (Access::$access, RequestBody::$body),
                    endpoints!(@errors $errors $($segment)::+),
                    || web::route().to($($segment)::+::handle),
                )
            ),*]
        }
    };
}

endpoints! {
    // call                         access            body      own errors
    api::register                   Public            Required  errors;
    api::log_in                     SignIn            Required  errors;
    api::otp::validate              FactorSubmitter   Required  errors;
    api::otp::generate              FreshSignedIn     Optional  errors;
    api::otp::qr                    SignedIn          None      errors;
    api::otp::verify                FreshSignedIn     Required  errors;
    api::otp::disable               FreshOpenSession  Optional  errors;
    api::otp::count_recovery_codes  SignedIn          None      none;
    api::otp::renew_recovery_codes  FreshSignedIn     None      errors;
    api::passkeys::options          FreshSignedIn     None      errors;
    api::passkeys::add              FreshSignedIn     Required  errors;
    api::passkeys::list             SignedIn          None      errors;
    api::passkeys::rename           SignedIn          Required  errors;
    api::passkeys::remove           FreshSignedIn     None      errors;
    api::passkeys::sign_in_options  Public            None      errors;
    api::passkeys::sign_in          SignIn            Required  errors;
    api::passkeys::challenge        PasskeyAsker      Optional  errors;
    api::passkeys::validate         FactorSubmitter   Required  errors;
    api::me                         SignedIn          None      none;
    api::log_out                    AnyCredential     None      none;
    api::reauthenticate             SignedIn          Required  errors;
    api::sessions::list             SignedIn          None      none;
    api::sessions::end_others       SignedIn          None      none;
    api::sessions::end_one          SignedIn          None      errors;
    api::devices::list              SignedIn          None      none;
    api::devices::remove_all        SignedIn          None      none;
    api::devices::remove_one        SignedIn          None      errors;
    api::password::change           FreshSignedIn     Required  errors;
    api::password::forgot           Public            Required  errors;
    api::password::reset            Public            Required  errors;
    api::email::request_verification SignedIn         None      errors;
    api::email::verify              Public            Required  errors;
    api::email::disown              Public            Required  errors;
    api::email::request_change      FreshSignedIn     Required  errors;
    api::email::confirm             Public            Required  errors;
    api::email::approve             Public            Required  errors;
    api::email::cancel              SignedIn          None      errors;
    api::secure                     Public            Required  errors;
    api::delete_account             FreshSignedIn     Required  errors;
    api::events                     SignedIn          None      errors;
    api::token                      SignedIn          Optional  errors;
    api::forward                    ProxiedSession    None      errors;
    oauth::introspect               Service           Form      errors;
    well_known::jwks                Public            None      errors;
    basic::credentials              BasicCredentials  None      errors;
    basic::enable_otp               FreshOpenSession  Required  errors;
    basic::qr                       OpenSession       None      errors;
    basic::whoami                   OpenSession       None      none;
    health::greet                   Public            None      none;
    health::live                    Public            None      none;
    health::ready                   Public            None      errors;
    scrape                          MetricsReader     None      none;
}

/// Every call and every page.
#[must_use]
pub fn surface() -> Vec<Endpoint> {
    let mut surface = endpoints();
    surface.extend([
        Endpoint::page("/", || web::route().to(pages::root)),
        Endpoint::page("/.well-known/change-password", || {
            web::route().to(well_known::change_password::handle)
        }),
        Endpoint::page("/static/{file:.*}", || web::route().to(pages::file)),
        Endpoint::page("/docs", || web::route().to(pages::swagger_ui)),
        Endpoint::page("/redoc", || web::route().to(pages::redoc)),
        Endpoint::page("/openapi.json", || web::route().to(pages::openapi)),
    ]);
    surface
}

/// Whether a path, as the router reads it, belongs to a call that signs a user in.
pub fn is_sign_in(path: &str) -> bool {
    static PATHS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let sign_ins = endpoints().into_iter().filter(|one| one.access == Access::SignIn);
        sign_ins.map(|one| one.path).collect()
    });
    PATHS.contains(path)
}

/// Registers every call. Anything else gets 404, or 405 with the methods that the path has.
pub fn configure(app: &mut web::ServiceConfig) {
    let mut by_path: Vec<(String, Vec<Endpoint>)> = Vec::new();
    for endpoint in surface() {
        match by_path.iter_mut().find(|(path, _)| *path == endpoint.path) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => by_path.push((endpoint.path.clone(), vec![endpoint])),
        }
    }
    // The first path that fits is taken, so those with a parameter come last.
    by_path.sort_by_key(|(path, _)| path.contains('{'));
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

//! `GET /.well-known/change-password`.

use actix_web::HttpResponse;

use crate::http::pages::redirect;

/// Redirects to the page that changes the password. Password managers open this address
/// (<https://www.w3.org/TR/change-password-url/>).
pub async fn handle() -> HttpResponse {
    redirect("/static/index.html#/password")
}

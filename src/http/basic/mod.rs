//! The Basic → Bearer contract under `/auth`, and `/whoami`.

pub mod credentials;
pub mod otp;

use actix_web::HttpResponse;

use crate::flows::access::OpenSession;

/// `GET /whoami`: the address of whoever calls, as a JSON string.
pub async fn whoami(caller: OpenSession) -> HttpResponse {
    HttpResponse::Ok().json(caller.account().email.as_str())
}

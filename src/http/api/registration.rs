//! `POST /api/auth/register`.

use actix_web::{HttpResponse, web};

use crate::domain::client::Client;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::flows::Auth;
use crate::flows::register::Registration;
use crate::http::answers::Done;
use crate::http::extract::{Body, Fields, FromFields};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;

impl FromFields for Registration {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.text("name", DisplayName::parse);
        let email = fields.text("email", EmailAddress::parse);
        let password = fields.new_password("password");
        Some(Self { name: name?, email: email?, password: password? })
    }
}

/// Creates an account.
#[utoipa::path(
post, path = "/api/auth/register", tag = "Signing in", operation_id = "register",
    summary = "Make an account",
    request_body = bodies::Registration,
    responses((status = 201, description = "Made", body = Done)),
)]
pub async fn register(
    auth: web::Data<Auth>,
    client: Client,
    body: Body<Registration>,
) -> Result<HttpResponse, ApiError> {
    auth.register(body.0, &client).await?;
    let message = "Registered successfully, please login";
    Ok(HttpResponse::Created().json(Done { status: "success", message }))
}

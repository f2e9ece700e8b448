//! `PUT /api/auth/password`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::password::{NewPassword, Password};
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::AuthError as E;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::Authorized;
use crate::http::extract::request::{PasswordConfirmation, request};
use crate::http::state::HttpState;

request! {
    /// The current and the new password.
    pub struct ChangePasswordRequest {
        /// The current password.
        current_password: Password,
        /// The new password, under the rules of registration.
        new_password: NewPassword,
        /// The new password again, if the form asks for it twice.
        password_confirm as "passwordConfirm": PasswordConfirmation,
    }
    example { "current_password": "plum velvet tractor", "new_password": "a saucer of marbles" }
}

/// The session's new token.
#[derive(Serialize, ToSchema)]
pub struct ChangePasswordResponse {
    /// The token; the old one no longer works.
    #[schema(example = "ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv")]
    token: String,
}

pub fn errors() -> Vec<ApiError> {
    vec![E::WrongPassword.into(), too_many_attempts(), E::Busy.into()]
}

/// Change the password
///
/// Every other session and every login in progress ends. The session continues under a new token. Five
/// wrong passwords end it.
#[utoipa::path(
    put, path = "/api/auth/password", tag = "Account", operation_id = "changePassword",
    request_body = ChangePasswordRequest,
    responses(
        (
            status = 200, description = "Changed. The new token, for a Bearer caller.",
            body = ChangePasswordResponse,
        ),
        (
            status = 204, description = "Changed. The new token is in the cookie.",
            headers(("Set-Cookie" = String, description = "The session's new token.")),
        ),
    ),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, body) = authorized;
    let ChangePasswordRequest {
        current_password: current,
        new_password: new,
        password_confirm: PasswordConfirmation,
    } = body;
    let changed = auth.change_password(caller, &current, &new).await;
    let (token, carrier) = changed.map_err(ApiError::of_new_password("new_password"))?;
    let mut answer = HttpResponse::Ok();
    Ok(match cookies::hand_out(&mut answer, &state, carrier, &token) {
        Some(token) => answer.json(ChangePasswordResponse { token: token.to_owned() }),
        None => answer.status(StatusCode::NO_CONTENT).finish(),
    })
}

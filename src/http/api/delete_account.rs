//! `DELETE /api/auth/account`.

use actix_web::{HttpResponse, web};

use crate::domain::password::Password;
use crate::flows::Auth;
use crate::flows::access::{Carrier, Fresh, SignedIn};
use crate::flows::error::AuthError as E;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::Authorized;
use crate::http::extract::request::request;
use crate::http::state::HttpState;

request! {
    /// The password that confirms the deletion.
    pub struct DeleteAccountRequest {
        /// The account's password.
        password: Password,
    }
    example { "password": "plum velvet tractor" }
}

pub fn errors() -> Vec<ApiError> {
    vec![E::WrongPassword.into(), too_many_attempts(), E::Busy.into()]
}

/// Delete the account
///
/// Deletes the account permanently and ends all its sessions. Five wrong passwords end the session.
#[utoipa::path(
    delete, path = "/api/auth/account", tag = "Account", operation_id = "deleteAccount",
    request_body = DeleteAccountRequest,
    responses((
        status = 204, description = "The account was deleted.",
        headers(("Set-Cookie" = String, description = "Expires the cookies.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, DeleteAccountRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, DeleteAccountRequest { password }) = authorized;
    let carrier = caller.get().open().carrier();
    auth.delete_account(caller, &password).await?;
    let mut answer = HttpResponse::NoContent();
    if carrier == Carrier::Cookie {
        cookies::expire_both(&mut answer, &state);
    }
    Ok(answer.finish())
}

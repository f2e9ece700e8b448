//! `PUT /api/auth/password` and `DELETE /api/auth/account`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::domain::password::{NewPassword, Password};
use crate::flows::Auth;
use crate::flows::access::{Carrier, Fresh, SignedIn};
use crate::http::answers::NewToken;
use crate::http::cookies;
use crate::http::extract::{Authorized, Fields, FromFields};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;
use crate::http::state::HttpState;

/// The password, and what it is to be.
pub struct PasswordChange {
    current: Password,
    new: NewPassword,
}

impl FromFields for PasswordChange {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let current = fields.password("current_password");
        let new = fields.new_password("new_password");
        Some(Self { current: current?, new: new? })
    }
}

/// Changes the password. The session goes on under a new token; every other one ends.
#[utoipa::path(
put, path = "/api/auth/password", tag = "Account", operation_id = "changePassword",
    summary = "Change the password",
    request_body = bodies::PasswordChange,
    responses(
        (status = 200, description = "Changed: the new token, for a Bearer caller", body = NewToken),
        (status = 204, description = "Changed: the new token is in the cookie"),
    ),
)]
pub async fn change_password(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, PasswordChange>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, PasswordChange { current, new }) = authorized;
    let (token, carrier) = auth.change_password(caller, &current, &new).await?;
    let mut answer = HttpResponse::Ok();
    Ok(match cookies::hand_out(&mut answer, &state, carrier, &token) {
        Some(token) => answer.json(NewToken { token: token.to_owned() }),
        None => answer.status(StatusCode::NO_CONTENT).finish(),
    })
}

/// The password that a deletion wants.
pub struct Farewell(Password);

impl FromFields for Farewell {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.password("password").map(Self)
    }
}

/// Deletes the account; its cookies expire with it.
#[utoipa::path(
delete, path = "/api/auth/account", tag = "Account", operation_id = "deleteAccount",
    summary = "Delete the account",
    request_body = bodies::Farewell,
    responses((status = 204, description = "Deleted")),
)]
pub async fn delete(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, Farewell>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, Farewell(password)) = authorized;
    let carrier = caller.get().open().carrier();
    auth.delete_account(caller, &password).await?;
    let mut answer = HttpResponse::NoContent();
    if carrier == Carrier::Cookie {
        cookies::expire_both(&mut answer, &state);
    }
    Ok(answer.finish())
}

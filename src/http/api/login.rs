//! `POST /api/auth/login` and `POST /api/auth/otp/validate`: the two steps of signing in.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::FactorSubmitter;
use crate::flows::error::AuthError;
use crate::flows::log_in::{CarriedTokens, Login, Opened};
use crate::http::answers::{LoggedIn, Valid};
use crate::http::cookies;
use crate::http::extract::{Authorized, Body, Fields, FromFields, NamedUser, credentials};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;
use crate::http::state::HttpState;
use crate::views::UserJson;

impl FromFields for Login {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let email = fields.text("email", EmailAddress::parse);
        let password = fields.password("password");
        Some(Self { email: email?, password: password? })
    }
}

/// Takes the password step; the cookie is a session's or, where a code is due, a challenge's.
#[utoipa::path(
post, path = "/api/auth/login", tag = "Signing in", operation_id = "login",
    summary = "Take the password step",
    request_body = bodies::Login,
    responses((status = 200, description = "The password is right", body = LoggedIn)),
)]
pub async fn log_in(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    client: Client,
    request: HttpRequest,
    body: Body<Login>,
) -> Result<HttpResponse, ApiError> {
    let carried = credentials(request.headers(), state.mode);
    let carried =
        CarriedTokens { session: carried.session_cookie, challenge: carried.login_cookie };
    let accepted = auth.log_in(&body.0, &client, carried).await?;
    let mut answer = HttpResponse::Ok();
    match &accepted.opened {
        Opened::Session(token) => cookies::set_session(&mut answer, &state, token),
        Opened::Challenge(token) => cookies::set_challenge(&mut answer, &state, token),
    }
    let user = UserJson::of(&accepted.account);
    Ok(answer.json(LoggedIn { status: "success", user }))
}

/// A code, and perhaps whose it is said to be.
pub struct CodeBody {
    user: NamedUser,
    factor: SecondFactor,
}

impl FromFields for CodeBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let user = NamedUser::read(fields);
        let factor = fields.text("token", SecondFactor::parse)?;
        Some(Self { user, factor })
    }
}

impl CodeBody {
    /// The code, where it is for this account.
    ///
    /// # Errors
    ///
    /// As for a wrong code, and nothing is charged.
    pub fn for_account(
        self,
        account: &crate::domain::account::Account,
    ) -> Result<SecondFactor, ApiError> {
        if !self.user.is_own(account) {
            return Err(AuthError::WrongCode.into());
        }
        Ok(self.factor)
    }
}

/// Takes the code step, or checks a code within a session.
#[utoipa::path(
post, path = "/api/auth/otp/validate", tag = "Signing in", operation_id = "validate",
    summary = "Take the code step",
    request_body = bodies::Code,
    responses((status = 200, description = "The code is right", body = Valid)),
)]
pub async fn validate(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<FactorSubmitter, CodeBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(submitter, body) = authorized;
    let factor = body.for_account(submitter.account())?;
    let opened = auth.submit_second_factor(submitter, &factor).await;
    let opened = opened.map_err(ApiError::of_validate)?;
    let mut answer = HttpResponse::Ok();
    if let Some(token) = opened {
        cookies::set_session(&mut answer, &state, &token);
    }
    Ok(answer.json(Valid { otp_valid: true }))
}

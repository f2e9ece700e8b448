//! `me`, `logout`, `reauthenticate` and `sessions`: the account's sessions in its owner's hands.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::client::Client;
use crate::domain::ids::SessionId;
use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::answers::{Me, Renewed, Sessions};
use crate::http::cookies;
use crate::http::extract::{Authorized, Fields, FromFields, credentials};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;
use crate::http::state::HttpState;
use crate::views::{SessionJson, UserJson};

/// `GET /api/auth/me`: who is signed in, and how.
#[utoipa::path(
get, path = "/api/auth/me", tag = "Sessions", operation_id = "me",
    summary = "Who is signed in",
    responses((status = 200, description = "The account and the session", body = Me)),
)]
pub async fn me(auth: web::Data<Auth>, caller: SignedIn) -> HttpResponse {
    let user = UserJson::of(caller.open().account());
    let session = SessionJson::of(auth.view(caller.into_session()));
    HttpResponse::Ok().json(Me { user, session })
}

/// `POST /api/auth/logout`: ends whatever the request carries.
#[utoipa::path(
post, path = "/api/auth/logout", tag = "Sessions", operation_id = "logout",
    summary = "Log out",
    responses((status = 204, description = "Whatever was carried ended")),
)]
pub async fn log_out(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    client: Client,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let carried = credentials(request.headers(), state.mode);
    auth.log_out(carried, &client).await?;
    let mut answer = HttpResponse::NoContent();
    if carried.bearer.is_none() {
        cookies::expire_both(&mut answer, &state);
    }
    Ok(answer.finish())
}

/// The factors, proved again.
pub struct FactorsBody {
    password: Password,
    factor: Option<SecondFactor>,
}

impl FromFields for FactorsBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let password = fields.password("password");
        let factor = fields.optional_text("token", SecondFactor::parse);
        Some(Self { password: password?, factor })
    }
}

/// `POST /api/auth/reauthenticate`: makes the session fresh.
#[utoipa::path(
post, path = "/api/auth/reauthenticate", tag = "Sessions", operation_id = "reauthenticate",
    summary = "Prove every factor again",
    request_body = bodies::Factors,
    responses((status = 200, description = "The session is fresh", body = Renewed)),
)]
pub async fn reauthenticate(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<SignedIn, FactorsBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, FactorsBody { password, factor }) = authorized;
    let renewed = auth.reauthenticate(caller, &password, factor.as_ref()).await?;
    let session = SessionJson::of(auth.view(renewed.session));
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, renewed.carrier, &renewed.token);
    Ok(answer.json(Renewed { session, token: token.map(str::to_owned) }))
}

/// `GET /api/auth/sessions`: every live session.
#[utoipa::path(
get, path = "/api/auth/sessions", tag = "Sessions", operation_id = "sessions",
    summary = "Every live session",
    responses((status = 200, description = "The sessions", body = Sessions)),
)]
pub async fn list(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    let sessions = auth.live_sessions(caller.open())?;
    let sessions = sessions.into_iter().map(SessionJson::of).collect();
    Ok(HttpResponse::Ok().json(Sessions { sessions }))
}

/// `DELETE /api/auth/sessions/{id}`: ends one of them.
#[utoipa::path(
delete, path = "/api/auth/sessions/{id}", tag = "Sessions", operation_id = "endSession",
    summary = "End one session",
    params(("id" = String, Path, description = "The session's id", example = "Q9mK1x7fT0aVb3ZsLw5uYg")),
    responses((status = 204, description = "It ended")),
)]
pub async fn end_one(
    auth: web::Data<Auth>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    auth.end_session(&caller, &SessionId::new(id.into_inner())).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/auth/sessions`: ends all others.
#[utoipa::path(
delete, path = "/api/auth/sessions", tag = "Sessions", operation_id = "endOtherSessions",
    summary = "End all other sessions",
    responses((status = 204, description = "They ended")),
)]
pub async fn end_others(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    auth.end_other_sessions(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

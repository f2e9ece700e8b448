//! `me`, `logout`, `reauthenticate` and `sessions`: the account's sessions in its owner's hands.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use crate::domain::client::Client;
use crate::domain::ids::SessionId;
use crate::domain::password::Password;
use crate::domain::recovery_code::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::cookies;
use crate::http::extract::{Authorized, Fields, FromFields, credentials};
use crate::http::problem::ApiError;
use crate::http::state::HttpState;
use crate::views::{SessionJson, UserJson};

/// `GET /api/auth/me`: who is signed in, and how.
pub async fn me(auth: web::Data<Auth>, caller: SignedIn) -> HttpResponse {
    let open = caller.open();
    let session = SessionJson::of(&auth.view(open.session()));
    HttpResponse::Ok().json(json!({ "user": UserJson::of(open.account()), "session": session }))
}

/// `POST /api/auth/logout`: ends whatever the request carries.
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

/// A session made fresh.
#[derive(Serialize)]
struct Renewed<'a> {
    session: SessionJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// `POST /api/auth/reauthenticate`: makes the session fresh.
pub async fn reauthenticate(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<SignedIn, FactorsBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, FactorsBody { password, factor }) = authorized;
    let renewed = auth.reauthenticate(caller, &password, factor.as_ref()).await?;
    let session = SessionJson::of(&auth.view(&renewed.session));
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, renewed.carrier, &renewed.token);
    Ok(answer.json(Renewed { session, token }))
}

/// `GET /api/auth/sessions`: every live session.
pub async fn list(auth: web::Data<Auth>, caller: SignedIn) -> HttpResponse {
    let sessions = auth.live_sessions(caller.open());
    let sessions: Vec<SessionJson> = sessions.iter().map(SessionJson::of).collect();
    HttpResponse::Ok().json(json!({ "sessions": sessions }))
}

/// `DELETE /api/auth/sessions/{id}`: ends one of them.
pub async fn end_one(
    auth: web::Data<Auth>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    auth.end_session(&caller, &SessionId::new(id.into_inner())).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/auth/sessions`: ends all others.
pub async fn end_others(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    auth.end_other_sessions(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

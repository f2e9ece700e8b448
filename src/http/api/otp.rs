//! `POST /api/auth/otp/generate`, `verify` and `disable`: binding an authenticator, and unbinding it.

use actix_web::http::header::{self, Accept};
use actix_web::mime;
use actix_web::{HttpResponse, web};

use super::login::CodeBody;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::{Fresh, OpenSession, SignedIn};
use crate::flows::error::AuthError;
use crate::http::answers::{Disabled, Offer, Verified, shown};
use crate::http::cookies;
use crate::http::extract::{Authorized, Fields, FromFields, NamedUser};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;
use crate::http::state::HttpState;
use crate::views::UserJson;

/// A user that the request names, and nothing else.
pub struct UserBody(NamedUser);

impl FromFields for UserBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(NamedUser::read(fields)))
    }
}

/// Shows a new pending secret.
#[utoipa::path(
post, path = "/api/auth/otp/generate", tag = "Second factor", operation_id = "generate",
    summary = "Show a new secret",
    request_body = bodies::NamedUser,
    responses((status = 200, description = "The secret", body = Offer)),
)]
pub async fn generate(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<SignedIn>, UserBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, UserBody(user)) = authorized;
    user.require_own(caller.get().open().account())?;
    let provisioning = auth.start_otp_setup(caller).await?;
    let offer = Offer { base32: provisioning.base32, otpauth_url: provisioning.uri };
    Ok(HttpResponse::Ok().json(offer))
}

/// Proves the first code of the pending secret.
#[utoipa::path(
post, path = "/api/auth/otp/verify", tag = "Second factor", operation_id = "verify",
    summary = "Prove the first code",
    request_body = bodies::Code,
    responses((status = 200, description = "The authenticator app is bound", body = Verified)),
)]
pub async fn verify(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, CodeBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, body) = authorized;
    let factor = body.for_account(caller.get().open().account())?;
    let SecondFactor::Otp(code) = factor else {
        return Err(AuthError::WrongCode.into());
    };
    let confirmed = auth.confirm_otp_setup(caller, &code).await?;
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, confirmed.carrier, &confirmed.token);
    Ok(answer.json(Verified {
        otp_verified: true,
        user: UserJson::of(&confirmed.account),
        recovery_codes: shown(&confirmed.recovery_codes),
        token: token.map(str::to_owned),
    }))
}

/// `GET /api/auth/otp/qr`: the QR code of the session's own pending secret, as SVG unless the caller
/// would rather have PNG.
#[utoipa::path(
get, path = "/api/auth/otp/qr", tag = "Second factor", operation_id = "qr",
    summary = "The pending secret as a QR code",
    responses((status = 200, description = "The picture", content((String = "image/svg+xml"), (Vec<u8> = "image/png")))),
)]
pub async fn qr_code(
    auth: web::Data<Auth>,
    caller: SignedIn,
    accept: web::Header<Accept>,
) -> Result<HttpResponse, ApiError> {
    let provisioning = auth.pending_enrolment(&caller)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::VARY, "Accept"));
    if prefers_png(&accept) {
        let png = provisioning.qr_png().map_err(AuthError::from)?;
        return Ok(answer.content_type("image/png").body(png));
    }
    let svg = provisioning.qr_svg().map_err(AuthError::from)?;
    Ok(answer.content_type("image/svg+xml").body(svg))
}

fn prefers_png(accept: &Accept) -> bool {
    let ranked = accept.ranked();
    let mut pictures = ranked.iter().filter(|mime| mime.type_() == mime::IMAGE);
    let known = pictures.find(|mime| matches!(mime.essence_str(), "image/png" | "image/svg+xml"));
    known.is_some_and(|mime| *mime == mime::IMAGE_PNG)
}

/// Unbinds the authenticator.
#[utoipa::path(
post, path = "/api/auth/otp/disable", tag = "Second factor", operation_id = "disable",
    summary = "Unbind the authenticator app",
    request_body = bodies::NamedUser,
    responses((status = 200, description = "It is unbound", body = Disabled)),
)]
pub async fn disable(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<OpenSession>, UserBody>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, UserBody(user)) = authorized;
    user.require_own(caller.get().account())?;
    let account = auth.disable_otp(caller).await?;
    let user = UserJson::of(&account);
    Ok(HttpResponse::Ok().json(Disabled { otp_disabled: true, user }))
}

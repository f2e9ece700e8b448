//! `POST /api/auth/otp/recovery-codes`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use super::shown;
use crate::domain::recovery_code::SET_SIZE;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::AuthError as E;
use crate::http::error::{ApiError, too_many_attempts};

/// New recovery codes.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten recovery codes, shown only once.
    #[schema(schema_with = ten_codes)]
    recovery_codes: Vec<String>,
}

/// The schema of a set of recovery codes.
pub fn ten_codes() -> RefOr<Schema> {
    let example = vec!["0f9k2m-7wqx3e-bz5rt8-hn4v6y"; SET_SIZE];
    ArrayBuilder::new()
        .items(ObjectBuilder::new().schema_type(Type::String))
        .description(Some("Ten recovery codes, shown only once."))
        .min_items(Some(SET_SIZE))
        .max_items(Some(SET_SIZE))
        .examples([serde_json::json!(example)])
        .into()
}

pub fn errors() -> Vec<ApiError> {
    vec![E::OtpNotEnabled.into(), too_many_attempts()]
}

/// Renew the recovery codes
///
/// Returns ten new recovery codes. The old ones no longer work.
#[utoipa::path(
    post, path = "/api/auth/otp/recovery-codes", tag = "Second factor",
    operation_id = "renewRecoveryCodes",
    responses((status = 200, description = "Ten new recovery codes.", body = RecoveryCodes)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    caller: Fresh<SignedIn>,
) -> Result<HttpResponse, ApiError> {
    let codes = auth.renew_recovery_codes(caller).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: shown(&codes) }))
}

//! `PATCH /api/auth/passkeys/{id}`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error, named, not_available};
use crate::domain::passkey::name::PasskeyName;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::PasskeyError as E;
use crate::http::error::ApiError;
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, PasskeysAvailable};
use crate::views::PasskeyJson;

request! {
    /// A passkey's new name.
    pub struct RenamePasskeyRequest {
        /// The name.
        name: PasskeyName,
    }
    example { "name": "Ada's laptop" }
}

/// The passkey was renamed.
#[derive(Serialize, ToSchema)]
pub struct PasskeyRenamed {
    /// The passkey.
    passkey: PasskeyJson,
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available(), error(E::NotFound)]
}

/// Rename a passkey
///
/// Changes the name that the user sees.
#[utoipa::path(
    patch, path = "/api/auth/passkeys/{id}", tag = "Passkeys", operation_id = "renamePasskey",
    params(("id" = String, Path, description = "The passkey's id.", example = "MmYDNYhBDjQ4h7qXk1s9Vw")),
    request_body = RenamePasskeyRequest,
    responses((status = 200, description = "The passkey was renamed.", body = PasskeyRenamed)),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    id: web::Path<String>,
    authorized: Authorized<SignedIn, RenamePasskeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, RenamePasskeyRequest { name }) = authorized;
    let passkey = auth.rename_passkey(caller, &named(&id)?, &name).await?;
    Ok(HttpResponse::Ok().json(PasskeyRenamed { passkey: PasskeyJson::of(&passkey) }))
}

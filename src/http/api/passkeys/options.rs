//! `POST /api/auth/passkeys/options`.

use actix_web::{HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;

use super::descriptor::DescriptorJson;
use super::{TIMEOUT, error, not_available};
use crate::domain::passkey::Passkey;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::add_passkey::PasskeyRegistration;
use crate::flows::error::PasskeyError as E;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::PasskeysAvailable;

/// What `navigator.credentials.create()` needs, for `PublicKeyCredential.parseCreationOptionsFromJSON()`.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKeyCredentialCreationOptionsJSON)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// Whom the passkey is made for.
    rp: RelyingPartyJson,
    /// The account.
    user: PasskeyUserJson,
    /// 32 random bytes, in base64url. They are valid for five minutes, once, and for this session.
    #[schema(example = "q0bq8rJx2y6nGd1cVf4mZk5pTq7uXw9zA3sD6gH8jKl")]
    challenge: String,
    /// The algorithms that are accepted, the best first: ES256, `EdDSA`, RS256.
    pub_key_cred_params: Vec<AlgorithmJson>,
    /// How long the browser waits for its user, in milliseconds.
    #[schema(example = 300_000)]
    timeout: u32,
    /// The passkeys that the account has.
    exclude_credentials: Vec<DescriptorJson>,
    /// What kind of passkey is preferred.
    authenticator_selection: SelectionJson,
    /// Always `none`.
    #[schema(example = "none")]
    attestation: &'static str,
}

/// The service, as authenticators show it.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyRelyingParty)]
pub struct RelyingPartyJson {
    /// The host name that the passkey is bound to.
    #[schema(example = "auth.example.com")]
    id: String,
    /// The name of the service.
    #[schema(example = "Twofold")]
    name: String,
}

/// The account, as authenticators show it.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyUser)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyUserJson {
    /// The account's id, its twelve bytes in base64url.
    #[schema(example = "ZvHAr94x4rTI8JoX")]
    id: String,
    /// The email address.
    #[schema(example = "ada@example.com")]
    name: String,
    /// The user's name.
    #[schema(example = "Ada")]
    display_name: String,
}

/// An algorithm.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyAlgorithm)]
pub struct AlgorithmJson {
    /// Always `public-key`.
    #[serde(rename = "type")]
    #[schema(example = "public-key")]
    kind: &'static str,
    /// Its number in the registry of COSE.
    #[schema(example = -7)]
    alg: i32,
}

/// What kind of passkey is preferred.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeySelection)]
#[serde(rename_all = "camelCase")]
pub struct SelectionJson {
    /// Always `preferred`.
    #[schema(example = "preferred")]
    resident_key: &'static str,
    /// Always false.
    require_resident_key: bool,
    /// Always `preferred`.
    #[schema(example = "preferred")]
    user_verification: &'static str,
}

/// The numbers of ES256, `EdDSA` and RS256 in the registry of COSE.
const ALGORITHMS: [i32; 3] = [-7, -8, -257];
const KIND: &str = "public-key";
const PREFERRED: &str = "preferred";

impl CreationOptions {
    fn of(registration: PasskeyRegistration) -> Self {
        let PasskeyRegistration { challenge, rp_id, rp_name, account } = registration;
        let descriptor = |passkey: &Passkey| DescriptorJson::of(&passkey.id);
        Self {
            rp: RelyingPartyJson { id: rp_id, name: rp_name },
            user: PasskeyUserJson {
                id: BASE64URL_NOPAD.encode(&account.id.bytes()),
                name: account.email.as_str().to_owned(),
                display_name: account.name.as_str().to_owned(),
            },
            challenge,
            pub_key_cred_params: ALGORITHMS.map(|alg| AlgorithmJson { kind: KIND, alg }).into(),
            timeout: TIMEOUT,
            exclude_credentials: account.passkeys.iter().map(descriptor).collect(),
            authenticator_selection: SelectionJson {
                resident_key: PREFERRED,
                require_resident_key: false,
                user_verification: PREFERRED,
            },
            attestation: "none",
        }
    }
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available(), error(E::TooMany), too_many_attempts()]
}

/// Start adding a passkey
///
/// Returns what the browser needs to make a passkey: pass it to `navigator.credentials.create()`, and the outcome to
/// `POST /api/auth/passkeys`.
#[utoipa::path(
    post, path = "/api/auth/passkeys/options", tag = "Passkeys", operation_id = "startPasskey",
    responses((status = 200, description = "The options.", body = CreationOptions)),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    caller: Fresh<SignedIn>,
) -> Result<HttpResponse, ApiError> {
    let registration = auth.start_passkey(caller).await?;
    Ok(HttpResponse::Ok().json(CreationOptions::of(registration)))
}

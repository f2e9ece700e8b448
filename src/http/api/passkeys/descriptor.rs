//! A passkey of the account, as options name it.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::passkey::CredentialId;

/// A passkey of the account.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyDescriptor)]
pub struct DescriptorJson {
    /// Always `public-key`.
    #[serde(rename = "type")]
    #[schema(example = "public-key")]
    kind: &'static str,
    /// Its id, in base64url.
    #[schema(example = "MmYDNYhBDjQ4h7qXk1s9Vw")]
    id: String,
}

impl DescriptorJson {
    /// The descriptor of a passkey.
    pub fn of(id: &CredentialId) -> Self {
        Self { kind: "public-key", id: BASE64URL_NOPAD.encode(id.bytes()) }
    }
}

//! Credentials of passkeys in bodies, in the form of `PublicKeyCredential.toJSON()` (`WebAuthn` Level 3,
//! section 5.1). Binary values are base64url without padding, and members that are not used are ignored.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::fields::Fields;
use super::request::Field;
use crate::domain::passkey::CredentialId;
use crate::domain::passkey::ceremony::{Assertion, Attestation};
use crate::domain::second_factor::SecondFactor;

/// A credential that was sent; `None` if it is not of the form. That is refused like one that does not verify,
/// with `passkey_invalid`, and counts like it.
pub struct CredentialJson<T>(pub Option<T>);

impl CredentialJson<Assertion> {
    /// The passkey as a second factor.
    pub fn into_factor(self) -> SecondFactor {
        SecondFactor::Passkey(self.0.map(Box::new))
    }
}

/// What a credential is read into.
pub trait Credential: Sized {
    /// The name of its schema: that of `WebAuthn`.
    const SCHEMA: &'static str;
    /// What it is.
    const ABOUT: &'static str;
    /// The binary members of `response`: whether each is required, and what it is.
    const MEMBERS: &'static [(&'static str, bool, &'static str)];

    /// Reads the members of `response`.
    fn read(id: CredentialId, response: &Map<String, Value>) -> Option<Self>;
}

impl Credential for Attestation {
    const SCHEMA: &'static str = "RegistrationResponseJSON";
    const ABOUT: &'static str =
        "The outcome of `navigator.credentials.create()`, as its `toJSON()` returns it.";
    const MEMBERS: &'static [(&'static str, bool, &'static str)] = &[
        ("clientDataJSON", true, "The client data."),
        ("attestationObject", true, "The attestation object."),
    ];

    fn read(id: CredentialId, response: &Map<String, Value>) -> Option<Self> {
        let (client_data, object) =
            (bytes(response, "clientDataJSON")?, bytes(response, "attestationObject")?);
        Some(Self { id, client_data, object })
    }
}

impl Credential for Assertion {
    const SCHEMA: &'static str = "AuthenticationResponseJSON";
    const ABOUT: &'static str =
        "The outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.";
    const MEMBERS: &'static [(&'static str, bool, &'static str)] = &[
        ("clientDataJSON", true, "The client data."),
        ("authenticatorData", true, "The authenticator data."),
        ("signature", true, "The signature."),
        ("userHandle", false, "The user's handle, if the authenticator sends it."),
    ];

    fn read(id: CredentialId, response: &Map<String, Value>) -> Option<Self> {
        let user_handle = match response.get("userHandle") {
            // Some browsers send an empty handle if the authenticator sends none.
            None | Some(Value::Null) => None,
            Some(_) => Some(bytes(response, "userHandle")?).filter(|handle| !handle.is_empty()),
        };
        Some(Self {
            id,
            client_data: bytes(response, "clientDataJSON")?,
            authenticator_data: bytes(response, "authenticatorData")?,
            signature: bytes(response, "signature")?,
            user_handle,
        })
    }
}

fn bytes(object: &Map<String, Value>, member: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(object.get(member)?.as_str()?.as_bytes()).ok()
}

fn read<T: Credential>(value: &Value) -> Option<T> {
    let credential = value.as_object()?;
    let id = bytes(credential, "id")?;
    let is_credential = bytes(credential, "rawId")? == id
        && credential.get("type").and_then(Value::as_str) == Some("public-key");
    let response = credential.get("response").filter(|_| is_credential)?.as_object()?;
    T::read(CredentialId::parse(id)?, response)
}

impl<T: Credential> Field for CredentialJson<T> {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.value(name, |value| Self(read(value)))
    }

    fn schema() -> ObjectBuilder {
        let response = T::MEMBERS.iter().fold(object(), |response, (name, is_required, about)| {
            member(response, name, *is_required, base64url().description(Some(*about)))
        });
        let kind = text().enum_values(Some(["public-key"]));
        let credential = object().description(Some(T::ABOUT));
        let credential = member(credential, "id", true, base64url().description(Some("The id.")));
        let raw_id = base64url().description(Some("The same id."));
        let credential = member(credential, "rawId", true, raw_id);
        let credential = member(credential, "type", true, kind);
        member(credential, "response", true, response)
    }

    fn property(about: &str) -> RefOr<Schema> {
        let reference = Ref::builder().ref_location_from_schema_name(T::SCHEMA);
        reference.description(Some(about)).into()
    }
}

impl<T: Credential> Field for Option<CredentialJson<T>> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_value(name, |value| CredentialJson(read(value))))
    }

    fn schema() -> ObjectBuilder {
        CredentialJson::<T>::schema()
    }

    fn property(about: &str) -> RefOr<Schema> {
        CredentialJson::<T>::property(about)
    }
}

/// The schemas of credentials, by their names.
pub fn schemas() -> [(&'static str, ObjectBuilder); 2] {
    [
        (Attestation::SCHEMA, CredentialJson::<Attestation>::schema()),
        (Assertion::SCHEMA, CredentialJson::<Assertion>::schema()),
    ]
}

fn object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

fn base64url() -> ObjectBuilder {
    text().pattern(Some("^[A-Za-z0-9_-]*$"))
}

fn member(
    object: ObjectBuilder,
    name: &str,
    is_required: bool,
    schema: ObjectBuilder,
) -> ObjectBuilder {
    let object = object.property(name, schema);
    if is_required { object.required(name) } else { object }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The bytes 1 to 16.
    const ID: &str = "AQIDBAUGBwgJCgsMDQ4PEA";

    fn assertion() -> Value {
        json!({
            "id": ID, "rawId": ID, "type": "public-key",
            "response": { "clientDataJSON": "e30", "authenticatorData": "BA", "signature": "BQ", "userHandle": "Bg" },
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
        })
    }

    #[test]
    fn a_credential_is_read_as_browsers_send_it() {
        let read_assertion = read::<Assertion>(&assertion()).unwrap();
        assert!(read_assertion.id.bytes().iter().copied().eq(1..=16));
        assert_eq!(read_assertion.client_data, b"{}");
        assert_eq!(read_assertion.user_handle, Some(vec![6]));
        for none in [Value::Null, json!("")] {
            let mut sent = assertion();
            sent["response"]["userHandle"] = none;
            assert_eq!(read::<Assertion>(&sent).unwrap().user_handle, None);
        }
        let mut sent = assertion();
        sent["response"]["attestationObject"] = json!("oA");
        assert_eq!(read::<Attestation>(&sent).unwrap().object, [0xa0]);
    }

    #[test]
    fn anything_else_is_not_a_credential() {
        let damages = [
            ("/id", json!("")),
            ("/id", json!("AQIDBAUGBwgJCgsMDQ4PEQ")),
            ("/id", json!("AQID")),
            ("/rawId", json!(format!("{ID}=="))),
            ("/rawId", json!("AQIDBAUGBwgJCgsMDQ4P+A")),
            ("/type", json!("password")),
            ("/response", json!([])),
            ("/response/clientDataJSON", json!(1)),
            ("/response/authenticatorData", Value::Null),
            ("/response/signature", json!("B+")),
            ("/response/userHandle", json!(7)),
        ];
        for (path, value) in damages {
            let mut sent = assertion();
            *sent.pointer_mut(path).unwrap() = value.clone();
            assert!(read::<Assertion>(&sent).is_none(), "{path} {value}");
        }
        assert!(read::<Attestation>(&assertion()).is_none());
        for value in [Value::Null, json!(ID), json!({})] {
            assert!(read::<Assertion>(&value).is_none());
        }
    }
}

//! What a new credential comes in: attestation objects (section 6.5.4).

use super::Refused;
use super::cbor::{Map, Value};
use super::cose::PublicKey;

/// The longest, in bytes. Statements with chains of certificates have a few thousand.
const LONGEST: usize = 16 * 1024;

/// An attestation object.
#[derive(Debug)]
pub(super) struct AttestationObject<'a> {
    object: Map<'a>,
    format: &'a str,
    /// The bytes of the authenticator data.
    pub authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Reads an attestation object.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > LONGEST {
            return Err(Refused("the attestation object is too long"));
        }
        let object = Map::whole(bytes)?;
        match (object.get("fmt"), object.get("authData"), object.get("attStmt")) {
            (Some(Value::Text(format)), Some(Value::Bytes(data)), Some(_)) => {
                Ok(Self { format, authenticator_data: data, object })
            }
            _ => Err(Refused("the attestation object lacks a member")),
        }
    }

    /// Checks the statement if it is none, or made with the credential's own key (sections 8.2 and 8.7). Others
    /// tell who made the authenticator, which nobody asked for.
    pub(super) fn check_statement(
        &self,
        key: &PublicKey<'_>,
        message: &[u8],
    ) -> Result<(), Refused> {
        match (self.format, self.object.get("attStmt")) {
            ("none", Some(Value::Map(statement))) if statement.is_empty() => Ok(()),
            ("none", _) => Err(Refused("a statement where there is none")),
            ("packed", Some(Value::Map(statement))) if statement.get("x5c").is_some() => Ok(()),
            ("packed", Some(Value::Map(statement))) => self_attested(statement, key, message),
            ("packed", _) => Err(Refused("a packed statement is not a map")),
            _ => Ok(()),
        }
    }
}

fn self_attested(statement: &Map<'_>, key: &PublicKey<'_>, message: &[u8]) -> Result<(), Refused> {
    if statement.get("alg") != Some(&Value::Integer(key.algorithm())) {
        return Err(Refused("a statement of another algorithm"));
    }
    match statement.get("sig") {
        Some(Value::Bytes(signature)) => key.verify(message, signature),
        _ => Err(Refused("a statement lacks its signature")),
    }
}

//! The form of an introspection request.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use secrecy::SecretString;
use url::form_urlencoded;

use crate::flows::tokens::Service;
use crate::http::error::{ApiError, FieldError};
use crate::http::extract::{BodyKind, read_bytes};

/// A service and the token that it asks about. The service is authenticated before the form is read.
pub struct Question(pub Service, pub SecretString);

impl FromRequest for Question {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let service = Service::from_request(request, &mut Payload::None);
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let service = service.await?;
            let form = read_bytes(&request, payload, BodyKind::Form).await?;
            token(&form).map(|token| Self(service, token))
        })
    }
}

/// The field `token`, which must be there once (RFC 7662, section 2.1; RFC 6749, section 3.2: an empty one is missing).
/// Other fields are ignored.
fn token(form: &[u8]) -> Result<SecretString, ApiError> {
    let fields = form_urlencoded::parse(form).filter(|(name, _)| name == "token");
    let mut tokens = fields.map(|(_, token)| token).filter(|token| !token.is_empty());
    let (code, message) = match (tokens.next(), tokens.next()) {
        (Some(token), None) => return Ok(SecretString::from(token.into_owned())),
        (None, _) => ("missing", "Please fill in the field \"token\"."),
        (Some(_), Some(_)) => ("repeated", "The field \"token\" must be there only once."),
    };
    Err(ApiError::Invalid(vec![FieldError { field: "token", code, message: message.to_owned() }]))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_token_is_read_from_among_other_fields_and_only_once() {
        let read = |form: &str| match token(form.as_bytes()) {
            Ok(token) => token.expose_secret().to_owned(),
            Err(ApiError::Invalid(faults)) => faults[0].code.to_owned(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(read("token=a.b.c"), "a.b.c");
        assert_eq!(read("token_type_hint=access_token&token=a%2Bb+c&x"), "a+b c");
        assert_eq!(read("token=&token=a"), "a");
        for missing in ["", "&&", "token", "token=", "Token=a", "a=token"] {
            assert_eq!(read(missing), "missing", "{missing}");
        }
        assert_eq!(read("token=a&token=a"), "repeated");
    }
}

//! Request bodies: their type, maximum size and timeout. They are read only after access is granted.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde_json::Map;

use super::super::error::ApiError;
use super::fields::{Fields, FromFields};
use super::{json_object, state};

/// The maximum size of a body, in bytes.
const LIMIT: usize = 16 * 1024;

/// The type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// JSON.
    Json,
    /// The fields of a form.
    Form,
}

/// A JSON body, read into `T`.
pub struct Body<T>(pub T);

/// A permission, and the body that was sent. The permission is checked first, whatever was sent.
pub struct Authorized<A, B>(pub A, pub B);

impl<T: FromFields + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { read(&request, payload).await.map(Self) })
    }
}

impl<A, T> FromRequest for Authorized<A, T>
where
    A: FromRequest<Error = ApiError> + 'static,
    T: FromFields + 'static,
{
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let access = A::from_request(request, &mut Payload::None);
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let access = access.await?;
            read(&request, payload).await.map(|body| Self(access, body))
        })
    }
}

async fn read<T: FromFields>(request: &HttpRequest, payload: Payload) -> Result<T, ApiError> {
    let bytes = read_bytes(request, payload, BodyKind::Json).await?;
    let object = if bytes.is_empty() { Map::new() } else { json_object::parse(&bytes)? };
    Fields::new(object, state(request)?.password_policy).read()
}

/// Reads a body of this kind; empty if there is none.
///
/// # Errors
///
/// If its type is another one, or it is too large, too slow or cut off.
pub async fn read_bytes(
    request: &HttpRequest,
    payload: Payload,
    kind: BodyKind,
) -> Result<BytesMut, ApiError> {
    if announced_length(request, kind)? == Some(0) {
        return Ok(BytesMut::new());
    }
    let timeout = state(request)?.config.body_timeout;
    let collected = tokio::time::timeout(timeout, collect(payload));
    collected.await.map_err(|_cause| ApiError::BodyTimeout)?
}

/// The declared length of the body; zero if there is none, and then its type does not matter.
fn announced_length(request: &HttpRequest, kind: BodyKind) -> Result<Option<usize>, ApiError> {
    let headers = request.headers();
    let is_chunked = headers.contains_key(header::TRANSFER_ENCODING);
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = match (length.map(str::parse::<usize>), is_chunked) {
        (Some(Ok(length)), false) => Some(length),
        (_, true) => None,
        (_, false) => Some(0),
    };
    if length == Some(0) {
        return Ok(length);
    }
    let (content_type, unsupported) = match kind {
        BodyKind::Json => ("application/json", ApiError::UnsupportedMediaType),
        BodyKind::Form => ("application/x-www-form-urlencoded", ApiError::NotAForm),
    };
    if !request.content_type().eq_ignore_ascii_case(content_type) {
        return Err(unsupported);
    }
    if length.is_some_and(|length| length > LIMIT) {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(length)
}

async fn collect(mut payload: Payload) -> Result<BytesMut, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_cause| ApiError::BodyBroken)?;
        if bytes.len() + chunk.len() > LIMIT {
            return Err(ApiError::BodyTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

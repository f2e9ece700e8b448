//! `GET /api/auth/events`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::domain::event_page::{EventCursor, PageSize};
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::error::{ApiError, FieldError};
use crate::views::EventJson;

/// A page of security events.
#[derive(Serialize, ToSchema)]
pub struct SecurityEventPage {
    /// The events, newest first.
    events: Vec<EventJson>,
    /// The value of `after` for the next page; null on the last page.
    #[schema(example = "000001a31e2a6f5800000000000000079c1f3be2d8a45607", required = true)]
    next: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![ApiError::Invalid(Vec::new())]
}

/// List the security events
///
/// Returns the account's own security events, newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/auth/events", tag = "Account", operation_id = "listSecurityEvents",
    params(
        (
            "limit" = Option<u8>, Query, description = "Events in a page; 50 by default.",
            minimum = 1, maximum = 100, nullable = false,
        ),
        (
            "after" = Option<String>, Query, description = "The `next` of an earlier page.",
            pattern = "^[0-9a-f]{48}$", nullable = false,
        ),
    ),
    responses((status = 200, description = "A page of events.", body = SecurityEventPage)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Page { after, size } = Page::read(request.query_string())?;
    let page = auth.events(&caller, after, size).await?;
    let events: Vec<EventJson> = page.events.into_iter().map(EventJson::of).collect();
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(HttpResponse::Ok().json(SecurityEventPage { events, next }))
}

/// The page that the query asks for.
struct Page {
    after: Option<EventCursor>,
    size: PageSize,
}

impl Page {
    /// The longest query: two parameters need about 100 bytes.
    const LONGEST_QUERY: usize = 2 * 1024;

    /// Reads the query. Other parameters are ignored, as unknown fields of a body are.
    fn read(query: &str) -> Result<Self, ApiError> {
        if query.len() > Self::LONGEST_QUERY {
            let message = "The query of the address may have at most 2 KiB.";
            return Err(ApiError::Invalid(vec![error("query", "query_too_long", message)]));
        }
        let mut page = Self { after: None, size: PageSize::DEFAULT };
        let mut errors = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => match PageSize::parse(&value) {
                    Some(size) => page.size = size,
                    None => errors.push(error(
                        "limit",
                        "limit_out_of_range",
                        "The parameter \"limit\" must be a whole number from 1 to 100.",
                    )),
                },
                "after" => match EventCursor::parse(&value) {
                    Some(cursor) => page.after = Some(cursor),
                    None => errors.push(error(
                        "after",
                        "cursor_invalid",
                        "The parameter \"after\" must be the \"next\" of an earlier page.",
                    )),
                },
                _ => {}
            }
        }
        // A parameter may be repeated, but its error is reported once.
        errors.sort_by_key(|error: &FieldError| error.field);
        errors.dedup_by_key(|error| error.field);
        if errors.is_empty() { Ok(page) } else { Err(ApiError::Invalid(errors)) }
    }
}

fn error(field: &'static str, code: &'static str, message: &str) -> FieldError {
    FieldError { field, code, message: message.to_owned() }
}

//! `GET /api/auth/events`: what happened to the account, newest first.

use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;

use crate::domain::event_page::{EventCursor, PageSize};
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::answers::Events;
use crate::http::problem::{ApiError, FieldFault};
use crate::views::EventJson;

/// Which page.
struct Page {
    after: Option<EventCursor>,
    size: PageSize,
}

/// A page of events.
#[utoipa::path(
get, path = "/api/auth/events", tag = "Account", operation_id = "events",
    summary = "The account's security events",
    params(("limit" = Option<u8>, Query, description = "Events a page; 50 unless said", minimum = 1, maximum = 100, nullable = false), ("after" = Option<String>, Query, description = "The `next` of an earlier page", pattern = "^[0-9a-f]{48}$", nullable = false)),
    responses((status = 200, description = "A page of them, newest first", body = Events)),
)]
pub async fn list(
    auth: web::Data<Auth>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Page { after, size } = Page::read(request.query_string())?;
    let page = auth.events(&caller, after, size).await?;
    let events: Vec<EventJson> = page.events.into_iter().map(EventJson::of).collect();
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(HttpResponse::Ok().json(Events { events, next }))
}

impl Page {
    /// Bytes that a query may have: two parameters need a hundred.
    const LONGEST_QUERY: usize = 2 * 1024;

    /// Reads the query; other parameters are ignored, as unknown fields of a body are.
    fn read(query: &str) -> Result<Self, ApiError> {
        if query.len() > Self::LONGEST_QUERY {
            let message = "The query of the address may have at most 2 KiB.";
            return Err(ApiError::Invalid(vec![fault("query", "query_too_long", message)]));
        }
        let mut page = Self { after: None, size: PageSize::DEFAULT };
        let mut faults = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => match PageSize::parse(&value) {
                    Some(size) => page.size = size,
                    None => faults.push(fault(
                        "limit",
                        "limit_out_of_range",
                        "The parameter \"limit\" must be a whole number from 1 to 100.",
                    )),
                },
                "after" => match EventCursor::parse(&value) {
                    Some(cursor) => page.after = Some(cursor),
                    None => faults.push(fault(
                        "after",
                        "cursor_invalid",
                        "The parameter \"after\" must be the \"next\" of an earlier page.",
                    )),
                },
                _ => {}
            }
        }
        // A parameter may be repeated; its fault is not.
        faults.sort_by_key(|fault: &FieldFault| fault.field);
        faults.dedup_by_key(|fault| fault.field);
        if faults.is_empty() { Ok(page) } else { Err(ApiError::Invalid(faults)) }
    }
}

fn fault(field: &'static str, code: &'static str, message: &str) -> FieldFault {
    FieldFault { field, code, message: message.to_owned() }
}

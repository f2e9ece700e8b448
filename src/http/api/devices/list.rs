//! `GET /api/auth/devices`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::devices::DeviceView;
use crate::http::cookies::CookieName;
use crate::http::error::ApiError;
use crate::http::state::HttpState;
use crate::views::rfc3339;

/// The account's trusted devices.
#[derive(Serialize, ToSchema)]
pub struct DeviceList {
    /// The devices, last used first.
    devices: Vec<TrustedDevice>,
}

/// A device on which a login needs no second factor.
#[derive(Serialize, ToSchema)]
pub struct TrustedDevice {
    /// The device's id.
    #[schema(example = "Q9mK1x7fT0aVb3ZsLw5uYg")]
    id: String,
    /// Whether the request came from it.
    current: bool,
    /// When it was trusted.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    created_at: String,
    /// When a login last used it.
    #[schema(format = DateTime, example = "2026-11-27T08:33:41.002Z")]
    last_seen_at: String,
    /// When it is no longer trusted.
    #[schema(format = DateTime, example = "2026-12-26T14:03:09.120Z")]
    expires_at: String,
    /// The IP address of that login.
    #[schema(example = "192.0.2.7")]
    ip: String,
    /// The `User-Agent` of that login, cut to 200 characters.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")]
    user_agent: String,
}

impl TrustedDevice {
    fn of(view: DeviceView) -> Self {
        let DeviceView { device, is_current } = view;
        Self {
            id: device.id.as_str().to_owned(),
            current: is_current,
            created_at: rfc3339(device.created_at),
            last_seen_at: rfc3339(device.last_seen_at),
            expires_at: rfc3339(device.until),
            ip: device.ip,
            user_agent: device.user_agent,
        }
    }
}

/// List the trusted devices
///
/// Returns every device on which a login needs no second factor, last used first.
#[utoipa::path(
    get, path = "/api/auth/devices", tag = "Sessions", operation_id = "listTrustedDevices",
    responses((status = 200, description = "The devices.", body = DeviceList)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let token = CookieName::Device.read(request.headers(), state.mode);
    let devices = auth.trusted_devices(&caller, token)?.into_iter().map(TrustedDevice::of);
    Ok(HttpResponse::Ok().json(DeviceList { devices: devices.collect() }))
}

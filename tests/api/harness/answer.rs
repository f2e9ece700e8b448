//! What came back.

use image::ImageFormat;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is empty or something else.
    pub fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every `Set-Cookie` line.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The problem's code, or an empty text.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{body}");
        self
    }

    /// A problem with this status and code, complete as RFC 9457 and the contract want it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> &Self {
        self.assert_status(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["detail"], problem["message"]);
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        assert!(problem["type"].is_string() && problem["title"].is_string());
        self
    }

    /// The seconds to wait that a refusal for too many attempts names.
    #[track_caller]
    pub fn retry_after(&self) -> i64 {
        let refused = self.assert_problem(429, "too_many_attempts");
        refused.header("retry-after").unwrap().parse().unwrap()
    }

    #[track_caller]
    pub fn assert_detail(&self, detail: &str) -> &Self {
        assert_eq!(self.json()["detail"], detail);
        self
    }
}

/// What a QR code in PNG says.
pub fn read_qr_code(png: &[u8]) -> String {
    let picture = image::load_from_memory_with_format(png, ImageFormat::Png).unwrap().to_luma8();
    let (width, height) = picture.dimensions();
    let at = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, at);
    prepared.detect_grids()[0].decode().unwrap().1
}

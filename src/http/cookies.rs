//! The cookies: their names and attributes, and how they are set and cleared.

use std::time::Duration;

use actix_web::HttpResponseBuilder;
use actix_web::cookie::time;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::cookie_header;
use super::state::HttpState;
use crate::config::Mode;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::passkey::ceremony::PendingChallenge;
use crate::flows::access::Carrier;
use crate::flows::devices::IssuedDevice;
use crate::flows::submit_second_factor::FactorAccepted;
use crate::flows::{SignInToken, Token};

/// One of the service's cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieName {
    /// Carries a session.
    Session,
    /// Carries a login challenge.
    Login,
    /// Carries the token of a trusted device.
    Device,
    /// Binds the challenge of a sign-in with a passkey to the browser.
    Passkey,
}

impl CookieName {
    /// The name in this mode. `__Host-` makes browsers require TLS and exactly this host.
    fn as_str(self, mode: Mode) -> &'static str {
        match (self, mode) {
            (Self::Session, Mode::Development) => "twofold_session",
            (Self::Login, Mode::Development) => "twofold_login",
            (Self::Device, Mode::Development) => "twofold_device",
            (Self::Passkey, Mode::Development) => "twofold_passkey",
            (Self::Session, Mode::Production) => "__Host-twofold_session",
            (Self::Login, Mode::Production) => "__Host-twofold_login",
            (Self::Device, Mode::Production) => "__Host-twofold_device",
            (Self::Passkey, Mode::Production) => "__Host-twofold_passkey",
        }
    }

    /// The cookie's value in a request. Other cookies are ignored, however malformed.
    pub fn read(self, headers: &HeaderMap, mode: Mode) -> Option<&str> {
        let lines = headers.get_all(header::COOKIE).map(HeaderValue::as_bytes);
        cookie_header::value(lines, self.as_str(mode))
    }
}

/// Sets the session's cookie and expires the challenge's.
pub fn set_session(answer: &mut HttpResponseBuilder, state: &HttpState, token: &Token) {
    set(answer, state, CookieName::Session, token.expose(), state.session_cookie_age);
    expire(answer, state, CookieName::Login);
}

/// Returns a session's new token in the way that the old one was sent: in a cookie, or as text for the
/// response body of a Bearer caller.
pub fn hand_out<'a>(
    answer: &mut HttpResponseBuilder,
    state: &HttpState,
    carrier: Carrier,
    token: &'a Token,
) -> Option<&'a str> {
    match carrier {
        Carrier::Bearer => Some(token.expose()),
        Carrier::Cookie => {
            set_session(answer, state, token);
            None
        }
    }
}

/// Returns what a second factor opened: a session's token, and the cookie of a device that is trusted now.
pub fn hand_out_accepted(
    answer: &mut HttpResponseBuilder,
    state: &HttpState,
    accepted: &FactorAccepted,
) -> Option<String> {
    if let Some(device) = &accepted.device {
        set_device(answer, state, device);
    }
    let (token, carrier) = accepted.session.as_ref()?;
    hand_out(answer, state, *carrier, token).map(str::to_owned)
}

/// Sets the challenge's cookie and expires the session's.
pub fn set_challenge(answer: &mut HttpResponseBuilder, state: &HttpState, token: &Token) {
    let age = LoginChallenge::LIFETIME.to_std().unwrap_or_default();
    set(answer, state, CookieName::Login, token.expose(), age);
    expire(answer, state, CookieName::Session);
}

/// Sets the cookie of a trusted device.
pub fn set_device(answer: &mut HttpResponseBuilder, state: &HttpState, device: &IssuedDevice) {
    let age = device.remaining.to_std().unwrap_or_default();
    set(answer, state, CookieName::Device, device.token.expose(), age);
}

/// Sets the cookie of a sign-in with a passkey.
pub fn set_passkey(answer: &mut HttpResponseBuilder, state: &HttpState, token: &SignInToken) {
    let age = PendingChallenge::LIFETIME.to_std().unwrap_or_default();
    set(answer, state, CookieName::Passkey, token.expose(), age);
}

/// Expires the cookie of a sign-in with a passkey.
pub fn expire_passkey(answer: &mut HttpResponseBuilder, state: &HttpState) {
    expire(answer, state, CookieName::Passkey);
}

/// Expires the cookies of a session and of a login challenge.
pub fn expire_both(answer: &mut HttpResponseBuilder, state: &HttpState) {
    expire(answer, state, CookieName::Session);
    expire(answer, state, CookieName::Login);
}

fn set(
    answer: &mut HttpResponseBuilder,
    state: &HttpState,
    name: CookieName,
    value: &str,
    age: Duration,
) {
    let mut cookie = base(state, name, value);
    cookie.set_max_age(time::Duration::try_from(age).unwrap_or(time::Duration::ZERO));
    answer.cookie(cookie);
}

fn expire(answer: &mut HttpResponseBuilder, state: &HttpState, name: CookieName) {
    let mut cookie = base(state, name, "");
    cookie.make_removal();
    answer.cookie(cookie);
}

fn base<'a>(state: &HttpState, name: CookieName, value: &'a str) -> Cookie<'a> {
    Cookie::build(name.as_str(state.mode), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.mode == Mode::Production)
        .finish()
}

//! What is counted of sign-ins and of attempts that a limit refuses.

use chrono::TimeDelta;

use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::metrics::{Method, Outcome, Throttled};

impl Auth {
    /// Counts a sign-in, and returns its result.
    pub(in crate::flows) fn counted<T>(
        &self,
        method: Method,
        result: Result<T, AuthError>,
    ) -> Result<T, AuthError> {
        self.metrics.attempted(method, result.as_ref().err().map_or(Outcome::SignedIn, outcome));
        result
    }

    /// Counts an attempt that a limit refuses, which may be repeated after a wait.
    pub(in crate::flows) fn throttled(&self, limit: Throttled, wait: TimeDelta) -> AuthError {
        self.metrics.throttled(limit);
        AuthError::TooManyAttempts(wait)
    }
}

/// How a second factor is counted.
pub(in crate::flows) fn method_of(factor: &SecondFactor) -> Method {
    match factor {
        SecondFactor::Otp(_) => Method::Code,
        SecondFactor::Recovery(_) => Method::RecoveryCode,
        SecondFactor::Passkey(_) => Method::PasskeyAsFactor,
    }
}

fn outcome(error: &AuthError) -> Outcome {
    match error {
        AuthError::OtpRequired => Outcome::FactorRequired,
        AuthError::TooManyAttempts(_) => Outcome::Throttled,
        AuthError::AccountDisabled | AuthError::EmailNotVerified => Outcome::NotAllowed,
        AuthError::LoginExpired => Outcome::Expired,
        AuthError::Busy | AuthError::Unavailable | AuthError::Fault(_) => Outcome::Failed,
        _ => Outcome::Rejected,
    }
}

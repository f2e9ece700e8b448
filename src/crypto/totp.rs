//! Checking one-time codes (RFC 6238).

use data_encoding::BASE32_NOPAD;
use totp_rs::{Builder, Secret};

use crate::domain::clock::Moment;
use crate::domain::totp::{AcceptanceWindow, OtpCode, SharedSecret, TimeStep};

/// Generates a shared secret of 160 random bits, the length that RFC 4226, section 4 recommends.
#[must_use]
pub fn generate_secret() -> SharedSecret {
    SharedSecret::new(rand::random::<[u8; 20]>().to_vec())
}

/// The step that a code belongs to, if its step is accepted now.
#[must_use]
pub fn matching_step(
    secret: &SharedSecret,
    code: &OtpCode,
    window: AcceptanceWindow,
    now: Moment,
) -> Option<TimeStep> {
    // "Noncompliant" allows secrets of less than 128 bits, which imported ones may have.
    let totp = Builder::new()
        .with_secret(Secret::from(secret.expose().to_vec()))
        .with_skew(window.0.into())
        .build_noncompliant();
    let seconds = u64::try_from(now.timestamp()).ok()?;
    let step = totp.check(code.expose(), seconds);
    step.and_then(|step| i64::try_from(step).ok()).map(TimeStep)
}

/// Parses a shared secret in base 32 (RFC 4648, section 6) in any case, with or without spaces, dashes and
/// padding. `None` if it is invalid, or has less than 80 bits, which authenticator apps don't use.
#[must_use]
pub fn read_base32(text: &str) -> Option<SharedSecret> {
    const SHORTEST: usize = 10;
    let is_filler = |letter: &char| letter.is_ascii_whitespace() || matches!(letter, '-' | '=');
    let compact: String =
        text.chars().filter(|letter| !is_filler(letter)).map(|l| l.to_ascii_uppercase()).collect();
    let bytes = BASE32_NOPAD.decode(compact.as_bytes()).ok()?;
    (bytes.len() >= SHORTEST).then(|| SharedSecret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sampling::assert_random;

    const RFC_SECRET: &[u8] = b"12345678901234567890";

    fn step_of(code: &str, seconds: i64, window: u8) -> Option<i64> {
        let secret = SharedSecret::new(RFC_SECRET.to_vec());
        let now = Moment::from_timestamp(seconds, 0).unwrap();
        let code = OtpCode::parse(code).unwrap();
        let step = matching_step(&secret, &code, AcceptanceWindow(window), now);
        step.map(|step| step.0)
    }

    /// RFC 6238, appendix B, SHA-1 rows. Six-digit codes are their last six digits.
    const VECTORS: [(i64, i64, &str); 6] = [
        (59, 0x1, "287082"),
        (1_111_111_109, 0x0235_23EC, "081804"),
        (1_111_111_111, 0x0235_23ED, "050471"),
        (1_234_567_890, 0x0273_EF07, "005924"),
        (2_000_000_000, 0x03F9_40AA, "279037"),
        (20_000_000_000, 0x27BC_86AA, "353130"),
    ];

    #[test]
    fn the_vectors_of_rfc_6238_are_matched_at_their_steps() {
        for (seconds, step, code) in VECTORS {
            assert_eq!(step_of(code, seconds, 0), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_accepted_one_step_early_or_late_and_no_further() {
        for (seconds, step, code) in VECTORS.into_iter().skip(1) {
            let start = step * 30;
            assert_eq!(step_of(code, start - 1, 1), Some(step), "early, {seconds}");
            assert_eq!(step_of(code, start + 59, 1), Some(step), "late, {seconds}");
            assert_eq!(step_of(code, start - 31, 1), None, "too early, {seconds}");
            assert_eq!(step_of(code, start + 60, 1), None, "too late, {seconds}");
            assert_eq!(step_of(code, start - 1, 0), None, "early without a window, {seconds}");
            assert_eq!(step_of(code, start + 30, 0), None, "late without a window, {seconds}");
        }
    }

    #[test]
    fn base_32_is_parsed_in_any_notation() {
        let text = "gezd gnbv-GY3TQOJQ==";
        assert_eq!(read_base32(text).unwrap().expose(), b"1234567890");
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJ1!", "GEZDGNBVGY3TQOJ0", "é"] {
            assert!(read_base32(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn secrets_are_160_random_bits() {
        let secrets: Vec<Vec<u8>> = (0..256).map(|_| generate_secret().expose().to_vec()).collect();
        assert_random(&secrets, 20, 0xff);
    }
}

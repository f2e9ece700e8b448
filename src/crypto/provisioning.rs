//! Giving a shared secret to an authenticator app, as text, as a URI and as a QR code.

use std::io::Cursor;

use image::{ImageError, ImageFormat, Luma};
use qrcode::QrCode;
use qrcode::render::svg;
use qrcode::types::QrError;
use totp_rs::{Builder, Secret};

use crate::domain::email::EmailAddress;
use crate::domain::totp::SharedSecret;

/// The width of a module of the QR code in pixels.
const MODULE_PIXELS: u32 = 6;

/// Everything that an authenticator app needs. It contains the secret, so it is only sent to the session that
/// enrols, and never stored or logged.
pub struct Provisioning {
    /// The secret in base 32, for typing.
    pub base32: String,
    /// The `otpauth://` URI, for scanning.
    pub uri: String,
}

/// A shared secret could not be formatted for authenticator apps.
#[derive(Debug, thiserror::Error)]
pub enum ProvisioningError {
    /// The secret, the issuer or the address is invalid. The cause may contain them, so it is dropped.
    #[error(
        "the provisioning URI cannot be built: the secret, the issuer or the address is invalid"
    )]
    Uri,
    /// The URI does not fit into a QR code.
    #[error("the QR code cannot be built: {0}")]
    QrCode(#[from] QrError),
    /// The picture could not be encoded.
    #[error("the picture of the QR code cannot be encoded: {0}")]
    Picture(#[from] ImageError),
}

impl Provisioning {
    /// Formats a secret for authenticator apps.
    ///
    /// The label is `issuer:email`. Spaces are encoded as `%20`, never `+`. A secret of less than 128 bits
    /// and an issuer or address with a colon are refused.
    pub fn new(
        secret: &SharedSecret,
        issuer: &str,
        email: &EmailAddress,
    ) -> Result<Self, ProvisioningError> {
        let totp = Builder::new()
            .with_secret(Secret::from(secret.expose().to_vec()))
            .with_account_name(email.as_str())
            .with_issuer(Some(issuer))
            .build()
            .map_err(|_cause| ProvisioningError::Uri)?;
        let uri = totp.to_url().map_err(|_cause| ProvisioningError::Uri)?;
        Ok(Self { base32: totp.secret().to_base32(), uri })
    }

    /// The URI as a QR code in PNG, with a quiet zone (ISO/IEC 18004).
    pub fn qr_png(&self) -> Result<Vec<u8>, ProvisioningError> {
        let picture = self
            .qr_code()?
            .render::<Luma<u8>>()
            .quiet_zone(true)
            .module_dimensions(MODULE_PIXELS, MODULE_PIXELS)
            .build();
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png)?;
        Ok(png.into_inner())
    }

    /// The URI as a QR code in SVG, with a quiet zone.
    pub fn qr_svg(&self) -> Result<String, ProvisioningError> {
        let code = self.qr_code()?;
        Ok(code
            .render::<svg::Color<'_>>()
            .quiet_zone(true)
            .module_dimensions(MODULE_PIXELS, MODULE_PIXELS)
            .build())
    }

    fn qr_code(&self) -> Result<QrCode, ProvisioningError> {
        Ok(QrCode::new(&self.uri)?)
    }
}

//! The token of a link in a mail.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::domain::invalid::Invalid;
use crate::http::extract::Fields;
use crate::http::extract::request::Field;

/// The token of a link, as it was sent. It cannot be printed.
pub struct LinkToken(String);

impl LinkToken {
    /// The token's text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Field for LinkToken {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, |text| Ok::<_, Invalid>(Self(text.to_owned())))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
    }
}

impl Field for Option<LinkToken> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_text(name, |text| Ok::<_, Invalid>(LinkToken(text.to_owned()))))
    }

    fn schema() -> ObjectBuilder {
        LinkToken::schema()
    }
}

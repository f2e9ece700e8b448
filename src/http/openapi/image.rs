//! Images in the description.

use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A PNG image as a body.
pub struct PngImage;

impl PartialSchema for PngImage {
    fn schema() -> RefOr<Schema> {
        let binary = Some(SchemaFormat::KnownFormat(KnownFormat::Binary));
        ObjectBuilder::new().schema_type(Type::String).format(binary).into()
    }
}

impl ToSchema for PngImage {}

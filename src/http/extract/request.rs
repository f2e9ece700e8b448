//! Request bodies: one definition says what is read, by which rules, and how it is described.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};

use super::fields::Fields;
use super::user_id::NamedUser;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::passkey::name::PasskeyName;
use crate::domain::password::{NewPassword, Password};
use crate::domain::second_factor::SecondFactor;

/// A type that a field of a body is read into.
pub trait Field: Sized {
    /// Whether the field is required.
    const IS_REQUIRED: bool = true;

    /// Reads the field; `None` if it is invalid, which `fields` records.
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self>;

    /// The description of the field.
    fn schema() -> ObjectBuilder;

    /// The same as a property of a body: what it is there for is `about`.
    fn property(about: &str) -> RefOr<Schema> {
        Self::schema().description(Some(about)).into()
    }
}

/// Defines a body: its fields, how they are read, and its schema with an example.
macro_rules! request {
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (
        $(#[doc = $about:literal])+
        pub struct $Name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident $(as $key:literal)?: $Type:ty, )*
        }
        example $example:tt
    ) => {
        $(#[doc = $about])+
        pub struct $Name {
            $( $(#[doc = $doc])+ pub $field: $Type, )*
        }

        impl $crate::http::extract::FromFields for $Name {
            fn from_fields(fields: &mut $crate::http::extract::Fields) -> Option<Self> {
                use $crate::http::extract::request::Field;
                $(
                    let $field = <$Type as Field>::read(
                        fields,
                        $crate::http::extract::request::request!(@key $field $($key)?),
                    );
                )*
                Some(Self { $( $field: $field?, )* })
            }
        }

        impl utoipa::PartialSchema for $Name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                use $crate::http::extract::request::{Field, request};
                let object = utoipa::openapi::ObjectBuilder::new()
                    .description(Some(concat!($($about),+).trim()))
                    .examples([serde_json::json!($example)]);
                $(
                    let name = request!(@key $field $($key)?);
                    let about = concat!($($doc),+).trim();
                    let object = object.property(name, <$Type as Field>::property(about));
                    let object = if <$Type as Field>::IS_REQUIRED { object.required(name) } else { object };
                )*
                object.into()
            }
        }

        impl utoipa::ToSchema for $Name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }
        }
    };
}
pub(crate) use request;

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

fn formatted(known: KnownFormat) -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(known)))
}

impl Field for EmailAddress {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, Self::parse)
    }

    fn schema() -> ObjectBuilder {
        formatted(KnownFormat::Email).max_length(Some(Self::LONGEST))
    }
}

impl Field for DisplayName {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, Self::parse)
    }

    fn schema() -> ObjectBuilder {
        text().min_length(Some(1)).max_length(Some(Self::LONGEST))
    }
}

impl Field for PasskeyName {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, Self::parse)
    }

    fn schema() -> ObjectBuilder {
        text().min_length(Some(1)).max_length(Some(Self::LONGEST))
    }
}

impl Field for Option<PasskeyName> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_text(name, PasskeyName::parse))
    }

    fn schema() -> ObjectBuilder {
        PasskeyName::schema()
    }
}

impl Field for Password {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, Self::parse)
    }

    fn schema() -> ObjectBuilder {
        let password = formatted(KnownFormat::Password);
        password.min_length(Some(Self::SHORTEST)).max_length(Some(Self::LONGEST))
    }
}

impl Field for Option<Password> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_text(name, Password::parse))
    }

    fn schema() -> ObjectBuilder {
        Password::schema()
    }
}

impl Field for NewPassword {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.new_password(name)
    }

    fn schema() -> ObjectBuilder {
        Password::schema()
    }
}

/// The new password once more, if the form asks for it twice.
pub struct PasswordConfirmation;

impl Field for PasswordConfirmation {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.confirm_new_password(name).then_some(Self)
    }

    fn schema() -> ObjectBuilder {
        formatted(KnownFormat::Password)
    }
}

impl Field for SecondFactor {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.text(name, Self::parse)
    }

    fn schema() -> ObjectBuilder {
        text().min_length(Some(1)).max_length(Some(Self::LONGEST))
    }
}

impl Field for Option<SecondFactor> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_text(name, SecondFactor::parse))
    }

    fn schema() -> ObjectBuilder {
        SecondFactor::schema()
    }
}

impl Field for NamedUser {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(Self::read(fields, name))
    }

    fn schema() -> ObjectBuilder {
        text().examples(["66f1c0afde31e2b4c8f09a17"])
    }
}

impl Field for Option<bool> {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(fields.optional_boolean(name))
    }

    fn schema() -> ObjectBuilder {
        bool::schema()
    }
}

impl Field for bool {
    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.boolean(name)
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean))
    }
}

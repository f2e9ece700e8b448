//! From a JSON object to domain types: every invalid field is reported at once.

use serde_json::{Map, Value};

use super::super::error::{ApiError, FieldError};
use crate::domain::invalid::Invalid;
use crate::domain::password::{NewPassword, PasswordPolicy};

/// A body that can be read from fields.
pub trait FromFields: Sized {
    /// Reads the body; `None` if a field that it needs is invalid, which `fields` records.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// The fields of a body, and what is wrong with them.
pub struct Fields {
    object: Map<String, Value>,
    policy: PasswordPolicy,
    /// The field that the new password was read from.
    new_password: Option<&'static str>,
    faults: Vec<FieldError>,
}

impl Fields {
    /// The fields of an object.
    pub fn new(object: Map<String, Value>, policy: PasswordPolicy) -> Self {
        Self { object, policy, new_password: None, faults: Vec::new() }
    }

    /// Reads a whole body.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with every invalid field.
    pub fn read<T: FromFields>(mut self) -> Result<T, ApiError> {
        let body = T::from_fields(&mut self);
        match body {
            Some(body) if self.faults.is_empty() => Ok(body),
            _ => Err(ApiError::Invalid(self.faults)),
        }
    }

    /// A required text.
    pub fn text<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        match self.object.get(field) {
            None => self.missing(field),
            Some(Value::String(text)) => match parse(text) {
                Ok(value) => Some(value),
                Err(rule) => self.fault(field, rule.code, rule.message.to_owned()),
            },
            Some(_) => self.wrong_type(field, "text"),
        }
    }

    /// A text that may be absent or `null`.
    pub fn optional_text<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        match self.object.get(field) {
            None | Some(Value::Null) => None,
            Some(_) => self.text(field, parse),
        }
    }

    /// A required boolean.
    pub fn boolean(&mut self, field: &'static str) -> Option<bool> {
        match self.object.get(field) {
            Some(Value::Bool(value)) => Some(*value),
            Some(_) => self.wrong_type(field, "true or false"),
            None => self.missing(field),
        }
    }

    /// A boolean that may be absent or `null`.
    pub fn optional_boolean(&mut self, field: &'static str) -> Option<bool> {
        match self.object.get(field) {
            None | Some(Value::Null) => None,
            Some(_) => self.boolean(field),
        }
    }

    /// A required value of any type.
    pub fn value<T>(&mut self, field: &'static str, read: impl FnOnce(&Value) -> T) -> Option<T> {
        match self.object.get(field) {
            Some(value) => Some(read(value)),
            None => self.missing(field),
        }
    }

    /// A value of any type that may be absent or `null`.
    pub fn optional_value<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&Value) -> T,
    ) -> Option<T> {
        self.object.get(field).filter(|value| !value.is_null()).map(read)
    }

    /// A new password, under the policy of the service.
    pub fn new_password(&mut self, field: &'static str) -> Option<NewPassword> {
        let policy = self.policy;
        self.new_password = Some(field);
        self.text(field, |text| NewPassword::parse(text, policy))
    }

    /// Whether the new password, which is read before, was typed the same twice, if the form asks for it twice.
    pub fn confirm_new_password(&mut self, field: &'static str) -> bool {
        let Some(repeated) = self.optional_text(field, |text| Ok(text.to_owned())) else {
            return true;
        };
        let given = self.new_password.and_then(|name| self.object.get(name));
        if given.and_then(Value::as_str).is_none_or(|given| given == repeated) {
            return true;
        }
        let message = "The two passwords are not the same.".to_owned();
        self.fault::<()>(field, "password_mismatch", message).is_some()
    }

    fn missing<T>(&mut self, field: &'static str) -> Option<T> {
        self.faults.push(FieldError::missing(field));
        None
    }

    fn wrong_type<T>(&mut self, field: &'static str, wanted: &str) -> Option<T> {
        self.fault(field, "wrong_type", format!("The field \"{field}\" must be {wanted}."))
    }

    fn fault<T>(&mut self, field: &'static str, code: &'static str, message: String) -> Option<T> {
        self.faults.push(FieldError { field, code, message });
        None
    }
}

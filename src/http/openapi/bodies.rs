//! The bodies of requests with the rules that their fields are read by.

#![expect(dead_code, reason = "these describe what the extractors read; nobody makes one")]

use utoipa::ToSchema;

/// Somebody signs up.
#[derive(ToSchema)]
#[schema(example = json!({
    "name": "Ada", "email": "ada@example.com",
    "password": "plum velvet tractor", "passwordConfirm": "plum velvet tractor",
}))]
#[expect(non_snake_case, reason = "the contract names the fields")]
pub struct Registration {
    /// 1 to 100 characters after trimming, none of them a control character.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// ASCII, unquoted, without a colon; trimmed and lower-cased. At most 254 characters.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Any Unicode, NFC-normalised, 8 to 256 characters; in production none of the common ones.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
    /// The same once more, where the form asks for it twice.
    #[schema(format = Password)]
    passwordConfirm: Option<String>,
}

/// Somebody signs in.
#[derive(ToSchema)]
#[schema(example = json!({ "email": "ada@example.com", "password": "plum velvet tractor" }))]
pub struct Login {
    /// The account's address.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Its password.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
}

/// Whom the caller takes itself for; a request acts for the session it carries.
#[derive(ToSchema)]
#[schema(example = json!({}))]
pub struct NamedUser {
    /// The session's own id, where it is sent at all.
    #[schema(example = "66f1c0afde31e2b4c8f09a17")]
    user_id: Option<String>,
}

/// A code.
#[derive(ToSchema)]
#[schema(example = json!({ "token": "123456" }))]
pub struct Code {
    /// Six digits of the authenticator app or a recovery code, spaces and dashes as they come.
    #[schema(min_length = 1, max_length = 64)]
    token: String,
    /// The session's own id, where it is sent at all.
    user_id: Option<String>,
}

/// Every factor, once more.
#[derive(ToSchema)]
#[schema(example = json!({ "password": "plum velvet tractor" }))]
pub struct Factors {
    /// The account's password.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
    /// A code or a recovery code, where two-factor authentication is on.
    #[schema(min_length = 1, max_length = 64)]
    token: Option<String>,
}

/// A new password.
#[derive(ToSchema)]
#[schema(example = json!({
    "current_password": "plum velvet tractor", "new_password": "a saucer of marbles",
}))]
#[expect(non_snake_case, reason = "the contract names the fields")]
pub struct PasswordChange {
    /// The password of now.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    current_password: String,
    /// What it is to be, under the rules of registration.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    new_password: String,
    /// The new one once more, where the form asks for it twice.
    #[schema(format = Password)]
    passwordConfirm: Option<String>,
}

/// The password that a deletion wants.
#[derive(ToSchema)]
#[schema(example = json!({ "password": "plum velvet tractor" }))]
pub struct Farewell {
    /// The account's password.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
}

/// On or off.
#[derive(ToSchema)]
#[schema(example = json!({ "enabled": true }))]
pub struct Switch {
    /// Whether two-factor authentication is to be on.
    enabled: bool,
}

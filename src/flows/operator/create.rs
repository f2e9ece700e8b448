//! Creating an account for someone.

use super::{Operator, OperatorError};
use crate::domain::event::{Cause, EventKind};
use crate::flows::register::Registration;

impl Operator {
    /// Creates an account. It has no known network until its owner signs in.
    ///
    /// # Errors
    ///
    /// [`AuthError::InvalidPassword`](crate::flows::error::AuthError::InvalidPassword),
    /// [`AuthError::AccountExists`](crate::flows::error::AuthError::AccountExists).
    pub async fn create(&self, registration: Registration) -> Result<(), OperatorError> {
        self.auth.store.ensure_indexes().await?;
        let screened = self.auth.screen(&registration.password).await?;
        let id = self.auth.add_account(registration, screened, None).await?;
        self.auth.record(id, EventKind::CreatedByOperator, Cause::Operator);
        Ok(())
    }
}

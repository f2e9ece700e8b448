//! Authenticates other services.

use crate::domain::audience::Audience;
use crate::domain::client::Client;
use crate::flows::Auth;
use crate::flows::error::{AuthError, TokenError};

/// A service that may introspect tokens. Only this file constructs it.
pub struct Service(Audience);

impl Service {
    /// Its name.
    pub(super) fn name(&self) -> &Audience {
        &self.0
    }
}

impl Auth {
    /// Authenticates a service by its name and its secret. Wrong ones count as failed sign-ins of the network; a network
    /// whose budget is spent may still send correct ones.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotAvailable`] without any services, [`TokenError::UnknownService`],
    /// [`AuthError::TooManyAttempts`].
    pub async fn authenticate_service(
        &self,
        presented: Option<(&str, &str)>,
        client: &Client,
    ) -> Result<Service, AuthError> {
        let services = &self.rules.tokens.services;
        if services.is_empty() {
            return Err(TokenError::NotAvailable.into());
        }
        let Some((name, secret)) = presented else {
            return Err(TokenError::UnknownService.into());
        };
        let known = services.iter().find(|(service, _)| service.as_str() == name);
        if let Some((service, _)) = known.filter(|(_, known)| known.is(secret)) {
            return Ok(Service(service.clone()));
        }
        self.charge_network(client).await?.hand_over();
        Err(TokenError::UnknownService.into())
    }
}

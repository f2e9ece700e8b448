//! How to connect to the database.

use std::time::Duration;

use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};

use super::connection_string::{BadUrl, check};
use super::error::StoreError;

/// How to connect to the database.
#[derive(Clone)]
pub struct StoreSettings {
    /// The parsed connection string.
    pub(super) options: ClientOptions,
    /// The database's name.
    pub(super) database: String,
}

impl StoreSettings {
    /// How long the driver looks for a server.
    const SELECTION: Duration = Duration::from_secs(1);
    const CONNECT: Duration = Duration::from_secs(1);
    const POOL_SIZE: u32 = 32;

    /// Parses a connection string. [`StoreError::BadUrl`] does not contain any part of it.
    pub async fn parse(url: &str, database: &str) -> Result<Self, StoreError> {
        check(url)?;
        let parsed = ClientOptions::parse(url).await;
        let mut options = parsed.map_err(|error| BadUrl::of(&error))?;
        options.app_name = Some("twofold".to_owned());
        options.server_selection_timeout = Some(Self::SELECTION);
        options.connect_timeout = Some(Self::CONNECT);
        options.max_pool_size = options.max_pool_size.or(Some(Self::POOL_SIZE));
        options.write_concern =
            Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
        options.read_concern = Some(ReadConcern::local());
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        Ok(Self { options, database: database.to_owned() })
    }

    /// Hosts and ports of the servers, without credentials.
    pub(super) fn servers(&self) -> String {
        let hosts: Vec<String> = self.options.hosts.iter().map(ToString::to_string).collect();
        hosts.join(", ")
    }
}

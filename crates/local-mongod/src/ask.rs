//! What a connection string leads to.

use std::time::Duration;

use mongodb::{
    Client,
    options::{ClientOptions, ServerAddress},
};
use tokio::{net::TcpStream, time::timeout};

use crate::database::credentials_are_wrong;

const TIMEOUT: Duration = Duration::from_secs(2);

/// What a connection string leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing listens there.
    Nothing,
    /// A MongoDB that accepts the credentials of the connection string.
    Accepts,
    /// A MongoDB that refuses the credentials of the connection string.
    Refuses,
    /// Something else, or a MongoDB that doesn't answer within two seconds.
    Other,
}

/// Finds out what a connection string leads to.
pub async fn ask(uri: &str) -> Answer {
    let Ok(mut options) = ClientOptions::parse(uri).await else {
        return Answer::Other;
    };
    if let [ServerAddress::Tcp { host, port }] = options.hosts.as_slice() {
        let connection = TcpStream::connect((host.as_str(), port.unwrap_or(27017)));
        if matches!(timeout(TIMEOUT, connection).await, Ok(Err(_))) {
            return Answer::Nothing;
        }
    }
    options.connect_timeout = Some(TIMEOUT);
    options.server_selection_timeout = Some(TIMEOUT);
    let Ok(client) = Client::with_options(options) else {
        return Answer::Other;
    };

    // Requires a user if authentication is on, but no particular privilege.
    let database = client.default_database().unwrap_or_else(|| client.database("admin"));
    let names = database.list_collection_names().authorized_collections(true);
    match timeout(2 * TIMEOUT, names).await {
        Ok(Ok(_)) => Answer::Accepts,
        Ok(Err(cause)) if credentials_are_wrong(&cause) => Answer::Refuses,
        Ok(Err(_)) | Err(_) => Answer::Other,
    }
}

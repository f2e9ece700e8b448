//! Who answers at a connection string.

use std::time::Duration;

use mongodb::{
    Client,
    options::{ClientOptions, ServerAddress},
};
use tokio::{net::TcpStream, time::timeout};

use crate::database::credentials_are_wrong;

const PATIENCE: Duration = Duration::from_secs(2);

/// Who answers at a connection string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody listens there.
    Nobody,
    /// A MongoDB that lets in whoever has the connection string.
    LetsIn,
    /// A MongoDB that wants other credentials.
    Refuses,
    /// Something that does not answer as a MongoDB, or not within two seconds.
    Something,
}

/// Asks who answers at a connection string.
pub async fn ask(uri: &str) -> Answer {
    let Ok(mut options) = ClientOptions::parse(uri).await else {
        return Answer::Something;
    };
    if let [ServerAddress::Tcp { host, port }] = options.hosts.as_slice() {
        let knock = TcpStream::connect((host.as_str(), port.unwrap_or(27017)));
        if matches!(timeout(PATIENCE, knock).await, Ok(Err(_))) {
            return Answer::Nobody;
        }
    }
    options.connect_timeout = Some(PATIENCE);
    options.server_selection_timeout = Some(PATIENCE);
    let Ok(client) = Client::with_options(options) else {
        return Answer::Something;
    };

    // Needs a user where there is authentication, but none with any particular right.
    let database = client.default_database().unwrap_or_else(|| client.database("admin"));
    let names = database.list_collection_names().authorized_collections(true);
    match timeout(2 * PATIENCE, names).await {
        Ok(Ok(_)) => Answer::LetsIn,
        Ok(Err(cause)) if credentials_are_wrong(&cause) => Answer::Refuses,
        Ok(Err(_)) | Err(_) => Answer::Something,
    }
}

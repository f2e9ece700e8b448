//! The service's settings that say where its database is.

use std::{collections::HashMap, env, io, net::TcpListener};

use mongodb::options::{ConnectionString, HostInfo, ServerAddress};

use crate::dev_error::DevError;

const DOTENV: &str = ".env";
const SERVICE_HOST: &str = "127.0.0.1";
const SERVICE_PORT: u16 = 8000;
const MONGODB_PORT: u16 = 27017;

/// What the environment, or else `.env` in the current folder, says.
pub(crate) struct Settings {
    /// The connection string, with credentials: not to be printed.
    pub(crate) database_url: String,
    /// The database's root user and password.
    pub(crate) root: Option<(String, String)>,
    /// Where the database is to be.
    pub(crate) place: Place,
    service: (String, u16),
}

/// Where a connection string leads to.
pub(crate) enum Place {
    /// A port of this machine.
    Here {
        /// The address as the connection string has it, without credentials.
        address: String,
        /// Its port.
        port: u16,
    },
    /// Another machine, several, or a socket: nothing that could be started here.
    Elsewhere,
}

impl Settings {
    pub(crate) fn read() -> Result<Self, DevError> {
        let dotenv = read_dotenv()?;
        let value = |name: &'static str| {
            let set = env::var_os(name).map(|value| value.to_string_lossy().into_owned());
            set.or_else(|| dotenv.get(name).cloned()).filter(|value| !value.is_empty())
        };
        let database_url = value("DATABASE_URL").ok_or(DevError::NoDatabaseUrl)?;
        let parsed =
            ConnectionString::parse(&database_url).map_err(|_cause| DevError::BadDatabaseUrl)?;
        let named = parsed.credential.and_then(|user| user.username.zip(user.password));
        let root = value("MONGO_INITDB_ROOT_USERNAME").zip(value("MONGO_INITDB_ROOT_PASSWORD"));
        let port = value("PORT").map_or(Ok(SERVICE_PORT), |port| {
            port.parse().map_err(|_cause| DevError::BadPort { value: port })
        })?;
        Ok(Self {
            database_url,
            root: root.or(named),
            place: place(&parsed.host_info),
            service: (value("HOST").unwrap_or_else(|| SERVICE_HOST.to_owned()), port),
        })
    }

    /// Refuses when the service's own port is taken: better told now than after building it.
    pub(crate) fn check_service_port(&self) -> Result<(), DevError> {
        let (host, port) = &self.service;
        match TcpListener::bind((host.as_str(), *port)) {
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {
                Err(DevError::ServicePortTaken { port: *port })
            }
            _ => Ok(()), // whatever else is wrong, the service tells better
        }
    }
}

fn read_dotenv() -> Result<HashMap<String, String>, DevError> {
    match dotenvy::from_path_iter(DOTENV) {
        Ok(lines) => lines.collect::<Result<_, _>>().map_err(|_cause| DevError::BadDotenv),
        Err(cause) if cause.not_found() => Ok(HashMap::new()),
        Err(_) => Err(DevError::BadDotenv),
    }
}

fn place(hosts: &HostInfo) -> Place {
    match hosts {
        HostInfo::HostIdentifiers(hosts) => match hosts.as_slice() {
            [ServerAddress::Tcp { host, port }] if host == "localhost" || host == "127.0.0.1" => {
                let port = port.unwrap_or(MONGODB_PORT);
                Place::Here { address: format!("{host}:{port}"), port }
            }
            _ => Place::Elsewhere,
        },
        _ => Place::Elsewhere,
    }
}

//! The service's settings that `dev` needs.

use std::{collections::HashMap, env, io, net::TcpListener};

use mongodb::options::{ConnectionString, HostInfo, ServerAddress};

use crate::dev_error::DevError;

const DOTENV: &str = ".env";
const SERVICE_HOST: &str = "127.0.0.1";
const SERVICE_PORT: u16 = 8000;
const MONGODB_PORT: u16 = 27017;

/// Settings from the environment, or else from `.env` in the current folder.
pub(crate) struct Settings {
    /// The connection string. It contains credentials and must not be printed.
    pub(crate) database_url: String,
    /// The database's root user and password.
    pub(crate) root: Option<(String, String)>,
    /// Where the database is.
    pub(crate) place: Place,
    service: (String, u16),
}

/// Where a connection string leads to.
pub(crate) enum Place {
    /// A port of this machine.
    Here {
        /// The address in the connection string, without credentials.
        address: String,
        /// Its port.
        port: u16,
    },
    /// Another machine, several machines, or a socket.
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

    /// Returns an error if the service's port is in use, to report it before the service is built.
    pub(crate) fn check_service_port(&self) -> Result<(), DevError> {
        let (host, port) = &self.service;
        match TcpListener::bind((host.as_str(), *port)) {
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {
                Err(DevError::ServicePortTaken { port: *port })
            }
            _ => Ok(()), // the service reports other errors
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

//! Configuring and starting a `mongod`.

use std::{
    fs::{self, File},
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    net::TcpListener,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tokio::task::JoinSet;

use crate::{
    database::RootUser,
    error::Error,
    find::find,
    folder::Folder,
    mongod::{Membership, Mongod},
    replica_set::ReplicaSet,
};

/// The key file's content. The members of a replica set listen on the loopback interface only.
const SET_KEY: &str = "membersOfOneReplicaSetOnThisMachine";

/// Ports are chosen from this range. It is below the range of ephemeral ports, so that a port is still free
/// when a stopped `mongod` starts again.
const PORTS: std::ops::Range<u16> = 20_000..27_000;
const ATTEMPTS: u32 = 10;

/// Configures a [`Mongod`]; created by [`Mongod::temporary`] and [`Mongod::keeping`].
#[derive(Clone)]
pub struct Builder {
    place: Place,
    port: Option<u16>,
    root: Option<RootUser>,
    parameters: Vec<String>,
}

#[derive(Clone)]
enum Place {
    TemporaryIn(PathBuf),
    At(PathBuf),
}

impl Mongod {
    /// A `mongod` with temporary data, in a new folder inside `parent`.
    #[must_use]
    pub fn temporary(parent: impl Into<PathBuf>) -> Builder {
        Builder::new(Place::TemporaryIn(parent.into()))
    }

    /// A `mongod` that keeps its data in `folder`.
    #[must_use]
    pub fn keeping(folder: impl Into<PathBuf>) -> Builder {
        Builder::new(Place::At(folder.into()))
    }
}

impl Builder {
    fn new(place: Place) -> Self {
        Self { place, port: None, root: None, parameters: Vec::new() }
    }

    /// Listens on this port of 127.0.0.1 instead of a free one. The members of a replica set listen on this
    /// port and the following ones.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Enables authentication, with a root user of this name and password.
    #[must_use]
    pub fn root_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.root = Some(RootUser { name: name.into(), password: password.into() });
        self
    }

    /// Sets a server parameter, such as `enableTestCommands=1`.
    #[must_use]
    pub fn parameter(mut self, assignment: impl Into<String>) -> Self {
        self.parameters.push(assignment.into());
        self
    }

    /// Finds or fetches a `mongod`, starts it, and waits until it answers and has its root user.
    ///
    /// # Errors
    ///
    /// If there is no `mongod`, if it does not start, or if its data has another root user.
    pub async fn start(self) -> Result<Mongod, Error> {
        let mut mongod = self.start_one(None).await?;
        mongod.create_root().await?;
        Ok(mongod)
    }

    /// Starts a replica set with this number of `members`, and waits until one of them is primary.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start), and if no primary is elected in time.
    pub async fn start_replica_set(self, members: u16) -> Result<ReplicaSet, Error> {
        self.start_replica_set_behind(members, async |port| Ok(port)).await
    }

    /// The same, but the members and clients reach each member at the port that `proxied` returns for the
    /// member's own one: a proxy can then delay or cut the connections to it.
    ///
    /// # Errors
    ///
    /// Those of [`start_replica_set`](Self::start_replica_set), and those of `proxied`.
    pub async fn start_replica_set_behind(
        self,
        members: u16,
        mut proxied: impl AsyncFnMut(u16) -> io::Result<u16>,
    ) -> Result<ReplicaSet, Error> {
        let mut starting = JoinSet::new();
        for index in 0..members {
            let membership = Membership { set: ReplicaSet::NAME, index };
            let member = self.clone();
            starting.spawn(async move { (index, member.start_one(Some(membership)).await) });
        }
        let mut started = starting.join_all().await;
        started.sort_by_key(|(index, _)| *index);
        let members: Vec<Mongod> =
            started.into_iter().map(|(_, member)| member).collect::<Result<_, Error>>()?;
        let mut ports = Vec::new();
        for member in &members {
            ports.push(proxied(member.port()).await.map_err(|cause| Error::Proxy { cause })?);
        }
        ReplicaSet::form(members, ports).await
    }

    async fn start_one(self, membership: Option<Membership>) -> Result<Mongod, Error> {
        let executable = find().await?;
        let folder = self.folder(membership)?;
        let arguments = self.arguments(&folder, membership)?;
        let fixed = self.port.map(|first| first.saturating_add(membership.map_or(0, |m| m.index)));
        let mut mongod = Mongod::new(executable, arguments, folder, self.root, membership);
        let mut attempt = 1;
        loop {
            mongod.port = fixed.map_or_else(free_port, Ok)?;
            match mongod.start().await {
                Err(Error::PortTaken { .. }) if fixed.is_none() && attempt < ATTEMPTS => {
                    attempt += 1;
                }
                other => return other.map(|()| mongod),
            }
        }
    }

    fn folder(&self, membership: Option<Membership>) -> Result<Folder, Error> {
        match (&self.place, membership) {
            (Place::TemporaryIn(parent), _) => Folder::temporary(parent, "mongod"),
            (Place::At(path), None) => Folder::kept(path),
            (Place::At(path), Some(member)) => {
                Folder::kept(&path.join(format!("member-{}", member.index)))
            }
        }
    }

    fn arguments(
        &self,
        folder: &Folder,
        membership: Option<Membership>,
    ) -> Result<Vec<String>, Error> {
        let mut arguments = vec![
            "--bind_ip=127.0.0.1".to_owned(),
            "--nounixsocket".to_owned(),
            "--wiredTigerCacheSizeGB=0.25".to_owned(),
            "--setParameter=diagnosticDataCollectionEnabled=false".to_owned(),
        ];
        if folder.is_temporary() {
            // Reduces the disk space of an empty database to a tenth.
            arguments.push("--wiredTigerEngineConfigString=log=(file_max=16MB)".to_owned());
        }
        if let Some(member) = membership {
            arguments.push(format!("--replSet={}", member.set));
            arguments.push("--oplogSize=256".to_owned());
        }
        match (&self.root, membership) {
            (None, _) => {}
            (Some(_), None) => arguments.push("--auth".to_owned()),
            (Some(_), Some(_)) => {
                let key = folder.path().join("key");
                write_key(&key).map_err(|cause| Error::folder(&key, &cause))?;
                arguments.push(format!("--keyFile={}", key.display()));
            }
        }
        arguments.extend(self.parameters.iter().map(|set| format!("--setParameter={set}")));
        Ok(arguments)
    }
}

/// Writes the key file of a replica set, readable by this user only.
fn write_key(path: &Path) -> io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(SET_KEY.as_bytes())
}

/// A port that is free now. Another process may take it before `mongod` does.
fn free_port() -> Result<u16, Error> {
    let count = PORTS.end - PORTS.start;
    let chance = RandomState::new().hash_one(()) % u64::from(count);
    let first = u16::try_from(chance).unwrap_or(0);
    (0..count)
        .map(|step| PORTS.start + (first + step) % count)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or(Error::PortTaken { port: PORTS.start })
}

//! A replica set of three, each member behind a proxy.

use std::path::Path;
use std::time::Duration;

use local_mongod::{Mongod, ReplicaSet};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::proxy::Proxy;

const MEMBERS: u16 = 3;

/// Three `mongod`s, which end with this value.
pub struct Cluster {
    set: ReplicaSet,
    proxies: Vec<Proxy>,
}

impl Cluster {
    /// Starts it with temporary data in `folder`.
    pub async fn start(folder: &Path) -> Self {
        let mut proxies = Vec::new();
        let front = async |port| {
            let proxy = Proxy::to(port).await?;
            proxies.push(proxy);
            Ok(proxies.last().map_or(port, Proxy::port))
        };
        let set = Mongod::temporary(folder).start_replica_set_behind(MEMBERS, front).await;
        Self { set: set.unwrap(), proxies }
    }

    /// Its connection string.
    #[must_use]
    pub fn uri(&self) -> String {
        self.set.uri()
    }

    /// Waits for a primary and returns its number.
    pub async fn primary(&self) -> usize {
        self.set.primary().await.unwrap()
    }

    /// A member.
    pub fn member(&mut self, number: usize) -> &mut Mongod {
        self.set.member(number).unwrap()
    }

    /// Kills a member. What it sent that has not arrived yet is lost with it.
    pub async fn kill(&mut self, number: usize) {
        self.cut(number, true);
        self.member(number).kill().await.unwrap();
        self.cut(number, false);
    }

    /// Cuts the connections to a member, or ends that.
    pub fn cut(&self, number: usize, is_cut: bool) {
        self.proxies[number].faults.cut(is_cut);
    }

    /// Delays what the service sends to every member.
    pub fn slow_down(&self, delay: Duration) {
        self.proxies.iter().for_each(|proxy| proxy.faults.delay_service(delay));
    }

    /// Delays replication. A write that waits for a majority waits for it.
    pub fn delay_replication(&self, delay: Duration) {
        self.proxies.iter().for_each(|proxy| proxy.faults.delay_members(delay));
    }

    /// Takes all disk space from every member: no file of theirs may grow or be written any more, which is to
    /// `mongod` what a full disk is. Each ends at its next write.
    pub fn fill_disks(&mut self) {
        for number in 0..usize::from(MEMBERS) {
            let Ok(process) = self.member(number).pid() else { continue };
            let process = Pid::from_raw(process.cast_signed());
            let limit = Rlimit { current: Some(0), maximum: None };
            prlimit(process, Resource::Fsize, limit).unwrap();
        }
    }

    /// Starts every member that does not run.
    pub async fn start_all(&mut self) {
        for number in 0..usize::from(MEMBERS) {
            self.member(number).start().await.unwrap();
        }
    }
}

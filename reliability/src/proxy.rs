//! A TCP proxy in front of a `mongod` that delays and cuts connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The name that the Rust driver gives in its first message. Members of the set give another one.
const DRIVER: &[u8] = b"mongo-rust-driver";
const CHUNK: usize = 64 * 1024;

/// What a proxy does to its connections.
#[derive(Debug)]
pub struct Faults {
    is_cut: watch::Sender<bool>,
    service_delay: AtomicU64,
    members_delay: AtomicU64,
}

impl Faults {
    /// Drops everything silently from now on, in both directions, or ends that. Connections from before then are
    /// closed when it ends.
    pub fn cut(&self, is_cut: bool) {
        self.is_cut.send_replace(is_cut);
    }

    /// Delays each message from the service by this.
    pub fn delay_service(&self, delay: Duration) {
        self.service_delay.store(millis(delay), Ordering::Relaxed);
    }

    /// Delays each message to the other members by this: they replicate later.
    pub fn delay_members(&self, delay: Duration) {
        self.members_delay.store(millis(delay), Ordering::Relaxed);
    }
}

fn millis(delay: Duration) -> u64 {
    u64::try_from(delay.as_millis()).unwrap()
}

/// A running proxy, which ends with this value.
#[derive(Debug)]
pub struct Proxy {
    /// What it does to its connections.
    pub faults: Arc<Faults>,
    port: u16,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy for a port of this machine.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let faults = Arc::new(Faults {
            is_cut: watch::Sender::new(false),
            service_delay: AtomicU64::new(0),
            members_delay: AtomicU64::new(0),
        });
        let (own, shared) = (listener.local_addr()?.port(), Arc::clone(&faults));
        let task = tokio::spawn(async move {
            let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target, Arc::clone(&shared)));
            }
        });
        Ok(Self { faults, port: own, task })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Forwards one connection. It is closed as soon as either side closes it, and after a cut.
async fn serve(client: TcpStream, target: SocketAddr, faults: Arc<Faults>) {
    let mut cut = faults.is_cut.subscribe();
    if *cut.borrow_and_update() {
        let _healed = cut.wait_for(|is_cut| !is_cut).await;
        return;
    }
    let forwarded = forward(client, target, &faults);
    tokio::pin!(forwarded);
    tokio::select! {
        _closed = &mut forwarded => return,
        _cut = cut.wait_for(|is_cut| *is_cut) => {}
    }
    // Neither side hears that the connection is gone until the cut ends.
    let _healed = cut.wait_for(|is_cut| !is_cut).await;
}

async fn forward(mut client: TcpStream, target: SocketAddr, faults: &Faults) -> io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut first = vec![0; CHUNK];
    let length = client.read(&mut first).await?;
    let is_service = first[..length].windows(DRIVER.len()).any(|part| part == DRIVER);
    server.write_all(&first[..length]).await?;
    let (up, down) = if is_service {
        (Some(&faults.service_delay), None)
    } else {
        (None, Some(&faults.members_delay))
    };
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    tokio::select! {
        ended = pump(from_client, to_server, up) => ended,
        ended = pump(from_server, to_client, down) => ended,
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Option<&AtomicU64>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        let delay = delay.map_or(0, |delay| delay.load(Ordering::Relaxed));
        if delay > 0 {
            sleep(Duration::from_millis(delay)).await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}

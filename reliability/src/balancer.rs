//! A load balancer that does what ordinary reverse proxies do: it keeps connections to the instances, asks them whether
//! they are ready, and sends a request to the next instance only if one refuses the connection.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

/// Shorter than the service's `KEEP_ALIVE`.
const IDLE: Duration = Duration::from_secs(2);

/// How often instances are asked, and how long they have to answer.
const PROBE: Duration = Duration::from_millis(100);

/// A running load balancer, which ends with this value.
pub struct Balancer {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

struct Shared {
    instances: Mutex<Vec<SocketAddr>>,
    /// Those that said that they are not ready.
    leaving: Mutex<HashSet<SocketAddr>>,
    next: AtomicUsize,
    idle: Mutex<Vec<Idle>>,
    reused: AtomicUsize,
}

/// A connection that may be used again.
struct Idle {
    instance: SocketAddr,
    stream: TcpStream,
    since: Instant,
}

/// A request or a response, as it was received.
struct Message {
    bytes: Vec<u8>,
    /// Whether the connection is used no more.
    closes: bool,
}

impl Balancer {
    /// Starts one for these instances.
    pub async fn start(instances: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            instances: Mutex::new(instances),
            leaving: Mutex::default(),
            next: AtomicUsize::default(),
            idle: Mutex::default(),
            reused: AtomicUsize::default(),
        });
        let (of_probes, of_clients) = (Arc::clone(&shared), Arc::clone(&shared));
        let probing = tokio::spawn(async move { of_probes.probe().await });
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&of_clients);
                // A client whose request fails sees its connection end.
                tokio::spawn(async move { shared.serve(client).await.unwrap_or_default() });
            }
        });
        Self { address, shared, tasks: [probing, serving] }
    }

    /// Exchanges the address of an instance, which has started again.
    pub fn exchange(&self, former: SocketAddr, new: SocketAddr) {
        locked(&self.shared.leaving).remove(&new);
        for address in locked(&self.shared.instances).iter_mut().filter(|one| **one == former) {
            *address = new;
        }
    }

    /// How many requests were sent on a connection that was used before.
    #[must_use]
    pub fn reused(&self) -> usize {
        self.shared.reused.load(Ordering::Relaxed)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    /// Asks the instances again and again whether they are ready. One that does not answer keeps its turn: a connection
    /// that it refuses loses nothing.
    async fn probe(&self) {
        let mut next = interval(PROBE);
        loop {
            next.tick().await;
            let instances = locked(&self.instances).clone();
            for instance in instances {
                if let Ok(Ok(false)) = timeout(PROBE, is_ready(instance)).await {
                    locked(&self.leaving).insert(instance);
                }
            }
        }
    }

    /// Forwards one request.
    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let request = Message::receive(&mut client).await?;
        let (instance, mut server) = self.connect().await?;
        // From here on it may have taken effect, so it is not repeated.
        server.write_all(&request.bytes).await?;
        let response = Message::receive(&mut server).await?;
        if !response.closes {
            locked(&self.idle).push(Idle { instance, stream: server, since: Instant::now() });
        }
        client.write_all(&response.bytes).await?;
        client.shutdown().await
    }

    /// A connection to the instance whose turn it is, or to the next one that accepts it.
    async fn connect(&self) -> io::Result<(SocketAddr, TcpStream)> {
        let mut instances = locked(&self.instances).clone();
        instances.retain(|instance| !locked(&self.leaving).contains(instance));
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut refused = io::ErrorKind::NotFound.into();
        for step in 0..instances.len() {
            let instance = instances[(first + step) % instances.len()];
            if let Some(stream) = self.take_idle(instance) {
                self.reused.fetch_add(1, Ordering::Relaxed);
                return Ok((instance, stream));
            }
            match TcpStream::connect(instance).await {
                Ok(stream) => return Ok((instance, stream)),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// The connection to an instance that was used last, if the instance has not closed it.
    fn take_idle(&self, instance: SocketAddr) -> Option<TcpStream> {
        let mut idle = locked(&self.idle);
        idle.retain(|one| one.since.elapsed() < IDLE && is_open(&one.stream));
        let last = idle.iter().rposition(|one| one.instance == instance)?;
        Some(idle.remove(last).stream)
    }
}

impl Message {
    /// Reads one whose length is in its head.
    async fn receive(stream: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
                break String::from_utf8_lossy(&bytes[..end + 4]).to_ascii_lowercase();
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        assert!(!head.contains("\r\ntransfer-encoding:"), "{head}");
        let length = head
            .split("\r\ncontent-length:")
            .nth(1)
            .map_or(0, |rest| rest.split('\r').next().unwrap_or_default().trim().parse().unwrap());
        let mut body = vec![0; (head.len() + length).saturating_sub(bytes.len())];
        stream.read_exact(&mut body).await?;
        bytes.extend(body);
        Ok(Self { bytes, closes: head.contains("\r\nconnection: close\r\n") })
    }
}

/// Whether an instance says that it is ready.
async fn is_ready(instance: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(instance).await?;
    let probe = "GET /health/ready HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";
    stream.write_all(probe.as_bytes()).await?;
    Ok(Message::receive(&mut stream).await?.bytes.starts_with(b"HTTP/1.1 200"))
}

/// Whether the other side has neither closed the connection nor sent anything.
fn is_open(stream: &TcpStream) -> bool {
    let read = stream.try_read(&mut [0]);
    read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A load balancer as small as it can be: round-robin by connection, and the next instance if one does not listen.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running load balancer, which ends with this value.
pub struct Balancer {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    rotation: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
}

impl Balancer {
    /// Starts one for these instances.
    pub async fn start(rotation: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared =
            Arc::new(Shared { rotation: Mutex::new(rotation), next: AtomicUsize::default() });
        let of_task = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&of_task)));
            }
        });
        Self { address, shared, task }
    }

    /// Sends no more connections to an instance.
    pub fn remove(&self, instance: SocketAddr) {
        self.rotation().retain(|one| *one != instance);
    }

    /// Sends connections to another instance.
    pub fn add(&self, instance: SocketAddr) {
        self.rotation().push(instance);
    }

    fn rotation(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.shared.rotation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Forwards a connection, as soon as the client has sent the beginning of its request.
async fn serve(mut client: TcpStream, shared: Arc<Shared>) {
    let mut begun = vec![0; 16 * 1024];
    let Ok(length) = client.read(&mut begun).await else { return };
    let rotation = shared.rotation.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let first = shared.next.fetch_add(1, Ordering::Relaxed);
    for step in 0..rotation.len() {
        let instance = rotation[(first + step) % rotation.len()];
        let Ok(mut server) = TcpStream::connect(instance).await else { continue };
        if server.write_all(&begun[..length]).await.is_err() {
            return;
        }
        let _closed = copy_bidirectional(&mut client, &mut server).await;
        return;
    }
}

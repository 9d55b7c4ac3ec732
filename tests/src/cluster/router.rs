//! What is in front of the nodes: a plain TCP proxy. A new connection goes to a live node; an established one ends with
//! its node. It knows nothing of requests, sessions or sockets: the product relies on no balancer that does.
//!
//! It is also the network between agents and nodes, which can be cut: then nothing gets through and nobody is told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A router. It ends with the last handle to it.
#[derive(Debug, Clone)]
pub struct Router {
    address: SocketAddr,
    nodes: Nodes,
    /// Whether bytes get through.
    flow: Arc<watch::Sender<bool>>,
}

/// The live nodes, and whose turn it is.
#[derive(Debug, Clone, Default)]
pub struct Nodes(Arc<(Mutex<Vec<SocketAddr>>, AtomicUsize)>);

impl Nodes {
    /// Sets the live nodes from now on.
    pub fn set(&self, nodes: Vec<SocketAddr>) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = nodes;
    }

    /// All of them, starting with the one whose turn it is.
    fn in_turn(&self) -> Vec<SocketAddr> {
        let mut nodes = self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !nodes.is_empty() {
            let turn = self.0.1.fetch_add(1, Ordering::Relaxed) % nodes.len();
            nodes.rotate_left(turn);
        }
        nodes
    }

    /// Connects to the first one that answers.
    async fn connect(&self) -> Option<TcpStream> {
        for node in self.in_turn() {
            if let Ok(stream) = TcpStream::connect(node).await {
                return Some(stream);
            }
        }
        None
    }
}

impl Router {
    /// Starts a router to `nodes`, on a port of its own.
    pub async fn start(nodes: Nodes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (flow, flowing) = watch::channel(true);
        tokio::spawn(accept(listener, nodes.clone(), flowing));
        Self { address, nodes, flow: Arc::new(flow) }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Another route to the same nodes, which can be cut separately.
    pub async fn another(&self) -> Self {
        Self::start(self.nodes.clone()).await
    }

    /// Cuts the network: connections remain, new ones are accepted, and nothing gets through.
    pub fn cut(&self) {
        self.flow.send_replace(false);
    }

    /// Mends it: what was sent meanwhile arrives, as TCP ensures.
    pub fn mend(&self) {
        self.flow.send_replace(true);
    }
}

/// Accepts until the last handle to the router has gone.
async fn accept(listener: TcpListener, nodes: Nodes, flowing: watch::Receiver<bool>) {
    let mut end = flowing.clone();
    let mut end = std::pin::pin!(async move { while end.changed().await.is_ok() {} });
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (nodes, flowing) = (nodes.clone(), flowing.clone());
                tokio::spawn(async move { join(stream, &nodes, flowing).await });
            }
            () = &mut end => return,
        }
    }
}

/// Joins a connection to one with a node until either ends, or the router does.
async fn join(agent: TcpStream, nodes: &Nodes, mut flowing: watch::Receiver<bool>) {
    if flowing.wait_for(|flows| *flows).await.is_err() {
        return;
    }
    let Some(node) = nodes.connect().await else { return };
    if agent.set_nodelay(true).and(node.set_nodelay(true)).is_err() {
        return; // one has gone already
    }
    let (from_agent, to_agent) = agent.into_split();
    let (from_node, to_node) = node.into_split();
    tokio::select! {
        () = carry(from_agent, to_node, flowing.clone()) => {}
        () = carry(from_node, to_agent, flowing) => {}
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut flowing: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        let flows = flowing.wait_for(|flows| *flows).await.is_ok();
        if !flows || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

//! The two ports of `dev`: one for the Worker, and the next one for the page of messages.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use anyhow::{Context, Result, bail};

/// Two consecutive ports.
#[derive(Clone, Copy)]
pub(super) struct Ports {
    /// The Worker's, which the command line names.
    pub(super) worker: u16,
    /// The page of messages: the next one.
    pub(super) messages: u16,
}

impl Ports {
    pub(super) fn at(worker: u16) -> Result<Self> {
        let messages = worker.checked_add(1);
        let messages = messages.with_context(|| format!("there is no port after {worker}, and messages need one"))?;
        Ok(Self { worker, messages })
    }

    /// Refuses ports that something else listens on, and says what to type.
    pub(super) fn check(self) -> Result<()> {
        let Self { worker, messages } = self;
        let (taken, what) = if is_taken(Ipv4Addr::LOCALHOST, worker)? {
            (worker, format!("port {worker} is taken"))
        } else if is_taken(Ipv6Addr::LOCALHOST, worker)? {
            (worker, format!("port {worker} is taken at [::1], and `localhost` may lead there"))
        } else if is_taken(Ipv4Addr::LOCALHOST, messages)? {
            (messages, format!("port {messages} is taken, where the messages of the Worker at {worker} would be"))
        } else {
            return Ok(());
        };
        let other = match self.next_free() {
            Some(port) => format!("serve elsewhere with `cargo xtask dev --port {port}`"),
            None => "end it".to_owned(),
        };
        bail!(
            "{what}: is `cargo xtask dev` running in another clone? `lsof -i :{taken}` shows what is listening; or \
             {other}"
        )
    }

    /// The first port after these that is free along with its successor.
    fn next_free(self) -> Option<u16> {
        let mut others = (self.messages..u16::MAX).filter_map(|port| Self::at(port).ok());
        others.find(|ports| ports.are_free()).map(|ports| ports.worker)
    }

    fn are_free(self) -> bool {
        let is_free = |address: IpAddr, port| matches!(is_taken(address, port), Ok(false));
        is_free(Ipv4Addr::LOCALHOST.into(), self.worker)
            && is_free(Ipv6Addr::LOCALHOST.into(), self.worker)
            && is_free(Ipv4Addr::LOCALHOST.into(), self.messages)
    }
}

/// Whether something listens there. On a machine without IPv6, nothing does at its addresses.
fn is_taken(address: impl Into<IpAddr>, port: u16) -> Result<bool> {
    let address = address.into();
    match TcpListener::bind((address, port)) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(true),
        Err(_) if address.is_ipv6() => Ok(false),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be listened on")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    /// Two ports that nothing listens on and no other of these tests takes, not even in another clone.
    fn free() -> Ports {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let ours = 10_000 + u16::try_from(std::process::id() % 200).unwrap() * 100;
        loop {
            let ports = Ports::at(ours + NEXT.fetch_add(10, Ordering::Relaxed)).unwrap();
            if ports.are_free() {
                return ports;
            }
        }
    }

    fn listen(address: impl Into<IpAddr>, port: u16) -> TcpListener {
        TcpListener::bind((address.into(), port)).unwrap()
    }

    /// The port that a refusal offers.
    fn offered(refusal: &str) -> Ports {
        let port = refusal.split_once("cargo xtask dev --port ").and_then(|(_, rest)| rest.strip_suffix('`'));
        Ports::at(port.unwrap_or_else(|| panic!("{refusal}")).parse().unwrap()).unwrap()
    }

    #[test]
    fn a_taken_port_is_refused_with_another_one_that_is_free_as_is_the_one_after_it() {
        let ports = free();
        let _worker = listen(Ipv4Addr::LOCALHOST, ports.worker);
        let _messages = listen(Ipv4Addr::LOCALHOST, ports.messages);
        let _other = listen(Ipv4Addr::LOCALHOST, ports.messages + 2);
        let refusal = ports.check().unwrap_err().to_string();
        assert!(refusal.starts_with(&format!("port {} is taken: ", ports.worker)), "{refusal}");
        let other = offered(&refusal);
        assert!(other.worker > ports.messages + 2 && other.check().is_ok(), "{refusal}");
    }

    #[test]
    fn of_a_taken_port_beside_it_is_said_what_it_is_for() {
        let ports = free();
        let _messages = listen(Ipv4Addr::LOCALHOST, ports.messages);
        let refusal = ports.check().unwrap_err().to_string();
        let what = format!("port {} is taken, where the messages of the Worker at {}", ports.messages, ports.worker);
        assert!(refusal.starts_with(&what), "{refusal}");
        assert!(offered(&refusal).check().is_ok(), "{refusal}");
    }

    #[test]
    fn a_port_that_another_program_has_at_the_other_address_of_localhost_is_refused() {
        let ports = free();
        // Without IPv6 there is nothing to be refused.
        if let Ok(_other) = TcpListener::bind((Ipv6Addr::LOCALHOST, ports.worker)) {
            let refusal = ports.check().unwrap_err().to_string();
            assert!(refusal.contains("is taken at [::1], and `localhost` may lead there"), "{refusal}");
            assert_ne!(offered(&refusal).worker, ports.worker);
        }
    }

    #[test]
    fn the_last_port_has_none_beside_it() {
        assert!(free().check().is_ok());
        assert!(Ports::at(u16::MAX).is_err());
    }
}

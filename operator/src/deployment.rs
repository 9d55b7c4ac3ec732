//! A deployment, as it is reached from here.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use ureq::Agent;
use url::Url;

use crate::declarations::address::is_of_this_machine;
use crate::failure::Failure;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A deployment at an address.
pub(crate) struct Deployment {
    pub(crate) url: Url,
    pub(crate) agent: Agent,
}

/// The content of `/.well-known/jwks.json` (RFC 7517, section 5).
#[derive(Deserialize)]
struct Published {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
}

impl Deployment {
    /// The deployment at `server`. Nobody must be able to read what is sent there or what it answers.
    pub(crate) fn at(server: &str) -> Result<Self, Failure> {
        let unusable = |why: &str| Failure::Refused(format!("--server {server}: {why}"));
        let url =
            Url::parse(server).map_err(|_| unusable("it must be an address such as https://agents.example.com"))?;
        let is_here = url.host_str().is_some_and(is_of_this_machine);
        if !(url.scheme() == "https" || url.scheme() == "http" && is_here) {
            return Err(unusable("it must begin with https://, or with http:// on this machine"));
        }
        let config = Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        // Nobody has named the target of a redirect: nothing is sent there.
        let agent = config.max_redirects(0).max_redirects_will_error(false).build().into();
        Ok(Self { url, agent })
    }

    /// Why it gave no answer.
    pub(crate) fn not_asked(&self, error: &ureq::Error) -> Failure {
        let told = error.to_string();
        // The library's way of saying that the answer does not begin like TLS.
        let why = if told.contains("InvalidContentType") {
            "what answers there does not speak TLS: should it be http://, or another port?"
        } else {
            &told
        };
        Failure::failed(format!("{} could not be reached: {why}", self.url))
    }

    /// The ids of the public keys of the set in force there.
    pub(crate) fn published_keys(&self) -> Result<BTreeSet<String>, Failure> {
        let server = self.url.as_str();
        let mut url = self.url.clone();
        url.set_path("/.well-known/jwks.json");
        let asked = self.agent.get(url.as_str()).call();
        let mut answer = asked.map_err(|error| self.not_asked(&error))?;
        let text = answer.body_mut().read_to_string().map_err(Failure::failed)?;
        let strange = || Failure::failed(format!("{server} answered {}, without any keys", answer.status().as_u16()));
        let published: Published = serde_json::from_str(&text).map_err(|_| strange())?;
        Ok(published.keys.into_iter().map(|key| key.kid).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_asked_in_the_clear_on_this_machine_alone() {
        for server in [
            "https://agents.example.com",
            "http://localhost:8787",
            "http://acme.localhost",
            "http://127.0.0.1",
            "http://[::1]:8787",
        ] {
            assert!(Deployment::at(server).is_ok(), "{server}");
        }
        for server in ["http://agents.example.com", "http://localhost.example.com", "ftp://localhost", "agents", ""] {
            assert!(matches!(Deployment::at(server).err(), Some(Failure::Refused(_))), "{server}");
        }
    }
}

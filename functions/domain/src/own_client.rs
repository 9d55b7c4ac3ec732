//! `OneContact Agent` as an application of `OneContactLogin`: an install sends its agents there to sign in, and takes
//! them back (L6). It asks like any other application (RFC 6749, section 4.1; RFC 7636).
//!
//! The same Worker asks the account's guard what the code stands for: through the token endpoint, the Worker would be
//! calling itself over the network.

use kv_schema::directory::{Client, ClientAuth, Install, Instance, LoginSite, SigningAlg};
use kv_schema::names::{ClientId, InstallName, InstallSpelling, RedirectUri, SiteAddress, Username};
use kv_schema::record::Version;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use url::form_urlencoded::Serializer;

use crate::address::{Home, Page, issuer};
use crate::openid::{Params, challenge_of};
use crate::token::Kind;

/// What precedes an install's name in its id as an application.
const PREFIX: &str = "OneAgentWeb_";
/// What agents are told they are signing in to.
const NAME: &str = "OneContact Agent";

/// The install whose id as an application this is, if it is one.
#[must_use]
pub fn install_of(id: &ClientId) -> Option<InstallName> {
    InstallName::parse(id.as_str().strip_prefix(PREFIX)?).ok()
}

/// An install's id as an application.
#[must_use]
pub fn id_of(install: &InstallSpelling) -> Option<ClientId> {
    ClientId::parse(&[PREFIX, install.as_str()].concat()).ok()
}

/// Host and port of an address, for looking up whose it is.
#[must_use]
pub fn host_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://")?.1;
    rest.split(['/', '?', '#']).next()
}

/// Where an install takes back agents of `instance` whom it sent away: at the instance's own address, otherwise at that
/// of `OneContactLogin`.
#[must_use]
pub fn address<'a>(site: &'a LoginSite, instance: Option<&'a Instance>) -> &'a SiteAddress {
    instance.and_then(|instance| instance.address.as_ref()).unwrap_or(&site.address)
}

fn redirect_uri(install: &InstallSpelling, address: &SiteAddress) -> String {
    format!("{address}{}", Home::of(install).page(Page::SignedIn))
}

/// An install as a client. It may have agents sent back to `OneContactLogin`'s own address, and to that of `instance`.
/// It has no secret: its codes are of no use at the token endpoint.
#[must_use]
pub fn client(site: &LoginSite, install: &Install, id: ClientId, instance: Option<&Instance>) -> Option<Client> {
    if Some(&id) != id_of(&install.name).as_ref() {
        return None;
    }
    let addresses = [address(site, None), address(site, instance)];
    let uris = addresses.map(|address| RedirectUri::parse(&redirect_uri(&install.name, address)).ok());
    Some(Client {
        v: Version,
        id,
        display_name: NAME.to_owned(),
        redirect_uris: uris.into_iter().flatten().collect(),
        post_logout_redirect_uris: Vec::new(),
        auth: ClientAuth::Secret(Vec::new()),
        id_token_alg: SigningAlg::EdDSA,
        audience: None,
        instances: Vec::new(),
        refreshes: false,
        wants_second_step: false,
    })
}

/// What an install sends an agent away with. It stays in this browser, in a cookie that scripts cannot read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowClaims {
    /// The install.
    pub install: InstallName,
    /// What the answer is recognised by.
    pub state: String,
    /// What the code has to be redeemed with (RFC 7636, section 4.1).
    pub verifier: String,
    /// Where the answer arrives.
    pub redirect_uri: String,
    /// Where the agent goes afterwards.
    pub next: String,
}

/// Reveals nothing secret.
impl std::fmt::Debug for FlowClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowClaims").field("install", &self.install).finish_non_exhaustive()
    }
}

impl Kind for FlowClaims {
    const TYPE: &'static str = "oneagent-flow+jwt";
    const AUDIENCE: &'static str = "oneagent-flow";
    /// As long as a form is valid: somebody may have gone to lunch at the login page.
    const LIFETIME: u64 = 12 * 60 * 60;
}

/// What an agent is sent away with.
#[derive(Debug)]
pub struct Departure<'a> {
    /// Where they sign in.
    pub site: &'a LoginSite,
    /// Where they come from.
    pub install: &'a Install,
    /// The instance that they belong to, if that is known.
    pub instance: Option<&'a Instance>,
    /// Who they are, if they sign in again.
    pub username: Option<&'a Username>,
    /// Where they go in the end.
    pub next: String,
}

impl Departure<'_> {
    /// What stays in the browser, and the URL that the agent is sent to. `bits` are as random as can be.
    #[must_use]
    pub fn begin(self, bits: [u128; 3]) -> (FlowClaims, String) {
        let [state, first, second] = bits.map(|bits| format!("{bits:032x}"));
        let Self { site, install, instance, username, next } = self;
        let redirect_uri = redirect_uri(&install.name, address(site, instance));
        let verifier = [first, second].concat();
        let challenge = challenge_of(&verifier).unwrap_or_default();
        // Somebody who proved who they are longer ago would get a session that is over already.
        let max_age = (u64::from(install.shift_minutes) * 60).to_string();
        let id = id_of(&install.name).map(|id| id.to_string()).unwrap_or_default();
        let mut query = Serializer::new(String::new());
        query.extend_pairs([
            ("client_id", &*id),
            ("response_type", "code"),
            ("scope", "openid"),
            ("redirect_uri", &redirect_uri),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("max_age", &max_age),
        ]);
        if let Some(instance) = instance {
            query.append_pair("tenant", instance.name.as_str());
        }
        if let Some(username) = username {
            query.append_pair("login_hint", username.as_str());
        }
        let to = format!("{}/authorize?{}", issuer(site), query.finish());
        (FlowClaims { install: install.name.name(), state, verifier, redirect_uri, next }, to)
    }
}

/// The answer of `OneContactLogin`.
#[derive(Debug, PartialEq, Eq)]
pub enum Back {
    /// A code, and what its verifier hashes to.
    Code {
        /// The code.
        code: String,
        /// What it is bound to (RFC 7636, section 4.6).
        challenge: String,
    },
    /// The agent decided against it.
    Cancelled,
    /// A code that another journey of this browser, or nobody, asked for; which of these, for the log. Nothing is done
    /// with it.
    Stale(&'static str),
    /// Nothing that is of any use: why, for the log.
    Refused(&'static str),
}

impl Back {
    /// Reads the answer in `query`, for an agent who was sent away with `flow`.
    #[must_use]
    pub fn read(query: &str, flow: Option<&FlowClaims>, site: &LoginSite, install: &InstallSpelling) -> Self {
        let params = Params::parse(query.as_bytes());
        let foreign = |reason| {
            let is_whole = ["code", "state"].iter().all(|name| params.get(name).is_some()) && !params.has_repeated();
            if is_whole && params.get("iss") == Some(&*issuer(site)) {
                Self::Stale(reason)
            } else {
                Self::Refused(reason)
            }
        };
        let Some(flow) = flow.filter(|flow| flow.install == install.name()) else { return foreign("no_flow") };
        let is_ours = |state: &str| bool::from(state.as_bytes().ct_eq(flow.state.as_bytes()));
        if params.has_repeated() {
            return Self::Refused("repeated_parameter");
        }
        if !params.get("state").is_some_and(is_ours) {
            return foreign("wrong_state");
        }
        if params.get("iss") != Some(&*issuer(site)) {
            return Self::Refused("wrong_issuer");
        }
        match (params.get("code"), params.get("error")) {
            (Some(code), None) => {
                Self::Code { code: code.to_owned(), challenge: challenge_of(&flow.verifier).unwrap_or_default() }
            }
            (None, Some("access_denied")) => Self::Cancelled,
            _ => Self::Refused("provider_error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::openid::Request;
    use kv_schema::directory::Serves;

    fn site() -> LoginSite {
        LoginSite::new(SiteAddress::parse("https://login.example").unwrap())
    }

    fn install() -> Install {
        fixture::install(Serves::Many)
    }

    fn begun(instance: Option<&Instance>) -> (FlowClaims, String) {
        let (site, install) = (site(), install());
        Departure { site: &site, install: &install, instance, username: None, next: "/desktop".into() }.begin([1, 2, 3])
    }

    fn back(query: &str, flow: Option<&FlowClaims>) -> Back {
        Back::read(query, flow, &site(), &install().name)
    }

    fn answer(flow: &FlowClaims) -> String {
        format!("code=C&state={}&iss=https%3A%2F%2Flogin.example%2FOneContactLogin", flow.state)
    }

    #[test]
    fn what_an_install_asks_for_is_what_its_client_may() {
        let acme = Instance { address: SiteAddress::parse("https://acme.example").ok(), ..fixture::instance(1) };
        for instance in [None, Some(&acme)] {
            let (flow, to) = begun(instance);
            let query = to.strip_prefix("https://login.example/OneContactLogin/authorize?").unwrap();
            let params = Params::parse(query.as_bytes());
            let (_, id) = crate::openid::asked(query).unwrap();
            assert_eq!(install_of(&id), Some(install().name.name()));
            let client = client(&site(), &install(), id, instance).unwrap();
            let request = Request::read(&params, &client).unwrap();
            assert_eq!((request.redirect_uri.as_str(), &request.state), (&*flow.redirect_uri, &flow.state));
            assert_eq!(Some(request.challenge), challenge_of(&flow.verifier));
            assert_eq!((request.max_age, request.tenant), (Some(12 * 3600), instance.map(|found| found.name.clone())));
            assert!(!to.contains(&flow.verifier), "the verifier stays here");
        }
    }

    #[test]
    fn agents_come_back_to_their_own_instances_address() {
        let acme = Instance { address: SiteAddress::parse("https://acme.example").ok(), ..fixture::instance(1) };
        assert_eq!(begun(Some(&acme)).0.redirect_uri, "https://acme.example/OneAgentWeb_Lisbon/signed-in");
        assert_eq!(begun(None).0.redirect_uri, "https://login.example/OneAgentWeb_Lisbon/signed-in");
    }

    #[test]
    fn another_spelling_of_an_install_is_no_client() {
        for id in ["OneAgentWeb_LISBON", "oneagentweb_Lisbon", "Lisbon", "OneAgentWeb_Porto"] {
            let id = ClientId::parse(id).unwrap();
            assert!(client(&site(), &install(), id.clone(), None).is_none(), "{id}");
        }
    }

    #[test]
    fn a_code_comes_with_what_it_is_bound_to() {
        let flow = begun(None).0;
        let challenge = challenge_of(&flow.verifier).unwrap();
        assert_eq!(back(&answer(&flow), Some(&flow)), Back::Code { code: "C".to_owned(), challenge });
    }

    #[test]
    fn whatever_does_not_fit_is_refused_each_for_its_reason() {
        let flow = begun(None).0;
        let good = answer(&flow);
        let other = FlowClaims { install: InstallName::parse("porto").unwrap(), ..flow.clone() };
        assert_eq!(back(&good, None), Back::Stale("no_flow"));
        assert_eq!(back(&good, Some(&other)), Back::Stale("no_flow"));
        assert_eq!(back(&good.replacen("state=0", "state=1", 1), Some(&flow)), Back::Stale("wrong_state"));
        assert_eq!(back(&good.replacen("login.example", "login.examplf", 1), None), Back::Refused("no_flow"));
        for (from, to, reason) in [
            ("state=", "estate=", "wrong_state"),
            ("login.example", "login.examplf", "wrong_issuer"),
            ("&iss=", "&is=", "wrong_issuer"),
            ("code=", "cod=", "provider_error"),
            ("code=", "error=server_error&code=", "provider_error"),
            ("code=", "state=x&code=", "repeated_parameter"),
        ] {
            assert_eq!(back(&good.replacen(from, to, 1), Some(&flow)), Back::Refused(reason), "{from} → {to}");
        }
        let cancelled = good.replacen("code=", "error=access_denied&cod=", 1);
        assert_eq!(back(&cancelled, Some(&flow)), Back::Cancelled);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let flow = begun(None).0;
        assert!(!format!("{flow:?}").contains(&flow.verifier));
    }
}

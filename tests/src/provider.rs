//! An `OpenID` provider that keeps to all rules but one: the first part of an issuer's path says which. So each
//! instance of a test has a provider with one fault, and all are one server.
//!
//! Apart from used codes it is stateless: a code itself says what it stands for.

mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use kv_schema::directory::{AccountClaim, ClientProof, Issuer, Provider as Declared, SecretName, Word};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::world::now;

/// The client id of the deployment at every provider here.
pub const CLIENT: &str = "onecontact";
/// The name of the Worker's secret.
pub const SECRET_NAME: &str = "PROVIDER_SECRET_WIRE";
/// The secret.
pub const SECRET: &str = "what only the provider knows & we";
/// The key that ID tokens are signed with.
const KEY: [u8; 32] = *b"a provider's key, for tests only";
/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_mins(1);

/// The server.
#[derive(Debug, Clone)]
pub struct Provider {
    address: SocketAddr,
    used: Arc<Mutex<BTreeSet<String>>>,
    /// How often each path was requested.
    asked: Arc<Mutex<Vec<String>>>,
    /// Faults that providers have acquired since they began.
    fallen: Arc<Mutex<BTreeMap<String, String>>>,
    /// What ID tokens state from now on, in addition to the usual.
    states: Arc<Mutex<BTreeMap<String, Value>>>,
}

/// What an agent was sent to the provider with.
#[derive(Debug, Clone)]
pub struct Sent {
    issuer: String,
    query: Vec<(String, String)>,
}

impl Sent {
    /// A value of the query.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The code that the provider issues for it.
    #[must_use]
    pub fn code(&self) -> String {
        let code = json!({
            "nonce": self.value("nonce"), "challenge": self.value("code_challenge"), "back": self.value("redirect_uri"),
            "max_age": self.value("max_age"),
        });
        Base64UrlUnpadded::encode_string(code.to_string().as_bytes())
    }

    /// The path and query at which the agent comes back, with these parameters changed, or left out if `None`.
    #[must_use]
    pub fn back_with(&self, changed: &[(&str, Option<&str>)]) -> String {
        let code = self.code();
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("code", &*code), ("state", self.value("state")), ("iss", &self.issuer)] {
            match changed.iter().find(|(changed, _)| *changed == name) {
                Some((_, Some(value))) => query.append_pair(name, value),
                Some((_, None)) => &mut query,
                None => query.append_pair(name, value),
            };
        }
        let more = changed.iter().filter(|(name, _)| !["code", "state", "iss"].contains(name));
        query.extend_pairs(more.filter_map(|(name, value)| value.map(|value| (*name, value))));
        format!("/OneContactLogin/callback?{}", query.finish())
    }

    /// The path and query at which the agent comes back.
    #[must_use]
    pub fn back(&self) -> String {
        self.back_with(&[])
    }
}

impl Provider {
    /// Starts one on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let provider = Self {
            address,
            used: Arc::default(),
            asked: Arc::default(),
            fallen: Arc::default(),
            states: Arc::default(),
        };
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = serving.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| provider.clone().answer(request));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        provider
    }

    /// Where it is.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The issuer with this fault.
    #[must_use]
    pub fn issuer(&self, fault: &str) -> String {
        format!("{}/{fault}", self.origin())
    }

    /// What an operator declares for the one with this fault.
    #[must_use]
    pub fn declared(&self, fault: &str) -> Declared {
        Declared {
            name: "Acme ID".into(),
            issuer: Issuer::parse(&self.issuer(fault)).unwrap(),
            client_id: Word::parse(CLIENT).unwrap(),
            proof: ClientProof::Secret(SecretName::parse(SECRET_NAME).unwrap()),
            scopes: vec![Word::parse("profile").unwrap()],
            account_claim: AccountClaim::Username(Word::parse("preferred_username").unwrap()),
            outlives_sign_out: false,
            creates: None,
        }
    }

    /// What an agent was sent here with to sign in, from a redirect's location.
    #[must_use]
    pub fn read(&self, location: &str) -> Sent {
        self.sent(location, "/authorize")
    }

    /// What an agent was sent here with to sign out.
    #[must_use]
    pub fn read_farewell(&self, location: &str) -> Sent {
        self.sent(location, "/bye")
    }

    fn sent(&self, location: &str, to: &str) -> Sent {
        let (end_point, query) = location.split_once('?').expect("a query");
        let issuer = end_point.strip_suffix(to).unwrap_or_else(|| panic!("not sent to {to}: {location}"));
        assert!(issuer.starts_with(&self.origin()), "sent elsewhere: {location}");
        Sent { issuer: issuer.to_owned(), query: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// From now on the provider that had this fault has this `other` one.
    pub fn falls(&self, fault: &str, other: &str) {
        self.fallen.lock().unwrap_or_else(PoisonError::into_inner).insert(fault.to_owned(), other.to_owned());
    }

    /// From now on the ID tokens of the provider with this fault also have these claims.
    pub fn states(&self, fault: &str, claims: Value) {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).insert(fault.to_owned(), claims);
    }

    /// How often this was requested.
    #[must_use]
    pub fn count(&self, fault: &str, what: &str) -> usize {
        let path = format!("/{fault}/{what}");
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|asked| **asked == path).count()
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let authorization = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (fault, what) = path[1..].split_once('/').unwrap_or_default();
        let fallen = self.fallen.lock().unwrap_or_else(PoisonError::into_inner).get(fault).cloned();
        let fault = fallen.as_deref().unwrap_or(fault);
        // A fault of a document is named `<document>_<fault>`.
        let document = what.rsplit('/').next().unwrap_or_default();
        let document = if document == "openid-configuration" { "discovery" } else { document };
        match fault.strip_prefix(document).and_then(|rest| rest.strip_prefix('_')) {
            Some("slow") => tokio::time::sleep(FOR_EVER).await,
            Some("html") => return Ok(reply(200, "<html>Welcome</html>")),
            Some("huge") => return Ok(reply(200, &format!("{{\"padding\":\"{}\"}}", "x".repeat(1 << 20)))),
            Some("down") => return Ok(reply(503, "")),
            Some("redirect") => {
                let mut moved = reply(302, "");
                moved.headers_mut().insert("location", format!("{}/good/{what}", self.origin()).parse().unwrap());
                return Ok(moved);
            }
            _ => {}
        }
        Ok(match document {
            "discovery" => reply(200, &self.document(fault).to_string()),
            "keys" => reply(200, &published(fault).to_string()),
            "token" => self.tokens(fault, authorization, &body),
            _ => reply(404, ""),
        })
    }

    fn document(&self, fault: &str) -> Value {
        let issuer = self.issuer(fault);
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "end_session_endpoint": format!("{issuer}/bye"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "authorization_response_iss_parameter_supported": true,
        });
        match fault {
            "discovery_issuer" => document["issuer"] = self.issuer("good").into(),
            "discovery_plain" => document["code_challenge_methods_supported"] = json!(["plain"]),
            "discovery_algorithms" => document["id_token_signing_alg_values_supported"] = json!(["HS256"]),
            "stays" => drop(document.as_object_mut().unwrap().remove("end_session_endpoint")),
            "discovery_end_point" => document["token_endpoint"] = "http://evil.example/token".into(),
            _ => {}
        }
        document
    }

    /// What a code is redeemed for (RFC 6749, section 4.1.3; RFC 7636, section 4.6), by whoever has the secret.
    fn tokens(&self, fault: &str, authorization: &str, body: &[u8]) -> Response<Full<Bytes>> {
        let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let value = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        let secret: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        if authorization != format!("Basic {}", Base64::encode_string(format!("{CLIENT}:{secret}").as_bytes())) {
            return reply(401, r#"{"error":"invalid_client"}"#);
        }
        let code = Base64UrlUnpadded::decode_vec(value("code")).ok();
        let code: Option<Value> = code.and_then(|code| serde_json::from_slice(&code).ok());
        let is_new = self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(value("code").to_owned());
        let is_good = |code: &Value| {
            let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(value("code_verifier")));
            is_new && code["challenge"] == challenge.as_str() && code["back"] == value("redirect_uri")
        };
        let Some(code) = code.filter(is_good) else { return reply(400, r#"{"error":"invalid_grant"}"#) };
        let token = self.id_token(fault, &code);
        reply(200, &json!({ "access_token": "at", "token_type": "Bearer", "id_token": token }).to_string())
    }

    fn id_token(&self, fault: &str, code: &Value) -> String {
        let now = now();
        let mut header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" });
        let mut claims = json!({
            "iss": self.issuer(fault), "aud": CLIENT, "sub": "4711", "nonce": code["nonce"], "iat": now,
            "exp": now.plus(300), "auth_time": now, "preferred_username": "DESK1", "amr": ["pwd", "mfa"],
            "at_hash": Base64UrlUnpadded::encode_string(&Sha512::digest("at")[..32]),
        });
        let stated = self.states.lock().unwrap_or_else(PoisonError::into_inner).get(fault).cloned();
        for (name, value) in stated.as_ref().and_then(Value::as_object).into_iter().flatten() {
            claims[name] = value.clone();
        }
        if let Some((_, alg, _)) = algorithm(fault) {
            header["alg"] = if alg == "EDDSA" { "EdDSA".into() } else { alg.into() };
            claims["at_hash"] = keys::at_hash("at").into();
        }
        match fault {
            "iss" => claims["iss"] = self.issuer("good").into(),
            "aud" => claims["aud"] = "another".into(),
            "azp" => claims["azp"] = "another".into(),
            "nonce" => claims["nonce"] = "another".into(),
            "at_hash" => claims["at_hash"] = Base64UrlUnpadded::encode_string(&[7; 32]).into(),
            "expired" => (claims["iat"], claims["exp"]) = (json!(now.0 - 600), json!(now.0 - 300)),
            "future" => claims["iat"] = now.plus(300).0.into(),
            "timeless" => drop(claims.as_object_mut().unwrap().remove("auth_time")),
            "stale" => claims["auth_time"] = (now.0 - 3_600).into(),
            "unknown" => claims["preferred_username"] = "nobody".into(),
            "disabled" => claims["preferred_username"] = "desk2".into(),
            "long" => claims["groups"] = "g".repeat(2_000).into(),
            "unnamed" => drop(claims.as_object_mut().unwrap().remove("preferred_username")),
            "unverified" => claims["email"] = "desk1@unverified.example".into(),
            "key_unknown" => header["kid"] = "k2".into(),
            "none" | "hs256" => header["alg"] = if fault == "none" { "none" } else { "HS256" }.into(),
            "at_jwt" => header["typ"] = "at+jwt".into(),
            _ => {}
        }
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&header), part(&claims));
        if let Some((algorithm, alg, another)) = algorithm(fault) {
            let signature = keys::signature(algorithm, another, &alg, input.as_bytes());
            return format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature));
        }
        let key = key_of(fault);
        let signature = match fault {
            "none" => Vec::new(),
            "hs256" => {
                // As somebody with only the public key would do it.
                let public = Base64UrlUnpadded::encode_string(key.verifying_key().as_bytes());
                let mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap().chain_update(&input);
                mac.finalize().into_bytes().to_vec()
            }
            "signature" => SigningKey::from_bytes(&[9; 32]).sign(input.as_bytes()).to_bytes().to_vec(),
            _ => key.sign(input.as_bytes()).to_bytes().to_vec(),
        };
        format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature))
    }
}

/// A provider's algorithm, if its fault begins with one; what it states instead of that; and whether it uses another
/// key of that type.
fn algorithm(fault: &str) -> Option<(&str, String, bool)> {
    let (algorithm, rest) = fault.split_once('_').unwrap_or((fault, ""));
    let alg = rest.strip_prefix("as_").unwrap_or(algorithm).to_uppercase();
    matches!(algorithm, "rs256" | "es256").then_some((algorithm, alg, rest == "other_key"))
}

/// The key that it signs with: for `rekeyed`, another one with the same id.
fn key_of(fault: &str) -> SigningKey {
    SigningKey::from_bytes(if fault == "rekeyed" { &[8; 32] } else { &KEY })
}

fn published(fault: &str) -> Value {
    if let Some((algorithm, ..)) = algorithm(fault) {
        return json!({ "keys": [keys::public(algorithm)] });
    }
    let public = Base64UrlUnpadded::encode_string(key_of(fault).verifying_key().as_bytes());
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1", "x": public });
    let weak = json!({ "kty": "RSA", "kid": "k1", "n": Base64UrlUnpadded::encode_string(&[0xff; 128]), "e": "AQAB" });
    json!({ "keys": [if fault == "keys_weak" { weak } else { key }] })
}

fn reply(status: u16, body: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_owned())));
    *response.status_mut() = status.try_into().unwrap();
    response.headers_mut().insert("content-type", "application/json".parse().unwrap());
    response
}

//! The key set: a JWK Set (RFC 7517, section 5), each key with a `status` of our own.
//!
//! HS256 keys are for tokens that only our own nodes read; Ed25519 keys (RFC 8037) for those that others verify.

use jwt_compact::alg::Hs256Key;
use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

/// The keys that tokens are made and opened with. It comes from the secret `TOKEN_KEYS`, never out of thin air.
pub struct KeySet {
    keys: Vec<Key>,
    active: usize,
    published: Vec<PublishedKey>,
    signing: Option<SigningKey>,
}

/// Says nothing of the keys themselves.
impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.keys.iter().map(|key| &key.id).chain(self.published.iter().map(|key| &key.id));
        f.debug_list().entries(ids).finish()
    }
}

struct Key {
    id: String,
    material: Hs256Key,
    /// Verifies nothing from then on.
    until: Option<Timestamp>,
}

/// An Ed25519 key as others see it.
struct PublishedKey {
    id: String,
    x: String,
    until: Option<Timestamp>,
}

/// The active Ed25519 key, for whoever has the means to sign with it.
pub struct SigningKey {
    id: String,
    secret: [u8; 32],
}

impl SigningKey {
    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its private half (`d` of RFC 8037, section 2): not to be logged, copied or sent.
    #[must_use]
    pub const fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// Says nothing of the key itself.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

/// The keys that others verify access tokens with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicSet {
    /// A JWK Set without any private member.
    pub json: String,
    /// When one of them retires for good and the set has to be made anew.
    pub until: Option<Timestamp>,
}

/// What is wrong with a key set. No message repeats any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not the JSON of a JWK Set whose keys have a `status`.
    #[error("TOKEN_KEYS is no JWK Set with a status for each key; `onecontact keys new` makes one")]
    Malformed,
    /// A key for HS256 that is not 256 bits at the least (RFC 7518, section 3.2).
    #[error("the key {0} in TOKEN_KEYS is no base64url of at least 32 bytes")]
    Weak(String),
    /// A key for `EdDSA` that is no Ed25519 key (RFC 8037, section 2).
    #[error("the key {0} in TOKEN_KEYS needs crv Ed25519, and base64url of 32 bytes as its `x` and, to sign, its `d`")]
    NotEd25519(String),
    /// Two keys of one id.
    #[error("the key id {0} stands twice in TOKEN_KEYS")]
    Repeated(String),
    /// Not exactly one active key.
    #[error("TOKEN_KEYS needs exactly one active HS256 key and has {0}")]
    NotOneActive(usize),
    /// Two active Ed25519 keys.
    #[error("TOKEN_KEYS has more than one active EdDSA key")]
    TwoActive,
}

#[derive(Deserialize)]
struct StatedSet {
    keys: Vec<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    kid: String,
    alg: String,
    status: Status,
    exp: Option<Timestamp>,
    k: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    d: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Next,
    Active,
    Retired,
}

impl Stated {
    /// Only a retired key has a date. One without is over already: forgetting it must not keep the key alive.
    fn until(&self) -> Option<Timestamp> {
        (self.status == Status::Retired).then(|| self.exp.unwrap_or_default())
    }
}

impl KeySet {
    /// Reads a key set. Keys for algorithms that this code does not know are passed over: a newer version put them
    /// there, for itself.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let stated: StatedSet = kv_schema::json::from_str(json).map_err(|_| KeySetError::Malformed)?;
        let mut set = Self { keys: Vec::new(), active: 0, published: Vec::new(), signing: None };
        let mut active = 0;
        for key in stated.keys {
            let is_known = key.alg == "HS256" || key.alg == "EdDSA";
            if is_known && set.has(&key.kid) {
                return Err(KeySetError::Repeated(key.kid));
            }
            if key.alg == "EdDSA" {
                set.publish(key)?;
            } else if is_known {
                if key.status == Status::Active {
                    active += 1;
                    set.active = set.keys.len();
                }
                set.keys.push(Key { material: material(&key)?, until: key.until(), id: key.kid });
            }
        }
        if active == 1 { Ok(set) } else { Err(KeySetError::NotOneActive(active)) }
    }

    fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id) || self.published.iter().any(|key| key.id == id)
    }

    fn publish(&mut self, key: Stated) -> Result<(), KeySetError> {
        let (secret, until) = (key.d.as_deref().and_then(decoded), key.until());
        let is_sound = key.crv.as_deref() == Some("Ed25519") && (secret.is_some() || until.is_some());
        let Some(x) = key.x.filter(|x| is_sound && decoded(x).is_some()) else {
            return Err(KeySetError::NotEd25519(key.kid));
        };
        if key.status == Status::Active {
            let signing = secret.map(|secret| SigningKey { id: key.kid.clone(), secret });
            if std::mem::replace(&mut self.signing, signing).is_some() {
                return Err(KeySetError::TwoActive);
            }
        }
        self.published.push(PublishedKey { id: key.kid, x, until });
        Ok(())
    }

    /// The key that signs, and its id.
    pub(super) fn active(&self) -> (&str, &Hs256Key) {
        let key = &self.keys[self.active];
        (&key.id, &key.material)
    }

    /// The key of that id, where it still verifies at `now`.
    pub(super) fn verifying(&self, id: &str, now: Timestamp) -> Option<&Hs256Key> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        key.until.is_none_or(|until| now < until).then_some(&key.material)
    }

    /// The keys that are good at `now`, for what is no token; the active one first.
    pub(crate) fn materials(&self, now: Timestamp) -> impl Iterator<Item = &[u8]> {
        let good = move |key: &&Key| key.until.is_none_or(|until| now < until);
        let (before, rest) = self.keys.split_at(self.active);
        rest.iter().chain(before).filter(good).map(|key| key.material.as_ref())
    }

    /// The key that signs access tokens; `None` where the set has none, and no access token is issued.
    #[must_use]
    pub const fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    /// What others may know at `now`: the next Ed25519 key, so that they know it before it signs, the active one, and
    /// the retired ones that still verify.
    #[must_use]
    pub fn public(&self, now: Timestamp) -> PublicSet {
        let published = self.published.iter().filter(|key| key.until.is_none_or(|until| now < until));
        let keys: Vec<PublicKey<'_>> = published.clone().map(PublicKey::of).collect();
        // Texts alone: they can always be written.
        let json = serde_json::to_string(&Public { keys }).unwrap_or_default();
        PublicSet { json, until: published.filter_map(|key| key.until).min() }
    }
}

#[derive(Serialize)]
struct Public<'a> {
    keys: Vec<PublicKey<'a>>,
}

/// RFC 8037, section 2, and RFC 7517, section 4: the public members alone.
#[derive(Serialize)]
struct PublicKey<'a> {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    kid: &'a str,
    x: &'a str,
}

impl<'a> PublicKey<'a> {
    fn of(key: &'a PublishedKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid: &key.id, x: &key.x }
    }
}

fn material(key: &Stated) -> Result<Hs256Key, KeySetError> {
    let weak = || KeySetError::Weak(key.kid.clone());
    let bytes = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::decode_vec(key.k.as_deref().unwrap_or_default())
        .map_err(|_| weak())?;
    if bytes.len() >= 32 { Ok(Hs256Key::new(bytes)) } else { Err(weak()) }
}

/// The 32 bytes of an Ed25519 key, public or private.
pub(super) fn decoded(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let read = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::decode(text, &mut bytes).ok()?;
    (read.len() == 32).then_some(())?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_800_000_000);
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

    fn ed25519(id: &str, status: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": id, "x": X, "d": D, "status": status })
    }

    fn set(keys: &[Value]) -> Result<KeySet, KeySetError> {
        let k = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA";
        let ours = json!({ "kty": "oct", "alg": "HS256", "kid": "h", "k": k, "status": "active" });
        let all = [&[ours], keys].concat();
        KeySet::parse(&json!({ "keys": all }).to_string())
    }

    fn published(set: &KeySet, now: Timestamp) -> Vec<String> {
        let json: Value = serde_json::from_str(&set.public(now).json).unwrap();
        json["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_set_without_ed25519_keys_still_reads_and_publishes_nothing() {
        let set = set(&[]).unwrap();
        assert!(set.signing().is_none());
        assert_eq!(set.public(NOW), PublicSet { json: r#"{"keys":[]}"#.into(), until: None });
    }

    #[test]
    fn the_active_key_signs_and_nothing_private_is_published() {
        let set = set(&[ed25519("n", "next"), ed25519("a", "active")]).unwrap();
        assert_eq!(set.signing().map(SigningKey::id), Some("a"));
        let json: Value = serde_json::from_str(&set.public(NOW).json).unwrap();
        let wanted = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "n", "x": X });
        assert_eq!(json["keys"][0], wanted);
        assert!(!set.public(NOW).json.contains(D) && !format!("{set:?}{:?}", set.signing()).contains(D));
    }

    #[test]
    fn a_retired_key_signs_nothing_and_is_published_until_its_date() {
        let mut retired = ed25519("r", "retired");
        retired["exp"] = NOW.plus(60).0.into();
        let set = set(&[retired, ed25519("dateless", "retired"), ed25519("n", "next")]).unwrap();
        assert!(set.signing().is_none());
        assert_eq!(published(&set, NOW), ["r", "n"]);
        assert_eq!(set.public(NOW).until, Some(NOW.plus(60)));
        assert_eq!(published(&set, NOW.plus(59)), ["r", "n"]);
        assert_eq!(published(&set, NOW.plus(60)), ["n"]);
        assert_eq!(set.public(NOW.plus(60)).until, None);
    }

    #[test]
    fn a_retired_key_needs_no_private_half_and_any_other_does() {
        for (status, sound) in [("retired", true), ("next", false), ("active", false)] {
            let mut key = ed25519("a", status);
            key.as_object_mut().unwrap().remove("d");
            assert_eq!(set(&[key]).is_ok(), sound, "{status}");
        }
    }

    #[test]
    fn an_ed25519_key_that_would_fail_later_fails_at_once_and_is_not_repeated() {
        for (name, value) in [("x", json!("c2hvcnQ")), ("d", json!("c2hvcnQ")), ("crv", json!("Ed448"))] {
            let mut key = ed25519("a", "active");
            key[name] = value;
            let error = set(&[key]).unwrap_err();
            assert_eq!(error, KeySetError::NotEd25519("a".into()), "{name}");
            assert!(!error.to_string().contains(D) && !error.to_string().contains("c2hvcnQ"));
        }
        let two = [ed25519("a", "active"), ed25519("b", "active")];
        assert_eq!(set(&two).unwrap_err(), KeySetError::TwoActive);
        assert_eq!(set(&[ed25519("h", "active")]).unwrap_err(), KeySetError::Repeated("h".into()));
    }
}

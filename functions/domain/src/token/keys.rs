//! The key set: a JWK Set (RFC 7517, section 5), each key with a `status` of our own.
//!
//! HS256 keys are for tokens that only our own nodes read; Ed25519 keys (RFC 8037) for those that others verify; and
//! P-256 keys (ES256, RFC 7518, section 3.4) for the ID tokens of applications that do not know Ed25519.

use jwt_compact::alg::Hs256Key;
use kv_schema::Timestamp;
use kv_schema::directory::SigningAlg;
use serde::Deserialize;

use super::PublicKey;
use crate::members::{Member, object};

/// The keys that tokens are made and opened with. They come from the secret `TOKEN_KEYS`, and are never made up.
pub struct KeySet {
    keys: Vec<Key>,
    active: usize,
    published: Vec<PublishedKey>,
    signing: Vec<SigningKey>,
}

/// Reveals none of the keys themselves.
impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.keys.iter().map(|key| &key.id).chain(self.published.iter().map(|key| &key.id));
        f.debug_list().entries(ids).finish()
    }
}

struct Key {
    id: String,
    material: Hs256Key,
    /// It verifies nothing from then on.
    until: Option<Timestamp>,
}

/// A key as others see it.
struct PublishedKey {
    id: String,
    x: String,
    /// Only for a key on P-256.
    y: Option<String>,
    until: Option<Timestamp>,
}

/// The private half of an active published key, for whoever has the means to sign with it.
pub struct SigningKey {
    id: String,
    alg: SigningAlg,
    secret: [u8; 32],
}

impl SigningKey {
    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The algorithm that it signs with.
    #[must_use]
    pub const fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Its private half (`d` in RFC 8037, section 2, and RFC 7518, section 6.2.2): not to be logged, copied or sent.
    #[must_use]
    pub const fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// Does not reveal the key itself.
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
    #[error("TOKEN_KEYS is not a JWK Set with a status for each key; `onecontact keys new` makes one")]
    Malformed,
    /// An HS256 key of less than 256 bits (RFC 7518, section 3.2).
    #[error("the key {0} in TOKEN_KEYS is not base64url of at least 32 bytes")]
    Weak(String),
    /// An `EdDSA` key that is not an Ed25519 key (RFC 8037, section 2).
    #[error("the key {0} in TOKEN_KEYS needs crv Ed25519, and base64url of 32 bytes as its `x` and, to sign, its `d`")]
    NotEd25519(String),
    /// An `ES256` key that is not on P-256 (RFC 7518, section 6.2).
    #[error(
        "the key {0} in TOKEN_KEYS needs crv P-256, and base64url of 32 bytes as its `x`, its `y` and, to sign, its `d`"
    )]
    NotP256(String),
    /// Two keys with the same id.
    #[error("the key id {0} appears twice in TOKEN_KEYS")]
    Repeated(String),
    /// Not exactly one active key.
    #[error("TOKEN_KEYS needs exactly one active HS256 key and has {0}")]
    NotOneActive(usize),
    /// Two active keys with the same algorithm.
    #[error("TOKEN_KEYS has more than one active {0} key")]
    TwoActive(&'static str),
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
    y: Option<String>,
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
    /// Only a retired key has a date. One without has already expired: forgetting the date must not keep the key alive.
    fn until(&self) -> Option<Timestamp> {
        (self.status == Status::Retired).then(|| self.exp.unwrap_or_default())
    }
}

impl KeySet {
    /// Reads a key set. Keys for algorithms that this code does not know are skipped: a newer version put them there
    /// for itself.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let stated: StatedSet = kv_schema::json::from_str(json).map_err(|_| KeySetError::Malformed)?;
        let mut set = Self { keys: Vec::new(), active: 0, published: Vec::new(), signing: Vec::new() };
        let mut active = 0;
        for key in stated.keys {
            let public = [SigningAlg::EdDSA, SigningAlg::ES256].into_iter().find(|alg| alg.name() == key.alg);
            let is_known = key.alg == "HS256" || public.is_some();
            if is_known && set.has(&key.kid) {
                return Err(KeySetError::Repeated(key.kid));
            }
            if let Some(alg) = public {
                set.publish(key, alg)?;
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

    fn publish(&mut self, key: Stated, alg: SigningAlg) -> Result<(), KeySetError> {
        let (secret, until) = (key.d.as_deref().and_then(decoded), key.until());
        let (curve, y) = match alg {
            SigningAlg::EdDSA => ("Ed25519", None),
            SigningAlg::ES256 => ("P-256", Some(key.y.unwrap_or_default())),
        };
        let x = key.x.unwrap_or_default();
        let is_sound = key.crv.as_deref() == Some(curve) && (secret.is_some() || until.is_some());
        if !is_sound || PublicKey::of(&x, y.as_deref()).is_none() {
            return Err(match alg {
                SigningAlg::EdDSA => KeySetError::NotEd25519(key.kid),
                SigningAlg::ES256 => KeySetError::NotP256(key.kid),
            });
        }
        if let (Status::Active, Some(secret)) = (key.status, secret) {
            if self.signing_by(alg).is_some() {
                return Err(KeySetError::TwoActive(alg.name()));
            }
            self.signing.push(SigningKey { id: key.kid.clone(), alg, secret });
        }
        self.published.push(PublishedKey { id: key.kid, x, y, until });
        Ok(())
    }

    /// The key that signs, and its id.
    pub(super) fn active(&self) -> (&str, &Hs256Key) {
        let key = &self.keys[self.active];
        (&key.id, &key.material)
    }

    /// The key with that id, if it still verifies at `now`.
    pub(super) fn verifying(&self, id: &str, now: Timestamp) -> Option<&Hs256Key> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        key.until.is_none_or(|until| now < until).then_some(&key.material)
    }

    /// The keys that are valid at `now`, for uses other than tokens; the active one first.
    pub(crate) fn materials(&self, now: Timestamp) -> impl Iterator<Item = &[u8]> {
        let good = move |key: &&Key| key.until.is_none_or(|until| now < until);
        let (before, rest) = self.keys.split_at(self.active);
        rest.iter().chain(before).filter(good).map(|key| key.material.as_ref())
    }

    /// The key that signs access tokens; `None` if the set has none, and then no access token is issued.
    #[must_use]
    pub fn signing(&self) -> Option<&SigningKey> {
        self.signing_by(SigningAlg::EdDSA)
    }

    /// The key that signs with `alg`; `None` if the set has none.
    #[must_use]
    pub fn signing_by(&self, alg: SigningAlg) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.alg == alg)
    }

    /// The key with that id as others see it, if it still verifies at `now`.
    #[must_use]
    pub fn published(&self, id: &str, now: Timestamp) -> Option<PublicKey> {
        let key = self.published.iter().find(|key| key.id == id && key.until.is_none_or(|until| now < until))?;
        PublicKey::of(&key.x, key.y.as_deref())
    }

    /// What others may know at `now`: the next key of each kind, so that they know it before it signs, the active one,
    /// and the retired ones that still verify.
    #[must_use]
    pub fn public(&self, now: Timestamp) -> PublicSet {
        let published = self.published.iter().filter(|key| key.until.is_none_or(|until| now < until));
        let keys: Vec<String> = published.clone().map(PublishedKey::json).collect();
        let json = ["{\"keys\":[", &keys.join(","), "]}"].concat();
        PublicSet { json, until: published.filter_map(|key| key.until).min() }
    }
}

impl PublishedKey {
    /// Only the public members: RFC 8037, section 2, RFC 7518, section 6.2, and RFC 7517, section 4.
    fn json(&self) -> String {
        let (kty, crv, alg) = match self.y {
            None => ("OKP", "Ed25519", "EdDSA"),
            Some(_) => ("EC", "P-256", "ES256"),
        };
        object(&[
            ("kty", Member::Text(kty)),
            ("crv", Member::Text(crv)),
            ("alg", Member::Text(alg)),
            ("use", Member::Text("sig")),
            ("kid", Member::Text(&self.id)),
            ("x", Member::Text(&self.x)),
            ("y", self.y.as_deref().into()),
        ])
    }
}

fn material(key: &Stated) -> Result<Hs256Key, KeySetError> {
    let weak = || KeySetError::Weak(key.kid.clone());
    let bytes = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::decode_vec(key.k.as_deref().unwrap_or_default())
        .map_err(|_| weak())?;
    if bytes.len() >= 32 { Ok(Hs256Key::new(bytes)) } else { Err(weak()) }
}

/// The 32 bytes of an Ed25519 key, public or private, or of one number of a key on P-256.
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
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
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
        assert_eq!(set(&two).unwrap_err(), KeySetError::TwoActive("EdDSA"));
        assert_eq!(set(&[ed25519("h", "active")]).unwrap_err(), KeySetError::Repeated("h".into()));
    }

    fn p256(id: &str, status: &str) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": id, "x": X, "y": Y, "d": D, "status": status })
    }

    #[test]
    fn a_key_on_p256_signs_beside_an_ed25519_key_and_is_published_with_both_its_numbers() {
        let set = set(&[ed25519("a", "active"), p256("p", "active"), p256("n", "next")]).unwrap();
        assert_eq!(set.signing_by(SigningAlg::ES256).map(SigningKey::id), Some("p"));
        assert_eq!(set.signing().map(SigningKey::id), Some("a"));
        let json: Value = serde_json::from_str(&set.public(NOW).json).unwrap();
        let wanted = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "p", "x": X, "y": Y });
        assert_eq!(json["keys"][1], wanted);
        assert!(matches!(set.published("p", NOW), Some(PublicKey::P256(point)) if point[0] == 4));
        assert!(!set.public(NOW).json.contains(D));
    }

    #[test]
    fn a_key_on_p256_that_would_fail_later_fails_at_once() {
        for name in ["x", "y", "d", "crv"] {
            let mut key = p256("p", "active");
            key[name] = "c2hvcnQ".into();
            assert_eq!(set(&[key]).unwrap_err(), KeySetError::NotP256("p".into()), "{name}");
        }
        let two = [p256("p", "active"), p256("q", "active")];
        assert_eq!(set(&two).unwrap_err(), KeySetError::TwoActive("ES256"));
    }
}

//! The key set: a JWK Set (RFC 7517, section 5), each key with a `status` of our own.

use jwt_compact::alg::Hs256Key;
use kv_schema::Timestamp;
use serde::Deserialize;

/// The keys that tokens are made and opened with. It comes from the secret `TOKEN_KEYS`, never out of thin air.
pub struct KeySet {
    keys: Vec<Key>,
    active: usize,
}

/// Says nothing of the keys themselves.
impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

struct Key {
    id: String,
    material: Hs256Key,
    /// Verifies nothing from then on.
    until: Option<Timestamp>,
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
    /// Two keys of one id.
    #[error("the key id {0} stands twice in TOKEN_KEYS")]
    Repeated(String),
    /// Not exactly one active key.
    #[error("TOKEN_KEYS needs exactly one active HS256 key and has {0}")]
    NotOneActive(usize),
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
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Next,
    Active,
    Retired,
}

impl KeySet {
    /// Reads a key set. Keys for algorithms that this code does not know are passed over: a newer version put them
    /// there, for itself.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let stated: StatedSet = serde_json::from_str(json).map_err(|_| KeySetError::Malformed)?;
        let mut set = Self { keys: Vec::new(), active: 0 };
        let mut active = 0;
        for key in stated.keys.into_iter().filter(|key| key.alg == "HS256") {
            if set.keys.iter().any(|other| other.id == key.kid) {
                return Err(KeySetError::Repeated(key.kid));
            }
            if key.status == Status::Active {
                active += 1;
                set.active = set.keys.len();
            }
            set.keys.push(Key {
                material: material(&key)?,
                // Only a retired key has a date. One without is over already: forgetting it must not keep the key alive.
                until: (key.status == Status::Retired).then(|| key.exp.unwrap_or_default()),
                id: key.kid,
            });
        }
        if active == 1 { Ok(set) } else { Err(KeySetError::NotOneActive(active)) }
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
}

fn material(key: &Stated) -> Result<Hs256Key, KeySetError> {
    let weak = || KeySetError::Weak(key.kid.clone());
    let bytes = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::decode_vec(key.k.as_deref().unwrap_or_default())
        .map_err(|_| weak())?;
    if bytes.len() >= 32 { Ok(Hs256Key::new(bytes)) } else { Err(weak()) }
}

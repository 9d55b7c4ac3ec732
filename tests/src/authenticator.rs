//! A passkey in software, and what a browser adds to it. It knows nothing of the Worker's code.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::Signer as _;
use rand_core::{OsRng, RngCore};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::browser::{Form, Page};

/// Somebody is there (`WebAuthn`, section 6.1).
pub const PRESENT: u8 = 0x01;
/// A credential follows.
const CREDENTIAL: u8 = 0x40;

/// The private key.
#[derive(Clone)]
enum Key {
    P256(p256::ecdsa::SigningKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// An authenticator with one passkey, in a browser that is at one address.
#[derive(Clone)]
pub struct Authenticator {
    key: Key,
    /// The credential's id.
    pub id: Vec<u8>,
    /// The origin that the browser is at.
    pub origin: String,
    /// The signature count that it states; it does not count by itself.
    pub count: u32,
}

/// Omits the key.
impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What a browser is about to send; a test may change each part before it is signed.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// The client data.
    pub client: Value,
    /// Whom the passkey is for.
    pub rp: String,
    /// The authenticator data's flags.
    pub flags: u8,
    /// What follows the counter: the credential, where one is made.
    pub rest: Vec<u8>,
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

impl Authenticator {
    /// An authenticator with a P-256 key, in a browser at `origin`.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self::with(Key::P256(p256::ecdsa::SigningKey::random(&mut OsRng)), origin)
    }

    /// An authenticator with an Ed25519 key.
    #[must_use]
    pub fn with_ed25519_at(origin: &str) -> Self {
        Self::with(Key::Ed25519(Box::new(ed25519_dalek::SigningKey::generate(&mut OsRng))), origin)
    }

    fn with(key: Key, origin: &str) -> Self {
        let mut id = vec![0; 16];
        OsRng.fill_bytes(&mut id);
        Self { key, id, origin: origin.to_owned(), count: 0 }
    }

    /// The credential's id, as pages carry it.
    #[must_use]
    pub fn id_text(&self) -> String {
        text(&self.id)
    }

    /// What the browser sends on a page that asks it to make a passkey.
    #[must_use]
    pub fn making(&self, challenge: &str) -> Ceremony {
        let length = u16::try_from(self.id.len()).expect("a short id").to_be_bytes();
        let rest = [&[0; 16], &length[..], &self.id, &self.cose()].concat();
        self.ceremony("webauthn.create", challenge, PRESENT | CREDENTIAL, rest)
    }

    /// What it sends on a page that asks it to sign.
    #[must_use]
    pub fn signing(&self, challenge: &str) -> Ceremony {
        self.ceremony("webauthn.get", challenge, PRESENT, Vec::new())
    }

    fn ceremony(&self, kind: &str, challenge: &str, flags: u8, rest: Vec<u8>) -> Ceremony {
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        let host = self.origin.split("://").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default();
        Ceremony { client, rp: host.to_owned(), flags, rest }
    }

    /// The fields that are submitted, signed with this key.
    #[must_use]
    pub fn sent(&self, ceremony: &Ceremony) -> [(&'static str, String); 4] {
        let Ceremony { client, rp, flags, rest } = ceremony;
        let client = client.to_string();
        let data = [&*Sha256::digest(rp), &[*flags], &self.count.to_be_bytes(), rest].concat();
        let signature = self.sign(&[&*data, &Sha256::digest(&client)].concat());
        [
            ("passkey", text(&self.id)),
            ("client", text(client.as_bytes())),
            ("authenticator", text(&data)),
            ("signature", text(&signature)),
        ]
    }

    /// The form of a page that asks for a passkey, or for one to be made, as the page's script submits it. A test may
    /// change what is said first.
    #[must_use]
    pub fn answer_with(&self, page: &Page, change: impl FnOnce(&mut Ceremony)) -> Form {
        let asked = page.passkey().unwrap_or_else(|| panic!("no passkey is asked for: {}", page.body));
        let challenge = &asked["data-challenge"];
        let is_made = asked.contains_key("data-user");
        let mut ceremony = if is_made { self.making(challenge) } else { self.signing(challenge) };
        change(&mut ceremony);
        self.sent(&ceremony).iter().fold(page.form(), |form, (name, value)| form.with(name, value))
    }

    /// The same, unchanged.
    #[must_use]
    pub fn answer(&self, page: &Page) -> Form {
        self.answer_with(page, |_| {})
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(key, message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// The public key, as authenticators write it (RFC 9053).
    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let (x, y) = (point.x().expect("a point"), point.y().expect("a point"));
                [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", &x[..], b"\x22\x58\x20", y].concat()
            }
            Key::Ed25519(key) => {
                [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", &key.verifying_key().as_bytes()[..]].concat()
            }
        }
    }

    /// This passkey's public key as a JWK, as a guard keeps it.
    #[must_use]
    pub fn jwk(&self) -> String {
        let cose = self.cose();
        match &self.key {
            Key::P256(_) => {
                let (x, y) = (text(&cose[10..42]), text(&cose[45..77]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }).to_string()
            }
            Key::Ed25519(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(&cose[10..]) }).to_string(),
        }
    }
}

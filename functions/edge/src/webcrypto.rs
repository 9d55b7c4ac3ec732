//! Ed25519 (RFC 8032), and ECDSA on P-256 with SHA-256, by the platform's own `WebCrypto`: several times as fast as in
//! wasm, and no code to ship.
//!
//! A key of ours, or of a client's, is imported once per isolate.

use std::cell::RefCell;

use js_sys::{Array, JSON, Promise, Reflect, Uint8Array};
use kv_schema::directory::SigningAlg;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{PublicKey, SigningKey, Unsigned};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// What precedes the 32 bytes of a private Ed25519 key in its PKCS #8 form (RFC 8410, section 7).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What precedes the 32 bytes of a private P-256 key in the same form (RFC 5915, section 3, without its public half).
const PKCS8_P256: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
];

/// How many keys an isolate caches, of each half.
const MOST_KEPT: usize = 32;

#[wasm_bindgen]
extern "C" {
    type Subtle;

    #[wasm_bindgen(thread_local_v2, js_namespace = crypto, js_name = subtle)]
    static SUBTLE: Subtle;

    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &Subtle,
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sign(this: &Subtle, algorithm: &JsValue, key: &JsValue, message: &[u8]) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        signature: &[u8],
        message: &[u8],
    ) -> Result<Promise, JsValue>;
}

/// Imported keys, by their bytes. So few that scanning them is quicker than hashing.
type Kept = RefCell<Vec<(Vec<u8>, JsValue)>>;

thread_local! {
    static SIGNING: Kept = const { RefCell::new(Vec::new()) };
    static VERIFYING: Kept = const { RefCell::new(Vec::new()) };
}

/// The token, signed with its key.
///
/// # Errors
/// [`Problem::Misconfigured`] if that key cannot sign.
pub(crate) async fn signed(unsigned: Unsigned<'_>) -> Result<String, Problem> {
    let signature = sign(unsigned.key(), unsigned.input()).await;
    let signature = signature.map_err(|_| {
        let alg = unsigned.key().alg().name();
        Problem::Misconfigured(["the active ", alg, " key cannot sign"].concat())
    })?;
    Ok(unsigned.signed(&signature))
}

/// Signs `message` with a private key of the key set.
pub(crate) async fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let (alg, prefix) = match key.alg() {
        SigningAlg::EdDSA => (key.alg(), &PKCS8_ED25519[..]),
        SigningAlg::ES256 => (key.alg(), &PKCS8_P256[..]),
    };
    let key = imported(&SIGNING, "pkcs8", &[prefix, key.secret()].concat(), alg, "sign").await?;
    let signing = SUBTLE.with(|subtle| subtle.sign(&algorithm(alg), &key, message))?;
    Ok(Uint8Array::new(&JsFuture::from(signing).await?).to_vec())
}

/// Whether `signature` is that of `message` by the key whose public half is `public`; `false` if that cannot be
/// determined.
pub(crate) async fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    verifies_by(&PublicKey::Ed25519(*public), message, signature).await
}

/// The same for either kind of key.
pub(crate) async fn verifies_by(public: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    verify(public, message, signature).await.unwrap_or(false)
}

async fn verify(public: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let bytes: &[u8] = match public {
        PublicKey::Ed25519(bytes) => bytes,
        PublicKey::P256(point) => point,
    };
    let key = imported(&VERIFYING, "raw", bytes, public.alg(), "verify").await?;
    check(&algorithm(public.alg()), &key, message, signature).await
}

/// Whether `signature` is that of `message` by a key that somebody else has stated as a JWK. `parameters` is the JSON
/// of what the platform calls its algorithm. Such a key is imported each time: it is seldom needed.
pub(crate) async fn verifies_jwk(jwk: &str, parameters: &str, message: &[u8], signature: &[u8]) -> bool {
    let verifying = async {
        let algorithm = JSON::parse(parameters)?;
        let key = import("jwk", &JSON::parse(jwk)?, &algorithm, "verify").await?;
        check(&algorithm, &key, message, signature).await
    };
    verifying.await.unwrap_or(false)
}

async fn check(algorithm: &JsValue, key: &JsValue, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let verifying = SUBTLE.with(|subtle| subtle.verify(algorithm, key, signature, message))?;
    Ok(JsFuture::from(verifying).await?.is_truthy())
}

async fn import(format: &str, key: &JsValue, algorithm: &JsValue, usage: &str) -> Result<JsValue, JsValue> {
    let usages = Array::of1(&usage.into());
    let importing = SUBTLE.with(|subtle| subtle.import_key(format, key, algorithm, false, &usages))?;
    JsFuture::from(importing).await
}

async fn imported(
    kept: &'static std::thread::LocalKey<Kept>,
    format: &str,
    bytes: &[u8],
    alg: SigningAlg,
    usage: &str,
) -> Result<JsValue, JsValue> {
    if let Some(key) = kept.with_borrow(|kept| Some(kept.iter().find(|(of, _)| of == bytes)?.1.clone())) {
        return Ok(key);
    }
    let key = import(format, &Uint8Array::new_from_slice(bytes), &algorithm(alg), usage).await?;
    kept.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.push((bytes.to_vec(), key.clone()));
    });
    Ok(key)
}

/// The platform's name for an algorithm, for both importing and using a key.
fn algorithm(alg: SigningAlg) -> JsValue {
    if alg == SigningAlg::EdDSA {
        return "Ed25519".into();
    }
    let algorithm = js_sys::Object::new();
    for (name, value) in [("name", "ECDSA"), ("namedCurve", "P-256"), ("hash", "SHA-256")] {
        // A new object takes any member.
        let _ = Reflect::set(&algorithm, &name.into(), &value.into());
    }
    algorithm.into()
}

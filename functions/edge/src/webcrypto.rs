//! Ed25519 (RFC 8032) by the platform's own `WebCrypto`: several times as fast as in wasm, and nothing to carry.
//!
//! A key is imported once for each isolate.

use std::cell::RefCell;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

const ED25519: &str = "Ed25519";

/// What stands before the 32 bytes of a private key in its PKCS #8 form (RFC 8410, section 7).
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Public keys that an isolate keeps.
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
        key: &[u8],
        algorithm: &str,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sign(this: &Subtle, algorithm: &str, key: &JsValue, message: &[u8]) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &Subtle,
        algorithm: &str,
        key: &JsValue,
        signature: &[u8],
        message: &[u8],
    ) -> Result<Promise, JsValue>;
}

thread_local! {
    /// The private key of this deployment's key set.
    static SIGNING: RefCell<Option<([u8; 32], JsValue)>> = const { RefCell::new(None) };
    /// Few, so that looking through them is quicker than hashing.
    static VERIFYING: RefCell<Vec<([u8; 32], JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// Signs `message` with the key set's private key.
pub(crate) async fn sign(secret: &[u8; 32], message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let key = signing_key(secret).await?;
    let signing = SUBTLE.with(|subtle| subtle.sign(ED25519, &key, message))?;
    Ok(Uint8Array::new(&JsFuture::from(signing).await?).to_vec())
}

/// Whether `signature` is that of `message` by the key whose public half is `public`. What cannot be found out is not.
pub(crate) async fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    verify(public, message, signature).await.unwrap_or(false)
}

async fn verify(public: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let key = verifying_key(public).await?;
    let verifying = SUBTLE.with(|subtle| subtle.verify(ED25519, &key, signature, message))?;
    Ok(JsFuture::from(verifying).await?.is_truthy())
}

async fn signing_key(secret: &[u8; 32]) -> Result<JsValue, JsValue> {
    if let Some(key) = SIGNING.with_borrow(|kept| Some(kept.as_ref().filter(|(of, _)| of == secret)?.1.clone())) {
        return Ok(key);
    }
    let key = import("pkcs8", &[&PKCS8[..], secret].concat(), "sign").await?;
    SIGNING.set(Some((*secret, key.clone())));
    Ok(key)
}

async fn verifying_key(public: &[u8; 32]) -> Result<JsValue, JsValue> {
    if let Some(key) = VERIFYING.with_borrow(|kept| Some(kept.iter().find(|(of, _)| of == public)?.1.clone())) {
        return Ok(key);
    }
    let key = import("raw", public, "verify").await?;
    VERIFYING.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.push((*public, key.clone()));
    });
    Ok(key)
}

async fn import(format: &str, key: &[u8], usage: &str) -> Result<JsValue, JsValue> {
    let usages = Array::of1(&usage.into());
    let importing = SUBTLE.with(|subtle| subtle.import_key(format, key, ED25519, false, &usages))?;
    JsFuture::from(importing).await
}

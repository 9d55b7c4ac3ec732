//! Whether a provider's signature is its key's, by the platform's `WebCrypto`.
//!
//! The algorithm is the key's, never the token's. A key is imported anew each time: a sign-in is too seldom for more.

use js_sys::{Array, Promise};
use onecontact_domain::federation::{Algorithm, PublicKey};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

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
    fn verify(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        signature: &[u8],
        message: &[u8],
    ) -> Result<Promise, JsValue>;
}

/// What the platform is told, for importing a key as well as for verifying with it.
const fn parameters(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#,
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::EdDsa => r#"{"name":"Ed25519"}"#,
    }
}

/// Whether `signature` is that of `message` by `key`. What cannot be found out is not.
pub(super) async fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    verified(key, message, signature).await.unwrap_or(false)
}

async fn verified(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let algorithm = js_sys::JSON::parse(parameters(key.algorithm()))?;
    let (jwk, usages) = (js_sys::JSON::parse(key.jwk())?, Array::of1(&"verify".into()));
    let importing = SUBTLE.with(|subtle| subtle.import_key("jwk", &jwk, &algorithm, false, &usages))?;
    let key = JsFuture::from(importing).await?;
    let verifying = SUBTLE.with(|subtle| subtle.verify(&algorithm, &key, signature, message))?;
    Ok(JsFuture::from(verifying).await?.is_truthy())
}

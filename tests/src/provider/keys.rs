//! A provider's keys for RS256 and ES256, and what is signed with them: generated anew for each run, because no private
//! key belongs among files.

use std::process::Command;
use std::sync::LazyLock;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use serde_json::Value;
use sha2::Sha256;

use crate::project;

/// Generates two keys of each type, and prints them.
const SCRIPT: &str = r#"
const { generateKeyPairSync } = require("node:crypto");
const made = (type, options) => [0, 1].map(() => {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  return {
    pkcs8: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
    jwk: publicKey.export({ format: "jwk" }),
  };
});
console.log(JSON.stringify({ rs256: made("rsa", { modulusLength: 2048 }), es256: made("ec", { namedCurve: "P-256" }) }));
"#;

static KEYS: LazyLock<Value> = LazyLock::new(|| {
    let made = Command::new(project::node()).args(["-e", SCRIPT]).output().expect("node starts");
    serde_json::from_slice(&made.stdout).expect("node prints keys")
});

/// The public key that a provider with this algorithm publishes.
pub(super) fn public(algorithm: &str) -> Value {
    let mut jwk = KEYS[algorithm][0]["jwk"].clone();
    (jwk["kid"], jwk["use"]) = ("k1".into(), "sig".into());
    jwk
}

/// A signature by `alg`, with the published key of `algorithm`, or with `another` one of its type.
pub(super) fn signature(algorithm: &str, another: bool, alg: &str, input: &[u8]) -> Vec<u8> {
    let key = &KEYS[algorithm][usize::from(another)];
    let pkcs8 = Base64::decode_vec(key["pkcs8"].as_str().unwrap()).unwrap();
    let random = SystemRandom::new();
    match (algorithm, alg) {
        // As somebody with only the public key would do it.
        (_, "HS256") => {
            let public = public(algorithm).to_string();
            Hmac::<Sha256>::new_from_slice(public.as_bytes())
                .unwrap()
                .chain_update(input)
                .finalize()
                .into_bytes()
                .to_vec()
        }
        ("rs256", _) => {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
            let mut signature = vec![0; pair.public().modulus_len()];
            let padding: &dyn ring::signature::RsaEncoding =
                if alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
            pair.sign(padding, &random, input, &mut signature).unwrap();
            signature
        }
        _ => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random).unwrap();
            pair.sign(&random, input).unwrap().as_ref().to_vec()
        }
    }
}

/// The left half of the digest of an access token (`OpenID` Connect Core, section 3.1.3.6).
pub(super) fn at_hash(access_token: &str) -> String {
    use sha2::Digest;
    Base64UrlUnpadded::encode_string(&Sha256::digest(access_token)[..16])
}

//! `onecontact client secret`

use base64ct::{Base64UrlUnpadded, Encoding};
use rand_core::{OsRng, RngCore};
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Makes a secret for an application: the secret itself for the application, its hash for the declaration. It is not
/// kept.
pub(super) fn secret(output: &Output) -> Result<Exit, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(&mut *bytes).map_err(Failure::failed)?;
    let secret = Zeroizing::new(Base64UrlUnpadded::encode_string(&*bytes));
    let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(secret.as_bytes()));
    let text = format!("client_secret: {}\n\nsecret_hashes = [\"{hash}\"]", *secret);
    output.result(text, &json!({ "client_secret": *secret, "secret_hash": hash }))?;
    output.note(
        "The secret is for the application and is shown only once: keep it where the application keeps its secrets. \
         The line with its hash goes into the application's [[client]].",
    );
    Ok(Exit::Done)
}

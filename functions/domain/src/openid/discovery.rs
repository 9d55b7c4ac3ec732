//! What the provider can do, as `OpenID` Connect Discovery 1.0, section 3, and RFC 8414, section 2, describe it.

use kv_schema::directory::SigningAlg;

use super::{ACR_ONE, ACR_TWO, SCOPES};
use crate::members::{Member, object};
use crate::token::KeySet;

/// The provider's metadata. `jwks_uri` is where its keys are.
#[must_use]
pub fn discovery(issuer: &str, jwks_uri: &str, keys: &KeySet) -> String {
    let at = |path: &str| [issuer, path].concat();
    let algs: Vec<&str> = [SigningAlg::EdDSA, SigningAlg::ES256]
        .into_iter()
        .filter(|alg| keys.signing_by(*alg).is_some())
        .map(SigningAlg::name)
        .collect();
    let (authorize, token, userinfo, sign_out) = (at("/authorize"), at("/token"), at("/userinfo"), at("/sign-out"));
    object(&[
        ("issuer", Member::Text(issuer)),
        ("authorization_endpoint", Member::Text(&authorize)),
        ("token_endpoint", Member::Text(&token)),
        ("userinfo_endpoint", Member::Text(&userinfo)),
        ("end_session_endpoint", Member::Text(&sign_out)),
        ("jwks_uri", Member::Text(jwks_uri)),
        ("scopes_supported", Member::List(&SCOPES)),
        ("response_types_supported", Member::List(&["code"])),
        ("response_modes_supported", Member::List(&["query"])),
        ("grant_types_supported", Member::List(&["authorization_code", "refresh_token"])),
        ("code_challenge_methods_supported", Member::List(&["S256"])),
        ("subject_types_supported", Member::List(&["public"])),
        ("id_token_signing_alg_values_supported", Member::List(&algs)),
        (
            "token_endpoint_auth_methods_supported",
            Member::List(&["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
        ),
        ("token_endpoint_auth_signing_alg_values_supported", Member::List(&["EdDSA", "Ed25519", "ES256"])),
        ("prompt_values_supported", Member::List(&["none", "login", "consent", "select_account"])),
        ("acr_values_supported", Member::List(&[ACR_ONE, ACR_TWO])),
        ("claims_supported", Member::List(&CLAIMS)),
        ("authorization_response_iss_parameter_supported", Member::Flag(true)),
        ("claims_parameter_supported", Member::Flag(false)),
        ("request_parameter_supported", Member::Flag(false)),
        ("request_uri_parameter_supported", Member::Flag(false)),
    ])
}

/// What its ID tokens may state.
const CLAIMS: [&str; 19] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "preferred_username",
    "name",
    "locale",
    "email",
    "email_verified",
    "instance",
    "instance_name",
    "extension",
];

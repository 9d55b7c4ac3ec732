//! A client and its request, for tests.

use kv_schema::Timestamp;
use kv_schema::directory::{Client, ClientAuth, SigningAlg};
use kv_schema::names::{ClientId, RedirectUri, SessionId};
use kv_schema::record::Version;

use super::{Prompt, Request};
use crate::fixture;
use crate::token::{Amr, SignInClaims};

pub(super) fn client() -> Client {
    Client {
        v: Version,
        id: ClientId::parse("crm").unwrap(),
        display_name: "CRM".into(),
        redirect_uris: vec![RedirectUri::parse("https://crm.example/cb").unwrap()],
        post_logout_redirect_uris: vec![RedirectUri::parse("https://crm.example/bye").unwrap()],
        auth: ClientAuth::None,
        id_token_alg: SigningAlg::EdDSA,
        audience: None,
        instances: Vec::new(),
        refreshes: true,
        wants_second_step: false,
    }
}

pub(super) fn request() -> Request {
    Request {
        redirect_uri: client().redirect_uris.remove(0),
        state: "state".into(),
        scope: "openid".into(),
        nonce: None,
        challenge: "challenge".into(),
        prompt: Prompt::Needed,
        max_age: None,
        wants_second_step: false,
        login_hint: None,
        id_token_hint: None,
        tenant: None,
    }
}

pub(super) fn signed_in(auth_time: Timestamp) -> SignInClaims {
    SignInClaims {
        agent: fixture::agent().username,
        instance: fixture::id(1),
        sid: SessionId::from_bits(7),
        auth_time,
        auth_time_missing: false,
        amr: vec![Amr::Pwd],
        until: auth_time.plus(3600),
    }
}

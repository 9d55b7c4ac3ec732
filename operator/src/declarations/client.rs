//! Makes an application of the provider from its declaration.

use std::collections::HashSet;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::directory::{ClientAuth, ClientKey, SigningAlg};
use kv_schema::names::{ClientId, InstanceName, NameError, RedirectUri};

use super::item::{Item, ItemKind};
use super::model::DeclaredClient;
use super::outline::{Name, Outline, Outlines, located};
use super::place::{Problems, Severity};
use super::reader::Reader;
use super::understand::{audience, display_name};
use crate::signing;

/// The prefix of installs' client ids: installs are applications of the provider without being declared as such.
const OF_INSTALLS: &str = "oneagentweb_";

/// Reads a `[[client]]`.
pub(super) fn client(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredClient> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let id = reader.required("id", id);
    let display_name = reader.parsed("display_name", display_name);
    if reader.lacks("redirect_uris") {
        reader.missing("redirect_uris", "give the exact addresses that agents come back to");
    }
    let redirect_uris = values(reader.list("redirect_uris", RedirectUri::parse));
    let post_logout_redirect_uris = values(reader.list("post_logout_redirect_uris", RedirectUri::parse));
    let auth = auth(&mut reader);
    let id_token_alg = reader.parsed("id_token_alg", alg).map(|alg| alg.value).unwrap_or_default();
    let audience = reader.parsed("audience", audience).map(|audience| audience.value);
    let instances = reader.list("instances", InstanceName::parse);
    let refreshes = reader.flag("refreshes").unwrap_or(false);
    let wants_second_step = reader.flag("wants_second_step").unwrap_or(false);
    let is_sound = reader.finish() && auth.is_some();
    let instances = located(&instances);
    outlines.add(Outline {
        names: id.iter().map(|id| Name::Client(id.value.clone())).collect(),
        instances: instances.clone(),
        ..Outline::new(ItemKind::Client, &place, is_sound)
    });
    let id = id?.value;
    let client = DeclaredClient {
        place,
        display_name: display_name.map_or_else(|| id.to_string(), |name| name.value),
        id,
        redirect_uris,
        post_logout_redirect_uris,
        auth: auth?,
        id_token_alg,
        audience,
        instances,
        refreshes,
        wants_second_step,
    };
    is_sound.then_some(client)
}

fn values<T>(located: Vec<super::reader::Located<T>>) -> Vec<T> {
    located.into_iter().map(|entry| entry.value).collect()
}

fn id(text: &str) -> Result<ClientId, NameError> {
    if text.to_ascii_lowercase().starts_with(OF_INSTALLS) {
        return Err(NameError { rule: "ids that begin with \"OneAgentWeb_\" are those of installs" });
    }
    ClientId::parse(text)
}

fn alg(text: &str) -> Result<SigningAlg, NameError> {
    match text {
        "EdDSA" => Ok(SigningAlg::EdDSA),
        "ES256" => Ok(SigningAlg::ES256),
        _ => {
            Err(NameError { rule: "make it \"EdDSA\", or \"ES256\" for an application that does not support Ed25519" })
        }
    }
}

/// How it proves who it is: in exactly one way, which is never a default.
fn auth(reader: &mut Reader<'_>) -> Option<ClientAuth> {
    let is_said = !reader.lacks("secret_hashes") || !reader.lacks("keys");
    let secrets = values(reader.unrepeated_list("secret_hashes", secret_hash));
    let keys = reader.tables("keys", &["kty", "crv", "alg", "use", "kid", "x", "y"], key);
    let is_public = reader.flag("public").unwrap_or(false);
    let place = reader.place();
    let mut ids = HashSet::new();
    for key in keys.iter().filter(|key| !ids.insert(&key.kid)) {
        reader.refuse(&place, format!("the key id {:?} appears twice in `keys`", key.kid), "keep the right one");
    }
    match (is_public, secrets.is_empty(), keys.is_empty()) {
        (true, true, true) => Some(ClientAuth::None),
        (false, false, true) => Some(ClientAuth::Secret(secrets)),
        (false, true, false) => Some(ClientAuth::Keys(keys)),
        // What is wrong with it has been reported.
        (false, true, true) if is_said => None,
        (false, true, true) => {
            let fix = "it proves who it is by `secret_hashes` (`onecontact client secret` makes a secret), or by \
                       `keys`; or it can keep nothing secret, as in a browser: public = true";
            reader.missing("secret_hashes", fix);
            None
        }
        _ => {
            let fix = "keep one of `secret_hashes`, `keys` and `public`";
            reader.refuse(&place, "it would prove who it is in several ways", fix);
            None
        }
    }
}

fn secret_hash(text: &str) -> Result<String, &'static str> {
    let is_hash = Base64UrlUnpadded::decode_vec(text).is_ok_and(|bytes| bytes.len() == 32);
    let rule = "it must be a secret's hash, never the secret itself: `onecontact client secret` prints both";
    is_hash.then(|| text.to_owned()).ok_or(rule)
}

/// The public half of a key as a JWK: Ed25519 (RFC 8037), or P-256 (RFC 7518, section 6.2).
fn key(mut reader: Reader<'_>) -> Option<ClientKey> {
    let place = reader.place();
    if reader.text("d").is_some() {
        let fix = "remove `d`, and make another key if anybody may have seen it: it must never leave the application";
        reader.refuse(&place, "this is the private half of a key", fix);
    }
    let y = reader.parsed("y", |text| Ok::<_, NameError>(text.to_owned())).map(|y| y.value);
    let only = match y {
        None => [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig")],
        Some(_) => [("kty", "EC"), ("crv", "P-256"), ("alg", "ES256"), ("use", "sig")],
    };
    for (name, only) in only {
        reader.parsed(name, |text| if text == only { Ok(()) } else { Err(format!("it must be \"{only}\"")) });
    }
    let kid = |text: &str| match text.len() {
        1..=100 => Ok(text.to_owned()),
        _ => Err("a key id has 1 to 100 characters"),
    };
    let x = |text: &str| {
        let is_sound = match &y {
            None => signing::is_public_half(text),
            Some(y) => signing::is_public_p256(text, y),
        };
        is_sound.then(|| text.to_owned()).ok_or("it is not a public key, of Ed25519 or with `y` on P-256")
    };
    let (kid, x) = (reader.required("kid", kid), reader.required("x", x));
    let sound = reader.finish();
    sound.then_some(ClientKey { kid: kid?.value, x: x?.value, y })
}

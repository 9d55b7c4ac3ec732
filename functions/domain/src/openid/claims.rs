//! What applications are told about an agent: in the ID token, and at the userinfo endpoint.

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use kv_schema::directory::{Agent, Client, Instance, SigningAlg};
use kv_schema::names::{EmailAddress, Extension};
use sha2::{Digest, Sha256, Sha512};

use super::{ACR_ONE, ACR_TWO};
use crate::guard::{Grant, SignIn};
use crate::members::{Member, object};
use crate::token::{Amr, KeySet, Unsigned, access};

/// Seconds for which an ID token is valid: it is to be checked once, on arrival.
const LIFETIME: u64 = 5 * 60;

/// Whom an application is told about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The agent.
    pub agent: &'a Agent,
    /// The agent's instance.
    pub instance: &'a Instance,
    /// The extension of this sign-in, if one was typed; otherwise the agent's own is told.
    pub extension: Option<&'a Extension>,
}

impl<'a> About<'a> {
    /// What the scopes grant (`OpenID` Connect Core, sections 5.1 and 5.4), and who the agent is to this product.
    fn members(self, scope: &str) -> [(&'static str, Member<'a>); 8] {
        let has = |wanted: &str| scope.split(' ').any(|scope| scope == wanted);
        let Self { agent, instance, extension } = self;
        let profile = |text: Option<&'a str>| text.filter(|_| has("profile")).into();
        let email = agent.email.as_ref().filter(|_| has("email"));
        let extension = extension.or(agent.default_extension.as_ref());
        [
            ("preferred_username", profile(Some(agent.username.as_str()))),
            ("name", profile(Some(&agent.display_name))),
            ("locale", profile(agent.language.map(kv_schema::Language::tag))),
            ("email", email.map(EmailAddress::as_str).into()),
            // An operator has declared that it is the agent's: links that replace a password go there.
            ("email_verified", email.map_or(Member::Absent, |_| Member::Flag(true))),
            ("instance", Member::Text(instance.id.as_str())),
            ("instance_name", Member::Text(instance.name.as_str())),
            ("extension", extension.map(Extension::as_str).into()),
        ]
    }
}

/// The response of the userinfo endpoint (`OpenID` Connect Core, section 5.3.2).
#[must_use]
pub fn userinfo(about: About<'_>, scope: &str) -> String {
    let sub = access::sub(&about.instance.id, &about.agent.username);
    let mut members = vec![("sub", Member::Text(sub.as_str()))];
    members.extend(about.members(scope));
    object(&members)
}

/// The ID token of a grant (`OpenID` Connect Core, section 2), to be signed; it comes with `access_token`.
///
/// `None` if the key set has no key for the client's algorithm.
#[must_use]
pub fn id_token<'k>(
    keys: &'k KeySet,
    issuer: &str,
    client: &Client,
    (grant, sign_in): (&Grant, &SignIn),
    about: About<'_>,
    access_token: &str,
    now: Timestamp,
) -> Option<Unsigned<'k>> {
    let key = keys.signing_by(client.id_token_alg)?;
    let expires_at = now.plus(LIFETIME);
    let sub = access::sub(&grant.instance, &grant.agent);
    let at_hash = at_hash(client.id_token_alg, access_token);
    let amr: Vec<&str> = sign_in.amr.iter().map(|amr| amr.value()).collect();
    let acr = if sign_in.amr.contains(&Amr::Mfa) { ACR_TWO } else { ACR_ONE };
    let mut members = vec![
        ("iss", Member::Text(issuer)),
        ("sub", Member::Text(&sub)),
        ("aud", Member::Text(client.id.as_str())),
        ("azp", Member::Text(client.id.as_str())),
        ("exp", Member::Number(expires_at.0)),
        ("iat", Member::Number(now.0)),
        ("auth_time", Member::Number(sign_in.auth_time.0)),
        ("nonce", grant.nonce.as_deref().into()),
        ("acr", Member::Text(acr)),
        ("amr", Member::List(&amr)),
        ("at_hash", Member::Text(&at_hash)),
        ("sid", Member::Text(sign_in.id.as_str())),
    ];
    members.extend(about.members(&grant.scope));
    Some(Unsigned::new(key, "JWT", &object(&members), expires_at))
}

/// What ties an access token to its ID token: half the hash that belongs to the algorithm (`OpenID` Connect Core,
/// section 3.1.3.6), which for Ed25519 is SHA-512 (RFC 8032, section 5.1).
fn at_hash(alg: SigningAlg, access_token: &str) -> String {
    match alg {
        SigningAlg::EdDSA => Base64UrlUnpadded::encode_string(&Sha512::digest(access_token)[..32]),
        SigningAlg::ES256 => Base64UrlUnpadded::encode_string(&Sha256::digest(access_token)[..16]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::client;
    use super::*;
    use crate::fixture;
    use kv_schema::names::SessionId;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn keys() -> KeySet {
        let text = |byte: u8| Base64UrlUnpadded::encode_string(&[byte; 32]);
        KeySet::parse(
            &json!({ "keys": [
                { "alg": "HS256", "kid": "h", "k": text(7), "status": "active" },
                { "crv": "Ed25519", "alg": "EdDSA", "kid": "e", "x": text(1), "d": text(2), "status": "active" },
            ] })
            .to_string(),
        )
        .unwrap()
    }

    fn granted(scope: &str) -> (Grant, SignIn) {
        let amr = vec![Amr::Pwd, Amr::Otp, Amr::Mfa];
        let sign_in = SignIn {
            id: SessionId::from_bits(7),
            auth_time: NOW,
            amr,
            until: NOW,
            declared: NOW,
            opened: Vec::new(),
            hint: None,
            follows: None,
        };
        let grant = Grant {
            family: "family".into(),
            good: String::new(),
            until: NOW,
            sign_in: sign_in.id.clone(),
            instance: fixture::id(1),
            agent: fixture::agent().username,
            client: "crm".into(),
            redirect_uri: String::new(),
            challenge: String::new(),
            scope: scope.into(),
            nonce: Some("n".into()),
            extension: Extension::parse("2002").ok(),
            language: None,
        };
        (grant, sign_in)
    }

    /// The claims in the ID token of a client with these scopes.
    fn stated(client: &Client, scope: &str) -> Value {
        let (agent, instance, keys, (grant, sign_in)) =
            (fixture::agent(), fixture::instance(1), keys(), granted(scope));
        let about = About { agent: &agent, instance: &instance, extension: grant.extension.as_ref() };
        let token = id_token(&keys, "https://a/OneContactLogin", client, (&grant, &sign_in), about, "at", NOW);
        let input = String::from_utf8(token.unwrap().input().to_vec()).unwrap();
        let claims = Base64UrlUnpadded::decode_vec(input.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&claims).unwrap()
    }

    #[test]
    fn an_id_token_says_who_signed_in_when_and_how_and_for_whom() {
        let at_hash = Base64UrlUnpadded::encode_string(&Sha512::digest("at")[..32]);
        let wanted = json!({
            "iss": "https://a/OneContactLogin", "sub": format!("{}/desk.seven", fixture::id(1)), "aud": "crm", "azp": "crm",
            "exp": NOW.plus(300), "iat": NOW, "auth_time": NOW, "nonce": "n", "acr": ACR_TWO, "amr": ["pwd", "otp", "mfa"],
            "at_hash": at_hash, "sid": SessionId::from_bits(7), "instance": fixture::id(1), "instance_name": "acme",
            "extension": "2002",
        });
        assert_eq!(stated(&client(), "openid"), wanted);
    }

    #[test]
    fn scopes_give_what_they_say_and_no_more() {
        let stated = stated(&client(), "openid profile email");
        assert_eq!(stated["name"], "Régie 7");
        assert_eq!((&stated["email"], &stated["email_verified"]), (&json!("front.desk@example.com"), &json!(true)));
        let (agent, instance) = (fixture::agent(), fixture::instance(1));
        let about = About { agent: &agent, instance: &instance, extension: None };
        let told: Value = serde_json::from_str(&userinfo(about, "openid profile")).unwrap();
        assert_eq!((&told["preferred_username"], &told["email"]), (&json!("desk.seven"), &Value::Null));
        assert_eq!(told["sub"], format!("{}/desk.seven", fixture::id(1)));
    }

    #[test]
    fn no_id_token_is_made_without_a_key_for_the_clients_algorithm() {
        let client = Client { id_token_alg: SigningAlg::ES256, ..client() };
        assert!(!super::super::can_sign(&client, &keys()));
    }
}

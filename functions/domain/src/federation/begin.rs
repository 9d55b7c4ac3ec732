//! Where the agent's browser is sent: to sign in at the provider, and to sign out there.

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Language;
use kv_schema::directory::{Provider, Word};
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use super::{Discovered, IdToken, Refusal};
use crate::token::{ErrandSecrets, Hint};

/// This deployment, as the provider knows it.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// What is declared about the provider.
    pub provider: &'a Provider,
    /// Where the provider sends the agent back to: the same for every instance.
    pub redirect_uri: &'a str,
}

/// What is asked of the provider besides signing in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Who it probably is.
    pub login_hint: Option<String>,
    /// How many seconds ago, at most, the agent may have signed in there.
    pub max_age: Option<u64>,
    /// What the provider has to ask the agent even if it knows them: `login` or `select_account`.
    pub prompt: Option<&'static str>,
    /// The language that our pages had.
    pub language: Option<Language>,
}

/// The URL where the agent signs in (`OpenID` Connect Core, section 3.1.2.1; RFC 7636, section 4.3).
#[must_use]
pub fn authorization(discovered: &Discovered, client: Client<'_>, secrets: &ErrandSecrets, wishes: &Wishes) -> String {
    let Client { provider, redirect_uri } = client;
    let scopes = provider.scopes.iter().map(Word::as_str).filter(|scope| *scope != "openid");
    let scope = std::iter::once("openid").chain(scopes).collect::<Vec<_>>().join(" ");
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(&secrets.verifier));
    let max_age = wishes.max_age.map(|seconds| seconds.to_string());
    let mut query = Serializer::new(String::new());
    for (name, value) in [
        ("response_type", Some("code")),
        ("client_id", Some(provider.client_id.as_str())),
        ("redirect_uri", Some(redirect_uri)),
        ("scope", Some(&*scope)),
        ("state", Some(&*secrets.state)),
        ("nonce", Some(&*secrets.nonce)),
        ("code_challenge", Some(&*challenge)),
        ("code_challenge_method", Some("S256")),
        ("login_hint", wishes.login_hint.as_deref()),
        ("max_age", max_age.as_deref()),
        ("prompt", wishes.prompt),
        ("ui_locales", wishes.language.map(Language::tag)),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    discovered.authorization.with_query(&query.finish())
}

/// What goes with an agent who signs out.
#[derive(Debug, Clone, Copy)]
pub struct Parting<'a> {
    /// Where the provider sends the agent back to: the same for every instance.
    pub redirect_uri: &'a str,
    /// What comes back there.
    pub state: &'a str,
    /// What shows the provider which of its sessions is meant.
    pub hint: &'a Hint,
    /// The language that our pages had.
    pub language: Language,
}

/// The URL where the agent signs out, if the provider has one (`OpenID` Connect RP-Initiated Logout, section 2).
pub fn end_session(discovered: &Discovered, provider: &Provider, parting: Parting<'_>) -> Result<String, Refusal> {
    let end_point = discovered.end_session.as_ref().ok_or(Refusal::NoSignOut)?;
    // Entra ID asks which account is meant unless told by a claim of its own.
    let id_token = parting.hint.id_token();
    let logout_hint = id_token.and_then(|token| IdToken::unverified_text(token, "login_hint"));
    let mut query = Serializer::new(String::new());
    for (name, value) in [
        ("client_id", Some(provider.client_id.as_str())),
        ("id_token_hint", id_token),
        ("logout_hint", logout_hint.as_deref()),
        ("post_logout_redirect_uri", Some(parting.redirect_uri)),
        ("state", Some(parting.state)),
        ("ui_locales", Some(parting.language.tag())),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    Ok(end_point.with_query(&query.finish()))
}

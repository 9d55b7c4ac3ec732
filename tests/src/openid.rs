//! An application that signs agents in through `OneContactLogin`, as the tests play it: its record, its requests, and
//! what it makes of the answers. It knows nothing of the Worker's code.

use base64ct::{Base64UrlUnpadded, Encoding};
use hyper::Method;
use kv_schema::directory::{Client, ClientAuth, LoginSite, SigningAlg};
use kv_schema::names::{ClientId, RedirectUri, SiteAddress};
use kv_schema::record::Version;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded::{Serializer, parse};

use crate::browser::{Browser, Page};
use crate::kv::Kv;
use crate::world::PASSWORD;

/// The provider's address, by its own account. No host that a test requests has this name.
pub const SITE: &str = "https://login.test";
/// The provider's issuer identifier.
pub const ISSUER: &str = "https://login.test/OneContactLogin";
/// Where applications send agents.
pub const AUTHORIZE: &str = "/OneContactLogin/authorize";
/// Where they redeem codes.
pub const TOKEN: &str = "/OneContactLogin/token";
/// Where they ask whom a token is about.
pub const USERINFO: &str = "/OneContactLogin/userinfo";
/// Where they send agents to sign out.
pub const SIGN_OUT: &str = "/OneContactLogin/sign-out";
/// The cookie of a sign-in.
pub const SIGN_IN: &str = "__Host-onecontact-login";
/// The secret of the application `crm`.
pub const SECRET: &str = "0123456789-abcdefghijklmnopqrstuvwxyz";
/// What all of its addresses begin with.
pub const APPLICATION: &str = "https://crm.test/";
/// Where agents come back to it.
pub const CALLBACK: &str = "https://crm.test/signed-in";
/// Its verifier.
pub const VERIFIER: &str = "a-verifier-that-is-forty-three-characters-long-or-more";

/// The record of the application `crm`: with a secret, for the agents of all instances, with refresh tokens.
#[must_use]
pub fn crm() -> Client {
    Client {
        v: Version,
        id: ClientId::parse("crm").unwrap(),
        display_name: "CRM".into(),
        redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
        post_logout_redirect_uris: vec![RedirectUri::parse("https://crm.test/signed-out").unwrap()],
        auth: ClientAuth::Secret(vec![hash(SECRET)]),
        id_token_alg: SigningAlg::EdDSA,
        audience: None,
        instances: Vec::new(),
        refreshes: true,
        wants_second_step: false,
    }
}

/// Declares the provider and the application.
pub fn declare(directory: &Kv) {
    directory.declare(&LoginSite::new(SiteAddress::parse(SITE).unwrap()));
    directory.declare(&crm());
}

/// SHA-256, as base64url.
#[must_use]
pub fn hash(text: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(text))
}

/// Names and values, of a query or a form.
#[derive(Debug, Clone)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// These pairs.
    #[must_use]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// With this value for `name`, replacing any other.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more pair.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without `name`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    /// As they are sent.
    #[must_use]
    pub fn encoded(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// As the address that an agent is sent to.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{AUTHORIZE}?{}", self.encoded())
    }
}

/// What `crm` asks for when an agent of `acme` is to sign in.
#[must_use]
pub fn request() -> Pairs {
    Pairs::of(&[
        ("client_id", "crm"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "a state"),
        ("nonce", "a nonce"),
        ("code_challenge", &hash(VERIFIER)),
        ("code_challenge_method", "S256"),
        ("tenant", "acme"),
    ])
}

/// What it requests with a code.
#[must_use]
pub fn redeeming(code: &str) -> Pairs {
    Pairs::of(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "crm"),
        ("client_secret", SECRET),
    ])
}

/// What it requests with a refresh token.
#[must_use]
pub fn refreshing(token: &str) -> Pairs {
    Pairs::of(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "crm"),
        ("client_secret", SECRET),
    ])
}

/// What a redirect passes to the application: the value of `name` in its query.
#[must_use]
pub fn handed(page: &Page, name: &str) -> Option<String> {
    let (_, query) = page.location().split_once('?').expect("a redirect with a query");
    parse(query.as_bytes()).find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// Sends an agent who is not signed in to the provider, and signs them in there. Returns the last answer.
pub async fn sign_in(browser: &Browser, request: &Pairs, username: &str) -> Page {
    let page = browser.get(&request.address()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    browser.submit(&page.form().with("username", username).with("password", PASSWORD)).await
}

/// The code that an agent comes back with; fails if they come back without one.
pub fn code_in(browser: &Browser, page: &Page) -> String {
    assert!(page.status == 303 && page.location().starts_with(CALLBACK), "{} {}", page.status, page.body);
    assert_eq!(handed(page, "error"), None, "{}", page.location());
    let code = handed(page, "code").expect("a code");
    browser.secrets().add(&code);
    code
}

/// Posts a form to the token endpoint, as a server does.
pub async fn ask_for_tokens(browser: &Browser, form: &Pairs) -> Page {
    post(browser, TOKEN, form).await
}

/// Posts a form, as a server does.
pub async fn post(browser: &Browser, path: &str, form: &Pairs) -> Page {
    let ask = browser.ask(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
    let page = ask.body(form.encoded()).send().await;
    if page.status == 200 {
        let told = json(&page);
        for name in ["access_token", "id_token", "refresh_token"] {
            told[name].as_str().into_iter().for_each(|token| browser.secrets().add(token));
        }
    }
    page
}

/// Asks whom an access token is about.
pub async fn userinfo(browser: &Browser, access_token: &str) -> Page {
    browser.ask(Method::GET, USERINFO).header("authorization", &format!("Bearer {access_token}")).send().await
}

/// What an answer says, as JSON.
#[must_use]
pub fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|error| panic!("{error}: {}", page.body))
}

/// One string of what an answer says.
#[must_use]
pub fn text(page: &Page, name: &str) -> String {
    json(page)[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", page.body)).to_owned()
}

//! What is sent: for each contestant and work, the requests of each connection.
//!
//! All send the same headers, those of a browser. Sessions are of many agents, so that nobody gains by remembering one.

use anyhow::{Context, Result};
use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstallSpelling, SessionId};
use onecontact_domain::cookies;
use onecontact_domain::token::{Amr, FormClaims, SessionClaims};
use onecontact_tests::{service, tokens, world};

use crate::contestant::Contestant;
use crate::directory::{self, AUDIENCE, INSTALL, PASSWORD};
use crate::http::{Connection, Request};
use crate::load::CONNECTIONS;
use crate::process::Process;
use crate::work::Work;

/// Agents with a session. Each has one: a desk is held by one session at a time, and is asked before one is renewed.
const AGENTS: usize = 64;
/// Agents who are asked about: those who sign in, one per connection, followed by those with a session.
pub(crate) const ALL_AGENTS: usize = CONNECTIONS + AGENTS;
/// A little more than half the life of a session token, in seconds.
const PAST_HALF: u64 = 8 * 60;
/// The mark of a browser that has been here before.
const MARK: &str = "0123456789abcdef0123456789abcdef";

/// The requests of each connection, valid for the next few minutes.
pub(crate) fn prepare(contestant: Contestant, work: Work, process: &Process) -> Result<Vec<Vec<Request>>> {
    use Contestant::{
        BetterAuth, Floor, FloorWithHeaders, FloorWithObjects, Hono, Jose, OneContact, OneContactUnhashed, OpenAuth,
    };
    let age = if work == Work::Renewal { PAST_HALF } else { 0 };
    let forged = work == Work::Forged;
    match (contestant, work) {
        (FloorWithHeaders, Work::Login) => Ok(same(&Request::get("/login", None, 200))),
        (FloorWithHeaders, Work::Session) => Ok(same(&Request::get("/desktop", None, 200))),
        (Floor | FloorWithHeaders | FloorWithObjects, _) => Ok(same(&Request::get("/", None, 200))),
        (_, Work::Constant) => Ok(same(&Request::get("/health", None, 200))),
        (OneContact | OneContactUnhashed, Work::Login) => Ok(same(&Request::get(&home(), Some(&own_mark()), 200))),
        (OneContact | OneContactUnhashed, Work::SignIn | Work::SignInHashed) => own_sign_in(0),
        (OneContact | OneContactUnhashed, Work::SignInExtension) => own_sign_in(directory::WITH_EXTENSION.start),
        (OneContact | OneContactUnhashed | OpenAuth, Work::Jwks) => {
            Ok(same(&Request::get("/.well-known/jwks.json", None, 200)))
        }
        (OneContact | OneContactUnhashed, Work::Bearer) => own_bearer(),
        (Jose, Work::Bearer) => jose_bearer(process),
        (OneContact | OneContactUnhashed, Work::AccessToken) => {
            own_session(&format!("{}/access-token?audience={AUDIENCE}", home()), age, forged)
        }
        (OneContact | OneContactUnhashed, _) => own_session(&format!("{}/desktop", home()), age, forged),
        (Hono, Work::Login) => Ok(same(&Request::get("/login", Some(&format!("__Host-form={MARK}")), 200))),
        (OpenAuth, Work::Login) => Ok(same(&Request::get("/password/authorize", Some(&openauth_state(process)?), 200))),
        (OpenAuth, Work::Renewal) => openauth_renewal(process),
        (OpenAuth, _) => {
            let state = openauth_state(process)?;
            each_connection(|at| Ok(vec![openauth_sign_in(&state, &email(at, work))]))
        }
        (BetterAuth, Work::SignIn | Work::SignInHashed) => {
            each_connection(|at| Ok(vec![better_auth_sign_in(&email(at, work))]))
        }
        (BetterAuth, _) => better_auth_session(process, forged),
        (Hono | Jose, _) => {
            let path = if work == Work::AccessToken { "/access-token" } else { "/desktop" };
            minted_session(contestant, process, path, age, forged)
        }
    }
}

fn same(request: &Request) -> Vec<Vec<Request>> {
    vec![vec![request.clone()]; CONNECTIONS]
}

fn each_connection(requests: impl FnMut(usize) -> Result<Vec<Request>>) -> Result<Vec<Vec<Request>>> {
    (0..CONNECTIONS).map(requests).collect()
}

/// The requests dealt out to the connections.
fn dealt(requests: impl IntoIterator<Item = Result<Request>>) -> Result<Vec<Vec<Request>>> {
    let mut dealt = vec![Vec::new(); CONNECTIONS];
    for (at, request) in requests.into_iter().enumerate() {
        dealt[at % CONNECTIONS].push(request?);
    }
    Ok(dealt)
}

/// The install's path.
pub(crate) fn home() -> String {
    format!("/OneAgentWeb_{INSTALL}")
}

/// The address of the account that a peer's connection signs in to; its name tells its hash.
pub(crate) fn email(at: usize, work: Work) -> String {
    let kind = if work == Work::SignInHashed { "hashed" } else { "unhashed" };
    format!("agent{at}-{kind}@acme.example")
}

/// The text with the characters encoded that mean something in a form or a cookie.
fn encoded(text: &str) -> String {
    text.replace('@', "%40").replace(' ', "+").replace(':', "%3A").replace('/', "%2F")
}

/// A cookie as it is sent back, from the header that set it.
fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap_or_default().to_owned()
}

/// The cookie of a browser that has already been at our login page.
fn own_mark() -> String {
    pair(&cookies::set_browser(MARK))
}

fn own_session(path: &str, age: u64, forged: bool) -> Result<Vec<Vec<Request>>> {
    let issued = Timestamp(world::now().0 - age);
    let request = |at: usize| {
        let claims = SessionClaims {
            agent: directory::username(CONNECTIONS + at)?,
            instance: directory::instance(0)?,
            install: InstallSpelling::parse(INSTALL)?,
            sid: SessionId::from_bits(at as u128),
            lease: 1,
            extension: Extension::parse("1001").ok(),
            extension_typed: false,
            language: None,
            auth_time: issued,
            amr: vec![Amr::Pwd],
            sign_in: None,
            hard_end: issued.plus(12 * 60 * 60),
        };
        let mut token = tokens::sealed(&claims, issued);
        if forged {
            token = tokens::forged(&token, |_, claims| claims["sub"] = "somebody".into());
        }
        let session = pair(&cookies::set_session(&directory::install()?, token));
        let cookie = format!("{session}; {}", own_mark());
        Ok(Request::get(path, Some(&cookie), if forged { 303 } else { 200 }))
    };
    dealt((0..AGENTS).map(request))
}

/// A service that may make offers asks to look at an agent.
fn own_bearer() -> Result<Vec<Vec<Request>>> {
    let path = service::path(&directory::instance(0)?, "agent1");
    each_connection(|at| {
        let mut claims = service::claims();
        claims["jti"] = at.to_string().into();
        let token = service::signed(&service::header(), &claims, &service::secret(1));
        Ok(vec![Request::bearer(&path, &token, 403)])
    })
}

fn jose_bearer(process: &Process) -> Result<Vec<Vec<Request>>> {
    let mut connection = Connection::open(process.address)?;
    each_connection(|at| {
        let mint = Request::form("/mint", None, &format!("sub=agent{at}&iat={}", world::now().0), 200);
        let token = connection.exchange(&mint)?.text();
        Ok(vec![Request::bearer("/bearer", &token, 403)])
    })
}

/// Each connection signs in an agent of its own, from this number on: attempts under way count towards the lock.
fn own_sign_in(first: usize) -> Result<Vec<Vec<Request>>> {
    let form = FormClaims { install: directory::install()?, browser: MARK.to_owned(), tenant: None };
    let token = tokens::sealed(&form, world::now());
    each_connection(|at| {
        let (username, password) = (directory::username(first + at)?, encoded(PASSWORD));
        let body = format!("form={token}&username={username}&password={password}&extension=");
        Ok(vec![Request::form(&home(), Some(&own_mark()), &body, 303)])
    })
}

/// Hono and jose mint their own tokens.
fn minted_session(
    contestant: Contestant,
    process: &Process,
    path: &str,
    age: u64,
    forged: bool,
) -> Result<Vec<Vec<Request>>> {
    let mut connection = Connection::open(process.address)?;
    let status = match (contestant, forged) {
        (_, false) => 200,
        (Contestant::Jose, true) => 303,
        (_, true) => 401,
    };
    dealt((0..AGENTS).map(|at| {
        let issued = world::now().0 - age;
        let mint = Request::form("/mint", None, &format!("sub=agent{at}&iat={issued}"), 200);
        let mut token = connection.exchange(&mint)?.text();
        if forged {
            token = tokens::forged(&token, |_, claims| claims["sub"] = "somebody".into());
        }
        let cookie = format!("__Host-session={token}; __Host-form={MARK}");
        Ok(Request::get(path, Some(&cookie), status))
    }))
}

/// The cookie in which `OpenAuth` keeps the state of an authorisation.
fn openauth_state(process: &Process) -> Result<String> {
    let path =
        "/authorize?client_id=bench&redirect_uri=http%3A%2F%2Flocalhost%2Fback&response_type=code&provider=password";
    let mut connection = Connection::open(process.address)?;
    let answer = connection.exchange(&Request::get(path, None, 302))?;
    Ok(answer.cookie().context("OpenAuth sets a cookie")?.to_owned())
}

fn openauth_sign_in(state: &str, email: &str) -> Request {
    let body = format!("email={}&password={}", encoded(email), encoded(PASSWORD));
    Request::form("/password/authorize", Some(state), &body, 302)
}

fn openauth_renewal(process: &Process) -> Result<Vec<Vec<Request>>> {
    let state = openauth_state(process)?;
    let mut connection = Connection::open(process.address)?;
    each_connection(|at| {
        let answer = connection.exchange(&openauth_sign_in(&state, &email(at, Work::SignIn)))?;
        let back = answer.header("location").context("OpenAuth redirects")?;
        let code = back.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).context("a code")?;
        let redirect = encoded("http://localhost/back");
        let body = format!("grant_type=authorization_code&code={code}&client_id=bench&redirect_uri={redirect}");
        let tokens = connection.exchange(&Request::form("/token", None, &body, 200))?.text();
        let tokens: serde_json::Value = serde_json::from_str(&tokens)?;
        let refresh = encoded(tokens["refresh_token"].as_str().context("a refresh token")?);
        let body = format!("grant_type=refresh_token&refresh_token={refresh}");
        Ok(vec![Request::form("/token", None, &body, 200)])
    })
}

fn better_auth_sign_in(email: &str) -> Request {
    let body = serde_json::json!({ "email": email, "password": PASSWORD }).to_string();
    Request::json("/api/auth/sign-in/email", &body, 200)
}

fn better_auth_session(process: &Process, forged: bool) -> Result<Vec<Vec<Request>>> {
    let mut connection = Connection::open(process.address)?;
    dealt((0..AGENTS).map(|at| {
        let sign_in = better_auth_sign_in(&email(at % CONNECTIONS, Work::SignIn));
        let mut cookie = connection.exchange(&sign_in)?.cookie().context("better-auth sets a cookie")?.to_owned();
        if forged {
            // Another session's id, with the signature unchanged.
            let at = cookie.find('=').context("a cookie has a value")? + 1;
            let other = if cookie[at..].starts_with('A') { "B" } else { "A" };
            cookie.replace_range(at..=at, other);
        }
        Ok(Request::get("/api/auth/get-session", Some(&cookie), 200))
    }))
}

//! What the Worker is given: its bindings, looked up once per isolate, and randomness.

use std::cell::RefCell;
use std::rc::Rc;

use kv_schema::directory::SecretName;
use kv_schema::{Namespace, Timestamp};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::service::Genuine;
use onecontact_domain::token::{KeySet, Opened, Rejection, SessionClaims, Verified};
use rand_core::{OsRng, RngCore};
use wasm_bindgen::{JsCast, JsValue};
use worker::{AnalyticsEngineDataset, Env, ObjectNamespace, RateLimiter};

use crate::common_passwords::Assets;
use crate::kv::Kv;
use crate::messages::Messengers;

/// The bindings of `wrangler.toml`, by their roles.
pub(crate) struct Bindings {
    pub(crate) directory: Kv,
    pub(crate) sessions: Kv,
    pub(crate) account_guard: ObjectNamespace,
    pub(crate) agent_desk: ObjectNamespace,
    pub(crate) extension_lease: ObjectNamespace,
    pub(crate) login_rate: RateLimiter,
    pub(crate) events: AnalyticsEngineDataset,
    pub(crate) assets: Assets,
    pub(crate) messengers: Messengers,
    pub(crate) keys: KeySet,
    verified: RefCell<Verified>,
    pub(crate) genuine: Genuine,
    /// Holds the secrets by which instances' providers know this deployment.
    env: JsValue,
}

thread_local! {
    static FOUND: RefCell<Option<Rc<Bindings>>> = const { RefCell::new(None) };
}

impl Bindings {
    /// The bindings in `env`. They are the same for every request of an isolate; a new secret starts a new isolate.
    ///
    /// # Errors
    /// [`Problem::Misconfigured`] if one is missing or unusable: it says which.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, Problem> {
        if let Some(found) = FOUND.with_borrow(Clone::clone) {
            return Ok(found);
        }
        let found = Rc::new(Self::find(env)?);
        FOUND.set(Some(Rc::clone(&found)));
        Ok(found)
    }

    /// Opens a session token.
    pub(crate) fn open_session(&self, token: &str, now: Timestamp) -> Result<Opened<SessionClaims>, Rejection> {
        self.verified.borrow_mut().open(&self.keys, token, now)
    }

    /// The secret of this name, by which a provider knows this deployment.
    pub(crate) fn provider_secret(&self, name: &SecretName) -> Option<String> {
        let found = js_sys::Reflect::get(&self.env, &name.as_str().into()).ok()?;
        found.as_string().filter(|secret| !secret.is_empty())
    }

    /// The bindings, if a request has already found them.
    pub(crate) fn found() -> Option<Rc<Self>> {
        FOUND.with_borrow(Clone::clone)
    }

    fn find(env: &Env) -> Result<Self, Problem> {
        let missing = |error: worker::Error| Problem::Misconfigured(error.to_string());
        let keys = env.secret("TOKEN_KEYS").map_err(missing)?.to_string();
        Ok(Self {
            directory: Kv::of(env, Namespace::Directory)?,
            sessions: Kv::of(env, Namespace::Sessions)?,
            account_guard: env.durable_object("ACCOUNT_GUARD").map_err(missing)?,
            agent_desk: env.durable_object("AGENT_DESK").map_err(missing)?,
            extension_lease: env.durable_object("EXTENSION_LEASE").map_err(missing)?,
            login_rate: env.rate_limiter("LOGIN_RATE").map_err(missing)?,
            events: env.analytics_engine("EVENTS").map_err(missing)?,
            assets: assets(env)?,
            messengers: Messengers::of(env),
            keys: KeySet::parse(&keys).map_err(|error| Problem::Misconfigured(error.to_string()))?,
            verified: RefCell::default(),
            genuine: Genuine::default(),
            env: env.into(),
        })
    }
}

/// The static assets. `worker`'s own wrapper would pull in all of its requests and responses.
fn assets(env: &Env) -> Result<Assets, Problem> {
    let found = js_sys::Reflect::get(env, &"ASSETS".into()).unwrap_or_default();
    if found.is_object() {
        Ok(found.unchecked_into())
    } else {
        Err(Problem::Misconfigured("the binding ASSETS is missing".to_owned()))
    }
}

/// 128 bits from the platform's cryptographic source, fetched 4 KiB at a time: one crossing per 256 calls.
pub(crate) fn random_bits() -> u128 {
    thread_local! {
        static POOL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    POOL.with_borrow_mut(|pool| {
        if pool.len() < size_of::<u128>() {
            pool.resize(4096, 0);
            OsRng.fill_bytes(pool);
        }
        let rest = pool.len() - size_of::<u128>();
        pool.drain(rest..).fold(0, |bits, byte| (bits << 8) | u128::from(byte))
    })
}

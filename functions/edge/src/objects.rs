//! Asking a Durable Object, and answering as one: a JSON value each way.

use kv_schema::names::{InstanceId, Username};
use onecontact_domain::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Method, ObjectNamespace, Request, RequestInit, Response, State};

use crate::directory::outage;

/// The key that an object keeps its whole state under.
const STATE: &str = "state";

/// The name of the object that belongs to an account.
pub(crate) fn account_name(instance: &InstanceId, username: &Username) -> String {
    format!("{instance}/{username}")
}

/// Asks the object called `name`.
///
/// # Errors
/// [`Problem::Unavailable`] where it does not answer, or not as expected.
pub(crate) async fn ask<A: DeserializeOwned>(
    namespace: &ObjectNamespace,
    binding: &'static str,
    name: &str,
    ask: &impl Serialize,
) -> Result<A, Problem> {
    let asking = async {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(serde_json::to_string(ask)?.into()));
        // An object has no address of its own; the platform wants one.
        let request = Request::new_with_init("https://object/", &init)?;
        let mut response = namespace.get_by_name(name)?.fetch_with_request(request).await?;
        if response.status_code() != 200 {
            return Err(worker::Error::RustError(format!("status {}", response.status_code())));
        }
        response.json().await
    };
    asking.await.map_err(|error| outage(binding, &error))
}

/// Reads what is asked of an object.
pub(crate) async fn asked<A: DeserializeOwned>(mut request: Request) -> worker::Result<A> {
    Ok(serde_json::from_str(&request.text().await?)?)
}

/// The object's state; that of a new one where it has none.
pub(crate) async fn load<S: DeserializeOwned + Default>(state: &State) -> worker::Result<S> {
    match state.storage().get::<String>(STATE).await? {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(S::default()),
    }
}

/// Keeps the object's state. The platform holds the answer back until it is safe.
pub(crate) async fn store(state: &State, value: &impl Serialize) -> worker::Result<()> {
    state.storage().put_raw(STATE, serde_json::to_string(value)?).await
}

/// An object's answer.
pub(crate) fn answer(value: &impl Serialize) -> worker::Result<Response> {
    Response::ok(serde_json::to_string(value)?)
}

//! The list of the commonest passwords: a static asset, because it would be half as large as the Worker itself. Each
//! isolate that needs it fetches it once.

use std::cell::RefCell;

use js_sys::{JsString, Promise};
use onecontact_domain::problem::Problem;
use onecontact_templates::assets::COMMON_PASSWORDS_TXT;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::bell::within;
use crate::bindings::Bindings;
use crate::directory::outage;
use crate::objects::text_of;

const BINDING: &str = "ASSETS";

/// Milliseconds that the list may take.
const LIMIT: f64 = 10_000.0;

#[wasm_bindgen]
extern "C" {
    /// The static assets binding.
    pub(crate) type Assets;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Assets, address: &str) -> Result<Promise, JsValue>;
}

thread_local! {
    /// The list, each entry between two line breaks. It stays a JavaScript string, which can be searched in less time
    /// than it would take to copy it over.
    static LIST: RefCell<Option<JsString>> = const { RefCell::new(None) };
}

/// Whether one of `roots` is among the commonest passwords.
///
/// # Errors
/// [`Problem::Unavailable`] if the list cannot be had: then no password can be called good.
pub(crate) async fn hold(bindings: &Bindings, roots: &[String]) -> Result<bool, Problem> {
    let kept = LIST.with_borrow(Clone::clone);
    let list = match kept {
        Some(list) => list,
        None => match within(LIMIT, fetch(&bindings.assets)).await {
            Some(fetched) => fetched.map_err(|error| outage(BINDING, &text_of(&error)))?,
            None => return Err(outage(BINDING, &"it does not answer")),
        },
    };
    let is_listed = roots.iter().any(|root| list.includes(&["\n", root, "\n"].concat(), 0));
    LIST.set(Some(list));
    Ok(is_listed)
}

async fn fetch(assets: &Assets) -> Result<JsString, JsValue> {
    // An asset has no host of its own, but the platform wants one.
    let fetching = assets.fetch(&["https://assets", COMMON_PASSWORDS_TXT].concat())?;
    let response: web_sys::Response = JsFuture::from(fetching).await?.dyn_into()?;
    if !response.ok() {
        return Err("it does not have the list of common passwords".into());
    }
    let text: JsString = JsFuture::from(response.text()?).await?.dyn_into()?;
    Ok(JsString::from("\n").concat(&text))
}

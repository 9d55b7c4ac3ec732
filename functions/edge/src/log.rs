//! The log: one JSON line per event, and the same as a data point of the audit trail.
//!
//! No line contains a password, a token, a code, or a typed name that is nobody's: people type passwords into the wrong
//! field.

use std::rc::Rc;

use kv_schema::Timestamp;
use kv_schema::names::InstallName;
use onecontact_domain::problem::Problem;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use worker::{AnalyticsEngineDataset, Env, console_error, console_log};

use crate::bindings::Bindings;
use crate::http::Asked;
use crate::objects::text_of;

#[wasm_bindgen]
extern "C" {
    /// The audit trail, as the platform provides it.
    type Trail;

    #[wasm_bindgen(method, catch, js_name = writeDataPoint)]
    fn write(this: &Trail, point: &JsValue) -> Result<(), JsValue>;
}

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event<'a> {
    /// What happened.
    #[serde(rename = "event")]
    pub(crate) name: &'static str,
    /// The install's name, in lower case however operators spell it, so that counts by install do not split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) install: Option<InstallName>,
    /// The instance's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instance: Option<&'a str>,
    /// The agent's username, if there is such an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<&'a str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    /// What an operator needs to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<&'a str>,
    /// How many password hashes were computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashes: Option<u32>,
    /// Whether an operator has to act.
    #[serde(skip)]
    pub(crate) is_for_the_operator: bool,
}

impl Event<'_> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            install: None,
            instance: None,
            agent: None,
            reason: None,
            detail: None,
            hashes: None,
            is_for_the_operator: false,
        }
    }
}

/// Where events go.
pub(crate) struct Log<'a> {
    pub(crate) asked: &'a Asked,
    /// The audit trail; `None` if the deployment lacks even that.
    pub(crate) events: Option<&'a AnalyticsEngineDataset>,
}

/// The log of a request, for what is done after its answer.
pub(crate) struct LogOfRequest {
    at: Timestamp,
    request: String,
    bindings: Option<Rc<Bindings>>,
}

impl LogOfRequest {
    pub(crate) fn of(asked: &Asked) -> Self {
        Self { at: asked.now(), request: asked.id().to_owned(), bindings: Bindings::found() }
    }

    pub(crate) fn write(&self, event: &Event<'_>) {
        record(self.at, &self.request, self.bindings.as_ref().map(|bindings| &bindings.events), event);
    }
}

/// An event in the log.
#[derive(Serialize)]
struct Line<'a> {
    at: u64,
    request: &'a str,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

/// An event in the audit trail. As JSON it crosses to the platform in one piece: `worker`'s builder takes 40 crossings.
#[derive(Serialize)]
struct Point<'a> {
    indexes: [&'a str; 1],
    blobs: [&'a str; 6],
    doubles: [u32; 1],
}

impl Log<'_> {
    pub(crate) fn write(&self, event: &Event<'_>) {
        record(self.asked.now(), self.asked.id(), self.events, event);
    }
}

/// Logs an event that has no browser request behind it: `object` is where it happened.
pub(crate) fn write_of_object(env: &Env, object: &str, event: &Event<'_>) {
    let bindings = Bindings::of(env).ok();
    record(crate::now(), object, bindings.as_ref().map(|bindings| &bindings.events), event);
}

/// Logs a problem that an object has met and that an operator has to know of.
pub(crate) fn problem_of_object(env: &Env, object: &str, problem: &Problem) {
    let detail = problem.detail();
    let (reason, detail) = (Some(problem.code()), detail.as_deref());
    write_of_object(env, object, &Event { reason, detail, is_for_the_operator: true, ..Event::new("problem") });
}

fn record(at: Timestamp, request: &str, events: Option<&AnalyticsEngineDataset>, event: &Event<'_>) {
    let Ok(line) = serde_json::to_string(&Line { at: at.0, request, event }) else { return };
    if event.is_for_the_operator {
        console_error!("{line}");
    } else {
        console_log!("{line}");
    }
    let Some(events) = events else { return };
    let install = event.install.as_ref().map(InstallName::as_str);
    let blobs = [Some(event.name), event.instance, event.agent, install, event.reason, Some(request)];
    let point = Point {
        indexes: [event.instance.unwrap_or_default()],
        blobs: blobs.map(Option::unwrap_or_default),
        doubles: [event.hashes.unwrap_or_default()],
    };
    if let Err(error) = write(events, &point) {
        let detail = text_of(&error);
        let failed = Event { detail: Some(&detail), ..Event::new("audit_failed") };
        let line = Line { at: at.0, request, event: &failed };
        console_error!("{}", serde_json::to_string(&line).unwrap_or_default());
    }
}

fn write(events: &AnalyticsEngineDataset, point: &Point<'_>) -> Result<(), JsValue> {
    let json = serde_json::to_string(point).map_err(|error| JsValue::from(error.to_string()))?;
    events.as_ref().unchecked_ref::<Trail>().write(&js_sys::JSON::parse(&json)?)
}

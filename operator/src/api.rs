//! Calls a deployment's API, as a service.

use kv_schema::Timestamp;
use kv_schema::names::{InstanceId, ServiceName, Username};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ureq::Body;
use ureq::http::Response;

use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::signing::ServiceJwk;

/// A deployment, and the service that calls it.
pub(crate) struct Api {
    deployment: Deployment,
    service: ServiceName,
    key: ServiceJwk,
}

/// Why a session is ended.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// An operator wants it.
    Forced,
    /// The account was disabled.
    Disabled,
}

#[derive(Serialize)]
struct EndSession {
    reason: Reason,
}

#[derive(Serialize)]
struct ResetAccount<'a> {
    password_hash: &'a str,
}

/// An empty object.
#[derive(Serialize, Deserialize)]
struct Nothing {}

/// What was ended.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Ended {
    /// Ids of sessions; none where the agent was not signed in.
    pub(crate) ended: Vec<String>,
}

/// An account, as the API reports it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Account {
    pub(crate) agent: String,
    pub(crate) declared: String,
    pub(crate) kept_out: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) password: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_since: Option<Timestamp>,
    pub(crate) second_step_required: bool,
    pub(crate) second_step: Vec<String>,
    pub(crate) recovery_codes: u64,
}

/// A problem as the API reports it (RFC 9457); its other members are not used here.
#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: Option<String>,
    code: String,
    request: String,
}

impl Api {
    /// The deployment at `server`, called as `service`.
    pub(crate) fn new(server: &str, service: ServiceName, key: ServiceJwk) -> Result<Self, Failure> {
        Ok(Self { deployment: Deployment::at(server)?, service, key })
    }

    /// Ends the agent's session, if there is one.
    pub(crate) fn end_session(
        &self,
        instance: &InstanceId,
        agent: &Username,
        reason: Reason,
        now: Timestamp,
    ) -> Result<Ended, Failure> {
        self.post(instance, agent, &["end-session"], &EndSession { reason }, now)
    }

    /// Returns the agent's account in its current state.
    pub(crate) fn account(&self, instance: &InstanceId, agent: &Username, now: Timestamp) -> Result<Account, Failure> {
        let url = self.url(instance, agent, &["account"])?;
        let token = self.key.token(&self.service, now)?;
        self.answer(self.deployment.agent.get(&url).header("authorization", format!("Bearer {}", *token)).call())
    }

    /// Changes the agent's account: unlock, disable, enable.
    pub(crate) fn change_account(
        &self,
        instance: &InstanceId,
        agent: &Username,
        action: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.post(instance, agent, &["account", action], &Nothing {}, now).map(|Nothing {}| ())
    }

    /// Gives the agent the password with this hash, to be replaced at the next login.
    pub(crate) fn reset_account(
        &self,
        instance: &InstanceId,
        agent: &Username,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let body = ResetAccount { password_hash };
        self.post(instance, agent, &["account", "reset"], &body, now).map(|Nothing {}| ())
    }

    fn post<A: DeserializeOwned>(
        &self,
        instance: &InstanceId,
        agent: &Username,
        what: &[&str],
        body: &impl Serialize,
        now: Timestamp,
    ) -> Result<A, Failure> {
        let url = self.url(instance, agent, what)?;
        let body = serde_json::to_string(body).map_err(Failure::failed)?;
        let token = self.key.token(&self.service, now)?;
        let request = self.deployment.agent.post(&url).header("content-type", "application/json");
        self.answer(request.header("authorization", format!("Bearer {}", *token)).send(body))
    }

    /// The address of the agent's resource `what`.
    fn url(&self, instance: &InstanceId, agent: &Username, what: &[&str]) -> Result<String, Failure> {
        let mut url = self.deployment.url.clone();
        let path = ["api", "v1", "instances", instance.as_str(), "agents", agent.as_str()];
        let path = path.iter().chain(what);
        url.path_segments_mut().map_err(|()| Failure::failed("the address has no path"))?.clear().extend(path);
        Ok(url.into())
    }

    fn answer<A: DeserializeOwned>(&self, sent: Result<Response<Body>, ureq::Error>) -> Result<A, Failure> {
        let server = self.deployment.url.as_str();
        let mut answer = sent.map_err(|error| self.deployment.not_asked(&error))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(Failure::failed)?;
        if status == 200 {
            let strange = |_| Failure::failed(format!("{server} answered in an unknown form"));
            return serde_json::from_str(&text).map_err(strange);
        }
        Err(failure(server, status, &text))
    }
}

/// What an answer other than 200 means to the caller.
fn failure(server: &str, status: u16, text: &str) -> Failure {
    let Ok(Problem { title, detail, code, request }) = serde_json::from_str(text) else {
        return Failure::failed(format!("{server} answered {status}, but not as OneContact Agent's API does"));
    };
    let advice = match code.as_str() {
        "not_authenticated" => {
            " Is the service declared there and applied, with this key? A change can take a minute to reach \
             everywhere. Is this machine's clock right?"
        }
        "insufficient_scope" => " Its `scopes` in the declarations say what it may do.",
        "unknown_agent" => {
            " It is told the same where the service is not declared for the instance. `onecontact agent list` shows the \
             agents."
        }
        _ => "",
    };
    let detail = detail.map_or_else(String::new, |detail| format!(" {detail}"));
    let message = format!("{title}{detail} ({code}, request {request}){advice}");
    // These would be refused again; any other failure may pass.
    if status == 429 || status >= 500 { Failure::Failed(message) } else { Failure::Refused(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let problem = r#"{"type":"about:blank","status":0,"title":"No.","code":"insufficient_scope","request":"r"}"#;
        for (status, refused) in [(401, true), (403, true), (404, true), (429, false), (503, false)] {
            let failure = failure("https://a.example", status, problem);
            assert_eq!(matches!(failure, Failure::Refused(_)), refused, "{status}");
            assert!(failure.to_string().contains("insufficient_scope, request r) Its `scopes`"), "{failure}");
        }
        let problem = problem.replace("No.\"", "No.\",\"detail\":\"The token has expired.\"");
        let told = failure("https://a.example", 401, &problem).to_string();
        assert!(told.starts_with("No. The token has expired. ("), "{told}");
        let problem = problem.replace("insufficient_scope", "unknown_agent");
        let told = failure("https://a.example", 404, &problem).to_string();
        assert!(told.contains("`onecontact agent list` shows"), "{told}");
        let failure = failure("https://a.example", 502, "<html>");
        assert!(failure.to_string().contains("answered 502"), "{failure}");
    }
}

//! An authorization request (RFC 6749, section 4.1.1; `OpenID` Connect Core, section 3.1.2.1), checked against its
//! client.
//!
//! Faults in the client or in where to send the agent back to are shown on a page: nobody must be sent to whoever made
//! those up. All others are told to the client.

use kv_schema::directory::Client;
use kv_schema::names::{InstanceName, RedirectUri};

use super::{ACR_TWO, OPENID, Params, SCOPES};

/// The longest `state` and `nonce`.
const LONGEST_TEXT: usize = 2048;

/// What a client has asked for, as far as it is allowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where the agent is sent back to.
    pub redirect_uri: RedirectUri,
    /// What the client recognises its request by, returned as it came.
    pub state: String,
    /// The scopes that are granted, separated by blanks.
    pub scope: String,
    /// What the ID token states so that the client recognises it.
    pub nonce: Option<String>,
    /// What the code's verifier has to hash to (RFC 7636, by S256).
    pub challenge: String,
    /// Whether the agent is to be asked.
    pub prompt: Prompt,
    /// Seconds after which the agent has to prove anew who they are.
    pub max_age: Option<u64>,
    /// Whether the agent has to have taken a second step.
    pub wants_second_step: bool,
    /// The name that the agent may go by.
    pub login_hint: Option<String>,
    /// An ID token by which the client shows whom it means. Nothing in it is believed yet.
    pub id_token_hint: Option<String>,
    /// The instance that the agent may belong to.
    pub tenant: Option<InstanceName>,
}

/// Whether the agent is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// If necessary.
    Needed,
    /// In no case.
    Never,
    /// In any case.
    Always,
}

/// Why a request leads no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It can only be shown on a page, for this reason.
    OnPage(&'static str),
    /// The client is told.
    ToClient {
        /// Where.
        redirect_uri: RedirectUri,
        /// Its own `state`, if that was valid.
        state: Option<String>,
        /// The code that it is told (RFC 6749, section 4.1.2.1).
        error: &'static str,
        /// The reason, for the log.
        reason: &'static str,
    },
}

impl Refused {
    /// The reason, for the log.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::OnPage(reason) | Self::ToClient { reason, .. } => reason,
        }
    }
}

/// What the client is told, and the reason.
type Told = (&'static str, &'static str);

impl Request {
    /// Reads a request from `client`.
    pub fn read(params: &Params, client: &Client) -> Result<Self, Refused> {
        if params.is_repeated("redirect_uri") {
            return Err(Refused::OnPage("repeated_redirect_uri"));
        }
        let stated = params.get("redirect_uri").ok_or(Refused::OnPage("missing_redirect_uri"))?;
        let declared = client.redirect_uris.iter().find(|uri| uri.as_str() == stated);
        let redirect_uri = declared.ok_or(Refused::OnPage("unknown_redirect_uri"))?;
        let state = params.get("state").filter(|state| !params.is_repeated("state") && is_handed_back(state));
        let read = Self::read_rest(params, client, redirect_uri, state);
        read.map_err(|(error, reason)| {
            let state = state.map(str::to_owned);
            Refused::ToClient { redirect_uri: redirect_uri.clone(), state, error, reason }
        })
    }

    fn read_rest(
        params: &Params,
        client: &Client,
        redirect_uri: &RedirectUri,
        state: Option<&str>,
    ) -> Result<Self, Told> {
        if params.has_repeated() {
            return Err(("invalid_request", "repeated_parameter"));
        }
        // Requests hidden in, or behind, a parameter (OpenID Connect Core, sections 6 and 7.2.1).
        let hidden = [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
            ("registration", "registration_not_supported"),
        ];
        if let Some((_, error)) = hidden.into_iter().find(|(name, _)| params.get(name).is_some()) {
            return Err((error, error));
        }
        match params.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(("unsupported_response_type", "unsupported_response_type")),
            None => return Err(("invalid_request", "missing_response_type")),
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(("invalid_request", "unsupported_response_mode"));
        }
        let nonce = params.get("nonce").map(str::to_owned);
        if nonce.as_deref().is_some_and(|nonce| !is_handed_back(nonce)) {
            return Err(("invalid_request", "bad_nonce"));
        }
        let acr = params.get("acr_values").unwrap_or_default();
        Ok(Self {
            redirect_uri: redirect_uri.clone(),
            state: state.ok_or(("invalid_request", "missing_state"))?.to_owned(),
            scope: scope(params)?,
            nonce,
            challenge: challenge(params)?,
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            wants_second_step: client.wants_second_step || acr.split(' ').any(|acr| acr == ACR_TWO),
            login_hint: params.get("login_hint").filter(|hint| hint.chars().count() <= 254).map(str::to_owned),
            id_token_hint: params.get("id_token_hint").map(str::to_owned),
            tenant: params.get("tenant").and_then(|tenant| InstanceName::parse(tenant).ok()),
        })
    }
}

/// Whether a text comes back unchanged: visible ASCII and blanks (RFC 6749, appendix A.5), and not too long.
fn is_handed_back(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn scope(params: &Params) -> Result<String, Told> {
    let asked: Vec<&str> = params.get("scope").unwrap_or_default().split(' ').collect();
    if !asked.contains(&OPENID) {
        return Err(("invalid_scope", "scope_without_openid"));
    }
    let granted: Vec<&str> = SCOPES.into_iter().filter(|scope| asked.contains(scope)).collect();
    Ok(granted.join(" "))
}

/// Requires PKCE of every client, and with S256 only (RFC 9700, section 2.1.1).
fn challenge(params: &Params) -> Result<String, Told> {
    let challenge = params.get("code_challenge").ok_or(("invalid_request", "missing_code_challenge"))?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method_not_s256"));
    }
    let is_hash =
        challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_hash { Ok(challenge.to_owned()) } else { Err(("invalid_request", "bad_code_challenge")) }
}

fn prompt(params: &Params) -> Result<Prompt, Told> {
    let mut prompt = Prompt::Needed;
    let stated = params.get("prompt").unwrap_or_default();
    for value in stated.split(' ').filter(|value| !value.is_empty()) {
        match value {
            "none" if stated == "none" => prompt = Prompt::Never,
            "login" | "select_account" => prompt = Prompt::Always,
            // Nobody is asked for consent among our own applications.
            "consent" => {}
            _ => return Err(("invalid_request", "bad_prompt")),
        }
    }
    Ok(prompt)
}

fn max_age(params: &Params) -> Result<Option<u64>, Told> {
    let parsed = params.get("max_age").map(str::parse).transpose();
    parsed.map_err(|_| ("invalid_request", "bad_max_age"))
}

#[cfg(test)]
mod tests;

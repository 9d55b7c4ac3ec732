//! Signing out at an application's request (`OpenID` Connect RP-Initiated Logout 1.0).

use kv_schema::directory::Client;
use kv_schema::names::{ClientId, RedirectUri};

use super::Params;
use crate::token::{SignInClaims, Stated};

/// What an application asks for. Nothing in it is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    /// An ID token of ours, by which the application shows whose session it means.
    pub hint: Option<String>,
    /// The application, if it says.
    pub client: Option<ClientId>,
    /// Where the agent is to be sent back to.
    pub redirect_uri: Option<String>,
    /// What the application recognises its request by.
    pub state: Option<String>,
}

/// Where an agent who has signed out goes: to one of the application's own addresses, with its `state`.
pub type Leaving = Option<(RedirectUri, Option<String>)>;

impl SignOut {
    /// Reads a request. Never fails: what is repeated or invalid counts as absent.
    #[must_use]
    pub fn read(params: &Params) -> Self {
        let one = |name: &str| params.get(name).filter(|_| !params.is_repeated(name)).map(str::to_owned);
        Self {
            hint: one("id_token_hint"),
            client: one("client_id").and_then(|id| ClientId::parse(&id).ok()),
            redirect_uri: one("post_logout_redirect_uri"),
            state: one("state").filter(|state| state.len() <= 2048),
        }
    }

    /// The client to look up: that of the hint, which has been verified. `None` if the request names another one.
    #[must_use]
    pub fn client(&self, hint: Option<&Stated>) -> Option<ClientId> {
        let hinted = hint.and_then(|stated| ClientId::parse(stated.aud.first()?).ok());
        match (&self.client, hinted) {
            (Some(named), Some(hinted)) => (*named == hinted).then_some(hinted),
            (named, hinted) => hinted.or_else(|| named.clone()),
        }
    }

    /// Where it leads, if that address was declared for the client.
    #[must_use]
    pub fn leaving(&self, client: Option<&Client>) -> Leaving {
        let wanted = self.redirect_uri.as_deref()?;
        let declared = client?.post_logout_redirect_uris.iter().find(|uri| uri.as_str() == wanted)?;
        Some((declared.clone(), self.state.clone()))
    }
}

/// Whether nobody has to be asked: the hint belongs to the very sign-in that is to end, or nobody is signed in.
#[must_use]
pub fn is_certain(hint: Option<&Stated>, signed_in: Option<&SignInClaims>) -> bool {
    match (hint, signed_in) {
        (_, None) => true,
        (Some(hint), Some(by)) => hint.sid.as_deref() == Some(by.sid.as_str()),
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{client, signed_in};
    use super::*;
    use kv_schema::Timestamp;

    fn read(query: &str) -> SignOut {
        SignOut::read(&Params::parse(query.as_bytes()))
    }

    fn hint(aud: &str, sid: &str) -> Stated {
        let json = format!(r#"{{"iss":"i","sub":"s","aud":"{aud}","exp":1,"sid":"{sid}"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn an_agent_is_sent_back_to_a_declared_address_and_to_no_other() {
        let leaving = |query: &str| read(query).leaving(Some(&client())).map(|(uri, state)| (uri.to_string(), state));
        let good = "post_logout_redirect_uri=https%3A%2F%2Fcrm.example%2Fbye&state=s";
        assert_eq!(leaving(good), Some(("https://crm.example/bye".to_owned(), Some("s".to_owned()))));
        for query in ["", "post_logout_redirect_uri=https%3A%2F%2Fcrm.example%2Fbye%2F", &format!("{good}&{good}")] {
            assert_eq!(leaving(query), None, "{query}");
        }
        assert_eq!(read(good).leaving(None), None);
    }

    #[test]
    fn the_client_is_the_hints_and_no_other_can_be_named_beside_it() {
        let crm = ClientId::parse("crm").ok();
        assert_eq!(read("").client(Some(&hint("crm", "x"))), crm);
        assert_eq!(read("client_id=crm").client(Some(&hint("crm", "x"))), crm);
        assert_eq!(read("client_id=crm").client(None), crm);
        assert_eq!(read("client_id=other").client(Some(&hint("crm", "x"))), None);
    }

    #[test]
    fn whoever_shows_no_token_of_this_very_sign_in_has_the_agent_asked() {
        let by = signed_in(Timestamp(1));
        assert!(is_certain(Some(&hint("crm", by.sid.as_str())), Some(&by)));
        assert!(!is_certain(Some(&hint("crm", "another")), Some(&by)) && !is_certain(None, Some(&by)));
        assert!(is_certain(None, None), "nobody is signed in");
    }
}

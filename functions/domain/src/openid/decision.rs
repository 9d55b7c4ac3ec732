//! What an authorization request leads to.

use kv_schema::Timestamp;
use kv_schema::directory::Client;
use kv_schema::names::InstanceId;

use super::{Prompt, Request};
use crate::own_client::install_of;
use crate::token::access::sub;
use crate::token::{Amr, SignInClaims};

/// What a request leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A code, if the sign-in still stands.
    Issue,
    /// The login.
    Login,
    /// The client is refused.
    Refuse {
        /// The code that it is told (`OpenID` Connect Core, section 3.1.2.6).
        error: &'static str,
        /// The reason, for the log.
        reason: &'static str,
    },
}

/// Whom a request is about, if it says.
#[derive(Debug, Default)]
pub struct Meant {
    /// The instance that they belong to.
    pub tenant: Option<InstanceId>,
    /// The agent that they are.
    pub agent: MeantAgent,
}

/// The agent whom a request is about, according to the ID token that comes with it (`id_token_hint`).
#[derive(Debug, Default)]
pub enum MeantAgent {
    /// It comes with none.
    #[default]
    Anybody,
    /// Its ID token is not ours, or was signed with a key that is gone.
    Unknown,
    /// It is about the agent with this `sub`.
    Of(String),
}

impl MeantAgent {
    /// Whether it may be `by`, as far as anybody knows.
    fn may_be(&self, by: &SignInClaims) -> bool {
        !matches!(self, Self::Of(meant) if *meant != sub(&by.instance, &by.agent))
    }
}

/// Decides on `request`, given that the browser says that `signed_in` is signed in. `is_fresh` says that they have just
/// proved who they are, for this very request.
///
/// A request with an ID token is only answered for the agent whom that was about (`OpenID` Connect Core,
/// section 3.1.2.2). If it cannot be read, nobody knows who that was, so whoever is here has to prove who they are.
#[must_use]
pub fn decide(
    request: &Request,
    client: &Client,
    meant: &Meant,
    signed_in: Option<&SignInClaims>,
    is_fresh: bool,
    now: Timestamp,
) -> Decision {
    let lack = match signed_in {
        None => Some("not_signed_in"),
        Some(by) if !client.is_for(&by.instance) => Some("other_instance"),
        Some(by) if meant.tenant.as_ref().is_some_and(|tenant| *tenant != by.instance) => Some("other_instance"),
        Some(by) if !meant.agent.may_be(by) => Some("other_agent"),
        Some(_) if !is_fresh && matches!(meant.agent, MeantAgent::Unknown) => Some("unknown_hint"),
        Some(_) if !is_fresh && request.prompt == Prompt::Always => Some("asked_for_anew"),
        Some(by) if !is_fresh && request.max_age.is_some_and(|age| is_before(by, client, age, now)) => {
            Some("too_long_ago")
        }
        Some(by) if request.wants_second_step && !by.amr.contains(&Amr::Mfa) => Some("no_second_step"),
        Some(_) => None,
    };
    match lack {
        None => Decision::Issue,
        // Somebody who comes straight from the login would only be asked the same again.
        Some(reason) if is_fresh => {
            let error = match reason {
                "no_second_step" => "unmet_authentication_requirements",
                "other_agent" => "login_required",
                _ => "access_denied",
            };
            Decision::Refuse { error, reason }
        }
        Some(reason) if request.prompt == Prompt::Never => Decision::Refuse { error: "login_required", reason },
        Some(_) => Decision::Login,
    }
}

/// Whether an agent signed in `age` seconds ago or earlier, or may have. If nobody knows when that was, it counts as
/// recent enough for an install of ours, just as it does when it comes from the provider
/// ([`crate::federation::Expected`]).
fn is_before(by: &SignInClaims, client: &Client, age: u64, now: Timestamp) -> bool {
    now.since(by.auth_time) >= age || by.auth_time_missing && install_of(&client.id).is_none()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{client, request, signed_in};
    use super::*;
    use crate::fixture;
    use kv_schema::names::ClientId;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn asked(request: &Request, by: Option<&SignInClaims>) -> Decision {
        decide(request, &client(), &Meant::default(), by, false, NOW)
    }

    fn refuse(error: &'static str, reason: &'static str) -> Decision {
        Decision::Refuse { error, reason }
    }

    #[test]
    fn whoever_is_signed_in_is_not_asked_again() {
        assert_eq!(asked(&request(), Some(&signed_in(NOW))), Decision::Issue);
        assert_eq!(asked(&request(), None), Decision::Login);
    }

    #[test]
    fn whoever_must_not_be_asked_is_not() {
        let never = Request { prompt: Prompt::Never, ..request() };
        assert_eq!(asked(&never, Some(&signed_in(NOW))), Decision::Issue);
        assert_eq!(asked(&never, None), refuse("login_required", "not_signed_in"));
        let never = Request { max_age: Some(60), wants_second_step: true, ..never };
        assert_eq!(asked(&never, Some(&signed_in(NOW))), refuse("login_required", "no_second_step"));
        let long_ago = signed_in(Timestamp(NOW.0 - 60));
        assert_eq!(asked(&never, Some(&long_ago)), refuse("login_required", "too_long_ago"));
    }

    #[test]
    fn what_is_asked_for_anew_is_asked_once() {
        let always = Request { prompt: Prompt::Always, max_age: Some(0), ..request() };
        assert_eq!(asked(&always, Some(&signed_in(NOW))), Decision::Login);
        assert_eq!(decide(&always, &client(), &Meant::default(), Some(&signed_in(NOW)), true, NOW), Decision::Issue);
    }

    #[test]
    fn a_sign_in_is_good_for_as_long_as_the_client_says() {
        let request = Request { max_age: Some(60), ..request() };
        assert_eq!(asked(&request, Some(&signed_in(Timestamp(NOW.0 - 59)))), Decision::Issue);
        assert_eq!(asked(&request, Some(&signed_in(Timestamp(NOW.0 - 60)))), Decision::Login);
    }

    #[test]
    fn a_sign_in_of_which_nobody_knows_when_it_was_is_good_for_installs_and_whoever_does_not_ask() {
        let by = SignInClaims { auth_time_missing: true, ..signed_in(NOW) };
        let asking = Request { max_age: Some(60), ..request() };
        assert_eq!((asked(&request(), Some(&by)), asked(&asking, Some(&by))), (Decision::Issue, Decision::Login));
        let install = Client { id: ClientId::parse("OneAgentWeb_Lisbon").unwrap(), ..client() };
        assert_eq!(decide(&asking, &install, &Meant::default(), Some(&by), false, NOW), Decision::Issue);
    }

    #[test]
    fn a_second_step_that_is_wanted_is_asked_for_and_nobody_is_asked_for_ever() {
        let request = Request { wants_second_step: true, ..request() };
        let by = signed_in(NOW);
        assert_eq!(asked(&request, Some(&by)), Decision::Login);
        let unmet = refuse("unmet_authentication_requirements", "no_second_step");
        assert_eq!(decide(&request, &client(), &Meant::default(), Some(&by), true, NOW), unmet);
        let both = SignInClaims { amr: Amr::of(Some(Amr::Otp)), ..by };
        assert_eq!(asked(&request, Some(&both)), Decision::Issue);
    }

    #[test]
    fn an_agent_of_an_instance_that_the_client_is_not_for_gets_no_code() {
        let client = Client { instances: vec![fixture::id(2)], ..client() };
        let by = signed_in(NOW);
        assert_eq!(decide(&request(), &client, &Meant::default(), Some(&by), false, NOW), Decision::Login);
        let denied = refuse("access_denied", "other_instance");
        assert_eq!(decide(&request(), &client, &Meant::default(), Some(&by), true, NOW), denied);
        let meant = Meant { tenant: Some(fixture::id(2)), ..Meant::default() };
        let of_tenant = decide(&request(), &super::super::fixture::client(), &meant, Some(&by), false, NOW);
        assert_eq!(of_tenant, Decision::Login);
    }

    #[test]
    fn an_id_token_is_answered_for_its_agent_alone() {
        let by = signed_in(NOW);
        let never = Request { prompt: Prompt::Never, ..request() };
        let asked = |request: &Request, agent, is_fresh| {
            decide(request, &client(), &Meant { tenant: None, agent }, Some(&by), is_fresh, NOW)
        };
        let theirs = || MeantAgent::Of(sub(&by.instance, &by.agent));
        assert_eq!(asked(&never, theirs(), false), Decision::Issue);
        let others = || MeantAgent::Of("somebody/else".into());
        assert_eq!(asked(&never, others(), false), refuse("login_required", "other_agent"));
        assert_eq!(asked(&request(), others(), false), Decision::Login);
        assert_eq!(asked(&request(), others(), true), refuse("login_required", "other_agent"));
        assert_eq!(asked(&never, MeantAgent::Unknown, false), refuse("login_required", "unknown_hint"));
        assert_eq!(asked(&request(), MeantAgent::Unknown, false), Decision::Login);
        assert_eq!(asked(&request(), MeantAgent::Unknown, true), Decision::Issue, "they have said who they are");
    }
}

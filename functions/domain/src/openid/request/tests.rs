//! What a request may say, and who is told what if it may not.

use super::super::fixture::client;
use super::*;

const GOOD: &str = "client_id=crm&redirect_uri=https%3A%2F%2Fcrm.example%2Fcb&response_type=code&scope=openid+email+more&\
                    state=a+%26b&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn read(query: &str) -> Result<Request, Refused> {
    Request::read(&Params::parse(query.as_bytes()), &client())
}

/// The request with one parameter replaced; without it if `value` is `None`.
fn with(name: &str, value: Option<&str>) -> String {
    let others = GOOD.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
    others.map(str::to_owned).chain(value.map(|value| format!("{name}={value}"))).collect::<Vec<_>>().join("&")
}

fn told(query: &str) -> (&'static str, &'static str) {
    match read(query) {
        Err(Refused::ToClient { error, reason, redirect_uri, .. }) => {
            assert_eq!(redirect_uri.as_str(), "https://crm.example/cb");
            (error, reason)
        }
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn a_request_is_understood_and_given_the_scopes_that_there_are() {
    let request = read(GOOD).unwrap();
    assert_eq!((request.scope.as_str(), request.state.as_str()), ("openid email", "a &b"));
    assert_eq!((request.nonce.as_deref(), request.prompt, request.max_age), (Some("n"), Prompt::Needed, None));
    assert!(!request.wants_second_step);
    let more = format!("{GOOD}&prompt=login+consent&max_age=60&acr_values=x+{ACR_TWO}&tenant=Acme&login_hint=desk1");
    let request = read(&more).unwrap();
    assert_eq!((request.prompt, request.max_age, request.wants_second_step), (Prompt::Always, Some(60), true));
    assert_eq!(request.login_hint.as_deref(), Some("desk1"));
    assert_eq!(request.tenant, InstanceName::parse("acme").ok());
}

#[test]
fn nobody_is_sent_where_the_client_was_not_declared_to_be() {
    for (value, reason) in [
        (None, "missing_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%2Fcb%2F"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%2FcB"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%2Fc"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%2Fcb%3Fx"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%3A443%2Fcb"), "unknown_redirect_uri"),
        (Some("http%3A%2F%2Fcrm.example%2Fcb"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fcrm.example%2F.%2Fcb"), "unknown_redirect_uri"),
        (Some("https%3A%2F%2Fevil.example%2Fcb"), "unknown_redirect_uri"),
    ] {
        assert_eq!(read(&with("redirect_uri", value)), Err(Refused::OnPage(reason)), "{value:?}");
    }
    let twice = format!("{GOOD}&redirect_uri=https%3A%2F%2Fevil.example%2Fcb");
    assert_eq!(read(&twice), Err(Refused::OnPage("repeated_redirect_uri")));
}

#[test]
fn each_fault_of_a_request_is_told_to_its_client() {
    let long = "s".repeat(2049);
    for (name, value, wanted) in [
        ("response_type", None, ("invalid_request", "missing_response_type")),
        ("response_type", Some("token"), ("unsupported_response_type", "unsupported_response_type")),
        ("response_type", Some("code+id_token"), ("unsupported_response_type", "unsupported_response_type")),
        ("response_mode", Some("fragment"), ("invalid_request", "unsupported_response_mode")),
        ("scope", Some("email"), ("invalid_scope", "scope_without_openid")),
        ("scope", None, ("invalid_scope", "scope_without_openid")),
        ("state", None, ("invalid_request", "missing_state")),
        ("state", Some(&long), ("invalid_request", "missing_state")),
        ("nonce", Some("%00"), ("invalid_request", "bad_nonce")),
        ("code_challenge", None, ("invalid_request", "missing_code_challenge")),
        ("code_challenge", Some("short"), ("invalid_request", "bad_code_challenge")),
        ("code_challenge_method", None, ("invalid_request", "code_challenge_method_not_s256")),
        ("code_challenge_method", Some("plain"), ("invalid_request", "code_challenge_method_not_s256")),
        ("prompt", Some("none+login"), ("invalid_request", "bad_prompt")),
        ("prompt", Some("create"), ("invalid_request", "bad_prompt")),
        ("max_age", Some("-1"), ("invalid_request", "bad_max_age")),
        ("request", Some("e30"), ("request_not_supported", "request_not_supported")),
        ("request_uri", Some("https://evil.example"), ("request_uri_not_supported", "request_uri_not_supported")),
        ("registration", Some("{}"), ("registration_not_supported", "registration_not_supported")),
    ] {
        assert_eq!(told(&with(name, value)), wanted, "{name}={value:?}");
    }
    assert_eq!(told(&format!("{GOOD}&nonce=m")), ("invalid_request", "repeated_parameter"));
    assert_eq!(told(&format!("{GOOD}&unheard-of=1&unheard-of=2")), ("invalid_request", "repeated_parameter"));
}

#[test]
fn a_state_that_cannot_be_handed_back_as_it_came_is_not_handed_back() {
    let Err(Refused::ToClient { state, .. }) = read(&format!("{GOOD}&state=other")) else { panic!() };
    assert_eq!(state, None);
    let Err(Refused::ToClient { state, .. }) = read(&with("scope", None)) else { panic!() };
    assert_eq!(state.as_deref(), Some("a &b"));
}

#[test]
fn a_client_that_always_wants_a_second_step_need_not_ask_for_it() {
    let client = Client { wants_second_step: true, ..client() };
    assert!(Request::read(&Params::parse(GOOD.as_bytes()), &client).unwrap().wants_second_step);
}

use kv_schema::Timestamp;
use kv_schema::names::ServiceName;
use kv_schema::sessions::EndReason;

use super::body::OFFER;
use super::*;
use crate::desk::Ending;
use crate::fixture;
use crate::token::Rejection;

#[test]
fn a_call_names_an_agent_and_what_is_asked() {
    let (instance, agent) = (fixture::id(1), Username::parse("desk.élan").unwrap());
    let call = |what| Some(Call::Agent(AgentCall { instance: instance.clone(), agent: agent.clone(), what }));
    let path = format!("v1/instances/{instance}/agents/Desk.%C3%A9lan");
    assert_eq!(Call::parse(&path), call(What::Look));
    assert_eq!(Call::parse(&format!("{path}/end-session")), call(What::EndSession));
    assert_eq!(Call::parse(&path.to_lowercase()), call(What::Look), "letter case does not matter");
    let unlock = What::Account(AccountAction::Unlock);
    assert_eq!(Call::parse(&format!("{path}/account/unlock")), call(unlock));
    assert_eq!(Call::parse(&format!("{path}/account")), call(What::LookAtAccount));
    assert_eq!(Call::parse(&format!("{path}/account/open")), None);
    assert_eq!(Call::parse(&format!("v1/instances/{instance}/sessions")), Some(Call::Sessions(instance)));
}

#[test]
fn whatever_is_no_call_is_none() {
    let id = fixture::id(1);
    for path in [
        "",
        "v1",
        "v2/instances/{id}/agents/a",
        "v1/instances/{id}",
        "v1/instances/{id}/agents",
        "v1/instances/{id}/sessions/",
        "v1/instances/{id}/sessions/desk1",
        "v1/instances/{id}/agents/",
        "v1/instances/{id}/agents/%FF",
        "v1/instances/{id}/agents/a%3Ab",
        "v1/instances/acme/agents/a",
        "v1/instances/{id}/agents/a/",
        "v1/instances/{id}/agents/a/end-session/",
        "v1/instances/{id}/agents/a/start",
    ] {
        assert_eq!(Call::parse(&path.replace("{id}", id.as_str())), None, "{path}");
    }
}

#[test]
fn a_session_is_ended_in_the_services_name_for_a_reason_that_a_service_can_have() {
    let by = ServiceName::parse("supervisor").unwrap();
    for (text, reason) in [("forced", EndReason::Forced), ("disabled", EndReason::Disabled)] {
        let ending = ending(format!(r#"{{"reason":"{text}"}}"#).as_bytes(), &by);
        assert_eq!(ending, Ok(Ending { reason, by: Some("supervisor".into()), browser: None }));
    }
    for body in ["", "{}", r#"{"reason":"taken_over"}"#, r#"{"reason":1}"#, r#"["forced"]"#, "reason=forced"] {
        assert_eq!(ending(body.as_bytes(), &by).map_err(Refusal::code), Err("bad_body"), "{body}");
    }
}

#[test]
fn a_bad_body_is_told_by_its_field_with_what_that_has_to_be_and_nothing_of_its_content() {
    let offer = |change: &str, to: &str| {
        let sound = r#"{"id":"o-1","interaction":{"id":"c-1","kind":"call","service":"Sales","since":1},"seconds":20}"#;
        let body = sound.replace(change, to);
        proposal(body.as_bytes()).map_err(|refusal| refusal.detail().unwrap())
    };
    assert!(offer("", "").is_ok());
    for (change, to, field) in [
        ("o-1", "hush hush", "id"),
        ("\"id\":\"o-1\",", "", "id"),
        ("\"kind\":\"call\"", "\"kind\":\"hush\"", "kind"),
        ("Sales", "", "service"),
        ("\"since\":1", "\"since\":253402300800", "since"),
        ("\"seconds\":20", "\"seconds\":301", "seconds"),
        ("\"seconds\":20", "\"seconds\":\"hush\"", "seconds"),
        ("\"interaction\":{", "\"other\":{", "interaction"),
    ] {
        let detail = offer(change, to).unwrap_err();
        assert!(detail.starts_with(&format!("`{field}` is missing or wrong: ")), "{to}: {detail}");
        assert!(!detail.contains("hush"), "{detail}");
        assert!(OFFER.iter().any(|(name, rule)| *name == field && detail.contains(rule)), "{detail}");
    }
    for whole in [&b"hush"[..], b"[]", b"null", b"{", b"\xFF", b""] {
        let detail = proposal(whole).unwrap_err().detail();
        assert_eq!(detail.as_deref(), Some("It must be one JSON object."), "{whole:?}");
    }
    let told = |body: &str| state(body.as_bytes()).unwrap_err().detail().unwrap();
    assert!(told(r#"{"state":"asleep"}"#).starts_with("`state` is"));
    assert!(told(r#"{"state":{"not_ready":{"reason":"A B"}}}"#).starts_with("`reason` is"));
    let reset = |body: &str| operation(AccountAction::Reset, body.as_bytes(), Timestamp(1)).unwrap_err();
    for body in ["{}", r#"{"password_hash":"hush"}"#] {
        let detail = reset(body).detail().unwrap();
        assert!(detail.starts_with("`password_hash` is") && !detail.contains("hush\""), "{detail}");
    }
}

#[test]
fn a_token_is_refused_with_what_helps_its_maker_and_no_word_on_which_keys_there_are() {
    use Rejection::*;
    let challenge = |rejection| Refusal::of_token(rejection).challenge().unwrap();
    let apart = [Expired, FromTheFuture, LastsTooLong, WrongAudience, WrongKind, Malformed, UnknownKey];
    let told: std::collections::HashSet<String> = apart.into_iter().map(challenge).collect();
    assert_eq!(told.len(), apart.len());
    assert_eq!(challenge(UnknownKey), challenge(BadSignature));
    for challenge in told {
        let description = challenge.strip_prefix("Bearer error=\"invalid_token\", error_description=\"").unwrap();
        let description = description.strip_suffix('"').unwrap();
        // RFC 6750, section 3.
        assert!(
            description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)),
            "{description}"
        );
    }
    assert_eq!(Refusal::NotAuthenticated { why: None }.challenge().as_deref(), Some("Bearer"));
}

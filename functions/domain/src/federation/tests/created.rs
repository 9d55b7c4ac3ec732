//! Who is made an agent, and from what.

use kv_schema::directory::{Agent, Creation, Instance};
use kv_schema::sessions::CreatedAgent;

use super::*;
use crate::password::{self, Verdict, Work};

fn word(text: &str) -> Word {
    Word::parse(text).unwrap()
}

fn creating() -> Provider {
    let creates = Creation {
        required_claim: word("groups"),
        required_value: "Front Desk".into(),
        name_claim: word("name"),
        email_claim: Some(word("email")),
        extension_claim: Some(word("extension")),
        language_claim: Some(word("locale")),
    };
    Provider { creates: Some(creates), ..provider() }
}

/// The identity of somebody about whom the provider also says `more`.
fn identity(provider: &Provider, more: &Value) -> Identity {
    let token = token(|_, claims| {
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
    });
    opened(&token, provider, |_| ()).unwrap()
}

fn instance(provider: Provider) -> Instance {
    Instance { provider: Some(provider), ..fixture::instance(1) }
}

fn created(more: &Value) -> Result<CreatedAgent, Refusal> {
    let provider = creating();
    match vouched(None, &instance(provider.clone()), &identity(&provider, more))? {
        Vouched::Created(created) => Ok(*created),
        Vouched::Declared(agent) => panic!("declared: {agent:?}"),
    }
}

#[test]
fn an_agent_is_made_of_what_the_provider_says() {
    let claims = json!({
        "groups": ["x", "Front Desk"], "name": " Désirée\n Front ", "email": "D@Acme.example", "email_verified": true,
        "extension": "10-01", "locale": "pt-BR",
    });
    let made = created(&claims).unwrap();
    assert_eq!((made.instance.clone(), &*made.display_name), (fixture::id(1), "Désirée Front"));
    assert_eq!(made.email.map(|email| email.to_string()).as_deref(), Some("d@acme.example"));
    assert_eq!(made.default_extension.map(|number| number.to_string()).as_deref(), Some("1001"));
    assert_eq!(made.language, Some(Language::Pt));
}

#[test]
fn what_is_missing_or_cannot_be_is_left_out_and_an_address_has_to_be_verified() {
    let bare = created(&json!({ "groups": "Front Desk" })).unwrap();
    assert_eq!(bare.display_name, bare.username.to_string());
    let odd = json!({
        "groups": "Front Desk", "name": "\n", "email": "d@acme.example", "email_verified": "true", "extension": 1001,
        "locale": "tlh",
    });
    assert_eq!(created(&odd), Ok(bare));
    let long = created(&json!({ "groups": "Front Desk", "name": "é".repeat(500) })).unwrap();
    assert_eq!(long.display_name.chars().count(), 100);
}

#[test]
fn without_the_required_claim_nobody_is_made_an_agent() {
    let others = [json!({}), json!({ "groups": "front desk" }), json!({ "groups": ["Front Desks"] })];
    let odd =
        [json!({ "groups": [["Front Desk"]] }), json!({ "groups": { "Front Desk": 1 } }), json!({ "groups": true })];
    for claims in others.iter().chain(&odd) {
        assert_eq!(created(claims), Err(Refusal::RequiredClaim), "{claims}");
    }
    // Nor if no operator has said so, or if the instance no longer has a provider.
    let entitled = identity(&creating(), &json!({ "groups": "Front Desk" }));
    assert_eq!(vouched(None, &instance(provider()), &entitled), Err(Refusal::UnknownAccount));
    assert_eq!(vouched(None, &fixture::instance(1), &entitled), Err(Refusal::UnknownAccount));
}

#[test]
fn whoever_is_declared_is_as_they_are_declared() {
    let provider = creating();
    let entitled = identity(&provider, &json!({ "groups": "Front Desk", "name": "Another" }));
    let instance = instance(provider);
    let declared = Agent { disabled: false, ..fixture::agent() };
    let found = vouched(Some(declared.clone()), &instance, &entitled);
    assert_eq!(found, Ok(Vouched::Declared(Box::new(declared.clone()))));
    let disabled = Agent { disabled: true, ..declared };
    assert_eq!(vouched(Some(disabled), &instance, &entitled), Err(Refusal::Disabled));
}

#[test]
fn no_password_is_right_for_an_agent_whom_nobody_has_declared() {
    let agent = agent_of(fixture::created());
    for text in ["", "*", "password", agent.username.as_str(), &agent.password.phc] {
        let verdict = password::check(text, Some(&agent.password.phc), &mut Work::default());
        assert_eq!(verdict.unwrap(), Verdict::Wrong, "{text}");
    }
}

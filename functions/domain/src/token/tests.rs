//! What opens, what does not, and why.

use super::session::SHOWN;
use super::*;
use crate::fixture;
use crate::guard::Replaced;
use crate::second_step::{LIFE, Place, new_flow};
use kv_schema::directory::Agent;
use kv_schema::names::{SessionId, Username};
use rand_core::{OsRng, RngCore};

const NOW: Timestamp = Timestamp(1_800_000_000);
const A: &str = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA";
const B: &str = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE";

fn key(id: &str, k: &str, status: &str, exp: Option<u64>) -> String {
    let exp = exp.map_or(String::new(), |exp| format!(r#","exp":{exp}"#));
    format!(r#"{{"kty":"oct","alg":"HS256","kid":"{id}","k":"{k}","status":"{status}"{exp}}}"#)
}

fn set(keys: &[String]) -> Result<KeySet, KeySetError> {
    KeySet::parse(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
}

fn keys() -> KeySet {
    set(&[key("a", A, "active", None)]).unwrap()
}

fn claims() -> SessionClaims {
    SessionClaims {
        agent: Username::parse("desk1").unwrap(),
        instance: fixture::id(1),
        install: fixture::spelling(),
        sid: SessionId::from_bits(7),
        lease: 3,
        extension: None,
        extension_typed: false,
        language: None,
        auth_time: NOW,
        amr: vec![Amr::Pwd],
        sign_in: None,
        hard_end: NOW.plus(12 * 3600),
    }
}

#[test]
fn an_agent_is_dismissed_who_is_disabled_or_has_long_been_no_agent_any_more() {
    let agent = fixture::agent();
    let disabled = Agent { disabled: true, ..agent.clone() };
    for (record, seconds, is_dismissed) in
        [(Some(&agent), 12 * 3600, false), (Some(&disabled), 0, true), (None, SHOWN - 1, false), (None, SHOWN, true)]
    {
        assert_eq!(claims().is_dismissed(record, NOW.plus(seconds)), is_dismissed, "{seconds} s");
    }
}

#[test]
fn whoever_signed_in_on_pages_comes_back_by_them() {
    assert!(!claims().returns_by_pages());
    assert!(SessionClaims { sign_in: Some(SessionId::from_bits(8)), ..claims() }.returns_by_pages());
    assert!(SessionClaims { amr: Amr::of(Some(Amr::Otp)), ..claims() }.returns_by_pages());
}

fn session() -> String {
    seal(&keys(), &claims(), NOW).unwrap()
}

fn opened_at(now: Timestamp) -> Result<Opened<SessionClaims>, Rejection> {
    open::<SessionClaims>(&keys(), &session(), now)
}

/// A token with any header and claims, properly signed with key `a`.
fn forged(header: &str, claims: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let signed = [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.as_bytes())).join(".");
    let key = jwt_compact::alg::Hs256Key::new(Base64UrlUnpadded::decode_vec(A).unwrap());
    let signature = jwt_compact::Algorithm::sign(&Hs256, &key, signed.as_bytes());
    let bytes = jwt_compact::AlgorithmSignature::as_bytes(&signature).into_owned();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&bytes))
}

#[test]
fn a_session_opens_with_what_it_was_sealed_with_until_its_time_is_over() {
    let opened = opened_at(NOW).unwrap();
    assert_eq!(opened.claims, claims());
    assert_eq!(opened.expires_at, NOW.plus(900));
    assert!(opened_at(NOW.plus(904)).is_ok());
    assert_eq!(opened_at(NOW.plus(905)), Err(Rejection::Expired));
    assert_eq!(opened_at(Timestamp(NOW.0 - 6)), Err(Rejection::FromTheFuture));
}

#[test]
fn a_token_of_one_kind_is_never_taken_for_another() {
    let form = FormClaims { install: fixture::spelling().name(), browser: "b".into(), tenant: None };
    let form = seal(&keys(), &form, NOW).unwrap();
    assert_eq!(open::<SessionClaims>(&keys(), &form, NOW), Err(Rejection::WrongKind));
    assert_eq!(open::<FormClaims>(&keys(), &session(), NOW), Err(Rejection::WrongKind));
}

#[test]
fn the_algorithm_is_the_keys_whatever_the_header_says() {
    for alg in ["none", "HS384", "RS256", "EdDSA", "hs256"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"a","typ":"oneagent-session+jwt"}}"#);
        assert_eq!(open::<SessionClaims>(&keys(), &forged(&header, "{}"), NOW), Err(Rejection::BadSignature), "{alg}");
    }
}

#[test]
fn every_claim_is_required() {
    let header = r#"{"alg":"HS256","kid":"a","typ":"oneagent-session+jwt"}"#;
    let mut all = serde_json::to_value(claims()).unwrap();
    all["iss"] = "oneagent".into();
    all["aud"] = "oneagent-session".into();
    all["iat"] = NOW.0.into();
    all["exp"] = NOW.plus(60).0.into();
    assert!(open::<SessionClaims>(&keys(), &forged(header, &all.to_string()), NOW).is_ok());
    for name in ["iss", "aud", "iat", "exp", "sub", "instance", "install", "sid", "lease", "auth_time", "hard_end"] {
        let mut lacking = all.clone();
        lacking.as_object_mut().unwrap().remove(name);
        assert!(open::<SessionClaims>(&keys(), &forged(header, &lacking.to_string()), NOW).is_err(), "{name}");
    }
    for (name, value) in [("iss", "other"), ("aud", "oneagent-form")] {
        let mut other = all.clone();
        other[name] = value.into();
        let token = forged(header, &other.to_string());
        assert_eq!(open::<SessionClaims>(&keys(), &token, NOW), Err(Rejection::WrongKind), "{name}");
    }
}

#[test]
fn a_key_verifies_before_while_and_for_a_time_after_it_signs() {
    let old = seal(&set(&[key("a", A, "active", None)]).unwrap(), &claims(), NOW).unwrap();
    let rotated = set(&[key("a", A, "retired", Some(NOW.plus(60).0)), key("b", B, "active", None)]).unwrap();
    assert!(open::<SessionClaims>(&rotated, &old, NOW).is_ok());
    assert_eq!(open::<SessionClaims>(&rotated, &old, NOW.plus(60)), Err(Rejection::UnknownKey));
    let new = seal(&rotated, &claims(), NOW).unwrap();
    let behind = set(&[key("a", A, "active", None), key("b", B, "next", None)]).unwrap();
    assert!(open::<SessionClaims>(&behind, &new, NOW).is_ok());
    assert_eq!(open::<SessionClaims>(&keys(), &new, NOW), Err(Rejection::UnknownKey));
    let dateless = set(&[key("a", A, "retired", None), key("b", B, "active", None)]).unwrap();
    assert_eq!(open::<SessionClaims>(&dateless, &old, NOW), Err(Rejection::UnknownKey));
}

#[test]
fn a_token_that_is_remembered_is_held_against_key_and_time_as_any_other() {
    let (mut verified, token) = (Verified::default(), session());
    assert_eq!(verified.open(&keys(), &token, NOW).unwrap().claims, claims());
    assert_eq!(verified.open(&keys(), &token, NOW), opened_at(NOW));
    assert_eq!(verified.open(&keys(), &token, NOW.plus(904)), opened_at(NOW.plus(904)));
    assert_eq!(verified.open(&keys(), &token, NOW.plus(905)), Err(Rejection::Expired));
    assert_eq!(verified.open(&keys(), &token, Timestamp(NOW.0 - 6)), Err(Rejection::FromTheFuture));
    let rotated = set(&[key("a", A, "retired", Some(NOW.plus(60).0)), key("b", B, "active", None)]).unwrap();
    assert!(verified.open(&rotated, &token, NOW).is_ok());
    assert_eq!(verified.open(&rotated, &token, NOW.plus(60)), Err(Rejection::UnknownKey));
}

#[test]
fn another_signature_on_what_is_remembered_is_as_bad_as_ever() {
    let (mut verified, token) = (Verified::default(), session());
    verified.open(&keys(), &token, NOW).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    for signature in ["", &signature[1..], &format!("{other}{}", &signature[1..]), &format!("{signature}A")] {
        assert!(verified.open(&keys(), &format!("{signed}.{signature}"), NOW).is_err(), "{signature}");
    }
    assert!(verified.open(&keys(), &token, NOW).is_ok());
}

#[test]
fn no_number_of_tokens_is_too_much_to_remember() {
    let mut verified = Verified::default();
    for sid in 0..2_000 {
        let token = seal(&keys(), &SessionClaims { sid: SessionId::from_bits(sid), ..claims() }, NOW).unwrap();
        assert_eq!(verified.open(&keys(), &token, NOW).unwrap().claims.sid, SessionId::from_bits(sid));
    }
    let kept = format!("{verified:?}");
    assert!(kept.split_once(": ").unwrap().1.trim_end_matches(" }").parse::<usize>().unwrap() <= 512, "{kept}");
}

#[test]
fn a_key_set_that_would_fail_later_fails_at_once_and_repeats_nothing_secret() {
    assert_eq!(KeySet::parse("{}").unwrap_err(), KeySetError::Malformed);
    assert_eq!(set(&[]).unwrap_err(), KeySetError::NotOneActive(0));
    let two = [key("a", A, "active", None), key("b", B, "active", None)];
    assert_eq!(set(&two).unwrap_err(), KeySetError::NotOneActive(2));
    let twice = [key("a", A, "active", None), key("a", B, "next", None)];
    assert_eq!(set(&twice).unwrap_err(), KeySetError::Repeated("a".into()));
    let weak = set(&[key("a", "c2hvcnQ", "active", None)]).unwrap_err();
    assert!(weak == KeySetError::Weak("a".into()) && !weak.to_string().contains("c2hvcnQ"));
    let newer = r#"{"kty":"AKP","alg":"ML-DSA-44","kid":"a","status":"active"}"#.to_owned();
    assert!(set(&[key("a", A, "active", None), newer]).is_ok());
    assert!(!format!("{:?}", keys()).contains(A));
}

#[test]
fn a_session_is_held_against_install_instance_and_hard_end() {
    let (install, instance, other_instance) = (fixture::spelling().name(), fixture::id(1), fixture::id(2));
    let held = |install, instance: Option<_>, now| opened_at(NOW).unwrap().held_against(install, instance, now);
    assert!(held(&install, Some(&instance), NOW).is_ok());
    assert!(held(&install, None, NOW).is_ok());
    let other = kv_schema::names::InstallName::parse("porto").unwrap();
    assert_eq!(held(&other, Some(&instance), NOW), Err(Rejection::OtherInstall));
    assert_eq!(held(&install, Some(&other_instance), NOW), Err(Rejection::OtherInstance));
    assert_eq!(held(&install, Some(&instance), NOW.plus(12 * 3600)), Err(Rejection::PastHardEnd));
}

#[test]
fn a_session_is_renewed_past_half_its_life_and_never_past_its_hard_end() {
    let opened = opened_at(NOW).unwrap();
    assert!(!opened.is_due_for_renewal(NOW.plus(449)));
    assert!(opened.is_due_for_renewal(NOW.plus(450)));
    let late = SessionClaims { hard_end: NOW.plus(300), ..claims() };
    assert_eq!(late.expires_at(NOW), NOW.plus(300));
    let token = seal(&keys(), &late, NOW).unwrap();
    let late = open::<SessionClaims>(&keys(), &token, NOW.plus(200)).unwrap();
    let same = claims().extension;
    assert_eq!(late.renewed(NOW.plus(300), same.clone(), NOW.plus(200)), None, "a new one would be good for no longer");
    let moved = late.renewed(NOW.plus(3600), same, NOW.plus(200)).unwrap();
    assert_eq!(moved.hard_end, NOW.plus(3600), "the desk has moved it");
}

#[test]
fn another_extension_that_the_agent_has_taken_since_stands_in_the_next_token() {
    let opened = opened_at(NOW).unwrap();
    let other = kv_schema::names::Extension::parse("2002").ok();
    let renewed = opened.renewed(claims().hard_end, other.clone(), NOW.plus(1)).unwrap();
    assert_eq!((renewed.extension, renewed.extension_typed), (other, true));
}

#[test]
fn what_became_of_a_session_can_be_asked_when_its_time_is_over_and_only_then() {
    let token = session();
    let later = NOW.plus(3600);
    assert_eq!(open::<SessionClaims>(&keys(), &token, later).unwrap_err(), Rejection::Expired);
    assert_eq!(recall_session(&keys(), &token, later), Some(claims()));
    assert_eq!(recall_session(&keys(), &token, NOW), Some(claims()));
    let forged = format!("{}A", &token[..token.len() - 1]);
    assert!(forged == token || recall_session(&keys(), &forged, later).is_none());
    let form = FormClaims { install: claims().install.name(), browser: "m".repeat(32), tenant: None };
    let form = seal(&keys(), &form, NOW).unwrap();
    assert_eq!(recall_session(&keys(), &form, later), None);
}

#[test]
fn a_login_gets_no_more_time_by_going_from_one_step_to_the_next() {
    let step = StepClaims {
        agent: claims().agent,
        instance: claims().instance,
        install: fixture::spelling().name(),
        browser: "mark".to_owned(),
        extension: None,
        at: Place::Sms,
        flow: new_flow(NOW, 1),
        generation: 0,
        has_app: false,
        has_passkey: false,
        codes_left: 0,
        replaced: Replaced { declared: NOW, own: None },
        due: None,
        sets_up: false,
        secret: None,
        seed: None,
        second: None,
    };
    let late = NOW.plus(LIFE - 1);
    let token = seal(&keys(), &step, late).unwrap();
    assert!(open::<StepClaims>(&keys(), &token, late).is_ok());
    assert_eq!(open::<StepClaims>(&keys(), &token, NOW.plus(LIFE + LEEWAY)).unwrap_err(), Rejection::Expired);
}

#[test]
fn ten_thousand_mutated_tokens_are_refused() {
    let token = session();
    for _ in 0..10_000 {
        let mut bytes = token.clone().into_bytes();
        for _ in 0..=OsRng.next_u32() % 3 {
            let at = OsRng.next_u32() as usize % bytes.len();
            match OsRng.next_u32() % 3 {
                0 => bytes[at] = b' ' + (OsRng.next_u32() % 95) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b' ' + (OsRng.next_u32() % 95) as u8),
            }
        }
        let mutated = String::from_utf8(bytes).unwrap();
        if mutated != token {
            assert!(open::<SessionClaims>(&keys(), &mutated, NOW).is_err(), "{mutated}");
        }
    }
}

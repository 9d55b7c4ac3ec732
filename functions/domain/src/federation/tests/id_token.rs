//! Which ID tokens are believed.

use kv_schema::sessions::Subject;

use super::*;

#[test]
fn an_id_token_says_which_agent_it_is_when_and_how_they_signed_in() {
    let identity = opened(&token(|_, _| ()), &provider(), |_| ()).unwrap();
    let account = AccountName::Username(Username::parse("desk1").unwrap());
    assert_eq!(
        identity,
        Identity {
            account,
            subject: Subject { iss: provider().issuer, sub: "4711".into() },
            auth_time: Timestamp(NOW.0 - 100),
            auth_time_missing: false,
            amr: vec![Amr::Pwd, Amr::Otp],
            profile: None
        }
    );
    let silent = token(|_, claims| drop(claims.as_object_mut().unwrap().remove("auth_time")));
    let silent = opened(&silent, &provider(), |_| ()).unwrap();
    assert_eq!((silent.auth_time, silent.auth_time_missing), (NOW, true));
}

#[test]
fn each_fault_of_an_id_tokens_header_is_enough_to_refuse_it() {
    use Refusal::*;
    for (name, value, refusal) in [
        ("alg", json!("none"), Algorithm),
        ("alg", json!("None"), Algorithm),
        ("alg", json!("HS256"), Algorithm),
        ("alg", json!("PS256"), Algorithm),
        ("alg", json!("RS256"), Algorithm),
        ("alg", json!("ES256"), Algorithm),
        ("alg", json!(null), Algorithm),
        ("kid", json!("k2"), Algorithm),
        ("kid", json!("k3"), KeyUnknown),
        ("kid", json!(1), IdTokenMalformed),
        ("typ", json!("at+jwt"), IdTokenMalformed),
        ("typ", json!("logout+jwt"), IdTokenMalformed),
        ("crit", json!(["exp"]), IdTokenMalformed),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(why(|header, _| header[name] = value), Some(refusal), "{told}");
    }
    assert_eq!(why(|header, _| drop(header.as_object_mut().unwrap().remove("typ"))), None);
    assert_eq!(why(|header, _| drop(header.as_object_mut().unwrap().remove("kid"))), None, "there is one of its kind");
    assert_eq!(why(|header, _| header["alg"] = "Ed25519".into()), None);
}

#[test]
fn each_fault_of_an_id_tokens_claims_is_enough_to_refuse_it() {
    use Refusal::*;
    for (name, value, refusal) in [
        ("iss", json!("https://id.example/realms/other"), Some(Issuer)),
        ("iss", json!([ISSUER, "https://evil.example"]), Some(Issuer)),
        ("aud", json!("other"), Some(Audience)),
        ("aud", json!([]), Some(Audience)),
        ("aud", json!(["other"]), Some(Audience)),
        ("aud", json!(["desk"]), None),
        ("aud", json!(["desk", "other"]), Some(AuthorizedParty)),
        ("azp", json!("other"), Some(AuthorizedParty)),
        ("azp", json!(7), Some(AuthorizedParty)),
        ("azp", json!("desk"), None),
        ("exp", json!(NOW.0 - 30), Some(Expired)),
        ("exp", json!(NOW.0 - 29), Some(Expired)),
        ("exp", json!("later"), Some(Expired)),
        ("iat", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("iat", json!(NOW.0 + 30), None),
        ("nbf", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("nbf", json!("x"), Some(FromTheFuture)),
        ("auth_time", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("nonce", json!("twice"), Some(Nonce)),
        ("at_hash", json!("AAAA"), Some(AccessTokenHash)),
        ("at_hash", json!(null), Some(AccessTokenHash)),
        ("at_hash", json!(text(&Sha256::digest("at")[..16])), Some(AccessTokenHash)),
        ("at_hash", json!(text(&Sha512::digest("at")[..32])), None),
        ("sub", json!(""), Some(IdTokenMalformed)),
        ("sub", json!(4711), Some(IdTokenMalformed)),
        ("sub", json!("x".repeat(256)), Some(IdTokenMalformed)),
        ("sub", json!("x".repeat(255)), None),
        ("preferred_username", json!(""), Some(AccountClaim)),
        ("preferred_username", json!(["desk1"]), Some(AccountClaim)),
        ("preferred_username", json!("a:b"), Some(AccountClaim)),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(why(|_, claims| claims[name] = value), refusal, "{told}");
    }
    for (name, refusal) in [
        ("iss", Issuer),
        ("sub", IdTokenMalformed),
        ("aud", Audience),
        ("exp", Expired),
        ("iat", FromTheFuture),
        ("nonce", Nonce),
        ("preferred_username", AccountClaim),
    ] {
        let without = |_: &mut Value, claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(name));
        assert_eq!(why(without), Some(refusal), "{name}");
    }
    let both = |_: &mut Value, claims: &mut Value| claims["aud"] = json!(["other", "desk"]);
    let ours = |header: &mut Value, claims: &mut Value| {
        both(header, claims);
        claims["azp"] = "desk".into();
    };
    assert_eq!(why(ours), None);
}

#[test]
fn a_token_is_over_after_its_time_and_the_clocks_difference() {
    let made = |exp: u64| token(|_, claims| (claims["iat"], claims["exp"]) = (json!(NOW.0 - 300), json!(exp)));
    assert!(opened(&made(NOW.0 - 29), &provider(), |_| ()).is_ok());
    assert_eq!(opened(&made(NOW.0 - 30), &provider(), |_| ()).err(), Some(Refusal::Expired));
}

#[test]
fn an_id_token_that_was_changed_after_signing_is_refused_and_nonsense_is_none() {
    let good = token(|_, _| ());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = token(|_, claims| claims["preferred_username"] = "desk2".into());
    let (other, _) = other.rsplit_once('.').unwrap();
    for forged in [format!("{other}.{signature}"), format!("{input}."), format!("{input}.{}", "A".repeat(86))] {
        assert_eq!(opened(&forged, &provider(), |_| ()).err(), Some(Refusal::Signature), "{forged}");
    }
    for nonsense in ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", &format!("{good}.x"), &"A".repeat(33_000)] {
        assert_eq!(opened(nonsense, &provider(), |_| ()).err(), Some(Refusal::IdTokenMalformed), "{nonsense}");
    }
}

#[test]
fn who_has_to_have_signed_in_lately_has_to_have() {
    let with = |max_age, token: &str| opened(token, &provider(), |expected| expected.max_age = Some(max_age)).err();
    let good = token(|_, _| ());
    assert_eq!((with(70, &good), with(69, &good)), (None, Some(Refusal::SignedInTooLongAgo)));
    assert_eq!(with(u64::MAX, &good), None);
    let silent = token(|_, claims| drop(claims.as_object_mut().unwrap().remove("auth_time")));
    assert_eq!(with(1000, &silent), Some(Refusal::AuthTimeMissing), "it does not say when");
    let to_an_install = |max_age, token: &str| {
        let change =
            |expected: &mut Expected<'_>| (expected.max_age, expected.has_to_say_when) = (Some(max_age), false);
        opened(token, &provider(), change).map(|identity| identity.auth_time)
    };
    assert_eq!(to_an_install(1000, &silent), Ok(NOW), "an install begins its shift then");
    assert_eq!(to_an_install(69, &good), Err(Refusal::SignedInTooLongAgo));
}

#[test]
fn an_access_token_that_was_promised_has_to_come() {
    let token = token(|_, claims| claims["at_hash"] = text(&Sha512::digest("at")[..32]).into());
    let opened = |access_token| opened(&token, &provider(), |expected| expected.access_token = access_token).err();
    assert_eq!((opened(Some("at")), opened(Some("other"))), (None, Some(Refusal::AccessTokenHash)));
    assert_eq!(opened(None), Some(Refusal::AccessTokenHash));
}

#[test]
fn an_email_address_counts_where_it_was_verified_and_a_claim_counts_as_what_it_was_declared() {
    let claims = |verified: Value| {
        token(move |_, claims| (claims["email"], claims["email_verified"]) = (json!("Desk1@Acme.example"), verified))
    };
    let email = Word::parse("email").unwrap();
    let by_email = Provider { account_claim: AccountClaim::Email(email.clone()), ..provider() };
    let identity = opened(&claims(json!(true)), &by_email, |_| ()).unwrap();
    assert_eq!(identity.account, AccountName::Email(EmailAddress::parse("desk1@acme.example").unwrap()));
    for verified in [json!(false), json!("true"), json!(1), json!(null)] {
        assert_eq!(opened(&claims(verified), &by_email, |_| ()).err(), Some(Refusal::EmailUnverified));
    }
    let as_username = Provider { account_claim: AccountClaim::Username(email), ..provider() };
    assert_eq!(opened(&claims(json!(false)), &as_username, |_| ()).err(), Some(Refusal::EmailUnverified));
    let upn = Provider { account_claim: AccountClaim::Email(Word::parse("upn").unwrap()), ..provider() };
    let token = token(|_, claims| claims["upn"] = "desk1@acme.example".into());
    assert!(matches!(opened(&token, &upn, |_| ()).unwrap().account, AccountName::Email(_)));
}

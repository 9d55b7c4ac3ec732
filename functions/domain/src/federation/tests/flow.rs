//! The way to a provider and back.

use super::*;

fn our_keys(kid: &str, status: &str, other: Option<&str>) -> KeySet {
    let key = |kid: &str, status: &str| json!({ "kty": "oct", "alg": "HS256", "kid": kid, "k": text(format!("{kid:0>32}").as_bytes()), "status": status });
    let mut keys = vec![key(kid, status)];
    keys.extend(other.map(|other| key(other, "active")));
    KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap()
}

fn errand() -> ErrandClaims {
    ErrandClaims {
        id: "0".repeat(32),
        instance: fixture::id(1),
        install: fixture::spelling().name(),
        browser: "b".repeat(32),
        next: String::new(),
        extension: None,
        slot: 3,
        failed: false,
        request: None,
        is_outage: false,
    }
}

#[test]
fn the_secrets_of_a_flow_are_its_own_and_outlive_a_rotation() {
    let (keys, provider) = (our_keys("k1", "active", None), provider());
    let secrets = errand().secrets(&keys, &provider, NOW).unwrap();
    for secret in [&secrets.nonce, &secrets.verifier] {
        assert_eq!(secret.len(), 43, "as long as a verifier has to be");
    }
    assert!(secrets.state.starts_with('3') && secrets.state.len() == 44);
    assert!(secrets.state[1..] != secrets.nonce && secrets.nonce != secrets.verifier);
    let rotated = our_keys("k1", "next", Some("k2"));
    assert!(errand().recognised(&rotated, &provider, &secrets.state, NOW) == Some(secrets.clone()));
    let other = ErrandClaims { id: "1".repeat(32), ..errand() };
    let elsewhere = ErrandClaims { instance: fixture::id(2), ..errand() };
    let failed = ErrandClaims { failed: true, ..errand() };
    for errand in [other, elsewhere, failed] {
        assert!(errand.recognised(&keys, &provider, &secrets.state, NOW).is_none());
    }
    for state in ["", "3", &secrets.nonce, &secrets.verifier, &secrets.state[1..], &format!("2{}", &secrets.state[1..])]
    {
        assert!(errand().recognised(&keys, &provider, state, NOW).is_none(), "{state}");
    }
    let moved = Provider { issuer: Issuer::parse("https://id.example/realms/other").unwrap(), ..provider.clone() };
    let renamed = Provider { client_id: Word::parse("other").unwrap(), ..provider };
    for provider in [moved, renamed] {
        assert!(errand().recognised(&keys, &provider, &secrets.state, NOW).is_none(), "declared meanwhile");
    }
}

#[test]
fn the_agent_is_sent_there_with_what_the_answer_will_be_held_against() {
    let provider = provider();
    let secrets = errand().secrets(&our_keys("k1", "active", None), &provider, NOW).unwrap();
    let client = Client { provider: &provider, redirect_uri: BACK };
    let wishes = Wishes {
        login_hint: Some("a&b".into()),
        max_age: Some(0),
        prompt: Some("login"),
        language: Some(Language::Pt),
    };
    let address = authorization(&discovered(|_| ()).unwrap(), client, &secrets, &wishes);
    let (before, query) = address.split_once("?tenant=acme&").unwrap();
    assert_eq!(before, "https://id.example/authorize");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let challenge = text(&Sha256::digest(&secrets.verifier));
    let wanted = [
        ("response_type", "code"),
        ("client_id", "desk"),
        ("redirect_uri", BACK),
        ("scope", "openid profile"),
        ("state", &secrets.state),
        ("nonce", &secrets.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("login_hint", "a&b"),
        ("max_age", "0"),
        ("prompt", "login"),
        ("ui_locales", "pt"),
    ];
    let read: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(read, wanted);
    assert!(!address.contains(&secrets.verifier));
}

#[test]
fn an_answer_is_read_once_and_is_the_providers_that_was_asked() {
    use Refusal::*;
    let read = |query: &str| {
        let callback = Callback::parse(query)?;
        callback.state()?;
        callback.is_of(&provider().issuer, &discovered(|_| ())?)?;
        callback.code().map(str::to_owned)
    };
    let iss = "iss=https%3A%2F%2Fid.example%2Frealms%2Facme";
    assert_eq!(read(&format!("state=s&code=c&{iss}&session_state=x")).as_deref(), Ok("c"));
    for (query, refusal) in [
        (format!("code=c&{iss}"), StateMissing),
        (format!("state=&code=c&{iss}"), StateMissing),
        ("state=s&code=c".to_owned(), AnswerOfNobody),
        ("state=s&code=c&iss=https%3A%2F%2Fevil.example".to_owned(), AnswerOfAnother),
        (format!("state=s&code=c&{iss}&{iss}"), AnswerMalformed),
        (format!("state=s&code=c&code=d&{iss}"), AnswerMalformed),
        (format!("state=s&state=s&code=c&{iss}"), AnswerMalformed),
        (format!("state=s&code=&{iss}"), AnswerMalformed),
        (format!("state=s&{iss}"), AnswerMalformed),
        (format!("state=s&code=c&error=e&{iss}"), AnswerMalformed),
        (format!("state=s&code={}&{iss}", "c".repeat(4097)), AnswerMalformed),
        (format!("state=s&error=access_denied&{iss}"), ProviderError),
    ] {
        assert_eq!(read(&query), Err(refusal), "{query}");
    }
    let quiet =
        discovered(|document| document["authorization_response_iss_parameter_supported"] = false.into()).unwrap();
    let without = Callback::parse("state=s&code=c").unwrap();
    assert_eq!(without.is_of(&provider().issuer, &quiet), Ok(()));
    let mixed_up = Callback::parse("state=s&code=c&iss=https%3A%2F%2Fevil.example").unwrap();
    assert_eq!(mixed_up.is_of(&provider().issuer, &quiet), Err(AnswerOfAnother), "also where nobody asked for it");
    assert!(Callback::parse("").unwrap().is_bare() && !without.is_bare());
    let told = |error: &str| Callback::parse(&format!("error={error}")).unwrap().error().map(str::to_owned);
    assert_eq!(told("access_denied").as_deref(), Some("access_denied"));
    assert_eq!((told("hunter2%20"), told(&"a".repeat(61))), (None, None), "what may be anything stays out of the log");
}

#[test]
fn the_code_is_redeemed_with_what_the_client_has() {
    let provider = Provider { client_id: Word::parse("desk:1").unwrap(), ..provider() };
    let client = Client { provider: &provider, redirect_uri: BACK };
    let basic = TokenRequest::with_secret(&discovered(|_| ()).unwrap(), client, "p&ss w", "c+1", "v");
    let wanted = base64ct::Base64::encode_string(b"desk%3A1:p%26ss+w");
    assert_eq!(basic.authorization, Some(format!("Basic {wanted}")));
    let back = "https%3A%2F%2Flogin.example%2FOneContactLogin%2Fcallback";
    let body = format!("grant_type=authorization_code&code=c%2B1&redirect_uri={back}&code_verifier=v");
    assert_eq!(basic.body, body);
    let posts =
        |document: &mut Value| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    let posted = TokenRequest::with_secret(&discovered(posts).unwrap(), client, "p&ss w", "c+1", "v");
    let request =
        TokenRequest { authorization: None, body: format!("{body}&client_id=desk%3A1&client_secret=p%26ss+w") };
    assert_eq!(posted, request);
    let asserted = TokenRequest::with_assertion(client, "a.b.c", "c", "v");
    assert!(asserted.authorization.is_none() && asserted.body.ends_with("%3Ajwt-bearer&client_assertion=a.b.c"));
}

#[test]
fn a_client_that_has_a_key_shows_itself_to_its_provider_alone() {
    let ed25519 = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "e", "status": "active",
        "x": text(secret().verifying_key().as_bytes()), "d": text(secret().as_bytes()),
    });
    let ours = json!({ "kty": "oct", "alg": "HS256", "kid": "h", "k": text(&[7; 32]), "status": "active" });
    let set = |keys: Value| KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap();
    let provider = provider();
    let client = Client { provider: &provider, redirect_uri: BACK };
    assert!(assertion(&set(json!([ours])), client, 5, NOW).is_none());
    let keys = set(json!([ours, ed25519]));
    let unsigned = assertion(&keys, client, 5, NOW).unwrap();
    let signature = SigningKey::from_bytes(unsigned.key().secret()).sign(unsigned.input());
    let token = unsigned.signed(&signature.to_bytes());
    let decoded = |part: &str| serde_json::from_slice::<Value>(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(decoded(parts[0]), json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e" }));
    let wanted = json!({
        "iss": "desk", "sub": "desk", "aud": ISSUER, "iat": NOW, "exp": NOW.plus(60),
        "jti": "00000000000000000000000000000005",
    });
    assert_eq!(decoded(parts[1]), wanted);
    let input = token.rsplit_once('.').unwrap().0;
    assert!(secret().verifying_key().verify_strict(input.as_bytes(), &signature).is_ok());
}

#[test]
fn the_answer_to_a_code_is_tokens_or_a_reason() {
    use Refusal::*;
    let tokens = Answered::read(200, r#"{"id_token":"i","access_token":"a","token_type":"Bearer"}"#).unwrap();
    assert_eq!((tokens.id_token.as_str(), tokens.access_token.as_deref()), ("i", Some("a")));
    assert_eq!(Answered::read(200, r#"{"id_token":"i"}"#).unwrap().access_token, None);
    for (status, text, refusal) in [
        (400, r#"{"error":"invalid_grant"}"#, CodeRefused),
        (401, "", CodeRefused),
        (500, "", Unreachable),
        (503, "<html>", Unreachable),
        (200, "<html>", TokensMalformed),
        (200, "{}", TokensMalformed),
        (200, r#"{"id_token":7}"#, TokensMalformed),
        (201, r#"{"id_token":"i"}"#, CodeRefused),
    ] {
        assert_eq!(Answered::read(status, text), Err(refusal), "{status} {text}");
    }
    assert_eq!(Answered::error(r#"{"error":"invalid_grant"}"#).as_deref(), Some("invalid_grant"));
    assert_eq!(Answered::error(r#"{"error":"No, hunter2"}"#), None);
}

fn parted(discovered: &Discovered, hint: &str) -> Result<Vec<(String, String)>, Refusal> {
    let redirect_uri = "https://login.example/OneContactLogin/signed-out";
    let parting = Parting { redirect_uri, state: "s t", hint: &Hint::of(hint), language: Language::De };
    let away = end_session(discovered, &provider(), parting)?;
    let query = away.strip_prefix("https://id.example/bye?").expect("its own end point");
    Ok(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

#[test]
fn signing_out_there_leads_back() {
    let always = [
        ("client_id", "desk"),
        ("post_logout_redirect_uri", "https://login.example/OneContactLogin/signed-out"),
        ("state", "s t"),
        ("ui_locales", "de"),
    ];
    let pairs = |more: &[(&str, &str)]| {
        let (first, rest) = always.split_at(1);
        let all = first.iter().chain(more).chain(rest);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let discovered = discovered(|_| ()).unwrap();
    assert_eq!(parted(&discovered, ""), Ok(pairs(&[])));
    assert_eq!(parted(&discovered, "no token"), Ok(pairs(&[("id_token_hint", "no token")])));
    let token = format!("h.{}.s", text(br#"{"login_hint":"O.abc"}"#));
    assert_eq!(parted(&discovered, &token), Ok(pairs(&[("id_token_hint", &token), ("logout_hint", "O.abc")])));
}

#[test]
fn a_provider_without_a_place_to_sign_out_at_is_told_apart() {
    let without = discovered(|document| drop(document.as_object_mut().unwrap().remove("end_session_endpoint")));
    assert_eq!(parted(&without.unwrap(), ""), Err(Refusal::NoSignOut));
}

#[test]
fn an_id_token_is_kept_for_signing_out_unless_nobody_signs_out_there() {
    let answered = Answered { id_token: "t".into(), access_token: None };
    assert_eq!(answered.hint(&provider()), Some(Hint::of("t")));
    assert_eq!(answered.hint(&Provider { outlives_sign_out: true, ..provider() }), None);
}

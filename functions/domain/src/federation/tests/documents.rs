//! What a provider states about itself, and its keys.

use super::*;

#[test]
fn keys_count_that_are_strong_and_for_verifying() {
    let strong = [0x80; 256];
    let with = |mut key: Value, name: &str, value: &str| {
        key[name] = value.into();
        key
    };
    for (key, counts) in [
        (rsa("r", &strong, &[1, 0, 1]), true),
        (rsa("r", &[&[0], &strong[..]].concat(), &[1, 0, 1]), true),
        (rsa("r", &[0x7f; 256], &[1, 0, 1]), false),
        (rsa("r", &[0xff; 128], &[1, 0, 1]), false),
        (rsa("r", &[0xff; 1025], &[1, 0, 1]), false),
        (rsa("r", &[&[0; 200], &[0xff; 100][..]].concat(), &[1, 0, 1]), false),
        (rsa("r", &strong, &[1]), false),
        (rsa("r", &strong, &[0, 0, 1]), false),
        (rsa("r", &strong, &[2]), false),
        (rsa("r", &strong, &[]), false),
        (rsa("r", &strong, &[3]), true),
        (p256("e"), true),
        (with(p256("e"), "crv", "P-384"), false),
        (with(p256("e"), "x", "AAAA"), false),
        (with(p256("e"), "y", "\",\"d\":\"x"), false),
        (ed25519("o"), true),
        (with(ed25519("o"), "crv", "X25519"), false),
        (with(ed25519("o"), "use", "sig"), true),
        (with(ed25519("o"), "use", "enc"), false),
        (with(ed25519("o"), "alg", "EdDSA"), true),
        (with(ed25519("o"), "alg", "ES256"), false),
        (with(rsa("r", &strong, &[3]), "alg", "PS256"), false),
        (with(rsa("r", &strong, &[3]), "alg", "RSA-OAEP"), false),
        (json!({ "kty": "oct", "kid": "s", "k": "AAAA" }), false),
        (json!({}), false),
    ] {
        assert_eq!(keys(std::slice::from_ref(&key)).is_ok(), counts, "{key}");
    }
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#, r#"{"keys":[1]}"#, "<html>"] {
        assert_eq!(PublicKeys::read(text).err(), Some(Refusal::KeysMalformed), "{text}");
    }
}

#[test]
fn a_token_that_names_no_key_or_one_of_two_is_nobodys() {
    let nameless = token(|header, _| drop(header.as_object_mut().unwrap().remove("kid")));
    let of = |set: &[Value], token: &str| keys(set).unwrap().of(&IdToken::read(token).unwrap()).err();
    assert_eq!(of(&[ed25519("a"), p256("b")], &nameless), None);
    assert_eq!(of(&[ed25519("a"), ed25519("b")], &nameless), Some(Refusal::KeyUnknown));
    assert_eq!(of(&[p256("b")], &nameless), Some(Refusal::KeyUnknown));
    assert_eq!(of(&[ed25519("k1"), ed25519("k1")], &token(|_, _| ())), Some(Refusal::KeyUnknown));
}

#[test]
fn a_discovery_document_is_the_issuers_own_and_offers_what_is_needed() {
    use Refusal::*;
    let good = discovered(|_| ()).unwrap();
    assert_eq!(good.token.as_str(), "https://id.example/token");
    assert!(good.names_itself && !good.takes_secret_in_body && good.end_session.is_some());
    for (name, value, refusal) in [
        ("issuer", json!("https://id.example/realms/acme/"), DiscoveryOfAnother),
        ("issuer", json!("https://evil.example"), DiscoveryOfAnother),
        ("issuer", json!(null), DiscoveryMalformed),
        ("authorization_endpoint", json!("http://id.example/authorize"), EndPoint),
        ("authorization_endpoint", json!("javascript:alert(1)"), EndPoint),
        ("authorization_endpoint", json!("http://127.0.0.1/authorize"), EndPoint),
        ("token_endpoint", json!(null), EndPoint),
        ("jwks_uri", json!("/keys"), EndPoint),
        ("response_types_supported", json!(["id_token"]), Unsuited),
        ("code_challenge_methods_supported", json!(["plain"]), Unsuited),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none"]), Unsuited),
        ("id_token_signing_alg_values_supported", json!(7), Unsuited),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(discovered(|document| document[name] = value).err(), Some(refusal), "{told}");
    }
    let without = |name: &str| discovered(|document| drop(document.as_object_mut().unwrap().remove(name)));
    for name in ["code_challenge_methods_supported", "id_token_signing_alg_values_supported", "end_session_endpoint"] {
        assert!(without(name).is_ok(), "{name}");
    }
    for text in ["", "[]", "<html>", r#"{"issuer":"#] {
        assert_eq!(Discovered::read(text, &provider().issuer).err(), Some(DiscoveryMalformed), "{text}");
    }
    let posts = |methods: Value| discovered(|document| document["token_endpoint_auth_methods_supported"] = methods);
    assert!(posts(json!(["client_secret_post"])).unwrap().takes_secret_in_body);
    assert!(!posts(json!(["client_secret_post", "client_secret_basic"])).unwrap().takes_secret_in_body);
}

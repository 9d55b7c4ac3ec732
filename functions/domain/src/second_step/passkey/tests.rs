use super::*;
use crate::fixture;

const STEP: &str = "a token";
const NOW: Timestamp = Timestamp(1_800_000_000);
const PRESENT: u8 = 0x01;
const CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

fn address(text: &str) -> SiteAddress {
    SiteAddress::parse(text).unwrap()
}

fn here() -> SiteAddress {
    address("https://agents.example.com")
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// What a browser says there about a ceremony of this kind.
fn client(kind: &str, step: &str) -> String {
    let here = here();
    let challenge = Ceremony::of(step, &here).unwrap().challenge;
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://agents.example.com","crossOrigin":false}}"#
    )
}

/// An authenticator's response to it, up to its counter.
fn authenticator(rp: &str, flags: u8, count: u32) -> Vec<u8> {
    [&*Sha256::digest(rp), &[flags], &count.to_be_bytes()].concat()
}

/// A key on P-256: its numbers are arbitrary, as nothing is verified here.
fn es256() -> Vec<u8> {
    [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &[1; 32], b"\x22\x58\x20", &[2; 32]].concat()
}

fn eddsa() -> Vec<u8> {
    [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice(), &[3; 32]].concat()
}

fn rs256(bytes: u16) -> Vec<u8> {
    let n = vec![0xcd; bytes.into()];
    [b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59".as_slice(), &bytes.to_be_bytes(), &n, b"\x21\x43\x01\x00\x01"].concat()
}

/// The response of an authenticator that has made a credential with this key.
fn made(flags: u8, key: &[u8], more: &[u8]) -> Vec<u8> {
    let data = authenticator("agents.example.com", flags, 7);
    [&*data, &[9; AAGUID], &3_u16.to_be_bytes(), b"abc", key, more].concat()
}

const AAGUID: usize = 16;

/// The form for a passkey that was set up.
fn set_up(client: &str, authenticator: &[u8]) -> Result<Passkey, Refusal> {
    let here = here();
    let response = Response::read("YWJj", &text(client.as_bytes()), &text(authenticator), "");
    Ceremony::of(STEP, &here).unwrap().set_up(&response, NOW)
}

/// What comes of setting up a passkey with this key.
fn with_key(key: &[u8]) -> Result<Passkey, Refusal> {
    set_up(&client("webauthn.create", STEP), &made(PRESENT | CREDENTIAL, key, b""))
}

fn signed(client: &str, authenticator: &[u8], signature: &[u8]) -> Result<Signed, Refusal> {
    let here = here();
    let response = Response::read("YWJj", &text(client.as_bytes()), &text(authenticator), &text(signature));
    let key = PublicKey::parse(&with_key(&eddsa()).unwrap().key).unwrap();
    Ceremony::of(STEP, &here).unwrap().signed(&response, &key)
}

fn good() -> (String, Vec<u8>) {
    (client("webauthn.get", STEP), authenticator("agents.example.com", PRESENT, 8))
}

#[test]
fn a_passkey_is_set_up_with_a_key_of_each_of_the_three_kinds() {
    let passkey = with_key(&es256()).unwrap();
    assert_eq!((&*passkey.id, &*passkey.rp, passkey.count, passkey.since), ("YWJj", "agents.example.com", 7, NOW));
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#, text(&[1; 32]), text(&[2; 32]));
    assert_eq!(passkey.key, jwk);
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, text(&[3; 32]));
    assert_eq!(with_key(&eddsa()).unwrap().key, jwk);
    let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, text(&[0xcd; 256]));
    assert_eq!(with_key(&rs256(256)).unwrap().key, jwk);
    assert!(!format!("{passkey:?}").contains("YWJj"), "no log recognises anybody by it");
}

#[test]
fn a_key_of_another_algorithm_or_too_weak_or_written_otherwise_is_refused() {
    let es384 = [b"\xa5\x01\x02\x03\x38\x22\x20\x02\x21\x58\x30".as_slice(), &[1; 48]].concat();
    // alg and kty in the wrong order, and a length in more bytes than it needs.
    let unordered = [b"\xa5\x03\x26\x01\x02\x20\x01\x21\x58\x20".as_slice(), &[1; 32], b"\x22\x58\x20", &[2; 32]];
    let long = [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x59\x00\x20".as_slice(), &[1; 32], b"\x22\x58\x20", &[2; 32]];
    for key in [es384, unordered.concat(), long.concat(), rs256(255), rs256(0), b"".to_vec(), b"\xa0".to_vec()] {
        assert_eq!(with_key(&key), Err(Refusal::Algorithm), "{key:02x?}");
    }
}

#[test]
fn what_is_cut_off_anywhere_or_goes_on_behind_its_end_is_refused_and_nothing_panics() {
    for key in [es256(), eddsa(), rs256(256)] {
        let whole = made(PRESENT | CREDENTIAL, &key, b"");
        for length in 0..whole.len() {
            assert!(set_up(&client("webauthn.create", STEP), &whole[..length]).is_err(), "{length}");
        }
        let client = client("webauthn.create", STEP);
        assert_eq!(set_up(&client, &made(PRESENT | CREDENTIAL, &key, b"\0")), Err(Refusal::Malformed));
        // Extensions that nobody asked for are there if the flags say so, and only then.
        let extended = |more| set_up(&client, &made(PRESENT | CREDENTIAL | EXTENSIONS, &key, more));
        assert!(extended(b"\xa1\x6bcredProtect\x02").is_ok());
        assert_eq!((extended(b""), extended(b"\x02")), (Err(Refusal::Malformed), Err(Refusal::Malformed)));
    }
    let (client, whole) = good();
    assert!(signed(&client, &whole, b"any").is_ok());
    for length in 0..whole.len() {
        assert_eq!(signed(&client, &whole[..length], b"any"), Err(Refusal::Malformed), "{length}");
    }
    assert_eq!(signed(&client, &[&*whole, b"\0"].concat(), b"any"), Err(Refusal::Malformed));
    for length in 0..client.len() {
        assert_eq!(signed(&client[..length], &whole, b"any"), Err(Refusal::Malformed), "{length}");
    }
    assert_eq!(signed(&format!("{client}{}", " ".repeat(4096)), &whole, b"any"), Err(Refusal::Malformed));
}

#[test]
fn a_credential_says_its_own_length_and_no_more_than_there_is() {
    let data = authenticator("agents.example.com", PRESENT | CREDENTIAL, 0);
    let of_length = |said: u16, id: &[u8]| {
        let data = [&*data, &[9; AAGUID], &said.to_be_bytes(), id, &es256()].concat();
        set_up(&client("webauthn.create", STEP), &data)
    };
    assert_eq!(of_length(0, b""), Err(Refusal::Malformed));
    assert_eq!(of_length(u16::MAX, b"abc"), Err(Refusal::Malformed));
    assert_eq!(of_length(2, b"abc"), Err(Refusal::Algorithm), "the key then begins somewhere else");
    assert!(of_length(1023, &[5; 1023]).is_ok());
    assert_eq!(of_length(1024, &[5; 1024]), Err(Refusal::Malformed));
    let without = authenticator("agents.example.com", PRESENT, 0);
    assert_eq!(set_up(&client("webauthn.create", STEP), &without), Err(Refusal::Malformed));
}

#[test]
fn what_was_made_for_something_else_is_refused_and_says_why() {
    let (client, whole) = good();
    let instead = |from: &str, to: &str| signed(&client.replace(from, to), &whole, b"any");
    for (from, to, refusal) in [
        ("webauthn.get", "webauthn.create", Refusal::Type),
        ("webauthn.get", "payment.get", Refusal::Type),
        ("\"challenge\":\"", "\"challenge\":\"A", Refusal::Challenge),
        ("\"challenge\"", "\"chal\"", Refusal::Challenge),
        ("https://agents", "https://evil", Refusal::Origin),
        ("https://agents", "http://agents", Refusal::Origin),
        ("example.com", "example.com:8443", Refusal::Origin),
        ("example.com", "example.com.evil.example", Refusal::Origin),
        ("\"crossOrigin\":false", "\"crossOrigin\":true", Refusal::CrossOrigin),
        ("\"crossOrigin\":false", "\"crossOrigin\":null", Refusal::CrossOrigin),
        ("false}", "false,\"crossOrigin\":false}", Refusal::CrossOrigin),
        ("false}", "false,\"topOrigin\":\"https://agents.example.com\"}", Refusal::CrossOrigin),
        ("{", "[", Refusal::Malformed),
    ] {
        assert_eq!(instead(from, to), Err(refusal), "{from} as {to}");
    }
    assert!(instead(",\"crossOrigin\":false", "").is_ok(), "browsers of before Level 2");
    assert_eq!(signed(&self::client("webauthn.get", "another token"), &whole, b"any"), Err(Refusal::Challenge));
    assert_eq!(set_up(&client, &made(PRESENT | CREDENTIAL, &es256(), b"")), Err(Refusal::Type));
    for (data, refusal) in [
        (authenticator("example.com", PRESENT, 8), Refusal::RelyingParty),
        (authenticator("agents.example.com", 0, 8), Refusal::NotPresent),
        (authenticator("agents.example.com", 0x04, 8), Refusal::NotPresent),
        (authenticator("agents.example.com", PRESENT | 0x10, 8), Refusal::Malformed),
        (made(PRESENT | CREDENTIAL, &es256(), b""), Refusal::Malformed),
    ] {
        assert_eq!(signed(&client, &data, b"any"), Err(refusal));
    }
    assert!(signed(&client, &authenticator("agents.example.com", PRESENT | 0x18, 8), b"any").is_ok());
}

#[test]
fn what_is_signed_is_what_the_authenticator_says_and_the_hash_of_what_the_browser_says() {
    let (client, whole) = good();
    let signed = signed(&client, &whole, b"any").unwrap();
    assert_eq!(signed.count, 8);
    assert_eq!(signed.message, [&*whole, &Sha256::digest(&client)].concat());
    assert_eq!(signed.signature, b"any", "of Ed25519 and RSA it is as it is");
}

#[test]
fn a_signature_on_p256_is_two_numbers_in_der_and_nothing_else() {
    let raw = |der: &[u8]| signature::for_platform(crate::federation::Algorithm::Es256, der);
    let both = |r: &[u8], s: &[u8]| {
        let part = |number: &[u8]| [&[2, u8::try_from(number.len()).unwrap()], number].concat();
        let body = [part(r), part(s)].concat();
        [&[0x30, u8::try_from(body.len()).unwrap()], &*body].concat()
    };
    let number = |bytes: &[u8]| [&vec![0; 32 - bytes.len()], bytes].concat();
    assert_eq!(raw(&both(&[1], &[0x7f])), Some([number(&[1]), number(&[0x7f])].concat()));
    let high = [&[0], [0xff; 32].as_slice()].concat();
    assert_eq!(raw(&both(&high, &[0x7f; 32])), Some([[0xff; 32], [0x7f; 32]].concat()));
    let good = both(&high, &[1; 32]);
    for length in 0..good.len() {
        assert_eq!(raw(&good[..length]), None, "{length}");
    }
    assert_eq!(raw(&[&*good, &[0]].concat()), None, "something behind it");
    for (r, s) in [
        (&[][..], &[1][..]),
        (&[0], &[1]),
        (&[1], &[0]),
        (&[0x80], &[1]),
        (&[0, 0x7f], &[1]),
        (&[0, 0, 0x80], &[1]),
        (&[1; 33], &[1]),
        (&[1], &[0xff; 32]),
    ] {
        assert_eq!(raw(&both(r, s)), None, "{r:02x?} {s:02x?}");
    }
    let third = [&[0x30, 9], [2_u8, 1, 1].repeat(3).as_slice()].concat();
    assert_eq!((raw(&third), raw(&[0x31, 6, 2, 1, 1, 2, 1, 1]), raw(&[0x30, 6, 3, 1, 1, 2, 1, 1])), (None, None, None));
}

#[test]
fn a_challenge_belongs_to_one_token_and_a_number_is_no_relying_party() {
    let (here, port) = (here(), address("http://acme.localhost:8787"));
    let challenge = |step: &str| Ceremony::of(step, &here).unwrap().challenge().to_owned();
    assert!(challenge("a") == challenge("a") && challenge("a") != challenge("b") && challenge("a").len() == 43);
    assert_eq!(Ceremony::of("a", &port).unwrap().rp(), "acme.localhost");
    assert!(Ceremony::of("a", &address("http://127.0.0.1:8787")).is_none());
}

#[test]
fn an_account_is_known_by_something_that_names_nobody() {
    let agent = fixture::agent();
    let other = Agent { instance: fixture::id(2), ..agent.clone() };
    let handle = user_handle(&agent);
    assert!(handle.len() == 43 && handle == user_handle(&agent) && handle != user_handle(&other));
}

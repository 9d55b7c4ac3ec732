//! Each kind of bad session token, one by one, and ten thousand mutations of a good one.

use std::collections::HashSet;
use std::time::Instant;

use base64ct::{Base64UrlUnpadded, Encoding};
use futures_util::{StreamExt, stream};
use kv_schema::names::InstanceId;
use onecontact_domain::token::SessionClaims;
use onecontact_tests::world::{HOME, now};
use onecontact_tests::{Browser, World, tokens};
use serde_json::{Value, json};

use crate::{DESKTOP, PLAIN, SESSION, tell};

/// The token leads to the login page, is removed, and opens nothing.
async fn assert_refused(browser: &Browser, token: &str, what: &str) {
    for path in [DESKTOP, PLAIN] {
        browser.plant(SESSION, token);
        let page = browser.get(path).await;
        assert_eq!(page.status, 303, "{what}");
        assert!(page.location().starts_with("/OneAgentWeb_Lisbon?next=/desktop"), "{what}: {}", page.location());
        assert!(page.removes(SESSION), "{what}");
    }
    browser.plant(SESSION, token);
    let page = browser.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await;
    assert_eq!((page.status, page.removes(SESSION)), (401, false), "{what}: another node may know its key");
    let page = browser.get(HOME).await;
    assert_eq!((page.status, page.heading().as_str(), page.removes(SESSION)), (200, "Login", true), "{what}");
    assert_eq!(browser.cookie(SESSION), None, "{what}");
}

#[tokio::test]
async fn each_bad_token_leads_to_the_login_page_and_is_taken_away() {
    let world = World::standard().install("Porto").instance("bravo", &["Porto"]).start().await;
    let good = world.browser_of("desk1").await.cookie(SESSION).unwrap();
    let claims = tokens::session_claims(&good);
    let header = |name: &'static str, value: Value| tokens::resigned(&good, move |header, _| header[name] = value);
    let claim = |name: &'static str, value: Value| tokens::resigned(&good, move |_, claims| claims[name] = value);
    let without = |name: &'static str| {
        tokens::resigned(&good, move |_, claims| {
            claims.as_object_mut().unwrap().remove(name);
        })
    };
    let (issued, at) = (now().0, |at: u64| kv_schema::Timestamp(at));
    let resealed = |claims: SessionClaims| tokens::sealed(&claims, now());
    let [hs384, hs512] = tokens::by_other_algorithms(&good);
    let bad = [
        ("empty", String::new(), "malformed"),
        ("nonsense", "nonsense".into(), "malformed"),
        ("three empty parts", "..".into(), "malformed"),
        ("cut in the signature", good[..good.len() - 7].into(), "bad_signature"),
        ("cut before the signature", good.rsplit_once('.').unwrap().0.into(), "malformed"),
        ("signature emptied", format!("{}.", good.rsplit_once('.').unwrap().0), "bad_signature"),
        ("alg none", tokens::unsigned(&good, "none"), "bad_signature"),
        ("alg nOnE", tokens::unsigned(&good, "nOnE"), "bad_signature"),
        ("alg none, old signature", tokens::forged(&good, |header, _| header["alg"] = "none".into()), "bad_signature"),
        ("alg swapped in the header", header("alg", "HS512".into()), "bad_signature"),
        ("alg of another kind", header("alg", "RS256".into()), "bad_signature"),
        ("HS384 by our own key", hs384, "bad_signature"),
        ("HS512 by our own key", hs512, "bad_signature"),
        (
            "no kid",
            tokens::resigned(&good, |header, _| _ = header.as_object_mut().unwrap().remove("kid")),
            "unknown_key",
        ),
        ("unknown kid", header("kid", "nobody's".into()), "unknown_key"),
        ("retired kid", header("kid", "wire-0".into()), "unknown_key"),
        ("kid of a path", header("kid", "../../etc/passwd".into()), "unknown_key"),
        ("another typ", header("typ", "JWT".into()), "wrong_kind"),
        ("another aud", claim("aud", "oneagent-form".into()), "wrong_kind"),
        ("a list of aud", claim("aud", json!(["oneagent-session"])), "malformed"),
        ("another iss", claim("iss", "https://evil.test".into()), "wrong_kind"),
        ("no aud", without("aud"), "malformed"),
        ("no iss", without("iss"), "malformed"),
        ("no exp", without("exp"), "malformed"),
        ("no iat", without("iat"), "malformed"),
        ("no hard end", without("hard_end"), "malformed"),
        ("exp as text", claim("exp", "9999999999".into()), "malformed"),
        ("from the future", tokens::sealed(&claims, at(issued + 3600)), "from_the_future"),
        (
            "another agent, old signature",
            tokens::forged(&good, |_, claims| claims["sub"] = "desk2".into()),
            "bad_signature",
        ),
        ("other install's", claim("install", "porto".into()), "other_install"),
        (
            "other instance's",
            resealed(SessionClaims { instance: world.instance("bravo"), ..claims.clone() }),
            "other_instance",
        ),
        (
            "nobody's instance",
            resealed(SessionClaims { instance: InstanceId::nobody(), ..claims.clone() }),
            "other_instance",
        ),
        ("longer than a cookie", format!("{good}{}", "A".repeat(4096)), "malformed"),
    ];
    let browser = world.browser();
    for (what, token, reason) in &bad {
        let before = world.log().events("token_rejected").len();
        assert_refused(&browser, token, what).await;
        let rejections = world.log().wait_for("token_rejected", before + 1).await;
        let found: Vec<_> = rejections[before..].iter().map(|event| event["reason"].as_str().unwrap()).collect();
        assert_eq!(found, [*reason], "{what}: the log is told of it once, however often it is shown");
    }
    browser.plant(SESSION, &good);
    assert_eq!(browser.get(DESKTOP).await.status, 200, "the good one still is");
    assert_eq!(world.log().events("token_rejected").len(), bad.len());
}

#[tokio::test]
async fn an_expired_token_leads_to_the_login_page_without_a_word_in_the_log() {
    let world = World::standard().start().await;
    let good = world.browser_of("desk1").await.cookie(SESSION).unwrap();
    let claims = tokens::session_claims(&good);
    let browser = world.browser();
    let expired = tokens::sealed(&claims, kv_schema::Timestamp(now().0 - 15 * 60 - 6));
    assert_refused(&browser, &expired, "expired").await;
    let nearly = tokens::sealed(&claims, kv_schema::Timestamp(now().0 - 15 * 60 + 5));
    browser.plant(SESSION, &nearly);
    assert_eq!(browser.get(DESKTOP).await.status, 200, "seconds before, it is good");
    assert_eq!(world.log().events("token_rejected").len(), 0, "it is everyday");
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below `limit` (xorshift64*, Vigna 2016).
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    /// A character that may occur in a cookie's value, mostly one that may occur in a token.
    fn character(&mut self) -> char {
        const LIKELY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_-_..==+/";
        const UNLIKELY: &[u8] = b"!#$%&'()*:<>?@[]^`{|}~";
        let set = if self.below(12) == 0 { UNLIKELY } else { LIKELY };
        char::from(set[self.below(set.len())])
    }
}

/// The token changed in one of many ways; never the token itself.
fn mutated(token: &str, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = token.chars().collect();
    let at = dice.below(characters.len());
    match dice.below(9) {
        0 | 1 => characters[at] = dice.character(),
        2 => characters.insert(at, dice.character()),
        3 => _ = characters.remove(at),
        4 => characters.truncate(at),
        5 => {
            let other = dice.below(characters.len());
            characters.swap(at, other);
        }
        6 => (0..=dice.below(40)).for_each(|_| {
            let place = dice.below(characters.len());
            characters[place] = dice.character();
        }),
        7 => return with_a_flipped_bit(token, dice),
        _ => {
            let mut parts: Vec<&str> = token.split('.').collect();
            let (from, to) = (dice.below(3), dice.below(3));
            parts[to] = parts[from];
            if dice.below(3) == 0 {
                parts.push(parts[from]);
            }
            return parts.join(".");
        }
    }
    characters.into_iter().collect()
}

/// The token with one bit flipped in what its base64url decodes to.
fn with_a_flipped_bit(token: &str, dice: &mut Dice) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let part = dice.below(parts.len());
    let mut bytes = Base64UrlUnpadded::decode_vec(&parts[part]).unwrap();
    let at = dice.below(bytes.len());
    bytes[at] ^= 1 << dice.below(8);
    parts[part] = Base64UrlUnpadded::encode_string(&bytes);
    parts.join(".")
}

#[tokio::test]
async fn ten_thousand_mutations_of_a_token_are_all_refused() {
    const MUTATIONS: usize = 10_000;
    let world = World::standard().start().await;
    let signed_in = world.browser_of("desk1").await;
    let good = signed_in.cookie(SESSION).unwrap();
    let mut dice = Dice(0x0001_C0DE_5EED);
    let mut before = HashSet::from([good.clone()]);
    let mut changed = std::iter::repeat_with(|| mutated(&good, &mut dice)).filter(|token| before.insert(token.clone()));
    let started = Instant::now();
    let browser = world.browser();
    let requests = stream::iter(0..MUTATIONS).map(|_| changed.next().unwrap()).map(|token| {
        let cookie = format!("{SESSION}={token}");
        let ask = browser.ask(hyper::Method::GET, DESKTOP).header("cookie", &cookie);
        async move { (token, ask.send().await) }
    });
    let mut answers = requests.buffer_unordered(64);
    let mut refused = 0;
    while let Some((token, page)) = answers.next().await {
        assert_eq!(page.status, 303, "{token}");
        assert_eq!(page.location(), "/OneAgentWeb_Lisbon?next=/desktop&over=1", "{token}");
        assert!(page.removes(SESSION), "{token}");
        refused += 1;
    }
    drop(answers);
    tell(&format!("{refused} mutated tokens refused in {:.1} s", started.elapsed().as_secs_f64()));
    let reasons = world.log().wait_for("token_rejected", MUTATIONS).await;
    assert_eq!(reasons.len(), MUTATIONS);
    assert_eq!(signed_in.get(DESKTOP).await.status, 200, "the good one still is");
}

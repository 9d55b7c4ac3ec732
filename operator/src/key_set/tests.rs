use super::*;
use kv_schema::directory::SigningAlg;
use kv_schema::names::InstallName;
use onecontact_domain::token::Rejection;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_800_000_000);

fn form() -> FormClaims {
    FormClaims { install: InstallName::parse("lisbon").unwrap(), browser: "b".into(), tenant: None }
}

fn worker(set: &KeySet) -> token::KeySet {
    token::KeySet::parse(&set.json()).unwrap()
}

/// A token that a node with `set` makes at `at`.
fn made(set: &KeySet, at: Timestamp) -> String {
    token::seal(&worker(set), &form(), at).unwrap()
}

/// Whether a node with `set` accepts `token` at `at`.
fn taken(set: &KeySet, token: &str, at: Timestamp) -> Result<(), Rejection> {
    token::open::<FormClaims>(&worker(set), token, at).map(drop)
}

fn ids(set: &KeySet, status: Status) -> Vec<String> {
    set.keys.iter().filter(|key| key.status == status).map(|key| key.kid.clone()).collect()
}

fn published(set: &KeySet, at: Timestamp) -> Vec<String> {
    let json: Value = serde_json::from_str(&worker(set).public(at).json).unwrap();
    json["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_fresh_set_has_an_active_and_a_next_key_of_each_algorithm() {
    let set = KeySet::new(NOW).unwrap();
    for status in [Status::Active, Status::Next] {
        let algorithms: Vec<&str> =
            set.keys.iter().filter(|key| key.status == status).map(|key| key.alg.as_str()).collect();
        assert_eq!(algorithms, ["HS256", "EdDSA", "ES256"]);
    }
    assert!(worker(&set).signing().is_some() && worker(&set).signing_by(SigningAlg::ES256).is_some());
    assert!(KeySet::parse(&set.json()).unwrap() == set);
}

#[test]
fn each_key_moves_on_by_one() {
    let before = KeySet::new(NOW).unwrap();
    let mut after = before.clone();
    let rotation = after.rotate(NOW).unwrap();
    assert_eq!(ids(&after, Status::Active), ids(&before, Status::Next));
    assert_eq!(ids(&after, Status::Retired), ids(&before, Status::Active));
    let next = ids(&after, Status::Next);
    assert!(next.len() == 3 && before.keys.iter().all(|key| !next.contains(&key.kid)));
    assert_eq!(rotation.until, NOW.plus(13 * 3600));
    for key in after.keys.iter().filter(|key| key.status == Status::Retired) {
        assert_eq!(key.exp, Some(rotation.until));
    }
    assert_eq!((rotation.active, rotation.next), (ids(&after, Status::Active), next));
    assert_eq!((rotation.retired, rotation.dropped), (ids(&after, Status::Retired), vec![]));
}

#[test]
fn a_node_one_set_behind_and_one_set_ahead_both_verify() {
    let mut sets = vec![KeySet::new(NOW).unwrap()];
    for round in 0..3 {
        let mut set = sets.last().unwrap().clone();
        set.rotate(NOW.plus(round)).unwrap();
        sets.push(set);
    }
    for (older, newer) in sets.iter().zip(&sets[1..]) {
        assert_eq!(taken(older, &made(newer, NOW), NOW), Ok(()));
        assert_eq!(taken(newer, &made(older, NOW), NOW), Ok(()));
    }
    assert_eq!(taken(&sets[0], &made(&sets[2], NOW), NOW), Err(Rejection::UnknownKey), "two sets behind");
}

#[test]
fn a_key_is_published_before_it_signs_and_while_its_tokens_live() {
    let before = KeySet::new(NOW).unwrap();
    let mut after = before.clone();
    let rotation = after.rotate(NOW).unwrap();
    let signing = worker(&after).signing().unwrap().id().to_owned();
    assert!(published(&before, NOW).contains(&signing));
    let old = worker(&before).signing().unwrap().id().to_owned();
    assert!(published(&after, NOW).contains(&old));
    assert!(!published(&after, rotation.until).contains(&old));
}

#[test]
fn a_retired_key_signs_nothing_and_past_its_date_verifies_nothing() {
    let before = KeySet::new(NOW).unwrap();
    let mut after = before.clone();
    let until = after.rotate(NOW).unwrap().until;
    let retired = ids(&after, Status::Retired);
    let signer = |set: &KeySet| {
        let head = made(set, NOW);
        let head = Base64UrlUnpadded::decode_vec(head.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
    };
    assert!(retired.contains(&signer(&before)) && !retired.contains(&signer(&after)));
    assert!(!retired.contains(&worker(&after).signing().unwrap().id().to_owned()));
    assert!(after.keys.iter().all(|key| key.status != Status::Retired || !key.more.contains_key("d")));
    // The longest-lived token, made at the last moment before the new set was in force everywhere, lives out its life.
    let last = made(&before, NOW.plus(MARGIN - 1));
    assert_eq!(taken(&after, &last, Timestamp(until.0 - 1)), Ok(()));
    assert_eq!(taken(&after, &last, until), Err(Rejection::UnknownKey));
}

#[test]
fn retired_keys_go_when_their_date_is_past_and_no_sooner() {
    let mut set = KeySet::new(NOW).unwrap();
    let first = set.rotate(NOW).unwrap();
    let second = set.rotate(Timestamp(first.until.0 - 1)).unwrap();
    assert_eq!(second.dropped, [""; 0]);
    assert_eq!(ids(&set, Status::Retired).len(), 6);
    let third = set.rotate(first.until).unwrap();
    assert_eq!(third.dropped, first.retired);
    assert!(set.keys.iter().all(|key| !first.retired.contains(&key.kid)));
}

#[test]
fn a_set_without_a_next_key_is_refused_and_left_alone() {
    for missing in Algorithm::ALL {
        let mut set = KeySet::new(NOW).unwrap();
        set.keys.retain(|key| !(key.alg == missing.name() && key.status == Status::Next));
        let before = set.clone();
        let failure = set.rotate(NOW).unwrap_err();
        assert!(matches!(&failure, Failure::Refused(message) if message.contains(missing.name())), "{failure}");
        assert!(failure.to_string().contains("keys complete"));
        assert!(set == before);
    }
}

#[test]
fn completing_a_set_of_an_earlier_version_adds_next_keys_and_changes_nothing_that_signs() {
    let mut set = KeySet::new(NOW).unwrap();
    set.keys.truncate(1);
    let before = set.clone();
    let added = set.complete(NOW).unwrap();
    assert_eq!((added.len(), &ids(&set, Status::Next)), (3, &added));
    assert_eq!(ids(&set, Status::Active), ids(&before, Status::Active));
    assert!(worker(&set).signing().is_none(), "an Ed25519 key that nobody knows yet does not sign");
    set.rotate(NOW).unwrap();
    assert!(worker(&set).signing().is_some());
    assert_eq!(set.complete(NOW).unwrap(), [""; 0]);
}

#[test]
fn a_set_never_outgrows_a_secret() {
    let mut set = KeySet::new(NOW).unwrap();
    let mut rotated = 0;
    let failure = loop {
        let mut next = set.clone();
        // The first two are within one second.
        match next.rotate(NOW.plus(rotated.max(1) - 1)) {
            Ok(_) => (set, rotated) = (next, rotated + 1),
            Err(failure) => break failure,
        }
        assert!(rotated < 100);
    };
    assert!(rotated >= 6 && set.json().len() <= 5_000, "{rotated} rotations within a minute");
    let told = format!("the keys of {rotated} rotations within 13 hours");
    assert!(failure.to_string().contains(&told), "{failure}");
    assert!(failure.to_string().contains("are dropped at 2027-01-15 21:00 UTC"), "{failure}");
    assert!(set.rotate(NOW.plus(13 * 3600)).is_ok(), "when the first ones are past their date, it goes on");
}

#[test]
fn a_set_knows_when_the_youngest_of_its_next_keys_was_drawn_however_that_came_to_be() {
    let mut set = KeySet::new(NOW).unwrap();
    assert_eq!(set.drawn_at(), Some(NOW));
    set.rotate(NOW.plus(3600)).unwrap();
    assert_eq!(set.drawn_at(), Some(NOW.plus(3600)));
    set.keys.retain(|key| key.status != Status::Next || key.alg != "ES256");
    set.complete(NOW.plus(7200)).unwrap();
    assert_eq!(set.drawn_at(), Some(NOW.plus(7200)));
    for key in set.keys.iter_mut().filter(|key| key.status == Status::Next) {
        key.kid = format!("made by hand for {}", key.alg);
    }
    assert_eq!(set.drawn_at(), None);
}

#[test]
fn an_older_copy_and_a_set_that_is_not_in_force_yet_are_told_from_the_one_that_is() {
    let older = KeySet::new(NOW).unwrap();
    let mut newer = older.clone();
    let until = newer.rotate(NOW).unwrap().until;
    let by = |set: &KeySet, at| published(set, at).into_iter().collect::<BTreeSet<_>>();
    for (set, at) in [(&older, NOW), (&newer, NOW), (&newer, until)] {
        assert!(set.is_published_as(&by(set, at), at).is_ok());
    }
    let failure = older.is_published_as(&by(&newer, NOW), NOW).unwrap_err().to_string();
    assert!(failure.contains("another set is in force there"), "{failure}");
    let failure = newer.is_published_as(&by(&older, NOW), NOW).unwrap_err().to_string();
    assert!(failure.contains("not in force there yet"), "{failure}");
    let mut ours_alone = KeySet::new(NOW).unwrap();
    ours_alone.keys.retain(|key| key.alg == "HS256");
    assert!(ours_alone.is_published_as(&BTreeSet::new(), NOW).is_err(), "there is nothing to compare");
}

#[test]
fn a_key_of_a_later_version_stays_as_it_is() {
    let mut set = KeySet::new(NOW).unwrap();
    let later = json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "later", "status": "active", "priv": "p" });
    set.keys.push(serde_json::from_value(later.clone()).unwrap());
    set.rotate(NOW).unwrap();
    let kept = set.keys.iter().find(|key| key.kid == "later").unwrap();
    assert_eq!(serde_json::to_value(kept).unwrap(), later);
    assert!(set.is_published_as(&published(&set, NOW).into_iter().collect(), NOW).is_ok());
}

#[test]
fn a_set_that_the_worker_would_not_take_is_refused_without_a_word_of_it() {
    let set = KeySet::new(NOW).unwrap();
    let text = |key: &Key, name: &str| key.more[name].as_str().unwrap().to_owned();
    let other = KeySet::new(NOW).unwrap();
    let mixed = set.json().replace(&text(&set.keys[1], "x"), &text(&other.keys[1], "x"));
    let mixed_too = set.json().replace(&text(&set.keys[2], "y"), &text(&other.keys[2], "y"));
    let twice = set.json().replace("next", "active");
    let apart = "do not match";
    for (bad, told) in [(mixed, apart), (mixed_too, apart), (twice, "more than one active"), ("{}".into(), "JWK Set")] {
        let failure = KeySet::parse(&bad).err().unwrap().to_string();
        assert!(failure.contains(told), "{failure}");
        for (index, name) in [(0, "k"), (1, "d"), (2, "d")] {
            assert!(!failure.contains(&text(&set.keys[index], name)), "{failure}");
        }
    }
}

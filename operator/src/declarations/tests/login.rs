//! `OneContactLogin`, its applications, and instances' own providers.

use super::*;

#[test]
fn a_login_stands_once_and_an_install_that_uses_it_needs_it() {
    let login = "\n[login]\naddress = \"https://login.example\"\n";
    assert_eq!(problems(&[("a.toml", &format!("{SOUND}{login}"))]), (vec![], 1));
    let (twice, _) = problems(&[("a.toml", &format!("{SOUND}{login}")), ("b.toml", login)]);
    assert!(twice.len() == 1 && twice[0].contains("[login] is already declared, at "), "{twice:?}");
    let uses = SOUND.replace("name = \"Lisbon\"\n", "name = \"Lisbon\"\nuses_onecontact_login = true\n");
    let (without, _) = problems(&[("a.toml", &uses)]);
    assert!(without.len() == 1 && without[0].contains("uses OneContactLogin, but there is none"), "{without:?}");
    assert!(problem("\n[[login]]\naddress = \"https://login.example\"\n").contains("write [login] with one bracket"));
}

/// A client that is sound except for `fields`.
fn client(fields: &str) -> String {
    let login = "\n[login]\naddress = \"https://login.example\"\n";
    format!("{login}[[client]]\nid = \"crm\"\nredirect_uris = [\"https://crm.example/cb\"]\n{fields}\n")
}

const SECRET_HASH: &str = "secret_hashes = [\"bgcEOOHIh0FvOBPfqtt1v5mZHcGXAwfQL4IHfRdVdCg\"]";
const P256: &str = "keys = [{ kid = \"k\", kty = \"EC\", crv = \"P-256\", x = \"q9biRx8QJAmRJdMW9WDpCwQo0P6FdOEsdzit2_98tIc\", \
                    y = \"hrfZvFhVBYz1CAMCUxxuHvjZf4-Jh4LwK7I9Xs5TNsc\" }]";

#[test]
fn a_client_proves_who_it_is_in_one_way_and_says_which() {
    for sound in ["public = true", SECRET_HASH, P256] {
        assert_eq!(problems(&[("a.toml", &format!("{SOUND}{}", client(sound)))]), (vec![], 1), "{sound}");
    }
    assert!(problem(&client("")).contains("`onecontact client secret` makes a secret"));
    assert!(problem(&client(&format!("public = true\n{SECRET_HASH}"))).contains("in several ways"));
    assert!(problem(&client(&format!("{P256}\n{SECRET_HASH}"))).contains("in several ways"));
}

#[test]
fn what_is_wrong_with_a_client_is_told() {
    let secret = client("secret_hashes = [\"a secret of theirs\"]").replace("crm.example/cb", "crm.example/cb#x");
    let (found, _) = problems(&[("a.toml", &format!("{SOUND}{secret}"))]);
    assert!(found.iter().any(|problem| problem.contains("`redirect_uris` cannot have")), "{found:?}");
    assert!(found.iter().any(|problem| problem.contains("a secret's hash, never the secret")), "{found:?}");
    let of_install = client(SECRET_HASH).replace("\"crm\"", "\"OneAgentWeb_Lisbon\"");
    assert!(problem(&of_install).contains("those of installs"));
    assert!(problem(&client(&format!("{SECRET_HASH}\ninstances = [\"nobody\"]"))).contains("no instance is called"));
    assert!(problem(&client(&P256.replace("q9b", "q9c"))).contains("not a public key"));
    assert!(problem(&client(&format!("{SECRET_HASH}\nid_token_alg = \"RS256\""))).contains("ES256"));
    let without = client(SECRET_HASH).replace("[login]\naddress = \"https://login.example\"\n", "");
    assert!(problem(&without).contains("no provider to sign agents in"));
    let again = format!(
        "{}{}",
        client(SECRET_HASH),
        client(SECRET_HASH).replace("[login]\naddress = \"https://login.example\"\n", "")
    );
    assert!(problem(&again).contains("is already declared"));
}

/// A sound directory whose instance has this provider.
fn with_provider(fields: &str) -> Vec<String> {
    let uses = SOUND.replace("name = \"Lisbon\"\n", "name = \"Lisbon\"\nuses_onecontact_login = true\n");
    let provider = format!("name = \"acme\"\nprovider = {{ {fields} }}\n");
    let login = "\n[login]\naddress = \"https://login.example\"\n";
    problems(&[("a.toml", &format!("{}{login}", uses.replace("name = \"acme\"\n", &provider)))]).0
}

#[test]
fn a_provider_says_who_it_is_how_it_knows_us_and_which_claim_is_the_agent() {
    let known = "name = \"Acme ID\", issuer = \"https://id.example/\", client_id = \"desk\"";
    for proof in ["secret = \"PROVIDER_SECRET_ACME\"", "key = true"] {
        for claim in ["username_claim = \"upn\"", "email_claim = \"email\", scopes = [\"email\"]"] {
            assert_eq!(with_provider(&format!("{known}, {proof}, {claim}")), [""; 0]);
        }
    }
    for (fields, what) in [
        (format!("{known}, key = true"), "no claim from the provider"),
        (format!("{known}, key = true, username_claim = \"a\", email_claim = \"b\""), "or two do"),
        (format!("{known}, username_claim = \"upn\""), "is not told who is asking"),
        (format!("{known}, key = true, secret = \"PROVIDER_SECRET_A\", username_claim = \"upn\""), "in two ways"),
        (known.replace("https:", "http:") + ", key = true, username_claim = \"upn\"", "an issuer is https://"),
        (format!("{known}, key = true, username_claim = \"a b\""), "visible ASCII characters"),
    ] {
        let found = with_provider(&fields);
        assert!(found.first().is_some_and(|problem| problem.contains(what)), "{what}: {found:?}");
    }
    let secret = with_provider(&format!("{known}, secret = \"hunter2hunter2\", username_claim = \"upn\""));
    assert!(!secret.is_empty() && secret.iter().all(|problem| !problem.contains("hunter2")), "{secret:?}");
}

#[test]
fn whoever_signs_in_at_a_provider_comes_by_onecontact_login_and_takes_the_second_step_there() {
    let provider = "provider = { name = \"A\", issuer = \"https://id.example\", client_id = \"d\", key = true, \
                    username_claim = \"upn\" }";
    let text =
        SOUND.replace("name = \"acme\"\n", &format!("name = \"acme\"\nsecond_step = \"optional\"\n{provider}\n"));
    let (found, _) = problems(&[("a.toml", &text)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("uses_onecontact_login = true") && found[1].contains("have the provider ask"),
        "{found:?}"
    );
}

#[test]
fn agents_are_made_of_claims_only_with_a_required_one_and_by_their_username() {
    let known = "name = \"A\", issuer = \"https://id.example\", client_id = \"d\", key = true";
    let agents = |fields: &str| format!("agents = {{ {fields} }}");
    let sound = "required_claim = \"groups\", required_value = \"Front Desk\", name_claim = \"name\"";
    let username = "username_claim = \"upn\"";
    assert_eq!(with_provider(&format!("{known}, {username}, {}", agents(sound))), [""; 0]);
    let all = format!("{sound}, email_claim = \"email\", extension_claim = \"ext\", language_claim = \"locale\"");
    assert_eq!(with_provider(&format!("{known}, {username}, {}", agents(&all))), [""; 0]);
    for (account, fields, what) in [
        (username, sound.replace("required_claim = \"groups\", ", ""), "required_claim"),
        (username, sound.replace("\"Front Desk\"", "\"\""), "required_value"),
        (username, sound.replace("name_claim", "nome_claim"), "nome_claim"),
        ("email_claim = \"email\"", sound.to_owned(), "an e-mail address alone"),
    ] {
        let found = with_provider(&format!("{known}, {account}, {}", agents(&fields)));
        assert!(found.iter().any(|problem| problem.contains(what)), "{what}: {found:?}");
    }
}

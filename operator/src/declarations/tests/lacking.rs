//! Fields that are absent, and fields that only have a wrong value.

use super::*;

#[test]
fn of_a_field_that_says_something_wrong_it_is_not_told_too_that_it_is_not_there() {
    let login = "[login]\naddress = \"https://login.example\"\n";
    let client = |fields: &str| format!("{SOUND}{login}[[client]]\nid = \"crm\"\n{fields}\n");
    let service = |fields: &str| format!("{SOUND}[[service]]\nname = \"crm\"\n{fields}\n");
    let last = SOUND.lines().last().unwrap();
    let (uris, ulid) = ("redirect_uris = [\"https://crm.example/cb\"]", "01KAS7Q0V4SVC0000000000001");
    let rest = "scopes = [\"agents:read\"]\ninstances = [\"*\"]\n\
                keys = [{ kid = \"k1\", x = \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\" }]";
    for (text, told) in [
        (client("redirect_uris = [\"http://crm.example/cb\"]\npublic = true"), "`redirect_uris` cannot have"),
        (client("redirect_uris = []\npublic = true"), "this client has no `redirect_uris`"),
        (client(&format!("{uris}\nsecret_hashes = [\"a secret\"]")), "`secret_hashes` cannot have"),
        (client(&format!("{uris}\nsecret_hashes = []")), "this client has no `secret_hashes`"),
        (service(&format!("id = 1\n{rest}")), "`id` is a whole number"),
        (service(&format!("id = \"{ulid}\"\n{}", rest.replace("agents:read", "all"))), "`scopes` cannot have"),
        (service(&format!("id = \"{ulid}\"\n{}", rest.replace('*', "a b"))), "`instances` cannot have"),
        (service(&format!("id = \"{ulid}\"\n{}", rest.replace("11q", ""))), "`x` cannot be"),
        (SOUND.replace("\"01KAS5D3M0ACME000000000001\"", "1"), "`id` is a whole number"),
        (SOUND.replace(last, "password = 12345678"), "`password` is a whole number"),
    ] {
        let (problems, _) = problems(&[("a.toml", &text)]);
        assert!(problems.len() == 1 && problems[0].contains(told), "{told}: {problems:?}");
        assert!(!problems[0].contains("a secret\""), "it may be one: {problems:?}");
    }
}

//! Where agents reach an instance.

use super::*;

/// The sound directory, with other hosts for its instance.
fn with_hosts(hosts: &[&str]) -> String {
    let host = |host: &&str| format!("\n[[host]]\nhost = \"{host}\"\ninstance = \"acme\"\n");
    SOUND.replace(
        "\n[[host]]\nhost = \"acme.example\"\ninstance = \"acme\"\n",
        &hosts.iter().map(host).collect::<String>(),
    )
}

fn with_address(text: &str, address: &str) -> String {
    text.replace("name = \"acme\"\n", &format!("name = \"acme\"\naddress = \"{address}\"\n"))
}

/// The addresses of the instance that `text` declares: in a deployment, and on this machine.
fn addresses(text: &str) -> (Option<String>, Option<String>) {
    let checked = check(load(Directory::of(&[("a.toml", text)]).path()).unwrap());
    let instance = &checked.declared.instances[0];
    let text = |address: kv_schema::names::SiteAddress| address.to_string();
    (
        address::deployed(&checked.declared, instance).map(text),
        address::local(&checked.declared, instance, 9000).map(text),
    )
}

#[test]
fn no_name_of_this_machine_is_an_address_of_a_deployment_and_on_this_machine_links_lead_to_it() {
    let told = |deployed: Option<&str>, local: &str| (deployed.map(str::to_owned), Some(local.to_owned()));
    let here = "http://localhost:9000";
    for (hosts, deployed, local) in [
        (&["localhost"][..], None, here),
        (&["127.0.0.1"], None, "http://127.0.0.1:9000"),
        (&["*.localhost", "acme.localhost"], None, "http://acme.localhost:9000"),
        (&["localhost", "agents.example"], Some("https://agents.example"), here),
        (&["agents.example"], Some("https://agents.example"), here),
        (&["agents.example", "desk.example"], None, here),
        (&["*.example.com"], None, here),
        (&[], None, here),
    ] {
        assert_eq!(addresses(&with_hosts(hosts)), told(deployed, local), "{hosts:?}");
    }
    let two = with_hosts(&["localhost", "agents.example", "desk.example"]);
    let deployed = with_address(&two, "https://desk.example");
    assert_eq!(addresses(&deployed), told(Some("https://desk.example"), here));
    let local = with_address(&with_hosts(&["localhost", "agents.example"]), "http://acme.localhost:8787");
    assert_eq!(addresses(&local), told(Some("https://agents.example"), "http://acme.localhost:8787"));
}

#[test]
fn several_hosts_without_an_address_are_a_warning_with_the_line_to_write() {
    let found = |text: &str| problems(&[("a.toml", text)]).0;
    let two = with_hosts(&["localhost", "agents.example", "desk.example"]);
    let told = found(&two);
    assert!(
        told.len() == 1
            && told[0].starts_with(
                "6 it is not declared which host is the address of \"acme\" (agents.example, desk.example)"
            )
            && told[0].contains("no link for a forgotten password")
            && told[0].ends_with("address = \"https://agents.example\""),
        "{told:?}"
    );
    assert!(found(&with_hosts(&["*.example.com"]))[0].ends_with("address = \"https://agents.example.com\""));
    assert_eq!(found(&with_address(&two, "https://desk.example")), [""; 0]);
    assert_eq!(found(&with_hosts(&["localhost", "agents.example"])), [""; 0]);
}

#[test]
fn of_passkeys_nothing_is_told_where_all_of_an_instances_agents_set_them_up_at_onecontactlogin() {
    let text = with_hosts(&["agents.example", "desk.example"]);
    let login = "\n[login]\naddress = \"https://login.example\"\n";
    let away = text.replace("name = \"Lisbon\"\n", "name = \"Lisbon\"\nuses_onecontact_login = true\n");
    let both = format!("{away}{login}\n[[install]]\nname = \"Porto\"\ninstances = [\"acme\"]\n");
    for (text, tells) in [(text, true), (format!("{away}{login}"), false), (both, true)] {
        let [told] = &problems(&[("a.toml", &text)]).0[..] else { panic!() };
        assert!(told.contains("get no link for a forgotten password"), "{told}");
        assert_eq!(told.contains("passkey"), tells, "{told}");
    }
}

#[test]
fn what_is_declared_for_this_machine_alone_is_told_before_it_goes_elsewhere() {
    let told = |text: &str| {
        let checked = check(load(Directory::of(&[("a.toml", text)]).path()).unwrap());
        assert_eq!(checked.problems, [], "nothing to say while it stays here");
        let told = address::of_this_machine_alone(&checked.declared);
        told.iter().map(|problem| format!("{} {}", problem.what, problem.fix)).collect::<Vec<_>>()
    };
    let here = with_address(&with_hosts(&["localhost"]), "http://localhost:8787");
    let [problem] = &told(&here)[..] else { panic!() };
    assert!(problem.starts_with("\"acme\" is only declared for this machine (localhost, http://localhost:8787): "));
    assert!(problem.ends_with("[[host]] with host = \"agents.example.com\" and instance = \"acme\""), "{problem}");
    for elsewhere in [&["localhost", "agents.example"][..], &[]] {
        assert_eq!(told(&with_hosts(elsewhere)), [""; 0], "{elsewhere:?}");
    }
}

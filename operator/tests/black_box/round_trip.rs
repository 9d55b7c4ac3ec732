//! Through the real wrangler into the real local store, and back.

use std::process::Command;

use crate::folder::{CENTRE, Folder};
use serde_json::Value;

const TARGET: [&str; 3] = ["--local", "--persist-to", "state"];

fn diff(folder: &Folder) -> Value {
    let ran = folder.run(&[&["diff", "centre", "--json", "--exit-code"], &TARGET[..]].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    ran.json()
}

fn keys(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|change| change["key"].as_str().unwrap()).collect()
}

/// A project with two agents applied: one with a hash, one with a clear password.
fn applied() -> Folder {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    folder.write(
        "centre/acme.csv",
        "username,name,email,password\ndesk2,Desk2 Água,desk2@acme.example,desk2's password\n",
    );
    folder.done(&["agent", "add", "centre", "--instance", "acme", "--username", "desk1", "--name", "Desk1"]);
    let ran = folder.done(&[&["apply", "centre"], &TARGET[..]].concat());
    assert!(
        ran.out.contains("Added: 1 instance, 1 install, 2 agents, 1 e-mail address, 1 instance name, 1 host."),
        "{ran:?}"
    );
    folder
}

#[test]
fn what_is_applied_stands_and_applying_again_changes_nothing() {
    let folder = applied();
    let ran = folder.done(&[&["apply", "centre"], &TARGET[..]].concat());
    assert_eq!(ran.out, "Nothing to do: all 7 records are as declared.\n");
    let ran = folder.done(&[&["diff", "centre", "--exit-code"], &TARGET[..]].concat());
    assert!(ran.out.contains("Unchanged: 7 records."), "{ran:?}");
}

#[test]
fn sealing_what_was_applied_in_the_clear_changes_nobodys_password() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let agent =
        "[[agent]]\ninstance = \"acme\"\nusername = \"Desk 1\"\nname = \"Desk1\"\npassword = \"desk1's password\"\n";
    folder.write("centre/b.toml", agent);
    folder.write("centre/acme.night.csv", "Username;Name;Password\r\n DESK2 ;Desk2;desk2's password\r\n");
    folder.done(&[&["apply", "centre"], &TARGET[..]].concat());
    assert!(folder.done(&["agent", "seal", "centre"]).out.contains("Passwords sealed: 2."));
    let ran = folder.done(&[&["apply", "centre"], &TARGET[..]].concat());
    assert_eq!(ran.out, "Nothing to do: all 6 records are as declared.\n");
}

#[test]
fn of_two_who_apply_at_once_the_second_waits_and_finds_what_the_first_has_done() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let apply = || folder.done(&[&["apply", "centre"], &TARGET[..]].concat());
    let ran = std::thread::scope(|scope| [scope.spawn(apply), scope.spawn(apply)].map(|ran| ran.join().unwrap()));
    let ends = |end: &str| ran.iter().filter(|ran| ran.out.ends_with(end)).count();
    assert_eq!(ends("Added: 1 instance, 1 install, 1 instance name, 1 host.\nUnchanged: 0 records.\n"), 1, "{ran:?}");
    assert_eq!(ends("Nothing to do: all 4 records are as declared.\n"), 1, "{ran:?}");
}

#[test]
fn changes_are_shown_by_field_and_removals_wait_for_a_word() {
    let folder = applied();
    folder
        .write("centre/acme.csv", "username,name,password\ndesk2,Desk2,a new password\ndesk3,Desk3,desk3's password\n");
    std::fs::remove_file(folder.path("centre/agents.toml")).unwrap();
    let id = "01KAS5D3M0ACME000000000001";
    let plan = diff(&folder);
    assert_eq!(keys(&plan["add"]), [format!("agent:{id}:desk3")]);
    assert_eq!(keys(&plan["change"]), [format!("agent:{id}:desk2")]);
    assert_eq!(plan["change"][0]["fields"], serde_json::json!(["name", "email", "password"]));
    assert_eq!(keys(&plan["remove"]), [format!("email:{id}:desk2@acme.example"), format!("agent:{id}:desk1")]);

    let refused = folder.run(&[&["apply", "centre"], &TARGET[..]].concat());
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("confirm with --yes"), "{refused:?}");
    assert!(refused.err.contains("- agent acme/desk1\n"), "{refused:?}");
    let done = folder.done(&[&["apply", "centre", "--yes"], &TARGET[..]].concat());
    assert!(done.out.contains("Removed: 1 agent, 1 e-mail address."), "{done:?}");
}

#[test]
fn what_is_served_at_another_port_does_not_differ_for_that() {
    let folder = Folder::project();
    let at = |port: &str| format!("{CENTRE}\n[login]\naddress = \"http://localhost:{port}\"\n");
    folder.write("centre/a.toml", &at("8787"));
    folder.done(&[&["apply", "centre", "--port", "9000"], &TARGET[..]].concat());
    let differs = |args: &[&str]| folder.run(&[&["diff", "centre", "--exit-code"], args].concat());
    assert_eq!(differs(&[&["--port", "9000"], &TARGET[..]].concat()).code, 0);
    assert_eq!(differs(&TARGET).code, 3, "links lead elsewhere");

    // As `cargo xtask dev` does it, which also changes the port of addresses on this machine.
    folder.write("served/a.toml", &at("9000"));
    folder.done(&["apply", "served", "--port", "9000", "--local", "--persist-to", "state", "--yes"]);
    let store = format!("{}\n", folder.path("state").display());
    folder.write(".wrangler/dev-store", &format!("{store}9000\n"));
    let ran = differs(&["--dev"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write(".wrangler/dev-store", &store);
    assert_eq!(differs(&["--dev"]).code, 3, "of an older one it is the usual port");
    for command in ["diff", "apply"] {
        assert_eq!(folder.run(&[command, "centre", "--dev", "--port", "9000"]).code, 2, "the port is known");
    }
}

#[test]
fn an_agent_whose_row_is_bad_stays_and_the_good_rows_are_applied() {
    let folder = applied();
    folder.write(
        "centre/acme.csv",
        "username,name,extension,password\ndesk2,Desk2,twelve,desk2's password\ndesk3,Desk3,1,desk3's password\n",
    );
    let ran = folder.run(&[&["apply", "centre", "--json", "--yes"], &TARGET[..]].concat());
    assert_eq!(ran.code, 1);
    let done = ran.json();
    let added = ["extension:01KAS5D3M0ACME000000000001:1", "agent:01KAS5D3M0ACME000000000001:desk3"];
    assert_eq!(keys(&done["add"]), added);
    assert_eq!((keys(&done["remove"]).len(), &done["held_back"]), (0, &serde_json::json!(2)));
    assert_eq!(done["problems"][0]["line"], 2);
}

#[test]
fn most_of_the_agents_are_not_removed_in_passing_and_an_id_is_never_another_instances() {
    let folder = applied();
    let other = "01KAS5D3M01N1TECH000000001";
    folder.write("centre/a.toml", &CENTRE.replace("acme", "initech").replace("01KAS5D3M0ACME000000000001", other));
    for file in ["centre/acme.csv", "centre/agents.toml"] {
        std::fs::remove_file(folder.path(file)).unwrap();
    }
    let refused = folder.run(&[&["apply", "centre"], &TARGET[..]].concat());
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("this would remove 2 of 2 agents"), "{refused:?}");
    let ran = folder.done(&[&["apply", "centre", "--yes"], &TARGET[..]].concat());
    assert!(ran.err.contains("Removing 2 of 2 agents."), "{ran:?}");
    assert!(
        ran.out.contains("- instance acme (01KAS5D3M0ACME000000000001), which is retired and keeps its id"),
        "{ran:?}"
    );

    folder.write("centre/a.toml", &CENTRE.replace("acme", "initech"));
    let refused = folder.run(&[&["apply", "centre", "--yes"], &TARGET[..]].concat());
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("belonged to the instance \"acme\", which is retired"), "{refused:?}");
}

#[test]
fn what_wrangler_says_is_passed_on_when_it_fails() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let text = folder.read("wrangler.toml").replace("DIRECTORY", "OTHER");
    folder.write("wrangler.toml", &text);
    let ran = folder.run(&[&["apply", "centre"], &TARGET[..]].concat());
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("`wrangler kv key list` failed") && ran.err.contains("DIRECTORY"), "{ran:?}");
    assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn whoever_is_not_logged_in_at_cloudflare_is_told_how_before_what_wrangler_says() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let environment =
        "\n[[env.staging.kv_namespaces]]\nbinding = \"DIRECTORY\"\nid = \"0123456789abcdef0123456789abcdef\"\n";
    folder.write("wrangler.toml", &(folder.read("wrangler.toml") + environment));
    let mut command = Command::new(env!("CARGO_BIN_EXE_onecontact"));
    command.args(["apply", "centre", "--env", "staging"]).current_dir(folder.path(""));
    for name in ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CF_API_TOKEN"] {
        command.env_remove(name);
    }
    let nobody = folder.path("home");
    let ran = command.env("HOME", &nobody).env("XDG_CONFIG_HOME", &nobody).output().unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(4), "{told}");
    let first = "onecontact: you are not logged in to Cloudflare: run `npx wrangler login` once, or set CLOUDFLARE_API_TOKEN.\n\
                 `wrangler kv key list` failed: ";
    assert!(told.starts_with(first), "{told}");
}

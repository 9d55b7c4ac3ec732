//! What each command prints, writes and exits with, except those that reach KV.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::folder::{CENTRE, Folder};
use crate::keys::settled;
use onecontact_domain::password::{self, Verdict, Work};
use onecontact_domain::token::KeySet;

#[test]
fn a_new_directory_can_be_checked_and_given_an_agent_at_once() {
    let folder = Folder::new();
    assert!(folder.done(&["init", "centre"]).out.contains("onecontact agent add centre"));
    let checked = folder.done(&["check", "centre"]).out;
    assert!(
        checked.contains(
            "1 install, 1 instance, 1 host, 0 agents, 0 extensions, 0 services, 0 clients. 0 errors and 0 warnings"
        ),
        "{checked}"
    );
    folder.done(&["agent", "add", "centre", "--instance", "main", "--username", "desk1", "--name", "Desk1"]);
    let checked = folder.done(&["check", "centre"]).out;
    assert!(checked.contains("1 agent, 0 extensions, 0 services, 0 clients. 0 errors and 0 warnings"), "{checked}");
}

#[test]
fn a_directory_that_has_something_in_it_is_not_written_into() {
    let folder = Folder::new();
    folder.write("centre/notes.txt", "mine");
    let ran = folder.run(&["init", "centre"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("centre is not empty"), "{ran:?}");
}

#[test]
fn two_new_directories_never_share_an_id() {
    let folder = Folder::new();
    folder.done(&["init", "a"]);
    folder.done(&["init", "b"]);
    assert_ne!(folder.read("a/onecontact.toml"), folder.read("b/onecontact.toml"));
}

#[test]
fn a_problem_is_told_with_file_line_and_what_to_do() {
    let folder = Folder::new();
    folder.write("centre/a.toml", &CENTRE.replace("\"acme.example\"", "\"*\""));
    let ran = folder.run(&["check", "centre"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with("centre/a.toml:11: error: `host` cannot be \"*\"\n    a host is a hostname, or *."),
        "{ran:?}"
    );
    let json = folder.run(&["check", "centre", "--json"]).json();
    assert_eq!(json["problems"][0]["file"], "centre/a.toml");
    assert_eq!(json["problems"][0]["line"], 11);
    assert_eq!(json["problems"][0]["severity"], "blocking");
    assert_eq!(json["sound"]["instances"], 1);
}

#[test]
fn what_is_left_without_errors_is_told_after_how_many_there_are() {
    let folder = Folder::new();
    folder.write("centre/a.toml", &CENTRE.replace("\"acme.example\"", "\"https://acme.example/\""));
    let ran = folder.run(&["check", "centre"]);
    assert!(
        ran.out
            .contains("`host` cannot be \"https://acme.example/\"\n    write the hostname alone: \"acme.example\"\n"),
        "{ran:?}"
    );
    let told = "\nNot sound: 1 error and 0 warnings. Without an error: 1 install, 1 instance, 0 hosts, 0 agents, ";
    assert!(ran.out.contains(told), "{ran:?}");
    folder.write("centre/b.toml", "[[host]\n");
    let ran = folder.run(&["check", "centre"]);
    assert!(ran.out.ends_with("\nNot sound: 1 error and 0 warnings. Nothing else was checked.\n"), "{ran:?}");
}

#[test]
fn a_directory_that_is_not_there_is_told_apart_from_a_problem_in_it() {
    let ran = Folder::new().run(&["check", "nowhere"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("nowhere"), "{ran:?}");
}

#[test]
fn wrong_usage_ends_with_2_and_help_tells_all_codes() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["chekc"]).code, 2);
    assert_eq!(folder.run(&["apply", "centre"]).code, 2, "where to apply must be said");
    assert_eq!(folder.run(&["apply", "centre", "--local", "--env", "staging"]).code, 2);
    let help = folder.done(&["--help"]).out;
    for code in 0..=5 {
        assert!(help.contains(&format!("\n  {code}  ")), "{help}");
    }
}

#[test]
fn no_message_at_all_is_no_number_of_messages_to_show() {
    let ran = Folder::new().run(&["outbox", "--last", "0"]);
    assert!(ran.code == 2 && ran.err.contains("--last") && ran.err.contains("0 is not in 1..="), "{ran:?}");
}

#[test]
fn completions_are_printed_for_a_shell() {
    assert!(Folder::new().done(&["completions", "bash"]).out.contains("_onecontact"));
}

#[test]
fn a_key_set_is_all_that_standard_output_has() {
    let folder = Folder::new();
    let first = folder.done(&["keys", "new"]);
    assert!(KeySet::parse(&first.out).is_ok(), "{first:?}");
    assert!(first.err.contains("wrangler secret put TOKEN_KEYS"));
    let (first, second) = (first.json(), folder.done(&["keys", "new"]).json());
    assert_ne!(first["keys"][0]["k"], second["keys"][0]["k"]);
    assert_ne!(first["keys"][0]["kid"], second["keys"][0]["kid"]);
}

#[test]
fn an_initial_password_is_shown_once_and_only_its_hash_is_written() {
    let folder = Folder::new();
    folder.write("centre/a.toml", &format!("{CENTRE}# The end.\n"));
    folder.write("centre/agents.toml", "# Ours.\n[[agent]]\ninstance = \"acme\"\nusername = \"desk2\" # first\nname = \"Desk2\"\npassword = \"desk2's password\"\n");
    let args = ["agent", "add", "centre", "--instance", "acme", "--username", "Desk1", "--name", "Desk1 \"A\" One"];
    let more = ["--email", "desk1@acme.example", "--extension", "1001", "--language", "pt", "--json"];
    let json = folder.done(&[&args[..], &more].concat()).json();
    let text = folder.read("centre/agents.toml");
    assert!(text.starts_with("# Ours.\n[[agent]]\ninstance = \"acme\"\nusername = \"desk2\" # first\n"), "{text}");
    assert!(text.contains("\n\n[[agent]]\ninstance = \"acme\"\nusername = \"desk1\"\n"), "{text}");
    assert!(text.contains("must_change = true\n"), "{text}");
    let password = json["password"].as_str().unwrap();
    assert!(!text.contains(password));
    let phc = text.split("password_hash = \"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(password::check(password, Some(phc), &mut Work::default()), Ok(Verdict::Right { outdated: false }));
    folder.done(&["check", "centre"]);
}

#[test]
fn a_file_with_a_clear_password_is_not_quoted_where_it_cannot_be_added_to() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let twice = "password = \"hush hush hush\"\n".repeat(2);
    let agent = "[[agent]]\ninstance = \"acme\"\nusername = \"desk2\"\nname = \"Desk2\"\n";
    folder.write("centre/agents.toml", &format!("{agent}{twice}"));
    let ran = folder.run(&["agent", "add", "centre", "--instance", "acme", "--username", "desk1", "--name", "A"]);
    assert!(ran.code != 0 && ran.err.contains("agents.toml") && !ran.err.contains("hush"), "{ran:?}");
}

#[test]
fn an_agent_that_would_be_wrong_is_not_written() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let add = |instance, username| {
        folder.run(&["agent", "add", "centre", "--instance", instance, "--username", username, "--name", "A"])
    };
    let ran = add("acne", "desk1");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no instance is called \"acne\""), "{ran:?}");
    assert_eq!(add("acme", "a:b").code, 1);
    assert!(!folder.path("centre/agents.toml").exists());
    assert_eq!(add("acme", "desk1").code, 0);
    let blanks = add("acme", "jo ann");
    assert!(blanks.code == 0 && blanks.out.starts_with("Declared joann in "), "{blanks:?}");
    let twice = ["--instance", "acme", "--name", "A", "--extension", "1001", "--username"];
    assert_eq!(folder.run(&[&["agent", "add", "centre"], &twice[..], &["a"]].concat()).err, "");
    let ran = folder.run(&[&["agent", "add", "centre"], &twice[..], &["b"]].concat());
    assert!(
        ran.code == 0 && ran.err.starts_with("warning: the usual extension of \"b\", 1001, is also that of \"a\""),
        "{ran:?}"
    );
    folder.write("centre/b.toml", "[[host]\n");
    let ran = add("acme", "desk2");
    assert!(
        ran.code == 1 && ran.err.contains("nothing was written: ") && ran.err.contains("b.toml:1: error: not TOML"),
        "{ran:?}"
    );
    folder.write("centre/b.toml", "");
    assert!(add("acme", "DESK1").err.contains("is already declared, at centre/agents.toml:1"));
}

#[test]
fn of_agents_who_are_added_at_once_none_is_lost() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let add = |username: &str| {
        folder.done(&["agent", "add", "centre", "--instance", "acme", "--username", username, "--name", "Desk"])
    };
    let names: Vec<String> = (1..=12).map(|number| format!("desk{number}")).collect();
    std::thread::scope(|scope| names.iter().for_each(|name| drop(scope.spawn(|| add(name)))));
    let text = folder.read("centre/agents.toml");
    let lost: Vec<_> = names.iter().filter(|name| !text.contains(&format!("\"{name}\""))).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(folder.done(&["check", "centre"]).out.contains(" 12 agents,"));
}

#[test]
fn an_agent_is_written_as_they_are_known_and_it_is_said() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let args = ["agent", "add", "centre", "--instance", "acme", "--username", "Desk 3", "--name", "Desk Three"];
    let ran = folder.done(&[&args[..], &["--extension", "10 03", "--phone", "+351 912 345 678"]].concat());
    assert_eq!(
        ran.err,
        "The username \"Desk 3\" is written in its standard form: desk3\nThe phone \"+351 912 345 678\" is written in its standard form: \
         +351912345678\nThe extension \"10 03\" is written in its standard form: 1003\n"
    );
    assert!(ran.out.starts_with("Declared desk3 in "), "{ran:?}");
    let text = folder.read("centre/agents.toml");
    for line in
        ["username = \"desk3\"\n", "name = \"Desk Three\"\n", "extension = \"1003\"\n", "phone = \"+351912345678\"\n"]
    {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn sealing_puts_hashes_in_the_place_of_passwords_and_leaves_the_rest() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    folder.write(
        "centre/b.toml",
        "# Before.\n[[agent]] # Desk2\ninstance = \"acme\"\npassword = \"desk2's password\" # given in March\nname = \"Desk2\"\nusername = \"desk2\"\n\n# After.\n[[agent]]\ninstance = \"acme\"\nusername = \"desk3\"\nname = \"Desk3\"\npassword = \"short\"\n",
    );
    folder.write(
        "centre/acme.csv",
        "\u{FEFF}Username;Name;Password;Extension\r\ndesk1;Desk1;desk1's password;1001\r\n\r\ndesk4;Désk4;;\r\n",
    );
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert!(ran.code == 1 && ran.out.contains("Passwords sealed: 2.\n"), "{ran:?}");

    let toml = folder.read("centre/b.toml");
    let phc = toml.split("password_hash = \"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(
        password::check("desk2's password", Some(phc), &mut Work::default()),
        Ok(Verdict::Right { outdated: false })
    );
    assert_eq!(
        toml.replace(phc, "PHC"),
        "# Before.\n[[agent]] # Desk2\ninstance = \"acme\"\npassword_hash = \"PHC\" # given in March\nname = \"Desk2\"\nusername = \"desk2\"\n\n# After.\n[[agent]]\ninstance = \"acme\"\nusername = \"desk3\"\nname = \"Desk3\"\npassword = \"short\"\n"
    );
    let csv = folder.read("centre/acme.csv");
    let phc = csv.split("1001;").nth(1).unwrap().split("\r\n").next().unwrap();
    assert_eq!(
        password::check("desk1's password", Some(phc), &mut Work::default()),
        Ok(Verdict::Right { outdated: false })
    );
    assert_eq!(
        csv.replace(phc, "PHC"),
        "\u{FEFF}Username;Name;Password;Extension;password_hash\r\ndesk1;Desk1;;1001;PHC\r\n\r\ndesk4;Désk4;;;\r\n"
    );
}

#[test]
fn a_password_that_cannot_be_sealed_is_named_with_its_rule_and_the_command_has_not_succeeded() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    folder.write(
        "centre/acme.csv",
        "username,name,password\ndesk1,Desk1,desk1's password\ndesk2,Desk2,short\ndesk3,Desk3,desk3's password\n",
    );
    folder.write("centre/b.toml", "agent = [{ username = \"desk4\", password = \"desk4's password\" }]\n");
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("Passwords sealed: 2.\nLeft in the clear: 2.\n"), "{ran:?}");
    let short =
        "centre/acme.csv:3: error: \"desk2\": the password is too short: 5 characters\n    give it at least 8\n";
    assert!(ran.out.contains(short), "{ran:?}");
    assert!(ran.out.contains("centre/b.toml:1: error: \"desk4\": "), "{ran:?}");
    assert!(!ran.out.contains("desk4's password"), "{ran:?}");
    let left = folder.run(&["agent", "seal", "centre", "--json"]).json();
    assert_eq!((&left["sealed"], &left["left"][0]["line"]), (&0.into(), &3.into()), "{left}");

    folder.write("centre/acme.csv", "username,name,password\ndesk1,Desk1,desk1's password\n");
    folder.write("centre/b.toml", "");
    let ran = folder.done(&["agent", "seal", "centre"]);
    assert!(ran.out.ends_with("Passwords sealed: 1.\n"), "{ran:?}");
    assert_eq!(folder.done(&["agent", "seal", "centre"]).out, "Passwords sealed: 0.\n");
}

#[test]
fn sealing_has_not_succeeded_where_something_cannot_be_read() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    folder.write("centre/acme.csv", "username,name,password\ndesk1,Desk1,short,one field too many\n");
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("What cannot be read may contain others in the clear:\ncentre/acme.csv:2: error: "),
        "{ran:?}"
    );
}

#[test]
fn outside_of_a_project_applying_says_where_to_go() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let ran = folder.run(&["apply", "centre", "--local"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("there is no wrangler.toml here or above"), "{ran:?}");
}

#[test]
fn before_anything_is_asked_of_cloudflare_it_is_told_what_leads_to_this_machine_alone() {
    let folder = Folder::new();
    folder.done(&["init", "centre"]);
    let told = "warning: \"main\" is only declared for this machine (localhost): elsewhere its agents get no link for a \
                forgotten password and cannot set up a passkey\n    declare the name they open";
    for command in ["diff", "apply"] {
        assert!(folder.run(&[command, "centre", "--env", "staging"]).err.contains(told), "{command}");
        assert!(!folder.run(&[command, "centre", "--local"]).err.contains("warning"), "{command}");
    }
    let real = "\n[[host]]\nhost = \"agents.example.com\"\ninstance = \"main\"\n";
    folder.write("centre/host.toml", real);
    assert!(!folder.run(&["diff", "centre", "--env", "staging"]).err.contains("warning"));
}

#[test]
fn a_demonstration_is_refused_for_production_before_anything_is_asked_of_cloudflare() {
    let folder = Folder::new();
    folder.write("centre/a.toml", &format!("demo = true\n{CENTRE}"));
    let ran = folder.run(&["apply", "centre", "--env", "production", "--yes", "--json"]);
    assert_eq!(ran.code, 5);
    assert!(ran.json()["error"].as_str().unwrap().contains("never goes to production"));
}

#[test]
fn a_csv_counts_in_whatever_letter_case_its_name_is() {
    let folder = Folder::new();
    folder.write("centre/centre.toml", CENTRE);
    folder.write("centre/ACME.CSV", "username,name,password\ndesk1,Desk One,a clear password\n");
    let ran = folder.done(&["check", "centre"]);
    assert!(ran.out.contains("1 agent,") || ran.out.contains("1 agent."), "{}", ran.out);
}

#[test]
fn a_directory_that_is_not_there_is_said_to_be_missing() {
    let ran = Folder::new().run(&["check", "nowhere"]);
    assert_eq!((ran.code, ran.err.contains("there is no directory nowhere")), (4, true), "{ran:?}");
}

#[test]
fn every_mistake_of_a_row_is_told_at_once() {
    let folder = Folder::new();
    folder.write("centre/centre.toml", CENTRE);
    let row = "desk1,Desk One,no address,10O1,tlh,perhaps,short";
    folder.write("centre/acme.csv", &format!("username,name,email,extension,language,disabled,password\n{row}\n"));
    let ran = folder.run(&["check", "centre"]);
    let told = ran.out + &ran.err;
    for field in ["email", "extension", "language", "disabled", "password"] {
        assert!(told.contains(&format!("`{field}`")) || told.contains(field), "{field}: {told}");
    }
    assert!(told.contains("5 errors"), "{told}");
}

/// Runs `onecontact` while nobody reads what it prints. Returns its exit code, and what it writes to standard error.
fn unread(folder: &Folder, args: &[&str], input: &str) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_onecontact"));
    command.args(args).current_dir(folder.path("")).stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ran = running.wait_with_output().unwrap();
    (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
}

#[test]
fn a_command_whose_reader_has_gone_away_ends_as_it_would_have_and_says_nothing_of_it() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    folder.write("broken/a.toml", "[[install]");
    for (args, code) in [
        (&["check", "centre", "--json"][..], 0),
        (&["check", "centre"], 0),
        (&["check", "broken", "--json"], 1),
        (&["check", "nowhere", "--json"], 4),
        (&["client", "secret", "--json"], 0),
        (&["completions", "bash"], 0),
        (&["--help"], 0),
    ] {
        assert_eq!(unread(&folder, args, ""), (Some(code), String::new()), "{args:?}");
    }
    let set = settled(&folder.done(&["keys", "new"]).out);
    let (code, told) = unread(&folder, &["keys", "rotate", "--yes"], &set);
    assert!(code == Some(4) && told.starts_with("onecontact: standard output: "), "a rotated set is not lost: {told}");
}

#[test]
fn nor_does_it_matter_that_nobody_reads_what_is_said_beside_the_result() {
    let folder = Folder::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_onecontact"));
    let ran = command.args(["keys", "new"]).current_dir(folder.path("")).stderr(writer).output().unwrap();
    assert!(ran.status.success() && KeySet::parse(std::str::from_utf8(&ran.stdout).unwrap()).is_ok(), "{ran:?}");
}

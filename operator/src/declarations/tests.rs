mod addresses;
mod extensions;
mod lacking;
mod login;

use kv_schema::directory::Recorder;

use super::*;
use crate::fixture::{Directory, HASH, SOUND};

/// The problems of a directory with these files, each as `<line> <what>`, and how many agents are sound.
fn problems(files: &[(&str, &str)]) -> (Vec<String>, usize) {
    let directory = Directory::of(files);
    let checked = check(load(directory.path()).unwrap());
    let line = |problem: &Problem| format!("{} {} {}", problem.place.line, problem.what, problem.fix);
    (checked.problems.iter().map(line).collect(), checked.declared.agents.len())
}

/// The one problem of a sound directory with `extra` added, which must not leave out anybody else.
fn problem(extra: &str) -> String {
    let (mut problems, _) = problems(&[("a.toml", &format!("{SOUND}{extra}"))]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

fn lines_of(text: &str) -> usize {
    text.lines().count()
}

#[test]
fn a_sound_directory_has_no_problem() {
    assert_eq!(problems(&[("a.toml", SOUND)]), (vec![], 1));
}

#[test]
fn every_problem_is_reported_at_once_with_its_own_line() {
    let text = r#"
[[install]]
name = "Bad Name"
colour = "red"
shift_minutes = 5

[[instance]]
name = "acme!"
lock = { attempts = 0, tries = 3 }

[[host]]
host = "*"

[[agent]]
instance = "acme"
username = "a:b"
name = ""
email = "nobody"
extension = "12a"
language = "tlh"
disabled = "no"
password = "short"
"#;
    let (problems, sound) = problems(&[("a.toml", text)]);
    assert_eq!(sound, 0);
    let lines: Vec<&str> = problems.iter().map(|problem| problem.split(' ').next().unwrap()).collect();
    assert_eq!(
        lines,
        ["3", "4", "5", "7", "8", "9", "9", "11", "12", "15", "16", "17", "18", "19", "20", "21", "22"],
        "{problems:#?}"
    );
}

#[test]
fn no_fault_waits_for_another_one_of_the_same_declaration_to_be_mended() {
    let broken = r#"
[[install]]
name = "Bad Name"
instances = ["nowhere", "other"]

[[install]]
name = "LISBON"
shift_minutes = 5

[[instance]]
id = "01KAS5D3M0ACME000000000001"
name = "other"
wrap_up_seconds = 0

[[host]]
host = "*"
instance = "nowhere"

[[service]]
name = "super visor"
instances = ["nowhere"]

[[client]]
id = "crm"
instances = ["nowhere"]

[[extension]]
instance = "acme"
number = "12a"
agents = ["nobody", "desk2"]

[[extension]]
instance = "acme"
number = "1001"
colour = "red"

[[extension]]
instance = "acme"
number = "1001"
"#;
    let csv = "username,name,email,password,extra\ndesk1,Desk1,desk1@acme.example,short,\ndesk2,,desk1,short,\n";
    let (problems, sound) = problems(&[("a.toml", SOUND), ("acme.csv", csv), ("b.toml", broken)]);
    for told in [
        // The install.
        "3 `name` cannot be",
        "4 no instance is called \"nowhere\"",
        "6 the install \"LISBON\" (letter case does not matter) is already declared",
        "8 `shift_minutes` cannot be",
        // The instance: served by an install whose own name is wrong.
        "10 the id 01KAS5D3M0ACME000000000001 is already declared",
        "13 `wrap_up_seconds` cannot be",
        // The host, the service and the client.
        "16 `host` cannot be",
        "17 no instance is called \"nowhere\"",
        "20 `name` cannot be",
        "19 this service has no `scopes`",
        "21 no instance is called \"nowhere\"",
        "23 this client has no `redirect_uris`",
        "25 no instance is called \"nowhere\"",
        // The extensions.
        "29 `number` cannot be",
        "30 no agent of \"acme\" is called \"nobody\"",
        "35 `colour` is not a field of an extension",
        "37 the extension 1001 is already declared",
        // The rows of a file with an unknown column.
        "1 the column \"extra\" is not known",
        "2 the agent \"desk1\" of \"acme\" is already declared",
        "2 the e-mail address desk1@acme.example is already another agent's",
        "2 the password is too short",
        "3 this agent has no `name`",
        "3 `email` cannot be",
    ] {
        assert_eq!(problems.iter().filter(|problem| problem.starts_with(told)).count(), 1, "{told}: {problems:#?}");
    }
    // What is declared but faulty is not called missing.
    for told in ["no install serves", "is called \"desk2\""] {
        assert!(!problems.iter().any(|problem| problem.contains(told)), "{told}: {problems:#?}");
    }
    assert_eq!(sound, 1);
}

#[test]
fn a_login_with_a_fault_is_not_called_missing() {
    let uses = SOUND.replace("name = \"Lisbon\"\n", "name = \"Lisbon\"\nuses_onecontact_login = true\n");
    let (problems, _) = problems(&[("a.toml", &format!("{uses}\n[login]\naddress = \"nowhere\"\n"))]);
    assert!(problems.len() == 1 && problems[0].contains("`address` cannot be"), "{problems:?}");
}

#[test]
fn a_mistake_in_the_syntax_is_told_alone_and_nothing_is_made_up_after_it() {
    for broken in [
        "\n[[host]\nhost = \"a.example\"\n",
        "\n[[agent]]\ninstance = \"acme\"\nusername = \"desk2\"\nname = \"De",
        "\n[[agent]]\ninstance = \"acme\"\nusername = desk2\n",
    ] {
        let csv = format!("username;name;password_hash\ndesk2;D;{HASH}\n");
        let (found, _) = problems(&[("a.toml", &format!("{SOUND}{broken}")), ("acme.csv", &csv)]);
        assert!(found.len() == 1 && found[0].contains(" not TOML: "), "{broken}: {found:#?}");
    }
}

#[test]
fn no_message_repeats_a_password() {
    for field in ["password = \"hush-ab\"", "password = \"hushhushhush \"", "password_hash = \"$argon2id$hush\""] {
        let agent = format!("\n[[agent]]\ninstance = \"acme\"\nusername = \"x\"\nname = \"X\"\n{field}\n");
        assert!(!problem(&agent).contains("hush"), "{field}");
    }
}

#[test]
fn a_missing_id_is_answered_with_a_fresh_one_that_can_be_pasted() {
    let text = SOUND.replace("id = \"01KAS5D3M0ACME000000000001\"\n", "");
    let (problems, sound) = problems(&[("a.toml", &text)]);
    let id = problems[0].split('"').nth(1).unwrap();
    assert!(kv_schema::names::InstanceId::parse(id).is_ok(), "{problems:?}");
    // The instance is known by its name, so nothing that refers to it is called unknown.
    assert_eq!((problems.len(), sound), (1, 1), "{problems:?}");
}

#[test]
fn the_id_that_nobody_has_is_refused() {
    let text = SOUND.replace("01KAS5D3M0ACME000000000001", "00000000000000000000000000");
    assert!(problems(&[("a.toml", &text)]).0[0].contains("`id` cannot be"));
}

#[test]
fn what_stands_twice_names_the_first_place() {
    let line = lines_of(SOUND) + 1;
    for (extra, what) in [
        ("[[install]]\nname = \"LISBON\"\ninstances = [\"acme\"]\n", "the install \"LISBON\""),
        ("[[host]]\nhost = \"ACME.example.\"\ninstance = \"acme\"\n", "the host \"acme.example\""),
    ] {
        let problem = problem(extra);
        assert!(problem.starts_with(&format!("{line} {what}")) && problem.contains("a.toml:"), "{problem}");
    }
    let twin = "[[instance]]\nid = \"01KAS5D3M0ACME000000000001\"\nname = \"acme\"\n";
    let (problems, _) = problems(&[("a.toml", &format!("{SOUND}{twin}"))]);
    assert!(problems[0].contains("the instance \"acme\"") && problems[1].contains("the id 01KAS5D3"), "{problems:?}");
}

#[test]
fn references_that_lead_nowhere_are_named() {
    for extra in [
        "[[install]]\nname = \"Other\"\ninstances = [\"nowhere\"]\n",
        "[[host]]\nhost = \"other.example\"\ninstance = \"nowhere\"\n",
        "[[agent]]\ninstance = \"nowhere\"\nusername = \"x\"\nname = \"X\"\npassword = \"long enough\"\n",
    ] {
        // There is no warning about the agent's clear password: the agent is left out.
        assert!(problem(extra).contains("no instance is called \"nowhere\""));
    }
}

#[test]
fn an_install_that_serves_nothing_is_a_warning_and_an_instance_that_nobody_serves_an_error() {
    let (first, _) = problems(&[("a.toml", &format!("{SOUND}[[install]]\nname = \"Empty\"\n"))]);
    assert!(first[0].contains("serves no instance"), "{first:?}");
    let directory = Directory::of(&[("a.toml", &format!("{SOUND}[[install]]\nname = \"Empty\"\n"))]);
    assert!(!check(load(directory.path()).unwrap()).has(Severity::Blocking));
    let alone = "[[instance]]\nid = \"01KAS5D3M0A10NE00000000001\"\nname = \"alone\"\n";
    assert!(problem(alone).contains("no install serves the instance \"alone\""));
}

#[test]
fn an_account_is_one_however_it_is_spelt_and_in_whatever_file() {
    let csv = format!("username;name;password_hash\nDESK1 ;Other;{HASH}\ndesk2;Desk2;{HASH}\n");
    let (problems, sound) = problems(&[("a.toml", SOUND), ("agents/acme.csv", &csv)]);
    assert!(problems[0].starts_with("2 the agent \"desk1\" of \"acme\" is already declared, at "), "{problems:?}");
    assert!(problems[0].contains("a.toml:"), "{problems:?}");
    assert_eq!((problems.len(), sound), (1, 2));
}

#[test]
fn a_username_that_loses_blanks_is_a_warning_with_what_it_becomes() {
    let csv = format!("username;name;password_hash\nJo Ann;A;{HASH}\n desk3 ;B;{HASH}\nzero\u{200B}width;C;{HASH}\n");
    let (problems, sound) = problems(&[("a.toml", SOUND), ("acme.csv", &csv)]);
    assert!(problems[0].starts_with("2 the username \"Jo Ann\" has spaces in it"), "{problems:?}");
    assert!(problems[0].contains("it is \"joann\""), "{problems:?}");
    assert!(problems[1].starts_with("4 the username \"zero\\u{200b}width\""), "{problems:?}");
    assert_eq!((problems.len(), sound), (2, 4));
    let directory = Directory::of(&[("a.toml", SOUND), ("acme.csv", &csv)]);
    assert!(check(load(directory.path()).unwrap()).problems.iter().all(|problem| !problem.is_error()));
}

#[test]
fn an_address_leads_to_one_account() {
    let csv = format!("username,name,email,password_hash\ndesk2,Desk2,Desk1@Acme.Example,\"{HASH}\"\n");
    let (problems, sound) = self::problems(&[("a.toml", SOUND), ("acme.csv", &csv)]);
    assert!(problems[0].contains("the e-mail address desk1@acme.example is already another agent's"), "{problems:?}");
    assert_eq!(sound, 1);
    let csv = format!(
        "username,name,email,password_hash\ndesk3@acme.example,Desk3,,\"{HASH}\"\ndesk2,Desk2,desk3@acme.example,\"{HASH}\"\n"
    );
    let (problems, sound) = self::problems(&[("a.toml", SOUND), ("acme.csv", &csv)]);
    assert!(problems[0].contains("is the username of another agent"), "{problems:?}");
    assert_eq!(sound, 2);
    // An agent's own address as the username is no contradiction.
    let csv = format!("username,name,email,password_hash\ndesk3@acme.example,Desk3,desk3@acme.example,\"{HASH}\"\n");
    assert_eq!(self::problems(&[("a.toml", SOUND), ("acme.csv", &csv)]), (vec![], 2));
}

#[test]
fn the_same_names_in_two_instances_are_two_accounts() {
    let other = "[[install]]\nname = \"Other\"\ninstances = [\"other\"]\n[[instance]]\nid = \"01KAS5D3M00THER00000000001\"\nname = \"other\"\n";
    let csv = format!("username,name,email,password_hash\ndesk1,Desk1,desk1@acme.example,\"{HASH}\"\n");
    assert_eq!(problems(&[("a.toml", SOUND), ("b.toml", other), ("other.csv", &csv)]), (vec![], 2));
}

#[test]
fn a_csv_of_an_unknown_instance_is_one_problem_not_one_for_each_row() {
    let csv = format!("username,name,password_hash\na,A,\"{HASH}\"\nb,B,\"{HASH}\"\n");
    let (problems, sound) = problems(&[("a.toml", SOUND), ("acmee.csv", &csv)]);
    assert!(problems[0].starts_with("1 no instance is called \"acmee\""), "{problems:?}");
    assert_eq!((problems.len(), sound), (1, 1));
}

#[test]
fn a_weak_or_foreign_hash_is_refused() {
    let weak = HASH.replace("m=19456", "m=4096");
    for hash in [&*weak, "$2b$12$abcdefghijklmnopqrstuv", "plain"] {
        let agent =
            format!("[[agent]]\ninstance = \"acme\"\nusername = \"x\"\nname = \"X\"\npassword_hash = '{hash}'\n");
        assert!(problem(&agent).contains("cannot be used, or is too weak"));
    }
    let both = format!(
        "[[agent]]\ninstance = \"acme\"\nusername = \"x\"\nname = \"X\"\npassword = \"long enough\"\npassword_hash = '{HASH}'\n"
    );
    assert!(problem(&both).contains("both `password` and `password_hash`"));
}

#[test]
fn clear_passwords_are_one_warning_and_none_in_a_demonstration() {
    let csv = "username,name,password\na,A,long enough to stay\nb,B,long enough to stay\n";
    let (found, _) = problems(&[("a.toml", SOUND), ("acme.csv", csv)]);
    assert!(found[0].contains("clear passwords here: 2") && found.len() == 1, "{found:?}");
    assert_eq!(problems(&[("a.toml", &format!("demo = true\n{SOUND}")), ("acme.csv", csv)]).0, [""; 0]);
}

#[test]
fn a_short_password_may_be_given_and_should_not_stay() {
    let csv = "username,name,password,must_change\na,A,eight888,yes\nb,B,fifteen characters,no\nc,C,qk7fzt2w,no\n";
    let (found, sound) = problems(&[("a.toml", SOUND), ("acme.csv", csv)]);
    assert!(found[1].starts_with("4 passwords have fewer than 15 characters") && found[1].contains(": 1"), "{found:?}");
    assert_eq!((found.len(), sound), (2, 4));
    assert_eq!(problems(&[("a.toml", &format!("demo = true\n{SOUND}")), ("acme.csv", csv)]).0, [""; 0]);
}

#[test]
fn a_common_password_may_be_given_and_should_not_stay() {
    let csv = "username,name,password,must_change\na,A,passwordpassword,yes\nb,B,a phrase of one's own,no\nc,C,passwordpassword,no\nd,D,12345678,no\n";
    let (found, sound) = problems(&[("a.toml", SOUND), ("acme.csv", csv)]);
    let common = found.iter().find(|problem| problem.contains("among the most common")).unwrap();
    assert!(
        common.starts_with(
            "4 passwords are among the most common, which no agent may choose, and need not be changed: 2"
        ),
        "{common}"
    );
    assert_eq!((found.len(), sound), (3, 5));
    assert_eq!(problems(&[("a.toml", &format!("demo = true\n{SOUND}")), ("acme.csv", csv)]).0, [""; 0]);
}

#[test]
fn hidden_files_are_passed_over_and_an_empty_directory_is_refused() {
    assert_eq!(problems(&[("a.toml", SOUND), (".old/b.toml", "nonsense"), (".c.csv", "nonsense")]).0, [""; 0]);
    let failure = load(Directory::of(&[("notes.txt", "")]).path()).unwrap_err();
    assert!(failure.to_string().contains("has no *.toml and no *.csv"));
}

#[test]
fn a_file_of_agents_without_a_row_is_told_of_and_its_instance_has_to_be_there() {
    for nobody in ["", "\u{FEFF}", "\r\n\r\n", "username,name\n", "username;name\r\n;\r\n", "number,to\n"] {
        let (found, _) = problems(&[("a.toml", SOUND), ("acme.csv", nobody)]);
        assert_eq!(found, ["1 the file declares nothing: it has no rows fill it, or delete it"], "{nobody:?}");
        let (found, _) = problems(&[("a.toml", SOUND), ("main.csv", nobody)]);
        assert!(found.len() == 2 && found[1].starts_with("1 no instance is called \"main\""), "{nobody:?} {found:?}");
        let (found, _) = problems(&[("a.toml", SOUND), ("our agents.csv", nobody)]);
        assert!(found.len() == 2 && found[1].contains("is not named after an instance"), "{nobody:?} {found:?}");
    }
    let (found, _) = problems(&[("a.toml", SOUND), ("acme.csv", "username,colour\n")]);
    assert!(found.iter().all(|problem| problem.contains("the column")), "one thing after the other: {found:?}");
}

#[test]
fn a_folder_that_is_called_as_a_file_is_said_to_be_none() {
    let (found, sound) = problems(&[("a.toml", SOUND), ("main.csv/notes.txt", ""), ("b.toml/c.toml", "")]);
    let told = "1 this is not a file, so it declares nothing give it another name, or put a file there";
    assert_eq!((found, sound), (vec![told.to_owned(); 2], 1));
}

#[test]
fn the_directory_itself_may_be_called_as_a_file_and_a_file_is_no_directory() {
    let directory = Directory::of(&[("centre.toml/a.toml", SOUND)]);
    assert!(check(load(&directory.path().join("centre.toml")).unwrap()).problems.is_empty());
    let file = directory.path().join("centre.toml/a.toml");
    let told = load(&file).unwrap_err().to_string();
    let folder = directory.path().join("centre.toml");
    assert!(told.ends_with(&format!("is a file: name the directory it is in, {}", folder.display())), "{told}");
}

#[test]
fn agents_who_have_no_extension_and_cannot_type_one_are_one_warning() {
    let fixed =
        SOUND.replace("instances = [\"acme\"]", "instances = [\"acme\"]\nallow_extension_configuration = false");
    let csv = format!("username,name,extension,password_hash\na,A,,\"{HASH}\"\nb,B,1,\"{HASH}\"\n");
    let (problems, sound) = problems(&[("a.toml", &fixed), ("acme.csv", &csv)]);
    assert!(
        problems[0].contains("agents of \"acme\" have no extension") && problems[0].contains(": 2"),
        "{problems:?}"
    );
    assert_eq!((problems.len(), sound), (1, 3));
    // A second install that lets them is enough.
    let other = "[[install]]\nname = \"Porto\"\ninstances = [\"acme\"]\n[[extension]]\ninstance = \"acme\"\nnumber = \"2\"\nto = \"3\"\n";
    assert_eq!(self::problems(&[("a.toml", &fixed), ("acme.csv", &csv), ("b.toml", other)]).0, [""; 0]);
}

/// A sound service, to be added to [`SOUND`].
const SERVICE: &str = r#"
[[service]]
name = "supervisor"
id = "01KAS7Q0V4SVC0000000000001"
scopes = ["sessions:end"]
instances = ["acme"]
keys = [{ kty = "OKP", crv = "Ed25519", kid = "k1", x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }]
"#;

#[test]
fn a_sound_service_has_no_problem() {
    assert_eq!(problems(&[("a.toml", &format!("{SOUND}{SERVICE}"))]), (vec![], 1));
    let everywhere = SERVICE.replace("[\"acme\"]", "[\"*\"]");
    assert_eq!(problems(&[("a.toml", &format!("{SOUND}{everywhere}"))]), (vec![], 1));
}

#[test]
fn each_fault_of_a_service_is_told() {
    let key = "{ kty = \"OKP\", crv = \"Ed25519\", kid = \"k1\", x = \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\" }";
    let twice = format!("{key}, {key}");
    for (what, with, told) in [
        ("\"supervisor\"", "\"super visor\"", "`name` cannot be"),
        ("\"01KAS7Q0V4SVC0000000000001\"", "\"one\"", "for a new service, use \"01"),
        ("[\"sessions:end\"]", "[\"sessions:start\"]", "the scopes are agents:read, agents:state"),
        ("[\"sessions:end\"]", "[]", "no `scopes`"),
        ("[\"acme\"]", "[\"globex\"]", "no instance is called \"globex\""),
        ("[\"acme\"]", "[]", "no `instances`"),
        (key, "", "no `keys`"),
        (key, "\"k1\"", "make it a table"),
        (key, &twice, "appears twice in `keys`"),
        ("\"OKP\"", "\"EC\"", "it must be \"OKP\""),
        ("\"Ed25519\"", "\"Ed448\"", "it must be \"Ed25519\""),
        ("11qYAYKxCrfVS", "AAAAAAAAAAAAA", "32 bytes of an Ed25519 public key"),
        ("kid = \"k1\"", "kid = \"\"", "a key id has 1 to 100 characters"),
        ("kid = \"k1\"", "kid = \"k1\", d = \"secret-half\"", "this is the private half of a key"),
        ("scopes = ", "role = \"x\"\nscopes = ", "`role` is not a field of a service"),
    ] {
        let broken = SERVICE.replace(what, with);
        assert_ne!(broken, SERVICE, "{what}");
        let (problems, _) = problems(&[("a.toml", &format!("{SOUND}{broken}"))]);
        assert!(problems.iter().any(|problem| problem.contains(told)), "{with}: {problems:?}");
        assert!(!problems.iter().any(|problem| problem.contains("secret-half")), "{problems:?}");
    }
}

#[test]
fn two_services_share_neither_name_nor_id_nor_key() {
    let text = format!("{SOUND}{SERVICE}{SERVICE}");
    let (problems, _) = problems(&[("a.toml", &text)]);
    for told in ["the service \"supervisor\"", "the id 01KAS7Q0V4SVC0000000000001", "the key k1"] {
        assert!(problems.iter().any(|problem| problem.contains(told)), "{told}: {problems:?}");
    }
}

#[test]
fn presence_overtime_and_audiences_of_an_install_are_read_and_their_faults_told() {
    let with = |fields: &str| SOUND.replace("name = \"Lisbon\"\n", &format!("name = \"Lisbon\"\n{fields}\n"));
    let good = with("overtime_minutes = 60\naudiences = [\"routing\"]\npresence = { logged_out_seconds = 600 }");
    let directory = Directory::of(&[("a.toml", &good)]);
    let checked = check(load(directory.path()).unwrap());
    assert_eq!(checked.problems, []);
    let install = &checked.declared.installs[0];
    assert_eq!((install.overtime_minutes, install.audiences.as_slice()), (60, &["routing".to_owned()][..]));
    let presence = install.presence;
    let figures = (presence.suspect_seconds, presence.not_ready_seconds, presence.logged_out_seconds);
    assert_eq!(figures, (20, 30, 600));
    for (fields, told) in [
        ("overtime_minutes = 2000", "from 0 to 1440"),
        ("audiences = [\"oneagent-session\"]", "OneContact Agent's own"),
        ("audiences = [\"two words\"]", "visible ASCII"),
        ("presence = { not_ready_seconds = 20 }", "make each figure larger than the one before"),
        ("presence = { suspect_seconds = 300 }", "make each figure larger than the one before"),
        ("presence = { suspect_second = 3 }", "`suspect_second` is not a field of a presence"),
        ("presence = { suspect_seconds = 10 }", "heard from every 10 s"),
    ] {
        let (problems, _) = problems(&[("a.toml", &with(fields))]);
        assert!(problems[0].contains(told), "{fields}: {problems:?}");
    }
}

#[test]
fn a_recorder_of_an_install_or_an_instance_is_read_and_its_faults_told() {
    let install = |fields: &str| SOUND.replace("name = \"Lisbon\"\n", &format!("name = \"Lisbon\"\n{fields}\n"));
    let good = install(r#"recorder = { policy = "required", gateway = "https://Recorder.example/gateway/" }"#);
    let directory = Directory::of(&[("a.toml", &good)]);
    let checked = check(load(directory.path()).unwrap());
    assert_eq!(checked.problems, []);
    let Some(Recorder::Required(gateway)) = &checked.declared.installs[0].recorder else { panic!("{good}") };
    assert_eq!((gateway.gateway.as_str(), gateway.deadline_seconds), ("https://recorder.example/gateway", 20));
    let off = SOUND.replace("name = \"acme\"\n", "name = \"acme\"\nrecorder = { policy = \"off\" }\n");
    let directory = Directory::of(&[("a.toml", &off)]);
    assert_eq!(check(load(directory.path()).unwrap()).declared.instances[0].recorder, Some(Recorder::Off));
    for (fields, told) in [
        (r#"recorder = "https://recorder.example""#, "make it a table"),
        (r#"recorder = { gateway = "https://recorder.example" }"#, "has no `policy`"),
        (r#"recorder = { policy = "required" }"#, "has no `gateway`"),
        (
            r#"recorder = { policy = "always", gateway = "https://recorder.example" }"#,
            "\"required\", \"optional\" or \"off\"",
        ),
        (r#"recorder = { policy = "optional", gateway = "http://recorder.example" }"#, "https://"),
        (r#"recorder = { policy = "off", gateway = "nowhere" }"#, "https://"),
        (r#"recorder = { policy = "required", gateway = "https://a.example", deadline_seconds = 4 }"#, "from 5 to 300"),
        (
            r#"recorder = { policy = "required", gateway = "https://a.example", deadline = 20 }"#,
            "is not a field of a recorder",
        ),
        (
            "audiences = [\"https://a.example\"]\nrecorder = { policy = \"required\", gateway = \"https://a.example\" }",
            "unregister themselves",
        ),
    ] {
        let (problems, _) = problems(&[("a.toml", &install(fields))]);
        assert!(problems.first().is_some_and(|problem| problem.contains(told)), "{fields}: {problems:?}");
    }
}

#[test]
fn the_reasons_and_the_wrap_up_of_an_instance_are_read_and_their_faults_told() {
    let with = |fields: &str| SOUND.replace("name = \"acme\"\n", &format!("name = \"acme\"\n{fields}\n"));
    let good = with("not_ready_reasons = [{ code = \"lunch\", name = \"Lunch\" }]\nwrap_up_seconds = 45");
    let directory = Directory::of(&[("a.toml", &good)]);
    let checked = check(load(directory.path()).unwrap());
    assert_eq!(checked.problems, []);
    let instance = &checked.declared.instances[0];
    let reasons: Vec<_> =
        instance.not_ready_reasons.iter().map(|reason| (reason.code.as_str(), &*reason.name)).collect();
    assert_eq!((reasons.as_slice(), instance.wrap_up_seconds), (&[("lunch", "Lunch")][..], Some(45)));
    let lunch = "{ code = \"lunch\", name = \"Lunch\" }";
    let many: Vec<String> = (0..51).map(|number| lunch.replace("lunch", &format!("r{number}"))).collect();
    for (fields, told) in [
        ("wrap_up_seconds = 0".to_owned(), "from 1 to 86400"),
        ("not_ready_reasons = [\"lunch\"]".to_owned(), "make it a table"),
        ("not_ready_reasons = [{ code = \"Lunch\", name = \"Lunch\" }]".to_owned(), "lower-case letters"),
        ("not_ready_reasons = [{ code = \"lunch\" }]".to_owned(), "no `name`"),
        (format!("not_ready_reasons = [{lunch}, {lunch}]"), "appears twice"),
        (format!("not_ready_reasons = [{}]", many.join(", ")), "keep at most 50"),
    ] {
        let (problems, _) = problems(&[("a.toml", &with(&fields))]);
        assert!(problems[0].contains(told), "{fields}: {problems:?}");
    }
}

//! Key sets and services: what is printed, what is written, and who may read it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use kv_schema::Timestamp;
use onecontact_domain::token::KeySet;
use serde_json::Value;

use crate::folder::{CENTRE, Folder, Ran};

/// Everything in a set that must not appear in a command's output.
fn secrets(set: &Value) -> Vec<String> {
    let keys = set["keys"].as_array().unwrap();
    keys.iter().flat_map(|key| ["k", "d"].map(|name| key[name].as_str())).flatten().map(str::to_owned).collect()
}

/// The set as if its next keys had been drawn long ago, since the tool rotates to no key that others cannot know yet.
pub(crate) fn settled(set: &str) -> String {
    let mut set: Value = serde_json::from_str(set).unwrap();
    for key in set["keys"].as_array_mut().unwrap().iter_mut().filter(|key| key["status"] == "next") {
        key["kid"] = format!("01KAS5D3M0{}", &key["kid"].as_str().unwrap()[10..]).into();
    }
    set.to_string()
}

/// A set made long ago.
fn a_set(folder: &Folder) -> String {
    settled(&folder.done(&["keys", "new"]).out)
}

fn told_nothing(ran: &Ran, secrets: &[String]) {
    assert!(!secrets.is_empty());
    for secret in secrets {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
    }
}

fn of(set: &Value, status: &str) -> Vec<String> {
    let keys = set["keys"].as_array().unwrap().iter().filter(|key| key["status"] == status);
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[cfg(unix)]
fn mode(folder: &Folder, name: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_set_in_a_file_is_moved_on_in_place_and_nothing_of_it_is_told() {
    let folder = Folder::new();
    folder.write("keys.json", &a_set(&folder));
    let before: Value = serde_json::from_str(&folder.read("keys.json")).unwrap();
    let ran = folder.done(&["keys", "rotate", "keys.json", "--yes"]);
    let after: Value = serde_json::from_str(&folder.read("keys.json")).unwrap();
    assert_eq!(of(&after, "active"), of(&before, "next"));
    assert_eq!(of(&after, "retired"), of(&before, "active"));
    assert!(KeySet::parse(&after.to_string()).is_ok());
    told_nothing(&ran, &[secrets(&before), secrets(&after)].concat());
    for kid in of(&after, "active") {
        assert!(ran.out.contains(&kid), "{ran:?}");
    }
    assert!(ran.err.contains("wrangler secret put TOKEN_KEYS --env <environment> < keys.json"), "{ran:?}");
    folder.write("keys.json", &before.to_string());
    let json = folder.done(&["keys", "rotate", "keys.json", "--yes", "--json"]).json();
    assert_eq!(json["retired"], serde_json::json!(of(&before, "active")));
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_rotated_set_or_a_services_key() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("keys.json", &a_set(&folder));
    std::fs::set_permissions(folder.path("keys.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    folder.done(&["keys", "rotate", "keys.json", "--yes"]);
    assert_eq!(mode(&folder, "keys.json"), 0o600);
    folder.done(&["service", "new", "supervisor", "--scope", "sessions:end", "--instance", "acme"]);
    assert_eq!(mode(&folder, "supervisor.key.json"), 0o600);
}

/// A deployment with the set in `keys`, which answers one request.
fn deployment(keys: &str) -> (String, JoinHandle<()>) {
    let set = KeySet::parse(keys).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let body = set.public(Timestamp(now)).json;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "GET /.well-known/jwks.json HTTP/1.1\r\n");
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
    });
    (address, serving)
}

#[test]
fn of_two_operators_who_rotate_copies_of_a_set_the_second_is_refused() {
    let folder = Folder::new();
    let set = a_set(&folder);
    let rotate = |file: &str, in_force: &str| {
        let (address, serving) = deployment(in_force);
        let ran = folder.run(&["keys", "rotate", file, "--server", &address]);
        (ran, serving)
    };
    folder.write("hers.json", &set);
    folder.write("his.json", &set);
    let (ran, serving) = rotate("hers.json", &set);
    serving.join().unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let (ran, serving) = rotate("his.json", &folder.read("hers.json"));
    serving.join().unwrap();
    assert!(ran.code == 5 && ran.err.contains("another set is in force there"), "{ran:?}");
    assert_eq!(folder.read("his.json"), set);
    told_nothing(&ran, &secrets(&serde_json::from_str(&set).unwrap()));
}

#[test]
fn nobody_rotates_what_may_not_be_in_force_or_what_was_rotated_just_now() {
    let folder = Folder::new();
    let set = a_set(&folder);
    folder.write("keys.json", &set);
    let ran = folder.run(&["keys", "rotate", "keys.json"]);
    for kid in of(&serde_json::from_str(&set).unwrap(), "active") {
        assert!(ran.code == 5 && ran.err.contains(&kid) && ran.err.contains("--server"), "{ran:?}");
    }
    folder.done(&["keys", "rotate", "keys.json", "--yes"]);
    let rotated = folder.read("keys.json");
    for known_by in [&["--server", "http://127.0.0.1:9"][..], &["--yes"], &[]] {
        let ran = folder.run(&[&["keys", "rotate", "keys.json"], known_by].concat());
        assert!(ran.code == 5 && ran.err.contains("drawn less than ten minutes ago"), "{ran:?}");
        assert!(
            ran.err.contains("rotate ten minutes after that, at 20") && ran.err.contains("When a key has leaked"),
            "{ran:?}"
        );
        assert_eq!(folder.read("keys.json"), rotated);
    }
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md")).unwrap();
    assert!(manual.contains("\n## When a key has leaked\n"), "the message sends people there");
}

#[test]
fn whoever_would_change_what_another_command_is_changing_waits_and_says_for_what() {
    let folder = Folder::new();
    let set = a_set(&folder);
    folder.write("keys.json", &set);
    folder.write("centre/a.toml", CENTRE);
    let add = ["agent", "add", "centre", "--instance", "acme", "--username", "desk1", "--name", "Desk1"];
    let commands = [
        (".", &["keys", "rotate", "keys.json", "--yes"][..]),
        ("centre", &add),
        ("centre", &["agent", "seal", "centre"]),
    ];
    for (place, args) in commands {
        let another = File::open(folder.path(place)).unwrap();
        another.lock().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_onecontact"));
        command.args(args).current_dir(folder.path("")).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut waiting = command.spawn().unwrap();
        let mut told = String::new();
        BufReader::new(waiting.stderr.take().unwrap()).read_line(&mut told).unwrap();
        assert!(told.starts_with("Waiting until another command is done with "), "{args:?}: {told}");
        assert_eq!(waiting.try_wait().unwrap(), None, "{args:?}");
        assert!(folder.read("keys.json") == set || place != ".", "{args:?}");
        drop(another);
        assert!(waiting.wait().unwrap().success(), "{args:?}");
    }
    assert!(folder.read("keys.json") != set && folder.path("centre/agents.toml").exists());
}

#[test]
fn a_set_is_rotated_ten_minutes_after_its_next_keys_were_drawn_and_no_sooner_whatever_has_drawn_them() {
    let folder = Folder::new();
    let goes_once_settled = |what: &str| {
        let set = folder.read("keys.json");
        let ran = folder.run(&["keys", "rotate", "keys.json", "--yes"]);
        assert!(ran.code == 5 && ran.err.contains("drawn less than ten minutes ago"), "{what}: {ran:?}");
        assert_eq!(folder.read("keys.json"), set, "{what}");
        let set = settled(&set);
        folder.write("keys.json", &set);
        let ran = folder.done(&["keys", "rotate", "keys.json", "--yes", "--json"]);
        assert_eq!(ran.json()["active"], serde_json::json!(of(&serde_json::from_str(&set).unwrap(), "next")), "{what}");
    };
    folder.write("keys.json", &folder.done(&["keys", "new"]).out);
    goes_once_settled("made");
    goes_once_settled("rotated");
    let mut set: Value = serde_json::from_str(&settled(&folder.read("keys.json"))).unwrap();
    set["keys"].as_array_mut().unwrap().retain(|key| !(key["alg"] == "ES256" && key["status"] == "next"));
    folder.write("keys.json", &set.to_string());
    folder.done(&["keys", "complete", "keys.json", "--yes"]);
    goes_once_settled("completed");
}

#[test]
fn a_set_that_is_piped_in_comes_out_and_nothing_else() {
    let folder = Folder::new();
    let set = a_set(&folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_onecontact"));
    command.args(["keys", "rotate", "--yes"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(set.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let (before, after): (Value, Value) =
        (serde_json::from_str(&set).unwrap(), serde_json::from_slice(&output.stdout).unwrap());
    assert_eq!(of(&after, "active"), of(&before, "next"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(secrets(&after).iter().all(|secret| !told.contains(secret)) && told.contains("Signing from now on"));
}

#[test]
fn a_set_that_cannot_be_rotated_is_refused_as_it_stands_and_can_be_completed() {
    let folder = Folder::new();
    let mut set: Value = folder.done(&["keys", "new"]).json();
    set["keys"].as_array_mut().unwrap().retain(|key| key["alg"] == "HS256" && key["status"] == "active");
    folder.write("keys.json", &set.to_string());
    let ran = folder.run(&["keys", "rotate", "keys.json"]);
    assert!(ran.code == 5 && ran.err.contains("`onecontact keys complete`"), "{ran:?}");
    assert_eq!(folder.read("keys.json"), set.to_string());
    told_nothing(&ran, &secrets(&set));
    folder.done(&["keys", "complete", "keys.json", "--yes"]);
    let completed: Value = serde_json::from_str(&folder.read("keys.json")).unwrap();
    assert_eq!((of(&completed, "active"), of(&completed, "next").len()), (of(&set, "active"), 3));
    assert_eq!(folder.run(&["keys", "complete", "keys.json"]).code, 5, "nothing is missing");
    folder.write("keys.json", "{}");
    let ran = folder.run(&["keys", "rotate", "keys.json"]);
    assert!(ran.code == 5 && ran.err.contains("keys.json: TOKEN_KEYS is not a JWK Set"), "{ran:?}");
    assert_eq!(folder.run(&["keys", "rotate", "nowhere.json"]).code, 4);
}

#[test]
fn a_new_service_is_declared_by_what_is_printed_and_its_key_is_never_written_over() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let args =
        ["service", "new", "Supervisor", "--scope", "sessions:end", "--scope", "agents:read", "--instance", "acme"];
    let ran = folder.done(&args);
    folder.write("centre/services.toml", &ran.out);
    let checked = folder.done(&["check", "centre"]).out;
    assert!(checked.contains("1 service, 0 clients. 0 errors and 0 warnings"), "{checked}");
    let key: Value = serde_json::from_str(&folder.read("supervisor.key.json")).unwrap();
    let secret = key["d"].as_str().unwrap();
    assert!(ran.out.contains(key["x"].as_str().unwrap()) && !ran.out.contains(secret) && !ran.err.contains(secret));
    let again = folder.run(&args);
    assert!(again.code == 5 && again.err.contains("never overwritten"), "{again:?}");
    let unknown = folder.run(&["service", "new", "b", "--scope", "all", "--instance", "acme"]);
    assert!(unknown.code == 2 && unknown.err.contains("the scopes are agents:read, "), "{unknown:?}");
    assert_eq!(folder.run(&["service", "new", "b", "--instance", "acme"]).code, 2, "a scope has to be said");
    assert!(!folder.path("b.key.json").exists());
}

#[test]
fn a_clients_secret_is_shown_once_beside_the_hash_that_is_declared() {
    let folder = Folder::new();
    let made: Value = folder.done(&["client", "secret", "--json"]).json();
    let text = |name: &str| made[name].as_str().unwrap();
    assert_eq!((text("client_secret").len(), text("secret_hash").len()), (43, 43));
    let another: Value = folder.done(&["client", "secret", "--json"]).json();
    assert_ne!(another["client_secret"], made["client_secret"]);
    let ran = folder.done(&["client", "secret"]);
    assert!(ran.out.contains("secret_hashes = [\"") && !ran.err.contains("client_secret"), "{ran:?}");
}

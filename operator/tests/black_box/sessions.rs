//! Listing sessions through the real wrangler, and asking a server to end one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::folder::{CENTRE, Folder};

const ID: &str = "01KAS5D3M0ACME000000000001";

/// Puts `value` under `key` of the local `SESSIONS`.
fn put(folder: &Folder, key: &str, value: &Value) {
    let mut command = Command::new("node");
    let own = folder.path("node_modules/.bin/node");
    if own.exists() {
        command = Command::new(own);
    }
    let script = folder.path("node_modules/wrangler/bin/wrangler.js");
    command.arg(script).args(["kv", "key", "put", key, &value.to_string(), "--binding", "SESSIONS", "--local"]);
    command.args(["--preview", "false", "--persist-to", "state"]).current_dir(folder.path(""));
    let output = command.env("WRANGLER_SEND_METRICS", "false").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn sessions_that_stand_are_listed_by_instance_and_ended_ones_are_not() {
    let folder = Folder::project();
    let wrangler = folder.read("wrangler.toml");
    folder.write(
        "wrangler.toml",
        &format!("{wrangler}\n[[kv_namespaces]]\nbinding = \"SESSIONS\"\nid = \"test-sessions\"\n"),
    );
    folder.write("centre/a.toml", CENTRE);
    let target = ["--local", "--persist-to", "state"];
    folder.done(&[&["apply", "centre"], &target[..]].concat());
    assert_eq!(folder.done(&[&["session", "list"], &target[..]].concat()).out, "Nobody is signed in.\n");

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let session = |agent: &str, sid: &str| {
        json!({
            "v": 1, "instance": ID, "agent": agent, "sid": sid, "install": "lisbon", "extension": "1001",
            "auth_time": 1_795_448_000, "amr": ["pwd"], "browser": "Chrome on Windows", "hard_end": now + 3600,
        })
    };
    let (standing, ended) = ("0".repeat(32), "1".repeat(32));
    for (agent, sid) in [("desk1", &standing), ("desk2", &ended)] {
        put(&folder, &format!("session:{ID}:{agent}:{sid}"), &session(agent, sid));
    }
    put(&folder, &format!("revoked:{ended}"), &json!({}));
    let listed = folder.done(&[&["session", "list"], &target[..]].concat()).out;
    assert!(listed.starts_with(&format!("acme ({ID})\n  desk1  1001  since 2026-11-23 15:33 UTC  until ")), "{listed}");
    assert!(listed.contains("Chrome on Windows") && !listed.contains("desk2"), "{listed}");

    let args = ["session", "list", "--instance", "acme", "--agent", "desk1", "--json"];
    let found = folder.done(&[&args[..], &target[..]].concat()).json();
    assert_eq!((&found[0]["sid"], found.as_array().unwrap().len()), (&json!(standing), 1));
    for place in [ID, "acme.example"] {
        let found = folder.done(&[&["session", "list", "--instance", place, "--json"], &target[..]].concat()).json();
        assert_eq!(found.as_array().unwrap().len(), 1, "{place}");
    }
    for (args, told) in [
        (&["--agent", "nope"][..], "nope is not signed in.\n"),
        (&["--agent", "nope", "--instance", "Acme"], "nope of \"Acme\" is not signed in.\n"),
        (&["--instance", "01KAS5D3M01N1TECH000000001"], "Nobody of \"01KAS5D3M01N1TECH000000001\" is signed in.\n"),
    ] {
        assert_eq!(folder.done(&[&["session", "list"], args, &target[..]].concat()).out, told);
    }
    let refused = folder.run(&[&["session", "list", "--instance", "globex"], &target[..]].concat());
    assert!(refused.code == 5 && refused.err.contains("no instance is called \"globex\""), "{refused:?}");
}

#[test]
fn a_folder_that_is_not_there_is_named_and_not_made() {
    let folder = Folder::project();
    for list in ["session", "agent"] {
        let ran = folder.run(&[list, "list", "--local", "--persist-to", "stata"]);
        assert!(ran.code == 5 && ran.err.contains("there is no folder ") && ran.err.contains("stata"), "{ran:?}");
        assert!(!folder.path("stata").exists());
    }
}

#[test]
fn what_dev_serves_is_found_and_a_look_elsewhere_says_so() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let refused = folder.run(&["agent", "list", "--dev"]);
    assert!(refused.code == 5 && refused.err.contains("`cargo xtask dev` has not served from"), "{refused:?}");
    let wrangler = folder.read("wrangler.toml");
    folder.write(
        "wrangler.toml",
        &format!("{wrangler}\n[[kv_namespaces]]\nbinding = \"SESSIONS\"\nid = \"test-sessions\"\n"),
    );
    folder.write(
        "centre/acme.csv",
        "username,name,password,must_change,extension,disabled,language\ndesk1,Désk One,a clear password,true,1001,,pt\n\
         desk20,Desk2,a clear password,true,,yes,\n",
    );
    folder.done(&["apply", "centre", "--local", "--persist-to", ".wrangler/dev/centre"]);
    // As `cargo xtask dev` does it.
    folder.write(".wrangler/dev-store", &format!("{}\n", folder.path(".wrangler/dev/centre").display()));
    let listed = folder.done(&["agent", "list", "--dev", "--instance", "acme"]);
    let table = "  desk1   1001  Désk One\n  desk20     -  Desk2     disabled\n";
    assert!(listed.out.ends_with(table) && listed.err.is_empty(), "{listed:?}");
    let export = folder.done(&["agent", "list", "--dev", "--json"]);
    assert_eq!(
        export.json()[0],
        json!({
            "instance": ID, "username": "desk1", "from": "declarations", "name": "Désk One", "email": null, "phone": null,
            "extension": "1001", "requires_extension": null, "requires_second_step": false, "language": "pt",
            "disabled": false, "must_change": true,
        })
    );
    assert!(!export.out.contains("argon2"), "{export:?}");
    let elsewhere = folder.done(&["agent", "list", "--local"]);
    assert!(
        elsewhere.out.contains("There are no agents") && elsewhere.err.contains("use --dev to look there"),
        "{elsewhere:?}"
    );
    let refused = folder.run(&["apply", "centre", "--dev"]);
    assert!(
        refused.code == 5 && refused.err.contains("by itself applies what changes in the directory"),
        "{refused:?}"
    );
    assert!(refused.err.contains("start it: `cargo xtask dev --directory centre`"), "{refused:?}");
}

#[test]
fn an_instance_is_named_to_a_server_as_it_is_to_every_other_command() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let target = ["--local", "--persist-to", "state"];
    folder.done(&[&["apply", "centre"], &target[..]].concat());
    folder.done(&["service", "new", "supervisor", "--scope", "accounts:manage", "--instance", "acme"]);
    let commands: [(&[&str], &str); 2] =
        [(&["account", "unlock"], "account/unlock"), (&["session", "end"], "end-session")];
    for (command, asks) in commands {
        for place in ["Acme", "acme.example"] {
            let (address, serving) = server("200 OK", r#"{"ended":[]}"#);
            let caller = ["--server", &address, "--service", "supervisor", "--key", "supervisor.key.json"];
            folder.done(&[command, &[place, "desk1"], &target[..], &caller].concat());
            let (head, _) = serving.join().unwrap();
            let path = format!("POST /api/v1/instances/{ID}/agents/desk1/{asks} HTTP/1.1\r\n");
            assert!(head.starts_with(&path), "{place}: {head}");
        }
    }
}

/// A server that answers one request like this, and returns what it was asked.
fn server(status: &'static str, body: &'static str) -> (String, JoinHandle<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut asked = vec![0; length];
        reader.read_exact(&mut asked).unwrap();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).unwrap();
        (head, serde_json::from_slice(&asked).unwrap())
    });
    (address, serving)
}

/// A folder with a service's key.
fn with_key() -> Folder {
    let folder = Folder::new();
    folder.done(&["service", "new", "supervisor", "--scope", "sessions:end", "--instance", "acme"]);
    folder
}

fn end<'a>(server: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = ["session", "end", ID, "desk.élan", "--server", server, "--service", "supervisor"];
    [&args[..], &["--key", "supervisor.key.json"], more].concat()
}

#[test]
fn ending_a_session_asks_the_server_with_a_token_of_a_minute_and_tells_what_was_ended() {
    let folder = with_key();
    let (address, serving) = server("200 OK", r#"{"ended":["0123"]}"#);
    let ran = folder.done(&end(&address, &["--disabled"]));
    assert_eq!(ran.out, "Ended: 0123. The agent is told at once.\n");
    let (head, body) = serving.join().unwrap();
    let path = format!("POST /api/v1/instances/{ID}/agents/desk.%C3%A9lan/end-session HTTP/1.1\r\n");
    assert!(head.starts_with(&path), "{head}");
    assert_eq!(body, json!({ "reason": "disabled" }));
    let token = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap();
    let mut parts = token.split('.').map(|part| Base64UrlUnpadded::decode_vec(part).unwrap());
    let mut part = || serde_json::from_slice::<Value>(&parts.next().unwrap()).unwrap();
    let (header, claims) = (part(), part());
    let key: Value = serde_json::from_str(&folder.read("supervisor.key.json")).unwrap();
    assert_eq!(header, json!({ "alg": "EdDSA", "kid": key["kid"], "typ": "oneagent-service+jwt" }));
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("supervisor"), &json!("supervisor"), &json!("oneagent-api"))
    );
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    assert!(!ran.err.contains(token) && !ran.out.contains(token));
}

#[test]
fn whoever_is_not_signed_in_needs_no_ending() {
    let (address, serving) = server("200 OK", r#"{"ended":[]}"#);
    let ran = with_key().done(&end(&address, &[]));
    assert!(ran.out.contains("is not signed in: there was nothing to end"), "{ran:?}");
    assert_eq!(serving.join().unwrap().1, json!({ "reason": "forced" }));
}

#[test]
fn of_an_account_nothing_is_said_that_the_deployment_has_not_told() {
    let folder = with_key();
    for (action, told) in [
        (
            "unlock",
            "Unlocked: no lock keeps desk1 out now. The password is unchanged, and so is whether the account is disabled.\n",
        ),
        (
            "disable",
            "Disabled: desk1 cannot sign in, whatever is declared, until `onecontact account enable`. Any session has ended.\n",
        ),
        (
            "enable",
            "Enabled: `onecontact account disable` no longer keeps desk1 out. The declarations or a lock still may.\n",
        ),
        (
            "reset",
            "Reset: any session has ended. The initial password of desk1 is shown only now, and must be changed at the next login:\n",
        ),
    ] {
        let (address, serving) = server("200 OK", "{}");
        let args = ["account", action, ID, "desk1", "--server", &address, "--service", "supervisor"];
        let ran = folder.done(&[&args[..], &["--key", "supervisor.key.json"]].concat());
        assert!(ran.out.starts_with(told), "{ran:?}");
        serving.join().unwrap();
    }
}

#[test]
fn a_refusal_an_outage_and_a_wrong_server_end_with_codes_of_their_own() {
    let folder = with_key();
    let problem = r#"{"type":"about:blank","status":403,"title":"No.","code":"insufficient_scope","request":"r1"}"#;
    for (status, body, code, told) in [
        ("403 Forbidden", problem, 5, "insufficient_scope, request r1"),
        ("503 Service Unavailable", problem, 4, "request r1"),
        ("302 Found", "", 4, "answered 302"),
        ("200 OK", "<html>", 4, "an unknown form"),
    ] {
        let (address, serving) = server(status, body);
        let ran = folder.run(&end(&address, &[]));
        assert!(ran.code == code && ran.err.contains(told), "{status}: {ran:?}");
        serving.join().unwrap();
    }
    let ran = folder.run(&end("http://127.0.0.1:9", &[]));
    assert!(ran.code == 4 && ran.err.contains("could not be reached"), "{ran:?}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = stream.read(&mut [0; 4096]);
    });
    let ran = folder.run(&end(&address, &[]));
    serving.join().unwrap();
    assert!(
        ran.code == 4
            && ran.err.contains("what answers there does not speak TLS: should it be http://, or another port?"),
        "{ran:?}"
    );
    let ran = folder.run(&end("http://agents.example.com", &[]));
    assert!(ran.code == 5 && ran.err.contains("https://"), "{ran:?}");
    let args = ["session", "end", "acme", "desk1", "--server", "https://a.example", "--service", "supervisor"];
    let ran = folder.run(&[&args[..], &["--key", "supervisor.key.json"]].concat());
    assert!(ran.code == 5 && ran.err.contains("with --env, --local or --dev"), "{ran:?}");
}

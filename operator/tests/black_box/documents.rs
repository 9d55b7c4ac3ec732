//! The commands in the documents are run here, block by block, exactly as they are written.
//!
//! `cargo onecontact` is this build's command. What builds, serves, tests or deploys is run by `cargo xtask test`
//! itself; here, only the spelling of those commands is checked. Blocks marked `sh account` need a Cloudflare account:
//! their `onecontact` commands are only parsed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder::Folder;

/// Replaces `cargo` and `npx` while a block is run. `ROOT` is the project; `PARSE_ONLY` is set for account blocks.
const SHIM: &str = r#"#!/usr/bin/env bash
set -euo pipefail
name=$(basename "$0")
case "$name $*" in
  "cargo onecontact "*)
    shift
    if [ -n "${PARSE_ONLY:-}" ]; then set -- "$@" --help; fi
    exec "$ONECONTACT" "$@" ;;
  "cargo xtask dev" | "cargo xtask dev --directory "*) grep -q '^  dev ' "$ROOT/xtask/src/main.rs" ;;
  "cargo xtask test") grep -q '^cargo xtask test$' "$ROOT/.ci/run" ;;
  "cargo run -p onecontact-tests --bin recorder-gateway -- --port 8790 --takes 6")
    grep -q '"--takes" =>' "$ROOT/tests/src/bin/recorder-gateway.rs" ;;
  "cargo install --path operator") test -f "$ROOT/operator/Cargo.toml" ;;
  "npx wrangler deploy --dry-run --env staging") grep -q '"deploy", "--dry-run", "--env"' "$ROOT/xtask/src/test/steps.rs" ;;
  "npx wrangler deploy --env staging --secrets-file "*) test -n "${PARSE_ONLY:-}" ;;
  "npx wrangler rollback --env staging") test -n "${PARSE_ONLY:-}" ;;
  "npx wrangler secret put MESSAGE_KEY --env staging") test -n "${PARSE_ONLY:-}" && grep -q '^whsec_' ;;
  "npx wrangler secret put MESSAGE_WEBHOOK --env staging") test -n "${PARSE_ONLY:-}" && grep -q '^https://' ;;
  "npx wrangler secret put TOKEN_KEYS --env staging") test -n "${PARSE_ONLY:-}" && grep -q '"status":"next"' ;;
  *) echo "no test runs this command: $name $*" >&2; exit 9 ;;
esac
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The blocks of shell commands in a document, each with the words after `sh`.
fn blocks(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("```sh") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((words.trim().to_owned(), block.join("\n")));
        }
    }
    blocks
}

/// Runs every block of a document in one folder, in order. Returns the folder with what they have written.
fn run(document: &str) -> Folder {
    let folder = Folder::new();
    for name in ["cargo", "npx"] {
        folder.write(&format!("bin/{name}"), SHIM);
        let made = Command::new("chmod").arg("+x").arg(folder.path(&format!("bin/{name}"))).status().unwrap();
        assert!(made.success());
    }
    let blocks = blocks(document);
    assert!(!blocks.is_empty(), "{document} has no commands");
    for (words, block) in blocks {
        let is_for_an_account = words == "account";
        let needs_a_server = |line: &&str| is_for_an_account && line.starts_with("curl ");
        let block = block.lines().filter(|line| !needs_a_server(line)).collect::<Vec<_>>().join("\n");
        let mut bash = bash(&folder, &block);
        if is_for_an_account {
            bash.env("PARSE_ONLY", "1");
        }
        let ran = bash.output().unwrap();
        assert!(ran.status.success(), "{document}:\n{block}\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    folder
}

/// Runs commands in a folder where [`run`] has run those of a document.
fn bash(folder: &Folder, block: &str) -> Command {
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", block]).current_dir(folder.path(""));
    bash.env("PATH", path).env("ROOT", root()).env("ONECONTACT", env!("CARGO_BIN_EXE_onecontact"));
    bash
}

/// The files in a folder, by their paths within it.
fn files(folder: &Folder) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder.path("")).into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| entry.path().strip_prefix(folder.path("")).unwrap().display().to_string()).collect()
}

/// `check` finds nothing wrong with the directory that a document has the reader make.
fn is_sound(folder: &Folder) {
    let checked = folder.done(&["check", "centre", "--json"]).json();
    assert_eq!(checked["problems"], serde_json::json!([]));
}

#[test]
fn every_command_of_the_readme_works() {
    is_sound(&run("README.md"));
}

#[test]
fn whoever_follows_the_manual_once_more_does_not_overwrite_the_key_set_in_force() {
    let folder = run("docs/OPERATIONS.md");
    let set = folder.read("keys-staging.json");
    let blocks = blocks("docs/OPERATIONS.md");
    let (_, block) = blocks.iter().find(|(_, block)| block.contains("keys new")).unwrap();
    assert!(!bash(&folder, block).output().unwrap().status.success());
    assert_eq!(folder.read("keys-staging.json"), set);
}

#[test]
fn every_command_of_the_operations_manual_works_and_leaves_no_secret_to_be_committed() {
    let folder = run("docs/OPERATIONS.md");
    is_sound(&folder);
    // Declarations belong in a repository. Everything else that the manual has the reader write is a secret.
    let is_secret = |path: &String| !path.starts_with("centre/") && !path.starts_with("bin/");
    let mut secrets: Vec<String> = files(&folder).into_iter().filter(is_secret).collect();
    for written in ["keys-staging.json", "secrets-staging.env", "message-key.txt", "supervisor.key.json"] {
        assert!(secrets.iter().any(|path| path == written), "{written} is not among {secrets:?}");
    }
    secrets.push(".dev.vars".to_owned()); // which the manual has filled by hand
    folder.write(".gitignore", &std::fs::read_to_string(root().join(".gitignore")).unwrap());
    let git = |args: &[&str]| {
        let ran =
            Command::new("git").args(args).current_dir(folder.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        String::from_utf8(ran.unwrap().stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    for path in secrets {
        assert_eq!(git(&["check-ignore", &path]).trim_end(), path, "git would take {path} into the repository");
    }
}

//! The commands in the documents are run here, block by block, as they stand there.
//!
//! `cargo onecontact` is this build's command. What builds, serves, tests or deploys is run by `cargo xtask test`
//! itself; of those only the spelling is checked here. Blocks marked `sh account` need a Cloudflare account: their
//! `onecontact` commands are only read by the command line's parser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder::Folder;

/// Stands for `cargo` and `npx` while a block is run. `ROOT` is the project, `PARSE_ONLY` is set for account blocks.
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
  "npx wrangler secret put MESSAGE_KEY --env staging") test -n "${PARSE_ONLY:-}" && grep -q '^whsec_' ;;
  "npx wrangler secret put MESSAGE_WEBHOOK --env staging") test -n "${PARSE_ONLY:-}" && grep -q '^https://' ;;
  "npx wrangler secret put TOKEN_KEYS --env staging") test -n "${PARSE_ONLY:-}" && grep -q '"status":"next"' ;;
  *) echo "no test runs this command: $name $*" >&2; exit 9 ;;
esac
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The blocks of shell commands of a document, each with the words behind `sh`.
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

/// Runs every block of a document in one folder, in order.
fn run(document: &str) {
    let folder = Folder::new();
    for name in ["cargo", "npx"] {
        folder.write(&format!("bin/{name}"), SHIM);
        let made = Command::new("chmod").arg("+x").arg(folder.path(&format!("bin/{name}"))).status().unwrap();
        assert!(made.success());
    }
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let blocks = blocks(document);
    assert!(!blocks.is_empty(), "{document} has no commands");
    for (words, block) in blocks {
        let is_for_an_account = words == "account";
        let needs_a_server = |line: &&str| is_for_an_account && line.starts_with("curl ");
        let block = block.lines().filter(|line| !needs_a_server(line)).collect::<Vec<_>>().join("\n");
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &block]).current_dir(folder.path(""));
        bash.env("PATH", &path).env("ROOT", root()).env("ONECONTACT", env!("CARGO_BIN_EXE_onecontact"));
        if is_for_an_account {
            bash.env("PARSE_ONLY", "1");
        }
        let ran = bash.output().unwrap();
        assert!(ran.status.success(), "{document}:\n{block}\n{}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn every_command_of_the_readme_works() {
    run("README.md");
}

#[test]
fn every_command_of_the_operations_manual_works() {
    run("docs/OPERATIONS.md");
}

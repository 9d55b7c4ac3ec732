//! The operators' own tool, as an operator would run it.

use std::io::Write;
use std::process::{Command, Stdio};

/// What `onecontact <args>` prints, given `input`.
#[must_use]
pub fn onecontact(args: &[&str], input: &str) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tool = Command::new(cargo)
        .args(["run", "--quiet", "--package", "onecontact-operator", "--"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo starts");
    tool.stdin.take().expect("an input").write_all(input.as_bytes()).expect("it reads");
    let output = tool.wait_with_output().expect("it ends");
    assert!(output.status.success(), "onecontact {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

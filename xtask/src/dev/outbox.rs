//! Where messages go in local development: a receiver of our own, with a page that shows them. No Worker has such a
//! page, so no deployment does.

use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::tools;

/// The key between the Worker and the receiver. It guards nothing: both listen on this machine only.
const KEY: &str = "whsec_b25lY29udGFjdCwgb24gdGhpcyBtYWNoaW5lIGFsb25l";
/// What `onecontact outbox` shows.
const FILE: &str = ".wrangler/outbox.jsonl";

/// A running receiver. It ends with the process that started it, however that ends.
pub(super) struct Outbox {
    child: Child,
    port: u16,
}

impl Outbox {
    /// Starts it at `port`.
    pub(super) fn start(project: &Project, port: u16) -> Result<Self> {
        let mut command =
            project.command(tools::node(project)?, &["xtask/src/dev/outbox.mjs", &port.to_string(), FILE]);
        command.env("MESSAGE_KEY", KEY).stdin(Stdio::piped());
        let child = command.spawn().context("the outbox could not be started")?;
        Ok(Self { child, port })
    }

    /// The address of its page.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The Worker's settings for it, as `wrangler dev` takes them.
    pub(super) fn settings(&self) -> [String; 2] {
        [format!("MESSAGE_WEBHOOK:{}", self.address()), format!("MESSAGE_KEY:{KEY}")]
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let _ = self.child.kill(); // gone already is just as well
        let _ = self.child.wait();
    }
}

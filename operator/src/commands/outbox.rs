//! `onecontact outbox`: the messages of local development, recorded by the receiver that `cargo xtask dev` runs.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use chrono::DateTime;
use clap::{Args, value_parser};
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Which messages.
#[derive(Debug, Args)]
pub(crate) struct OutboxArgs {
    /// The file they are in
    #[arg(long, value_name = "FILE", default_value = ".wrangler/outbox.jsonl")]
    file: PathBuf,
    /// How many, the latest last
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u16).range(1..))]
    last: u16,
}

/// A message as the receiver recorded it.
#[derive(Deserialize, Serialize)]
struct Message {
    id: String,
    r#type: String,
    timestamp: i64,
    data: Data,
}

#[derive(Deserialize, Serialize)]
struct Data {
    purpose: String,
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
}

/// Shows the latest messages.
pub(super) fn run(args: &OutboxArgs, output: &Output) -> Result<Exit, Failure> {
    let text = match fs::read_to_string(&args.file) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| Failure::files(&args.file, &error))?,
    };
    // A line that is still being written is not complete.
    let all: Vec<Message> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let latest = &all[all.len().saturating_sub(usize::from(args.last))..];
    let shown: Vec<String> = latest.iter().map(shown).collect();
    let text = if shown.is_empty() {
        format!("There are no messages in {}. `cargo xtask dev` writes them there.", args.file.display())
    } else {
        shown.join("\n\n")
    };
    output.result(text, &latest)?;
    Ok(Exit::Done)
}

fn shown(message: &Message) -> String {
    let Data { to, subject, text, purpose } = &message.data;
    let kind = if message.r#type == "message.sms" { "SMS" } else { "E-mail" };
    let at = DateTime::from_timestamp(message.timestamp, 0)
        .map_or_else(String::new, |at| at.format("%H:%M:%S UTC").to_string());
    let subject = subject.as_ref().map_or_else(String::new, |subject| format!("{subject}\n"));
    format!("{kind} to {to} at {at}, {purpose}\n{subject}{}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_with_where_it_went_and_all_it_says() {
        let line = r#"{"id":"msg_1","type":"message.email","timestamp":1795448000,"data":{"purpose":"reset_link","to":"a@b.example","subject":"Hello","text":"This way:\nhttps://a.example\n","language":"en"}}"#;
        let message = serde_json::from_str(line).unwrap();
        assert_eq!(
            shown(&message),
            "E-mail to a@b.example at 15:33:20 UTC, reset_link\nHello\nThis way:\nhttps://a.example"
        );
    }
}

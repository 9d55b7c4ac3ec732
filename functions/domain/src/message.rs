//! Messages to agents, and how they are handed to a gateway: as webhooks signed according to *Standard Webhooks* 1.0,
//! so that a receiver can be written with an existing library.
//!
//! What a message says is elsewhere (`onecontact-templates`), and so is the sending (`onecontact-edge`).

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use kv_schema::names::{EmailAddress, InstanceId, PhoneNumber, Username};
use kv_schema::{Language, Timestamp};
use serde::Serialize;
use sha2::Sha256;

/// A message to one agent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its own id. A gateway that receives the same id again does not send the message again.
    pub id: String,
    /// What it is for, as named in the log and to the gateway.
    pub purpose: Purpose,
    /// Where it goes.
    pub to: To,
    /// The subject line of an e-mail; empty for an SMS.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The language of the text.
    pub language: Language,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
}

/// Reveals neither where it goes nor what it says.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The code of a second step.
    Code,
    /// The link for choosing a new password.
    ResetLink,
    /// The notice that a password was changed.
    PasswordChanged,
    /// The notice that an account's second step was changed.
    SecondStepChanged,
}

impl Purpose {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::ResetLink => "reset_link",
            Self::PasswordChanged => "password_changed",
            Self::SecondStepChanged => "second_step_changed",
        }
    }
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// By SMS.
    Phone(PhoneNumber),
    /// By e-mail.
    Mailbox(EmailAddress),
}

/// Where messages are handed over, and the key that shows who does so.
#[derive(Clone, PartialEq, Eq)]
pub struct Gateway {
    address: String,
    key: Vec<u8>,
}

/// Does not reveal the key.
impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What is wrong with a gateway's settings. Neither message repeats the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The address is not one that a code may be sent to.
    #[error("MESSAGE_WEBHOOK has to begin with https://, or with http://localhost on this machine")]
    Address,
    /// The key is not valid.
    #[error("MESSAGE_KEY has to be whsec_ and the base64 of 24 to 64 bytes")]
    Key,
}

/// A message as it goes over the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The header `webhook-id`.
    pub id: String,
    /// The header `webhook-timestamp`.
    pub timestamp: String,
    /// The header `webhook-signature`.
    pub signature: String,
    /// The body, as JSON.
    pub body: String,
}

/// The body of a webhook (`docs/OPERATIONS.md`).
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: u64,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    purpose: Purpose,
    to: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    text: &'a str,
    language: Language,
    instance: &'a InstanceId,
    agent: &'a Username,
}

impl Gateway {
    /// Reads the two settings. Messages go over the network, so nobody may be able to listen in.
    pub fn parse(address: &str, key: &str) -> Result<Self, GatewayError> {
        let is_here = |host: &str| {
            let rest = address.strip_prefix(host);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        };
        let is_safe = address.len() > "https://".len() && address.starts_with("https://");
        if !is_safe && !["http://localhost", "http://127.0.0.1"].into_iter().any(is_here) {
            return Err(GatewayError::Address);
        }
        let key = key.strip_prefix("whsec_").and_then(from_base64);
        let key = key.filter(|key| (24..=64).contains(&key.len())).ok_or(GatewayError::Key)?;
        Ok(Self { address: address.to_owned(), key })
    }

    /// Where to send it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The message as it is sent at `now`.
    #[must_use]
    pub fn webhook(&self, message: &Message, now: Timestamp) -> Webhook {
        let (r#type, to) = match &message.to {
            To::Phone(number) => ("message.sms", number.as_str()),
            To::Mailbox(address) => ("message.email", address.as_str()),
        };
        let data = Data {
            purpose: message.purpose,
            to,
            subject: &message.subject,
            text: &message.text,
            language: message.language,
            instance: &message.instance,
            agent: &message.agent,
        };
        // It holds only texts and numbers, so it always becomes JSON.
        let body = serde_json::to_string(&Body { r#type, timestamp: now.0, data }).unwrap_or_default();
        let timestamp = now.0.to_string();
        let signature = self.signature(&message.id, &timestamp, &body);
        Webhook { id: message.id.clone(), timestamp, signature, body }
    }

    fn signature(&self, id: &str, timestamp: &str, body: &str) -> String {
        let signed = [id, timestamp, body].join(".");
        // A key of any length will do.
        let tag = Hmac::<Sha256>::new_from_slice(&self.key).map(|mac| mac.chain_update(signed).finalize().into_bytes());
        tag.map_or_else(|_| String::new(), |tag| ["v1,", &to_base64(&tag)].concat())
    }
}

/// Base64 (RFC 4648, section 4). The Worker already carries the other alphabet for its tokens; a second would be 1 kB.
fn to_base64(bytes: &[u8]) -> String {
    let text = Base64UrlUnpadded::encode_string(bytes).replace('-', "+").replace('_', "/");
    let padding = ["", "===", "==", "="][text.len() % 4];
    text + padding
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let is_whole = text.len().is_multiple_of(4) && !text.contains(['-', '_']);
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    Base64UrlUnpadded::decode_vec(&text).ok().filter(|_| is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLNSw";

    #[test]
    fn base64_is_as_everybody_writes_it() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", &[0xfb, 0xff, 0xfe, 0xff]] {
            let text = base64ct::Base64::encode_string(bytes);
            assert_eq!((to_base64(bytes), from_base64(&text).as_deref()), (text, Some(bytes)));
        }
        for text in ["Zg", "Zg=", "-_8=", "Z===", "a b="] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }

    fn message(to: To) -> Message {
        Message {
            id: "msg_1".into(),
            purpose: Purpose::Code,
            to,
            subject: String::new(),
            text: "hush".into(),
            language: Language::En,
            instance: fixture::id(1),
            agent: fixture::agent().username,
        }
    }

    #[test]
    fn a_message_is_signed_as_the_library_of_standard_webhooks_signs_it() {
        let gateway = Gateway::parse("https://a.example", KEY).unwrap();
        let signature = gateway.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,SRVIpQpxtEeQKZSRaPrEXKKjkvpD/U6QBHggtNS7X6I=");
    }

    #[test]
    fn a_message_goes_to_nobody_who_could_listen_in() {
        for address in
            ["https://gateway.example/messages", "http://localhost:8788", "http://127.0.0.1:8788/", "http://localhost"]
        {
            assert!(Gateway::parse(address, KEY).is_ok(), "{address}");
        }
        for address in [
            "http://gateway.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "https://",
            "",
            "ftp://localhost",
        ] {
            assert_eq!(Gateway::parse(address, KEY), Err(GatewayError::Address), "{address}");
        }
        for key in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLNSw",
            "whsec_*fKQ9r8GKYqrTwjUPD8ILPZIo2LaLNSw",
        ] {
            assert_eq!(Gateway::parse("https://a.example", key), Err(GatewayError::Key), "{key}");
        }
    }

    #[test]
    fn a_webhook_says_what_goes_where() {
        let gateway = Gateway::parse("https://a.example", KEY).unwrap();
        let sms = message(To::Phone(PhoneNumber::parse("+351912345678").unwrap()));
        let sent = gateway.webhook(&sms, Timestamp(1_800_000_000));
        assert_eq!((sent.id.as_str(), sent.timestamp.as_str()), ("msg_1", "1800000000"));
        assert_eq!(
            sent.body,
            r#"{"type":"message.sms","timestamp":1800000000,"data":{"purpose":"code","to":"+351912345678","text":"hush","language":"en","instance":"01KAS4V9T2XN8Q4M6W3Y5Z7B01","agent":"desk.seven"}}"#
        );
        let mail =
            Message { subject: "Hello".into(), ..message(To::Mailbox(EmailAddress::parse("a@b.example").unwrap())) };
        let body = gateway.webhook(&mail, Timestamp(1)).body;
        assert!(body.contains(r#""type":"message.email""#) && body.contains(r#""subject":"Hello""#), "{body}");
    }

    #[test]
    fn what_a_message_says_and_the_key_are_never_printed() {
        let message = message(To::Phone(PhoneNumber::parse("+351912345678").unwrap()));
        let gateway = Gateway::parse("https://a.example", KEY).unwrap();
        let printed = format!("{message:?} {gateway:?}");
        assert!(!printed.contains("hush") && !printed.contains("912345678") && !printed.contains("key"), "{printed}");
    }
}

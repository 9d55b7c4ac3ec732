//! Sending messages: through Cloudflare's e-mail binding if there is one and the message is an e-mail, otherwise as a
//! signed webhook to the gateway that the deployment names.

use onecontact_domain::message::{Gateway, GatewayError, Message, To};
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, SendEmail, SendEmailBuilder};

use crate::bell::{pause, within};
use crate::bindings::random_bits;
use crate::log::{Event, LogOfRequest};
use crate::objects::text_of;
use crate::outbound::{self, Bounds};

/// Seconds that a message may take: an agent is waiting.
const LIMIT: u32 = 5;

/// How long the gateway may take, and how much of what it says is read: only its status counts.
const BOUNDS: Bounds = Bounds { seconds: LIMIT, bytes: 1_024 };

/// The channels that messages are sent through.
pub(crate) struct Messengers {
    gateway: Result<Option<Gateway>, GatewayError>,
    /// The binding `EMAIL`, and the address that its messages come from.
    email: Option<(SendEmail, String)>,
}

/// An id that no other message has.
pub(crate) fn new_id() -> String {
    format!("msg_{:032x}", random_bits())
}

/// Why a message was not sent, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// It was not accepted: it can be tried again.
    Refused,
    /// Nothing came back in time: it may have been accepted all the same.
    Unknown,
}

impl Messengers {
    /// Those that `env` configures.
    pub(crate) fn of(env: &Env) -> Self {
        let text = |name: &str| {
            let found = js_sys::Reflect::get(env, &name.into()).unwrap_or_default();
            found.as_string().filter(|text| !text.is_empty())
        };
        let gateway =
            text("MESSAGE_WEBHOOK").map(|address| Gateway::parse(&address, &text("MESSAGE_KEY").unwrap_or_default()));
        let binding = js_sys::Reflect::get(env, &"EMAIL".into()).unwrap_or_default();
        let email = text("EMAIL_FROM").filter(|_| binding.is_object()).map(|from| (binding.unchecked_into(), from));
        Self { gateway: gateway.transpose(), email }
    }

    /// Whether e-mails can be sent at all.
    pub(crate) const fn can_mail(&self) -> bool {
        self.email.is_some() || !matches!(self.gateway, Ok(None))
    }

    /// Whether SMS can be sent at all.
    pub(crate) const fn can_text(&self) -> bool {
        !matches!(self.gateway, Ok(None))
    }

    /// Sends a message. The log says whether it was sent, but not to whom, nor what it says.
    pub(crate) async fn send(&self, message: &Message, log: &LogOfRequest) -> Result<(), Unsent> {
        let sent = match (&message.to, &self.email) {
            (To::Mailbox(address), Some((binding, from))) => mail(binding, from, address.as_str(), message).await,
            _ => self.hand_over(message).await,
        };
        let (name, cause) = match &sent {
            Ok(()) => ("message_sent", None),
            Err((_, cause)) => ("message_failed", Some(cause.as_str())),
        };
        log.write(&Event {
            instance: Some(message.instance.as_str()),
            agent: Some(message.agent.as_str()),
            reason: Some(message.purpose.name()),
            detail: cause,
            is_for_the_operator: cause.is_some(),
            ..Event::new(name)
        });
        sent.map_err(|(unsent, _)| unsent)
    }

    /// Sends a message that nobody waits for, retrying if necessary: it keeps its id, so that a gateway that accepted
    /// it without saying so does not send it twice.
    pub(crate) async fn send_patiently(&self, message: &Message, log: &LogOfRequest) {
        // The binding has no message ids, so it gets only one try.
        let is_mailed = self.email.is_some() && matches!(message.to, To::Mailbox(_));
        for wait in [1_000.0, 5_000.0, 0.0] {
            if self.send(message, log).await.is_ok() || is_mailed || wait == 0.0 {
                return;
            }
            pause(wait).await;
        }
    }

    async fn hand_over(&self, message: &Message) -> Result<(), (Unsent, String)> {
        let gateway = match &self.gateway {
            Ok(Some(gateway)) => gateway,
            Ok(None) => return Err((Unsent::Refused, "MESSAGE_WEBHOOK is not set".to_owned())),
            Err(error) => return Err((Unsent::Refused, error.to_string())),
        };
        match post(gateway, message).await {
            Ok(status) if (200..300).contains(&status) => Ok(()),
            Ok(status) => Err((Unsent::Refused, format!("the gateway answered {status}"))),
            Err(error) if outbound::is_too_late(&error) => {
                Err((Unsent::Unknown, "the gateway does not answer".to_owned()))
            }
            Err(error) => Err((Unsent::Refused, text_of(&error))),
        }
    }
}

/// Returns the status that the gateway answers with.
async fn post(gateway: &Gateway, message: &Message) -> Result<u16, JsValue> {
    let webhook = gateway.webhook(message, crate::now());
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", &*webhook.id),
        ("webhook-timestamp", &*webhook.timestamp),
        ("webhook-signature", &*webhook.signature),
    ];
    let request = outbound::Request { method: "POST", headers: &headers, body: Some(webhook.body) };
    Ok(outbound::ask(gateway.address(), &request, BOUNDS).await?.status)
}

async fn mail(binding: &SendEmail, from: &str, to: &str, message: &Message) -> Result<(), (Unsent, String)> {
    let mail = SendEmailBuilder::new(from, to, &message.subject);
    mail.set_text(&message.text);
    match within(f64::from(LIMIT * 1_000), binding.send_with_builder(&mail)).await {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err((Unsent::Refused, error.to_string().into())),
        None => Err((Unsent::Unknown, "the binding EMAIL does not answer".to_owned())),
    }
}

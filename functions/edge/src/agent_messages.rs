//! Messages to agents: in which language, to which name, and after whose answer. [`crate::messages`] sends them.

use kv_schema::Language;
use kv_schema::directory::{Agent, Instance};
use onecontact_domain::message::{Message, Purpose, To};
use onecontact_templates::Addressee;

use crate::bindings::Bindings;
use crate::log::LogOfRequest;
use crate::messages;
use crate::visit::Visit;

/// Sends a message after the answer has gone out.
pub(crate) fn send_afterwards(visit: &Visit<'_>, message: Message) {
    let (Some(bindings), log) = (Bindings::found(), LogOfRequest::of(visit.asked)) else { return };
    visit.asked.afterwards(async move { bindings.messengers.send_patiently(&message, &log).await });
}

/// The language in which to write to an agent.
pub(crate) fn language(visit: &Visit<'_>, agent: &Agent, instance: &Instance) -> Language {
    agent.language.or(instance.language).unwrap_or(visit.language)
}

/// Whom a message is for.
pub(crate) fn addressee<'a>(agent: &'a Agent, instance: &'a Instance, language: Language) -> Addressee<'a> {
    Addressee {
        language,
        name: &agent.display_name,
        username: agent.username.as_str(),
        instance: &instance.display_name,
    }
}

/// An e-mail to the agent, if they have a mailbox; `say` writes it.
pub(crate) fn to_mailbox(
    visit: &Visit<'_>,
    agent: &Agent,
    instance: &Instance,
    purpose: Purpose,
    say: impl FnOnce(Addressee<'_>) -> (String, String),
) -> Option<Message> {
    let to = To::Mailbox(agent.email.clone()?);
    let language = language(visit, agent, instance);
    let (subject, text) = say(addressee(agent, instance, language));
    Some(Message {
        id: messages::new_id(),
        purpose,
        to,
        subject,
        text,
        language,
        instance: agent.instance.clone(),
        agent: agent.username.clone(),
    })
}

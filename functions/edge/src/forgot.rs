//! `<home>/forgot`: a link to the mailbox of whoever has forgotten their password.
//!
//! Whichever account is named, existing or not: the same look-ups, the same question to a guard, the same answer. The
//! one thing that differs, the sending, happens after the answer.

use onecontact_domain::address::{Home, Page};
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::login::{Field, FieldProblem, Filled, Forgot, Named, ResetLink};
use onecontact_domain::message::{self, Message};
use onecontact_domain::problem::Problem;
use onecontact_templates::{EntryPage, ForgotPage, NotePage, Told};

use crate::account::{self, Account};
use crate::agent_messages::{send_afterwards, to_mailbox};
use crate::bindings::random_bits;
use crate::guard;
use crate::http::Reply;
use crate::log::Event;
use crate::login;
use crate::onecontact_login::Way;
use crate::visit::Visit;

/// The page with the form, or what came of it.
pub(crate) fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    offered(visit)?;
    if visit.asked.query_value("sent").is_some() {
        return told(visit, 200, Told::LinkSent);
    }
    let filled = visit.asked.cookies().remembered(&visit.name()).unwrap_or_default();
    page(visit, 200, &filled, &[], false)
}

/// Without a way to send a link, this page does not exist.
fn offered(visit: &Visit<'_>) -> Result<(), Problem> {
    if can_reset(visit) { Ok(()) } else { Err(Problem::UnknownPage) }
}

/// Whether a link can be sent to agents, as far as the address tells whose they are.
pub(crate) fn can_reset(visit: &Visit<'_>) -> bool {
    let has_address = visit.instance.as_ref().is_none_or(|instance| instance.address.is_some());
    has_address && visit.bindings.messengers.can_mail()
}

fn page(
    visit: &Visit<'_>,
    status: u16,
    filled: &Filled,
    problems: &[(Field, FieldProblem)],
    stale: bool,
) -> Result<Reply, Problem> {
    let (form_token, set_browser) = login::tie(visit, None)?;
    let reply = Reply::page(status, |nonce| {
        let (frame, instance) = (visit.frame(nonce), login::instance_shown(visit));
        ForgotPage { frame, instance, filled, problems, stale, form_token: &form_token }.document()
    });
    Ok(reply.map_err(|error| Problem::defect(&error))?.with_cookies(set_browser))
}

/// The page that says what became of a link.
pub(crate) fn told(visit: &Visit<'_>, status: u16, told: Told) -> Result<Reply, Problem> {
    let reply = Reply::page(status, |nonce| NotePage { frame: visit.frame(nonce), told }.document());
    reply.map_err(|error| Problem::defect(&error))
}

pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    offered(visit)?;
    login::limit_rate(visit).await?;
    let posted = Forgot::parse(&visit.asked.form().await?, login::rules(visit, &Way::default())?);
    if login::ours(visit, &posted.form_token)?.is_none() {
        return page(visit, 403, &posted.filled, &[], true);
    }
    let Named { instance, account } = match posted.form {
        Ok(form) => form,
        Err(problems) => return page(visit, 422, &posted.filled, &problems, false),
    };
    let account = account::find(visit, instance.as_ref(), &account).await?;
    let secret = format!("{:032x}", random_bits());
    let owner = (&account.instance_id, &account.username);
    let hashes = keyed::hashes(&visit.bindings.keys, Purpose::ResetLink, owner, &secret, visit.asked.now());
    let mail = mail(visit, &account, secret);
    let ask = Ask::Forgot {
        hash: hashes.into_iter().next().unwrap_or_default(),
        declared: mail.as_ref().and(account.active()).map(|agent| agent.password.set_at),
    };
    let is_issued = guard::ask(visit.bindings, owner.0, owner.1, &ask).await? == Answer::Done;
    note(visit, &account, is_issued, mail.is_some());
    if let (Some(mail), true) = (mail, is_issued) {
        send_afterwards(visit, mail);
    }
    Ok(Reply::see_other(&format!("{}?sent=1", visit.home.page(Page::Forgot))))
}

/// Logs what became of it. The page tells nobody.
fn note(visit: &Visit<'_>, account: &Account, is_issued: bool, can_be_sent: bool) {
    let reason = match &account.agent {
        _ if is_issued => None,
        None => Some("unknown_account"),
        Some(agent) if agent.disabled => Some("disabled"),
        Some(_) if account.is_elsewhere() => Some("signs_in_at_provider"),
        Some(_) if can_be_sent => Some("too_many_links"),
        Some(_) => Some("no_mailbox"),
    };
    visit.log().write(&Event {
        instance: account.instance.as_ref().map(|instance| instance.id.as_str()),
        agent: account.agent.as_ref().map(|agent| agent.username.as_str()),
        reason,
        ..visit.event("reset_asked")
    });
}

/// The message with the link, if there is an agent with a mailbox and an address for the link to begin with.
fn mail(visit: &Visit<'_>, account: &Account, secret: String) -> Option<Message> {
    let (agent, instance) = (account.active()?, account.instance.as_deref()?);
    let address = instance.address.as_ref()?;
    let link = ResetLink { instance: agent.instance.clone(), agent: agent.username.clone(), secret };
    // The install's own address, whichever page was used: it says which install is meant.
    let home = Home::of(&visit.spelling).page(Page::Reset);
    let link = [address.as_str(), &home, "?link=", &link.text()].concat();
    to_mailbox(visit, agent, instance, message::Purpose::ResetLink, |to| to.reset_link(&link))
}

//! Installs whose agents sign in at `OneContactLogin`: sending agents there, and taking them back with a session.

use std::rc::Rc;

use kv_schema::directory::{Agent, Client, Install, LoginSite};
use kv_schema::names::{ClientId, HostName, Username};
use onecontact_domain::address::{Home, Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::login::{Filled, Notice};
use onecontact_domain::openid::Params;
use onecontact_domain::own_client::{self, Back, Departure, FlowClaims};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Proved};
use onecontact_templates::{AwayPage, EntryPage, NotePage, Told};

use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::login::{self, Proven};
use crate::openid::grant::{self, Redeemed};
use crate::visit::Visit;

/// Whether the install's agents sign in at `OneContactLogin`.
pub(crate) fn is_away(visit: &Visit<'_>) -> bool {
    visit.install().is_ok_and(|install| install.uses_onecontact_login)
}

/// Sends an agent off to sign in; `username` is given if it is known, as they sign in again. They start at the host
/// that they come back to: the browser holds what identifies them there.
pub(crate) async fn send(visit: &Visit<'_>, next: &Next, username: Option<&Username>) -> Result<Reply, Problem> {
    let (site, install) = (site(visit).await?, visit.install()?);
    let address = own_client::address(&site, visit.instance.as_deref());
    if address.authority() != visit.asked.host() {
        return Ok(Reply::to_application([address.as_str(), &visit.home.start_then(next)].concat()));
    }
    let instance = visit.instance.as_deref();
    let departure = Departure { site: &site, install, instance, username, next: next.text() };
    let (flow, to) = departure.begin([random_bits(), random_bits(), random_bits()]);
    let now = visit.asked.now();
    let flow = token::seal(&visit.bindings.keys, &flow, now).map_err(|error| Problem::defect(&error))?;
    let (_, set_browser) = login::mark(visit);
    Ok(Reply::to_application(to).with_cookies([cookies::set_flow(&visit.name(), flow)]).with_cookies(set_browser))
}

/// What the login page would say, for an install that has none, with the way to sign in again.
pub(crate) fn told(visit: &Visit<'_>, notice: Notice, next: Option<&Next>) -> Result<Reply, Problem> {
    let start = next.map_or_else(|| visit.home.path().to_owned(), |next| visit.home.start_then(next));
    let reply = Reply::page(200, |nonce| {
        let instance_name = visit.instance.as_ref().map(|instance| instance.display_name.as_str());
        AwayPage { frame: visit.form_frame(nonce), instance_name, notice, start: &start }.document()
    });
    reply.map_err(|error| Problem::defect(&error))
}

/// `<home>/signed-in`: an agent comes back, with a code if they have signed in.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let site = site(visit).await?;
    let asked = visit.asked;
    let flow = asked.cookies().flow(&visit.name());
    let flow = flow.and_then(|flow| token::open::<FlowClaims>(&visit.bindings.keys, flow, asked.now()).ok());
    let flow = flow.map(|opened| opened.claims);
    let answered = match Back::read(asked.query(), flow.as_ref(), &site, &visit.spelling) {
        // Somebody has gone back to an earlier form and signed in there: they are sent again, not told that it failed,
        // because their sign-in stands. If this browser kept no cookies, that would never end.
        Back::Stale(reason) if asked.cookies().browser().is_some() => {
            note_refusal(visit, reason);
            let next = flow.map_or(Next::Page(Page::Desktop), |flow| visit.home.next(&flow.next));
            return send(visit, &next, None).await;
        }
        Back::Refused(reason) | Back::Stale(reason) => refused(visit, reason),
        // Nothing is used up: whoever goes back to the form may still sign in there.
        Back::Cancelled => return note(visit, 200, Told::Cancelled),
        Back::Code { code, challenge } => match &flow {
            Some(flow) => take(visit, &site, flow, &code, &challenge).await,
            None => refused(visit, "no_flow"),
        },
    };
    Ok(answered?.with_cookies([cookies::clear_flow(&visit.name())]))
}

/// Opens a session with what the code stands for.
async fn take(
    visit: &Visit<'_>,
    site: &LoginSite,
    flow: &FlowClaims,
    code: &str,
    challenge: &str,
) -> Result<Reply, Problem> {
    let install = visit.install()?;
    let id = own_client::id_of(&install.name);
    let Some(client) = id.and_then(|id| own_client::client(site, install, id, visit.instance.as_deref())) else {
        return refused(visit, "no_client");
    };
    let redeemed = grant::redeem(visit.bindings, &client, code, (&flow.redirect_uri, challenge), true).await?;
    let redeemed = match redeemed {
        Ok(redeemed) => redeemed,
        Err(denied) => return refused(visit, denied.why.name()),
    };
    let arrived = arrive(visit, flow, &redeemed).await;
    if let Err(Problem::Unavailable(_)) = arrived {
        redeemed.give_back(visit).await;
    }
    arrived
}

/// Opens a session for the agent who has signed in.
async fn arrive(visit: &Visit<'_>, flow: &FlowClaims, redeemed: &Redeemed) -> Result<Reply, Problem> {
    let Redeemed { grant, sign_in, .. } = redeemed;
    let instance = visit.directory.instance(&grant.instance).await?;
    let is_here = visit.instance.as_ref().is_none_or(|here| here.id == grant.instance);
    let is_served = match &instance {
        Some(instance) => is_here && visit.serves(instance)?,
        None => false,
    };
    if !is_served {
        return refused(visit, "other_instance");
    }
    let agent = visit.directory.agent(&grant.instance, &grant.agent).await?.filter(|agent| !agent.disabled);
    let Some(agent) = agent else { return refused(visit, "unknown_account") };
    let is_allowed = visit.install()?.allow_extension_configuration;
    let extension = grant.extension.clone().filter(|_| is_allowed);
    let proven = Proven {
        filled: Filled::of(agent.username.as_str(), extension.as_ref()),
        extension,
        resumes: None,
        proof: Proved { auth_time: sign_in.auth_time, amr: sign_in.amr.clone(), sign_in: Some(sign_in.id.clone()) },
        notice: None,
        next: visit.home.next(&flow.next),
        work: Work::default(),
    };
    // Chosen on the pages of another host, which has its own cookies. What was chosen here takes precedence.
    let chosen = grant.language.filter(|_| visit.asked.cookies().language().is_none());
    Ok(login::authenticated(visit, &agent, proven).await?.with_cookies(chosen.map(cookies::set_language)))
}

/// The page for whatever kept an agent from coming back signed in. The reason is for the log.
fn refused(visit: &Visit<'_>, reason: &'static str) -> Result<Reply, Problem> {
    note_refusal(visit, reason);
    note(visit, 400, Told::NotSignedIn)
}

fn note_refusal(visit: &Visit<'_>, reason: &'static str) {
    visit.log().write(&Event { reason: Some(reason), ..visit.event("sign_in_refused") });
}

fn note(visit: &Visit<'_>, status: u16, told: Told) -> Result<Reply, Problem> {
    let reply = Reply::page(status, |nonce| NotePage { frame: visit.form_frame(nonce), told }.document());
    reply.map_err(|error| Problem::defect(&error))
}

async fn site(visit: &Visit<'_>) -> Result<Rc<LoginSite>, Problem> {
    let missing = || Problem::Misconfigured("an install uses OneContactLogin, and there is no record of it".to_owned());
    visit.directory.login_site().await?.ok_or_else(missing)
}

/// The install that `id` stands for as an application, if it does, and what it may ask for. The request itself says
/// which instance's address agents may go back to.
pub(crate) async fn find(
    visit: &Visit<'_>,
    id: &ClientId,
    params: &Params,
) -> Result<Option<(Rc<Install>, Client)>, Problem> {
    let (Some(name), Some(site)) = (own_client::install_of(id), visit.login_site()) else { return Ok(None) };
    let install = visit.directory.install(&name).await?.filter(|install| install.uses_onecontact_login);
    let Some(install) = install else { return Ok(None) };
    let host = params.get("redirect_uri").and_then(own_client::host_of);
    let host = match host.filter(|host| HostName::parse(host).is_ok()) {
        Some(host) => visit.directory.host(host).await?,
        None => None,
    };
    let instance = match host {
        Some(host) => visit.directory.instance(&host.instance).await?,
        None => None,
    };
    let instance = instance.filter(|instance| onecontact_domain::resolve::is_served(instance, &install));
    let client = own_client::client(site, &install, id.clone(), instance.as_deref());
    Ok(client.map(|client| (install, client)))
}

/// Where an agent who is signed in at `OneContactLogin` finds their desktop: at the first of their instance's installs
/// that uses it.
pub(crate) async fn desktop(visit: &Visit<'_>, agent: &Agent) -> Result<Option<String>, Problem> {
    let (Some(site), Some(instance)) = (visit.login_site(), visit.directory.instance(&agent.instance).await?) else {
        return Ok(None);
    };
    for name in &instance.installs {
        let install = visit.directory.install(name).await?.filter(|install| install.uses_onecontact_login);
        if let Some(install) = install {
            let (home, address) = (Home::of(&install.name), own_client::address(site, Some(&instance)));
            let is_here = address == &site.address;
            let origin = if is_here { "" } else { address.as_str() };
            return Ok(Some([origin, home.path()].concat()));
        }
    }
    Ok(None)
}

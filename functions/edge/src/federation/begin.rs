//! Sending an agent to their instance's provider to sign in.

use std::rc::Rc;

use kv_schema::directory::{Instance, Provider};
use kv_schema::names::{ClientId, Extension, InstanceName};
use onecontact_domain::address::{self, Next, Page, query_value};
use onecontact_domain::cookies;
use onecontact_domain::federation::{self, Client, Refusal, Wishes};
use onecontact_domain::own_client;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::ErrandClaims;
use onecontact_templates::{EntryPage, ProviderPage};

use super::{Failure, ask, begun_again, extension, failed, sealed};
use crate::bindings::random_bits;
use crate::http::Reply;
use crate::onecontact_login::Way;
use crate::visit::Visit;
use crate::{login, step};

/// Bytes of the longest token of an errand: with its name it has to fit into a cookie.
pub(super) const LONGEST_TOKEN: usize = 3_900;

/// The instance that the address or a typed name stands for, if it has a provider of its own. An unknown name takes the
/// same look-ups.
pub(crate) async fn elsewhere(
    visit: &Visit<'_>,
    tenant: Option<&InstanceName>,
) -> Result<Option<Rc<Instance>>, Problem> {
    let instance = match (&visit.instance, tenant) {
        (Some(instance), _) => Some(Rc::clone(instance)),
        (None, Some(name)) => visit.instance_called(name).await?,
        (None, None) => None,
    };
    match instance.filter(|instance| instance.provider.is_some()) {
        Some(instance) if visit.serves(&instance)? => Ok(Some(instance)),
        _ => Ok(None),
    }
}

/// Sends the agent to the provider of `instance`: at once if an application sent them here; by way of a page if they
/// came by themselves, or may type an extension first.
pub(crate) async fn begin(
    visit: &Visit<'_>,
    instance: &Instance,
    next: Option<Next>,
    is_signed_out: bool,
) -> Result<Reply, Problem> {
    let next = next.unwrap_or(Next::Page(Page::Start));
    let way = Way::of(visit, Some(&next)).await?;
    let is_asked = visit.asked.is_reading() && matches!(next, Next::Application(_));
    let reply = if way.allows_extension() {
        let filled = visit.asked.cookies().remembered(&visit.name()).unwrap_or_default();
        let (errand, set_browser) = new_errand(visit, instance, &next, None);
        let errand = ErrandClaims { failed: true, ..errand };
        extension::page(visit, 200, instance, &errand, &way, (&filled, &[]))?.with_cookies(set_browser)
    } else if is_asked {
        sent(visit, instance, &next, wishes(visit, &next), None).await?
    } else {
        let (errand, set_browser) = new_errand(visit, instance, &next, None);
        leading_on(visit, instance, errand, is_signed_out)?.with_cookies(set_browser)
    };
    Ok(reply.with_cookies(step::forgotten(visit)))
}

/// The page that leads to the provider with what `errand` begins with. After a form it leads on by itself, because
/// browsers let a form redirect to no other site.
pub(super) fn leading_on(
    visit: &Visit<'_>,
    instance: &Instance,
    errand: ErrandClaims,
    is_signed_out: bool,
) -> Result<Reply, Problem> {
    let Some(provider) = &instance.provider else { return Err(Problem::UnknownPage) };
    let token = sealed(visit, &ErrandClaims { failed: true, ..errand })?;
    let page = Reply::page(200, |nonce| {
        let (frame, instance_name) = (visit.form_frame(nonce), &*instance.display_name);
        ProviderPage { frame, instance_name, provider: &provider.name, signed_out: is_signed_out }.document()
    });
    let page = page.map_err(|error| Problem::defect(&error))?.with_cookies([cookies::set_failed_errand(token)]);
    if visit.asked.is_reading() {
        return Ok(page);
    }
    Ok(page.with("refresh", ["0; url=", &visit.home.page(Page::Callback), "?go=1"].concat()))
}

/// What an application asks of a sign-in that only the provider can give.
pub(super) fn wishes(visit: &Visit<'_>, next: &Next) -> Wishes {
    let language = Some(visit.language);
    let Next::Application(query) = next else { return Wishes { language, ..Wishes::default() } };
    let prompts = query_value(query, "prompt").unwrap_or_default();
    let prompt = prompts.split(' ').find_map(|prompt| match prompt {
        "login" => Some("login"),
        "select_account" => Some("select_account"),
        _ => None,
    });
    // One of our installs uses the agent's name here, which need not be their name there.
    let login_hint = query_value(query, "login_hint").filter(|_| !is_of_install(query));
    Wishes { login_hint, max_age: max_age(next), prompt, language }
}

/// Whether the provider has to say when the agent signed in: yes, unless it is for one of our installs.
pub(super) fn has_to_say_when(next: &Next) -> bool {
    let Next::Application(query) = next else { return false };
    !is_of_install(query)
}

/// Whether one of our installs sent the agent.
fn is_of_install(query: &str) -> bool {
    let client = query_value(query, "client_id").and_then(|id| ClientId::parse(&id).ok());
    client.is_some_and(|client| own_client::install_of(&client).is_some())
}

/// The greatest age of a sign-in that an application accepts, in seconds, if it says so.
pub(super) fn max_age(next: &Next) -> Option<u64> {
    match next {
        Next::Application(query) => query_value(query, "max_age")?.parse().ok(),
        Next::Page(_) => None,
    }
}

/// A new errand at the provider of `instance`, in this browser, which is given a mark now if it has none.
fn new_errand(
    visit: &Visit<'_>,
    instance: &Instance,
    next: &Next,
    extension: Option<Extension>,
) -> (ErrandClaims, Option<String>) {
    let (browser, set_browser) = login::mark(visit);
    let errand = ErrandClaims {
        id: cookies::mark(random_bits()),
        instance: instance.id.clone(),
        install: visit.name(),
        browser,
        next: next.text(),
        extension,
        slot: visit.asked.cookies().free_slot(),
        failed: false,
        request: None,
        is_outage: false,
    };
    (errand, set_browser)
}

/// A redirect to the provider, or the page that says why there is none.
pub(super) async fn sent(
    visit: &Visit<'_>,
    instance: &Instance,
    next: &Next,
    wishes: Wishes,
    extension: Option<Extension>,
) -> Result<Reply, Problem> {
    let (errand, set_browser) = new_errand(visit, instance, next, extension);
    let reply = match away(visit, instance, &errand, &wishes).await {
        Ok(away) => {
            let token = sealed(visit, &errand)?;
            if token.len() > LONGEST_TOKEN {
                return Err(Problem::TooLarge);
            }
            Reply::see_other(&away).with_cookies([cookies::set_errand(errand.slot, token)])
        }
        Err(failure) => {
            let page = failed(visit, Some(instance), &failure);
            page.with_cookies(begun_again(visit, errand, failure.refusal)?)
        }
    };
    Ok(reply.with_cookies(set_browser))
}

async fn away(
    visit: &Visit<'_>,
    instance: &Instance,
    errand: &ErrandClaims,
    wishes: &Wishes,
) -> Result<String, Failure> {
    let (provider, redirect_uri) = client_of(visit, instance).ok_or(Refusal::OtherPlace)?;
    let discovered = ask::discovered(provider).await?;
    let secrets = errand.secrets(&visit.bindings.keys, provider, visit.asked.now()).ok_or(Refusal::NoProof)?;
    let client = Client { provider, redirect_uri: &redirect_uri };
    Ok(federation::authorization(&discovered, client, &secrets, wishes))
}

/// The provider, and the address that it sends agents back to.
pub(super) fn client_of<'i>(visit: &Visit<'_>, instance: &'i Instance) -> Option<(&'i Provider, String)> {
    Some((instance.provider.as_ref()?, address::callback(visit.login_site()?)))
}

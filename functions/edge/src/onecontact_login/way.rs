//! Where somebody who signs in is going: what pages show of an application's request.

use std::rc::Rc;

use kv_schema::directory::{Client, Install, Instance};
use kv_schema::names::ClientId;
use onecontact_domain::address::{Next, Page};
use onecontact_domain::openid::{self, Params, Request};
use onecontact_domain::problem::Problem;
use onecontact_domain::resolve;

use crate::own_client;
use crate::visit::Visit;

/// Where somebody who signs in is going.
#[derive(Default)]
pub(crate) struct Way {
    /// The application's name.
    pub(crate) application: Option<String>,
    /// Where whoever does not want to sign in goes.
    pub(crate) cancel: Option<String>,
    /// The install, if the application is one.
    install: Option<Rc<Install>>,
    client: Option<Rc<Client>>,
    /// The origin that a form may finally lead to.
    origin: Option<String>,
    /// Whether a second step has to be taken.
    pub(crate) wants_second_step: bool,
}

impl Way {
    /// Reads it. A request that leads nowhere is dealt with where it is answered.
    pub(crate) async fn of(visit: &Visit<'_>, next: Option<&Next>) -> Result<Self, Problem> {
        let (Some(Next::Application(query)), Some(_)) = (next, visit.login_site()) else { return Ok(Self::default()) };
        let Ok((params, id)) = openid::asked(query) else { return Ok(Self::default()) };
        let Some((install, client)) = client(visit, &id, &params).await? else { return Ok(Self::default()) };
        let Ok(request) = Request::read(&params, &client) else { return Ok(Self::default()) };
        Ok(Self {
            application: Some(client.display_name.clone()),
            cancel: Some([&visit.home.page(Page::Cancel), "?", query].concat()),
            install,
            origin: Some(request.redirect_uri.origin().to_owned()),
            wants_second_step: request.wants_second_step,
            client: Some(client),
        })
    }

    /// The install that it leads to, if it leads to one.
    pub(crate) fn install(&self) -> Option<&Install> {
        self.install.as_deref()
    }

    /// Whether an extension may be typed.
    pub(crate) fn allows_extension(&self) -> bool {
        self.install().is_some_and(|install| install.allow_extension_configuration)
    }

    /// Whether agents of `instance` may go there.
    pub(crate) fn is_for(&self, instance: &Instance) -> bool {
        self.install.as_ref().is_none_or(|install| resolve::is_served(instance, install))
            && self.client.as_ref().is_none_or(|client| client.is_for(&instance.id))
    }

    /// The page, with a form that may lead there.
    pub(crate) fn allowed_by(&self, page: crate::http::Reply) -> crate::http::Reply {
        match &self.origin {
            Some(origin) => page.leading_to(origin),
            None => page,
        }
    }
}

/// The client with that id: an install, or a declared client.
pub(crate) async fn client(
    visit: &Visit<'_>,
    id: &ClientId,
    params: &Params,
) -> Result<Option<(Option<Rc<Install>>, Rc<Client>)>, Problem> {
    if let Some((install, client)) = own_client::find(visit, id, params).await? {
        return Ok(Some((Some(install), Rc::new(client))));
    }
    Ok(visit.directory.client(id).await?.map(|client| (None, client)))
}

//! A request to an install, or to `OneContactLogin`: what is known of it before its page is considered.

use std::rc::Rc;

use kv_schema::Language;
use kv_schema::directory::{Install, Instance, LoginSite};
use kv_schema::names::{InstallName, InstallSpelling, InstanceId, InstanceName};
use onecontact_domain::address::{Home, Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::openid::Params;
use onecontact_domain::problem::Problem;
use onecontact_domain::resolve;
use onecontact_domain::token::SessionClaims;
use onecontact_templates::Frame;

use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::http::{Asked, Reply};
use crate::log::{Event, Log};
use crate::page;
use crate::session::NoSession;

/// What a request is addressed to.
pub(crate) enum Front {
    Install(Rc<Install>),
    /// An install whose record could not be read: whoever needs the record answers with the problem.
    Unread(Problem),
    Login(Rc<LoginSite>),
}

/// A request to an install that exists, or to `OneContactLogin`.
pub(crate) struct Visit<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) bindings: &'a Bindings,
    pub(crate) directory: Directory<'a>,
    pub(crate) spelling: InstallSpelling,
    pub(crate) home: Home,
    front: Front,
    /// The instance that the address stands for; `None` if it does not say.
    pub(crate) instance: Option<Rc<Instance>>,
    pub(crate) language: Language,
}

impl<'a> Visit<'a> {
    /// Finds the install and the instance that the address stands for. If the directory does not answer, a session goes
    /// on by its token alone (C1, C3).
    pub(crate) async fn begin(asked: &'a Asked, bindings: &'a Bindings, name: &InstallName) -> Result<Self, Problem> {
        match Self::look_up(asked, bindings, name).await {
            Err(problem @ Problem::Unavailable(_)) => Self::of_token(asked, bindings, name, problem),
            found => found,
        }
    }

    async fn look_up(asked: &'a Asked, bindings: &'a Bindings, name: &InstallName) -> Result<Self, Problem> {
        let directory = Directory::new(bindings, asked.now());
        let has_session = asked.is_reading() && asked.cookies().session(name).is_some();
        let directory = if has_session { directory.in_a_hurry() } else { directory };
        let install = directory.install(name).await?.ok_or(Problem::UnknownInstall)?;
        let instance = resolve_instance(directory, asked.host(), &install).await?;
        let set = install.language.or(instance.as_ref().and_then(|instance| instance.language));
        let language = asked.language(set);
        let (spelling, home) = (install.name.clone(), Home::of(&install.name));
        Ok(Self { asked, bindings, directory, spelling, home, front: Front::Install(install), instance, language })
    }

    fn of_token(
        asked: &'a Asked,
        bindings: &'a Bindings,
        name: &InstallName,
        problem: Problem,
    ) -> Result<Self, Problem> {
        let opened = asked.cookies().session(name).and_then(|token| {
            let session = bindings.open_session(token, asked.now()).ok()?;
            session.held_against(name, None, asked.now()).ok()
        });
        let Some(session) = opened else { return Err(problem) };
        page::note(asked, Some(bindings), None, &problem);
        let directory = Directory::new(bindings, asked.now()).in_a_hurry();
        let (spelling, language) = (session.claims.install, asked.language(None));
        let home = Home::of(&spelling);
        Ok(Self { asked, bindings, directory, spelling, home, front: Front::Unread(problem), instance: None, language })
    }

    /// Begins a visit to `OneContactLogin`, and finds the instance that the address stands for.
    pub(crate) async fn begin_login(asked: &'a Asked, bindings: &'a Bindings) -> Result<Self, Problem> {
        let directory = Directory::new(bindings, asked.now());
        let site = directory.login_site().await?.ok_or(Problem::UnknownPage)?;
        // Its own address is for every tenant, whatever else is declared for it.
        let host = if asked.host() == site.address.authority() { None } else { directory.host(asked.host()).await? };
        let instance = match host {
            Some(host) => directory.instance(&host.instance).await?.filter(|instance| !instance.retired),
            None => None,
        };
        let set = site.language.or(instance.as_ref().and_then(|instance| instance.language));
        let (language, spelling) = (asked.language(set), InstallSpelling::login());
        let home = Home::of(&spelling);
        Ok(Self { asked, bindings, directory, spelling, home, front: Front::Login(site), instance, language })
    }

    /// The install's record.
    pub(crate) fn install(&self) -> Result<&Install, Problem> {
        match &self.front {
            Front::Install(install) => Ok(install),
            Front::Unread(problem) => Err(problem.clone()),
            Front::Login(_) => Err(Problem::UnknownPage),
        }
    }

    /// The record of `OneContactLogin`, if this is a visit to it.
    pub(crate) fn login_site(&self) -> Option<&LoginSite> {
        match &self.front {
            Front::Login(site) => Some(site),
            Front::Install(_) | Front::Unread(_) => None,
        }
    }

    /// The instance of this name. An unknown name takes as many look-ups.
    pub(crate) async fn instance_called(&self, name: &InstanceName) -> Result<Option<Rc<Instance>>, Problem> {
        let named = self.directory.instance_by_name(name).await?.map(|named| named.instance);
        self.directory.instance(&named.unwrap_or_else(InstanceId::nobody)).await
    }

    /// Whether agents of `instance` may sign in here.
    pub(crate) fn serves(&self, instance: &Instance) -> Result<bool, Problem> {
        match &self.front {
            Front::Login(_) => Ok(!instance.retired),
            Front::Install(_) | Front::Unread(_) => Ok(resolve::is_served(instance, self.install()?)),
        }
    }

    /// The install's name, as cookies and tokens carry it.
    pub(crate) fn name(&self) -> InstallName {
        self.spelling.name()
    }

    /// The frame of every page of this visit.
    pub(crate) fn frame<'b>(&'b self, nonce: &'b str) -> Frame<'b> {
        Frame {
            language: self.language,
            nonce,
            home: Some(self.home.path()),
            path: self.asked.own_path(),
            is_answer: !self.asked.is_reading(),
        }
    }

    /// The frame of a page at `path`, whichever path was requested.
    pub(crate) fn frame_of<'b>(&'b self, nonce: &'b str, path: &'b str) -> Frame<'b> {
        Frame { path, ..self.frame(nonce) }
    }

    /// The frame of a page that answers a form: it cannot be reached by a link, so the links to other languages lead to
    /// where the form began.
    pub(crate) fn form_frame<'b>(&'b self, nonce: &'b str) -> Frame<'b> {
        self.frame_of(nonce, self.home.path())
    }

    /// The frame of a session's page: as [`Self::frame`], in the agent's own language unless another one was chosen in
    /// this browser.
    pub(crate) fn session_frame<'b>(&'b self, session: &SessionClaims, nonce: &'b str) -> Frame<'b> {
        let language = self.asked.cookies().language().or(session.language).unwrap_or(self.language);
        Frame { language, ..self.frame(nonce) }
    }

    /// Redirects to the address as it should be: in its canonical spelling, with a newly chosen language in a cookie
    /// instead of in the address.
    pub(crate) fn tidy_address(&self, page: Page) -> Option<Reply> {
        if !self.asked.is_reading() {
            return None;
        }
        let canonical = self.home.page(page);
        let at = |query: &str| [&*canonical, if query.is_empty() { "" } else { "?" }, query].concat();
        let query = self.asked.query();
        let chosen = self.asked.query_value("lang").and_then(|tag| Language::from_tag(&tag));
        if let Some(language) = chosen {
            let to = at(&Params::parse(query.as_bytes()).without("lang").query());
            return Some(Reply::see_other(&to).with_cookies([cookies::set_language(language)]));
        }
        (self.asked.path() != canonical).then(|| Reply::found(&at(query)))
    }

    /// Sends the browser to the login page and, from there, back to `next`. A token that was not accepted is cleared.
    pub(crate) fn to_login(&self, next: Page, why: NoSession) -> Reply {
        let start = self.home.start_then(&Next::Page(next));
        let reason = match why {
            NoSession::NoToken => return Reply::see_other(&start),
            NoSession::Rejected(_) | NoSession::Over(None) => "1",
            NoSession::Over(Some(reason)) => reason.name(),
        };
        Reply::see_other(&format!("{start}&over={reason}")).with_cookies([cookies::clear_session(&self.name())])
    }

    pub(crate) fn log(&self) -> Log<'_> {
        Log { asked: self.asked, events: Some(&self.bindings.events) }
    }

    /// An event of this visit.
    pub(crate) fn event(&self, name: &'static str) -> Event<'_> {
        Event {
            install: Some(self.name()),
            instance: self.instance.as_ref().map(|instance| instance.id.as_str()),
            ..Event::new(name)
        }
    }
}

async fn resolve_instance(
    directory: Directory<'_>,
    host: &str,
    install: &Install,
) -> Result<Option<Rc<Instance>>, Problem> {
    let host = directory.host(host).await?;
    for id in resolve::candidates(host.as_deref(), install)? {
        let instance = directory.instance(&id).await?;
        if let Some(instance) = instance.filter(|instance| resolve::is_served(instance, install)) {
            return Ok(Some(instance));
        }
    }
    Ok(None)
}

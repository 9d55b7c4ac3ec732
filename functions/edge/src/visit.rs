//! A request to an install: what is known of it before its page is looked at.

use std::rc::Rc;

use kv_schema::Language;
use kv_schema::directory::{Install, Instance};
use kv_schema::names::{InstallName, InstallSpelling};
use onecontact_domain::address::{Home, Page, after_login};
use onecontact_domain::cookies;
use onecontact_domain::problem::Problem;
use onecontact_domain::resolve;
use onecontact_domain::token::{self, Opened, Rejection, SessionClaims};
use onecontact_templates::Frame;

use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::http::{Asked, Reply};
use crate::log::{Event, Log};
use crate::{page, sessions};

/// A request to an install that is there.
pub(crate) struct Visit<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) bindings: &'a Bindings,
    pub(crate) directory: Directory<'a>,
    pub(crate) spelling: InstallSpelling,
    pub(crate) home: Home,
    /// The install's record, or why it could not be read: whoever needs it answers with that.
    install: Result<Rc<Install>, Problem>,
    /// The instance that the address stands for; `None` where it does not tell.
    pub(crate) instance: Option<Rc<Instance>>,
    pub(crate) language: Language,
}

/// Why there is no session to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSession {
    /// The browser showed no token.
    NoToken,
    /// It showed one that is not accepted.
    Rejected(Rejection),
    /// The session was ended.
    Revoked,
}

impl<'a> Visit<'a> {
    /// Finds the install and the instance that the address stands for. Where the directory does not answer, a session
    /// goes on by its token alone (C1, C3).
    pub(crate) async fn begin(asked: &'a Asked, bindings: &'a Bindings, name: &InstallName) -> Result<Self, Problem> {
        match Self::look_up(asked, bindings, name).await {
            Err(problem @ Problem::Unavailable(_)) => Self::of_token(asked, bindings, name, problem),
            found => found,
        }
    }

    async fn look_up(asked: &'a Asked, bindings: &'a Bindings, name: &InstallName) -> Result<Self, Problem> {
        let directory = Directory::new(&bindings.directory, asked.now());
        let install = directory.install(name).await?.ok_or(Problem::UnknownInstall)?;
        let instance = resolve_instance(directory, asked.host(), &install).await?;
        let set = install.language.or(instance.as_ref().and_then(|instance| instance.language));
        let language = asked.language(set);
        let (spelling, home) = (install.name.clone(), Home::of(&install.name));
        Ok(Self { asked, bindings, directory, spelling, home, install: Ok(install), instance, language })
    }

    fn of_token(
        asked: &'a Asked,
        bindings: &'a Bindings,
        name: &InstallName,
        problem: Problem,
    ) -> Result<Self, Problem> {
        let opened = asked.cookies().session(name).and_then(|token| {
            let session = token::open::<SessionClaims>(&bindings.keys, token, asked.now()).ok()?;
            session.held_against(name, None, asked.now()).ok()
        });
        let Some(session) = opened else { return Err(problem) };
        page::note(asked, Some(bindings), None, &problem);
        let directory = Directory::new(&bindings.directory, asked.now());
        let (spelling, language) = (session.claims.install, asked.language(None));
        let home = Home::of(&spelling);
        Ok(Self { asked, bindings, directory, spelling, home, install: Err(problem), instance: None, language })
    }

    /// The install's record.
    pub(crate) fn install(&self) -> Result<&Install, Problem> {
        self.install.as_deref().map_err(Clone::clone)
    }

    /// The install's name, as cookies and tokens carry it.
    pub(crate) fn name(&self) -> InstallName {
        self.spelling.name()
    }

    /// What every page of this visit is framed by.
    pub(crate) fn frame<'b>(&'b self, nonce: &'b str) -> Frame<'b> {
        Frame { language: self.language, nonce, home: Some(self.home.path()), path: self.asked.own_path() }
    }

    /// What a page of a session is framed by: as [`Self::frame`], in the agent's own language where nobody has chosen
    /// another one in this browser.
    pub(crate) fn session_frame<'b>(&'b self, session: &SessionClaims, nonce: &'b str) -> Frame<'b> {
        let language = self.asked.cookies().language().or(session.language).unwrap_or(self.language);
        Frame { language, ..self.frame(nonce) }
    }

    /// Redirects to the address as it should be: in its canonical spelling, and with a language that was just chosen
    /// kept in a cookie instead of the address.
    pub(crate) fn tidy_address(&self, page: Page) -> Option<Reply> {
        if !self.asked.is_reading() {
            return None;
        }
        let canonical = self.home.page(page);
        let chosen = self.asked.query_value("lang").and_then(|tag| Language::from_tag(&tag));
        if let Some(language) = chosen {
            let next = self.asked.query_value("next");
            let to = next.map_or(canonical, |next| self.home.start_then(after_login(&next)));
            return Some(Reply::see_other(&to).with_cookies([cookies::set_language(language)]));
        }
        if self.asked.path() == canonical {
            return None;
        }
        let query = self.asked.query();
        let mark = if query.is_empty() { "" } else { "?" };
        Some(Reply::found(&format!("{canonical}{mark}{query}")))
    }

    /// The session that the browser's token stands for. It takes no look-up but that for a tombstone.
    pub(crate) async fn session(&self) -> Result<Opened<SessionClaims>, NoSession> {
        let token = self.asked.cookies().session(&self.name()).ok_or(NoSession::NoToken)?;
        let now = self.asked.now();
        let instance = self.instance.as_ref().map(|instance| &instance.id);
        let session = token::open::<SessionClaims>(&self.bindings.keys, token, now)
            .and_then(|opened| opened.held_against(&self.name(), instance, now))
            .map_err(|rejection| self.note_rejection(rejection))?;
        if !self.is_served(&session.claims).await {
            return Err(self.note_rejection(Rejection::OtherInstance));
        }
        if sessions::is_revoked(&self.bindings.sessions, &session.claims.sid, now).await {
            return Err(NoSession::Revoked);
        }
        Ok(session)
    }

    /// Whether the install still serves the session's instance, as far as the directory can tell. Where the address
    /// stands for the instance, that has been looked at.
    async fn is_served(&self, session: &SessionClaims) -> bool {
        let (None, Ok(install)) = (&self.instance, &self.install) else { return true };
        match self.directory.instance(&session.instance).await {
            // Instances are retired, never removed: one that is not there is one that KV does not show yet.
            Ok(instance) => instance.is_none_or(|instance| resolve::is_served(&instance, install)),
            Err(_) => true,
        }
    }

    fn note_rejection(&self, rejection: Rejection) -> NoSession {
        // A session that is just over is everyday; anything else somebody may want to know of.
        if !matches!(rejection, Rejection::Expired | Rejection::PastHardEnd) {
            self.log().write(&Event { reason: Some(&rejection.to_string()), ..self.event("token_rejected") });
        }
        NoSession::Rejected(rejection)
    }

    /// A fresh cookie for a session past half its life.
    pub(crate) fn renewal(&self, session: &Opened<SessionClaims>) -> Option<String> {
        let now = self.asked.now();
        if !session.is_due_for_renewal(now) {
            return None;
        }
        let token = token::seal(&self.bindings.keys, &session.claims, now).ok()?;
        Some(cookies::set_session(&self.name(), token))
    }

    /// Sends the browser to the login page and, after it, back to `next`. A token that was not accepted is taken away.
    pub(crate) fn to_login(&self, next: Page, why: NoSession) -> Reply {
        let start = self.home.start_then(next);
        match why {
            NoSession::NoToken => Reply::see_other(&start),
            NoSession::Rejected(_) | NoSession::Revoked => {
                Reply::see_other(&format!("{start}&over=1")).with_cookies([cookies::clear_session(&self.name())])
            }
        }
    }

    pub(crate) fn log(&self) -> Log<'_> {
        Log { asked: self.asked, events: Some(&self.bindings.events) }
    }

    /// An event of this visit.
    pub(crate) fn event(&self, name: &'static str) -> Event<'_> {
        Event {
            install: Some(self.spelling.as_str()),
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

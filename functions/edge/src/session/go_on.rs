//! Continuing the session that a browser's token stands for.

use std::rc::Rc;

use futures_util::future::join;
use kv_schema::directory::Agent;
use kv_schema::sessions::EndReason;
use onecontact_domain::cookies;
use onecontact_domain::desk::{Answer, Ask, Ended, Ending, Policy, Standing, Visitor};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Opened, Rejection, SessionClaims};
use onecontact_domain::{resolve, token::recall_session};

use super::{Going, NoSession, rejected, tombstone};
use crate::bell::within;
use crate::desk;
use crate::log::Event;
use crate::page;
use crate::visit::Visit;

/// Milliseconds that a page waits for the desk.
const DESK_LIMIT: f64 = 1_500.0;

/// Why a session cannot be said for certain to go on.
pub(crate) enum Unsure {
    /// It does not; with what became of it, if the desk still knows.
    Over(NoSession, Option<Ended>),
    /// The desk cannot be asked.
    Unknown(Problem),
}

impl Visit<'_> {
    /// The session that the browser's token stands for. It takes no look-up but that for a tombstone; past half its
    /// life the token is renewed, if the desk agrees.
    pub(crate) async fn session(&self) -> Result<Going, NoSession> {
        let opened = self.token().await?;
        let now = self.asked.now();
        if opened.is_due_for_renewal(now) {
            match within(DESK_LIMIT, self.stand(&opened)).await {
                Some(Ok(standing)) => return Ok(self.renewed(opened, &standing)),
                Some(Err(Unsure::Over(over, _))) => return Err(over),
                // Not renewed: the other half of the token's life is left to ask again in.
                Some(Err(Unsure::Unknown(problem))) => self.note(&problem),
                None => self.note(&desk::silent()),
            }
        }
        match tombstone::find(&self.bindings.sessions, &opened.claims.sid, now).await {
            Some(reason) => Err(NoSession::Over(reason)),
            None => Ok(Going::as_it_is(opened)),
        }
    }

    /// The session, as the desk has it now.
    pub(crate) async fn exact_session(&self) -> Result<(Going, Standing), Unsure> {
        let opened = match self.token().await {
            Ok(opened) => opened,
            Err(why) => return Err(self.recall(why).await),
        };
        let standing = self.stand(&opened).await?;
        Ok((self.renewed(opened, &standing), standing))
    }

    /// The browser's token, opened: of this install, of an instance that this install serves, and in time.
    pub(crate) async fn token(&self) -> Result<Opened<SessionClaims>, NoSession> {
        let token = self.asked.cookies().session(&self.name()).ok_or(NoSession::NoToken)?;
        let now = self.asked.now();
        let instance = self.instance.as_ref().map(|instance| &instance.id);
        let opened = self
            .bindings
            .open_session(token, now)
            .and_then(|opened| opened.held_against(&self.name(), instance, now))
            .map_err(|rejection| self.note_rejection(rejection))?;
        if self.is_served(&opened.claims).await {
            Ok(opened)
        } else {
            Err(self.note_rejection(Rejection::OtherInstance))
        }
    }

    /// The session as it is shown to the desk; `agent` if their record is at hand.
    pub(crate) async fn visitor(&self, claims: &SessionClaims, agent: Option<&Agent>) -> Visitor {
        let instance = match &self.instance {
            Some(instance) if instance.id == claims.instance => Some(Rc::clone(instance)),
            _ => self.directory.instance(&claims.instance).await.ok().flatten(),
        };
        let policy = Policy::of(self.install().ok(), instance.as_deref(), agent);
        let workstation = self.asked.cookies().workstation();
        Visitor { workstation, ..Visitor::of(claims, self.asked.browser(), policy) }
    }

    /// Asks the desk whether the session goes on. If its agent has since been disabled or removed, it is ended there.
    async fn stand(&self, opened: &Opened<SessionClaims>) -> Result<Standing, Unsure> {
        let claims = &opened.claims;
        // Each look-up may be a continent away: neither waits for the other.
        let (over, is_dismissed) = join(self.heed(claims), self.is_dismissed(claims)).await;
        if let Some((over, ended)) = over {
            return Err(Unsure::Over(over, ended));
        }
        if is_dismissed {
            let (over, ended) = self.ended(claims, Some(EndReason::Disabled)).await;
            return Err(Unsure::Over(over, ended));
        }
        let ask = Ask::Stand(self.visitor(claims, None).await);
        match desk::ask(self.bindings, &claims.instance, &claims.agent, &ask).await {
            Ok(Answer::Stands(standing)) => Ok(standing),
            Ok(Answer::Over(ended)) => {
                let reason = ended.as_ref().map(|ended| ended.reason);
                tombstone::remember_over(&claims.sid, reason);
                Err(Unsure::Over(NoSession::Over(reason), ended))
            }
            Ok(_) => Err(Unsure::Unknown(desk::not_understood())),
            Err(problem) => Err(Unsure::Unknown(problem)),
        }
    }

    /// Looks for a tombstone.
    pub(crate) async fn heed(&self, claims: &SessionClaims) -> Option<(NoSession, Option<Ended>)> {
        let reason = tombstone::find(&self.bindings.sessions, &claims.sid, self.asked.now()).await?;
        Some(self.ended(claims, reason).await)
    }

    /// What became of a session that is over. The desk is told, because it may not have been reachable when the session
    /// was ended; it ends no other one, and says more about this one.
    async fn ended(&self, claims: &SessionClaims, reason: Option<EndReason>) -> (NoSession, Option<Ended>) {
        let ending = Ending::of(reason.unwrap_or(EndReason::SignedOut));
        for ask in [Ask::Heed { sid: claims.sid.clone(), ending }, Ask::Recall { sid: claims.sid.clone() }] {
            match desk::ask(self.bindings, &claims.instance, &claims.agent, &ask).await {
                Ok(Answer::Over(ended)) => return (NoSession::Over(reason), ended),
                Ok(_) => {}
                Err(problem) => self.note(&problem),
            }
        }
        (NoSession::Over(reason), None)
    }

    fn note(&self, problem: &Problem) {
        page::note(self.asked, Some(self.bindings), Some(self), problem);
    }

    /// Whether the directory says that the agent may not be signed in. If it does not answer, `false`.
    async fn is_dismissed(&self, claims: &SessionClaims) -> bool {
        let agent = self.directory.agent(&claims.instance, &claims.agent).await;
        agent.is_ok_and(|agent| claims.is_dismissed(agent.as_ref(), self.asked.now()))
    }

    fn renewed(&self, opened: Opened<SessionClaims>, standing: &Standing) -> Going {
        let now = self.asked.now();
        let renewed = opened.renewed(standing.hard_end, standing.extension.clone(), now);
        let Some(claims) = renewed else { return Going::as_it_is(opened) };
        let cookie = token::seal(&self.bindings.keys, &claims, now).ok();
        Going { claims, cookie: cookie.map(|token| cookies::set_session(&self.name(), token)) }
    }

    /// Asks the desk what became of a session whose token has expired.
    async fn recall(&self, why: NoSession) -> Unsure {
        let claims = matches!(why, NoSession::Rejected(Rejection::Expired | Rejection::PastHardEnd))
            .then(|| self.past_session())
            .flatten();
        let Some(claims) = claims else { return Unsure::Over(why, None) };
        let ask = Ask::Recall { sid: claims.sid };
        match desk::ask(self.bindings, &claims.instance, &claims.agent, &ask).await {
            Ok(Answer::Over(ended)) => Unsure::Over(why, ended),
            _ => Unsure::Over(why, None),
        }
    }

    /// The session that this browser had, expired or not.
    pub(crate) fn past_session(&self) -> Option<SessionClaims> {
        let token = self.asked.cookies().session(&self.name())?;
        recall_session(&self.bindings.keys, token, self.asked.now())
    }

    /// Whether the install still serves the session's instance, as far as the directory can tell. If the address stands
    /// for the instance, that has already been checked.
    async fn is_served(&self, session: &SessionClaims) -> bool {
        let (None, Ok(install)) = (&self.instance, self.install()) else { return true };
        match self.directory.instance(&session.instance).await {
            // Instances are retired, never removed: a missing one is one that KV does not show yet.
            Ok(instance) => instance.is_none_or(|instance| resolve::is_served(&instance, install)),
            Err(_) => true,
        }
    }

    fn note_rejection(&self, rejection: Rejection) -> NoSession {
        // A session that has just expired is routine; anything else somebody may want to know of.
        let is_everyday = matches!(rejection, Rejection::Expired | Rejection::PastHardEnd);
        let name = self.name();
        if !is_everyday && rejected::is_news(&name, self.asked.cookies().session(&name), rejection) {
            self.log().write(&Event { reason: Some(&rejection.to_string()), ..self.event("token_rejected") });
        }
        NoSession::Rejected(rejection)
    }
}

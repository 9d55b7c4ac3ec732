//! Opening a session: its record, the desk's lease, its token.

use kv_schema::directory::Agent;
use kv_schema::names::{Extension, SessionId};
use kv_schema::record::Version;
use kv_schema::sessions::Session;
use kv_schema::{Language, Record};
use onecontact_domain::cookies;
use onecontact_domain::desk::{self, Holder};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Amr, SessionClaims};

use crate::bindings::random_bits;
use crate::log::Event;
use crate::visit::Visit;
use crate::{objects, sessions};

/// Opens a session for an agent who has proved who they are. The cookies hand it to the browser.
pub(crate) async fn open(
    visit: &Visit<'_>,
    agent: &Agent,
    typed: Option<Extension>,
    work: Work,
) -> Result<Vec<String>, Problem> {
    let now = visit.asked.now();
    let extension_typed = typed.is_some();
    let browser = visit.asked.browser();
    let session = Session {
        v: Version,
        instance: agent.instance.clone(),
        agent: agent.username.clone(),
        sid: SessionId::from_bits(random_bits()),
        install: visit.name(),
        extension: typed.or_else(|| agent.default_extension.clone()),
        auth_time: now,
        amr: vec![Amr::Pwd.value().to_owned()],
        browser: browser.to_string(),
        hard_end: now.plus(u64::from(visit.install()?.shift_minutes) * 60),
    };
    sessions::put(&visit.bindings.sessions, &session, now).await?;
    let holder = Holder { sid: session.sid.clone(), install: visit.name(), browser, since: now };
    let name = objects::account_name(&session.instance, &session.agent);
    let answered = objects::ask(&visit.bindings.agent_desk, "AGENT_DESK", &name, &desk::Ask::Take(holder)).await;
    let desk::Answer { lease } = match answered {
        Ok(answer) => answer,
        Err(problem) => {
            // Nothing half-written: a record of a session that nobody has would be listed as one.
            sessions::forget(&visit.bindings.sessions, &session.key()).await.ok();
            return Err(problem);
        }
    };
    visit.log().write(&Event {
        instance: Some(session.instance.as_str()),
        agent: Some(session.agent.as_str()),
        hashes: Some(work.hashes),
        ..visit.event("login")
    });
    let token = token::seal(
        &visit.bindings.keys,
        &SessionClaims { extension_typed, ..claims(visit, session, lease, agent.language) },
        now,
    )
    .map_err(|error| Problem::defect(&error))?;
    Ok(vec![cookies::set_session(&visit.name(), token)])
}

fn claims(visit: &Visit<'_>, session: Session, lease: u64, language: Option<Language>) -> SessionClaims {
    SessionClaims {
        agent: session.agent,
        instance: session.instance,
        install: visit.spelling.clone(),
        sid: session.sid,
        lease,
        extension: session.extension,
        extension_typed: false,
        language,
        auth_time: session.auth_time,
        amr: vec![Amr::Pwd],
        hard_end: session.hard_end,
    }
}

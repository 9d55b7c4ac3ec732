//! POST: the submitted form.

use kv_schema::names::{Extension, SessionId};
use onecontact_domain::address::Next;
use onecontact_domain::cookies;
use onecontact_domain::login::{Filled, LoginForm, Notice, Posted, Rules};
use onecontact_domain::origin::rate_key;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, FormClaims, Proved};

use super::attempt::{self, Outcome, Right};
use super::form::{self, Shown};
use super::go_on::{GoingOn, Proven, go_on, go_to_login};
use crate::bell::within;
use crate::http::Reply;
use crate::log::Event;
use crate::onecontact_login::{self, Way};
use crate::second_step::{self, Begun};
use crate::visit::Visit;
use crate::{own_client, page, session};

/// Seconds of `LOGIN_RATE`'s period, as in `wrangler.toml`.
const RATE_PERIOD: u32 = 60;

/// Milliseconds that it may take.
const RATE_LIMIT: f64 = 3_000.0;

pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    limit_rate(visit).await?;
    if own_client::is_away(visit) {
        // There is no such form here: whoever has an old one signs in where that is done now.
        let is_script = page::is_for_script(asked);
        return Ok(if is_script { go_to_login() } else { Reply::see_other(visit.home.path()) });
    }
    let body = asked.form().await?;
    let next = visit.home.next(&Posted::next(&body));
    let way = Way::of(visit, Some(&next)).await?;
    let is_login = visit.login_site().is_some();
    let rules = form::rules(visit, &way)?;
    // At `OneContactLogin` the tenant was typed on the previous page, and is in the form's token.
    let posted = Posted::parse(&body, Rules { ask_instance: rules.ask_instance && !is_login, ..rules });
    let sets_up = posted.sets_up;
    let ours = ours(visit, &posted.form_token)?;
    let tenant = ours.as_ref().and_then(|claims| claims.tenant.clone());
    let shown = Shown { next: Some(next.clone()), sets_up, tenant: tenant.clone(), way, ..Shown::default() };
    if ours.is_none() || is_login && rules.ask_instance && tenant.is_none() {
        let shown = Shown { notice: Some(Notice::StaleForm), filled: posted.filled, ..shown };
        return if is_login { onecontact_login::again(visit, 403, &shown) } else { form::page(visit, 403, &shown) };
    }
    let login = match posted.form {
        Ok(login) => LoginForm { instance: tenant.clone().or(login.instance), ..login },
        Err(problems) => return form::page(visit, 422, &Shown { problems, filled: posted.filled, ..shown }),
    };
    match attempt::decide(visit, &login, sets_up, &shown.way).await? {
        Outcome::Refused => {
            form::page(visit, 403, &Shown { notice: Some(Notice::Refused), filled: posted.filled, ..shown })
        }
        Outcome::Right(right, told) => {
            let cookie = remembered(visit, &posted.filled);
            let typed = Typed { extension: login.extension, resumes: posted.resumes, filled: posted.filled, sets_up };
            let reply = follow(visit, *right, typed, next).await;
            // If the guard has not heard that it was right, the attempt still counts: no reason to turn anyone away.
            if let Err(problem) = told.answer().await {
                page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            }
            Ok(reply?.with_cookies(cookie))
        }
    }
}

/// What came with a right password.
struct Typed {
    extension: Option<Extension>,
    resumes: Option<SessionId>,
    filled: Filled,
    sets_up: bool,
}

/// What follows a right password: a second step, or whatever comes after it.
async fn follow(visit: &Visit<'_>, right: Right, typed: Typed, next: Next) -> Result<Reply, Problem> {
    let Right { agent, instance, second, due, replaced, work } = right;
    let Typed { extension, resumes, filled, sets_up } = typed;
    if second.is_some() || due.is_some() {
        // If the session follows at once, opening it asks this itself.
        session::may_open(visit, &agent).await?;
    }
    if let Some((place, facts)) = second {
        let begun = Begun { place, facts, extension, replaced, due, sets_up, next, work };
        return second_step::ask(visit, &agent, &instance, begun).await;
    }
    let proof = Proved::here(visit.asked.now(), None);
    let then = Proven { extension, resumes, proof, notice: None, filled, next, work };
    go_on(visit, &agent, GoingOn { due, replaced, second: None, then }).await
}

/// The cookie that remembers what was filled in, or forgets it. `None` for a script, which does not ask for that.
fn remembered(visit: &Visit<'_>, filled: &Filled) -> Option<String> {
    (!page::is_for_script(visit.asked)).then(|| cookies::set_remembered(&visit.name(), filled))
}

/// The first fence, against floods. An account is protected by its guard, so a limiter that fails or hangs lets
/// everyone through.
pub(crate) async fn limit_rate(visit: &Visit<'_>) -> Result<(), Problem> {
    let key = rate_key(visit.asked.header("cf-connecting-ip").as_deref());
    let limited = within(RATE_LIMIT, visit.bindings.login_rate.limit(key)).await;
    match limited.unwrap_or_else(|| Err("it does not answer".into())) {
        Ok(outcome) if !outcome.success => Err(Problem::TooManyAttempts { retry_after: RATE_PERIOD }),
        Ok(_) => Ok(()),
        Err(error) => {
            let problem = crate::directory::outage("LOGIN_RATE", &error);
            crate::page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            Ok(())
        }
    }
}

/// What the form's token says, if it comes from our own page in this browser. If it does not, the log says why.
///
/// # Errors
/// [`Problem::CookiesRequired`] if the browser has no mark: it accepts no cookies.
pub(crate) fn ours(visit: &Visit<'_>, token: &str) -> Result<Option<FormClaims>, Problem> {
    let checked = if visit.asked.is_foreign() {
        Err("foreign_origin".to_owned())
    } else {
        let browser = visit.asked.cookies().browser().ok_or(Problem::CookiesRequired)?;
        check_form_token(visit, token, browser)
    };
    if let Err(reason) = &checked {
        visit.log().write(&Event { reason: Some(reason), ..visit.event("form_refused") });
    }
    Ok(checked.ok())
}

/// What a form was recently issued with, to this browser by this install. The error is for the log.
fn check_form_token(visit: &Visit<'_>, token: &str, browser: &str) -> Result<FormClaims, String> {
    let opened = token::open::<FormClaims>(&visit.bindings.keys, token, visit.asked.now());
    let claims = opened.map_err(|rejection| rejection.to_string())?.claims;
    if claims.install != visit.name() {
        Err("form_of_other_install".to_owned())
    } else if claims.browser != browser {
        Err("form_of_other_browser".to_owned())
    } else {
        Ok(claims)
    }
}

//! POST: the form comes back.

use onecontact_domain::cookies;
use onecontact_domain::login::{Filled, Notice, Posted};
use onecontact_domain::origin::rate_key;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, FormClaims};

use super::attempt::{self, Outcome};
use super::form::{self, Shown};
use super::go_on::{GoingOn, go_on};
use crate::http::Reply;
use crate::log::Event;
use crate::page;
use crate::second_step::{self, Begun};
use crate::visit::Visit;

/// Seconds that `LOGIN_RATE` counts over, as `wrangler.toml` has it.
const RATE_PERIOD: u32 = 60;

pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    limit_rate(visit).await?;
    let posted = Posted::parse(&asked.form().await?, form::rules(visit)?);
    let next = visit.home.next(&posted.next);
    let sets_up = posted.sets_up;
    let shown = |notice, problems, filled| Shown { filled, problems, notice, next: Some(next.clone()), sets_up };
    if !is_ours(visit, &posted.form_token)? {
        return form::page(visit, 403, &shown(Some(Notice::StaleForm), Vec::new(), posted.filled));
    }
    let login = match posted.form {
        Ok(login) => login,
        Err(problems) => return form::page(visit, 422, &shown(None, problems, posted.filled)),
    };
    match attempt::decide(visit, &login, sets_up).await? {
        Outcome::Refused => form::page(visit, 403, &shown(Some(Notice::Refused), Vec::new(), posted.filled)),
        Outcome::Right { agent, instance, second, due, replaced, work } => {
            let cookie = remembered(visit, &posted.filled);
            let (extension, resumes, filled) = (login.extension, posted.resumes, posted.filled);
            let reply = if let Some((place, generation)) = second {
                let begun = Begun { place, generation, extension, replaced, due, sets_up, next, work };
                second_step::ask(visit, &agent, &instance, begun).await?
            } else {
                let going = GoingOn { extension, resumes, due, replaced, second: None, filled, next, work };
                go_on(visit, &agent, going).await?
            };
            Ok(reply.with_cookies(cookie))
        }
    }
}

/// The cookie that remembers what was filled in, or forgets it. A script does not ask for that.
fn remembered(visit: &Visit<'_>, filled: &Filled) -> Option<String> {
    (!page::is_for_script(visit.asked)).then(|| cookies::set_remembered(&visit.name(), filled))
}

/// The first fence, against floods. What protects an account is its guard; so a limiter that fails lets through.
pub(crate) async fn limit_rate(visit: &Visit<'_>) -> Result<(), Problem> {
    let key = rate_key(visit.asked.header("cf-connecting-ip").as_deref());
    match visit.bindings.login_rate.limit(key).await {
        Ok(outcome) if !outcome.success => Err(Problem::TooManyAttempts { retry_after: RATE_PERIOD }),
        Ok(_) => Ok(()),
        Err(error) => {
            let problem = crate::directory::outage("LOGIN_RATE", &error);
            crate::page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            Ok(())
        }
    }
}

/// Whether a form comes from our own page in this browser, by its token. Where not, the log says why.
///
/// # Errors
/// [`Problem::CookiesRequired`] where the browser has no mark: it takes no cookies.
pub(crate) fn is_ours(visit: &Visit<'_>, token: &str) -> Result<bool, Problem> {
    let checked = if visit.asked.is_foreign() {
        Err("foreign_origin".to_owned())
    } else {
        let browser = visit.asked.cookies().browser().ok_or(Problem::CookiesRequired)?;
        check_form_token(visit, token, browser)
    };
    if let Err(reason) = &checked {
        visit.log().write(&Event { reason: Some(reason), ..visit.event("form_refused") });
    }
    Ok(checked.is_ok())
}

/// Whether the form was handed to this browser, by this install, lately. The error is for the log.
fn check_form_token(visit: &Visit<'_>, token: &str, browser: &str) -> Result<(), String> {
    let opened = token::open::<FormClaims>(&visit.bindings.keys, token, visit.asked.now());
    let claims = opened.map_err(|rejection| rejection.to_string())?.claims;
    if claims.install != visit.name() {
        Err("form_of_other_install".to_owned())
    } else if claims.browser != browser {
        Err("form_of_other_browser".to_owned())
    } else {
        Ok(())
    }
}

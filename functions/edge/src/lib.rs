//! `OneContact` Agent as a Cloudflare Worker.
//!
//! In scope: carrying. A handler reads: parse → ask the domain → act → render. Out of scope: deciding
//! (`onecontact-domain`), what pages look like (`onecontact-templates`), what KV holds (`kv-schema`). This is the only
//! crate that knows `worker`, and it keeps no state that another node would miss.

mod access_token;
mod account;
mod account_guard;
mod agent_messages;
mod api;
mod bell;
mod bindings;
mod common_passwords;
mod cookies;
mod desk;
mod desktop;
mod directory;
mod extension_lease;
mod federation;
mod forgot;
mod guard;
mod health;
mod http;
mod jwks;
mod kv;
mod log;
mod login;
mod messages;
mod new_password;
mod objects;
mod onecontact_login;
mod openid;
mod outbound;
mod own_client;
mod page;
mod platform;
mod reset;
mod root;
mod second_step;
mod session;
mod sign_out;
mod signature;
mod step;
mod take_over;
mod visit;
mod webcrypto;

use std::task::{Context, Poll, Waker};

use kv_schema::Timestamp;
use onecontact_domain::address::{Page, Route};
use onecontact_domain::problem::Problem;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use worker::Env;

use crate::bindings::Bindings;
use crate::http::{Asked, Method, Reply};
use crate::visit::Visit;

/// Answers a request: with a response, or with the promise of one.
///
/// It takes and returns the web types themselves: `worker`'s wrappers cost half as much again as everything else that a
/// page takes. Most answers await nothing, and a promise with its turn of the microtask queue, which `worker`'s `event`
/// makes in any case, was 15 % of a constant answer's time. So the future is polled once on the spot. If it has to
/// wait, the promise's executor polls it again at once, and whatever it awaits then learns whom to wake.
///
/// # Errors
/// If the platform refuses to make the response: a defect, which it answers with a 500.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, env: Env, context: JsValue) -> Result<JsValue, JsValue> {
    let mut serving = Box::pin(serve(request, env, context));
    match serving.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => Ok(future_to_promise(serving).into()),
    }
}

async fn serve(request: web_sys::Request, env: Env, context: JsValue) -> Result<JsValue, JsValue> {
    let asked = Asked::new(request, context);
    let reply = match Bindings::of(&env) {
        Ok(bindings) => match answer(&asked, &bindings).await {
            Ok(reply) => reply,
            Err(problem) => page::problem(&asked, Some(&bindings), None, &problem),
        },
        Err(problem) => page::problem(&asked, None, None, &problem),
    };
    Ok(reply.into_response()?.into())
}

/// The time of the event being handled. The clock stands still meanwhile.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since 1970 fit")]
fn now() -> Timestamp {
    Timestamp((js_sys::Date::now() / 1000.0) as u64)
}

async fn answer(asked: &Asked, bindings: &Bindings) -> Result<Reply, Problem> {
    match Route::parse(asked.path()) {
        Route::Health => Ok(health::get()),
        Route::Jwks => jwks::get(asked, bindings),
        Route::Api(call) => Ok(api::answer(asked, bindings, call).await),
        Route::Root => root::get(asked, bindings).await,
        Route::Login(page) => {
            let visit = Visit::begin_login(asked, bindings).await?;
            let answered = match page {
                Some(page) => onecontact_login::answer(&visit, page).await,
                None => Err(Problem::UnknownPage),
            };
            answered.or_else(|problem| Ok(page::problem(asked, Some(bindings), Some(&visit), &problem)))
        }
        Route::Unknown => Err(Problem::UnknownPage),
        Route::Install { name, page } => {
            let name = name.ok_or(Problem::UnknownInstall)?;
            let visit = Visit::begin(asked, bindings, &name).await?;
            let answered = match page {
                Some(page) => answer_page(&visit, page).await,
                None => Err(Problem::UnknownPage),
            };
            answered.or_else(|problem| Ok(page::problem(asked, Some(bindings), Some(&visit), &problem)))
        }
    }
}

async fn answer_page(visit: &Visit<'_>, page: Page) -> Result<Reply, Problem> {
    if let Some(reply) = visit.tidy_address(page) {
        return Ok(reply);
    }
    match (page, visit.asked.method()) {
        (Page::Start, Method::Get) => login::get(visit).await,
        (Page::Start, Method::Post) => login::post(visit).await,
        (Page::Desktop, Method::Get) => desktop::get(visit).await,
        (Page::PlainDesktop, Method::Get) => desktop::get_plain(visit).await,
        (Page::Part(part), Method::Get) => Ok(desktop::get_part(visit, part).await),
        (Page::Desk, Method::Get) => Ok(desk::get_socket(visit).await),
        (Page::FormToken, Method::Get) => login::get_form_token(visit),
        (Page::Cookies, Method::Get) => cookies::get(visit),
        (Page::AccessToken, Method::Get) => Ok(access_token::get(visit).await),
        (Page::SignOut, Method::Post) => sign_out::post(visit).await,
        (Page::SignedIn, Method::Get) if own_client::is_away(visit) => own_client::get(visit).await,
        (Page::SignedIn, _) => Err(Problem::UnknownPage),
        (Page::NewPassword, Method::Get) => new_password::get(visit).await,
        (Page::NewPassword, Method::Post) => new_password::post(visit).await,
        (Page::SecondStep, Method::Get) => second_step::get(visit).await,
        (Page::SecondStep, Method::Post) => second_step::post(visit).await,
        (Page::TakeOver, Method::Get) => take_over::get(visit).await,
        (Page::TakeOver, Method::Post) => take_over::post(visit).await,
        (Page::Forgot, Method::Get) => forgot::get(visit),
        (Page::Forgot, Method::Post) => forgot::post(visit).await,
        (Page::Reset, Method::Get) => reset::get(visit).await,
        (Page::Reset, Method::Post) => reset::post(visit).await,
        // Only a form leads here; whoever types the address begins at the beginning.
        (Page::SignOut, Method::Get) => Ok(Reply::see_other(visit.home.path())),
        (
            Page::Start
            | Page::NewPassword
            | Page::SecondStep
            | Page::Forgot
            | Page::Reset
            | Page::TakeOver
            | Page::SignOut,
            Method::Other | Method::Options,
        ) => Err(Problem::MethodNotAllowed { allow: "GET, HEAD, POST" }),
        _ => Err(Problem::MethodNotAllowed { allow: "GET, HEAD" }),
    }
}

//! L6: `OneContactLogin` is an `OpenID` provider. What an application gets when it does everything right, and what each
//! mistake leads to.

mod authorize;
mod clients;
mod code;
mod libraries;
mod refresh;
mod sign_out;
mod userinfo;

use onecontact_tests::openid::{ask_for_tokens, code_in, declare, json, redeeming, request, sign_in};
use onecontact_tests::world::Builder;
use onecontact_tests::{Browser, Page, World};
use serde_json::{Value, json};

/// A world with the provider and the application `crm`.
async fn world() -> World {
    started(World::standard()).await
}

async fn started(builder: Builder) -> World {
    let world = builder.with_access_tokens().start().await;
    declare(&world.directory);
    world
}

/// Signs `desk1` in for `crm`, in this browser, and returns the code.
async fn code(browser: &Browser) -> String {
    let page = sign_in(browser, &request(), "desk1").await;
    code_in(browser, &page)
}

/// Signs `desk1` in for `crm`, in this browser, and returns the tokens.
async fn tokens(browser: &Browser) -> Value {
    let page = ask_for_tokens(browser, &redeeming(&code(browser).await)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    json(&page)
}

/// Everything that the token end point tells a client: the error, and where to look for its reason.
fn told(error: &str, request: &str) -> String {
    let description = format!("The reason is in the log of OneContactLogin, under request {request}.");
    json!({ "error": error, "error_description": description }).to_string()
}

/// What was logged of a request.
async fn logged(world: &World, event: &str, page: &Page) -> Value {
    let mut count = 1;
    loop {
        let events = world.log().wait_for(event, count).await;
        let found = events.iter().find(|event| event["request"] == page.id.as_str());
        if let Some(found) = found {
            return found.clone();
        }
        count = events.len() + 1;
    }
}

/// The reason in what was logged of a request.
async fn reason(world: &World, event: &str, page: &Page) -> String {
    logged(world, event, page).await["reason"].as_str().unwrap().to_owned()
}

//! The Worker over the wire, on real workerd. One file per topic; each test builds its own world.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test panics to say that it fails")]

mod account;
mod api;
mod bad_input;
mod client;
mod cookies_off;
mod created;
mod desk;
mod desktop;
mod equal;
mod extensions;
mod failing;
mod farewell;
mod federation;
mod forgot;
mod headers;
mod keys;
mod language;
mod leaks;
mod lock;
mod login;
mod login_form;
mod messages;
mod new_password;
mod nodes;
mod offers;
mod onecontact_login;
mod openapi;
mod openid;
mod origin;
mod own_client;
mod rate;
mod real_provider;
mod recorder;
mod schemathesis;
mod second_step;
mod sessions;
mod starting;
mod tokens;

use std::io::Write as _;
use std::time::Duration;

/// The session cookie of the install `Lisbon`.
const SESSION: &str = "__Host-oneagent-lisbon";
/// The cookie that marks a browser, so that its forms are its own.
const MARK: &str = "__Host-onecontact-form";
/// The cookie of the language chosen in a browser.
const CHOICE: &str = "__Host-onecontact-language";
/// The cookie of what `Lisbon` remembers on a device.
const REMEMBERED: &str = "__Host-onecontact-remembered-lisbon";
/// The desktop of `Lisbon`.
const DESKTOP: &str = "/OneAgentWeb_Lisbon/desktop";
/// Its desktop without script.
const PLAIN: &str = "/OneAgentWeb_Lisbon/desktop/plain";
/// The address that ends its sessions.
const SIGN_OUT: &str = "/OneAgentWeb_Lisbon/sign-out";
/// A password that nobody has.
const WRONG: &str = "a wrong one, surely";

/// Waits for what happens after an answer: the desk writes to KV once it has answered.
async fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = found() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} never came");
}

/// Prints a figure or the progress of a long test, past the test runner's capturing.
fn tell(text: &str) {
    std::io::stderr().write_all(format!("  wire: {text}\n").as_bytes()).unwrap();
}

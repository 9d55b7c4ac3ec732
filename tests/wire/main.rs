//! The Worker over the wire, on real workerd. One file per topic; each test builds its own world.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test panics to say that it fails")]

mod bad_input;
mod cookies_off;
mod desktop;
mod failing;
mod headers;
mod language;
mod lock;
mod login;
mod login_form;
mod new_password;
mod nodes;
mod origin;
mod rate;
mod sessions;
mod starting;
mod tokens;

use std::io::Write as _;

/// Tells a figure, or how a long test gets on, past the test runner's capturing.
fn tell(text: &str) {
    writeln!(std::io::stderr(), "  wire: {text}").unwrap();
}

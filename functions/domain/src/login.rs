//! Signing in: what the form holds, what can be wrong with it, and how an attempt is decided.

mod common;
mod forgot;
mod form;
mod new_password;
mod provider;
mod second_step;
mod take_over;
mod tenant;

use kv_schema::sessions::EndReason;

pub use common::roots;
pub use forgot::{Forgot, Named, ResetLink};
pub use form::{Field, FieldProblem, Filled, LoginForm, Posted, Rules};
pub use new_password::{BrokenRule, NewPassword};
pub use provider::OnTheWay;
pub use second_step::SecondStep;
pub use take_over::TakeOver;
pub use tenant::Tenant;

/// Why the login page is shown again, or what it says first. Shown at the top of the page, never beside a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Unknown account, wrong password, locked, disabled: the page does not tell which.
    Refused,
    /// The form was too old, from another browser, or not ours; a fresh one keeps what was typed.
    StaleForm,
    /// The new password is set; the agent has to sign in with it.
    PasswordSet,
    /// The agent has signed out.
    SignedOut,
    /// The agent was signed out for lack of a screen recorder.
    RecorderFailed,
    /// There was a session, and it is over: why, if that is known.
    SessionOver(Option<EndReason>),
    /// The page that was asked for needs a session.
    SignInFirst,
    /// Whoever signs in will set up an authenticator app.
    SetUp,
    /// The second step came to nothing: too many wrong codes, or one of its conditions no longer holds.
    StartOver,
}

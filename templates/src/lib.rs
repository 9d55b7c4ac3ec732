//! The pages of `OneContact` Agent: values in, HTML out.
//!
//! In scope: markup, the texts of every language, and which text belongs to which refusal. Out of scope: decisions
//! (`onecontact-domain`), headers, cookies and statuses (`onecontact-edge`), style sheet and script (`assets/`).
//!
//! Pages contain no inline style, no inline script or handler and no address of another origin, so that the strictest
//! Content-Security-Policy fits. Every link is made from [`Frame::home`], [`Frame::path`] or an asset's address, and
//! all of them begin with a slash.

mod cookies;
mod desktop;
mod entry;
mod fields;
mod forgot;
mod frame;
mod input;
mod login;
mod messages;
mod new_password;
mod note;
mod passkey;
mod plain;
mod problem;
mod provider;
mod second_step;
mod sign_in;
mod take_over;
mod texts;
mod wording;

/// The addresses of style sheet, scripts and icon, as named by the assets' build.
pub mod assets {
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

pub use askama::{Error, Template};
pub use cookies::CookiesPage;
pub use desktop::DesktopPage;
pub use entry::EntryPage;
pub use forgot::ForgotPage;
pub use frame::Frame;
pub use login::{InstanceShown, LoginPage, SetUpShown};
pub use messages::Addressee;
pub use new_password::{NewPasswordPage, Why};
pub use note::{NotePage, Told};
pub use passkey::{PasskeyShown, PasskeyUser};
pub use plain::{ExtensionShown, Part, PlainDesktopPage};
pub use problem::ProblemPage;
pub use provider::{ExtensionPage, FarewellPage, ProviderPage};
pub use second_step::{CodeProblem, CodeSource, SecondStepPage, Sending, SetUpPage};
pub use sign_in::{AwayPage, SignedInPage, TenantPage};
pub use take_over::{Doing, TakeOverPage};

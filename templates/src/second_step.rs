//! The pages of the second step: typing a code, and setting up an authenticator app.

use askama::Template;

use crate::entry::{Around, EntryPage, checked};
use crate::frame::Frame;
use crate::input::Input;
use crate::texts::fill;

/// Asks for the code of the second step.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/second-step.html")]
pub struct SecondStepPage<'a> {
    /// What every page is framed by. Its path is not that of this page, which nobody can come to by a link.
    pub frame: Frame<'a>,
    /// The instance's name, where it is known.
    pub instance_name: Option<&'a str>,
    /// Where the code comes from.
    pub source: CodeSource<'a>,
    /// What is wrong with the code that was typed.
    pub problem: Option<CodeProblem>,
    /// Whether this device can be remembered.
    pub can_remember: bool,
    /// The token of the step before.
    pub step: &'a str,
    /// Where the agent wanted to go.
    pub next: &'a str,
}

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSource<'a> {
    /// An authenticator app shows it, or it is a recovery code.
    App,
    /// It comes by SMS.
    Sms {
        /// The last digits of the phone's number.
        ending: &'a str,
        /// What became of it.
        sending: Sending,
    },
}

/// What became of an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It is on its way, or has come.
    Sent,
    /// Not before so many seconds are over.
    Wait(u64),
    /// It could not be sent.
    Refused,
    /// Nobody knows.
    Unsure,
}

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProblem {
    /// There is none.
    Missing,
    /// It is not the right one.
    Wrong,
}

/// Seconds up to which a wait is told in seconds.
const SHORT_WAIT: u64 = 60;

impl SecondStepPage<'_> {
    fn lead(&self) -> String {
        let texts = &self.frame.texts().second_step;
        match self.source {
            CodeSource::App => texts.app_lead.to_owned(),
            CodeSource::Sms { ending, sending } => match sending {
                Sending::Sent => fill(texts.sms_lead, &[("ending", ending)]),
                Sending::Wait(seconds) if seconds <= SHORT_WAIT => {
                    fill(texts.sms_wait, &[("ending", ending), ("seconds", &seconds.to_string())])
                }
                Sending::Wait(seconds) => fill(texts.sms_many, &[("minutes", &seconds.div_ceil(60).to_string())]),
                Sending::Refused => texts.sms_refused.to_owned(),
                Sending::Unsure => texts.sms_unsure.to_owned(),
            },
        }
    }

    /// Whether what is told is something to mind.
    const fn is_odd(&self) -> bool {
        matches!(self.source, CodeSource::Sms { sending: Sending::Wait(_) | Sending::Refused | Sending::Unsure, .. })
    }

    const fn is_sms(&self) -> bool {
        matches!(self.source, CodeSource::Sms { .. })
    }

    fn input(&self) -> Input<'_> {
        let texts = &self.frame.texts().second_step;
        let hint = (!self.is_sms()).then(|| texts.app_hint.into());
        Input { hint, numeric: self.is_sms(), ..code_input(self.frame, self.problem) }
    }
}

/// The input of a code.
fn code_input(frame: Frame<'_>, problem: Option<CodeProblem>) -> Input<'static> {
    let texts = &frame.texts().second_step;
    let problem = problem.map(|problem| match problem {
        CodeProblem::Missing => texts.missing.to_owned(),
        CodeProblem::Wrong => texts.wrong.to_owned(),
    });
    Input {
        label: texts.code,
        autocomplete: "one-time-code",
        missing: Some(texts.missing),
        problem,
        focus: true,
        ..Input::named("code", &frame.texts().login)
    }
}

/// Sets up an authenticator app.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/set-up.html")]
pub struct SetUpPage<'a> {
    /// What every page is framed by. Its path is not that of this page, which nobody can come to by a link.
    pub frame: Frame<'a>,
    /// The instance's name, where it is known.
    pub instance_name: Option<&'a str>,
    /// The secret, as it is typed into an app.
    pub key: &'a str,
    /// The same as an address that apps know: the page's script makes a picture of it.
    pub address: &'a str,
    /// The recovery codes.
    pub codes: &'a [String],
    /// What is wrong with the code that was typed.
    pub problem: Option<CodeProblem>,
    /// The token of the step before.
    pub step: &'a str,
    /// Where the agent wanted to go.
    pub next: &'a str,
}

impl SetUpPage<'_> {
    fn shown_key(&self) -> String {
        grouped(self.key, " ")
    }

    fn shown_codes(&self) -> Vec<String> {
        self.codes.iter().map(|code| grouped(code, "-")).collect()
    }

    fn input(&self) -> Input<'_> {
        Input { numeric: true, focus: self.problem.is_some(), ..code_input(self.frame, self.problem) }
    }
}

/// In groups of four, as people read and type it. It is ASCII.
fn grouped(text: &str, joint: &str) -> String {
    let groups: Vec<_> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(joint)
}

impl EntryPage for SecondStepPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, self.problem.is_some(), texts.second_step.title),
            place: self.instance_name,
            has_form: true,
        }
    }
}

impl EntryPage for SetUpPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, self.problem.is_some(), texts.second_step.set_up_title),
            place: self.instance_name,
            has_form: true,
        }
    }
}

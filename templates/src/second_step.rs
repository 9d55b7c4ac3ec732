//! The pages of the second step: typing a code or showing a passkey, and setting up an authenticator app or a passkey.

use askama::Template;

use crate::entry::{Around, EntryPage, checked};
use crate::frame::Frame;
use crate::input::Input;
use crate::passkey::{PasskeyPart, PasskeyShown};
use crate::texts::fill;

/// Asks for the code of the second step, or for a passkey.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/second-step.html")]
pub struct SecondStepPage<'a> {
    /// What every page is framed by.
    pub frame: Frame<'a>,
    /// The instance's name, if it is known.
    pub instance_name: Option<&'a str>,
    /// Where the code comes from.
    pub source: CodeSource<'a>,
    /// The agent's passkeys, if one is asked for and this address is theirs.
    pub passkey: Option<PasskeyShown<'a>>,
    /// How many recovery codes are left.
    pub codes_left: u8,
    /// What is wrong with the code that was typed.
    pub problem: Option<CodeProblem>,
    /// Whether this device can be remembered.
    pub can_remember: bool,
    /// The token of the previous step.
    pub step: &'a str,
    /// Where the agent wanted to go.
    pub next: &'a str,
}

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSource<'a> {
    /// An authenticator app shows it, or it is a recovery code.
    App,
    /// A passkey is asked for, and a code is the alternative.
    OtherWay {
        /// Whether there is an authenticator app; otherwise the code is a recovery code.
        has_app: bool,
        /// Whether a code can come by SMS.
        texts: bool,
    },
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
    /// It is on its way, or has arrived.
    Sent,
    /// Not for this many seconds.
    Wait(u64),
    /// It could not be sent.
    Refused,
    /// Whether it was sent is unknown.
    Unsure,
}

/// What is wrong with a code, or with a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProblem {
    /// None was entered.
    Missing,
    /// It is not the right one.
    Wrong,
    /// The passkey was not accepted.
    Passkey,
}

/// The longest wait that is given in seconds.
const SHORT_WAIT: u64 = 60;

/// A number of seconds, and the words around it.
struct Countdown {
    before: &'static str,
    seconds: u64,
    after: &'static str,
}

impl SecondStepPage<'_> {
    fn lead(&self) -> String {
        let texts = &self.frame.texts().second_step;
        match self.source {
            CodeSource::App => texts.app_lead.to_owned(),
            CodeSource::OtherWay { .. } => texts.passkey_unusable.to_owned(),
            CodeSource::Sms { ending, sending } => match sending {
                Sending::Sent => fill(texts.sms_lead, &[("ending", ending)]),
                Sending::Wait(seconds) if seconds <= SHORT_WAIT => fill(texts.sms_last, &[("ending", ending)]),
                Sending::Wait(seconds) => fill(texts.sms_many, &[("minutes", &seconds.div_ceil(60).to_string())]),
                Sending::Refused => texts.sms_refused.to_owned(),
                Sending::Unsure => texts.sms_unsure.to_owned(),
            },
        }
    }

    /// What is said first about a wait that the page's script counts down.
    fn countdown(&self) -> Option<Countdown> {
        let CodeSource::Sms { sending: Sending::Wait(seconds), .. } = self.source else { return None };
        let (before, after) = self.frame.texts().second_step.sms_wait.split_once("{seconds}")?;
        (seconds <= SHORT_WAIT).then_some(Countdown { before, seconds, after })
    }

    /// Whether what is said needs attention.
    const fn is_odd(&self) -> bool {
        matches!(
            self.source,
            CodeSource::OtherWay { .. }
                | CodeSource::Sms { sending: Sending::Wait(_) | Sending::Refused | Sending::Unsure, .. }
        )
    }

    const fn is_refused(&self) -> bool {
        matches!(self.problem, Some(CodeProblem::Passkey))
    }

    /// The passkey is asked for at once if there is nothing to decide or say first.
    fn passkey_part(&self) -> Option<PasskeyPart<'_>> {
        let at_once = self.problem.is_none() && !self.can_remember;
        Some(PasskeyPart { frame: self.frame, shown: self.passkey?, at_once })
    }

    /// The label of the button that sends a code.
    const fn sends(&self) -> Option<&'static str> {
        let texts = &self.frame.texts().second_step;
        match self.source {
            CodeSource::Sms { .. } => Some(texts.resend),
            CodeSource::OtherWay { texts: true, .. } => Some(texts.sms_instead),
            _ => None,
        }
    }

    const fn is_sms(&self) -> bool {
        matches!(self.source, CodeSource::Sms { .. })
    }

    /// Whether there is a code to type.
    const fn takes_code(&self) -> bool {
        !matches!((self.source, self.codes_left), (CodeSource::OtherWay { has_app: false, .. }, 0))
    }

    /// How many recovery codes are left, if they are few.
    fn few_codes(&self) -> Option<&'static str> {
        let told = &self.frame.texts().second_step.codes_left;
        if self.is_sms() { None } else { told.get(usize::from(self.codes_left)).copied() }
    }

    fn form(&self) -> StepForm<'_> {
        let Self { frame, can_remember, step, next, .. } = *self;
        let button = if self.passkey.is_some() { "button" } else { "primary" };
        let label = frame.texts().second_step.submit;
        StepForm { frame, input: self.input(), takes_code: self.takes_code(), can_remember, button, label, step, next }
    }

    fn input(&self) -> Input<'_> {
        let texts = &self.frame.texts().second_step;
        let is_alternative = self.passkey.is_some();
        let input = Input { numeric: self.is_sms(), is_alternative, ..code_input(self.frame, self.problem) };
        let has_codes = self.codes_left > 0;
        match self.source {
            CodeSource::App => Input { hint: has_codes.then_some(texts.app_hint.into()), ..input },
            CodeSource::Sms { .. } => input,
            CodeSource::OtherWay { has_app, .. } => {
                let (label, hint) = match (has_app, is_alternative) {
                    (true, _) if !has_codes => (texts.code, Some(texts.app_lead.into())),
                    (true, _) => (texts.code, Some(texts.either_hint.into())),
                    (false, true) => (texts.recovery, Some(texts.recovery_hint.into())),
                    (false, false) => (texts.recovery, None),
                };
                // If a passkey is asked for first, the field does not take the focus from it.
                let focus = !is_alternative || input.problem.is_some();
                Input { label, hint, focus, ..input }
            }
        }
    }
}

/// The form in which a code is typed. Separate, because both pages have it.
#[derive(Template)]
#[template(path = "partials/step-form.html")]
struct StepForm<'a> {
    frame: Frame<'a>,
    input: Input<'a>,
    /// Whether there is one to type: a passkey is sent with the form as well.
    takes_code: bool,
    can_remember: bool,
    /// The button's class: one button is primary.
    button: &'static str,
    label: &'static str,
    step: &'a str,
    next: &'a str,
}

/// The input for a code.
fn code_input(frame: Frame<'_>, problem: Option<CodeProblem>) -> Input<'static> {
    let texts = &frame.texts().second_step;
    let problem = match problem {
        Some(CodeProblem::Missing) => Some(texts.missing.to_owned()),
        Some(CodeProblem::Wrong) => Some(texts.wrong.to_owned()),
        Some(CodeProblem::Passkey) | None => None,
    };
    Input {
        label: texts.code,
        autocomplete: "one-time-code",
        missing: Some(texts.missing),
        problem,
        focus: true,
        ..Input::named("code", &frame.texts().login)
    }
}

/// Sets up an authenticator app, or a passkey.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/set-up.html")]
pub struct SetUpPage<'a> {
    /// What every page is framed by.
    pub frame: Frame<'a>,
    /// The instance's name, if it is known.
    pub instance_name: Option<&'a str>,
    /// The secret, as it is typed into an app.
    pub key: &'a str,
    /// The same as an address that apps understand: the page's script turns it into a picture.
    pub address: &'a str,
    /// The recovery codes.
    pub codes: &'a [String],
    /// The username of the agent whom they belong to.
    pub username: &'a str,
    /// The passkey that can be set up instead, if this address is one that it can be for.
    pub passkey: Option<PasskeyShown<'a>>,
    /// Whether the agent has as many passkeys as are allowed.
    pub has_all_passkeys: bool,
    /// Whether nothing is set up yet: then the recovery codes come with whatever is set up.
    pub is_first: bool,
    /// What is wrong with the code that was typed.
    pub problem: Option<CodeProblem>,
    /// The token of the previous step.
    pub step: &'a str,
    /// Where the agent wanted to go.
    pub next: &'a str,
}

impl SetUpPage<'_> {
    fn shown_key(&self) -> String {
        grouped(self.key, " ")
    }

    fn recovery_codes(&self) -> RecoveryCodes<'_> {
        let Self { frame, instance_name, codes, username, .. } = *self;
        RecoveryCodes { frame, instance_name, codes, username }
    }

    /// Whether there is more to set up than an app.
    const fn is_choice(&self) -> bool {
        self.passkey.is_some() || self.has_all_passkeys
    }

    /// Whether the codes belong to everything that can be set up, rather than to the app alone.
    const fn has_codes_first(&self) -> bool {
        self.is_choice() && self.is_first
    }

    const fn title(&self) -> &'static str {
        let texts = &self.frame.texts().second_step;
        if self.is_choice() { texts.choice_title } else { texts.set_up_title }
    }

    const fn is_refused(&self) -> bool {
        matches!(self.problem, Some(CodeProblem::Passkey))
    }

    fn passkey_part(&self) -> Option<PasskeyPart<'_>> {
        Some(PasskeyPart { frame: self.frame, shown: self.passkey?, at_once: false })
    }

    fn form(&self) -> StepForm<'_> {
        let Self { frame, step, next, .. } = *self;
        let input = code_input(frame, self.problem);
        let (is_alternative, focus) = (self.passkey.is_some(), input.problem.is_some());
        let input = Input { numeric: true, is_alternative, focus, ..input };
        let label = frame.texts().second_step.set_up;
        StepForm { frame, input, takes_code: true, can_remember: false, button: "primary", label, step, next }
    }
}

/// Recovery codes, to keep. Separate, because they can be in either of two places.
#[derive(Template)]
#[template(path = "partials/recovery-codes.html")]
struct RecoveryCodes<'a> {
    frame: Frame<'a>,
    instance_name: Option<&'a str>,
    codes: &'a [String],
    username: &'a str,
}

impl RecoveryCodes<'_> {
    fn shown(&self) -> Vec<String> {
        self.codes.iter().map(|code| grouped(code, "-")).collect()
    }
}

/// `text`, which is ASCII, in groups of four, as people read and type it.
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
            title: checked(texts, self.problem.is_some(), self.title()),
            place: self.instance_name,
            has_form: true,
        }
    }
}

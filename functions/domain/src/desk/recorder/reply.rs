//! A gateway's replies, read strictly: whatever does not follow the contract is not understood, and nothing of it but
//! codes is passed on.

use kv_schema::json::Object;
use serde::Deserialize;

use super::code::Code;

/// The longest reply that is read, in bytes.
pub const LONGEST_REPLY: usize = 16 * 1024;

/// How many steps one reply may report.
const MOST_STEPS: usize = 32;
/// The highest number that a step can have.
const HIGHEST_STEP: u32 = 1_000_000;
/// The longest word for a step, in characters.
const LONGEST_WORD: usize = 64;
/// The shortest lifetime of a registration that is not kept alive, in seconds.
const SHORTEST_LIFE: u32 = 10;
/// The longest.
pub(super) const LONGEST_LIFE: u32 = 600;
/// The longest pause that a gateway may ask for, in seconds.
const LONGEST_PAUSE: u64 = 3600;

/// A reply as it came, or the lack of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// No reply: no connection, a broken one, or nothing in time.
    None,
    /// The gateway was not asked: there is no key to sign with.
    Unasked,
    /// An HTTP response.
    Answer {
        /// Its status.
        status: u16,
        /// The seconds in its `Retry-After`.
        retry_after: Option<u64>,
        /// Its body, if it is JSON and no longer than [`LONGEST_REPLY`]; otherwise empty.
        body: String,
    },
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The gateway is working on it.
    Registering(Vec<Step>),
    /// The workstation is registered, for this many seconds.
    Registered(Vec<Step>, u32),
    /// It is not registered, and will not be.
    Failed(Vec<Step>, Code),
    /// There is no such registration.
    Unknown,
    /// The registration is over.
    Over,
    /// Not now: ask again, after this pause if one is given.
    Later(Code, Option<u64>),
    /// Never.
    Refused(Code),
}

/// Something that happened at the gateway: its number, and what.
pub(super) type Step = (u32, Code);

/// A registration, or one of its notifications: one form for both, as every form adds a kilobyte to the Worker.
#[derive(Deserialize)]
struct Stated {
    #[serde(default)]
    status: String,
    expires_in: Option<u32>,
    cause: Option<String>,
    #[serde(default)]
    notifications: Vec<Stated>,
    #[serde(default)]
    number: u32,
    #[serde(default)]
    code: String,
}

impl Reply {
    /// What it says about a registration.
    pub(super) fn told(&self) -> Told {
        let (status, retry_after, body) = match self {
            Self::None => return Told::Later(Code::UNREACHABLE, None),
            Self::Unasked => return Told::Refused(Code::MISCONFIGURED),
            Self::Answer { status, retry_after, body } => (*status, *retry_after, body),
        };
        let pause = retry_after.map(|pause| pause.clamp(1, LONGEST_PAUSE));
        match status {
            200..=202 => registration(body).unwrap_or(Told::Refused(Code::NOT_UNDERSTOOD)),
            404 => Told::Unknown,
            410 => Told::Over,
            429 => Told::Later(Code::BUSY, pause),
            502..=504 => Told::Later(Code::UNREACHABLE, pause),
            400..=499 => Told::Refused(refusal(body)),
            _ => Told::Refused(Code::NOT_UNDERSTOOD),
        }
    }
}

/// The cause that a problem names.
fn refusal(body: &str) -> Code {
    let problem = Object::parse(body);
    Code::cause(problem.as_ref().and_then(|problem| problem.text("cause"))).unwrap_or(Code::REFUSED)
}

fn registration(body: &str) -> Option<Told> {
    let stated: Stated = kv_schema::json::from_str(body).ok()?;
    let mut steps = Vec::new();
    for step in &stated.notifications {
        let is_sound = (1..=HIGHEST_STEP).contains(&step.number) && (1..=LONGEST_WORD).contains(&step.code.len());
        if !is_sound || steps.len() == MOST_STEPS {
            return None;
        }
        steps.push((step.number, Code::step(&step.code)));
    }
    match stated.status.as_str() {
        "registering" => Some(Told::Registering(steps)),
        "registered" => {
            let seconds = stated.expires_in.filter(|seconds| (SHORTEST_LIFE..=LONGEST_LIFE).contains(seconds))?;
            Some(Told::Registered(steps, seconds))
        }
        "failed" => Some(Told::Failed(steps, Code::cause(stated.cause.as_deref()).unwrap_or(Code::RECORDER_FAILED))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Told {
        Reply::Answer { status, retry_after: None, body: body.to_owned() }.told()
    }

    #[test]
    fn each_status_means_what_the_contract_says() {
        for (status, told) in [
            (204, Told::Refused(Code::NOT_UNDERSTOOD)),
            (301, Told::Refused(Code::NOT_UNDERSTOOD)),
            (307, Told::Refused(Code::NOT_UNDERSTOOD)),
            (400, Told::Refused(Code::REFUSED)),
            (401, Told::Refused(Code::REFUSED)),
            (403, Told::Refused(Code::REFUSED)),
            (404, Told::Unknown),
            (409, Told::Refused(Code::REFUSED)),
            (410, Told::Over),
            (422, Told::Refused(Code::REFUSED)),
            (429, Told::Later(Code::BUSY, None)),
            (500, Told::Refused(Code::NOT_UNDERSTOOD)),
            (501, Told::Refused(Code::NOT_UNDERSTOOD)),
            (502, Told::Later(Code::UNREACHABLE, None)),
            (503, Told::Later(Code::UNREACHABLE, None)),
            (504, Told::Later(Code::UNREACHABLE, None)),
        ] {
            assert_eq!(answer(status, ""), told, "{status}");
        }
        assert_eq!(Reply::None.told(), Told::Later(Code::UNREACHABLE, None));
        assert_eq!(Reply::Unasked.told(), Told::Refused(Code::MISCONFIGURED));
    }

    #[test]
    fn a_refusal_has_the_cause_that_its_problem_names() {
        for (body, cause) in [
            (r#"{"type":"about:blank","status":403,"cause":"no_licence"}"#, Code::NO_LICENCE),
            (r#"{"status":409,"cause":"unknown_workstation"}"#, Code::UNKNOWN_WORKSTATION),
            (r#"{"status":403,"cause":"replaced"}"#, Code::REFUSED),
            (r#"{"status":403,"cause":"Something went wrong: see http://evil.example"}"#, Code::REFUSED),
            (r#"{"status":403,"cause":7}"#, Code::REFUSED),
            (r#"{"title":"no"}"#, Code::REFUSED),
            ("<html>no</html>", Code::REFUSED),
        ] {
            assert_eq!(answer(403, body), Told::Refused(cause), "{body}");
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_bounded() {
        for (asked, pause) in [(0, 1), (7, 7), (3600, 3600), (u64::MAX, 3600)] {
            let later = Reply::Answer { status: 429, retry_after: Some(asked), body: String::new() };
            assert_eq!(later.told(), Told::Later(Code::BUSY, Some(pause)));
        }
    }

    #[test]
    fn a_registration_is_read_with_its_steps() {
        let body = r#"{"status":"registering","notifications":[{"number":1,"code":"workstation_found"},
            {"number":2,"code":"<b>whatever</b>","later":true}],"later":{}}"#;
        let steps = vec![(1, Code::WORKSTATION_FOUND), (2, Code::OTHER)];
        assert_eq!(answer(202, body), Told::Registering(steps));
        let body = r#"{"status":"registered","expires_in":60}"#;
        assert_eq!(answer(200, body), Told::Registered(Vec::new(), 60));
        for (named, cause) in [
            (r#","cause":"no_licence""#, Code::NO_LICENCE),
            (r#","cause":"unreachable""#, Code::RECORDER_FAILED),
            (r#","cause":"Something went wrong: see http://evil.example""#, Code::RECORDER_FAILED),
            ("", Code::RECORDER_FAILED),
        ] {
            let body = format!(r#"{{"status":"failed"{named}}}"#);
            assert_eq!(answer(200, &body), Told::Failed(Vec::new(), cause), "{named}");
        }
    }

    #[test]
    fn what_is_not_of_the_form_is_not_understood() {
        let many: Vec<String> = (1..=33).map(|number| format!(r#"{{"number":{number},"code":"a"}}"#)).collect();
        let many = format!(r#"{{"status":"registering","notifications":[{}]}}"#, many.join(","));
        let long =
            format!(r#"{{"status":"registering","notifications":[{{"number":1,"code":"{}"}}]}}"#, "a".repeat(65));
        for body in [
            "",
            "{",
            "null",
            "[]",
            r#""registered""#,
            "<html>registered</html>",
            r#"["registered",60]"#,
            r"{}",
            r#"{"status":"Registered","expires_in":60}"#,
            r#"{"status":200,"expires_in":60}"#,
            r#"{"status":"registered"}"#,
            r#"{"status":"registered","expires_in":9}"#,
            r#"{"status":"registered","expires_in":601}"#,
            r#"{"status":"registered","expires_in":-1}"#,
            r#"{"status":"registered","expires_in":"60"}"#,
            r#"{"status":"registered","expires_in":1e99}"#,
            r#"{"status":"registered","expires_in":60} trailing"#,
            r#"{"status":"registering","notifications":{}}"#,
            r#"{"status":"registering","notifications":[{"number":0,"code":"a"}]}"#,
            r#"{"status":"registering","notifications":[{"number":1000001,"code":"a"}]}"#,
            r#"{"status":"registering","notifications":[{"number":1}]}"#,
            &many,
            &long,
        ] {
            assert_eq!(answer(200, body), Told::Refused(Code::NOT_UNDERSTOOD), "{body}");
        }
    }
}

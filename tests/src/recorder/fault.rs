//! How a gateway goes wrong.

use serde::Deserialize;

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It has this status.
    Status(u16),
    /// It has this status, and names a cause.
    Refused {
        /// The status.
        status: u16,
        /// The cause.
        cause: String,
    },
    /// It is a 429, and says when to ask again.
    RetryAfter(u64),
    /// It has this status, and says when to ask again.
    Unavailable {
        /// The status.
        status: u16,
        /// Seconds of `Retry-After`.
        retry_after: String,
    },
    /// It comes after this many milliseconds.
    Slow(u64),
    /// It is this text, with status 200.
    Body(String),
    /// It is this text, of this type, with status 200.
    Typed {
        /// The text.
        body: String,
        /// `Content-Type`.
        content_type: String,
    },
    /// It is this many blanks, and then a registration.
    Long(usize),
    /// Half of it is sent, and then the connection breaks.
    Cut,
    /// The connection breaks before it is sent, although everything requested has been done.
    LostAfterwards,
    /// It never comes.
    Hang,
    /// It redirects elsewhere.
    Redirect(String),
    /// The process ends before anything is done.
    Die,
    /// The process ends once everything is done, but before it answers.
    DieAfterwards,
}

/// A fault that requests will meet.
#[derive(Debug, Clone, Deserialize)]
pub struct Planned {
    /// A method, or `*`.
    pub on: String,
    /// What is wrong.
    pub fault: Fault,
    /// How often; `None`: until it is healed.
    #[serde(default)]
    pub times: Option<u32>,
}

/// The planned faults.
#[derive(Debug, Default)]
pub struct Faults(Vec<Planned>);

impl Faults {
    /// Plans one. Of those that fit, the last one counts.
    pub fn plan(&mut self, planned: Planned) {
        self.0.push(planned);
    }

    /// Removes all.
    pub fn heal(&mut self) {
        self.0.clear();
    }

    /// What is wrong this time.
    pub fn next(&mut self, method: &str) -> Option<Fault> {
        let fits = |planned: &Planned| planned.on == "*" || planned.on == method;
        let index = self.0.iter().rposition(fits)?;
        let planned = &mut self.0[index];
        let fault = planned.fault.clone();
        if let Some(times) = &mut planned.times {
            *times -= 1;
            if *times == 0 {
                self.0.remove(index);
            }
        }
        Some(fault)
    }
}

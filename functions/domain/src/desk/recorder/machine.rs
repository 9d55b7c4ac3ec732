//! Registering one session's workstation: what came of it, and what to ask the gateway next. It knows nothing of what
//! the agent is doing.

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

use super::call::{GatewayCall, Verb};
use super::code::Code;
use super::pause::{longest_after, spread};
use super::registration::Registration;
use super::reply::{Step, Told};
use crate::workstation::Workstation;

/// How many notes are kept and shown: the latest.
const MOST_NOTES: usize = 24;
/// The longest pause, in seconds, between two attempts while somebody waits or while a registration still stands.
const LONGEST_PAUSE: u64 = 5;
/// The longest pause, in seconds, between two attempts to get back what was lost.
const LONGEST_QUIET_PAUSE: u64 = 60;
/// How often a gateway may say that it is still working on it, when nobody waits for it.
const MOST_QUIET_ANSWERS: u32 = 30;

/// How a workstation stands with the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is being registered, and the agent waits for it.
    Registering,
    /// It is registered.
    Registered,
    /// It could not be registered. The agent may try again.
    Failed,
    /// It was registered and no longer is. The desk tries to get it back, unless the gateway has refused for good.
    Lost,
}

/// Something that happened on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Counted from 1 in each try.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub note: Code,
}

/// The recorder as its page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecorderView {
    /// How the workstation stands.
    pub status: Status,
    /// Whether the agent cannot be ready without it.
    pub required: bool,
    /// When this status began.
    pub since: Timestamp,
    /// When registering will have failed at the latest.
    pub deadline: Option<Timestamp>,
    /// Why it failed, or is lost.
    pub cause: Option<Code>,
    /// Whether the gateway is asked again without the agent's doing anything.
    pub asks_again: bool,
    /// The workstation's number.
    pub workstation: Workstation,
    /// What has happened during this try.
    pub notes: Vec<Note>,
}

impl RecorderView {
    /// What the audit trail calls reaching this status at `at`, if it was reached then.
    #[must_use]
    pub fn worth_noting(&self, at: Timestamp) -> Option<&'static str> {
        let last = self.notes.last().filter(|last| self.since == at && last.at == at)?;
        match (self.status, last.note) {
            (Status::Registered, Code::REGISTERED) => Some("recorder_registered"),
            (Status::Failed, Code::FAILED) => Some("recorder_failed"),
            (Status::Lost, Code::LOST) => Some("recorder_lost"),
            _ => None,
        }
    }
}

/// How a session's workstation stands with the recorder. The session itself says which recorder that is, and whether
/// the agent needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::desk) struct Recorder {
    status: Status,
    since: Timestamp,
    /// `None` before the desktop has connected: nothing is registered for nobody.
    deadline: Option<Timestamp>,
    cause: Option<Code>,
    notes: Vec<Note>,
    /// The number of the last note.
    noted: u32,
    /// The registration being asked for, or standing.
    pub(super) registration: Option<Registration>,
    /// When the last one was begun: no two of a session share an id.
    begun: Timestamp,
    /// How often it was tried in vain to get back what was lost.
    vain: u32,
}

/// What happens with a recorder.
pub(super) enum Touch<'a> {
    /// The desktop has connected.
    Connected,
    /// The agent wants another try.
    Again,
    /// Time has passed.
    Passed,
    /// The gateway has answered.
    Told(&'a GatewayCall, Told),
}

impl Recorder {
    /// A recorder of which nothing has been asked yet.
    pub(in crate::desk) const fn new(now: Timestamp) -> Self {
        Self {
            status: Status::Registering,
            since: now,
            deadline: None,
            cause: None,
            notes: Vec::new(),
            noted: 0,
            registration: None,
            begun: Timestamp(0),
            vain: 0,
        }
    }

    pub(super) fn view(&self, required: bool, workstation: Workstation) -> RecorderView {
        RecorderView {
            status: self.status,
            required,
            since: self.since,
            deadline: self.deadline,
            cause: self.cause,
            asks_again: self.registration.is_some(),
            workstation,
            notes: self.notes.clone(),
        }
    }

    /// What tells one view of it from another.
    pub(in crate::desk) const fn mark(&self) -> (Status, Timestamp, Option<Code>, u32, bool) {
        (self.status, self.since, self.cause, self.noted, self.registration.is_some())
    }

    /// How it stands.
    pub(super) const fn status(&self) -> Status {
        self.status
    }

    /// Whether the agent is waiting for it, or will be once the desktop connects.
    pub(super) fn is_registering(&self) -> bool {
        self.status == Status::Registering
    }

    /// When it next needs looking at.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let registration = self.registration.as_ref();
        let expires = registration.filter(|_| self.status == Status::Registered).and_then(|standing| standing.expires);
        [registration.map(|standing| standing.due), self.deadline, expires].into_iter().flatten().min()
    }

    /// Something happens. `deadline` is how many seconds a try that the agent waits for may take. Returns a
    /// registration that was given up and has to be unregistered.
    pub(super) fn touch(
        &mut self,
        touch: Touch<'_>,
        sid: &SessionId,
        deadline: u32,
        now: Timestamp,
    ) -> Option<Registration> {
        match touch {
            Touch::Connected if self.status == Status::Registering && self.deadline.is_none() => {
                self.begin(sid, deadline, now)
            }
            Touch::Connected => {
                self.hurry(now);
                None
            }
            Touch::Again if matches!(self.status, Status::Failed | Status::Lost) => self.begin(sid, deadline, now),
            Touch::Again => None,
            Touch::Passed => self.mind(sid, now),
            Touch::Told(call, told) => self.hear(call, told, sid, now),
        }
    }

    /// Begins a try that the agent waits for. Returns what may still stand from the one before, to be unregistered.
    fn begin(&mut self, sid: &SessionId, deadline: u32, now: Timestamp) -> Option<Registration> {
        let former = self.let_go();
        self.notes.clear();
        self.noted = 0;
        self.vain = 0;
        self.turn(now, Status::Registering, None);
        self.deadline = Some(now.plus(deadline.into()));
        self.ask_for_another(sid, now, now);
        self.note(now, Code::CALLING);
        former
    }

    /// Time has passed: a try that took too long has failed, and a registration that could not be kept is lost. Returns
    /// what may still stand of it, to be unregistered.
    fn mind(&mut self, sid: &SessionId, now: Timestamp) -> Option<Registration> {
        let registration = self.registration.as_ref()?;
        // A gateway that has never answered is unreachable, not slow.
        let late = if registration.next == Verb::Register { Code::UNREACHABLE } else { Code::TOO_SLOW };
        let late = registration.trouble.unwrap_or(late);
        let is_late = self.deadline.is_some_and(|deadline| deadline <= now);
        let has_expired = self.status == Status::Registered && registration.expires.is_some_and(|at| at <= now);
        if !is_late && !has_expired {
            return None;
        }
        let former = self.let_go();
        self.fall(sid, now, if is_late { late } else { Code::UNREACHABLE }, has_expired);
        former
    }

    /// Whoever sent the last request may be gone, and its reply too: while the agent waits, it is sent again at once.
    /// However many replies arrive, one counts.
    fn hurry(&mut self, now: Timestamp) {
        if let Some(registration) = self.registration.as_mut().filter(|_| self.deadline.is_some()) {
            registration.due = registration.due.min(registration.after_a_moment(now));
        }
    }

    /// Takes the gateway's reply. Returns what may still stand of a try that was given up, to be unregistered.
    fn hear(&mut self, call: &GatewayCall, told: Told, sid: &SessionId, now: Timestamp) -> Option<Registration> {
        let asked = self.registration.as_ref()?;
        if asked.id != call.registration || asked.number != call.number {
            return None; // it has been asked something else since
        }
        match told {
            Told::Later(why, pause) => self.put_off(now, why, pause),
            Told::Registering(steps) => return self.follow(sid, now, &steps),
            Told::Registered(steps, lifetime) => self.keep(now, &steps, lifetime),
            Told::Failed(steps, cause) => {
                self.take_note(now, &steps);
                self.registration = None;
                self.fall(sid, now, cause, true);
            }
            // It has forgotten what it was doing, and can begin again.
            Told::Unknown if call.verb == Verb::Follow => self.register_anew(now),
            Told::Unknown if call.verb == Verb::Keep => {
                self.registration = None;
                self.fall(sid, now, Code::ENDED, true);
            }
            Told::Over => {
                self.registration = None;
                self.fall(sid, now, Code::REPLACED, false);
            }
            Told::Refused(cause) => {
                let former = self.let_go();
                self.fall(sid, now, cause, false);
                return former;
            }
            Told::Unknown => {
                let former = self.let_go();
                self.fall(sid, now, Code::REFUSED, false);
                return former;
            }
        }
        None
    }

    /// Gives up the registration. Returns it if it was asked for, as it may then stand at the gateway.
    pub(super) fn let_go(&mut self) -> Option<Registration> {
        self.registration.take().filter(|registration| registration.asked.is_some())
    }

    /// It is not registered, because of `cause`. What was registered before is asked for `again`, if that makes sense.
    fn fall(&mut self, sid: &SessionId, now: Timestamp, cause: Code, again: bool) {
        match self.status {
            Status::Registering => {
                self.turn(now, Status::Failed, Some(cause));
                return self.note(now, Code::FAILED);
            }
            Status::Registered => {
                self.turn(now, Status::Lost, Some(cause));
                self.note(now, Code::LOST);
            }
            Status::Failed | Status::Lost => self.cause = Some(cause),
        }
        if again {
            self.vain += 1;
            let most = longest_after(self.vain, LONGEST_QUIET_PAUSE);
            self.ask_for_another(sid, now, now.plus(spread(sid.as_str(), self.vain, most)));
        }
    }

    fn ask_for_another(&mut self, sid: &SessionId, now: Timestamp, due: Timestamp) {
        self.begun = now.max(self.begun.plus(1));
        self.registration = Some(Registration::new(sid, self.begun, due));
    }

    /// There was no reply, or one that says to ask again later.
    fn put_off(&mut self, now: Timestamp, why: Code, pause: Option<u64>) {
        let most = if self.status == Status::Lost { LONGEST_QUIET_PAUSE } else { LONGEST_PAUSE };
        let Some(registration) = &mut self.registration else { return };
        registration.put_off(now, why, pause, most);
        if self.is_registering() {
            self.note(now, if why == Code::BUSY { Code::TOLD_TO_WAIT } else { Code::RETRYING });
        }
    }

    fn register_anew(&mut self, now: Timestamp) {
        let Some(registration) = &mut self.registration else { return };
        registration.told = 0;
        let due = registration.after_a_moment(now);
        registration.go_on(Verb::Register, due);
        if self.is_registering() {
            self.note(now, Code::RETRYING);
        }
    }

    /// The gateway is working on it.
    fn follow(&mut self, sid: &SessionId, now: Timestamp, steps: &[Step]) -> Option<Registration> {
        if self.status == Status::Registered {
            self.turn(now, Status::Lost, Some(Code::ENDED));
            self.note(now, Code::LOST);
        }
        let registration = self.registration.as_mut()?;
        let is_first = registration.next == Verb::Register;
        if self.status == Status::Lost && registration.number > MOST_QUIET_ANSWERS {
            let former = self.let_go();
            self.fall(sid, now, Code::TOO_SLOW, true);
            return former;
        }
        let due = registration.after_a_moment(now);
        registration.go_on(Verb::Follow, due);
        if is_first && self.is_registering() {
            self.note(now, Code::ACCEPTED);
        }
        self.take_note(now, steps);
        None
    }

    /// It is registered, for `lifetime` seconds.
    fn keep(&mut self, now: Timestamp, steps: &[Step], lifetime: u32) {
        self.take_note(now, steps);
        let Some(registration) = &mut self.registration else { return };
        registration.lifetime = lifetime;
        registration.expires = Some(now.plus(lifetime.into()));
        let half = u64::from(lifetime / 2);
        let early = spread(&registration.id, registration.number, half / 4);
        registration.go_on(Verb::Keep, now.plus(half - early));
        if self.status != Status::Registered {
            self.vain = 0;
            self.turn(now, Status::Registered, None);
            self.note(now, Code::REGISTERED);
        }
    }

    fn take_note(&mut self, now: Timestamp, steps: &[Step]) {
        for (number, code) in steps {
            let Some(registration) = self.registration.as_mut().filter(|standing| *number > standing.told) else {
                continue;
            };
            registration.told = *number;
            self.note(now, *code);
        }
    }

    fn turn(&mut self, now: Timestamp, status: Status, cause: Option<Code>) {
        (self.status, self.since, self.cause, self.deadline) = (status, now, cause, None);
    }

    fn note(&mut self, at: Timestamp, note: Code) {
        self.noted += 1;
        if self.notes.len() >= MOST_NOTES {
            self.notes.remove(0);
        }
        self.notes.push(Note { number: self.noted, at, note });
    }
}

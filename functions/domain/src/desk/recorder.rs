//! The screen recorder of the agent's workstation (R1 to R3): registered when the desktop connects, kept registered
//! while the session lasts, unregistered when it ends for whatever reason.
//!
//! The desk decides what to ask the gateway, and when; its host does the asking and reports what came of it. Here: what
//! registering means to the desk and its agent. `recorder/machine.rs` holds how it proceeds, `recorder/call.rs` what is
//! asked, `recorder/reply.rs` how replies are read.

mod call;
mod code;
mod machine;
mod pause;
mod registration;
mod reply;

use kv_schema::Timestamp;

pub use call::{GatewayCall, Verb};
pub use code::Code;
pub(super) use machine::Recorder;
use machine::Touch;
pub use machine::{Note, RecorderView, Status};
pub(super) use registration::Registration;
pub use reply::{LONGEST_REPLY, Reply as GatewayReply};

use super::state::Actor;
use super::{Call, Cause, Desk, Happened, Holder, Reason, Refusal, State, Visitor};
use crate::workstation::Workstation;

/// The most registrations waiting to be unregistered. A later registration of a workstation replaces an earlier one,
/// and none outlives ten minutes.
const MOST_LEAVING: usize = 32;

impl Holder {
    /// The state of an agent who means to be in `meant`, given whether their workstation is registered.
    pub(super) fn under_recorder(&mut self, meant: State) -> State {
        if !self.recorder.as_ref().is_some_and(Recorder::is_registering) {
            self.afterwards = None;
            return meant;
        }
        match meant {
            State::InInteraction { .. } | State::WrapUp { .. } => return meant,
            State::Registering => {}
            meant => self.afterwards = Some(meant),
        }
        State::Registering
    }

    /// What they will be doing once it is registered.
    pub(super) fn after_registering(&self) -> State {
        self.afterwards.clone().unwrap_or(State::NotReady { reason: Reason::SignedIn })
    }

    /// The recorder as the page sees it.
    pub(super) fn recorder_view(&self) -> Option<RecorderView> {
        let Visitor { policy, workstation, .. } = &self.visitor;
        Some(self.recorder.as_ref()?.view(policy.recorder.is_required(), workstation.clone()?))
    }

    /// How the recorder keeps the agent from being ready, if it does.
    pub(super) fn lacks_recorder(&self) -> Option<Status> {
        let status = self.recorder.as_ref()?.status();
        (self.visitor.policy.recorder.is_required() && status != Status::Registered).then_some(status)
    }
}

impl Desk {
    /// The recorder of a session that takes the desk. At the same workstation, it inherits what is registered there.
    pub(super) fn recorder_for(&mut self, visitor: &mut Visitor, now: Timestamp) -> Option<Recorder> {
        visitor.policy.recorder.gateway()?;
        let sid = &visitor.session.sid;
        visitor.workstation.get_or_insert_with(|| Workstation::of_session(sid));
        if let Some(holder) = &mut self.holder {
            let former = &holder.visitor;
            let is_same =
                former.policy.recorder == visitor.policy.recorder && former.workstation == visitor.workstation;
            let standing = holder.recorder.take_if(|former| is_same && former.status() == Status::Registered);
            if standing.is_some() {
                return standing;
            }
        }
        Some(Recorder::new(now))
    }

    /// The desktop has connected. Its workstation is registered now, unless that has begun already. If it has, and the
    /// desk does not know what became of the last request, it is sent again.
    pub(super) fn register(&mut self, now: Timestamp, happened: &mut Happened) {
        self.touch_recorder(now, Touch::Connected, happened);
    }

    /// The agent asks for another try.
    pub(super) fn register_again(&mut self, now: Timestamp, happened: &mut Happened) -> Result<(), Refusal> {
        let holder = self.holder.as_ref().ok_or(Refusal::NotNow)?;
        let status = holder.recorder.as_ref().ok_or(Refusal::NotAllowed)?.status();
        if matches!(status, Status::Registering | Status::Registered) {
            return Err(Refusal::NotNow);
        }
        self.touch_recorder(now, Touch::Again, happened);
        Ok(())
    }

    /// Checks whether registering has taken too long, and whether what was registered still is.
    pub(super) fn mind_recorder(&mut self, now: Timestamp, happened: &mut Happened) {
        self.touch_recorder(now, Touch::Passed, happened);
        self.leaving.retain(|leaving| now < leaving.moot());
    }

    /// Adds the gateway calls to make now. Each counts as begun.
    pub(super) fn gateway_calls_due(&mut self, now: Timestamp, calls: &mut Vec<Call>) {
        if let Some(Holder { recorder: Some(recorder), visitor, .. }) = &mut self.holder
            && let (Some(registration), Some(declared)) =
                (&mut recorder.registration, visitor.policy.recorder.gateway())
            && registration.due <= now
        {
            let workstation = visitor.workstation.as_ref();
            calls.push(registration.call(now, &visitor.session, &declared.gateway, workstation));
        }
        for leaving in &mut self.leaving {
            if let Some((session, gateway)) = leaving.left.clone().filter(|_| leaving.due <= now) {
                calls.push(leaving.call(now, &session, &gateway, None));
            }
        }
    }

    /// When a gateway has to be called, or the recorder needs looking at.
    pub(super) fn gateway_due(&self) -> Option<Timestamp> {
        let holder = self.holder.as_ref().and_then(|holder| holder.recorder.as_ref()?.due());
        let leaving = self.leaving.iter().map(|leaving| leaving.due).min();
        [holder, leaving].into_iter().flatten().min()
    }

    /// A gateway has answered, or failed to.
    pub(super) fn gateway_called(
        &mut self,
        now: Timestamp,
        call: &GatewayCall,
        reply: &GatewayReply,
        happened: &mut Happened,
    ) {
        if call.verb == Verb::Unregister {
            let is = |leaving: &Registration| leaving.id == call.registration;
            return self.leaving.retain_mut(|leaving| !is(leaving) || !leaving.is_done(reply, now));
        }
        self.touch_recorder(now, Touch::Told(call, reply.told()), happened);
    }

    /// A session is over: its workstation is unregistered.
    pub(super) fn leave_recorder(&mut self, recorder: Option<Recorder>, visitor: &Visitor, now: Timestamp) {
        self.unregister(recorder.and_then(|recorder| recorder.registration), visitor, now);
    }

    fn unregister(&mut self, registration: Option<Registration>, visitor: &Visitor, now: Timestamp) {
        let (Some(registration), Some(declared)) = (registration, visitor.policy.recorder.gateway()) else { return };
        self.leaving.extend(registration.leave(now, &visitor.session, &declared.gateway));
        if self.leaving.len() > MOST_LEAVING {
            self.leaving.remove(0);
        }
    }

    /// Something happens to the holder's recorder. A registration given up on the way is unregistered, and the agent's
    /// state follows.
    fn touch_recorder(&mut self, now: Timestamp, touch: Touch<'_>, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        let Some(declared) = holder.visitor.policy.recorder.gateway() else { return };
        let Some(recorder) = &mut holder.recorder else { return };
        let was_registering = recorder.is_registering();
        let former = recorder.touch(touch, &holder.visitor.session.sid, declared.deadline_seconds, now);
        let has_turned = recorder.is_registering() != was_registering;
        let meant = match holder.meant_state() {
            // An agent with an offer cannot take it now.
            State::Offered { .. } => State::Ready,
            meant => meant,
        };
        if former.is_some() {
            let visitor = holder.visitor.clone();
            self.unregister(former, &visitor, now);
        }
        if has_turned {
            self.change(now, meant, Actor::of(Cause::Recorder), happened);
        }
    }
}

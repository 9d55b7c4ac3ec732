//! An exact record of agents whom nobody has declared: KV would show them a minute late, and somebody who has just
//! signed in cannot wait.

use kv_schema::Timestamp;
use kv_schema::names::Username;
use kv_schema::sessions::CreatedAgent;

use super::Guard;

/// The name belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SomebodyElse;

impl Guard {
    /// The agent, if a provider has vouched for them recently.
    pub(super) fn created(&self, now: Timestamp) -> Option<CreatedAgent> {
        let (agent, until) = self.created.as_ref()?;
        (now < *until).then(|| agent.clone())
    }

    /// A provider vouches for the agent. Returns who they were before; fails if that was somebody else at the same
    /// provider, whose name they have since been given.
    pub(super) fn vouch(&mut self, now: Timestamp, agent: CreatedAgent) -> Result<Option<CreatedAgent>, SomebodyElse> {
        let before = self.created(now);
        let known = before.as_ref().and_then(|before| before.subject.as_ref()).zip(agent.subject.as_ref());
        if known.is_some_and(|(before, now)| before.iss == now.iss && before.sub != now.sub) {
            return Err(SomebodyElse);
        }
        self.created = Some((agent, self.for_its_life(now)));
        Ok(before)
    }

    /// In the guard of an extension: whether it is `agent`'s usual one from now on or, with `takes` false, no longer.
    /// Among agents whom nobody has declared, the first one has it until they have not signed in for long.
    pub(super) fn usual(&mut self, now: Timestamp, agent: Username, takes: bool) -> bool {
        if self.usual.as_ref().is_some_and(|(holder, until)| *holder != agent && now < *until) {
            return false;
        }
        let until = self.for_its_life(now);
        self.usual = takes.then_some((agent, until));
        true
    }

    /// Until when something that belongs to such an agent lasts.
    fn for_its_life(&mut self, now: Timestamp) -> Timestamp {
        let until = now.plus(CreatedAgent::LIFE);
        self.matters_until = self.matters_until.max(until);
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use kv_schema::directory::Issuer;
    use kv_schema::sessions::Subject;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    #[test]
    fn an_agent_is_known_for_a_month_after_each_sign_in() {
        let (mut guard, agent) = (Guard::default(), fixture::created());
        assert_eq!(guard.vouch(NOW, agent.clone()), Ok(None));
        let other = CreatedAgent { display_name: "Another".into(), ..agent.clone() };
        assert_eq!(guard.vouch(NOW.plus(10), other.clone()), Ok(Some(agent)));
        assert_eq!(guard.created(NOW.plus(10 + CreatedAgent::LIFE - 1)), Some(other));
        assert_eq!(guard.created(NOW.plus(10 + CreatedAgent::LIFE)), None);
        assert_eq!(guard.forget_at(), Some(NOW.plus(10 + CreatedAgent::LIFE)));
    }

    #[test]
    fn who_has_been_given_anothers_name_at_the_provider_does_not_become_that_agent() {
        let issuer = |text: &str| Issuer::parse(text).unwrap();
        let by = |iss: &str, sub: &str| CreatedAgent {
            subject: Some(Subject { iss: issuer(iss), sub: sub.to_owned() }),
            ..fixture::created()
        };
        let (first, second) = (by("https://id.example", "1"), by("https://id.example", "2"));
        let mut guard = Guard::default();
        // What was kept before subjects existed proves nothing.
        guard.vouch(NOW, fixture::created()).unwrap();
        guard.vouch(NOW, first.clone()).unwrap();
        assert_eq!(guard.vouch(NOW, second.clone()), Err(SomebodyElse));
        assert_eq!(guard.created(NOW), Some(first.clone()));
        // Another provider knows the same people by other subjects.
        let moved = by("https://new.example", "2");
        assert_eq!(guard.vouch(NOW, moved.clone()), Ok(Some(first)));
        assert_eq!(
            guard.vouch(NOW.plus(CreatedAgent::LIFE), second),
            Ok(None),
            "the first one has not come for a month"
        );
    }

    #[test]
    fn of_two_agents_one_has_an_extension_as_the_usual_one_until_they_let_it_go() {
        let [first, second] = ["first", "second"].map(|name| Username::parse(name).unwrap());
        let mut guard = Guard::default();
        assert!(guard.usual(NOW, first.clone(), true) && guard.usual(NOW.plus(1), first.clone(), true));
        assert!(!guard.usual(NOW.plus(2), second.clone(), true));
        assert!(!guard.usual(NOW.plus(2), second.clone(), false), "nobody lets another's go");
        assert!(!guard.usual(NOW.plus(2), second.clone(), true));
        assert!(guard.usual(NOW.plus(3), first.clone(), false) && guard.usual(NOW.plus(3), second.clone(), true));
        assert!(!guard.usual(NOW.plus(4), first.clone(), true));
        assert!(guard.usual(NOW.plus(3 + CreatedAgent::LIFE), first, true), "one who has not come for long");
    }
}

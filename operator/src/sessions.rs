//! Who is signed in, according to the namespace `SESSIONS`. KV may be a minute late, and so may this list; only the
//! desks are exact.

use std::collections::{BTreeMap, HashSet};

use kv_schema::names::{InstanceId, Username};
use kv_schema::sessions::{Revoked, Session};
use kv_schema::{Record, Timestamp};

use crate::failure::Failure;
use crate::store::Store;

/// Which sessions are wanted.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) instance: Option<InstanceId>,
    pub(crate) agent: Option<Username>,
}

/// The sessions that were found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The current ones, by instance, agent and beginning.
    pub(crate) sessions: Vec<Session>,
    /// Records that cannot be read: of a newer version, or damaged.
    pub(crate) unreadable: Vec<String>,
}

/// The sessions current at `now`; those with a tombstone are over, and left out.
pub(crate) fn list(store: &mut impl Store, wanted: &Wanted, now: Timestamp) -> Result<Found, Failure> {
    let listed = store.list(&Session::prefix_of(wanted.instance.as_ref(), wanted.agent.as_ref()))?;
    if listed.is_empty() {
        return Ok(Found::default());
    }
    let over: HashSet<String> = store.list(Revoked::PREFIX)?.into_keys().collect();
    let keys: Vec<String> = listed.into_keys().collect();
    let mut found = Found::default();
    for (key, value) in store.get(&keys)?.into_iter().collect::<BTreeMap<_, _>>() {
        match Session::read(&key, &value) {
            Ok(session) if is_wanted(&session, wanted, &over, now) => found.sessions.push(session),
            Ok(_) => {}
            Err(error) => found.unreadable.push(error.to_string()),
        }
    }
    found.sessions.sort_by(|a, b| (&a.instance, &a.agent, a.auth_time).cmp(&(&b.instance, &b.agent, b.auth_time)));
    Ok(found)
}

fn is_wanted(session: &Session, wanted: &Wanted, over: &HashSet<String>, now: Timestamp) -> bool {
    let is_over = over.contains(&Revoked::key_of(&session.sid)) || session.hard_end <= now;
    !is_over && wanted.agent.as_ref().is_none_or(|agent| session.agent == *agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Entry;
    use crate::store::memory::Memory;
    use kv_schema::directory::Metadata;
    use kv_schema::names::{InstallName, SessionId};
    use kv_schema::record::Version;
    use kv_schema::sessions::EndReason;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn id(number: u8) -> InstanceId {
        InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y5Z7B{number:02}")).unwrap()
    }

    fn session(instance: u8, agent: &str, sid: u128) -> Session {
        Session {
            v: Version,
            instance: id(instance),
            agent: Username::parse(agent).unwrap(),
            sid: SessionId::from_bits(sid),
            install: InstallName::parse("lisbon").unwrap(),
            extension: None,
            auth_time: Timestamp(NOW.0 - 60),
            amr: vec!["pwd".into()],
            browser: "Chrome on Windows".into(),
            hard_end: NOW.plus(60),
        }
    }

    fn revoked(session: &Session) -> Revoked {
        Revoked {
            v: Version,
            sid: session.sid.clone(),
            instance: session.instance.clone(),
            agent: session.agent.clone(),
            reason: EndReason::SignedOut,
            by: None,
            at: NOW,
            hard_end: session.hard_end,
        }
    }

    fn store(records: &[(String, String)]) -> Memory {
        let mut store = Memory::default();
        for (key, value) in records {
            let metadata = Metadata { digest: String::new() };
            let entry = Entry { key: key.clone(), value: value.clone(), metadata };
            store.records.insert(key.clone(), entry);
        }
        store
    }

    fn record(record: &impl Record) -> (String, String) {
        (record.key(), record.json().unwrap())
    }

    fn sids(found: &Found) -> Vec<u128> {
        found.sessions.iter().map(|session| u128::from_str_radix(session.sid.as_str(), 16).unwrap()).collect()
    }

    #[test]
    fn sessions_that_stand_are_listed_and_ended_ones_are_not() {
        let (standing, ended) = (session(1, "desk1", 1), session(1, "desk2", 2));
        let past = Session { hard_end: NOW, ..session(1, "desk3", 3) };
        let mut store = store(&[record(&standing), record(&ended), record(&revoked(&ended)), record(&past)]);
        assert_eq!(sids(&list(&mut store, &Wanted::default(), NOW).unwrap()), [1]);
    }

    #[test]
    fn only_what_was_asked_for_is_listed() {
        // An agent whose name begins with another's, in two instances.
        let all = [session(1, "desk1", 1), session(1, "desk10", 2), session(2, "desk1", 3)];
        let mut store = store(&all.each_ref().map(record));
        let agent = Username::parse("Desk1").ok();
        let mut listed = |instance, agent| sids(&list(&mut store, &Wanted { instance, agent }, NOW).unwrap());
        assert_eq!(listed(None, None), [1, 2, 3]);
        assert_eq!(listed(Some(id(1)), None), [1, 2]);
        assert_eq!(listed(Some(id(1)), agent.clone()), [1]);
        assert_eq!(listed(None, agent), [1, 3]);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_told_and_hides_no_other() {
        let (good, bad) = (session(1, "desk1", 1), session(1, "desk2", 2));
        let mut store = store(&[record(&good), (bad.key(), "{}".into())]);
        let found = list(&mut store, &Wanted::default(), NOW).unwrap();
        assert_eq!(sids(&found), [1]);
        assert!(found.unreadable.len() == 1 && found.unreadable[0].contains(&bad.key()), "{:?}", found.unreadable);
    }
}

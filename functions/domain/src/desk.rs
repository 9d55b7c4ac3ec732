//! The desk of one agent: who holds it. Each login takes a new, higher lease; a lease says which of two sessions is
//! the newer one, wherever they meet.

use kv_schema::Timestamp;
use kv_schema::names::{InstallName, SessionId};
use serde::{Deserialize, Serialize};

use crate::browser::Browser;

/// What a desk remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    /// The number of the last lease that was given; it never falls.
    lease: u64,
    /// The session that holds the desk.
    holder: Option<Holder>,
}

/// A session as the desk knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The session.
    pub sid: SessionId,
    /// The install that the agent signed in through.
    pub install: InstallName,
    /// Browser and system.
    pub browser: Browser,
    /// When it took the desk.
    pub since: Timestamp,
}

/// What is asked of a desk. This is the body of a request to the object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Take the desk for a new session.
    Take(Holder),
    /// The session is over; leave the desk if it is still the one that holds it.
    Leave {
        /// The session.
        sid: SessionId,
    },
}

/// A desk's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The number of the last lease.
    pub lease: u64,
}

impl Desk {
    /// Applies what is asked.
    pub fn apply(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::Take(holder) => {
                self.lease += 1;
                self.holder = Some(holder);
            }
            Ask::Leave { sid } => {
                if self.holder.as_ref().is_some_and(|holder| holder.sid == sid) {
                    self.holder = None;
                }
            }
        }
        Answer { lease: self.lease }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(number: u128) -> Holder {
        Holder {
            sid: SessionId::from_bits(number),
            install: InstallName::parse("lisbon").unwrap(),
            browser: Browser::from_user_agent(""),
            since: Timestamp(1),
        }
    }

    #[test]
    fn each_login_takes_a_higher_lease() {
        let mut desk = Desk::default();
        assert_eq!(desk.apply(Ask::Take(holder(1))).lease, 1);
        assert_eq!(desk.apply(Ask::Take(holder(2))).lease, 2);
    }

    #[test]
    fn an_older_session_cannot_clear_the_desk_of_a_newer_one() {
        let mut desk = Desk::default();
        desk.apply(Ask::Take(holder(1)));
        desk.apply(Ask::Take(holder(2)));
        desk.apply(Ask::Leave { sid: SessionId::from_bits(1) });
        assert_eq!(desk.holder, Some(holder(2)));
        desk.apply(Ask::Leave { sid: SessionId::from_bits(2) });
        assert_eq!((desk.holder, desk.lease), (None, 2));
    }
}

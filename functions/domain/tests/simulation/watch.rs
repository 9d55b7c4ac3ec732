//! What must never be broken, and what has to be remembered to tell. None of it reads what the sites or pages believe:
//! it knows what the desks have answered and what was under way.

use std::collections::BTreeMap;

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use kv_schema::sessions::EndReason;
use onecontact_domain::desk::RoutingId;

use super::world::Ms;

macro_rules! invariants {
    ($($name:ident: $sentence:literal,)*) => {
        /// What must never be broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Invariant { $($name),* }

        impl Invariant {
            pub(crate) const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),* }
            }
        }
    };
}

invariants! {
    NoResurrection: "once ended, a session is nowhere accepted: no socket, no command, no renewal",
    PagesUntilTheTombstone: "pages of an ended session render until KV shows its tombstone, and no longer",
    NoPagePastTheToken: "nothing is accepted past a token's life",
    NoRenewalOfTheEnded: "no token is made for a session that has ended",
    OneOwner: "no two sessions stand at one desk",
    OneSocket: "no two sessions have a socket at one desk",
    TakenMeansOwner: "whoever was answered Taken holds the desk until somebody else does or it ends for a reason",
    AskedBeforeReplaced: "nobody whose desktop was connected is replaced by another browser that was not asked",
    LeasesGrow: "leases only grow",
    TokensVerifyEverywhere: "a token verifies at every site for as long as it lives",
    RetiredKeysVerifyNothing: "a retired key past its date verifies nothing",
    EventsOnceInOrder: "a page sees each event of its session once and in order",
    CommandsOnceInOrder: "each command is applied once and in order",
    SilentIsLoggedOut: "a page that is silent for too long is logged out",
    SilentIsNotReady: "an agent whose page is silent takes no interaction",
    HeardStays: "a page that is heard is never logged out",
    NoHardEndInAnInteraction: "no hard end falls into an interaction",
    EndsAreTold: "in the end KV knows of every session that has ended, and lists it no more",
    NoTombstoneForTheLiving: "no session that stands has a tombstone",
    OneOutcome: "each offer has one outcome, whoever asks for it and however often it is sent",
    EveryOfferHasAnOutcome: "no offer is without an outcome but the one that the agent sees",
    OneHolder: "no two agents hold one extension",
    NobodyLockedOut: "left in peace, whoever is without their extension is so because another agent has it",
    NoFalseLogin: "nobody is asked to log in whose session stands and whose token is good",
    ComesToRest: "left in peace, every page is open or over, and nothing is left to be done",
}

/// One of them was broken.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) at: Ms,
    pub(crate) how: String,
}

/// A session, according to its desk's answers.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    pub(crate) agent: usize,
    pub(crate) lease: u64,
    pub(crate) ended: Option<(Ms, EndReason)>,
    /// If it has ended: until when one of its tokens may be valid.
    pub(crate) matters_until: Timestamp,
    /// Whether its agent signed out while the desk could not be asked: KV was told instead.
    pub(crate) told_by_site: bool,
    pub(crate) first_event: u64,
}

/// What is known about one agent's desk.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) owner: Option<SessionId>,
    pub(crate) lease: u64,
    pub(crate) log: BTreeMap<u64, String>,
    /// When the owner's page was last heard at the desk, or its agent signed in; `None` if there is no owner.
    pub(crate) heard: Option<Ms>,
    /// What came of every offer that was made.
    pub(crate) offers: BTreeMap<RoutingId, super::routing::Fate>,
    /// When the desk's host was down.
    pub(crate) down: Vec<(Ms, Ms)>,
}

impl Known {
    /// How long its owner's page has been silent while the desk could have heard it. An absence of the host counts for
    /// at most `most`.
    pub(crate) fn silence(&self, now: Ms, most: Ms) -> Option<Ms> {
        let heard = self.heard?;
        let spells = self.down.iter().map(|(from, to)| (*to).min(now).saturating_sub((*from).max(heard)));
        Some((now - heard).saturating_sub(spells.map(|spell| spell.saturating_sub(most)).sum()))
    }
}

#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) fates: BTreeMap<SessionId, Fate>,
    pub(crate) desks: Vec<Known>,
    pub(crate) last_end: Ms,
    /// Every token that was made, and until when it is valid.
    pub(crate) tokens: BTreeMap<String, Timestamp>,
    pub(crate) violation: Option<Violation>,
}

impl Watch {
    pub(crate) fn broken(&mut self, invariant: Invariant, at: Ms, how: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { invariant, at, how: how() });
        }
    }

    pub(crate) fn ended(&self, sid: &SessionId) -> Option<(Ms, EndReason)> {
        self.fates.get(sid).and_then(|fate| fate.ended)
    }

    pub(crate) fn stands(&self, sid: &SessionId) -> bool {
        self.desks.iter().any(|desk| desk.owner.as_ref() == Some(sid))
    }
}

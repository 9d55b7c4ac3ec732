//! Bugs planted on purpose, each in what hosts the desk, the tokens or the keys: the simulation is only worth what
//! it finds of them.

use super::watch::Invariant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A site renews a token past half its life without asking.
    RenewsWithoutAsking,
    /// A site believes KV when it should ask the desk.
    BelievesKv,
    /// A site that cannot ask the desk does not look for a tombstone either.
    GoesOnUnasked,
    /// An isolate that once found no tombstone never looks again.
    BelievesForever,
    /// The object leaves the sockets of an ended session open.
    ForgetsToFence,
    /// The desk is shown each token with the newest lease number.
    AcceptsAnOlderLease,
    /// The desk is told that every agent has agreed to take over.
    TakesOverUnasked,
    /// The desk gives each command a number of its own.
    RepeatsCommands,
    /// The object's host comes back with what was stored a while ago.
    LosesWrites,
    /// The object takes KV's refusal for success.
    ForgetsTombstones,
    /// The object sets no alarm for what it is telling KV.
    TellsOnce,
    /// The object has KV keep tombstones for the shortest possible time.
    BuriesForAMinute,
    /// The object writes a tombstone for a session that has begun.
    BuriesTheLiving,
    /// The welcome leaves out the first missed event.
    LosesAnEvent,
    /// The welcome repeats the last event seen.
    DoublesAnEvent,
    /// The object forgets when it was pinged.
    HearsNobody,
    /// The object sets no alarm if one was set before.
    OversleepsSilence,
    /// A socket that the network gives up counts as a sign of life.
    HearsTheDead,
    /// The desk is told of a hard end that falls into an interaction.
    CutsInteractions,
    /// The object does not check whether an offer was made before.
    ForgetsOffers,
    /// The object does not store what the passing of time did to an offer.
    LosesOutcomes,
    /// A lease takes a desk that it cannot reach for one that has nothing.
    TakesSilenceForFree,
    /// A lease asks nobody whether it still stands.
    BelievesLeasesStand,
    /// A lease does not check which claim is freed.
    FreesAnyClaim,
    /// A rotation drops the active key instead of retiring it.
    DropsTheActiveKey,
    /// A rotation signs with a key that nobody knows yet.
    SignsWithANewKey,
    /// Retired keys verify for ever.
    KeepsRetiredKeys,
}

impl Bug {
    pub(crate) const ALL: [Self; 27] = [
        Self::RenewsWithoutAsking,
        Self::BelievesKv,
        Self::GoesOnUnasked,
        Self::BelievesForever,
        Self::ForgetsToFence,
        Self::AcceptsAnOlderLease,
        Self::TakesOverUnasked,
        Self::RepeatsCommands,
        Self::LosesWrites,
        Self::ForgetsTombstones,
        Self::TellsOnce,
        Self::BuriesForAMinute,
        Self::BuriesTheLiving,
        Self::LosesAnEvent,
        Self::DoublesAnEvent,
        Self::HearsNobody,
        Self::OversleepsSilence,
        Self::HearsTheDead,
        Self::CutsInteractions,
        Self::ForgetsOffers,
        Self::LosesOutcomes,
        Self::TakesSilenceForFree,
        Self::BelievesLeasesStand,
        Self::FreesAnyClaim,
        Self::DropsTheActiveKey,
        Self::SignsWithANewKey,
        Self::KeepsRetiredKeys,
    ];

    /// What it breaks; finding any of these counts.
    pub(crate) const fn breaks(self) -> &'static [Invariant] {
        match self {
            Self::RenewsWithoutAsking => &[Invariant::NoRenewalOfTheEnded],
            Self::BelievesKv => &[Invariant::NoRenewalOfTheEnded, Invariant::NoResurrection],
            Self::GoesOnUnasked | Self::BelievesForever | Self::BuriesForAMinute => {
                &[Invariant::PagesUntilTheTombstone]
            }
            Self::ForgetsToFence => &[Invariant::OneSocket],
            Self::AcceptsAnOlderLease => &[Invariant::NoResurrection, Invariant::TakenMeansOwner],
            Self::TakesOverUnasked => &[Invariant::AskedBeforeReplaced],
            Self::RepeatsCommands => &[Invariant::CommandsOnceInOrder],
            Self::LosesWrites => &[
                Invariant::TakenMeansOwner,
                Invariant::LeasesGrow,
                Invariant::EventsOnceInOrder,
                Invariant::EveryOfferHasAnOutcome,
                Invariant::OneHolder,
            ],
            Self::TakesSilenceForFree => &[Invariant::OneHolder],
            // An agent who has lost it to a late message is told that it is held, by one who gave it back.
            Self::FreesAnyClaim => &[Invariant::OneHolder, Invariant::NobodyLockedOut],
            Self::BelievesLeasesStand => &[Invariant::NobodyLockedOut],
            Self::ForgetsOffers | Self::LosesOutcomes => &[Invariant::OneOutcome],
            Self::ForgetsTombstones | Self::TellsOnce => &[Invariant::EndsAreTold],
            Self::BuriesTheLiving => &[Invariant::NoTombstoneForTheLiving, Invariant::NoFalseLogin],
            Self::LosesAnEvent | Self::DoublesAnEvent => &[Invariant::EventsOnceInOrder],
            Self::HearsNobody => &[Invariant::HeardStays],
            // Telling KV depends on the alarm as well.
            Self::OversleepsSilence => &[Invariant::SilentIsLoggedOut, Invariant::EndsAreTold, Invariant::ComesToRest],
            Self::HearsTheDead => &[Invariant::SilentIsNotReady, Invariant::SilentIsLoggedOut],
            Self::CutsInteractions => &[Invariant::NoHardEndInAnInteraction],
            Self::DropsTheActiveKey | Self::SignsWithANewKey => &[Invariant::TokensVerifyEverywhere],
            Self::KeepsRetiredKeys => &[Invariant::RetiredKeysVerifyNothing],
        }
    }

    /// The first seed that finds it, so that it can be found again without the search.
    pub(crate) const fn seed(self) -> u64 {
        match self {
            Self::ForgetsToFence
            | Self::LosesWrites
            | Self::BuriesTheLiving
            | Self::LosesAnEvent
            | Self::DoublesAnEvent
            | Self::HearsNobody
            | Self::ForgetsOffers => 0,
            Self::RenewsWithoutAsking
            | Self::AcceptsAnOlderLease
            | Self::TakesOverUnasked
            | Self::ForgetsTombstones
            | Self::BuriesForAMinute
            | Self::LosesOutcomes
            | Self::DropsTheActiveKey
            | Self::KeepsRetiredKeys => 1,
            Self::CutsInteractions | Self::SignsWithANewKey => 2,
            Self::GoesOnUnasked => 4,
            Self::BelievesKv => 11,
            Self::TakesSilenceForFree => 12,
            Self::BelievesForever => 23,
            Self::RepeatsCommands => 61,
            Self::HearsTheDead => 40,
            Self::OversleepsSilence => 1154,
            Self::TellsOnce => 5037,
            Self::BelievesLeasesStand | Self::FreesAnyClaim => 293,
        }
    }
}

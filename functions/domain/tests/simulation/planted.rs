//! Bugs planted on purpose, each in what carries the desk, the tokens or the keys: what the simulation is worth is whether
//! it finds them.

use super::watch::Invariant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A site renews a token past half its life by itself.
    RenewsWithoutAsking,
    /// A site believes KV in place of the desk where the desk should be asked.
    BelievesKv,
    /// A site that cannot ask the desk does not look for a tombstone either.
    GoesOnUnasked,
    /// An isolate that once found no tombstone looks no more.
    BelievesForever,
    /// The object leaves the sockets of a session open that is over.
    ForgetsToFence,
    /// The desk is shown each token with the newest lease.
    AcceptsAnOlderLease,
    /// The desk is told that every agent has said to take over.
    TakesOverUnasked,
    /// The desk gives each command a number of its own.
    RepeatsCommands,
    /// The object's host comes back with what was kept a while ago.
    LosesWrites,
    /// The object takes KV's refusal for success.
    ForgetsTombstones,
    /// The object sets no alarm for what it is telling KV.
    TellsOnce,
    /// The object has KV keep tombstones for as short as it can.
    BuriesForAMinute,
    /// The object writes a tombstone where a session has begun.
    BuriesTheLiving,
    /// The welcome leaves the first missed event out.
    LosesAnEvent,
    /// The welcome repeats the last event seen.
    DoublesAnEvent,
    /// The object forgets when it was pinged.
    HearsNobody,
    /// The object sets no alarm once one was set.
    OversleepsSilence,
    /// A socket that the network gives up counts as a sign of life.
    HearsTheDead,
    /// The desk is told of a hard end that falls into an interaction.
    CutsInteractions,
    /// The object does not look whether an offer was made before.
    ForgetsOffers,
    /// The object does not keep what time has made of an offer.
    LosesOutcomes,
    /// A lease takes a desk that it cannot ask for one that has nothing.
    TakesSilenceForFree,
    /// A lease asks nobody whether it still stands.
    BelievesLeasesStand,
    /// A lease does not look which claim is freed.
    FreesAnyClaim,
    /// A rotation drops the active key in place of retiring it.
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

    /// What it breaks; any of these is a find.
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
            // Who has lost it to a late word is told that it is held, by an agent who gave it back.
            Self::FreesAnyClaim => &[Invariant::OneHolder, Invariant::NobodyLockedOut],
            Self::BelievesLeasesStand => &[Invariant::NobodyLockedOut],
            Self::ForgetsOffers | Self::LosesOutcomes => &[Invariant::OneOutcome],
            Self::ForgetsTombstones | Self::TellsOnce => &[Invariant::EndsAreTold],
            Self::BuriesTheLiving => &[Invariant::NoTombstoneForTheLiving, Invariant::NoFalseLogin],
            Self::LosesAnEvent | Self::DoublesAnEvent => &[Invariant::EventsOnceInOrder],
            Self::HearsNobody => &[Invariant::HeardStays],
            // The alarm is what telling KV hangs on as well.
            Self::OversleepsSilence => &[Invariant::SilentIsLoggedOut, Invariant::EndsAreTold, Invariant::ComesToRest],
            Self::HearsTheDead => &[Invariant::SilentIsNotReady, Invariant::SilentIsLoggedOut],
            Self::CutsInteractions => &[Invariant::NoHardEndInAnInteraction],
            Self::DropsTheActiveKey | Self::SignsWithANewKey => &[Invariant::TokensVerifyEverywhere],
            Self::KeepsRetiredKeys => &[Invariant::RetiredKeysVerifyNothing],
        }
    }

    /// The first seed that finds it, to be found again without the search.
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

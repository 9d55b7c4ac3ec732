//! The API for other systems: what they may ask for ([`Call`]), what they say in doing so (`body`), and what keeps them
//! from it ([`Refusal`]).
//!
//! [`crate::token::service`] determines who asks; whatever is not allowed there and here is refused.

mod body;
mod refusal;
mod sessions;

use kv_schema::directory::Scope;
use kv_schema::names::{InstanceId, Username};
use percent_encoding::percent_decode_str;

use crate::desk::RoutingId;
use crate::token::service::Caller;

pub use body::{LARGEST_BODY, ending, operation, proposal, state, wait};
pub use refusal::Refusal;
pub use sessions::Listing;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Something about one agent.
    Agent(AgentCall),
    /// GET `/api/v1/instances/<instance id>/sessions`: who is signed in there, according to `SESSIONS`.
    Sessions(InstanceId),
}

/// Something about one agent: `/api/v1/instances/<instance id>/agents/<username>…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCall {
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// What is asked.
    pub what: What,
}

/// What is asked about an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// GET: who is signed in and in which state.
    Look,
    /// POST `…/state`: to change the state.
    ChooseState,
    /// POST `…/end-session`: to end what session there is.
    EndSession,
    /// POST `…/offers`: to offer an interaction.
    Offer,
    /// GET `…/offers/<id>`: how an offer stands.
    FindOffer(RoutingId),
    /// POST `…/offers/<id>/cancel`: to take an offer back.
    CancelOffer(RoutingId),
    /// POST `…/interactions/<id>/end`: to end an interaction.
    EndInteraction(RoutingId),
    /// GET `…/account`: what keeps the agent out, and what they are checked against.
    LookAtAccount,
    /// POST `…/account/<action>`: to change the account itself.
    Account(AccountAction),
}

/// What is done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountAction {
    /// `unlock`: ends a lock.
    Unlock,
    /// `reset`: gives the agent another password.
    Reset,
    /// `disable`: keeps the agent out.
    Disable,
    /// `enable`: lets the agent in again.
    Enable,
    /// `require-second-step`: requires more than a password of the agent.
    RequireSecondStep,
    /// `waive-second-step`: requires it only if that is declared.
    WaiveSecondStep,
    /// `reset-second-step`: forgets the agent's authenticator app, passkeys, recovery codes and devices.
    ResetSecondStep,
}

impl AccountAction {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::Unlock,
        Self::Reset,
        Self::Disable,
        Self::Enable,
        Self::RequireSecondStep,
        Self::WaiveSecondStep,
        Self::ResetSecondStep,
    ];

    /// Its name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Reset => "reset",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::RequireSecondStep => "require-second-step",
            Self::WaiveSecondStep => "waive-second-step",
            Self::ResetSecondStep => "reset-second-step",
        }
    }

    fn parse(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == segment)
    }
}

impl Call {
    /// Parses what follows `/api/` in a path.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/');
        let mut is_next = |wanted: &str| segments.next() == Some(wanted);
        if !(is_next("v1") && is_next("instances")) {
            return None;
        }
        // As with usernames, letter case does not matter: nor does it in a ULID.
        let instance = InstanceId::parse(&segments.next()?.to_ascii_uppercase()).ok()?;
        match segments.next()? {
            "agents" => {}
            "sessions" if segments.next().is_none() => return Some(Self::Sessions(instance)),
            _ => return None,
        }
        let agent = percent_decode_str(segments.next()?).decode_utf8().ok()?;
        let agent = Username::parse(&agent).ok()?;
        let what = match (segments.next(), segments.next(), segments.next()) {
            (None, None, None) => What::Look,
            (Some("state"), None, None) => What::ChooseState,
            (Some("end-session"), None, None) => What::EndSession,
            (Some("offers"), None, None) => What::Offer,
            (Some("offers"), Some(id), None) => What::FindOffer(routing_id(id)?),
            (Some("offers"), Some(id), Some("cancel")) => What::CancelOffer(routing_id(id)?),
            (Some("account"), None, None) => What::LookAtAccount,
            (Some("account"), Some(action), None) => What::Account(AccountAction::parse(action)?),
            (Some("interactions"), Some(id), Some("end")) => What::EndInteraction(routing_id(id)?),
            _ => return None,
        };
        segments.next().is_none().then_some(Self::Agent(AgentCall { instance, agent, what }))
    }

    /// Whether `caller` may ask this.
    ///
    /// # Errors
    /// Without the scope, [`Refusal::InsufficientScope`], whatever the call is about. About an instance that is none of
    /// its business a caller learns nothing: neither whether it exists nor whether the agent does.
    pub fn admits(&self, caller: &Caller) -> Result<(), Refusal> {
        let (scope, stranger) = match self {
            Self::Sessions(_) => (Scope::AgentsRead, Refusal::UnknownInstance),
            Self::Agent(call) => (call.what.scope(), Refusal::UnknownAgent),
        };
        if !caller.may(scope) {
            Err(Refusal::InsufficientScope)
        } else if caller.reaches(self.instance()) {
            Ok(())
        } else {
            Err(stranger)
        }
    }

    /// The instance that the call is about.
    #[must_use]
    pub const fn instance(&self) -> &InstanceId {
        match self {
            Self::Agent(call) => &call.instance,
            Self::Sessions(instance) => instance,
        }
    }

    /// The value of `Allow` (RFC 9110, section 10.2.1).
    #[must_use]
    pub const fn allow(&self) -> &'static str {
        match self {
            Self::Sessions(_)
            | Self::Agent(AgentCall { what: What::Look | What::LookAtAccount | What::FindOffer(_), .. }) => "GET, HEAD",
            Self::Agent(_) => "POST",
        }
    }
}

impl What {
    const fn scope(&self) -> Scope {
        match self {
            Self::Look => Scope::AgentsRead,
            Self::ChooseState => Scope::AgentsState,
            Self::EndSession => Scope::SessionsEnd,
            Self::Offer => Scope::OffersMake,
            Self::FindOffer(_) => Scope::OffersRead,
            Self::CancelOffer(_) => Scope::OffersCancel,
            Self::EndInteraction(_) => Scope::InteractionsEnd,
            Self::LookAtAccount | Self::Account(_) => Scope::AccountsManage,
        }
    }
}

fn routing_id(segment: &str) -> Option<RoutingId> {
    let id = percent_decode_str(segment).decode_utf8().ok()?;
    RoutingId::try_from(id.into_owned()).ok()
}

#[cfg(test)]
mod tests;

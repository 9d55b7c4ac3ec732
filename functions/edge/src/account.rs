//! The account that a form is about.

use std::rc::Rc;

use kv_schema::directory::{Agent, Instance};
use kv_schema::names::{EmailAddress, InstanceId, InstanceName, Username};
use onecontact_domain::problem::Problem;

use crate::visit::Visit;

/// The account that a form is about, as far as it exists.
pub(crate) struct Account {
    pub(crate) instance: Option<Rc<Instance>>,
    /// The instance id that its guard is found under, even if there is no such instance.
    pub(crate) instance_id: InstanceId,
    pub(crate) username: Username,
    pub(crate) agent: Option<Agent>,
}

impl Account {
    /// The agent, if they may sign in with a password: `None` where their instance has a provider of its own.
    pub(crate) fn active(&self) -> Option<&Agent> {
        self.agent.as_ref().filter(|agent| !agent.disabled && !self.is_elsewhere())
    }

    /// Whether its agents sign in at a provider of their own.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.instance.as_ref().is_some_and(|instance| instance.provider.is_some())
    }
}

/// Looks the account up. An impossible instance or name is looked up like one that does not exist.
pub(crate) async fn find(visit: &Visit<'_>, named: Option<&InstanceName>, account: &str) -> Result<Account, Problem> {
    let instance = match (&visit.instance, named) {
        (Some(instance), _) => Some(Rc::clone(instance)),
        (None, Some(name)) => match visit.directory.instance_by_name(name).await? {
            Some(named) => visit.directory.instance(&named.instance).await?,
            None => None,
        },
        (None, None) => None,
    };
    let instance = match instance {
        Some(instance) if visit.serves(&instance)? => Some(instance),
        _ => None,
    };
    let instance_id = instance.as_ref().map_or_else(InstanceId::nobody, |instance| instance.id.clone());
    let by_email = match EmailAddress::parse(account) {
        Ok(email) => visit.directory.email(&instance_id, &email).await?.map(|email| email.username),
        Err(_) => None,
    };
    let username = match by_email {
        Some(username) => username,
        None => Username::parse(account).unwrap_or_else(|_| Username::impossible()),
    };
    let agent = visit.directory.agent(&instance_id, &username).await?;
    Ok(Account { instance, instance_id, username, agent })
}

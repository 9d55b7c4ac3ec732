//! Which instance an address stands for.

use kv_schema::directory::{Host, Install, Instance, Serves};
use kv_schema::names::InstanceId;

use crate::problem::Problem;

/// The instances that the address may stand for, by id, the best first: the host's, then the install's only one.
///
/// # Errors
/// [`Problem::InstallWithoutInstances`] if nobody can sign in through the install.
pub fn candidates(host: Option<&Host>, install: &Install) -> Result<Vec<InstanceId>, Problem> {
    let only = match &install.serves {
        Serves::None => return Err(Problem::InstallWithoutInstances(install.name.name())),
        Serves::One(only) => Some(only),
        Serves::Many => None,
    };
    let mut ids: Vec<_> = host.map(|host| &host.instance).into_iter().chain(only).cloned().collect();
    ids.dedup();
    Ok(ids)
}

/// Whether agents of `instance` may sign in through `install`.
#[must_use]
pub fn is_served(instance: &Instance, install: &Install) -> bool {
    !instance.retired && instance.installs.contains(&install.name.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_hostname_goes_before_the_only_instance() {
        let (host, install) = (fixture::host(2), fixture::install(Serves::One(fixture::id(1))));
        assert_eq!(candidates(Some(&host), &install), Ok(vec![fixture::id(2), fixture::id(1)]));
        assert_eq!(candidates(None, &install), Ok(vec![fixture::id(1)]));
    }

    #[test]
    fn several_instances_and_no_hostname_have_to_be_asked_about() {
        assert_eq!(candidates(None, &fixture::install(Serves::Many)), Ok(vec![]));
    }

    #[test]
    fn an_install_without_instances_is_a_problem_of_its_own() {
        let install = fixture::install(Serves::None);
        assert_eq!(
            candidates(Some(&fixture::host(1)), &install),
            Err(Problem::InstallWithoutInstances(install.name.name()))
        );
    }

    #[test]
    fn neither_a_retired_instance_nor_another_installs_is_served() {
        let install = fixture::install(Serves::Many);
        assert!(is_served(&fixture::instance(1), &install));
        assert!(!is_served(&Instance { retired: true, ..fixture::instance(1) }, &install));
        assert!(!is_served(&Instance { installs: vec![], ..fixture::instance(1) }, &install));
    }
}

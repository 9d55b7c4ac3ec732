//! Records for tests.

use kv_schema::Timestamp;
use kv_schema::directory::{Agent, Host, Install, Instance, Password, Serves};
use kv_schema::names::{EmailAddress, HostPattern, InstallSpelling, InstanceId, InstanceName, Username};
use kv_schema::record::Version;
use kv_schema::sessions::CreatedAgent;

pub(crate) fn id(number: u8) -> InstanceId {
    InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y5Z7B{number:02}")).unwrap()
}

pub(crate) fn spelling() -> InstallSpelling {
    InstallSpelling::parse("Lisbon").unwrap()
}

pub(crate) fn install(serves: Serves) -> Install {
    Install::new(spelling(), serves)
}

pub(crate) fn instance(number: u8) -> Instance {
    Instance::new(id(number), InstanceName::parse("acme").unwrap(), "Acme".to_owned(), vec![spelling().name()])
}

pub(crate) fn host(number: u8) -> Host {
    let host = HostPattern::parse("acme.example.com").unwrap();
    Host { v: Version, host, instance: id(number), install: None }
}

pub(crate) fn agent() -> Agent {
    let password = Password { phc: String::new(), set_at: Timestamp(0), must_change: false };
    let agent = Agent::new(id(1), Username::parse("desk.seven").unwrap(), "Régie 7".to_owned(), password);
    Agent { email: EmailAddress::parse("front.desk@example.com").ok(), ..agent }
}

pub(crate) fn created() -> CreatedAgent {
    CreatedAgent {
        v: Version,
        instance: id(1),
        username: Username::parse("desk.seven").unwrap(),
        subject: None,
        display_name: "Régie 7".to_owned(),
        email: None,
        default_extension: None,
        language: None,
    }
}

//! Records for tests.

use kv_schema::Timestamp;
use kv_schema::directory::{Agent, Host, Install, Instance, LockPolicy, Password, Presence, SecondStep, Serves};
use kv_schema::names::{EmailAddress, HostPattern, InstallSpelling, InstanceId, InstanceName, Username};
use kv_schema::record::Version;

pub(crate) fn id(number: u8) -> InstanceId {
    InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y5Z7B{number:02}")).unwrap()
}

pub(crate) fn spelling() -> InstallSpelling {
    InstallSpelling::parse("Lisbon").unwrap()
}

pub(crate) fn install(serves: Serves) -> Install {
    Install {
        v: Version,
        name: spelling(),
        serves,
        allow_extension_configuration: true,
        language: None,
        shift_minutes: 720,
        overtime_minutes: 0,
        presence: Presence::default(),
        audiences: Vec::new(),
        recorder: None,
    }
}

pub(crate) fn instance(number: u8) -> Instance {
    Instance {
        v: Version,
        id: id(number),
        name: InstanceName::parse("acme").unwrap(),
        display_name: "Acme".to_owned(),
        installs: vec![spelling().name()],
        address: None,
        language: None,
        lock: LockPolicy::default(),
        recorder: None,
        not_ready_reasons: Vec::new(),
        wrap_up_seconds: None,
        requires_extension: false,
        tells_extension_holder: false,
        password_history: Instance::USUAL_HISTORY,
        password_max_age_days: 0,
        second_step: SecondStep::Off,
        remembers_devices: false,
        retired: false,
    }
}

pub(crate) fn host(number: u8) -> Host {
    let host = HostPattern::parse("acme.example.com").unwrap();
    Host { v: Version, host, instance: id(number), install: None }
}

pub(crate) fn agent() -> Agent {
    Agent {
        v: Version,
        instance: id(1),
        username: Username::parse("desk.seven").unwrap(),
        display_name: "Régie 7".to_owned(),
        email: EmailAddress::parse("front.desk@example.com").ok(),
        phone: None,
        default_extension: None,
        language: None,
        requires_extension: None,
        requires_second_step: false,
        disabled: false,
        password: Password { phc: String::new(), set_at: Timestamp(0), must_change: false },
    }
}

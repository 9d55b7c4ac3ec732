//! What is declared in the directory: as many instances and agents as wanted, of which only the first few are asked
//! about.

use std::ops::Range;

use anyhow::Result;
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version as Argon2Version};
use kv_schema::Timestamp;
use kv_schema::directory::{
    Agent, AllowedAgents, ExtensionKind, Install, Instance, InstanceByName, Password, PhoneExtension, Presence, Serves,
    Service,
};
use kv_schema::names::{Extension, InstallName, InstallSpelling, InstanceId, InstanceName, Username};
use kv_schema::record::Version;
use onecontact_tests::{Kv, service};
use rand_core::OsRng;

use crate::load::CONNECTIONS;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The install's name.
pub(crate) const INSTALL: &str = "Bench";

/// The agents who have an extension, one per connection.
pub(crate) const WITH_EXTENSION: Range<usize> = CONNECTIONS..2 * CONNECTIONS;

/// Whom access tokens are for.
pub(crate) const AUDIENCE: &str = "recorder";

/// Argon2id's memory in KiB: the Worker's, and the least possible.
pub(crate) const MEMORY: u32 = 19 * 1024;
pub(crate) const LEAST_MEMORY: u32 = 8;
/// Passes over that memory, as in the Worker.
const PASSES: u32 = 2;

/// The hash of [`PASSWORD`] with that much memory.
pub(crate) fn phc(memory: u32) -> Result<String> {
    let failed = |error| anyhow::anyhow!("the password cannot be hashed: {error}");
    let params = Params::new(memory, PASSES, 1, None).map_err(|error| failed(error.into()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Argon2Version::V0x13, params);
    let salt = SaltString::generate(&mut OsRng);
    Ok(argon2.hash_password(PASSWORD.as_bytes(), &salt).map_err(failed)?.to_string())
}

/// The install's name, parsed.
pub(crate) fn install() -> Result<InstallName> {
    Ok(InstallName::parse(INSTALL)?)
}

/// The id of an instance, by number.
pub(crate) fn instance(number: usize) -> Result<InstanceId> {
    Ok(InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y{number:06}"))?)
}

/// The extension of an agent, by number.
fn extension(number: usize) -> Result<Extension> {
    Ok(Extension::parse(&format!("{}", 1001 + number))?)
}

/// The username of an agent, by number.
pub(crate) fn username(number: usize) -> Result<Username> {
    Ok(Username::parse(&format!("agent{number}"))?)
}

/// Declares `instances`, and `agents` spread over them, all with the password that `phc` is the hash of. The first
/// agents belong to the first instance, which is the one that the install serves.
pub(crate) fn declare(directory: &Kv, instances: usize, agents: usize, phc: &str) -> Result<()> {
    for number in 0..instances {
        let (id, name) = (instance(number)?, InstanceName::parse(&format!("acme{number}"))?);
        directory.declare(&InstanceByName { v: Version, name: name.clone(), instance: id.clone() });
        directory.declare(&Instance::new(id, name, format!("Acme {number} Support"), vec![install()?]));
    }
    let install = Install::new(InstallSpelling::parse(INSTALL)?, Serves::One(instance(0)?));
    // No desktop connects here, and a session without one must not end before the last round.
    let presence = Presence { logged_out_seconds: 86_400, ..Presence::default() };
    directory.declare(&Install { audiences: vec![AUDIENCE.to_owned()], presence, ..install });
    let scopes = ["offers:make", "offers:read", "interactions:end"].map(str::to_owned).to_vec();
    directory.declare(&Service { scopes, ..service::supervisor(instance(0)?) });
    for number in 0..agents {
        let password = Password { phc: phc.to_owned(), set_at: Timestamp(1_795_000_000), must_change: false };
        let instance = instance(number * instances / agents)?;
        let default_extension = WITH_EXTENSION.contains(&number).then(|| extension(number)).transpose()?;
        if let Some(extension) = default_extension.clone() {
            let (instance, usual_of) = (instance.clone(), vec![username(number)?]);
            let (kind, agents) = (ExtensionKind::DeskPhone, AllowedAgents::All);
            directory.declare(&PhoneExtension { v: Version, instance, extension, kind, agents, usual_of });
        }
        let agent = Agent::new(instance, username(number)?, format!("Agent {number}"), password);
        directory.declare(&Agent { default_extension, ..agent });
    }
    Ok(())
}

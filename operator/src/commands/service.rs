//! `onecontact service new`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use kv_schema::directory::Scope;
use kv_schema::names::{InstanceName, NameError, ServiceName};
use serde_json::json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};
use ulid::Ulid;

use crate::declarations::service::{EVERY_INSTANCE, scope};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::signing::ServiceJwk;

/// The new service.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Its name
    #[arg(value_parser = ServiceName::parse)]
    name: ServiceName,
    /// What it may do: one scope each, such as agents:read or offers:make
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// An instance whose agents it deals with, by name; "*" for all
    #[arg(long = "instance", value_name = "INSTANCE", required = true, value_parser = instance)]
    instances: Vec<String>,
    /// Where the private key goes, if not into <NAME>.key.json
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Makes a service's key: the private half into a file, the declaration with the public half on standard output.
pub(super) fn new(args: &NewArgs, output: &Output) -> Result<Exit, Failure> {
    let name = &args.name;
    let file = args.key.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.key.json")));
    let jwk = ServiceJwk::new();
    keep(&file, &jwk)?;
    let id = Ulid::generate().to_string();
    let declaration = declaration(args, &id, &jwk).to_string();
    let result = json!({ "name": name, "id": id, "kid": jwk.kid, "key": file, "declaration": declaration });
    output.result(declaration.trim_end(), &result)?;
    output.note(format!(
        "The private key is in {}: keep it where the service's secrets are, and nowhere else. Add what was printed to \
         your declarations, and apply them.",
        file.display()
    ));
    Ok(Exit::Done)
}

/// An instance as it is declared for a service: its name, or the word for all of them.
fn instance(text: &str) -> Result<String, NameError> {
    if text != EVERY_INSTANCE {
        InstanceName::parse(text)?;
    }
    Ok(text.to_owned())
}

/// Writes the private key into a new file that only this user can read.
fn keep(path: &Path, jwk: &ServiceJwk) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::Refused(format!("{} already exists: a key is never overwritten", path.display()))
        }
        _ => Failure::files(path, &error),
    })?;
    let json = jwk.json();
    file.write_all(json.as_bytes()).map_err(|error| Failure::files(path, &error))
}

fn declaration(args: &NewArgs, id: &str, jwk: &ServiceJwk) -> DocumentMut {
    let mut key = InlineTable::new();
    for (name, text) in [("kty", "OKP"), ("crv", "Ed25519"), ("kid", &*jwk.kid), ("x", &*jwk.x)] {
        key.insert(name, text.into());
    }
    let mut service = Table::new();
    service.insert("name", value(args.name.as_str()));
    service.insert("id", value(id));
    service.insert("scopes", value(args.scopes.iter().map(|scope| scope.name()).collect::<Array>()));
    service.insert("instances", value(Array::from_iter(&args.instances)));
    service.insert("keys", value(Array::from_iter([key])));
    let mut services = ArrayOfTables::new();
    services.push(service);
    let mut document = DocumentMut::new();
    document.insert("service", Item::ArrayOfTables(services));
    document
}

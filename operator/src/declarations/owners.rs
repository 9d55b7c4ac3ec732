//! Whose a declared password is, as far as can be told before the declarations are interpreted: by the instances' ids
//! and the username.

use std::collections::HashMap;

use kv_schema::names::{InstanceId, InstanceName, Username};

use super::item::{FieldValue, Item, ItemKind};
use crate::passwords::{self, Salt};

/// The instances of a directory, by name.
#[derive(Debug, Default)]
pub(crate) struct Owners(HashMap<InstanceName, InstanceId>);

impl Owners {
    /// Those that `items` declare; of two with the same name, the first.
    pub(crate) fn of(items: &[Item]) -> Self {
        let mut owners = Self::default();
        for item in items.iter().filter(|item| item.kind == ItemKind::Instance) {
            let name = text(item, "name").and_then(|name| InstanceName::parse(name).ok());
            let id = text(item, "id").and_then(|id| InstanceId::parse(id).ok());
            if let (Some(name), Some(id)) = (name, id) {
                owners.0.entry(name).or_insert(id);
            }
        }
        owners
    }

    /// The salt for the password of the agent with this name, if the instance is declared and the names are valid.
    pub(crate) fn salt(&self, instance: &str, username: &str) -> Option<Salt> {
        let instance = self.0.get(&InstanceName::parse(instance.trim()).ok()?)?;
        Some(passwords::salt_of(instance, &Username::parse(username.trim()).ok()?))
    }

    /// Whether the owner of a declared agent's password is known.
    pub(crate) fn know(&self, agent: &Item) -> bool {
        let salt = || self.salt(text(agent, "instance")?, text(agent, "username")?);
        salt().is_some()
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match &item.fields.iter().find(|field| field.name == name)?.value {
        FieldValue::Text(text) => Some(text.trim()),
        _ => None,
    }
}

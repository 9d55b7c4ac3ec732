//! One declaration before it is interpreted: a TOML table or a CSV row, as named fields with their places.

use zeroize::Zeroizing;

use super::place::Place;

/// What a declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Install,
    Instance,
    Host,
    Agent,
    Extension,
    Service,
    Login,
    Client,
}

impl ItemKind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Install,
        Self::Instance,
        Self::Host,
        Self::Agent,
        Self::Extension,
        Self::Service,
        Self::Login,
        Self::Client,
    ];

    /// Whether there is at most one of it, so that it is written as a single table.
    pub(crate) const fn is_single(self) -> bool {
        matches!(self, Self::Login)
    }

    /// How it is written in TOML.
    pub(crate) fn heading(self) -> String {
        if self.is_single() { format!("[{}]", self.name()) } else { format!("[[{}]]", self.name()) }
    }

    /// The name of its table in TOML, which messages use too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Instance => "instance",
            Self::Host => "host",
            Self::Agent => "agent",
            Self::Extension => "extension",
            Self::Service => "service",
            Self::Login => "login",
            Self::Client => "client",
        }
    }

    /// The fields that it may have.
    pub(crate) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Install => &INSTALL_FIELDS,
            Self::Instance => &INSTANCE_FIELDS,
            Self::Host => &["host", "instance"],
            Self::Agent => &AGENT_FIELDS,
            Self::Extension => &EXTENSION_FIELDS,
            Self::Service => &["name", "id", "keys", "scopes", "instances"],
            Self::Client => &CLIENT_FIELDS,
            Self::Login => &["address", "language", "session_minutes"],
        }
    }
}

const INSTANCE_FIELDS: [&str; 16] = [
    "id",
    "name",
    "display_name",
    "address",
    "language",
    "lock",
    "password_history",
    "password_max_age_days",
    "second_step",
    "remembers_devices",
    "provider",
    "recorder",
    "not_ready_reasons",
    "wrap_up_seconds",
    "requires_extension",
    "tells_extension_holder",
];

/// The fields of an extension, or of a range of them; a CSV has all but the first as columns.
pub(crate) const EXTENSION_FIELDS: [&str; 5] = ["instance", "number", "to", "kind", "agents"];

const CLIENT_FIELDS: [&str; 12] = [
    "id",
    "display_name",
    "redirect_uris",
    "post_logout_redirect_uris",
    "secret_hashes",
    "keys",
    "public",
    "id_token_alg",
    "audience",
    "instances",
    "refreshes",
    "wants_second_step",
];

const INSTALL_FIELDS: [&str; 10] = [
    "name",
    "instances",
    "allow_extension_configuration",
    "language",
    "shift_minutes",
    "overtime_minutes",
    "presence",
    "uses_onecontact_login",
    "audiences",
    "recorder",
];

/// The fields of an agent; a CSV has all but the first as columns.
pub(crate) const AGENT_FIELDS: [&str; 13] = [
    "instance",
    "username",
    "name",
    "email",
    "phone",
    "extension",
    "requires_extension",
    "requires_second_step",
    "language",
    "disabled",
    "must_change",
    "password",
    "password_hash",
];

/// One declaration.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    pub(crate) place: Place,
    pub(crate) fields: Vec<Field>,
    /// One of its fields could not be read, which has been reported: the others are still checked, and it is left out.
    pub(crate) broken: bool,
}

/// A named value.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) value: FieldValue,
}

/// The values that declarations have. `Debug` is not derived, as a text may be a password.
pub(crate) enum FieldValue {
    Text(Zeroizing<String>),
    Flag(bool),
    Number(i64),
    List(Vec<Field>),
    Table(Vec<Field>),
    /// A value that no declaration has, by its type's name in TOML.
    Other(&'static str),
}

impl FieldValue {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Zeroizing::new(text.into()))
    }

    /// Its type, in TOML's terms.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a whole number",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(name) => name,
        }
    }
}

impl std::fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.type_name())
    }
}

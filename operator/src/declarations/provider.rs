//! `[instance.provider]`: the provider that an instance's agents sign in at.

use kv_schema::directory::{AccountClaim, ClientProof, Creation, Issuer, Provider, SecretName, Word};

use super::reader::Reader;
use super::understand::display_name;

const FIELDS: [&str; 10] = [
    "name",
    "issuer",
    "client_id",
    "secret",
    "key",
    "scopes",
    "username_claim",
    "email_claim",
    "outlives_sign_out",
    "agents",
];
const FIELDS_OF_AGENTS: [&str; 6] =
    ["required_claim", "required_value", "name_claim", "email_claim", "extension_claim", "language_claim"];

/// The provider, if one is declared.
pub(super) fn provider(reader: &mut Reader<'_>) -> Option<Provider> {
    let mut table = reader.table("provider", &FIELDS)?;
    let name = table.required("name", display_name);
    let issuer = table.required("issuer", Issuer::parse);
    let client_id = table.required("client_id", Word::parse);
    let proof = proof(&mut table);
    let scopes = table.list("scopes", Word::parse).into_iter().map(|scope| scope.value).collect();
    let account_claim = account_claim(&mut table);
    let outlives_sign_out = table.flag("outlives_sign_out").unwrap_or(false);
    let creates = creation(&mut table, account_claim.as_ref());
    if !table.finish() {
        reader.spoil();
        return None;
    }
    let (name, issuer, client_id) = (name?.value, issuer?.value, client_id?.value);
    let (proof, account_claim) = (proof?, account_claim?);
    Some(Provider { name, issuer, client_id, proof, scopes, account_claim, outlives_sign_out, creates })
}

/// Who becomes an agent without being declared, if the table `agents` says so.
fn creation(provider: &mut Reader<'_>, account_claim: Option<&AccountClaim>) -> Option<Creation> {
    let mut table = provider.table("agents", &FIELDS_OF_AGENTS)?;
    let required_claim = table.required("required_claim", Word::parse);
    let required_value = table.required("required_value", display_name);
    let name_claim = table.required("name_claim", Word::parse);
    let mut optional = |name: &str| table.parsed(name, Word::parse).map(|claim| claim.value);
    let (email_claim, extension_claim) = (optional("email_claim"), optional("extension_claim"));
    let language_claim = optional("language_claim");
    if let Some(AccountClaim::Email(_)) = account_claim {
        let place = table.place();
        let fix = "name the claim that is the agent's username: username_claim = \"preferred_username\"";
        table.refuse(&place, "agents cannot be created from an e-mail address alone", fix);
    }
    if !table.finish() {
        provider.spoil();
        return None;
    }
    let (required_claim, required_value) = (required_claim?.value, required_value?.value);
    let name_claim = name_claim?.value;
    Some(Creation { required_claim, required_value, name_claim, email_claim, extension_claim, language_claim })
}

/// How this deployment proves to the provider who it is: in one of two ways.
fn proof(table: &mut Reader<'_>) -> Option<ClientProof> {
    let secret = match table.text("secret") {
        Some(text) => match SecretName::parse(&text.value) {
            Ok(name) => Some(name),
            // The value may be the secret itself, so it is not repeated.
            Err(error) => {
                table.refuse(&text.place, "`secret` is not the name of a provider's secret", error.to_string());
                return None;
            }
        },
        None => None,
    };
    let by_key = table.flag("key").unwrap_or(false);
    match (secret, by_key) {
        (Some(secret), false) => Some(ClientProof::Secret(secret)),
        (None, true) => Some(ClientProof::Key),
        _ => {
            let place = table.place();
            let fix = "name a Worker secret, secret = \"PROVIDER_SECRET_…\", or say key = true where the provider \
                       reads our /.well-known/jwks.json";
            table.refuse(&place, "the provider is not told who is asking, or is told in two ways", fix);
            None
        }
    }
}

/// Which claim identifies the agent: exactly one.
fn account_claim(table: &mut Reader<'_>) -> Option<AccountClaim> {
    let username = table.parsed("username_claim", Word::parse).map(|claim| AccountClaim::Username(claim.value));
    let email = table.parsed("email_claim", Word::parse).map(|claim| AccountClaim::Email(claim.value));
    match (username, email) {
        (Some(claim), None) | (None, Some(claim)) => Some(claim),
        _ => {
            let place = table.place();
            let fix = "name the claim that is the agent's username, username_claim = \"preferred_username\", or the \
                       one that is their e-mail address, email_claim = \"email\"";
            table.refuse(&place, "no claim from the provider says which agent it is, or two do", fix);
            None
        }
    }
}

//! Forgotten passwords: the form in which somebody says who they are, and the link that leads to another password.

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::names::{InstanceId, InstanceName, Username};

use super::form::{Field, FieldProblem, Fields, Filled, Rules};

/// The form in which somebody says whose password was forgotten.
#[derive(Debug)]
pub struct Forgot {
    /// The token that ties the form to the browser.
    pub form_token: String,
    /// What was typed.
    pub filled: Filled,
    /// Whose password it is, or what is wrong.
    pub form: Result<Named, Vec<(Field, FieldProblem)>>,
}

/// An account as somebody named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The instance's name, if it was asked for.
    pub instance: Option<InstanceName>,
    /// Username or e-mail address, not yet parsed: an account that cannot exist takes the same work as one that can.
    pub account: String,
}

impl Forgot {
    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8], rules: Rules) -> Self {
        let fields = Fields::read(body);
        let instance = fields.instance(rules);
        let account = fields.account();
        let form = match (instance, account) {
            (Ok(instance), Ok(account)) => Ok(Named { instance, account: account.to_owned() }),
            (instance, account) => Err([(Field::Instance, instance.err()), (Field::Username, account.err())]
                .into_iter()
                .filter_map(|(field, problem)| Some((field, problem?)))
                .collect()),
        };
        Self { form_token: fields.form_token(), filled: fields.filled(), form }
    }
}

/// The contents of the link in a message: whose password it replaces, and the secret that shows who was sent it.
///
/// It is not signed: the account's guard knows whether the secret is the one it issued.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetLink {
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// 128 random bits.
    pub secret: String,
}

/// Does not reveal the secret.
impl std::fmt::Debug for ResetLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetLink").field("agent", &self.agent).finish_non_exhaustive()
    }
}

impl ResetLink {
    /// The link's single value, fit for an address and a cookie.
    #[must_use]
    pub fn text(&self) -> String {
        let account = [self.instance.as_str(), "/", self.agent.as_str()].concat();
        [&*Base64UrlUnpadded::encode_string(account.as_bytes()), ".", &*self.secret].concat()
    }

    /// Reads it back; `None` if it is not a link.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (account, secret) = text.split_once('.')?;
        let is_secret = secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_secret || account.len() > 1024 {
            return None;
        }
        let account = String::from_utf8(Base64UrlUnpadded::decode_vec(account).ok()?).ok()?;
        let (instance, agent) = account.split_once('/')?;
        let (instance, agent) = (InstanceId::parse(instance).ok()?, Username::parse(agent).ok()?);
        Some(Self { instance, agent, secret: secret.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const ASKED: Rules = Rules { ask_instance: true, allow_extension: true };
    const KNOWN: Rules = Rules { ask_instance: false, allow_extension: true };

    #[test]
    fn the_form_names_an_account_or_tells_what_is_wrong() {
        let Named { instance, account } = Forgot::parse(b"instance=Acme&username=Desk1&form=t", ASKED).form.unwrap();
        assert_eq!((instance.unwrap().as_str(), account.as_str()), ("acme", "Desk1"));
        let problems = Forgot::parse(b"username=+&instance=a_b", ASKED).form.unwrap_err();
        assert_eq!(
            problems,
            [(Field::Instance, FieldProblem::NotAnInstanceName), (Field::Username, FieldProblem::Missing)]
        );
        let known = Forgot::parse(b"username=a&form=t", KNOWN);
        let named = Named { instance: None, account: "a".into() };
        assert_eq!((known.form.unwrap(), known.form_token.as_str()), (named, "t"));
    }

    #[test]
    fn a_link_reads_back_and_stands_in_an_address_as_it_is() {
        let agent = Username::parse("régie.7/b").unwrap();
        let link = ResetLink { instance: fixture::id(1), agent, secret: "0123456789abcdef".repeat(2) };
        let text = link.text();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
        assert_eq!(ResetLink::parse(&text), Some(link.clone()));
        assert!(!format!("{link:?}").contains("0123"));
    }

    #[test]
    fn what_is_no_link_is_none() {
        let good =
            ResetLink { instance: fixture::id(1), agent: fixture::agent().username, secret: "0".repeat(32) }.text();
        let (account, _) = good.split_once('.').unwrap();
        for text in [
            "",
            ".",
            account,
            "a.b",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}0"),
            &format!("{account}.{}", "x".repeat(32)),
        ] {
            assert_eq!(ResetLink::parse(text), None, "{text}");
        }
    }
}

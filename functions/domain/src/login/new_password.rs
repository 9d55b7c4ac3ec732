//! Choosing a password: the form, and the rules for it.
//!
//! Only hashes can tell whether the agent has had it before ([`crate::password`]), and only a list whether it is common
//! ([`super::roots`]): both are consulted where they are at hand.

use std::borrow::Cow;

use kv_schema::directory::Agent;
use kv_schema::names::canonical_text;

use super::form::Fields;

/// A rule that a new password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenRule {
    /// Shorter than [`NewPassword::SHORTEST`] characters.
    TooShort,
    /// Longer than [`NewPassword::LONGEST`] bytes, or with characters that cannot be typed.
    TooLong,
    /// It contains the username, the agent's name or the mailbox's.
    HoldsName,
    /// It is one character or a few, over and over.
    Repetitive,
    /// It is one of the commonest passwords, or made of one.
    Common,
    /// It is the present password, or an earlier one.
    UsedBefore,
    /// The two fields differ.
    Different,
}

/// The form in which a new password was posted.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword {
    /// The token of the previous step, if the agent is signing in.
    pub step: String,
    /// The token that ties the form to the browser, if a link led here.
    pub form_token: String,
    /// Where the agent wanted to go, not yet parsed.
    pub next: String,
    /// The password.
    pub password: String,
    /// The password, typed again.
    again: String,
}

/// Does not reveal the password.
impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPassword").finish_non_exhaustive()
    }
}

impl NewPassword {
    /// The fewest characters of a password that is the only factor (NIST SP 800-63B-4, section 3.1.1.2).
    pub const SHORTEST: usize = 15;
    /// The most bytes of a password; [`super::LoginForm`] accepts no longer one.
    pub const LONGEST: usize = super::form::LONGEST_PASSWORD;

    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = Fields::read(body);
        let value = |name| fields.one(name).unwrap_or_default().to_owned();
        Self {
            step: value("step"),
            form_token: fields.form_token(),
            next: value("next"),
            password: value("password"),
            again: value("again"),
        }
    }

    /// The texts that a password of `agent` must not contain, as [`canonical_text`] writes them.
    #[must_use]
    pub fn names(agent: &Agent) -> Vec<String> {
        let mailbox = agent.email.as_ref().and_then(|email| email.as_str().split('@').next());
        let words = agent.display_name.split_whitespace();
        let names = [Some(agent.username.as_str()), mailbox].into_iter().flatten().chain(words).map(canonical_text);
        names.filter(|name| name.chars().count() >= SHORTEST_NAME).map(Cow::into_owned).collect()
    }

    /// The rules that it breaks, for `agent`, as far as the password alone can tell.
    #[must_use]
    pub fn broken_rules(&self, agent: &Agent) -> Vec<BrokenRule> {
        let untypable = self.password.contains(super::form::is_untypable);
        [
            (BrokenRule::TooShort, self.password.chars().count() < Self::SHORTEST),
            (BrokenRule::TooLong, self.password.len() > Self::LONGEST || untypable),
            (BrokenRule::HoldsName, holds_name(&self.password, agent)),
            (BrokenRule::Repetitive, is_repetitive(&self.password)),
            (BrokenRule::Different, self.password != self.again),
        ]
        .into_iter()
        .filter_map(|(rule, is_broken)| is_broken.then_some(rule))
        .collect()
    }
}

/// Shorter names occur in many words.
const SHORTEST_NAME: usize = 4;

fn holds_name(password: &str, agent: &Agent) -> bool {
    let password = canonical_text(password);
    NewPassword::names(agent).iter().any(|name| password.contains(name))
}

/// Whether it has fewer than five different characters.
fn is_repetitive(password: &str) -> bool {
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    (1..5).contains(&different.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn broken(password: &str, again: &str) -> Vec<BrokenRule> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("password", password)
            .append_pair("again", again)
            .finish();
        NewPassword::parse(body.as_bytes()).broken_rules(&fixture::agent())
    }

    #[test]
    fn each_broken_rule_is_named() {
        assert_eq!(broken("a good long phrase", "a good long phrase"), []);
        assert_eq!(broken("short one", "short one"), [BrokenRule::TooShort]);
        assert_eq!(broken("a good long phrase", "another long phrase"), [BrokenRule::Different]);
        assert_eq!(broken(&"ab".repeat(10), &"ab".repeat(10)), [BrokenRule::Repetitive]);
        assert_eq!(broken(&"long ".repeat(300), &"long ".repeat(300)), [BrokenRule::TooLong]);
        assert_eq!(broken("a good\u{7} long phrase", "a good\u{7} long phrase"), [BrokenRule::TooLong]);
        assert_eq!(broken("", "x"), [BrokenRule::TooShort, BrokenRule::Different]);
    }

    #[test]
    fn a_password_does_not_hold_the_agents_names_in_any_spelling() {
        for password in [
            "my DESK.SEVEN is secret",
            "the D e s k . S e v e n phrase",
            "anything with front.desk",
            "Régie for ever and ever",
        ] {
            assert_eq!(broken(password, password), [BrokenRule::HoldsName], "{password}");
        }
    }
}

//! Passkeys: what a page offers, and whether one that is shown has signed.

use kv_schema::directory::{Agent, Instance};
use onecontact_domain::federation::PublicKey;
use onecontact_domain::guard::{Answer, Ask, Attempt, Checked, Lock};
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::Place;
use onecontact_domain::second_step::passkey::{Ceremony, Passkey, Refusal, Response, user_handle};
use onecontact_templates::{PasskeyShown, PasskeyUser};

use super::ask::asked;
use crate::step::At;
use crate::visit::Visit;
use crate::{guard, signature};

/// The ceremony of this step, if this address is a declared one: a passkey is bound to one address, and no undeclared
/// address must influence which.
pub(super) fn ceremony<'a>(visit: &'a Visit<'_>, instance: &'a Instance, step: &str) -> Option<Ceremony<'a>> {
    let of_login = visit.login_site().map(|site| &site.address);
    let declared = of_login.into_iter().chain(&instance.address).find(|address| visit.asked.is_at(address));
    Ceremony::of(step, declared?)
}

/// What a page offers.
pub(super) struct Offer<'a> {
    ceremony: Ceremony<'a>,
    /// The agent's passkeys here.
    ids: Vec<String>,
    /// Whether there is no room for more.
    pub(super) is_full: bool,
}

/// The agent that a passkey is made for.
pub(super) struct User<'a> {
    handle: String,
    agent: &'a Agent,
}

impl<'a> User<'a> {
    pub(super) fn of(agent: &'a Agent) -> Self {
        Self { handle: user_handle(agent), agent }
    }
}

/// What the page of this place offers. The guard is asked only if there are passkeys.
pub(super) async fn offer<'a>(visit: &'a Visit<'_>, at: &'a At) -> Result<Option<Offer<'a>>, Problem> {
    let claims = &at.claims;
    if !matches!(claims.at, Place::Passkey | Place::SetUp) {
        return Ok(None);
    }
    let Some(ceremony) = ceremony(visit, &at.instance, &at.step) else { return Ok(None) };
    if !claims.has_passkey {
        return Ok(Some(Offer { ceremony, ids: Vec::new(), is_full: false }));
    }
    let ask = Ask::Passkeys { rp: ceremony.rp().to_owned() };
    match asked(visit, at, &ask).await? {
        Answer::Passkeys(ids, is_full) => Ok(Some(Offer { ceremony, ids, is_full })),
        _ => Err(guard::not_understood()),
    }
}

impl Offer<'_> {
    /// The options for signing with one of the agent's passkeys here.
    pub(super) fn to_use(&self) -> Option<PasskeyShown<'_>> {
        (!self.ids.is_empty()).then(|| self.shown(None))
    }

    /// The options for making one, if there is room for one more.
    pub(super) fn to_make<'b>(&'b self, user: &'b User<'_>) -> Option<PasskeyShown<'b>> {
        let User { handle, agent } = user;
        let user = PasskeyUser { handle, name: agent.username.as_str(), display_name: &agent.display_name };
        (!self.is_full).then(|| self.shown(Some(user)))
    }

    fn shown<'b>(&'b self, user: Option<PasskeyUser<'b>>) -> PasskeyShown<'b> {
        PasskeyShown { challenge: self.ceremony.challenge(), ids: &self.ids, user }
    }
}

/// Takes a passkey that was set up, or that has signed. `attempt` has everything but that. Returns what the guard
/// answers, whether that locks the account, and why the passkey is not believed.
pub(super) async fn check(
    visit: &Visit<'_>,
    at: &At,
    attempt: Attempt,
    response: &Response,
) -> Result<((Answer, Option<Lock>), Option<Refusal>), Problem> {
    let refused = |refusal| Ok(((Answer::Code(Checked::Wrong, None), None), Some(refusal)));
    // The page of another address offers none.
    let Some(ceremony) = ceremony(visit, &at.instance, &at.step) else { return refused(Refusal::Origin) };
    if at.claims.at == Place::SetUp {
        return match ceremony.set_up(response, visit.asked.now()) {
            Ok(passkey) => {
                let attempt = Attempt { passkey: Some(passkey.text()), ..attempt };
                Ok((asked(visit, at, &Ask::Code(attempt)).await?.apart(), None))
            }
            Err(refusal) => refused(refusal),
        };
    }
    let mut shown = Passkey { id: response.id().to_owned(), rp: ceremony.rp().to_owned(), ..Passkey::default() };
    let mut ask = Ask::Code(Attempt { passkey: Some(shown.text()), ..attempt });
    // Counted before it is looked at; then accepted, or what was counted stands.
    let (answer, lock) = asked(visit, at, &ask).await?.apart();
    let Answer::Key(key, otherwise) = answer else { return Ok(((answer, lock), None)) };
    match count_of(&ceremony, response, &key).await {
        Ok(count) => shown.count = count,
        Err(refusal) => return Ok(((Answer::Code(otherwise, None), lock), Some(refusal))),
    }
    if let Ask::Code(attempt) = &mut ask {
        (attempt.passkey, attempt.has_signed) = (Some(shown.text()), true);
    }
    // The first question counted it.
    Ok(((asked(visit, at, &ask).await?, lock), None))
}

/// The count that the passkey with this key states, if it has signed.
async fn count_of(ceremony: &Ceremony<'_>, response: &Response, key: &str) -> Result<u32, Refusal> {
    let key = PublicKey::parse(key).ok_or(Refusal::Algorithm)?;
    let signed = ceremony.signed(response, &key)?;
    let is_its = signature::verifies(&key, &signed.message, &signed.signature).await;
    if is_its { Ok(signed.count) } else { Err(Refusal::Signature) }
}

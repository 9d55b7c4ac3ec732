//! Codes and refresh tokens: created here, and good for what the account's guard says. Each one contains the way to
//! that guard.

use kv_schema::Timestamp;
use kv_schema::directory::Client;
use kv_schema::names::{Extension, InstanceId, Username};
use onecontact_domain::guard::{Answer, Ask, Denied, Grant, Shown, SignIn};
use onecontact_domain::openid::{Request, Texts};
use onecontact_domain::own_client::install_of;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{SignInClaims, access};

use crate::bindings::{Bindings, random_bits};
use crate::visit::Visit;
use crate::{guard, page};

/// What a code or a refresh token was good for.
pub(crate) struct Redeemed {
    pub(crate) grant: Grant,
    pub(crate) sign_in: SignIn,
    /// The refresh token that replaces it, if the client gets one.
    pub(crate) refresh_token: Option<String>,
    /// The hash of that token; empty if there is none.
    replaced_by: String,
}

impl Redeemed {
    /// Makes good again what was used up, as something did not answer: whoever shows it again, as they are told to, must
    /// not seem to have stolen it. If that fails too, they have to sign in again.
    pub(crate) async fn give_back(self, visit: &Visit<'_>) {
        let Self { grant, replaced_by, .. } = self;
        let (instance, agent) = (grant.instance.clone(), grant.agent.clone());
        let ask = Ask::GiveBack { grant, replaced_by };
        if let Err(problem) = guard::ask(visit.bindings, &instance, &agent, &ask).await {
            page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
        }
    }
}

/// Why a code or a refresh token is good for nothing, and whose it was, if that is known.
pub(crate) struct Refused {
    pub(crate) why: Denied,
    pub(crate) whose: Option<Box<(InstanceId, Username)>>,
}

impl From<Denied> for Refused {
    fn from(why: Denied) -> Self {
        Self { why, whose: None }
    }
}

/// A code for what `client` has asked for; `None` if the sign-in is over.
pub(super) async fn issue(
    visit: &Visit<'_>,
    client: &Client,
    request: &Request,
    by: &SignInClaims,
    extension: Option<Extension>,
) -> Result<Option<String>, Problem> {
    let object = guard::id_of(visit.bindings, &by.instance, &by.agent)?;
    let code = Texts::new(&object, random_bits(), random_bits());
    let code = code.ok_or_else(|| Problem::Defect("the id of an object is not 64 hexadecimal digits".to_owned()))?;
    let is_served = visit.directory.instance(&by.instance).await?.is_some_and(|instance| !instance.retired);
    let agent = visit.directory.agent(&by.instance, &by.agent).await?.filter(|agent| is_served && !agent.disabled);
    let grant = Grant {
        family: code.family(),
        good: code.hash(),
        until: Timestamp::default(),
        sign_in: by.sid.clone(),
        instance: by.instance.clone(),
        agent: by.agent.clone(),
        client: client.id.to_string(),
        redirect_uri: request.redirect_uri.to_string(),
        challenge: request.challenge.clone(),
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        extension,
        language: install_of(&client.id).and_then(|_| visit.asked.cookies().language()),
    };
    let ask = Ask::Grant { grant, declared: agent.map(|agent| agent.password.set_at) };
    let answer = guard::ask(visit.bindings, &by.instance, &by.agent, &ask).await?;
    Ok((answer == Answer::Done).then(|| code.text()))
}

/// Uses up what `client` presents: a code, which was sent to `redirect_uri` and whose verifier hashes to `challenge`,
/// or a refresh token, for which both are empty. All of it is decided in one step of the guard. `opens` says that it
/// opens a session of the application.
pub(crate) async fn redeem(
    bindings: &Bindings,
    client: &Client,
    text: &str,
    (redirect_uri, challenge): (&str, &str),
    opens: bool,
) -> Result<Result<Redeemed, Refused>, Problem> {
    let Some(text) = Texts::parse(text) else { return Ok(Err(Denied::Unknown.into())) };
    let next = client.refreshes.then(|| text.another(random_bits()));
    let replaced_by = next.as_ref().map(Texts::hash).unwrap_or_default();
    let shown = Shown {
        family: text.family(),
        text: text.hash(),
        client: client.id.to_string(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        next: replaced_by.clone(),
        access_life: access::LIFETIME,
        opens,
    };
    match guard::ask_by_id(bindings, &text.object(), &Ask::Redeem(shown)).await? {
        None => Ok(Err(Denied::Unknown.into())),
        Some(Answer::Denied(denied)) => Ok(Err(denied.into())),
        Some(Answer::Refused(why, whose)) => Ok(Err(Refused { why, whose: Some(whose) })),
        Some(Answer::Granted(granted)) => {
            let (grant, sign_in) = *granted;
            Ok(Ok(Redeemed { grant, sign_in, refresh_token: next.as_ref().map(Texts::text), replaced_by }))
        }
        Some(_) => Err(guard::not_understood()),
    }
}

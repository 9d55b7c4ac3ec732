//! The provider's discovery document (`OpenID` Connect Discovery, section 3; RFC 8414): what of it is used, once it is
//! known to be the declared issuer's.

use kv_schema::directory::Issuer;
use kv_schema::json::Object;
use kv_schema::names::EndPoint;

use super::{Algorithm, Refusal};

/// What a provider states about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Where agents are sent.
    pub authorization: EndPoint,
    /// Where a code is redeemed.
    pub token: EndPoint,
    /// Where its keys are.
    pub keys: EndPoint,
    /// Where agents sign out, if there is such a place.
    pub end_session: Option<EndPoint>,
    /// Whether its answers name their issuer (RFC 9207).
    pub names_itself: bool,
    /// Whether a client's secret goes into the body (`client_secret_post`), as the header does not accept it.
    pub takes_secret_in_body: bool,
}

impl Discovered {
    /// Reads the document of `issuer`. One that is another's, or unsuitable, is refused before anything in it is kept.
    pub fn read(text: &str, issuer: &Issuer) -> Result<Self, Refusal> {
        let document = Object::parse(text).ok_or(Refusal::DiscoveryMalformed)?;
        // Compared exactly: an issuer that some reader takes for another is not this one (RFC 8414, section 3.3).
        if document.text("issuer").ok_or(Refusal::DiscoveryMalformed)? != issuer.as_str() {
            return Err(Refusal::DiscoveryOfAnother);
        }
        // Not every provider states all that it does; but what it states has to be enough.
        let offers = |name: &str, is_wanted: &dyn Fn(&str) -> bool| {
            !document.has(name) || document.texts(name).is_some_and(|offered| offered.into_iter().any(is_wanted))
        };
        let is_suited = offers("response_types_supported", &|kind| kind == "code")
            && offers("code_challenge_methods_supported", &|method| method == "S256")
            && offers("id_token_signing_alg_values_supported", &|name| Algorithm::named(name).is_some());
        if !is_suited {
            return Err(Refusal::Unsuited);
        }
        let end_point = |name: &str| {
            let found = document.text(name).and_then(EndPoint::parse);
            found.filter(|end_point| end_point.is_secure() || !issuer.is_secure())
        };
        let proofs = document.texts("token_endpoint_auth_methods_supported").unwrap_or_default();
        Ok(Self {
            authorization: end_point("authorization_endpoint").ok_or(Refusal::EndPoint)?,
            token: end_point("token_endpoint").ok_or(Refusal::EndPoint)?,
            keys: end_point("jwks_uri").ok_or(Refusal::EndPoint)?,
            end_session: end_point("end_session_endpoint"),
            names_itself: document.is_true("authorization_response_iss_parameter_supported"),
            takes_secret_in_body: proofs.contains(&"client_secret_post") && !proofs.contains(&"client_secret_basic"),
        })
    }
}

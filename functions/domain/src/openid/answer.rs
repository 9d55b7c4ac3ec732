//! The responses of the token endpoint.

use super::Fault;
use crate::members::{Member, object};

/// The tokens that a client is given (RFC 6749, section 5.1).
#[must_use]
pub fn token_answer(
    access_token: &str,
    expires_in: u64,
    id_token: &str,
    refresh_token: Option<&str>,
    scope: &str,
) -> String {
    object(&[
        ("access_token", Member::Text(access_token)),
        ("token_type", Member::Text("Bearer")),
        ("expires_in", Member::Number(expires_in)),
        ("id_token", Member::Text(id_token)),
        ("refresh_token", refresh_token.into()),
        ("scope", Member::Text(scope)),
    ])
}

/// The response to a client that is given no tokens (RFC 6749, section 5.2), naming `request`.
#[must_use]
pub fn token_error(fault: Fault, request: &str) -> String {
    object(&[("error", Member::Text(fault.error)), ("error_description", Member::Text(&error_description(request)))])
}

/// What those who look after a client are told about an error: not its reason, of which a client learns what the
/// standard lets it know, but where to find that.
#[must_use]
pub fn error_description(request: &str) -> String {
    ["The reason is in the log of OneContactLogin, under request ", request, "."].concat()
}

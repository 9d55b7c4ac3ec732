//! The commonest passwords, by the list that the Worker looks through when an agent chooses one.

use std::collections::HashSet;
use std::sync::LazyLock;

use onecontact_domain::login;

static LIST: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../../assets/static/common-passwords.txt").lines().collect());

/// Whether `password` is among them, or made of one that is.
pub(super) fn hold(password: &str) -> bool {
    login::roots(password).iter().any(|root| LIST.contains(&**root))
}

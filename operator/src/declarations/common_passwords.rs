//! The commonest passwords: the list that the Worker checks when an agent chooses one.

use std::collections::HashSet;
use std::sync::LazyLock;

use onecontact_domain::login;

static LIST: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../../assets/static/common-passwords.txt").lines().collect());

/// Whether `password` is one of them, or made from one.
pub(super) fn hold(password: &str) -> bool {
    login::roots(password).iter().any(|root| LIST.contains(&**root))
}

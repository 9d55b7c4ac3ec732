//! `<home>/cookies`: how to turn cookies on, for browsers that show no pop-up.

use onecontact_domain::problem::Problem;
use onecontact_templates::{CookiesPage, EntryPage};

use crate::http::Reply;
use crate::visit::Visit;

pub(crate) fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    Reply::page(200, |nonce| CookiesPage { frame: visit.frame(nonce), browser: visit.asked.browser() }.document())
        .map_err(|error| Problem::defect(&error))
}

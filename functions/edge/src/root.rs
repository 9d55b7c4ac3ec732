//! `/`: leads to the install where the host has just one.

use onecontact_domain::address::Home;
use onecontact_domain::problem::Problem;

use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::http::{Asked, Reply};

pub(crate) async fn get(asked: &Asked, bindings: &Bindings) -> Result<Reply, Problem> {
    if !asked.is_reading() {
        return Err(Problem::MethodNotAllowed { allow: "GET, HEAD" });
    }
    let host = Directory::new(bindings, asked.now()).host(asked.host()).await?;
    let install = host.and_then(|host| host.install.clone()).ok_or(Problem::NoInstallHere)?;
    Ok(Reply::found(Home::of(&install).path()))
}

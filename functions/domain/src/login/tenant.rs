//! The form in which somebody names their tenant, at `OneContactLogin`.

use kv_schema::names::InstanceName;

use super::form::{Field, FieldProblem, Fields, Filled, Rules};

/// What was posted.
#[derive(Debug)]
pub struct Tenant {
    /// The token that ties the form to the browser.
    pub form_token: String,
    /// Where the agent is going, not yet parsed.
    pub next: String,
    /// What was typed.
    pub filled: Filled,
    /// The tenant, which may not exist; or what is wrong.
    pub tenant: Result<InstanceName, (Field, FieldProblem)>,
}

impl Tenant {
    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = Fields::read(body);
        let typed = fields.instance(Rules { ask_instance: true, allow_extension: false });
        Self {
            form_token: fields.form_token(),
            next: fields.one("next").unwrap_or_default().to_owned(),
            filled: fields.filled(),
            tenant: match typed {
                Ok(tenant) => tenant.ok_or((Field::Instance, FieldProblem::Missing)),
                Err(problem) => Err((Field::Instance, problem)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_the_name_of_an_instance_in_any_letter_case() {
        let posted = Tenant::parse(b"form=t&next=%3Fclient_id%3Dcrm&instance=+Acme+");
        assert_eq!((posted.form_token.as_str(), posted.next.as_str()), ("t", "?client_id=crm"));
        assert_eq!(posted.tenant.unwrap().as_str(), "acme");
    }

    #[test]
    fn what_cannot_be_one_is_said_at_once_and_kept() {
        let problem = |body: &str| Tenant::parse(body.as_bytes()).tenant.unwrap_err().1;
        assert_eq!(problem("instance=+"), FieldProblem::Missing);
        assert_eq!(problem("instance=a_b"), FieldProblem::NotAnInstanceName);
        assert_eq!(problem("instance=a&instance=b"), FieldProblem::Repeated);
        assert_eq!(Tenant::parse(b"instance=a_b").filled.instance, "a_b");
    }
}

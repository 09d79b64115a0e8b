//! What a request's headers amount to for one dataset and act.

use std::sync::Arc;

use super::Permit;
use crate::ask::Act;
use crate::policy::{DatasetFacts, Grant, Snapshot};
use crate::problem::{Code, Problem};

const NO_GRANT_OF_DEPARTMENT: &str = "there is no such grant for this department";
const NO_GRANT_OF_COMPANY: &str = "there is no such grant for this company";

/// What a request's headers amount to.
#[derive(Default)]
pub(super) struct Standing {
    /// The grant, if it covers the dataset and the act.
    pub(super) grant: Option<Arc<Grant>>,
    /// Whether officer and case are named.
    pub(super) accountable: bool,
    /// Why the grant named is none here.
    pub(super) fault: Option<&'static str>,
    /// The grant is sound and for something else: what needs no grant is answered all the same.
    pub(super) elsewhere: bool,
}

impl Standing {
    /// The standing of the permit's caller.
    pub(super) fn of(permit: &Permit, facts: &DatasetFacts, act: Act) -> Self {
        Self::under(&permit.snapshot, permit, facts, act)
    }

    /// The same, under other policies and grants.
    pub(super) fn under(snapshot: &Snapshot, permit: &Permit, facts: &DatasetFacts, act: Act) -> Self {
        let caller = &permit.caller;
        let owner = caller.owns(&facts.dataset.provider_code);
        if owner || !(caller.is_department() || caller.is_company()) {
            return Self::default();
        }
        let fault = |why| Self { fault: Some(why), ..Self::default() };
        let accountable = caller.officer_named().is_some() && caller.case().is_some();
        let elsewhere = |why| Self { elsewhere: true, accountable, ..fault(why) };
        if caller.officer_differs() {
            return fault("the officer named is not the token's");
        }
        let Some(id) = caller.grant() else { return Self { accountable, ..Self::default() } };
        // A company's grant is no department's, nor the other way, though both had one code.
        let own = |grant: &&Arc<Grant>| grant.company == caller.is_company() && grant.department == caller.body();
        let Some(grant) = snapshot.grant(id).filter(own) else {
            return fault(if caller.is_company() { NO_GRANT_OF_COMPANY } else { NO_GRANT_OF_DEPARTMENT });
        };
        if let Some(gone) = permit.gone {
            return fault(gone);
        }
        if grant.dataset != facts.dataset.name {
            return elsewhere("the grant does not cover this dataset");
        }
        if !grant.period.contains(permit.today) {
            return fault("the grant is not in force today");
        }
        if !grant.acts.contains(&act) {
            return elsewhere("the grant does not cover this kind of question");
        }
        let accountable = caller.officer_named().is_some() && (caller.case().is_some() || !grant.cases_required);
        Self { grant: accountable.then(|| Arc::clone(grant)), accountable, ..Self::default() }
    }

    /// What the caller is told when the grant named is none here, or something is missing.
    pub(super) fn problem(&self, permit: &Permit) -> Problem {
        if let Some(fault) = self.fault {
            return Problem::new(Code::GrantRefused, fault).about("Natbase-Grant");
        }
        let missing = match (permit.caller.grant(), permit.caller.case(), permit.caller.officer_named()) {
            (None, ..) => "Natbase-Grant",
            (_, None, _) => "Natbase-Case",
            _ => "Natbase-Officer",
        };
        let detail = "data that is not public needs Natbase-Grant, Natbase-Case and Natbase-Officer";
        Problem::new(Code::GrantRequired, detail).about(missing)
    }
}

//! Claims about persons, and the enterprises that some of them name.

use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use foundation::service::{Scope, Times};

use super::{Service, Work, fields, service, times};
use crate::app::App;
use crate::ask::{FindRequest, REPRESENTATIVE_OF, VerifyRequest};
use crate::flow::Permit;
use crate::problem::{Code, Problem};

/// What is compared with what.
pub(in crate::flow) struct VerifyWork {
    pub(in crate::flow) service: Service,
    /// Claims without what they say of enterprises.
    pub(in crate::flow) items: Vec<Vec<(String, String)>>,
    pub(in crate::flow) times: Times,
    pub(in crate::flow) scopes: Vec<Scope>,
    /// The register of enterprises, if the caller may look them up.
    pub(in crate::flow) enterprises: Option<(Service, Arc<Dataset>, Vec<Scope>)>,
    /// Place of an item, and the credit code of which its person is said to be the legal representative.
    pub(in crate::flow) represented: Vec<(usize, String)>,
    /// Whether a number that nobody has is told apart from one with another name.
    pub(in crate::flow) tells_not_found: bool,
}

/// Somebody to be found by what is known of him.
pub(super) fn find(app: &App, permit: &Permit, r: FindRequest) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    let scopes = fields::shown(granted, r.shown.fields.as_deref())?;
    Ok(Work::FindPersons { service: service(app, granted)?, sought: r.sought, times: times(r.times, permit), scopes })
}

pub(super) fn plan(app: &App, permit: &Permit, r: VerifyRequest) -> Result<VerifyWork, Problem> {
    let granted = permit.dataset()?;
    let most = permit.ceilings().map_or(u64::MAX, |c| c.rows_per_answer_max);
    if r.items.len() as u64 > most {
        let detail = format!("{} items were sent; at most {most} are verified under the grant", r.items.len());
        return Err(Problem::new(Code::Unprocessable, detail).about("items"));
    }
    let times = times(r.times, permit);
    let mut represented = Vec::new();
    let mut items = r.items;
    for (at, item) in items.iter_mut().enumerate() {
        let of_enterprise = |(member, _): &mut (String, String)| member == REPRESENTATIVE_OF;
        represented.extend(item.extract_if(.., of_enterprise).map(|(_, code)| (at, code)));
    }
    let name: DatasetName =
        "legal-entity/enterprises".parse().map_err(|_| Problem::new(Code::NotFound, "there is no such dataset"))?;
    let enterprises = match permit.on(&name) {
        Some(other) => Some((service(app, other)?, Arc::clone(&other.facts.dataset), other.scopes())),
        None => None,
    };
    let owns = permit.caller().owns(&granted.facts.dataset.provider_code);
    let tells_not_found = owns || permit.grant().is_some_and(|grant| grant.tells_not_found);
    let (service, scopes) = (service(app, granted)?, granted.scopes());
    Ok(VerifyWork { service, items, times, scopes, enterprises, represented, tells_not_found })
}

//! Masked → masked: nobody is told of more persons a day than his grant and his department may be.

use std::collections::HashSet;

use foundation::dataset::{Dataset, Unit};

use super::Masked;
use super::mask::{Content, RecordShown};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::usage::{Holder, person};

/// Counts the persons of an answer; an answer that holds more than are left is not given at all.
pub(super) fn hold(app: &App, masked: Masked) -> Result<Masked, Problem> {
    let permit = masked.permit();
    let caller = permit.caller();
    let persons = persons(masked.content());
    if permit.is_synthetic() || persons.is_empty() || caller.body().is_empty() {
        return Ok(masked);
    }
    let owns = permit.datasets().iter().any(|granted| caller.owns(&granted.facts.dataset.provider_code));
    if owns {
        return Ok(masked);
    }
    let mut holders = Vec::new();
    if let (Some(grant), Some(ceilings)) = (permit.grant(), permit.ceilings()) {
        holders.push((Holder::Grant(grant.id.clone()), ceilings.persons_per_day_max));
    }
    holders.push((Holder::Department(caller.body().to_owned()), app.config.people.persons_per_day_max));
    match app.usage.take(permit.today(), &holders, &persons) {
        Ok(()) => Ok(masked),
        Err(used_up) => {
            let (whose, header) = match used_up.holder {
                Holder::Grant(_) => ("the grant's", "Natbase-Grant"),
                Holder::Department(_) => ("the department's", "Authorization"),
            };
            let detail = format!("{whose} {} persons a day would be exceeded; nothing was given", used_up.most);
            Err(Problem::new(Code::CeilingReached, detail).about(header).retry_after(3_600))
        }
    }
}

/// The persons that an answer tells about.
fn persons(content: &Content) -> HashSet<u64> {
    let of = |record: &RecordShown| counted(&record.dataset, &record.view.id);
    match content {
        Content::Page { items, .. } => items.iter().filter_map(|item| of(&item.record)).collect(),
        Content::Record(record, _) => of(record).into_iter().collect(),
        Content::Lookup(items, _) => items.iter().flatten().filter_map(of).collect(),
        Content::History(records, _) | Content::Records(records, _) => records.iter().filter_map(of).collect(),
        Content::Verified { records, .. } => records.iter().map(|id| person("population/persons", id)).collect(),
        _ => HashSet::new(),
    }
}

fn counted(dataset: &Dataset, id: &str) -> Option<u64> {
    (dataset.units == Unit::Person).then(|| person(&dataset.name.to_string(), id))
}

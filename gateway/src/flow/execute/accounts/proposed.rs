//! What is proposed, against what there is: a permission that nothing could ever use is refused when it is proposed.

use foundation::dataset::DatasetName;

use crate::accounts::Measure;
use crate::app::App;
use crate::problem::{Code, Problem};

/// Whether a permission names things that are there.
pub(super) fn check(app: &App, measure: &Measure) -> Result<(), Problem> {
    match measure {
        Measure::ExportInBulk { dataset, fields, filter, .. } => file(app, dataset, fields, filter),
        Measure::ChangePolicies { digest } => policies(app, digest),
        _ => Ok(()),
    }
}

/// The policies on disk are those of the digest, and could be used.
fn policies(app: &App, digest: &str) -> Result<(), Problem> {
    let unsound = |detail: String| Problem::new(Code::Unprocessable, detail).about("digest");
    if !app.force.takes_two() {
        return Err(unsound("policies come into force by lying on disk here: `[policy] two-people` is off".into()));
    }
    match app.on_disk() {
        Ok(Some(found)) if found == digest => Ok(()),
        Ok(Some(_)) => Err(unsound("the policies on disk have another digest: ask `natbase policies digest`".into())),
        Ok(None) => Err(unsound("the policies on disk are in force already".into())),
        Err(why) => Err(unsound(format!("the policies on disk cannot be used: {why}"))),
    }
}

fn file(app: &App, dataset: &str, fields: &[String], filter: &str) -> Result<(), Problem> {
    let unsound = |what: &str, detail: String| Problem::new(Code::Unprocessable, detail).about(what);
    let name: DatasetName =
        dataset.parse().map_err(|_| unsound("dataset", "`dataset` is not `database/dataset`".into()))?;
    let facts = app.catalogue.get(&name).ok_or_else(|| unsound("dataset", format!("there is no dataset `{name}`")))?;
    if let Some(unknown) = fields.iter().find(|field| facts.dataset.field(field).is_none()) {
        return Err(Problem::new(Code::UnknownField, format!("{name} has no field `{unknown}`")).about("fields"));
    }
    if !filter.is_empty() {
        foundation::filter::parse(filter, &facts.dataset)
            .map_err(|error| Problem::new(Code::InvalidFilter, error.to_string()).about("filter"))?;
    }
    Ok(())
}

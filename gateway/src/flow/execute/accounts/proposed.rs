//! What is proposed, against what there is: a permission that nothing could ever use is refused when it is proposed.

use foundation::dataset::DatasetName;

use crate::accounts::Measure;
use crate::app::App;
use crate::problem::{Code, Problem};

/// Whether a permission names things that are there.
pub(super) fn check(app: &App, measure: &Measure) -> Result<(), Problem> {
    let Measure::ExportInBulk { dataset, fields, filter, .. } = measure else { return Ok(()) };
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

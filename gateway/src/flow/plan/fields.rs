//! Field names → numbers, under a permit.

use foundation::dataset::Field;
use foundation::filter::{self, Filter};
use foundation::service::{Measure, Scope};
use foundation::value::{Decimal, FieldType};

use super::super::authorize::Granted;
use crate::app::App;
use crate::problem::{Code, Problem};

/// The field called `name`, if the dataset has it.
pub(super) fn known<'a>(granted: &'a Granted, name: &str) -> Result<&'a Field, Problem> {
    granted.facts.dataset.field(name).ok_or_else(|| {
        let dataset = &granted.facts.dataset.name;
        Problem::new(Code::UnknownField, format!("{dataset} has no field `{name}`")).about(name)
    })
}

/// The field called `name`, if the caller may read it plain.
pub(super) fn readable<'a>(granted: &'a Granted, name: &str) -> Result<&'a Field, Problem> {
    let field = known(granted, name)?;
    if granted.reads(field.number) { Ok(field) } else { Err(not_permitted(name)) }
}

fn not_permitted(name: &str) -> Problem {
    Problem::new(Code::FieldNotPermitted, format!("`{name}` may not be read by this caller")).about(name)
}

/// The scopes, narrowed to the fields wanted.
pub(in super::super) fn shown(granted: &Granted, wanted: Option<&[String]>) -> Result<Vec<Scope>, Problem> {
    let Some(wanted) = wanted else { return Ok(granted.scopes()) };
    let numbers = numbers_shown(granted, wanted)?;
    let mut scopes = granted.scopes();
    for scope in &mut scopes {
        scope.readable.retain(|n| numbers.contains(n));
        scope.masked.retain(|n| numbers.contains(n));
    }
    Ok(scopes)
}

/// Numbers of fields to show; each must be readable or shown masked.
pub(super) fn numbers_shown(granted: &Granted, wanted: &[String]) -> Result<Vec<u16>, Problem> {
    wanted
        .iter()
        .map(|name| {
            let number = known(granted, name)?.number;
            let seen =
                granted.decision.scopes.iter().any(|s| s.readable.contains(&number) || s.masked.contains(&number));
            if seen { Ok(number) } else { Err(not_permitted(name)) }
        })
        .collect()
}

/// Reads a filter; all its fields must be readable plain. In a URL no personal field may stand.
pub(super) fn filter(app: &App, granted: &Granted, text: &str, in_url: bool) -> Result<Filter, Problem> {
    let dataset = &granted.facts.dataset;
    let parsed = match app.catalogue.database(dataset.name.database()) {
        Some(database) => filter::parse_with_lists(text, dataset, database.code_lists(), app.clock.today()),
        None => filter::parse(text, dataset),
    };
    let filter = parsed.map_err(|error| Problem::new(Code::InvalidFilter, error.to_string()).about("filter"))?;
    for number in filter.fields() {
        let Some(field) = dataset.field_by_number(number) else { continue };
        if in_url && field.is_personal() {
            let detail = format!("`{}` is personal: filter by it in the body of a POST", field.name);
            return Err(Problem::new(Code::UsePost, detail).about("filter"));
        }
        if !granted.reads(number) {
            return Err(not_permitted(&field.name));
        }
    }
    Ok(filter)
}

/// Fields and the values they equal, as CQL2. A name that is no field is no parameter either.
pub(super) fn equalities(granted: &Granted, equal: &[(String, String)]) -> Result<Vec<String>, Problem> {
    let one = |(name, value): &(String, String)| {
        let field =
            granted.facts.dataset.field(name).filter(|field| granted.reads(field.number)).ok_or_else(|| {
                Problem::new(Code::UnknownParameter, format!("`{name}` is not taken here")).about(name)
            })?;
        let plain = match field.kind {
            FieldType::Integer | FieldType::Decimal => value.parse::<Decimal>().is_ok(),
            FieldType::Boolean => matches!(value.as_str(), "true" | "false"),
            FieldType::Geometry | FieldType::Media | FieldType::Party => {
                let detail = format!("`{name}` is not asked by a value");
                return Err(Problem::new(Code::InvalidParameter, detail).about(name));
            }
            _ => false,
        };
        let quoted = value.replace('\'', "''");
        Ok(if plain { format!("\"{name}\" = {value}") } else { format!("\"{name}\" = '{quoted}'") })
    };
    equal.iter().map(one).collect()
}

/// Group-by fields and measures as numbers.
pub(super) fn grouping(
    granted: &Granted,
    group_by: &[String],
    measures: &[String],
) -> Result<(Vec<u16>, Vec<Measure>), Problem> {
    if group_by.len() > 3 {
        return Err(Problem::new(Code::InvalidParameter, "at most 3 fields are grouped by").about("group-by"));
    }
    let groups = group_by
        .iter()
        .map(|name| {
            let field = readable(granted, name)?;
            if field.facet {
                Ok(field.number)
            } else {
                Err(Problem::new(Code::InvalidParameter, format!("`{name}` is not a field to group by"))
                    .about("group-by"))
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    let measures = measures.iter().map(|text| measure(granted, text)).collect::<Result<Vec<_>, _>>()?;
    Ok((groups, measures))
}

fn measure(granted: &Granted, text: &str) -> Result<Measure, Problem> {
    if text == "count" {
        return Ok(Measure::Count);
    }
    let wrong = || {
        Problem::new(Code::InvalidParameter, "a measure is count, sum(f), avg(f), min(f) or max(f)").about("measure")
    };
    let (how, name) = text.strip_suffix(')').and_then(|t| t.split_once('(')).ok_or_else(wrong)?;
    let number = readable(granted, name)?.number;
    match how {
        "sum" => Ok(Measure::Sum(number)),
        "avg" => Ok(Measure::Average(number)),
        "min" => Ok(Measure::Min(number)),
        "max" => Ok(Measure::Max(number)),
        _ => Err(wrong()),
    }
}

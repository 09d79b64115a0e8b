//! What became of a division: from a code of an earlier year to today's.

use std::collections::{BTreeSet, VecDeque};

use foundation::dataset::DatasetName;
use foundation::service::{BaseDatabase, ErrorKind, RecordAsk, RecordView, Scope, ServiceError, Times};
use foundation::value::{Day, Value};

use crate::rules::division as field;

/// Most divisions on the way; a chain of forty years has some ten.
const STEPS_MAX: usize = 200;

/// The division that had `code` on day `from`, then what it became, step by step, up to those valid at `times`.
///
/// A step is a version of a division: its successors and the day it ended say what happened. Divisions split and merge, so
/// there may be several at the end. Empty if no division had the code then. Without `from` the last one that had it is meant.
///
/// Cost: one read of a record's history a step.
/// # Errors
/// Those of the base database; [`ErrorKind::TooHeavy`] for a chain without end.
pub async fn successors(
    database: &dyn BaseDatabase,
    code: &str,
    from: Option<Day>,
    times: Times,
    scopes: &[Scope],
) -> Result<Vec<RecordView>, ServiceError> {
    let dataset: DatasetName =
        "geospatial/divisions".parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
    let (mut steps, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = VecDeque::from([(code.to_owned(), from)]);
    while let Some((code, day)) = next.pop_front() {
        let ask = RecordAsk {
            dataset: dataset.clone(),
            id: format!("mca~{code}"),
            known_at: times.known_at,
            scopes: scopes.to_vec(),
        };
        // A successor that the register does not hold ends its branch.
        let mut versions = match database.history(ask).await {
            Ok(answer) => answer.versions,
            Err(error) if error.kind == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        versions.retain(|version| is_open(version, times));
        versions.sort_by_key(|version| version.valid.from);
        let began = |version: &&RecordView| version.valid.from <= day.unwrap_or(Day::MAX);
        let place = match day {
            Some(day) => versions.iter().position(|version| version.valid.from <= day && day < version.valid.to),
            None => None,
        };
        let Some(version) = place.and_then(|at| versions.get(at)).or_else(|| versions.iter().rfind(began)) else {
            continue;
        };
        if !seen.insert((code.clone(), version.valid.from)) {
            continue;
        }
        if steps.len() >= STEPS_MAX {
            let reason = format!("the chain has more than {STEPS_MAX} divisions");
            return Err(ServiceError::new(ErrorKind::TooHeavy, reason));
        }
        if times.valid_at >= version.valid.to {
            let ended = version.valid.to;
            let became = codes(version);
            if versions.iter().any(|other| other.valid.from == ended) {
                next.push_back((code.clone(), Some(ended)));
            } else {
                next.extend(became.into_iter().map(|code| (code, Some(ended))));
            }
        }
        steps.push(version.clone());
    }
    Ok(steps)
}

/// Whether the version is what is known at these times.
fn is_open(version: &RecordView, times: Times) -> bool {
    times.known_at.map_or(version.recorded.to == foundation::value::Instant::MAX, |known| {
        version.recorded.from <= known && known < version.recorded.to
    })
}

fn codes(version: &RecordView) -> Vec<String> {
    match version.fields.get(field::SUCCESSORS) {
        Some(Value::List(members)) => members
            .iter()
            .filter_map(|member| match member {
                Value::Text(code) | Value::Code(code) => Some(code.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

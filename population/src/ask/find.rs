//! Who somebody is, whose number is not at hand: by name, date of birth and division of registration together.

use foundation::filter::{Comparison, Filter};
use foundation::service::{BaseDatabase, GetAsk, RecordView, Scope, SearchAsk, ServiceError, Times};
use foundation::value::{Value, parse};

use super::{invalid, persons};
use crate::rules::field;

/// Most persons that an answer holds. More are no answer: the question is too wide to be about somebody (as in the
/// Dutch registry of persons, Wet BRP art 3.2 and its logical design 3.12).
pub const FOUND_MAX: usize = 10;

/// Who is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Name, as registered.
    pub name: String,
    /// Date of birth, to the day.
    pub birth_date: String,
    /// Division of household registration, 6 digits.
    pub division: String,
}

/// The persons of that name, date and division; `None` = more than [`FOUND_MAX`].
///
/// Scopes in which one of the three fields is neither readable nor masked take no part: what cannot be compared finds nobody.
/// Cost: one search of the index, and a read of the store for each person found.
///
/// # Errors
/// [`foundation::service::ErrorKind::Invalid`] names the member that cannot be read; errors of the search as they are.
pub async fn find(
    database: &dyn BaseDatabase,
    sought: &Sought,
    times: Times,
    mut scopes: Vec<Scope>,
) -> Result<Option<Vec<RecordView>>, ServiceError> {
    let dataset = &persons(database)?;
    let given = [
        ("name", field::NAME, &sought.name),
        ("birth_date", field::BIRTH_DATE, &sought.birth_date),
        ("domicile_division", field::DOMICILE_DIVISION, &sought.division),
    ];
    let open = |scope: &Scope, number: u16| scope.readable.contains(&number) || scope.masked.contains(&number);
    scopes.retain(|scope| given.iter().all(|(_, number, _)| open(scope, *number)));
    if scopes.is_empty() {
        return Err(invalid("persons are found by name, birth_date and domicile_division: the permit lacks one"));
    }
    let mut parts = Vec::new();
    for (name, number, text) in given {
        let definition = dataset.field(name).ok_or_else(|| invalid(format!("`{name}` is no field")))?;
        // The value is not repeated: it is personal.
        let parsed = parse::from_text(definition, text, database.code_lists(), times.valid_at)
            .map_err(|_| invalid(format!("`{name}` cannot be read")))?;
        if let Value::Date(date) = &parsed.value
            && date.span().from.plus(1) != date.span().to
        {
            return Err(invalid(format!("`{name}` must be a day")));
        }
        parts.push(Filter::Compare { field: number, op: Comparison::Equal, value: parsed.value });
    }
    let ask = SearchAsk {
        dataset: dataset.name.clone(),
        q: None,
        names_only: false,
        filter: Some(Filter::And(parts)),
        bbox: None,
        within: None,
        near: None,
        sort: Vec::new(),
        by_distance: false,
        facets: Vec::new(),
        fields: None,
        times,
        limit: FOUND_MAX + 1,
        skip: 0,
        after: None,
        scopes: scopes.iter().map(|scope| compares(scope, &given.map(|(_, number, _)| number))).collect(),
        counts_allowed: false,
    };
    let hits = database.search(ask).await?.hits;
    if hits.len() > FOUND_MAX {
        return Ok(None);
    }
    let mut found = Vec::with_capacity(hits.len());
    for hit in hits {
        let scopes = scopes.clone();
        let ask = GetAsk { dataset: dataset.name.clone(), id: hit.record.id, times, scopes };
        found.extend(database.get(ask).await?.record);
    }
    Ok(Some(found))
}

/// The scope with the fields of `compared` readable: comparing shows less than a masked value.
fn compares(scope: &Scope, compared: &[u16]) -> Scope {
    let mut wider = scope.clone();
    wider.masked.retain(|number| !compared.contains(number));
    wider.readable.extend(compared.iter().filter(|number| !scope.readable.contains(number)));
    wider.readable.sort_unstable();
    wider
}

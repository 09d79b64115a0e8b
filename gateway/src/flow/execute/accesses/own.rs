//! Under which names the log knows a person: his record's, those of records that go with it, those of the batches they came by.

use foundation::dataset::DatasetName;
use foundation::service::{BaseDatabase, BoundAsk, ClaimView, RecordAsk, Scope};
use foundation::value::Value;

use crate::accesses;
use crate::app::App;
use crate::http::batch_text;
use crate::problem::Problem;

/// Records of one person looked for, and batches.
const RECORDS_MAX: usize = 200;
const BATCHES_MAX: usize = 1_000;
/// Numbers that one person had, one after another.
const NUMBERS_MAX: usize = 16;
/// The field that says under which record a person goes on, and the one that says under which he was before.
const REPLACED_BY: &str = "replaced_by";
const REPLACES: &str = "replaces";

/// A person's records, and the batches their claims came by.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Dataset and id; that of the account first.
    pub(super) records: Vec<(DatasetName, String)>,
    /// Texts of batches, sorted.
    pub(super) batches: Vec<String>,
}

impl Own {
    /// Everything that an entry may name.
    pub(super) fn names(&self) -> Vec<String> {
        self.records.iter().map(|(_, id)| id).chain(&self.batches).cloned().collect()
    }

    /// The records that go with that of the account.
    pub(super) fn others(&self) -> &[(DatasetName, String)] {
        self.records.get(1..).unwrap_or_default()
    }
}

/// Finds what is a person's. Of two records one is the other's former one if both say so.
///
/// Cost: a scan of the links to each record of a number he had, and the claims of every record.
/// # Errors
/// [`Problem`] if the base database cannot be read.
pub(super) async fn find(app: &App, record: &str) -> Result<Own, Problem> {
    let mut own = Own::default();
    let Some(persons) = accesses::persons() else { return Ok(own) };
    let Some(service) = app.catalogue.database(persons.database()) else { return Ok(own) };
    let mut numbers = vec![record.to_owned()];
    let mut at = 0;
    while let Some(id) = numbers.get(at).cloned() {
        at += 1;
        own.records.push((persons.clone(), id.clone()));
        let claims = claims(app, service.as_ref(), &persons, &id).await?;
        for (said, answered) in [(REPLACED_BY, REPLACES), (REPLACES, REPLACED_BY)] {
            for other in links(app, &persons, &claims, said) {
                let known = numbers.len() >= NUMBERS_MAX || numbers.contains(&other);
                if !known && says(app, service.as_ref(), &persons, &other, answered, &id).await? {
                    numbers.push(other);
                }
            }
        }
        own.batches.extend(claims.iter().map(|claim| batch_text(claim.batch)));
    }
    for id in numbers {
        own.records.extend(service.bound(BoundAsk { dataset: persons.clone(), id }).await?);
    }
    own.records.truncate(RECORDS_MAX);
    let beside = own.others().iter().filter(|(dataset, _)| *dataset != persons).cloned().collect::<Vec<_>>();
    for (dataset, id) in beside {
        let claims = claims(app, service.as_ref(), &dataset, &id).await?;
        own.batches.extend(claims.iter().map(|claim| batch_text(claim.batch)));
    }
    own.batches.sort_unstable();
    own.batches.dedup();
    own.batches.truncate(BATCHES_MAX);
    Ok(own)
}

async fn says(
    app: &App,
    service: &dyn BaseDatabase,
    persons: &DatasetName,
    record: &str,
    field: &str,
    of: &str,
) -> Result<bool, Problem> {
    let claims = claims(app, service, persons, record).await?;
    Ok(links(app, persons, &claims, field).any(|id| id == of))
}

/// The records that claims point at by a field.
fn links<'a>(
    app: &App,
    dataset: &DatasetName,
    claims: &'a [ClaimView],
    field: &str,
) -> impl Iterator<Item = String> + use<'a> {
    let number = app.catalogue.get(dataset).and_then(|facts| facts.dataset.field(field).map(|field| field.number));
    claims.iter().filter_map(move |claim| match claim.fields.get(number?)? {
        Value::Link(id) => Some(id.clone()),
        _ => None,
    })
}

/// Everything that was ever said of a record.
async fn claims(
    app: &App,
    service: &dyn BaseDatabase,
    dataset: &DatasetName,
    id: &str,
) -> Result<Vec<ClaimView>, Problem> {
    let Some(facts) = app.catalogue.get(dataset) else { return Ok(Vec::new()) };
    let readable = facts.dataset.fields.iter().map(|field| field.number).collect();
    let scopes = vec![Scope { rows: None, readable, masked: Vec::new() }];
    let ask = RecordAsk { dataset: dataset.clone(), id: id.to_owned(), known_at: None, scopes };
    Ok(service.claims(ask).await?.claims)
}

//! Claims about persons → a word each, after a time that depends on their number alone.

use std::time::Duration;

use foundation::dataset::Dataset;
use foundation::service::{LookupAsk, LookupItem, RecordView, Scope, Times};
use foundation::value::Value;
use population::ask::{Verdict, Verified, same_name};
use tokio::time::Instant;

use super::super::plan::{Service, VerifyWork};
use super::{Answer, domain};
use crate::app::App;
use crate::problem::Problem;

/// No answer leaves sooner, so that nobody reads from the time it took whether a number is there.
const FLOOR: Duration = Duration::from_millis(2);
/// Nor sooner than this an item.
const EACH: Duration = Duration::from_micros(50);
/// Enterprises looked up at a time.
const LOOKED_UP: usize = 1_000;

/// Verifies.
pub(super) async fn run(app: &App, work: VerifyWork) -> Result<Answer, Problem> {
    let begun = Instant::now();
    let count = u32::try_from(work.items.len()).unwrap_or(u32::MAX);
    let outcome = verify(app, work).await;
    tokio::time::sleep_until(begun + FLOOR + EACH.saturating_mul(count)).await;
    outcome
}

async fn verify(app: &App, work: VerifyWork) -> Result<Answer, Problem> {
    let VerifyWork { service, items, times, scopes, enterprises, represented, tells_not_found } = work;
    let mut verified = population::ask::verify(service.as_ref(), &items, times, scopes).await?;
    if !represented.is_empty() {
        let name_of = |at: usize| items.get(at).and_then(|item| item.iter().find(|(member, _)| member == "name"));
        let holds = match enterprises {
            Some((service, dataset, scopes)) => {
                let found = registered(&service, &dataset, &represented, times, scopes).await?;
                let pairs = represented.iter().zip(found);
                pairs
                    .map(|((at, _), entity)| {
                        let (record, name) =
                            (verified.get(*at)?.record.as_deref(), name_of(*at).map(|(_, n)| n.as_str()));
                        represents(&dataset, &entity, record, name)
                    })
                    .collect()
            }
            None => vec![None; represented.len()],
        };
        for ((at, _), holds) in represented.iter().zip(holds) {
            if let Some(one) = verified.get_mut(*at) {
                one.verdict = joined(one.verdict, holds);
            }
        }
    }
    let word = |one: &Verified| match one.verdict {
        Verdict::Match => "match",
        Verdict::NotFound if tells_not_found => "not_found",
        Verdict::Mismatch | Verdict::NotFound => "mismatch",
        Verdict::Unavailable => "unavailable",
    };
    let verdicts = verified.iter().map(word).collect();
    let records = verified.into_iter().filter_map(|one| one.record).collect();
    Ok(Answer::Verified { verdicts, records, times: domain::read_at(app, times) })
}

/// The enterprises of the codes, in their order.
async fn registered(
    service: &Service,
    dataset: &Dataset,
    represented: &[(usize, String)],
    times: Times,
    scopes: Vec<Scope>,
) -> Result<Vec<LookupItem>, Problem> {
    let mut found = Vec::with_capacity(represented.len());
    for part in represented.chunks(LOOKED_UP) {
        let keys = part.iter().map(|(_, code)| vec![("credit_code".to_owned(), code.clone())]).collect();
        let ask = LookupAsk { dataset: dataset.name.clone(), keys, times, scopes: scopes.clone() };
        found.extend(service.lookup(ask).await?.items);
    }
    Ok(found)
}

/// Whether the person is the enterprise's legal representative: by the link where it may be read, else by the name.
fn represents(dataset: &Dataset, entity: &LookupItem, record: Option<&str>, name: Option<&str>) -> Option<bool> {
    let LookupItem::Found(entity) = entity else { return Some(false) };
    let value = |field: &str| of(entity, dataset.field(field)?.number);
    if let (Some(Value::Party(party)), Some(record)) = (value("legal_representative"), record)
        && let Some(link) = &party.link
    {
        return Some(link == record);
    }
    match (value("legal_representative_name"), name) {
        (Some(Value::Text(known)), Some(name)) => Some(same_name(known, name)),
        _ => None,
    }
}

fn of(record: &RecordView, number: u16) -> Option<&Value> {
    record.fields.get(number)
}

/// A verdict on the person, and whether he represents; `None` = that is not known here.
fn joined(verdict: Verdict, represents: Option<bool>) -> Verdict {
    match (verdict, represents) {
        (Verdict::Match | Verdict::Unavailable, Some(false)) => Verdict::Mismatch,
        (Verdict::Match, None) => Verdict::Unavailable,
        (known, _) => known,
    }
}

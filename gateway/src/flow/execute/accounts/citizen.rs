//! Whose record a citizen's account is bound to: looked up once, by number; from then on the id stands for it.

use foundation::dataset::DatasetName;
use foundation::service::{LookupAsk, LookupItem, Scope, Times};
use foundation::value::Instant;

use crate::app::App;
use crate::ask::Holder;
use crate::problem::{Code, Problem};

/// The one kind of document that persons are kept by.
const NUMBER: &str = "citizen_id";

/// The id of the holder's record. The number is in no text of what goes wrong.
pub(super) async fn record(app: &App, holder: &Holder, now: Instant) -> Result<String, Problem> {
    if holder.id_type != NUMBER {
        return Err(Problem::new(Code::Unprocessable, "an account is bound by `citizen_id`").about("id_type"));
    }
    let absent = || Problem::new(Code::NotFound, "there is no person of this number").about("number");
    let name: DatasetName = crate::accesses::PERSONS.parse().map_err(|_| absent())?;
    let unavailable = || Problem::new(Code::Unavailable, "the base database is not there");
    let facts = app.catalogue.get(&name).ok_or_else(unavailable)?;
    let service = app.catalogue.database(name.database()).ok_or_else(unavailable)?;
    let readable = facts.dataset.field(NUMBER).map(|field| field.number).into_iter().collect();
    let ask = LookupAsk {
        dataset: name,
        keys: vec![vec![(NUMBER.to_owned(), holder.number.reveal().to_owned())]],
        times: Times { valid_at: now.day(), known_at: None },
        scopes: vec![Scope { rows: None, readable, masked: Vec::new() }],
    };
    match service.lookup(ask).await?.items.pop() {
        Some(LookupItem::Found(found)) => Ok(found.id),
        Some(LookupItem::Refused { rule, .. }) => {
            Err(Problem::new(Code::Unprocessable, "the number cannot be one").about("number").because(rule))
        }
        Some(LookupItem::NotFound) | None => Err(absent()),
    }
}

//! Records: by id, by natural key, their history and claims. Everything here reads the store.

use std::sync::Arc;

use super::super::{
    ClaimView, ClaimsAnswer, ErrorKind, GetAnswer, GetAsk, HistoryAnswer, LookupAnswer, LookupAsk, LookupItem, ReadAt,
    RecordAsk, RecordView, Scope, ServiceError, Times,
};
use super::LocalDatabase;
use super::scope::Sight;
use crate::record::{Basis, Claim, Head, History, RecordKey, Table, Version, read};
use crate::store::Snapshot;
use crate::value::{FieldType, Fields, Instant, Span, Value, parse};

/// Most keys a lookup.
const KEYS_MAX: usize = 1_000;

/// The times an ask is answered at: the known instant is that of the snapshot unless the ask names one.
pub(super) fn read_at(snapshot: &Arc<dyn Snapshot>, times: Times) -> ReadAt {
    ReadAt { valid_at: times.valid_at, known_at: times.known_at.unwrap_or_else(|| snapshot.at()) }
}

/// The record as the permit shows it at some times.
pub(super) async fn view(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    key: &RecordKey,
    head: &Head,
    at: ReadAt,
    scopes: &[Scope],
) -> Result<Option<RecordView>, ServiceError> {
    let Some((version, fields)) = read::version_at(snapshot, key, head, at.valid_at, at.known_at).await? else {
        return Ok(None);
    };
    Ok(Sight::of(scopes, &fields).map(|sight| sight.view(&table.dataset, &head.id, &version, fields)))
}

/// The head of the record with this id; `None` if there is none.
pub(super) async fn head_of(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    id: &str,
) -> Result<Option<(RecordKey, Head)>, ServiceError> {
    let Some(key) = table.layout.key(id) else { return Ok(None) };
    let head = read::heads(snapshot, std::slice::from_ref(&key)).await?.pop().flatten();
    Ok(head.filter(|head| head.id == id).map(|head| (key, head)))
}

/// One record by id. Cost: one point read, and the record's history for a past that the head does not tell.
pub(super) async fn get(here: &LocalDatabase, ask: GetAsk) -> Result<GetAnswer, ServiceError> {
    let table = &here.table(&ask.dataset)?;
    let snapshot = here.store.snapshot(None).await?;
    let at = read_at(&snapshot, ask.times);
    let record = match head_of(&snapshot, table, &ask.id).await? {
        None => None,
        Some((key, head)) => view(&snapshot, table, &key, &head, at, &ask.scopes).await?,
    };
    Ok(GetAnswer { record, at })
}

/// Records by natural key, in the order of the keys. Cost: one batched point read.
pub(super) async fn lookup(here: &LocalDatabase, ask: LookupAsk) -> Result<LookupAnswer, ServiceError> {
    if ask.keys.len() > KEYS_MAX {
        let message = format!("{} keys were sent, at most {KEYS_MAX} are looked up at a time", ask.keys.len());
        return Err(ServiceError::new(ErrorKind::Invalid, message));
    }
    let table = &here.table(&ask.dataset)?;
    let snapshot = here.store.snapshot(None).await?;
    let at = read_at(&snapshot, ask.times);
    let mut places = Vec::with_capacity(ask.keys.len());
    let mut keys = Vec::with_capacity(ask.keys.len());
    for key in &ask.keys {
        places.push(identify(here, table, key, at).map(|(id, key)| {
            keys.push(key);
            (id, keys.len() - 1)
        }));
    }
    let heads = read::heads(&snapshot, &keys).await?;
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        items.push(match place {
            Err(refused) => refused,
            Ok((id, at_key)) => {
                let head = heads.get(at_key).and_then(Option::as_ref).filter(|head| head.id == id);
                let found = match (keys.get(at_key), head) {
                    (Some(key), Some(head)) => view(&snapshot, table, key, head, at, &ask.scopes).await?,
                    _ => None,
                };
                found.map_or(LookupItem::NotFound, |record| LookupItem::Found(Box::new(record)))
            }
        });
    }
    Ok(LookupAnswer { items, at })
}

/// The record that a natural key names, or why it names none.
fn identify(
    here: &LocalDatabase,
    table: &Table,
    members: &[(String, String)],
    at: ReadAt,
) -> Result<(String, RecordKey), LookupItem> {
    let refused = |field: &str, rule: &str, message: String| LookupItem::Refused {
        field: field.to_owned(),
        rule: rule.to_owned(),
        message,
    };
    let names = &table.dataset.natural_key;
    if let Some((name, _)) = members.iter().find(|(name, _)| !names.contains(name)) {
        let message = format!("`{name}` is no part of the natural key ({})", names.join(", "));
        return Err(refused(name, "unknown_member", message));
    }
    let mut fields = Fields::new();
    for name in names {
        let given = members.iter().find(|(member, _)| member == name);
        let (Some(field), Some((_, text))) = (table.field(name), given) else {
            return Err(refused(name, "required", format!("`{name}` is part of the natural key and must be given")));
        };
        // A number of somebody born later is a sound key of a day before: nobody has it yet.
        let later = matches!(field.kind, FieldType::CitizenId);
        let day = if later { at.valid_at.max(here.clock.today()) } else { at.valid_at };
        let parsed = parse::from_text(field, text, &here.lists, day)
            .map_err(|problem| refused(name, problem.rule, problem.message))?;
        fields.set(field.number, parsed.value);
    }
    table.resolve_links(&mut fields);
    table
        .identify(&fields)
        .ok_or_else(|| refused(&names.join(", "), "natural_key", "no record can have this key".to_owned()))
}

/// A record with everything superseded, as known at a time.
struct Past {
    id: String,
    /// Versions recorded by then, with their fields, oldest recorded first.
    versions: Vec<(Version, Fields)>,
    head: Head,
    history: Vec<History>,
    known_at: Instant,
}

/// A span of recorded time as it was known at `known_at`: what closed later was open then. `None` if it began later.
fn as_known(recorded: Span<Instant>, known_at: Instant) -> Option<Span<Instant>> {
    let to = if recorded.to > known_at { Instant::MAX } else { recorded.to };
    (recorded.from <= known_at).then_some(Span { from: recorded.from, to })
}

async fn past(here: &LocalDatabase, ask: &RecordAsk) -> Result<Result<Past, Instant>, ServiceError> {
    let table = &here.table(&ask.dataset)?;
    let snapshot = here.store.snapshot(None).await?;
    let known_at = ask.known_at.unwrap_or_else(|| snapshot.at());
    let Some((key, head)) = head_of(&snapshot, table, &ask.id).await? else { return Ok(Err(known_at)) };
    let history = read::history(&snapshot, &key).await?;
    let closed = history.iter().filter_map(|row| match row {
        History::Version(version) => Some(version),
        History::Claim { .. } => None,
    });
    let mut versions = Vec::new();
    for version in closed.chain(&head.versions) {
        if let Some(recorded) = as_known(version.recorded, known_at) {
            let fields = read::resolved_past(&head, &history, version);
            versions.push((Version { recorded, ..version.clone() }, fields));
        }
    }
    versions.sort_by_key(|(v, _)| (v.recorded.from, v.valid.from, v.number));
    Ok(Ok(Past { id: head.id.clone(), versions, head, history, known_at }))
}

/// All versions of a record that the permit shows, each judged by its own fields. Cost: one prefix scan.
pub(super) async fn history(here: &LocalDatabase, ask: RecordAsk) -> Result<HistoryAnswer, ServiceError> {
    let table = here.table(&ask.dataset)?;
    let dataset = &table.dataset;
    let past = match past(here, &ask).await? {
        Ok(past) => past,
        Err(known_at) => return Ok(HistoryAnswer { versions: Vec::new(), known_at }),
    };
    let Past { id, versions, known_at, .. } = past;
    let seen = versions.into_iter().filter_map(|(version, fields)| {
        Sight::of(&ask.scopes, &fields).map(|sight| sight.view(dataset, &id, &version, fields))
    });
    Ok(HistoryAnswer { versions: seen.collect(), known_at })
}

/// Who says what of a record. A claim is shown as far as a version that overlaps it is shown. Cost: one prefix scan.
pub(super) async fn claims(here: &LocalDatabase, ask: RecordAsk) -> Result<ClaimsAnswer, ServiceError> {
    here.table(&ask.dataset)?;
    let past = match past(here, &ask).await? {
        Ok(past) => past,
        Err(known_at) => return Ok(ClaimsAnswer { claims: Vec::new(), known_at }),
    };
    let sights: Vec<(&Version, &Fields, Sight)> =
        past.versions.iter().filter_map(|(v, fields)| Some((v, fields, Sight::of(&ask.scopes, fields)?))).collect();
    let mut claims = Vec::new();
    for claim in read::claims(&past.head, &past.history) {
        let Some(recorded) = as_known(claim.recorded, past.known_at) else { continue };
        let beside = sights.iter().filter(|(v, ..)| v.valid.overlaps(&claim.valid) && v.recorded.overlaps(&recorded));
        let beside: Vec<_> = beside.collect();
        let Some(sight) = beside.iter().map(|(.., s)| s.clone()).reduce(|all, s| all.and(&s)) else { continue };
        // Who wins is told as of the instant asked for; of a claim closed by then, as of its last moment.
        let last = if recorded.to == Instant::MAX { past.known_at } else { Instant(recorded.to.0 - 1) };
        let wins = |number: u16, value: &Value| {
            beside.iter().filter(|(v, ..)| v.recorded.contains(last)).any(|(version, fields, sight)| {
                sight.reads(number)
                    && fields.get(number) == Some(value)
                    && winner(&past, version, number).is_some_and(|w| w.source == claim.source)
            })
        };
        let wins =
            claim.fields.iter().filter(|(number, value)| wins(*number, value)).map(|(number, _)| number).collect();
        let (fields, to_mask) = sight.split(claim.fields.clone());
        claims.push(ClaimView {
            number: claim.number,
            source: claim.department().to_owned(),
            by_event: claim.event_table().map(ToOwned::to_owned),
            batch: claim.batch,
            valid: claim.valid,
            recorded,
            source_time: claim.source_time,
            fields,
            to_mask,
            wins,
        });
    }
    claims.sort_by_key(|c| c.number);
    Ok(ClaimsAnswer { claims, known_at: past.known_at })
}

/// The claim whose value a version shows in a field.
fn winner<'a>(past: &'a Past, version: &Version, field: u16) -> Option<&'a Claim> {
    let number = match &version.basis {
        Basis::Claim(number) => *number,
        Basis::Fields(winners) => winners.iter().find(|(f, _)| *f == field)?.1,
    };
    read::claims(&past.head, &past.history).find(|c| c.number == number)
}

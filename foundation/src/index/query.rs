//! A search, from the ask to the page.
//!
//! The query is the OR over the permit's scopes of (rows of the scope AND what is asked, on fields readable in it): a
//! field that a scope does not show has no part in what it matches. Sorting and counting take fields readable in every
//! scope used.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::Searcher;
use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, Query};
use tantivy::schema::Term;

use super::feed::blocking;
use super::filter::{Filters, Found};
use super::generation::{Generation, View};
use super::mapping::Mapping;
use super::nearest::{self, Order};
use super::page::{self, Loaded, Permit};
use super::pass::{self, Address, Keys, Passed, Plan, SORT_FIELDS_MAX, Source};
use super::times::At;
use super::{DatasetIndex, IndexError, question, text};
use crate::dataset::Dataset;
use crate::filter::{Filter, Prepared, Spatial, Truth};
use crate::service::{
    Count, Facet, Hit, Near, ReadAt, Scope, SearchAnswer, SearchAsk, SortKey, SortTuple, SortValue, Times,
};
use crate::store::Store;
use crate::value::{FieldType, Instant, Shape};

/// Most hits a page.
const LIMIT_MAX: usize = 1_000;
/// Most hits passed over.
const SKIP_MAX: usize = 10_000;
/// Most facets an ask.
const FACETS_MAX: usize = 10;
/// Most values a facet lists.
const FACET_VALUES_MAX: usize = 1_000;
/// Longest question, bytes.
const QUESTION_BYTES_MAX: usize = 4_096;
/// Most records looked at one by one, where the index alone cannot decide.
const LOOKED_AT_MAX: usize = 20_000;

/// What to find, of whichever ask.
pub(super) struct Wanted<'a> {
    pub(super) question: Option<&'a str>,
    pub(super) names_only: bool,
    pub(super) filter: Option<&'a Filter>,
    pub(super) bbox: Option<[f64; 4]>,
    pub(super) within: Option<&'a Shape>,
    pub(super) near: Option<Near>,
    pub(super) scopes: &'a [Scope],
}

/// A scope's part of the query.
struct Part {
    scope: usize,
    query: Box<dyn Query>,
    exact: bool,
}

/// What is found: by the index alone, or listed after looking at the records.
pub(super) enum Matched {
    Query(Box<dyn Query>),
    Listed(Vec<(Address, u32)>),
}

impl Matched {
    pub(super) fn source<'a>(&'a self, view: &'a View) -> Source<'a> {
        match self {
            Self::Query(query) => Source::Query(query.as_ref(), &view.statistics),
            Self::Listed(listed) => Source::Listed(listed),
        }
    }
}

/// The searchers an ask reads: `current`, for the past also `closed`.
pub(super) fn searchers<'a>(view: &'a View, at: &ReadAt) -> Vec<&'a Searcher> {
    if at.known_at.0 >= view.progress.known_at { vec![&view.current] } else { vec![&view.current, &view.closed] }
}

/// The times an ask is read at.
///
/// # Errors
/// [`IndexError::NotReady`] for the past while a crash is being made good.
pub(super) fn read_at(index: &DatasetIndex, view: &View, times: Times) -> Result<ReadAt, IndexError> {
    let newest = Instant(view.progress.known_at);
    let known_at = times.known_at.map_or(newest, |known| known.min(newest));
    if known_at < newest && !view.level {
        return Err(IndexError::NotReady { dataset: index.dataset.name.to_string() });
    }
    Ok(ReadAt { valid_at: times.valid_at, known_at })
}

/// Finds the documents of `wanted`.
///
/// # Errors
/// [`IndexError::TooHeavy`] if more records would have to be looked at one by one than allowed.
pub(super) async fn find(
    index: &Arc<DatasetIndex>,
    store: &Arc<dyn Store>,
    generation: &Arc<Generation>,
    view: &Arc<View>,
    at: ReadAt,
    wanted: &Wanted<'_>,
) -> Result<Matched, IndexError> {
    let past = (at.known_at.0 < view.progress.known_at).then_some(at.known_at);
    let by_score = wanted.question.is_some();
    let held = At::new(index.times.clone(), at.valid_at, past);
    let named = wanted.scopes.iter().filter_map(|scope| scope.rows.as_ref()).chain(wanted.filter);
    for field in named.flat_map(Filter::fields) {
        index.can(generation, field, |_| true)?;
    }
    let mut parts = Vec::new();
    for (number, scope) in wanted.scopes.iter().enumerate() {
        if let Some(found) = scope_query(&index.dataset, &generation.mapping, view, wanted, scope, &held)? {
            parts.push(Part { scope: number, query: found.query, exact: found.exact });
        }
    }
    if parts.iter().all(|part| part.exact) {
        let queries: Vec<Box<dyn Query>> = parts.into_iter().map(|part| part.query).collect();
        return Ok(Matched::Query(match queries.len() {
            0 => Box::new(EmptyQuery),
            1 => queries.into_iter().next().unwrap_or_else(|| Box::new(EmptyQuery)),
            // The better of the scopes that show a record, whichever they are.
            _ if by_score => Box::new(DisjunctionMaxQuery::new(queries)),
            _ => Box::new(BooleanQuery::union(queries)),
        }));
    }
    let snapshot = store.snapshot(None).await?;
    let mut survivors: HashMap<Address, u32> = HashMap::new();
    for part in parts {
        let gather = {
            let (generation, view, number) = (Arc::clone(generation), Arc::clone(view), index.number);
            move || -> Result<_, IndexError> {
                let searchers = searchers(&view, &at);
                let listed = pass::listed(part.query.as_ref(), &view.statistics, &searchers, by_score, LOOKED_AT_MAX)?;
                let Some(listed) = listed else {
                    return Err(IndexError::TooHeavy(format!(
                        "more than {LOOKED_AT_MAX} records would have to be looked at one by one; narrow the question"
                    )));
                };
                let named = name(&generation.mapping, number, &searchers, &listed)?;
                Ok((listed, named))
            }
        };
        let (listed, named) = blocking(gather).await?;
        let records = page::load(&snapshot, &named).await?;
        let Some(scope) = wanted.scopes.get(part.scope) else { continue };
        let rules: Vec<Prepared> =
            [scope.rows.as_ref(), wanted.filter].into_iter().flatten().map(Prepared::new).collect();
        for ((address, score), record) in listed.into_iter().zip(records) {
            let Some(record) = record else { continue };
            if rules.iter().all(|rule| rule.matches(&record.fields) == Truth::True) {
                let best = survivors.entry(address).or_insert(0);
                *best = score.max(*best);
            }
        }
    }
    let mut listed: Vec<(Address, u32)> = survivors.into_iter().collect();
    listed.sort_unstable();
    Ok(Matched::Listed(listed))
}

/// Record keys and version numbers of listed documents.
fn name(
    mapping: &Mapping,
    number: u16,
    searchers: &[&Searcher],
    listed: &[(Address, u32)],
) -> Result<Vec<(crate::record::RecordKey, u32)>, IndexError> {
    let mut named = Vec::with_capacity(listed.len());
    let mut open: Option<((u8, u32), Arc<Keys>)> = None;
    for (address, _) in listed {
        let place = (address.searcher, address.segment);
        if open.as_ref().is_none_or(|(opened, _)| *opened != place) {
            let searcher = searchers.get(usize::from(address.searcher)).ok_or(IndexError::Broken)?;
            let keys = Keys::of(number, mapping, searcher.segment_reader(address.segment))
                .map_err(IndexError::engine("reading keys"))?;
            open = Some((place, keys));
        }
        if let Some((_, keys)) = &open {
            named.push((keys.key(address.doc), keys.version(address.doc)));
        }
    }
    Ok(named)
}

/// What is asked, over what one scope shows; `None` if the scope cannot match.
fn scope_query(
    dataset: &Dataset,
    mapping: &Mapping,
    view: &View,
    wanted: &Wanted<'_>,
    scope: &Scope,
    held: &At,
) -> Result<Option<Found>, IndexError> {
    let readable = |number: &u16| scope.readable.binary_search(number).is_ok();
    let rounded = |field: u16| {
        let term = Term::from_field_u64(mapping.system.rounded, u64::from(field));
        [&view.current, &view.closed].iter().any(|searcher| searcher.doc_freq(&term).unwrap_or(1) > 0)
    };
    let space = |field: u16, op: Spatial, shape: &Shape| super::space::predicate(field, op, shape);
    let filters = Filters { mapping, rounded: &rounded, space: &space };
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    let mut exact = true;
    if let Some(question) = wanted.question {
        match text::query(question, dataset, mapping, &scope.readable, wanted.names_only) {
            Some(query) => clauses.push((Occur::Must, query)),
            None => return Ok(None),
        }
    }
    let mut bound = |found: Found| {
        exact &= found.exact;
        clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(found.query, 0.0))));
    };
    if let Some(filter) = wanted.filter {
        if !filter.fields().iter().all(readable) {
            return Ok(None);
        }
        bound(filters.query(filter)?);
    }
    if wanted.bbox.is_some() || wanted.within.is_some() || wanted.near.is_some() {
        // A record lies where any of its geometries lies: a division by its boundary, or, without one, by its centre.
        let geometries: Vec<u16> = mapping
            .fields
            .iter()
            .filter(|f| f.kind == FieldType::Geometry && readable(&f.number))
            .map(|f| f.number)
            .collect();
        if geometries.is_empty() {
            return Ok(None);
        }
        let mut somewhere = |one: &dyn Fn(u16) -> Result<Found, IndexError>| -> Result<(), IndexError> {
            let mut found = geometries.iter().map(|field| one(*field)).collect::<Result<Vec<_>, _>>()?;
            bound(match (found.len(), found.pop()) {
                (1, Some(only)) => only,
                (_, last) => {
                    let all = found.into_iter().chain(last);
                    Found { query: Box::new(BooleanQuery::union(all.map(|f| f.query).collect())), exact: true }
                }
            });
            Ok(())
        };
        if let Some(bbox) = wanted.bbox {
            somewhere(&|field| super::space::within_box(field, bbox))?;
        }
        if let Some(shape) = wanted.within {
            somewhere(&|field| super::space::predicate(field, Spatial::Intersects, shape))?;
        }
        if let Some(near) = wanted.near {
            somewhere(&|field| super::space::near(field, near))?;
        }
    }
    // The rows of a scope are the permit's own condition: it may read any field.
    if let Some(rows) = &scope.rows {
        bound(filters.query(rows)?);
    }
    let whole = [&view.current, &view.closed]
        .iter()
        .flat_map(|searcher| searcher.segment_readers())
        .map(|reader| held.holds_all(reader))
        .collect::<Result<Vec<_>, _>>()
        .map_err(IndexError::engine("reading times"))?
        .into_iter()
        .all(|all| all);
    if !whole {
        bound(Found { query: Box::new(held.clone()), exact: true });
    }
    Ok(Some(match clauses.len() {
        0 => Found { query: Box::new(AllQuery), exact },
        _ => Found { query: Box::new(BooleanQuery::new(clauses)), exact },
    }))
}

/// Whether `field` is readable in every scope.
pub(super) fn readable_everywhere(scopes: &[Scope], field: u16) -> bool {
    !scopes.is_empty() && scopes.iter().all(|scope| scope.readable.binary_search(&field).is_ok())
}

fn check(index: &DatasetIndex, generation: &Generation, ask: &SearchAsk) -> Result<(), IndexError> {
    let name =
        |field: u16| index.dataset.field_by_number(field).map_or_else(|| format!("#{field}"), |f| f.name.clone());
    if ask.limit > LIMIT_MAX {
        return Err(IndexError::Invalid(format!("`limit` is {}, at most {LIMIT_MAX}", ask.limit)));
    }
    if ask.skip > SKIP_MAX {
        return Err(IndexError::TooHeavy(format!(
            "at most {SKIP_MAX} records are passed over; go on by `next` instead"
        )));
    }
    if ask.q.as_ref().is_some_and(|q| q.len() > QUESTION_BYTES_MAX) {
        return Err(IndexError::Invalid(format!("`q` is longer than {QUESTION_BYTES_MAX} bytes")));
    }
    if ask.sort.len() > SORT_FIELDS_MAX {
        return Err(IndexError::Invalid(format!("`sort` names {} fields, at most {SORT_FIELDS_MAX}", ask.sort.len())));
    }
    for key in &ask.sort {
        if !readable_everywhere(&ask.scopes, key.field) || !index.can(generation, key.field, |f| f.sortable)? {
            return Err(IndexError::Invalid(format!("`sort`: `{}` cannot be sorted by", name(key.field))));
        }
    }
    if ask.facets.len() > FACETS_MAX {
        return Err(IndexError::Invalid(format!("`facets` names {} fields, at most {FACETS_MAX}", ask.facets.len())));
    }
    for field in &ask.facets {
        if !readable_everywhere(&ask.scopes, *field) || !index.can(generation, *field, |f| f.facet)? {
            return Err(IndexError::Invalid(format!("`facets`: `{}` cannot be counted by", name(*field))));
        }
    }
    if ask.bbox.is_some() || ask.within.is_some() || ask.near.is_some() {
        if index.mapping.shapes.is_none() {
            return Err(IndexError::Invalid(format!("`{}` has no geometry", index.dataset.name)));
        }
        if generation.mapping.shapes.is_none() {
            return Err(IndexError::NotReady { dataset: index.dataset.name.to_string() });
        }
    }
    if let Some(after) = &ask.after
        && after.values.len() != ask.sort.len() + usize::from(ask.by_distance)
    {
        return Err(IndexError::Invalid("`after` does not belong to this order".to_owned()));
    }
    Ok(())
}

/// Answers a search.
///
/// # Errors
/// [`IndexError::Invalid`] for an ask that names what cannot be, [`IndexError::TooHeavy`] over a bound.
pub(super) async fn search(
    index: &Arc<DatasetIndex>,
    store: &Arc<dyn Store>,
    ask: SearchAsk,
) -> Result<SearchAnswer, IndexError> {
    let generation = index.ready()?;
    check(index, &generation, &ask)?;
    let view = generation.view();
    let at = read_at(index, &view, ask.times)?;
    let question = ask.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let wanted = Wanted {
        question,
        names_only: ask.names_only,
        filter: ask.filter.as_ref(),
        bbox: ask.bbox,
        within: ask.within.as_ref(),
        near: ask.near,
        scopes: &ask.scopes,
    };
    if ask.by_distance {
        let fields = measuring(index, &ask)?;
        let order = Order { fields: &fields, limit: ask.limit + ask.skip, after: ask.after.as_ref() };
        let (passed, whole) = nearest::nearest(index, store, &generation, &view, at, &wanted, &order).await?;
        return answer(index, store, &ask, at, &view, passed, whole).await;
    }
    let matched = find(index, store, &generation, &view, at, &wanted).await?;
    let passed = {
        let (view, number) = (Arc::clone(&view), index.number);
        let (sort, after, facets, limit) =
            (ask.sort.clone(), ask.after.clone(), ask.facets.clone(), ask.limit + ask.skip);
        let by_score = question.is_some() && sort.is_empty();
        blocking(move || {
            run(&generation.mapping, &view, number, at, &matched, by_score, &sort, after.as_ref(), limit, &facets)
        })
        .await?
    };
    answer(index, store, &ask, at, &view, passed, true).await
}

/// The geometry fields that distances are measured by: those readable in every scope.
///
/// # Errors
/// [`IndexError::Invalid`] if there are none, without a circle, or beside facets.
fn measuring(index: &DatasetIndex, ask: &SearchAsk) -> Result<Vec<u16>, IndexError> {
    let fields = index.dataset.fields.iter().filter(|f| f.kind == FieldType::Geometry);
    let fields: Vec<u16> = fields.map(|f| f.number).filter(|n| readable_everywhere(&ask.scopes, *n)).collect();
    if ask.near.is_none() || fields.is_empty() {
        return Err(IndexError::Invalid(
            "`sort`: distances are measured from `near` to a readable geometry".to_owned(),
        ));
    }
    if !ask.sort.is_empty() || !ask.facets.is_empty() {
        return Err(IndexError::Invalid("`sort`: the order by distance stands alone, without facets".to_owned()));
    }
    Ok(fields)
}

#[expect(clippy::too_many_arguments, reason = "the parts of a plan, owned by the caller")]
fn run(
    mapping: &Mapping,
    view: &View,
    number: u16,
    at: ReadAt,
    matched: &Matched,
    by_score: bool,
    sort: &[SortKey],
    after: Option<&SortTuple>,
    limit: usize,
    facets: &[u16],
) -> Result<Passed, IndexError> {
    let plan = Plan { mapping, number, by_score, sort, after, limit, facets };
    pass::pass(&plan, &searchers(view, &at), &matched.source(view))
}

async fn answer(
    index: &DatasetIndex,
    store: &Arc<dyn Store>,
    ask: &SearchAsk,
    at: ReadAt,
    view: &View,
    mut passed: Passed,
    whole: bool,
) -> Result<SearchAnswer, IndexError> {
    let more = passed.hits.len() > ask.limit + ask.skip;
    passed.hits.truncate(ask.limit + ask.skip);
    passed.hits.drain(..ask.skip.min(passed.hits.len()));
    let named: Vec<_> = passed.hits.iter().map(|hit| (hit.key.clone(), hit.version)).collect();
    let snapshot = store.snapshot(None).await?;
    let records = page::load(&snapshot, &named).await?;
    let asked = ask.q.as_deref().map(question::shown).unwrap_or_default();
    let permit = Permit::new(&ask.scopes);
    let hits = passed.hits.into_iter().zip(records).filter_map(|(ranked, record)| {
        let record: Loaded = record?;
        // The permit is judged again on the record itself: what it does not show is not given, whatever the index says.
        let shown = permit.shows(&record.fields)?;
        let readable = &shown.readable;
        Some(Hit {
            title: page::title(&index.dataset, &record, readable),
            snippet: if asked.is_empty() {
                String::new()
            } else {
                page::snippet(&index.dataset, &record.fields, readable, &asked)
            },
            geometry: page::geometry(&index.dataset, &record, readable),
            record: page::view(&index.dataset, record, &shown, ask.fields.as_deref()),
            distance: match ranked.tuple.values.as_slice() {
                [Some(SortValue::Number(metres))] if ask.by_distance => Some(*metres),
                _ => None,
            },
            position: ranked.tuple,
        })
    });
    let hits = hits.collect();
    let facets = ask.facets.iter().zip(passed.facets).map(|(field, counts)| {
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.truncate(FACET_VALUES_MAX);
        let counted = |(value, n)| (value, Count::of(n, ask.counts_allowed));
        // A withheld facet lists nothing: which values occur is itself a count.
        let counts = if ask.counts_allowed { counts.into_iter().map(counted).collect() } else { Vec::new() };
        Facet { field: *field, counts }
    });
    Ok(SearchAnswer {
        hits,
        total: if whole { Count::of } else { Count::at_least }(passed.total, ask.counts_allowed),
        facets: facets.collect(),
        more,
        at,
        generation: generation_number(view),
    })
}

/// Names generation and statistics: positions of other ones do not go on in this one.
pub(super) fn generation_number(view: &View) -> u32 {
    view.progress.generation.wrapping_shl(12) | (view.statistics.version & 0xfff)
}

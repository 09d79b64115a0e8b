//! The nearest records: rings that grow until they hold enough.
//!
//! A ring is a circle as any other, so text, filters, time and the permit's rows hold inside it as they always do. Where
//! the ring is smaller than what was asked for, its count is a lower bound, and said to be one.

use std::sync::Arc;

use tantivy::Searcher;
use tantivy::query::EnableScoring;

use super::feed::blocking;
use super::generation::{Generation, View};
use super::mapping::Mapping;
use super::pass::{Address, Keys, Passed, Ranked, position_id};
use super::query::{Matched, Wanted, find, searchers};
use super::space::{SpaceFile, box_around, distance_m, roughly_m};
use super::{DatasetIndex, IndexError};
use crate::service::{Near, ReadAt, SortTuple, SortValue};
use crate::store::Store;
use crate::value::Shape;

/// The first ring, metres.
const FIRST_METRES: f64 = 500.0;
/// How much wider the next ring is.
const WIDER: f64 = 2.0;
/// How far a distance on the sphere may be from the one on the ellipsoid.
const ROUGH: f64 = 0.006;

/// What is wanted of the nearest.
pub(super) struct Order<'a> {
    /// Geometry fields that measure: those readable in every scope.
    pub(super) fields: &'a [u16],
    /// Records wanted.
    pub(super) limit: usize,
    /// The last one of the page before.
    pub(super) after: Option<&'a SortTuple>,
}

/// The nearest records of `wanted`, and whether its whole circle was looked at.
///
/// Cost: a search of the last ring; of the records in it the nearest ones are measured on the ellipsoid.
/// # Errors
/// As a search.
pub(super) async fn nearest(
    index: &Arc<DatasetIndex>,
    store: &Arc<dyn Store>,
    generation: &Arc<Generation>,
    view: &Arc<View>,
    at: ReadAt,
    wanted: &Wanted<'_>,
    order: &Order<'_>,
) -> Result<(Passed, bool), IndexError> {
    let Some(circle) = wanted.near else { return Err(IndexError::Broken) };
    let passed_by = match order.after.map(|after| after.values.as_slice()) {
        Some([Some(SortValue::Number(metres))]) => *metres,
        _ => 0.0,
    };
    let mut metres = (passed_by * WIDER).max(FIRST_METRES).min(circle.metres);
    loop {
        // The boxes alone tell cheaply that a ring is too small.
        while metres < circle.metres && boxes(view, at, order, Near { metres, ..circle })? <= order.limit {
            metres = (metres * WIDER).min(circle.metres);
        }
        let whole = metres >= circle.metres;
        let ring = Near { metres, ..circle };
        let found = find(index, store, generation, view, at, &Wanted { near: Some(ring), ..*wanted }).await?;
        let passed = {
            let (generation, view, number) = (Arc::clone(generation), Arc::clone(view), index.number);
            let (fields, after, limit) = (order.fields.to_vec(), order.after.cloned(), order.limit);
            blocking(move || {
                let searchers = searchers(&view, &at);
                let pass = Measured { mapping: &generation.mapping, number, fields: &fields, ring };
                pass.best(&searchers, &found, after.as_ref(), limit).map_err(IndexError::engine("measuring"))
            })
            .await?
        };
        if whole || passed.hits.len() > order.limit {
            return Ok((passed, whole));
        }
        metres = (metres * WIDER).min(circle.metres);
    }
}

/// How many geometries have a box in the ring's.
fn boxes(view: &View, at: ReadAt, order: &Order<'_>, ring: Near) -> Result<usize, IndexError> {
    let mut count = 0;
    for searcher in searchers(view, &at) {
        for reader in searcher.segment_readers() {
            let file = super::space::file(reader).map_err(IndexError::engine("reading geometries"))?;
            for bounds in box_around(&ring) {
                let items = file.search(bounds).map_err(IndexError::engine("reading geometries"))?;
                count += items
                    .into_iter()
                    .filter(|item| file.field(*item as usize).is_some_and(|field| order.fields.contains(&field)))
                    .count();
            }
        }
    }
    Ok(count)
}

struct Measured<'a> {
    mapping: &'a Mapping,
    number: u16,
    fields: &'a [u16],
    ring: Near,
}

/// A record in the ring: its distance, surely or on the sphere.
struct Candidate {
    address: Address,
    metres: f64,
    rough: bool,
}

impl Measured<'_> {
    fn best(
        &self,
        searchers: &[&Searcher],
        found: &Matched,
        after: Option<&SortTuple>,
        limit: usize,
    ) -> tantivy::Result<Passed> {
        let mut all = Vec::new();
        for (searcher, number) in searchers.iter().zip(0_u8..) {
            for (reader, segment) in searcher.segment_readers().iter().zip(0_u32..) {
                let file = super::space::file(reader)?;
                let mut take = |doc| {
                    let address = Address { searcher: number, segment, doc };
                    all.extend(self.rough(&file, doc).map(|(metres, rough)| Candidate { address, metres, rough }));
                };
                match found {
                    Matched::Query(query) => {
                        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
                        let alive = reader.alive_bitset();
                        weight.for_each_no_score(reader, &mut |docs| {
                            let docs = docs.iter().filter(|doc| alive.is_none_or(|alive| alive.is_alive(**doc)));
                            docs.for_each(|doc| take(*doc));
                        })?;
                    }
                    Matched::Listed(listed) => listed
                        .iter()
                        .filter(|(address, _)| (address.searcher, address.segment) == (number, segment))
                        .for_each(|(address, _)| take(address.doc)),
                }
            }
        }
        let total = all.len() as u64;
        all.sort_by(|a, b| a.metres.total_cmp(&b.metres).then(a.address.cmp(&b.address)));
        let mut hits = self.measured(searchers, all, after, limit)?;
        hits.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then_with(|| a.tuple.id.cmp(&b.tuple.id)));
        hits.truncate(limit + 1);
        Ok(Passed { total, hits, facets: Vec::new() })
    }

    /// Those that may be among the nearest, measured on the ellipsoid.
    fn measured(
        &self,
        searchers: &[&Searcher],
        sorted: Vec<Candidate>,
        after: Option<&SortTuple>,
        limit: usize,
    ) -> tantivy::Result<Vec<Ranked>> {
        let past = match after.map(|after| (after.values.as_slice(), after.id.as_str())) {
            Some(([Some(SortValue::Number(metres))], id)) => Some((*metres, id)),
            _ => None,
        };
        let mut hits: Vec<Ranked> = Vec::new();
        let mut enough: Option<f64> = None;
        for candidate in sorted {
            if past.is_some_and(|(metres, _)| candidate.metres * (1.0 + ROUGH) < metres) {
                continue;
            }
            if enough.is_some_and(|metres| candidate.metres * (1.0 - ROUGH) > metres) {
                break;
            }
            let Address { searcher, segment, doc } = candidate.address;
            let Some(searcher) = searchers.get(usize::from(searcher)) else { continue };
            let reader = searcher.segment_reader(segment);
            let metres = if candidate.rough {
                let Some(metres) = self.exact(super::space::file(reader)?.as_ref(), doc) else { continue };
                metres
            } else {
                candidate.metres
            };
            let keys = Keys::of(self.number, self.mapping, reader)?;
            let key = keys.key(doc);
            let id = position_id(&key);
            if past.is_some_and(|(before, before_id)| (metres, id.as_str()) <= (before, before_id)) {
                continue;
            }
            let tuple = SortTuple { score: 0, values: vec![Some(SortValue::Number(metres))], id };
            hits.push(Ranked { tuple, key, version: keys.version(doc) });
            if hits.len() > limit && enough.is_none() {
                enough = hits.iter().map(distance).max_by(f64::total_cmp);
            }
        }
        Ok(hits)
    }

    /// Shapes of a document that measure.
    fn shapes<'f>(&self, file: &'f SpaceFile, doc: u32) -> impl Iterator<Item = Shape> + use<'f, '_> {
        file.items_of(doc)
            .filter(|item| file.field(*item).is_some_and(|field| self.fields.contains(&field)))
            .filter_map(|item| file.wkb(item).map(Shape::stored))
    }

    fn exact(&self, file: &SpaceFile, doc: u32) -> Option<f64> {
        self.shapes(file, doc).map(|shape| distance_m(&shape, &self.ring)).min_by(f64::total_cmp)
    }

    /// The distance of a point on the sphere, of anything else as it is.
    fn rough(&self, file: &SpaceFile, doc: u32) -> Option<(f64, bool)> {
        self.shapes(file, doc)
            .map(|shape| match shape.as_point() {
                Some(point) => (roughly_m(point, &self.ring), true),
                None => (distance_m(&shape, &self.ring), false),
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

fn distance(hit: &Ranked) -> f64 {
    match hit.tuple.values.as_slice() {
        [Some(SortValue::Number(metres))] => *metres,
        _ => f64::INFINITY,
    }
}

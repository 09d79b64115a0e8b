//! The features of a map tile, from the index alone: geometries from the segments' files, names from their columns.
//!
//! A place that is drawn already is not drawn again: of what is smaller than a cell one is taken a cell, in the order of
//! the index, so that a tile of a whole country is as small as one of a town.

use std::sync::Arc;

use tantivy::columnar::StrColumn;
use tantivy::query::EnableScoring;
use tantivy::{BitSet, DocId, Searcher, SegmentReader};

use super::feed::blocking;
use super::generation::View;
use super::mapping::Mapping;
use super::query::{Matched, Wanted, find, generation_number, read_at, readable_everywhere, searchers};
use super::space::SpaceFile;
use super::{DatasetIndex, IndexError};
use crate::service::{ReadAt, TileAnswer, TileAsk, TileFeature, TileVersion};
use crate::store::Store;
use crate::value::{FieldType, Shape};

/// Most features of a tile.
const FEATURES_MAX: usize = 20_000;
/// Most cells on a tile's side.
const CELLS_MAX: u32 = 2_048;

/// Gathers a tile.
///
/// Cost: one pass over the matching documents and the geometries in the box; nothing is read from the store.
/// # Errors
/// [`IndexError::Invalid`] for a dataset without a geometry that may be read; else as a search.
pub(super) async fn tile(
    index: &Arc<DatasetIndex>,
    store: &Arc<dyn Store>,
    ask: TileAsk,
) -> Result<TileAnswer, IndexError> {
    let generation = index.ready()?;
    let view = generation.view();
    let at = read_at(index, &view, ask.times)?;
    let version = TileVersion { generation: generation_number(&view), known_at: at.known_at };
    if ask.known == Some(version) {
        return Ok(TileAnswer { features: Vec::new(), complete: true, version, unchanged: true, at });
    }
    let fields: Vec<u16> = index
        .dataset
        .fields
        .iter()
        .filter(|f| f.kind == FieldType::Geometry && readable_everywhere(&ask.scopes, f.number))
        .map(|f| f.number)
        .collect();
    if fields.is_empty() {
        return Err(IndexError::Invalid(format!("`{}` has no geometry", index.dataset.name)));
    }
    let wanted = Wanted {
        question: None,
        names_only: false,
        filter: ask.filter.as_ref(),
        bbox: Some(ask.bbox),
        within: None,
        near: None,
        scopes: &ask.scopes,
    };
    let matched = find(index, store, &generation, &view, at, &wanted).await?;
    let named = |number: &u16| readable_everywhere(&ask.scopes, *number);
    let named: Vec<u16> = ask.fields.iter().copied().filter(named).collect();
    let (bbox, cell) = (ask.bbox, ask.cell);
    blocking(move || {
        let mut gathered = Gathered {
            mapping: &generation.mapping,
            fields,
            named,
            bbox,
            cell,
            drawn: Cells::of(bbox, cell),
            features: Vec::new(),
            complete: true,
        };
        gathered.all(&view, at, &matched).map_err(IndexError::engine("gathering a tile"))?;
        Ok(TileAnswer { features: gathered.features, complete: gathered.complete, version, unchanged: false, at })
    })
    .await
}

struct Gathered<'a> {
    mapping: &'a Mapping,
    /// Geometry fields, the one to draw first.
    fields: Vec<u16>,
    named: Vec<u16>,
    bbox: [f64; 4],
    cell: f64,
    drawn: Cells,
    features: Vec<TileFeature>,
    complete: bool,
}

impl Gathered<'_> {
    fn all(&mut self, view: &View, at: ReadAt, matched: &Matched) -> tantivy::Result<()> {
        for (searcher, number) in searchers(view, &at).into_iter().zip(0_u8..) {
            for (reader, segment) in searcher.segment_readers().iter().zip(0_u32..) {
                let documents = documents(searcher, reader, matched, (number, segment))?;
                if documents.len() > 0 {
                    self.segment(reader, &documents)?;
                }
            }
        }
        Ok(())
    }

    fn segment(&mut self, reader: &SegmentReader, documents: &BitSet) -> tantivy::Result<()> {
        let file = super::space::file(reader)?;
        let mut chosen: Vec<(DocId, usize, u32)> = Vec::new();
        for item in file.search(self.bbox)? {
            let place = item as usize;
            let (Some(document), Some(field)) = (file.document(place), file.field(place)) else { continue };
            let rank = self.fields.iter().position(|number| *number == field);
            if let Some(rank) = rank.filter(|_| documents.contains(document)) {
                chosen.push((document, rank, item));
            }
        }
        // Of several geometries of a document the first.
        chosen.sort_unstable();
        chosen.dedup_by_key(|(document, ..)| *document);
        let first = self.features.len();
        let mut documents = Vec::with_capacity(chosen.len());
        for (document, _, item) in chosen {
            if self.feature(&file, item) {
                documents.push(document);
            }
        }
        self.name(reader, first, &documents)
    }

    /// Names the features from `first` on, of `documents`: each column's texts are read once, in the order they lie in.
    fn name(&mut self, reader: &SegmentReader, first: usize, documents: &[DocId]) -> tantivy::Result<()> {
        for (number, column) in self.columns(reader)? {
            let mut asked: Vec<(u64, usize)> = documents
                .iter()
                .zip(first..)
                .filter_map(|(document, place)| Some((column.term_ords(*document).next()?, place)))
                .collect();
            asked.sort_unstable();
            let mut ords: Vec<u64> = asked.iter().map(|(ord, _)| *ord).collect();
            ords.dedup();
            let mut texts = Vec::with_capacity(ords.len());
            column.dictionary().sorted_ords_to_term_cb(&ords, |bytes| {
                texts.push(String::from_utf8_lossy(bytes).into_owned());
            })?;
            for (ord, place) in asked {
                let text = ords.binary_search(&ord).ok().and_then(|at| texts.get(at));
                if let (Some(text), Some(feature)) = (text, self.features.get_mut(place)) {
                    feature.names.push((number, text.clone()));
                }
            }
        }
        Ok(())
    }

    fn columns(&self, reader: &SegmentReader) -> tantivy::Result<Vec<(u16, StrColumn)>> {
        let mut columns = Vec::new();
        for number in &self.named {
            let Some((name, _)) = self.mapping.field(*number).and_then(|mapped| mapped.strings.as_ref()) else {
                continue;
            };
            columns.extend(reader.fast_fields().str(name)?.map(|column| (*number, column)));
        }
        Ok(columns)
    }

    /// Draws a geometry; `false` if it is not drawn.
    fn feature(&mut self, file: &SpaceFile, item: u32) -> bool {
        let Some(wkb) = file.wkb(item as usize) else { return false };
        let shape = Shape::stored(wkb);
        let [west, south, east, north] = shape.bounding_box();
        if east - west < self.cell && north - south < self.cell && !self.drawn.take(west, south) {
            return false;
        }
        if self.features.len() >= FEATURES_MAX {
            self.complete = false;
            return false;
        }
        self.features.push(TileFeature { shape, names: Vec::new() });
        true
    }
}

/// Which cells of a tile something small is drawn in already.
struct Cells {
    west: f64,
    south: f64,
    cell: f64,
    columns: u32,
    taken: BitSet,
}

impl Cells {
    fn of([west, south, east, north]: [f64; 4], cell: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred cells; saturates")]
        let count = |side: f64| ((side / cell).ceil() as u32).clamp(1, CELLS_MAX) + 1;
        // A box across the antimeridian is as wide as what lies on both sides of it.
        let wide = if west > east { east - west + 360.0 } else { east - west };
        let (columns, rows) = (count(wide), count(north - south));
        Self { west, south, cell, columns, taken: BitSet::with_max_value(columns * rows) }
    }

    /// Takes the cell of a place; `false` if it is taken.
    fn take(&mut self, lon: f64, lat: f64) -> bool {
        let east = if lon < self.west { lon + 360.0 - self.west } else { lon - self.west };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let (column, row) = ((east / self.cell) as u32, ((lat - self.south) / self.cell).max(0.0) as u32);
        let place = row.saturating_mul(self.columns).saturating_add(column.min(self.columns - 1));
        let place = place.min(self.taken.max_value().saturating_sub(1));
        let free = !self.taken.contains(place);
        self.taken.insert(place);
        free
    }
}

/// What matches in a segment.
fn documents(
    searcher: &Searcher,
    reader: &SegmentReader,
    matched: &Matched,
    place: (u8, u32),
) -> tantivy::Result<BitSet> {
    let mut found = BitSet::with_max_value(reader.max_doc());
    match matched {
        Matched::Query(query) => {
            let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
            let alive = reader.alive_bitset();
            weight.for_each(reader, &mut |doc, _| {
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    found.insert(doc);
                }
            })?;
        }
        Matched::Listed(listed) => {
            let here = listed.iter().filter(|(address, _)| (address.searcher, address.segment) == place);
            for (address, _) in here {
                found.insert(address.doc);
            }
        }
    }
    Ok(found)
}

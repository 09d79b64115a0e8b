//! The features of a map tile, from the index alone: geometries from the segments' files, names from their columns.
//!
//! A place that is drawn already is not drawn again: of what is smaller than a cell one is taken a cell, in the order of
//! the index, so that a tile of a whole country is as small as one of a town.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tantivy::columnar::StrColumn;
use tantivy::query::EnableScoring;
use tantivy::{BitSet, DocId, Searcher, SegmentReader};

use super::feed::blocking;
use super::generation::View;
use super::mapping::Mapping;
use super::query::{Matched, Wanted, find, read_at, readable_everywhere, searchers};
use super::space::SpaceFile;
use super::{DatasetIndex, IndexError};
use crate::service::{ReadAt, TileAnswer, TileAsk, TileFeature};
use crate::store::Store;
use crate::value::{FieldType, Shape};

/// Most features of a tile.
const FEATURES_MAX: usize = 20_000;

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
            drawn: HashSet::new(),
            features: Vec::new(),
            complete: true,
        };
        gathered.all(&view, at, &matched).map_err(IndexError::engine("gathering a tile"))?;
        Ok(TileAnswer { features: gathered.features, complete: gathered.complete, at })
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
    drawn: HashSet<(i32, i32)>,
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
        let mut chosen: HashMap<DocId, (usize, u32)> = HashMap::new();
        for item in file.search(self.bbox)? {
            let place = item as usize;
            let (Some(document), Some(field)) = (file.document(place), file.field(place)) else { continue };
            let rank = self.fields.iter().position(|number| *number == field);
            if let Some(rank) = rank.filter(|_| documents.contains(document)) {
                let best = chosen.entry(document).or_insert((rank, item));
                *best = (*best).min((rank, item));
            }
        }
        let mut chosen: Vec<(DocId, u32)> = chosen.into_iter().map(|(document, (_, item))| (document, item)).collect();
        chosen.sort_unstable();
        let columns = self.columns(reader)?;
        for (document, item) in chosen {
            self.feature(&file, item, document, &columns)?;
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

    fn feature(
        &mut self,
        file: &SpaceFile,
        item: u32,
        document: DocId,
        columns: &[(u16, StrColumn)],
    ) -> tantivy::Result<()> {
        let Some(wkb) = file.wkb(item as usize) else { return Ok(()) };
        let shape = Shape::stored(wkb);
        let [west, south, east, north] = shape.bounding_box();
        if east - west < self.cell && north - south < self.cell {
            #[expect(clippy::cast_possible_truncation, reason = "places in a tile; a cell of a degree's fraction")]
            let place = ((west / self.cell).floor() as i32, (south / self.cell).floor() as i32);
            if !self.drawn.insert(place) {
                return Ok(());
            }
        }
        if self.features.len() >= FEATURES_MAX {
            self.complete = false;
            return Ok(());
        }
        let mut names = Vec::with_capacity(columns.len());
        for (number, column) in columns {
            let mut text = String::new();
            if let Some(ord) = column.term_ords(document).next()
                && column.ord_to_str(ord, &mut text)?
            {
                names.push((*number, text));
            }
        }
        self.features.push(TileFeature { shape, names });
        Ok(())
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

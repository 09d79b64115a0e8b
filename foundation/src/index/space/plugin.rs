//! Writing and merging the geometries of a segment.

use std::any::Any;
use std::io::Write;

use tantivy::directory::TerminatingWrite;
use tantivy::index::SegmentComponent;
use tantivy::indexer::doc_id_mapping::{DocIdMapping, MappingType};
use tantivy::schema::document::ErasedDocument;
use tantivy::schema::{Field as Column, Schema, Value as _};
use tantivy::{
    DocId, PluginMergeContext, PluginWriter, PluginWriterContext, Segment, SegmentPlugin, TantivyDocument, TantivyError,
};

use super::file::{Items, SpaceFile};
use crate::value::Shape;

/// Extension of the file.
const EXTENSION: &str = "space";

/// The file of a segment.
pub(super) fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.to_owned())
}

/// Keeps the geometries that documents hand over in `column`.
pub(super) struct SpacePlugin {
    column: Column,
}

impl SpacePlugin {
    pub(super) fn new(column: Column) -> Self {
        Self { column }
    }
}

impl SegmentPlugin for SpacePlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _context: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(SpaceWriter { column: self.column, items: Items::default(), wkb: Vec::new() }))
    }

    /// New ids follow the readers in order, alive documents only, as long as the index is not sorted.
    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        if context.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            return Err(TantivyError::InvalidArgument("an index with geometries is never sorted".to_owned()));
        }
        let mut files = Vec::with_capacity(context.readers.len());
        let mut items = Items::default();
        let mut base = 0;
        for reader in context.readers {
            let file = SpaceFile::open(reader.open_read(component())?.read_bytes()?)?;
            let mut kept = Vec::new();
            let (mut document, mut rank) = (0, 0);
            for item in 0..file.len() {
                let (Some(old), Some(field), Some(wkb)) = (file.document(item), file.field(item), file.wkb(item))
                else {
                    return Err(TantivyError::InternalError("geometries cannot be read".to_owned()));
                };
                // Documents ascend: count the alive ones up to this one.
                while document < old {
                    rank += u32::from(!reader.is_deleted(document));
                    document += 1;
                }
                if reader.is_deleted(old) {
                    continue;
                }
                items.push(base + rank, field, Shape::stored(wkb).bounding_box(), wkb.len());
                kept.push(item);
            }
            base += reader.num_docs();
            files.push((file, kept));
        }
        let mut out = context.target_segment.open_write(component())?;
        items.write(&mut out, |out| {
            for (file, kept) in &files {
                for item in kept {
                    out.write_all(file.wkb(*item).unwrap_or_default())?;
                }
            }
            Ok(())
        })?;
        out.terminate()?;
        Ok(())
    }
}

struct SpaceWriter {
    column: Column,
    items: Items,
    wkb: Vec<u8>,
}

impl PluginWriter for SpaceWriter {
    fn add_document(&mut self, doc: DocId, document: &dyn ErasedDocument, _schema: &Schema) -> tantivy::Result<()> {
        let Some(document) = document.as_any().downcast_ref::<TantivyDocument>() else {
            return Err(TantivyError::InvalidArgument("documents are the engine's own".to_owned()));
        };
        let Some(mut payload) = document.get_first(self.column).and_then(|value| value.as_custom()) else {
            return Ok(());
        };
        while let Some(([a, b, c, d, e, f], rest)) = payload.split_first_chunk::<6>() {
            let length = u32::from_le_bytes([*c, *d, *e, *f]) as usize;
            let Some((wkb, rest)) = rest.split_at_checked(length) else {
                return Err(TantivyError::InvalidArgument("a payload of geometries is cut off".to_owned()));
            };
            self.items.push(doc, u16::from_le_bytes([*a, *b]), Shape::stored(wkb).bounding_box(), wkb.len());
            self.wkb.extend_from_slice(wkb);
            payload = rest;
        }
        Ok(())
    }

    fn serialize(self: Box<Self>, segment: &Segment, mapping: Option<&DocIdMapping>) -> tantivy::Result<()> {
        if mapping.is_some() {
            return Err(TantivyError::InvalidArgument("an index with geometries is never sorted".to_owned()));
        }
        let mut out = segment.clone().open_write(component())?;
        self.items.write(&mut out, |out| out.write_all(&self.wkb))?;
        out.terminate()?;
        Ok(())
    }

    fn mem_usage(&self) -> usize {
        self.items.bytes() + self.wkb.capacity()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

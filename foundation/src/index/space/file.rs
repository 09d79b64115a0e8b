//! The plugin's file.
//!
//! ```text
//! tree      packed Hilbert R-tree (geo-index, f64), at offset 0 so that it lies as mapped pages do
//! documents u32 × n, ascending        fields u16 × n        ends u64 × n, of each geometry's WKB
//! wkb       one after the other
//! footer    n u64, bytes of tree u64, bytes of wkb u64, format u64
//! ```
//! Sections are padded to 8 bytes; numbers are little endian. Item i of the tree is geometry i.

use std::io::{self, Write};

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTreeBuilder, RTreeIndex, RTreeRef};
use tantivy::directory::OwnedBytes;

use super::FORMAT;

const FOOTER: usize = 32;

/// What stands in the file beside the WKB.
#[derive(Debug, Default)]
pub(in crate::index) struct Items {
    pub(in crate::index) documents: Vec<u32>,
    pub(in crate::index) fields: Vec<u16>,
    pub(in crate::index) ends: Vec<u64>,
    pub(in crate::index) boxes: Vec<[f64; 4]>,
}

impl Items {
    /// Notes the next geometry.
    pub(in crate::index) fn push(&mut self, document: u32, field: u16, bounds: [f64; 4], wkb_bytes: usize) {
        self.documents.push(document);
        self.fields.push(field);
        self.boxes.push(bounds);
        self.ends.push(self.ends.last().copied().unwrap_or(0) + wkb_bytes as u64);
    }

    /// Bytes in memory.
    pub(in crate::index) fn bytes(&self) -> usize {
        self.documents.capacity() * (4 + 2 + 8 + 32)
    }

    /// Writes everything; `wkb` writes the geometries in order.
    pub(in crate::index) fn write<W: Write>(
        &self,
        out: &mut W,
        wkb: impl FnOnce(&mut W) -> io::Result<()>,
    ) -> io::Result<()> {
        let count = u32::try_from(self.documents.len()).map_err(|_| io::Error::other("too many geometries"))?;
        let mut tree_bytes = 0_u64;
        if count > 0 {
            let mut tree = RTreeBuilder::<f64>::new(count);
            for [west, south, east, north] in &self.boxes {
                tree.add(*west, *south, *east, *north);
            }
            let tree = tree.finish::<HilbertSort>().into_inner();
            tree_bytes = tree.len() as u64;
            out.write_all(&tree)?;
            pad(out, tree_bytes)?;
        }
        let mut section = Vec::with_capacity(self.ends.len() * 8);
        self.documents.iter().for_each(|document| section.extend_from_slice(&document.to_le_bytes()));
        aligned(&mut section, out)?;
        self.fields.iter().for_each(|field| section.extend_from_slice(&field.to_le_bytes()));
        aligned(&mut section, out)?;
        self.ends.iter().for_each(|end| section.extend_from_slice(&end.to_le_bytes()));
        aligned(&mut section, out)?;
        wkb(out)?;
        let wkb_bytes = self.ends.last().copied().unwrap_or(0);
        pad(out, wkb_bytes)?;
        for number in [u64::from(count), tree_bytes, wkb_bytes, u64::from(FORMAT)] {
            out.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }
}

fn aligned<W: Write>(section: &mut Vec<u8>, out: &mut W) -> io::Result<()> {
    out.write_all(section)?;
    pad(out, section.len() as u64)?;
    section.clear();
    Ok(())
}

fn pad<W: Write>(out: &mut W, written: u64) -> io::Result<()> {
    let short = usize::try_from(written.wrapping_neg() % 8).unwrap_or(0);
    out.write_all([0_u8; 8].get(..short).unwrap_or(&[]))
}

fn padded(bytes: usize) -> usize {
    bytes.div_ceil(8) * 8
}

/// A segment's file, as mapped.
pub(in crate::index) struct SpaceFile {
    bytes: OwnedBytes,
    count: usize,
    tree: usize,
    documents: usize,
    fields: usize,
    ends: usize,
    wkb: usize,
}

fn damaged(what: &str) -> tantivy::TantivyError {
    tantivy::TantivyError::DataCorruption(tantivy::error::DataCorruption::comment_only(format!("geometries: {what}")))
}

impl SpaceFile {
    /// Reads the footer and checks that the sections fit.
    pub(in crate::index) fn open(bytes: OwnedBytes) -> tantivy::Result<Self> {
        let body = bytes.len().checked_sub(FOOTER).ok_or_else(|| damaged("no footer"))?;
        let number = |place: usize| -> Option<usize> {
            let at = body + place * 8;
            usize::try_from(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?)).ok()
        };
        let (Some(count), Some(tree), Some(wkb_bytes), Some(format)) = (number(0), number(1), number(2), number(3))
        else {
            return Err(damaged("no footer"));
        };
        if format != FORMAT as usize {
            return Err(damaged("another format"));
        }
        let documents = padded(tree);
        let fields = documents.saturating_add(padded(count.saturating_mul(4)));
        let ends = fields.saturating_add(padded(count.saturating_mul(2)));
        let wkb = ends.saturating_add(count.saturating_mul(8));
        if wkb.saturating_add(padded(wkb_bytes)) != body {
            return Err(damaged("sections do not fit"));
        }
        Ok(Self { bytes, count, tree, documents, fields, ends, wkb })
    }

    /// Number of geometries.
    pub(in crate::index) fn len(&self) -> usize {
        self.count
    }

    /// The document of geometry `item`.
    pub(in crate::index) fn document(&self, item: usize) -> Option<u32> {
        let at = self.documents + item * 4;
        Some(u32::from_le_bytes(self.bytes.get(at..at + 4)?.try_into().ok()?))
    }

    /// The geometries of a document.
    pub(in crate::index) fn items_of(&self, document: u32) -> impl Iterator<Item = usize> + use<'_> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.document(middle).is_some_and(|found| found < document) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.count).take_while(move |item| self.document(*item) == Some(document))
    }

    /// The field of geometry `item`.
    pub(in crate::index) fn field(&self, item: usize) -> Option<u16> {
        let at = self.fields + item * 2;
        Some(u16::from_le_bytes(self.bytes.get(at..at + 2)?.try_into().ok()?))
    }

    fn end(&self, item: usize) -> Option<usize> {
        let at = self.ends + item * 8;
        usize::try_from(u64::from_le_bytes(self.bytes.get(at..at + 8)?.try_into().ok()?)).ok()
    }

    /// The WKB of geometry `item`.
    pub(in crate::index) fn wkb(&self, item: usize) -> Option<&[u8]> {
        let from = if item == 0 { 0 } else { self.end(item - 1)? };
        self.bytes.get(self.wkb + from..self.wkb + self.end(item)?)
    }

    /// Geometries whose box shares a point with a box.
    pub(in crate::index) fn search(&self, [west, south, east, north]: [f64; 4]) -> tantivy::Result<Vec<u32>> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        let bytes = self.bytes.get(..self.tree).ok_or_else(|| damaged("no tree"))?;
        // The engine maps whole files, so the tree lies at the start of a page; anything else would panic below.
        if bytes.as_ptr().addr() % 8 != 0 {
            return Err(damaged("the tree is not aligned"));
        }
        let tree = RTreeRef::<f64>::try_new(&bytes).map_err(|_| damaged("no tree"))?;
        Ok(tree.search(west, south, east, north))
    }
}

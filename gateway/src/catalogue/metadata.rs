//! An entry as metadata of GB/T 21063.3-2007 (政务信息资源目录体系 第3部分: 核心元数据), with the items that the 2017 guide and
//! Decree 809 add as extended metadata in a namespace of their own. Written by [`write`], read by [`read`].
//!
//! Which element names are the standard's, and how sure that is, stands in `docs/catalogue.md`.

mod elements;
mod read;
mod write;

pub use elements::NAMESPACE;
pub use read::{MetadataError, read};
pub use write::write;

use foundation::value::Day;

use super::items::Items;

/// An entry as it is exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// 信息资源代码 (resID), given by whoever announced it; empty = not announced.
    pub code: String,
    /// 信息资源发布日期 (pubDate).
    pub published: Option<Day>,
    /// The items.
    pub items: Items,
}

#[cfg(test)]
mod tests;

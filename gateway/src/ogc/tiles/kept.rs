//! Drawn tiles, kept for as long as the data and the permit they were drawn under are the same.
//!
//! A tile is known by everything that was put to the base database for it, the permit's scopes and the day included; the base
//! database says whether its index is still the one the tile was drawn from. Nothing is ever shown that was not asked for and
//! written into the audit log anew.

use std::sync::Arc;

use foundation::service::{TileAsk, TileVersion};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// Most memory of the tiles kept, bytes.
const BYTES_MAX: u64 = 64 << 20;
/// What a tile takes beside its bytes.
const OVERHEAD: usize = 256;

/// What a tile is known by.
pub(crate) type Key = [u8; 32];

/// A drawn tile.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The tile.
    pub(crate) body: Vec<u8>,
    /// What it was drawn from.
    pub(crate) version: TileVersion,
    /// Features in it.
    pub(crate) rows: usize,
    /// Fields whose values are in it.
    pub(crate) fields: Vec<u16>,
}

/// The tiles kept.
pub(crate) struct Tiles(Cache<Key, Arc<Kept>>);

impl Default for Tiles {
    fn default() -> Self {
        let weigh = |_: &Key, tile: &Arc<Kept>| u32::try_from(tile.body.len() + OVERHEAD).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(BYTES_MAX).build())
    }
}

impl Tiles {
    /// What a tile asked for so is known by.
    pub(crate) fn key(ask: &TileAsk) -> Key {
        Sha256::digest(format!("{ask:?}").as_bytes()).into()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        self.0.get(key)
    }

    pub(crate) fn keep(&self, key: Key, tile: Kept) {
        self.0.insert(key, Arc::new(tile));
    }
}

//! Snapshots. A view is one immutable state of all stores; the keeper makes one after each group and everybody shares it.
//!
//! The engine's own snapshot borrows the database and so lives in the [`Registry`] on the keeper's stack. A [`View`]
//! carries read options that point to it.
//! INVARIANT: an entry leaves the registry only after its view was dropped or has lost its read options.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak, mpsc};
use std::time::Duration;

use ::rocksdb::{ColumnFamily, ReadOptions};
use async_trait::async_trait;

use super::keeper::{Engine, Message};
use super::pool::Pool;
use super::{Usage, read_error};
use crate::store::{Bytes, Committed, Direction, Key, Snapshot, StoreError};
use crate::value::Instant;

/// More keys than this are read on a pool thread instead of inline; in memory they take about 0.5 ms.
const INLINE_KEYS_MAX: usize = 128;
/// A scan of more rows than this runs on a pool thread.
const INLINE_ROWS_MAX: usize = 64;
/// Spare options a view holds after a pool thread came by: one short scan in so many pays for a change of thread.
const SPARE: usize = 32;

/// One immutable state of all stores.
pub(super) struct View {
    id: u64,
    heads: Vec<Committed>,
    pinned: RwLock<Option<Pinned>>,
    release: mpsc::Sender<Message>,
}

struct Pinned {
    engine: Arc<Engine>,
    options: ReadOptions,
    /// Options for short scans, which use one up each; a pool thread makes more.
    spare: Mutex<Vec<ReadOptions>>,
}

impl View {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// The newest commit of a store in this view; zeroes if there is none.
    pub(super) fn head(&self, store: usize) -> Committed {
        self.heads.get(store).copied().unwrap_or(Committed { at: Instant(0), token: 0 })
    }

    /// Reads `keys` in their order.
    pub(super) fn get_many(&self, store: usize, keys: &[Key]) -> Result<Vec<Option<Bytes>>, StoreError> {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        let Pinned { engine, options, .. } = pinned.as_ref().ok_or(StoreError::Expired)?;
        let copy = |value: ::rocksdb::DBPinnableSlice<'_>| Bytes::copy_from_slice(&value);
        get_many(engine, engine.family(store)?, keys, options, copy)
    }

    /// Syncs of the log since opening.
    #[cfg(any(test, feature = "testkit"))]
    pub(super) fn log_syncs(&self) -> u64 {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        let synced = ::rocksdb::statistics::Ticker::WalFileSynced;
        pinned.as_ref().map_or(0, |pinned| pinned.engine.opened_with.get_ticker_count(synced))
    }

    /// A short scan on the caller's thread; `None` if no spare options are left, and the pool must do it.
    fn scan_inline(
        &self,
        store: usize,
        range: &Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Option<Result<Vec<(Key, Bytes)>, StoreError>> {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Pinned { engine, spare, .. }) = pinned.as_ref() else { return Some(Err(StoreError::Expired)) };
        if range.start >= range.end || limit == 0 {
            return Some(Ok(Vec::new()));
        }
        let mut options = spare.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        bound(&mut options, range.clone());
        Some(
            engine
                .family(store)
                .and_then(|family| collect(engine.db.raw_iterator_cf_opt(family, options), direction, limit, || true)),
        )
    }

    /// Makes spare options for short scans; `snapshot` is this view's own.
    pub(super) fn refill(&self, snapshot: &::rocksdb::Snapshot<'_>) {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        let Some(pinned) = pinned.as_ref() else { return };
        let mut spare = pinned.spare.lock().unwrap_or_else(PoisonError::into_inner);
        while spare.len() < SPARE {
            let mut options = ReadOptions::default();
            options.set_snapshot(snapshot);
            spare.push(options);
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        pinned.as_ref().map(|pinned| pinned.engine.usage()).unwrap_or_default()
    }

    /// From now on every read answers [`StoreError::Expired`]. Waits for the reads under way.
    fn expire(&self) {
        self.pinned.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // The options go before the keeper hears of it and may release what they point to.
        self.expire();
        let _ = self.release.send(Message::Release(self.id));
    }
}

/// The engine's snapshots behind the views that are still held.
pub(super) struct Registry<'db> {
    entries: Mutex<Entries<'db>>,
}

/// The number of views made so far, and the entries by that number.
type Entries<'db> = (u64, HashMap<u64, Entry<'db>>);

struct Entry<'db> {
    snapshot: Arc<::rocksdb::Snapshot<'db>>,
    view: Weak<View>,
    replaced: Option<std::time::Instant>,
}

impl<'db> Registry<'db> {
    pub(super) fn new() -> Self {
        Self { entries: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Entries<'db>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the view of the present state.
    pub(super) fn pin(
        &self,
        engine: &'db Arc<Engine>,
        heads: Vec<Committed>,
        release: &mpsc::Sender<Message>,
    ) -> Arc<View> {
        let snapshot = Arc::new(engine.db.snapshot());
        let mut options = ReadOptions::default();
        options.set_snapshot(&snapshot);
        let now = std::time::Instant::now();
        let mut guard = self.lock();
        let (made, entries) = &mut *guard;
        *made += 1;
        let id = *made;
        for entry in entries.values_mut() {
            entry.replaced.get_or_insert(now);
        }
        let pinned = RwLock::new(Some(Pinned { engine: Arc::clone(engine), options, spare: Mutex::default() }));
        let view = Arc::new(View { id, heads, pinned, release: release.clone() });
        entries.insert(id, Entry { snapshot, view: Arc::downgrade(&view), replaced: None });
        view
    }

    /// The engine's snapshot of a view that is held and has not expired.
    pub(super) fn snapshot(&self, id: u64) -> Option<Arc<::rocksdb::Snapshot<'db>>> {
        self.lock().1.get(&id).map(|entry| Arc::clone(&entry.snapshot))
    }

    /// Forgets a view that was dropped.
    pub(super) fn release(&self, id: u64) {
        self.lock().1.remove(&id);
    }

    /// Expires the views replaced longer ago than `age_max`.
    pub(super) fn expire(&self, age_max: Duration) {
        let old = |entry: &Entry<'_>| entry.replaced.is_some_and(|since| since.elapsed() > age_max);
        self.lock().1.retain(|_, entry| {
            let old = old(entry);
            if old && let Some(view) = entry.view.upgrade() {
                view.expire();
            }
            !old
        });
    }
}

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        for entry in self.lock().1.values() {
            if let Some(view) = entry.view.upgrade() {
                view.expire();
            }
        }
    }
}

/// One store in a view.
pub(super) struct RocksSnapshot {
    pool: Arc<Pool>,
    view: Arc<View>,
    store: usize,
}

impl RocksSnapshot {
    pub(super) fn new(pool: Arc<Pool>, view: Arc<View>, store: usize) -> Self {
        Self { pool, view, store }
    }
}

#[async_trait]
impl Snapshot for RocksSnapshot {
    fn at(&self) -> Instant {
        self.view.head(self.store).at
    }

    fn token(&self) -> u64 {
        self.view.head(self.store).token
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>, StoreError> {
        if keys.len() <= INLINE_KEYS_MAX {
            return self.view.get_many(self.store, keys);
        }
        self.pool.get_many(Arc::clone(&self.view), self.store, keys.to_vec()).await
    }

    async fn scan(
        &self,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key, Bytes)>, StoreError> {
        if limit <= INLINE_ROWS_MAX
            && let Some(rows) = self.view.scan_inline(self.store, &range, direction, limit)
        {
            return rows;
        }
        self.pool.scan(Arc::clone(&self.view), self.store, range, direction, limit).await
    }
}

/// Reads `keys` as `options` see them and gives what `each` makes of the values, in the order of the keys.
///
/// The engine walks filters, indexes and blocks once for neighbours, which makes many keys cheaper than as many reads: that
/// is why they are put in order first.
pub(super) fn get_many<K: AsRef<[u8]>, T>(
    engine: &Engine,
    family: &ColumnFamily,
    keys: &[K],
    options: &ReadOptions,
    each: impl Fn(::rocksdb::DBPinnableSlice<'_>) -> T,
) -> Result<Vec<Option<T>>, StoreError> {
    let failed = |error: ::rocksdb::Error| read_error(&error);
    if let [key] = keys {
        let value = engine.db.get_pinned_cf_opt(family, key, options).map_err(failed)?;
        return Ok(vec![value.map(each)]);
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    let key = |at: &usize| keys.get(*at).map_or(&[][..], AsRef::as_ref);
    order.sort_by(|one, next| key(one).cmp(key(next)));
    let mut values: Vec<Option<T>> = keys.iter().map(|_| None).collect();
    let found = engine.db.batched_multi_get_cf_opt(family, order.iter().map(key), true, options);
    for (at, value) in order.iter().zip(found) {
        let value = value.map_err(failed)?.map(&each);
        values.get_mut(*at).into_iter().zip([value]).for_each(|(slot, value)| *slot = value);
    }
    Ok(values)
}

/// The first row of the newest state in any of `ranges`.
pub(super) fn first(engine: &Engine, family: &ColumnFamily, ranges: &[Range<Key>]) -> Result<Option<Key>, StoreError> {
    for range in ranges.iter().filter(|range| range.start < range.end) {
        let mut options = ReadOptions::default();
        bound(&mut options, range.clone());
        let rows = engine.db.raw_iterator_cf_opt(family, options);
        if let Some((key, _)) = collect(rows, Direction::Forward, 1, || true)?.pop() {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Scans one store in a snapshot; `go_on` is asked now and then.
pub(super) fn scan(
    snapshot: &::rocksdb::Snapshot<'_>,
    family: &ColumnFamily,
    range: Range<Key>,
    direction: Direction,
    limit: usize,
    go_on: impl Fn() -> bool,
) -> Result<Vec<(Key, Bytes)>, StoreError> {
    if range.start >= range.end || limit == 0 {
        return Ok(Vec::new());
    }
    let mut options = ReadOptions::default();
    // Long scans pass by the cache: what they read once must not push out what look-ups read often.
    options.fill_cache(limit <= 1_000);
    bound(&mut options, range);
    collect(snapshot.raw_iterator_cf_opt(family, options), direction, limit, go_on)
}

fn bound(options: &mut ReadOptions, range: Range<Key>) {
    options.set_iterate_lower_bound(range.start);
    options.set_iterate_upper_bound(range.end);
}

fn collect(
    mut rows: ::rocksdb::DBRawIterator<'_>,
    direction: Direction,
    limit: usize,
    go_on: impl Fn() -> bool,
) -> Result<Vec<(Key, Bytes)>, StoreError> {
    let mut found = Vec::new();
    match direction {
        Direction::Forward => rows.seek_to_first(),
        Direction::Backward => rows.seek_to_last(),
    }
    while let Some((key, value)) = rows.item() {
        found.push((key.to_vec(), Bytes::copy_from_slice(value)));
        if found.len() == limit || found.len().is_multiple_of(1_024) && !go_on() {
            return Ok(found);
        }
        match direction {
            Direction::Forward => rows.next(),
            Direction::Backward => rows.prev(),
        }
    }
    rows.status().map_err(|error| read_error(&error))?;
    Ok(found)
}

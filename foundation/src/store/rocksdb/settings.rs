//! How RocksDB is set up. The reasons, with what was measured, stand in `docs/decisions/0004-store-rocksdb.md`.

use std::sync::Arc;
use std::time::Duration;

use ::rocksdb::{
    BlockBasedOptions, BlockBasedTablePinningTier, Cache, DBCompressionType, DataBlockIndexType, LogLevel,
    WriteBufferManager, WriteOptions,
};

use crate::clock::{Clock, SystemClock};

const MIB: usize = 1024 * 1024;
/// Most bytes of write buffers: what is beyond serves reads.
const BUFFERS_MAX: usize = 96 * MIB;

/// What can be chosen when opening.
#[derive(Clone)]
pub struct Options {
    /// Bytes shared by block cache and write buffers of all stores. Default: 416 MiB, of which 96 for write buffers.
    pub memory_bytes: usize,
    /// Where commit times come from. Default: the system clock.
    pub clock: Arc<dyn Clock>,
    /// Threads for scans and long reads. Default: 4.
    pub pool_threads: usize,
    /// How long a snapshot stays readable after a newer one was made. Default: 10 minutes.
    pub snapshot_age_max: Duration,
    /// How many of the newest commit ids are remembered in any case. Default: 100,000.
    pub commit_ids_min: u64,
    /// How long a commit id is remembered in any case. Default: 7 days.
    pub commit_ids_age_min: Duration,
    /// Whether a commit waits for the disk. `false` breaks S2; it exists so that tests can show they would notice.
    #[cfg(any(test, feature = "testkit"))]
    pub sync: bool,
    /// Called before each group is written; an error stands for the engine's own. For tests of S11.
    #[cfg(any(test, feature = "testkit"))]
    pub fault: Option<Arc<dyn Fn() -> Result<(), String> + Send + Sync>>,
    /// Whether syncs of the log are counted, for `Stores::log_syncs`.
    #[cfg(any(test, feature = "testkit"))]
    pub count_syncs: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory_bytes: 416 * MIB,
            clock: Arc::new(SystemClock),
            pool_threads: 4,
            snapshot_age_max: Duration::from_mins(10),
            commit_ids_min: 100_000,
            commit_ids_age_min: Duration::from_hours(7 * 24),
            #[cfg(any(test, feature = "testkit"))]
            sync: true,
            #[cfg(any(test, feature = "testkit"))]
            fault: None,
            #[cfg(any(test, feature = "testkit"))]
            count_syncs: false,
        }
    }
}

impl Options {
    /// How groups are written: synced, and with a hint for the write buffer, since batches come in key order.
    pub(super) fn write(&self) -> WriteOptions {
        let mut write = WriteOptions::default();
        write.set_memtable_insert_hint_per_batch(true);
        #[cfg(any(test, feature = "testkit"))]
        write.set_sync(self.sync);
        #[cfg(not(any(test, feature = "testkit")))]
        write.set_sync(true);
        write
    }
}

/// The engine's settings: of the directory, and of each column family.
pub(super) fn engine(options: &Options) -> (::rocksdb::Options, ::rocksdb::Options) {
    let cache = Cache::new_lru_cache(options.memory_bytes);
    let buffers = (options.memory_bytes * 3 / 8).min(BUFFERS_MAX);
    #[cfg_attr(not(any(test, feature = "testkit")), expect(unused_mut, reason = "only tests count"))]
    let mut directory = directory(buffers, &cache);
    #[cfg(any(test, feature = "testkit"))]
    if options.count_syncs {
        directory.enable_statistics();
    }
    (directory, family(buffers, &cache))
}

fn directory(buffers: usize, cache: &Cache) -> ::rocksdb::Options {
    let mut db = ::rocksdb::Options::default();
    db.create_if_missing(true);
    db.create_missing_column_families(true);
    db.set_write_buffer_manager(&WriteBufferManager::new_write_buffer_manager_with_cache(
        buffers,
        false,
        cache.clone(),
    ));
    db.set_max_background_jobs(2);
    // Every table stays open: no table cache between a get and its table.
    db.set_max_open_files(-1);
    // A log that was synced and has gone missing or short is noticed when opening.
    db.set_track_and_verify_wals_in_manifest(true);
    db.set_max_total_wal_size(2 * buffers as u64);
    // Table files reach the disk a piece at a time instead of in one burst that delays the commits' syncs.
    db.set_bytes_per_sync(MIB as u64);
    db.set_log_level(LogLevel::Warn);
    db.set_keep_log_file_num(4);
    db.set_max_log_file_size(4 * MIB);
    db.set_stats_dump_period_sec(0);
    db.set_max_manifest_file_size(16 * MIB);
    db
}

fn family(buffers: usize, cache: &Cache) -> ::rocksdb::Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_block_size(4 * 1024);
    table.set_format_version(6);
    table.set_bloom_filter(10.0, false);
    table.set_whole_key_filtering(true);
    table.set_optimize_filters_for_memory(true);
    // Indexes and filters count against the budget but are never looked up in the cache nor thrown out of it.
    table.set_cache_index_and_filter_blocks(true);
    table.set_unpartitioned_pinning_tier(BlockBasedTablePinningTier::All);
    table.set_data_block_index_type(DataBlockIndexType::BinaryAndHash);
    table.set_data_block_hash_ratio(0.75);

    let mut family = ::rocksdb::Options::default();
    family.set_block_based_table_factory(&table);
    family.set_compression_type(DBCompressionType::Lz4);
    family.set_write_buffer_size(buffers / 3);
    family.set_max_write_buffer_number(4);
    // An absent key is told from the write buffer without walking it.
    family.set_memtable_prefix_bloom_ratio(0.05);
    family.set_memtable_whole_key_filtering(true);
    family.set_level_compaction_dynamic_level_bytes(true);
    family.set_level_zero_file_num_compaction_trigger(8);
    family.set_level_zero_slowdown_writes_trigger(40);
    family.set_level_zero_stop_writes_trigger(60);
    family.set_target_file_size_base(64 * MIB as u64);
    family.set_max_bytes_for_level_base(512 * MIB as u64);
    family
}

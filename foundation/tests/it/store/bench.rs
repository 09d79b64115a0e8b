//! The two backends as the suite meets them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use foundation::clock::FixedClock;
use foundation::store::memory::MemoryStore;
use foundation::store::{Options, Stores};
use foundation::store::{Store, StoreError};
use foundation::testkit::store::Bench;
use foundation::value::Instant;

/// The name of the one store the tests use.
pub(super) const NAME: &str = "population";

/// The reference model.
pub(super) struct Memory {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
}

impl Memory {
    pub(super) fn new() -> Self {
        let clock = Arc::new(FixedClock::at(Instant(1_000)));
        Self { store: Arc::new(MemoryStore::new(clock.clone())), clock }
    }
}

#[async_trait]
impl Bench for Memory {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn clock(&self) -> Arc<FixedClock> {
        self.clock.clone()
    }

    async fn reopen(&mut self) -> bool {
        false
    }

    async fn open_again(&self) -> Option<Result<(), StoreError>> {
        None
    }

    fn fail_writes(&self, _message: Option<&'static str>) -> bool {
        false
    }

    fn writes(&self) -> u64 {
        0
    }

    async fn expire_snapshots(&self) -> bool {
        false
    }
}

/// RocksDB in a directory of its own.
pub(super) struct Rocks {
    dir: tempfile::TempDir,
    stores: Option<Stores>,
    clock: Arc<FixedClock>,
    sync: bool,
    fault: Arc<Mutex<Option<&'static str>>>,
    writes: Arc<AtomicU64>,
}

impl Rocks {
    pub(super) fn new() -> Self {
        Self::synced(true)
    }

    /// `sync` is false where many small commits would only wear the disk.
    pub(super) fn synced(sync: bool) -> Self {
        let clock = Arc::new(FixedClock::at(Instant(1_000)));
        let dir = tempfile::tempdir().unwrap();
        let mut bench = Self { dir, stores: None, clock, sync, fault: Arc::default(), writes: Arc::default() };
        bench.stores = Some(bench.open().unwrap());
        bench
    }

    fn open(&self) -> Result<Stores, StoreError> {
        let (fault, writes) = (self.fault.clone(), self.writes.clone());
        let hook = move || {
            writes.fetch_add(1, Ordering::SeqCst);
            fault.lock().unwrap().map_or(Ok(()), |message| Err(message.to_owned()))
        };
        let options = Options {
            clock: self.clock.clone(),
            memory_bytes: 16 << 20,
            snapshot_age_max: Duration::from_secs(3),
            sync: self.sync,
            fault: Some(Arc::new(hook)),
            ..Options::default()
        };
        Stores::open(self.dir.path(), &[NAME, "gateway"], options)
    }
}

#[async_trait]
impl Bench for Rocks {
    fn store(&self) -> Arc<dyn Store> {
        self.stores.as_ref().unwrap().store(NAME).unwrap()
    }

    fn clock(&self) -> Arc<FixedClock> {
        self.clock.clone()
    }

    async fn reopen(&mut self) -> bool {
        self.stores = None;
        // A test may still hold the store: the directory is free once that is dropped.
        for _ in 0..100 {
            match self.open() {
                Ok(stores) => {
                    self.stores = Some(stores);
                    return true;
                }
                Err(StoreError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(other) => panic!("{other}"),
            }
        }
        panic!("still in use");
    }

    async fn open_again(&self) -> Option<Result<(), StoreError>> {
        Some(self.open().map(|_| ()))
    }

    fn fail_writes(&self, message: Option<&'static str>) -> bool {
        *self.fault.lock().unwrap() = message;
        true
    }

    fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    async fn expire_snapshots(&self) -> bool {
        tokio::time::sleep(Duration::from_secs(5)).await;
        true
    }
}

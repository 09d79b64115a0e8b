//! A base database over the in-memory store, and files imported into it: for the tests of the five.

use std::path::Path;
use std::sync::Arc;

use crate::clock::{Clock, FixedClock};
use crate::dataset::{CodeLists, Dataset};
use crate::record::IdKey;
use crate::service::{
    BaseDatabase, Domain, ImportBegin, ImportFinish, ImportMode, ImportReport, ImportRows, LocalDatabase, OpenOptions,
    Scope, Times,
};
use crate::store::memory::MemoryStore;
use crate::store::{Keys, Store};
use crate::value::{Day, Instant};
use crate::write::source::{self, Declared, Format, Mapping};

/// The day tests are run on.
pub const TODAY: &str = "2026-11-23";

/// A base database, in memory, with the built-in code lists; its index lies in the temporary directory.
pub struct Loaded {
    /// The base database.
    pub database: Arc<LocalDatabase>,
    _index: tempfile::TempDir,
}

/// Opens a domain over the in-memory store.
pub async fn open(domain: Domain, demo: bool) -> Loaded {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Instant::parse("2026-11-23T00:00:00Z").unwrap()));
    on(domain, demo, Arc::new(MemoryStore::new(Arc::clone(&clock))), None, clock).await
}

/// Opens a domain over a store whose personal records are sealed with `keys`.
pub async fn open_sealed(domain: Domain, demo: bool, store: Arc<dyn Store>, keys: Arc<Keys>) -> Loaded {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Instant::parse("2026-11-23T00:00:00Z").unwrap()));
    on(domain, demo, store, Some(keys), clock).await
}

async fn on(
    domain: Domain,
    demo: bool,
    store: Arc<dyn Store>,
    keys: Option<Arc<Keys>>,
    clock: Arc<dyn Clock>,
) -> Loaded {
    let index = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        store,
        keys,
        index_dir: index.path().to_owned(),
        loads_dir: index.path().join("loads"),
        lists: Arc::new(CodeLists::standard().unwrap()),
        id_key: IdKey([7; 32]),
        clock,
        demo,
    };
    let database = Arc::new(LocalDatabase::open(domain, options).await.unwrap());
    Loaded { database, _index: index }
}

impl Loaded {
    /// The dataset called `table`.
    #[must_use]
    pub fn dataset(&self, table: &str) -> Arc<Dataset> {
        self.database.datasets().into_iter().find(|d| d.name.table() == table).unwrap()
    }

    /// Imports a file of the sample as its provider's batch and waits for the index.
    pub async fn file(&self, table: &str, file: &Path) -> ImportReport {
        let bytes = std::fs::read(file).unwrap();
        let format = Format::of_name(file.to_str().unwrap()).unwrap();
        self.bytes(table, bytes, format, file.to_str().unwrap()).await
    }

    /// Imports bytes as the provider's batch called `key` and waits for the index.
    pub async fn bytes(&self, table: &str, bytes: Vec<u8>, format: Format, key: &str) -> ImportReport {
        let dataset = self.dataset(table);
        let input = Box::new(std::io::Cursor::new(bytes));
        let mut rows = source::open(input, format, Declared::default(), &Mapping::default(), &dataset).unwrap();
        let begin = ImportBegin {
            dataset: dataset.name.clone(),
            source: dataset.provider_code.clone(),
            mode: ImportMode::Delta,
            as_of: None,
            key: key.to_owned(),
            actor: "test".to_owned(),
            dry_run: false,
            first_load: false,
        };
        let batch = self.database.import_begin(begin).await.unwrap();
        loop {
            let chunk: Vec<_> = rows.by_ref().take(1_000).map(Result::unwrap).collect();
            if chunk.is_empty() {
                break;
            }
            let header = rows.header().map(ToOwned::to_owned);
            self.database.import_rows(ImportRows { batch, rows: chunk, header }).await.unwrap();
        }
        let report = self.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap();
        assert!(self.database.index_caught_up(30_000).await.unwrap(), "the index does not catch up");
        report
    }

    /// A permit that shows everything of a dataset.
    #[must_use]
    pub fn everything(&self, table: &str) -> Vec<Scope> {
        let mut readable: Vec<u16> = self.dataset(table).fields.iter().map(|f| f.number).collect();
        readable.sort_unstable();
        vec![Scope { rows: None, readable, masked: Vec::new() }]
    }
}

/// On [`TODAY`], as known now.
#[must_use]
pub fn today() -> Times {
    Times { valid_at: Day::parse(TODAY).unwrap(), known_at: None }
}

/// A file of the committed sample.
#[must_use]
pub fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample").join(name)
}

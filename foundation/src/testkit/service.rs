//! The suite every base database must pass: one function a claim, named after it.
//!
//! `foundation::base_database_suite!(name, subject)` makes a test of each claim on a dataset, which it meets through a
//! [`Subject`]: a domain, the dataset's table and a way to make rows. [`rows::by_type`] makes rows from a definition alone.

use std::sync::Arc;

use crate::clock::{Clock, FixedClock};
use crate::dataset::{CodeLists, Dataset};
use crate::record::{BatchId, IdKey};
use crate::service::{
    BaseDatabase, Cell, Domain, GetAsk, ImportBegin, ImportFinish, ImportMode, ImportReport, ImportRows, LocalDatabase,
    LookupAsk, LookupItem, OpenOptions, RecordAsk, RecordView, Scope, SourceRow, Times,
};
use crate::store::{Keys, Ring, Store, Suite, memory::MemoryStore};
use crate::value::{Day, Instant, Value};

mod claims;
mod definitions;
mod erasure;
mod first_load;
mod model;
pub mod rows;

pub use claims::*;
pub use definitions::*;
pub use erasure::*;
pub use first_load::*;
pub use model::at_any_two_times_the_record_is_what_a_naive_table_says;

/// A source first in every order of these tests only by its code.
pub const FIRST: &str = "11100000MB00000001";
/// A source after [`FIRST`].
pub const SECOND: &str = "11100000MB00000002";
/// The clock when a bench opens: 2026-01-01T00:00:00+08:00.
pub const START: Instant = Instant(1_767_196_800_000_000);

/// A dataset under test.
pub struct Subject {
    /// Makes the domain.
    pub domain: fn() -> Domain,
    /// Code lists.
    pub lists: Arc<CodeLists>,
    /// Table name of the dataset.
    pub table: &'static str,
    /// Whether the directory is marked `demo`.
    pub demo: bool,
    /// A field that rows say something different in, word by word.
    pub varies: &'static str,
    /// Cells by field name of a sound row: record `n` in the varying field says `word`.
    pub row: MakeRow,
}

/// Makes a row's cells of a record's number and a word.
pub type MakeRow = fn(&Dataset, &CodeLists, u32, u32) -> Vec<(String, String)>;

/// A base database in memory with one dataset under test.
pub struct Bench {
    /// The database.
    pub database: LocalDatabase,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    /// Its store, beneath the seals.
    pub store: Arc<dyn Store>,
    /// The keys it seals with.
    pub keys: Arc<Keys>,
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The subject.
    pub subject: Subject,
    index: tempfile::TempDir,
}

/// Keys in memory under a ring of their own.
#[must_use]
pub fn fresh_keys(clock: Arc<dyn Clock>) -> Arc<Keys> {
    let ring = Arc::new(arc_swap::ArcSwap::from_pointee(Ring::fresh(Suite::default()).unwrap()));
    Arc::new(Keys::new(Arc::new(MemoryStore::new(clock)), ring, Suite::default()))
}

/// A row to import: a record, what is said of it, reserved columns.
#[derive(Debug, Clone)]
pub struct Line {
    /// Record.
    pub n: u32,
    /// What is said.
    pub word: u32,
    /// Reserved columns.
    pub reserved: Vec<(&'static str, String)>,
}

/// Record `n` says `word`.
#[must_use]
pub fn line(n: u32, word: u32) -> Line {
    Line { n, word, reserved: Vec::new() }
}

impl Line {
    /// With a reserved column.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.reserved.push((name, text.into()));
        self
    }
}

impl Bench {
    /// Opens an empty one on the store in memory.
    pub async fn open(subject: Subject) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
        Self::on(subject, store, clock).await
    }

    /// Opens one on a store.
    pub async fn on(subject: Subject, store: Arc<dyn Store>, clock: Arc<FixedClock>) -> Self {
        let keys = fresh_keys(clock.clone());
        Self::opened(subject, store, keys, clock, tempfile::tempdir().unwrap()).await
    }

    /// Closes it, as a process that ends does, and opens it on what it left.
    pub async fn reopened(self) -> Self {
        let Self { database, clock, store, keys, subject, index, .. } = self;
        database.shutdown().await;
        drop(database);
        Self::opened(subject, store, keys, clock, index).await
    }

    async fn opened(
        subject: Subject,
        store: Arc<dyn Store>,
        keys: Arc<Keys>,
        clock: Arc<FixedClock>,
        index: tempfile::TempDir,
    ) -> Self {
        let options = OpenOptions {
            store: Arc::clone(&store),
            keys: Some(Arc::clone(&keys)),
            index_dir: index.path().join("index"),
            loads_dir: index.path().join("loads"),
            lists: Arc::clone(&subject.lists),
            id_key: IdKey([7; 32]),
            clock: clock.clone(),
            demo: subject.demo,
        };
        let database = LocalDatabase::open((subject.domain)(), options).await.unwrap();
        let dataset = database.datasets().into_iter().find(|d| d.name.table() == subject.table).unwrap();
        Self { database, clock, store, keys, dataset, subject, index }
    }

    /// Where its index and its files of first loads lie.
    #[must_use]
    pub fn index_dir(&self) -> &std::path::Path {
        self.index.path()
    }

    /// Lets the clock go on.
    pub fn pass(&self, seconds: i64) {
        use crate::clock::Clock as _;
        self.clock.set(Instant(self.clock.now().0 + seconds * 1_000_000));
    }

    /// The newest instant that is known: that of the last commit.
    pub async fn known(&self) -> Instant {
        self.store.snapshot(None).await.unwrap().at()
    }

    /// Everything is readable.
    #[must_use]
    pub fn all(&self) -> Vec<Scope> {
        let mut readable: Vec<u16> = self.dataset.fields.iter().map(|f| f.number).collect();
        readable.sort_unstable();
        vec![Scope { rows: None, readable, masked: Vec::new() }]
    }

    /// Cells of a row.
    #[must_use]
    pub fn cells(&self, line: &Line) -> Vec<(String, Cell)> {
        let said = (self.subject.row)(&self.dataset, &self.subject.lists, line.n, line.word);
        let reserved = line.reserved.iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        said.into_iter().chain(reserved).map(|(name, text)| (name, Cell::Text(text))).collect()
    }

    /// Rows from line 2 on.
    #[must_use]
    pub fn rows(&self, lines: &[Line]) -> Vec<SourceRow> {
        (2..)
            .zip(lines)
            .map(|(at, line)| SourceRow {
                line: at,
                cells: self.cells(line),
                original: format!("{line:?}"),
                unreadable: None,
                repaired: Vec::new(),
            })
            .collect()
    }

    /// How an import opens.
    #[must_use]
    pub fn beginning(&self, source: &str, key: &str, mode: ImportMode) -> ImportBegin {
        ImportBegin {
            dataset: self.dataset.name.clone(),
            source: source.to_owned(),
            mode,
            as_of: None,
            key: key.to_owned(),
            actor: "the suite".to_owned(),
            dry_run: false,
            first_load: false,
        }
    }

    /// Sends rows through an import.
    pub async fn send(&self, begin: ImportBegin, rows: Vec<SourceRow>, confirm: bool) -> ImportReport {
        let batch = self.database.import_begin(begin).await.unwrap();
        self.database.import_rows(ImportRows { batch, rows, header: None }).await.unwrap();
        self.database.import_finish(ImportFinish { batch, cut_off: None, confirm }).await.unwrap()
    }

    /// Imports lines as changes, a second after whatever came before.
    pub async fn import(&self, source: &str, key: &str, lines: &[Line]) -> ImportReport {
        self.pass(1);
        self.send(self.beginning(source, key, ImportMode::Delta), self.rows(lines), false).await
    }

    /// The natural key of a record, as a caller would write it.
    #[must_use]
    pub fn key(&self, n: u32) -> Vec<(String, String)> {
        let said = (self.subject.row)(&self.dataset, &self.subject.lists, n, 0);
        said.into_iter().filter(|(name, _)| self.dataset.natural_key.contains(name)).collect()
    }

    /// A record, found by its natural key.
    pub async fn find(&self, n: u32, valid_at: Day, known_at: Option<Instant>) -> Option<RecordView> {
        let times = Times { valid_at, known_at };
        let (dataset, keys, scopes) = (self.dataset.name.clone(), vec![self.key(n)], self.all());
        let answer = self.database.lookup(LookupAsk { dataset, keys, times, scopes }).await.unwrap();
        match answer.items.into_iter().next() {
            Some(LookupItem::Found(record)) => Some(*record),
            Some(LookupItem::NotFound) => None,
            other => panic!("record {n}: {other:?}"),
        }
    }

    /// What a record says in the varying field today, as known now.
    pub async fn said(&self, n: u32) -> Option<Value> {
        self.said_at(n, START.day(), None).await
    }

    /// What a record says in the varying field at two times.
    pub async fn said_at(&self, n: u32, valid_at: Day, known_at: Option<Instant>) -> Option<Value> {
        let record = self.find(n, valid_at, known_at).await?;
        record.fields.get(self.varying()).cloned()
    }

    /// Number of the varying field.
    #[must_use]
    pub fn varying(&self) -> u16 {
        self.dataset.field(self.subject.varies).unwrap().number
    }

    /// What `word` is in the varying field, once it is read.
    #[must_use]
    pub fn word(&self, n: u32, word: u32) -> Option<Value> {
        let said = (self.subject.row)(&self.dataset, &self.subject.lists, n, word);
        let (_, text) = said.into_iter().find(|(name, _)| name == self.subject.varies)?;
        let field = self.dataset.field(self.subject.varies).unwrap();
        Some(crate::value::parse::from_text(field, &text, &self.subject.lists, START.day()).unwrap().value)
    }

    /// An ask for a record by its id.
    pub async fn record_ask(&self, n: u32) -> RecordAsk {
        let id = self.find(n, START.day(), None).await.unwrap().id;
        RecordAsk { dataset: self.dataset.name.clone(), id, known_at: None, scopes: self.all() }
    }

    /// An ask for a record by its id.
    #[must_use]
    pub fn get_ask(&self, id: &str) -> GetAsk {
        let times = Times { valid_at: START.day(), known_at: None };
        GetAsk { dataset: self.dataset.name.clone(), id: id.to_owned(), times, scopes: self.all() }
    }

    /// The batch of a report.
    pub async fn withdraw(&self, batch: BatchId) -> ImportReport {
        self.pass(1);
        self.database.withdraw(batch).await.unwrap()
    }
}

/// Makes a module `$name` with a test for each claim; `$subject` makes a [`Subject`].
#[macro_export]
macro_rules! base_database_suite {
    ($name:ident, $subject:expr) => {
        $crate::base_database_suite!(@tests $name, $subject,
            an_imported_record_is_found_by_key_and_by_id,
            the_same_import_again_changes_nothing,
            an_import_broken_off_goes_on_where_it_was,
            a_record_is_read_at_two_times,
            the_first_source_in_order_wins_and_the_dispute_is_marked,
            an_end_closes_valid_time_and_a_retract_takes_back,
            two_rows_of_one_batch_on_one_record_apply_in_order,
            a_withdrawn_batch_leaves_what_stood_before,
            a_withdrawn_batch_frees_its_key,
            a_snapshot_ends_what_it_does_not_name_and_asks_first,
            a_bad_row_stops_no_good_one,
            a_dry_run_writes_nothing,
            history_and_claims_tell_everything,
            changes_say_added_changed_and_left,
            a_key_that_cannot_be_one_is_refused,
            a_changed_layout_does_not_open,
            a_later_definition_is_taken_while_it_serves,
            a_new_dataset_is_taken_while_it_serves,
            a_definition_that_records_do_not_survive_is_refused,
            the_index_equals_the_store_after_all_of_it,
            an_erased_record_is_in_no_answer_and_its_neighbour_in_all,
            an_erased_record_leaves_a_tombstone_and_no_bytes,
            an_erased_record_does_not_come_back,
            an_erasure_that_was_broken_off_goes_on,
            a_first_load_is_seen_whole_and_wants_an_empty_dataset,
            no_word_of_a_first_load_is_readable_on_disk,
        );
    };
    (@tests $name:ident, $subject:expr, $($claim:ident),* $(,)?) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $claim() {
                    $crate::testkit::service::$claim($crate::testkit::service::Bench::open($subject).await).await;
                }
            )*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_first_load_leaves_what_an_ordinary_import_leaves() {
                $crate::testkit::service::a_first_load_leaves_what_an_ordinary_import_leaves(|| $subject).await;
            }
            #[test]
            fn at_any_two_times_the_record_is_what_a_naive_table_says() {
                $crate::testkit::service::at_any_two_times_the_record_is_what_a_naive_table_says(|| $subject);
            }
        }
    };
}

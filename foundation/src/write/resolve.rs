//! Resolve: the chunk's rows are applied, in order, to the records' heads as one snapshot shows them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::batch::BatchRow;
use super::effect::{self, Beside};
use super::erase;
use super::quality::Graded;
use super::timeline::{Word, Work};
use super::validate::{CheckedRow, Op, RefusedRow};
use super::{WriteError, Writer};
use crate::record::keys::meta;
use crate::record::{BatchId, Head, RecordKey, Table, blob, is_sealed, read, tombstone};
use crate::service::{ImportMode, RowProblem};
use crate::store::{Expect, Key, Put, Snapshot, VALUE_MAX, digest};
use crate::value::{Day, Span, codec};

/// Most findings kept a batch.
pub const WARNINGS_MAX: u32 = 1_000;

/// A record that the commit changes.
#[derive(Debug)]
pub struct Changed {
    /// Its place.
    pub key: RecordKey,
    /// What its head row must hold still.
    pub expect: Expect,
    /// The record after the rows.
    pub work: Work,
    /// Its new head row.
    pub row: Vec<u8>,
}

/// A chunk resolved: what a commit is made of.
#[derive(Debug)]
pub struct Resolved {
    /// The batch.
    pub batch: BatchId,
    /// Its row after the chunk.
    pub batch_row: BatchRow,
    /// What its row must hold still.
    pub batch_expect: Expect,
    /// Records that change, by key.
    pub records: Vec<Changed>,
    /// Records of other tables that change with them.
    pub beside: Vec<Beside>,
    /// Refused rows.
    pub refused: Vec<RefusedRow>,
    /// Findings.
    pub warnings: Vec<RowProblem>,
    /// Snapshot mode: records named by the chunk, and its first line.
    pub named: Option<(u64, Vec<u8>)>,
    /// Pieces of large values, to be written before.
    pub pieces: BTreeMap<Key, Put>,
}

/// Applies a chunk. `None` if the batch holds all its lines already.
///
/// Cost: one batched read of the batch row and the heads named; the rest is memory.
/// # Errors
/// [`WriteError`] if the batch takes no rows or the store cannot be read.
pub async fn run(writer: &Writer, batch: BatchId, graded: &Graded) -> Result<Option<Resolved>, WriteError> {
    let snapshot = writer.store.snapshot(None).await?;
    let (batch_row, batch_expect) = batch_row(&snapshot, batch).await?;
    if graded.checked.last_line <= batch_row.progress.last_line {
        return Ok(None);
    }
    batch_row.takes_rows()?;
    let mut heads = Heads::read(&snapshot, graded.checked.rows.iter().map(|r| &r.key)).await?;
    let rows = graded.checked.rows.iter().filter(|r| r.op == Op::Upsert).map(|r| (&r.key, &r.fields));
    heads.bury(erase::with::of_erased(&snapshot, writer, rows).await?);
    let mut resolved = apply(&writer.table, batch, batch_row, batch_expect, graded, heads)?;
    let line = |key: &RecordKey| graded.checked.rows.iter().rev().find(|r| r.key == *key).map_or(0, |r| r.line);
    effect::spread(&snapshot, writer, &mut resolved, Some(&line)).await?;
    Ok(Some(resolved))
}

/// Applies a chunk for the eye only (a dry run): nothing of it is to be committed.
///
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub async fn judge(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    batch: BatchId,
    batch_row: BatchRow,
    graded: &Graded,
) -> Result<Resolved, WriteError> {
    let heads = Heads::read(snapshot, graded.checked.rows.iter().map(|r| &r.key)).await?;
    apply(table, batch, batch_row, Expect::Absent, graded, heads)
}

/// A batch's row and the expectation that it stays.
pub(super) async fn batch_row(snapshot: &Arc<dyn Snapshot>, batch: BatchId) -> Result<(BatchRow, Expect), WriteError> {
    let mut found = snapshot.get_many(&[meta::batch(batch)]).await?;
    let bytes = found.pop().flatten().ok_or(WriteError::NoSuchBatch)?;
    Ok((BatchRow::decode(&bytes)?, Expect::Holds(digest(&bytes))))
}

/// The records of a chunk as a snapshot shows them.
#[derive(Debug, Default)]
pub struct Heads {
    records: Vec<(RecordKey, Expect, Option<Head>)>,
    places: HashMap<RecordKey, usize>,
    erased: HashSet<RecordKey>,
}

impl Heads {
    /// Reads the heads of `keys`, each once. Cost: one batched read.
    ///
    /// # Errors
    /// [`WriteError::Record`].
    pub async fn read<'a>(
        snapshot: &Arc<dyn Snapshot>,
        keys: impl Iterator<Item = &'a RecordKey> + Send,
    ) -> Result<Self, WriteError> {
        let mut places: HashMap<RecordKey, usize> = HashMap::with_capacity(keys.size_hint().0);
        let mut order: Vec<RecordKey> = Vec::with_capacity(keys.size_hint().0);
        for key in keys {
            if !places.contains_key(key) {
                places.insert(key.clone(), order.len());
                order.push(key.clone());
            }
        }
        let rows: Vec<Key> = order.iter().map(RecordKey::head).collect();
        let stored = snapshot.get_many(&rows).await?;
        let opened = snapshot.open(&rows, stored.clone()).await?;
        let mut records = Vec::with_capacity(order.len());
        for (key, (stored, value)) in order.into_iter().zip(stored.into_iter().zip(opened)) {
            let expect = stored.map_or(Expect::Absent, |bytes| Expect::Holds(digest(&bytes)));
            let head = match value {
                None => None,
                Some(bytes) => Some(read::whole(snapshot, read::decode_head(&key, &bytes)?).await?),
            };
            records.push((key, expect, head));
        }
        let absent = records.iter().filter(|(_, _, head)| head.is_none()).map(|(key, ..)| key);
        let mut erased = tombstone::among(snapshot, absent.cloned().collect()).await?;
        // Of an older copy of the rows there may be no tombstone; the key is gone all the same.
        let unread = records.iter().filter(|(_, expect, head)| head.is_none() && *expect != Expect::Absent);
        erased.extend(unread.map(|(key, ..)| key.clone()));
        Ok(Self { records, places, erased })
    }

    /// The heads of records of which there are none, each once.
    #[must_use]
    pub fn of_new<'a>(keys: impl Iterator<Item = &'a RecordKey>) -> Self {
        let mut heads = Self::default();
        for key in keys {
            if !heads.places.contains_key(key) {
                heads.places.insert(key.clone(), heads.records.len());
                heads.records.push((key.clone(), Expect::Absent, None));
            }
        }
        heads
    }

    /// Takes these as erased too.
    pub fn bury(&mut self, keys: HashSet<RecordKey>) {
        self.erased.extend(keys);
    }

    /// Whether a record was erased: nothing is written of it again.
    #[must_use]
    pub fn is_erased(&self, key: &RecordKey) -> bool {
        self.erased.contains(key)
    }

    /// The records, in the order of their keys as given.
    #[must_use]
    pub fn into_records(self) -> Vec<(RecordKey, Expect, Option<Head>)> {
        self.records
    }
}

/// Applies a chunk to heads: no I/O.
pub(super) fn apply(
    table: &Table,
    batch: BatchId,
    mut batch_row: BatchRow,
    batch_expect: Expect,
    graded: &Graded,
    heads: Heads,
) -> Result<Resolved, WriteError> {
    let done = batch_row.progress.last_line;
    let checked = &graded.checked;
    let mut refused: Vec<RefusedRow> = checked.refused.iter().filter(|r| r.line > done).cloned().collect();
    let mut warnings: Vec<RowProblem> = graded.warnings.iter().filter(|w| w.line > done).cloned().collect();
    let mut works: Vec<Option<Work>> = heads.records.iter().map(|_| None).collect();
    let mut stored: Vec<(RecordKey, Expect, Option<Head>)> = heads.records;
    // Rows by record, so that a record that outgrows its row refuses all of them.
    let mut outcomes: Vec<(usize, &CheckedRow, bool)> = Vec::with_capacity(checked.rows.len());
    for row in checked.rows.iter().filter(|r| r.line > done) {
        if heads.erased.contains(&row.key) {
            refused.push(buried(row));
            continue;
        }
        let Some(at) = heads.places.get(&row.key).copied() else { continue };
        let (Some(slot), Some(place)) = (works.get_mut(at), stored.get_mut(at)) else { continue };
        let work = slot.get_or_insert_with(|| Work::new(place.2.take().unwrap_or_else(|| Head::new(row.id.clone()))));
        if work.head.id != row.id {
            return Err(WriteError::Invalid {
                reason: format!("line {}: two ids have one place in the store", row.line),
            });
        }
        if row.op != Op::Upsert && !work.knows(&batch_row.source) {
            warnings.push(RowProblem {
                line: row.line,
                field: "_op".to_owned(),
                rule: "nothing_to_end".to_owned(),
                message: "this source claims nothing of the record".to_owned(),
            });
        }
        let changed = work.overwrite(&word(row, batch, &batch_row, work));
        outcomes.push((at, row, changed));
    }
    let mut too_large = vec![false; works.len()];
    let mut records = Vec::new();
    let mut pieces = BTreeMap::new();
    for (at, (work, (key, expect, _))) in works.into_iter().zip(stored).enumerate() {
        let Some(mut work) = work.filter(|w| w.changed) else { continue };
        let row = finish(&mut work, &key, table, &mut pieces);
        if row.len() > VALUE_MAX {
            too_large.get_mut(at).into_iter().for_each(|flag| *flag = true);
            continue;
        }
        records.push(Changed { key, expect, work, row });
    }
    for (at, row, changed) in outcomes {
        if too_large.get(at).copied().unwrap_or_default() {
            refused.push(outgrown(row));
            continue;
        }
        batch_row.progress.accepted += 1;
        *(if changed { &mut batch_row.progress.changed } else { &mut batch_row.progress.unchanged }) += 1;
    }
    let named = (batch_row.mode == ImportMode::Snapshot).then(|| {
        let kept = checked.rows.iter().filter(|r| r.line > done && r.op == Op::Upsert).map(|r| &r.key);
        (checked.first_line, named(kept.chain(refused.iter().filter_map(|r| r.key.as_ref()))))
    });
    refused.sort_by_key(|r| r.line);
    batch_row.progress.rejected += refused.len() as u64;
    batch_row.progress.last_line = checked.last_line;
    warnings.sort_by_key(|w| w.line);
    warnings.truncate(usize::try_from(WARNINGS_MAX.saturating_sub(batch_row.warnings)).unwrap_or_default());
    batch_row.warnings += u32::try_from(warnings.len()).unwrap_or(WARNINGS_MAX);
    records.sort_by(|a, b| a.key.cmp(&b.key));
    let beside = Vec::new();
    Ok(Resolved { batch, batch_row, batch_expect, records, beside, refused, warnings, named, pieces })
}

/// Resolves a changed record and encodes its head.
pub(super) fn finish(work: &mut Work, key: &RecordKey, table: &Table, pieces: &mut BTreeMap<Key, Put>) -> Vec<u8> {
    work.resolve(&table.authority);
    work.head.counter += 1;
    let owner = is_sealed(&table.dataset).then_some(key);
    for claim in work.head.claims.iter_mut().chain(&mut work.closed) {
        blob::take_out(&mut claim.fields, owner, pieces);
    }
    codec::encode_row(&work.head)
}

/// A row as a word on its source's timeline.
///
/// From `_valid_from`, else the batch's `as-of`, else (a record this source has said nothing of) since always, else the
/// batch's day. An `end` holds from `_valid_to` if there is one; a `retract` without days takes everything back.
fn word<'a>(row: &'a CheckedRow, batch: BatchId, batch_row: &'a BatchRow, work: &Work) -> Word<'a> {
    let valid = match row.op {
        Op::Upsert => {
            let from = row
                .valid_from
                .or(batch_row.as_of)
                .unwrap_or_else(|| if work.knows(&batch_row.source) { batch_row.day } else { Day::MIN });
            Span { from, to: row.valid_to.unwrap_or(Day::MAX) }
        }
        Op::End => {
            let from = row.valid_to.or(row.valid_from).unwrap_or_else(|| batch_row.from_day());
            Span { from, to: Day::MAX }
        }
        Op::Retract => Span { from: row.valid_from.unwrap_or(Day::MIN), to: row.valid_to.unwrap_or(Day::MAX) },
    };
    Word {
        source: &batch_row.source,
        batch,
        valid,
        source_time: row.source_time,
        fields: (row.op == Op::Upsert).then_some(&row.fields),
    }
}

fn buried(row: &CheckedRow) -> RefusedRow {
    let message = "this record, or the one it belongs to, was erased; nothing of it is kept again".to_owned();
    RefusedRow {
        line: row.line,
        // What was erased is not kept among the refused rows either.
        original: String::new(),
        problems: vec![RowProblem { line: row.line, field: String::new(), rule: "erased".to_owned(), message }],
        key: Some(row.key.clone()),
    }
}

fn outgrown(row: &CheckedRow) -> RefusedRow {
    let message = format!("the record's open claims would take more than {} KiB", VALUE_MAX / 1024);
    RefusedRow {
        line: row.line,
        original: String::new(),
        problems: vec![RowProblem {
            line: row.line,
            field: String::new(),
            rule: "record_too_large".to_owned(),
            message,
        }],
        key: Some(row.key.clone()),
    }
}

/// Bytes of one entry of [`named`].
pub const NAMED_BYTES: usize = 20;

/// Records by partition and a 128-bit hash of their key.
fn named<'a>(keys: impl Iterator<Item = &'a RecordKey>) -> Vec<u8> {
    let mut all = Vec::new();
    for key in keys {
        all.extend_from_slice(&name_of(key));
    }
    all
}

/// A record's entry among those a snapshot names.
#[must_use]
pub fn name_of(key: &RecordKey) -> [u8; NAMED_BYTES] {
    let mut entry = [0; NAMED_BYTES];
    let hash = xxhash_rust::xxh3::xxh3_128(key.as_bytes()).to_be_bytes();
    let bytes = key.partition().to_be_bytes().into_iter().chain(hash);
    entry.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    entry
}

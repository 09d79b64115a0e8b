//! The proof that the index is the store's, and that the store keeps its invariant.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_128;

use super::document::digest;
use super::feed::blocking;
use super::generation::View;
use super::mapping::{DIGEST, Mapping, VALID_FROM, VALID_TO};
use super::pass::Keys;
use super::{DatasetIndex, Index, IndexError};
use crate::record::read::{history, resolved, scan};
use crate::record::{Basis, Head, History, RecordKey, Version};
use crate::service::{CheckReport, DatasetCheck};
use crate::value::{Day, Span};

/// Heads read at once.
const HEADS: usize = 1_000;
/// Most problems listed a dataset.
const PROBLEMS_MAX: usize = 100;
/// How long a check waits for the feed.
const WAIT: Duration = Duration::from_mins(10);
/// How often it starts again because of writes in between.
const TRIES: usize = 5;

/// Documents of a partition: how many, and the sum of their digests (order does not matter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    documents: u64,
    digest: u128,
}

impl Sum {
    fn add(&mut self, key: &RecordKey, number: u32, valid: Span<Day>, digest: u64) {
        let mut bytes = Vec::with_capacity(72);
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&valid.from.0.to_le_bytes());
        bytes.extend_from_slice(&valid.to.0.to_le_bytes());
        bytes.extend_from_slice(&digest.to_le_bytes());
        self.documents += 1;
        self.digest = self.digest.wrapping_add(xxh3_128(&bytes));
    }
}

type Sums = BTreeMap<u16, Sum>;

fn total(sums: &Sums) -> Sum {
    sums.values().fold(Sum::default(), |all, part| Sum {
        documents: all.documents + part.documents,
        digest: all.digest.wrapping_add(part.digest),
    })
}

/// Compares every dataset's index with the store, and checks the store's two-times invariant.
///
/// Cost: one scan of all heads (and of the history of changed records), one pass over the index's columns.
/// # Errors
/// [`IndexError`] if either cannot be read, or writes never pause.
pub(super) async fn check(index: &Index, rebuild: bool) -> Result<CheckReport, IndexError> {
    if rebuild {
        index.rebuild();
    }
    if !index.caught_up(WAIT).await? {
        return Err(IndexError::NotReady { dataset: index.problems().join("; ") });
    }
    let mut report = CheckReport { datasets: Vec::new(), problems: index.problems() };
    for dataset in index.datasets.load_full().iter() {
        let line = check_dataset(index, dataset, &mut report.problems).await?;
        report.datasets.push(line);
    }
    Ok(report)
}

async fn check_dataset(
    index: &Index,
    dataset: &Arc<DatasetIndex>,
    problems: &mut Vec<String>,
) -> Result<DatasetCheck, IndexError> {
    for _ in 0..TRIES {
        let snapshot = index.store.snapshot(None).await?;
        let positions = index.store.positions(dataset.number).await?;
        if !index.caught_up(WAIT).await? {
            break;
        }
        let generation = dataset.ready()?;
        let view = generation.view();
        let same = |(partition, last): &(u32, u64)| view.progress.offset((*partition & 0xffff) as u16) == *last;
        if !positions.iter().all(same) || index.store.snapshot(None).await?.token() != snapshot.token() {
            continue;
        }
        let mut found = Vec::new();
        let (mut stored, mut records) = (Sums::new(), 0);
        let mut buffer = Vec::new();
        for (partition, _) in &positions {
            let short = (*partition & 0xffff) as u16;
            let mut after: Option<RecordKey> = None;
            loop {
                let page = scan(&snapshot, dataset.number, short, after.as_ref(), HEADS).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                for (key, head) in page {
                    records += 1;
                    let superseded = if head.next_version as usize > head.versions.len() + 1 {
                        history(&snapshot, &key).await?
                    } else {
                        Vec::new()
                    };
                    if found.len() < PROBLEMS_MAX
                        && let Some(problem) = broken(&head, &superseded)
                    {
                        found.push(format!("{}: record `{}`: {problem}", dataset.dataset.name, head.id));
                    }
                    for version in &head.versions {
                        let fields = resolved(&head, version);
                        let proof = digest(&key, version.number, version.valid, &fields, &mut buffer);
                        stored.entry(short).or_default().add(&key, version.number, version.valid, proof);
                    }
                }
            }
        }
        let (mapping, number, viewed) = (Arc::clone(&generation.mapping), dataset.number, Arc::clone(&view));
        let indexed = blocking(move || sums(&mapping, number, &viewed)).await?;
        let mut partitions: Vec<u16> = stored.keys().chain(indexed.keys()).copied().collect();
        partitions.sort_unstable();
        partitions.dedup();
        for partition in partitions {
            let (a, b) = (stored.get(&partition).copied(), indexed.get(&partition).copied());
            if a.unwrap_or_default() != b.unwrap_or_default() && found.len() < PROBLEMS_MAX {
                found.push(format!(
                    "{}: partition {partition}: the store has {} open versions, the index {} documents{}",
                    dataset.dataset.name,
                    a.unwrap_or_default().documents,
                    b.unwrap_or_default().documents,
                    if a.map(|s| s.documents) == b.map(|s| s.documents) { " of other content" } else { "" },
                ));
            }
        }
        problems.extend(found);
        let (a, b) = (total(&stored), total(&indexed));
        return Ok(DatasetCheck {
            dataset: dataset.dataset.name.clone(),
            records,
            versions: a.documents,
            documents: b.documents,
            store_digest: format!("{:032x}", a.digest),
            index_digest: format!("{:032x}", b.digest),
        });
    }
    Err(IndexError::NotReady { dataset: format!("{} (writes are going on)", dataset.dataset.name) })
}

fn sums(mapping: &Mapping, number: u16, view: &View) -> Result<Sums, IndexError> {
    let mut sums = Sums::new();
    let mut read = || -> tantivy::Result<()> {
        for reader in view.current.segment_readers() {
            let keys = Keys::of(number, mapping, reader)?;
            let fast = reader.fast_fields();
            let (digests, from, to) =
                (fast.u64(DIGEST)?, fast.column_opt::<i64>(VALID_FROM)?, fast.column_opt::<i64>(VALID_TO)?);
            for doc in reader.doc_ids_alive() {
                let key = keys.key(doc);
                let day = |column: &Option<tantivy::columnar::Column<i64>>, open| {
                    column.as_ref().and_then(|c| c.first(doc)).map_or(open, Day)
                };
                let valid = Span { from: day(&from, Day::MIN), to: day(&to, Day::MAX) };
                let partition = super::document::key_parts(&key).map_or(0, |(partition, _)| partition);
                let proof = digests.first(doc).unwrap_or(0);
                sums.entry(partition).or_default().add(&key, keys.version(doc), valid, proof);
            }
        }
        Ok(())
    };
    read().map_err(IndexError::engine("reading digests"))?;
    Ok(sums)
}

/// What is wrong with a record; at any (valid, known) it has at most one version.
fn broken(head: &Head, superseded: &[History]) -> Option<String> {
    for version in &head.versions {
        if version.valid.is_empty() {
            return Some(format!("version {} holds on no day", version.number));
        }
        let missing = match &version.basis {
            Basis::Claim(number) => head.claim(*number).is_none().then_some(*number),
            Basis::Fields(winners) => winners.iter().map(|(_, n)| *n).find(|n| head.claim(*n).is_none()),
        };
        if let Some(claim) = missing {
            return Some(format!("version {} refers to claim {claim}, which is not open", version.number));
        }
    }
    let closed = superseded.iter().filter_map(|row| match row {
        History::Version(version) => Some(version),
        History::Claim { .. } => None,
    });
    let all: Vec<&Version> = head.versions.iter().chain(closed).collect();
    if all.iter().any(|v| v.number >= head.next_version) {
        return Some("a version has a number not given yet".to_owned());
    }
    for (place, a) in all.iter().enumerate() {
        for b in all.iter().skip(place + 1) {
            if a.number == b.number {
                return Some(format!("version {} is there twice", a.number));
            }
            if a.valid.overlaps(&b.valid) && a.recorded.overlaps(&b.recorded) {
                return Some(format!("versions {} and {} hold at the same time", a.number, b.number));
            }
        }
    }
    None
}

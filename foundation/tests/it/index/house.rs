//! A dataset of works with places, a memory store, and records written straight into it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use foundation::clock::FixedClock;
use foundation::dataset::Dataset;
use foundation::index::Index;
use foundation::record::event::Touched;
use foundation::record::{Basis, BatchId, Claim, Head, History, RecordKey, Version};
use foundation::service::{Scope, SearchAnswer, SearchAsk, Times};
use foundation::store::memory::MemoryStore;
use foundation::store::{CommitBatch, CommitId, Put, Store};
use foundation::value::{Day, Fields, Instant, Span, Value, codec};

pub(crate) const NUMBER: u16 = 0x0101;

/// Field numbers of the test dataset.
pub(crate) const CODE: u16 = 1;
pub(crate) const NAME: u16 = 2;
pub(crate) const TEXT: u16 = 3;
pub(crate) const KIND: u16 = 4;
pub(crate) const COUNT: u16 = 5;
pub(crate) const AMOUNT: u16 = 6;
pub(crate) const BORN: u16 = 7;
pub(crate) const TAGS: u16 = 8;
pub(crate) const PLACE: u16 = 9;
pub(crate) const SECRET: u16 = 10;
pub(crate) const ALL: [u16; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

pub(crate) fn dataset() -> Arc<Dataset> {
    named("things")
}

fn named(table: &str) -> Arc<Dataset> {
    let field = |number: u16, name: &str, kind: &str, rest: &str| {
        format!(
            "[[field]]\nnumber = {number}\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\ntype = \"{kind}\"\n{rest}\n"
        )
    };
    let text = format!(
        r#"
name = "culture/{table}"
version = 1
title = {{ zh = "物", en = "Things" }}
summary = {{ zh = "物", en = "Things" }}
resource-code = "304001/000001"
classification = "a/b/c/d"
provider = "p"
provider-code = "11100000PDY000044W"
format = "数据库"
update-cycle = "其他"
published = "2026-11-23"
sharing = "unconditional"
openness = "unconditional"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["code"]
title-fields = ["name"]
map-approval = "demonstration only"
{}{}{}{}{}{}{}{}{}{}"#,
        field(CODE, "code", "text", "grade = 1\nrequired = true\nsearch = \"exact\"\nsortable = true"),
        field(NAME, "name", "text", "grade = 1\nsearch = \"name\"\nweight = 8\nsortable = true"),
        field(TEXT, "text", "text", "grade = 1\nsearch = \"text\""),
        field(KIND, "kind", "text", "grade = 1\nmax-length = 100\nfacet = true\nsortable = true"),
        field(COUNT, "count", "integer", "grade = 1\nsortable = true"),
        field(AMOUNT, "amount", "decimal", "grade = 1\nsortable = true"),
        field(BORN, "born", "date", "grade = 1\nsortable = true"),
        field(TAGS, "tags", "text", "grade = 1\nlist = true\nmax-length = 100\nfacet = true"),
        field(PLACE, "place", "geometry", "grade = 1"),
        field(
            SECRET,
            "secret",
            "text",
            "grade = 3\nopenness = \"none\"\nsharing = \"conditional\"\nsearch = \"name\"\nmax-length = 100\nfacet = true\nsortable = true"
        ),
    );
    Arc::new(Dataset::from_toml(&text, "things.toml").expect("a definition"))
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(Instant(1_800_000_000_000_000)))
}

/// Records from this number on are those of the neighbour dataset.
pub(crate) const NEIGHBOUR: u32 = 1_000_000;

/// A record's key: its number spread over four partitions.
pub(crate) fn key(record: u32) -> RecordKey {
    let dataset = NUMBER + u16::from(record >= NEIGHBOUR);
    let mut bytes = dataset.to_be_bytes().to_vec();
    bytes.extend_from_slice(&u16::try_from(record % 4).unwrap().to_be_bytes());
    bytes.extend_from_slice(&blake(record));
    RecordKey::from_bytes(bytes)
}

fn blake(record: u32) -> [u8; 16] {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&record.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes[12..].copy_from_slice(&record.to_be_bytes());
    bytes
}

/// A store whose records have one claim and one version each, replaced as a whole.
pub(crate) struct House {
    pub(crate) store: Arc<dyn Store>,
    commits: u64,
}

impl House {
    pub(crate) fn new() -> Self {
        Self { store: Arc::new(MemoryStore::new(clock())), commits: 0 }
    }

    /// Writes records (all of one commit); the version before, if there was one, is closed. `None` ends a record.
    pub(crate) async fn write(&mut self, records: &[(u32, Option<Fields>, Span<Day>)]) -> Instant {
        let snapshot = self.store.snapshot(None).await.unwrap();
        let mut put = Vec::new();
        let mut touched = std::collections::BTreeMap::<u32, Vec<Vec<u8>>>::new();
        for (record, fields, valid) in records {
            let key = key(*record);
            let place = key.as_bytes();
            let head_key = [place, &[1]].concat();
            let old = snapshot.get_many(std::slice::from_ref(&head_key)).await.unwrap().remove(0);
            let mut head = match &old {
                None => Head::new(format!("r{record}")),
                Some(bytes) => {
                    let (mut head, stamp) = codec::decode_row::<Head>(bytes).unwrap();
                    let settle = |at: &mut Instant| {
                        if *at == Instant::PENDING {
                            *at = stamp;
                        }
                    };
                    head.claims.iter_mut().for_each(|c| settle(&mut c.recorded.from));
                    head.versions.iter_mut().for_each(|v| settle(&mut v.recorded.from));
                    head
                }
            };
            for mut claim in std::mem::take(&mut head.claims) {
                claim.recorded.to = Instant::PENDING;
                let at = [place, &[2, b'C'], &claim.number.to_be_bytes()].concat();
                let row = codec::encode_row(&History::Claim { claim, closed_by: BatchId(1) });
                put.push(Put { key: at, value: row, stamped: true });
            }
            for mut version in std::mem::take(&mut head.versions) {
                version.recorded.to = Instant::PENDING;
                let at = [place, &[2, b'V'], &version.number.to_be_bytes()].concat();
                put.push(Put { key: at, value: codec::encode_row(&History::Version(version)), stamped: true });
            }
            head.counter += 1;
            if let Some(fields) = fields {
                let recorded = Span { from: Instant::PENDING, to: Instant::MAX };
                head.claims.push(Claim {
                    number: head.next_claim,
                    source: "11100000PDY000044W".into(),
                    batch: BatchId(1),
                    valid: *valid,
                    recorded,
                    source_time: None,
                    fields: fields.clone(),
                });
                head.versions.push(Version {
                    number: head.next_version,
                    valid: *valid,
                    recorded,
                    basis: Basis::Claim(head.next_claim),
                    disputed: Vec::new(),
                });
                head.next_claim += 1;
                head.next_version += 1;
            }
            put.push(Put { key: head_key, value: codec::encode_row(&head), stamped: true });
            let partition = u32::from_be_bytes(place[..4].try_into().unwrap());
            touched.entry(partition).or_default().push(place[4..].to_vec());
        }
        self.commits += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.commits.to_be_bytes());
        let events = touched
            .into_iter()
            .map(|(partition, rows)| (partition, codec::encode(&Touched { batch: BatchId(1), rows })))
            .collect();
        let batch = CommitBatch { id: CommitId(id), expect: Vec::new(), put, delete: Vec::new(), events };
        self.store.commit(batch).await.unwrap().at
    }

    pub(crate) async fn index(&self, dir: &Path) -> Index {
        Index::open(dir.to_path_buf(), Arc::clone(&self.store), vec![(NUMBER, dataset())]).await.unwrap()
    }

    /// The indexes of two datasets, fed by one task.
    pub(crate) async fn two_indexes(&self, dir: &Path) -> Index {
        let datasets = vec![(NUMBER, dataset()), (NUMBER + 1, named("neighbours"))];
        Index::open(dir.to_path_buf(), Arc::clone(&self.store), datasets).await.unwrap()
    }
}

pub(crate) async fn caught_up(index: &Index) {
    assert!(index.caught_up(Duration::from_secs(30)).await.unwrap(), "{:?}", index.problems());
}

pub(crate) fn always() -> Span<Day> {
    Span { from: Day::MIN, to: Day::MAX }
}

pub(crate) fn everything() -> Scope {
    Scope { rows: None, readable: ALL.to_vec(), masked: Vec::new() }
}

pub(crate) fn ask() -> SearchAsk {
    let times = Times { valid_at: Day(20_000), known_at: None };
    SearchAsk::of("culture/things".parse().unwrap(), times, vec![everything()], 100)
}

pub(crate) fn thing(code: &str, name: &str, text: &str) -> Fields {
    [(CODE, Value::Text(code.into())), (NAME, Value::Text(name.into())), (TEXT, Value::Text(text.into()))]
        .into_iter()
        .collect()
}

pub(crate) fn ids(answer: &SearchAnswer) -> Vec<String> {
    answer.hits.iter().map(|hit| hit.record.id.clone()).collect()
}

impl House {
    /// Changes a record's name behind the change log's back.
    pub(crate) async fn tamper(&self, record: u32, name: &str) {
        let head_key = [key(record).as_bytes(), &[1]].concat();
        let snapshot = self.store.snapshot(None).await.unwrap();
        let old = snapshot.get_many(std::slice::from_ref(&head_key)).await.unwrap().remove(0).unwrap();
        let (mut head, stamp) = codec::decode_row::<Head>(&old).unwrap();
        for claim in &mut head.claims {
            claim.recorded.from = stamp;
            claim.fields.set(NAME, Value::Text(name.into()));
        }
        head.versions.iter_mut().for_each(|v| v.recorded.from = stamp);
        let put = vec![Put { key: head_key, value: codec::encode_row(&head), stamped: true }];
        let batch =
            CommitBatch { id: CommitId([9; 16]), expect: Vec::new(), put, delete: Vec::new(), events: Vec::new() };
        self.store.commit(batch).await.unwrap();
    }
}

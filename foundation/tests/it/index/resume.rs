//! Updates, the past, restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use foundation::service::{SearchAsk, Times};
use foundation::store::{
    CommitBatch, CommitError, CommitId, Committed, Event, Load, Partition, Snapshot, Store, StoreError,
};
use foundation::value::{Day, Span};

use super::house::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_record_is_found_as_it_is_and_in_the_past_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let index = house.index(dir.path()).await;
    let first = house.write(&[(1, Some(thing("1", "旧名", "一")), always())]).await;
    caught_up(&index).await;
    house.write(&[(1, Some(thing("1", "新名", "二")), always())]).await;
    caught_up(&index).await;
    let q = |q: &str, known| SearchAsk {
        q: Some(q.into()),
        times: Times { valid_at: Day(20_000), known_at: known },
        ..ask()
    };
    assert_eq!(ids(&index.search(q("新名", None)).await.unwrap()), ["r1"]);
    assert_eq!(ids(&index.search(q("旧名", None)).await.unwrap()), Vec::<String>::new());
    assert_eq!(ids(&index.search(q("旧名", Some(first))).await.unwrap()), ["r1"]);
    assert_eq!(ids(&index.search(q("新名", Some(first))).await.unwrap()), Vec::<String>::new());
    let report = index.check(false).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.datasets[0].store_digest, report.datasets[0].index_digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_holds_in_its_valid_time_only() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let index = house.index(dir.path()).await;
    let valid = Span { from: Day(100), to: Day(200) };
    house.write(&[(1, Some(thing("1", "名", "一")), valid), (2, Some(thing("2", "名", "一")), always())]).await;
    caught_up(&index).await;
    for (day, expected) in [(99, 1), (100, 2), (199, 2), (200, 1)] {
        let times = Times { valid_at: Day(day), known_at: None };
        let answer = index.search(SearchAsk { times, q: Some("名".into()), ..ask() }).await.unwrap();
        assert_eq!(answer.hits.len(), expected, "{day}");
        let answer = index.search(SearchAsk { times, ..ask() }).await.unwrap();
        assert_eq!(answer.hits.len(), expected, "{day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_feed_goes_on_from_its_last_commit() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    for round in 0..6_u32 {
        let index = house.index(dir.path()).await;
        for n in 0..40_u32 {
            let named = thing(&n.to_string(), &format!("名{round}"), "文");
            let fields = (round % 3 != 2 || n % 4 != 0).then_some(named);
            house.write(&[(n, fields, always())]).await;
            if n == 20 && round % 2 == 0 {
                caught_up(&index).await;
            }
        }
        if round % 2 == 1 {
            tokio::time::sleep(std::time::Duration::from_millis(u64::from(round) * 40)).await;
        }
        // Dropped without a shutdown: nothing is committed any more.
        drop(index);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let report = index.check(false).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.datasets[0].documents, 30);
    let report = index.check(true).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.datasets[0].documents, 30);
    index.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_record_is_found_by_the_check() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let index = house.index(dir.path()).await;
    let rows: Vec<_> = (0..20).map(|n| (n, Some(thing(&n.to_string(), "名", "文")), always())).collect();
    house.write(&rows).await;
    caught_up(&index).await;
    assert_eq!(index.check(false).await.unwrap().problems, Vec::<String>::new());
    house.tamper(7, "别名").await;
    let report = index.check(false).await.unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].contains("partition 3"), "{}", report.problems[0]);
    assert_ne!(report.datasets[0].store_digest, report.datasets[0].index_digest);
    assert_eq!(index.check(true).await.unwrap().problems, Vec::<String>::new());
}

/// There are two writing places: two databases that each hold one must not wait for another one for ever.
#[tokio::test(flavor = "multi_thread")]
async fn databases_with_more_datasets_than_writing_places_all_catch_up() {
    let (dir, mut houses, mut indexes) = (tempfile::tempdir().unwrap(), Vec::new(), Vec::new());
    for name in ["one", "two", "three"] {
        let house = House::new();
        indexes.push(house.two_indexes(&dir.path().join(name)).await);
        houses.push(house);
    }
    for round in 0..3 {
        let text = round.to_string();
        for house in &mut houses {
            let record = |number: u32| (number, Some(thing(&number.to_string(), "名", &text)), always());
            house.write(&[record(1)]).await;
            house.write(&[record(NEIGHBOUR)]).await;
        }
        futures::future::join_all(indexes.iter().map(caught_up)).await;
    }
}

/// A store that, asked for its positions the first time, has not told those of one partition yet, though its snapshots
/// hold the commit: positions follow a commit by a moment.
struct Late {
    store: Arc<dyn Store>,
    asked: AtomicBool,
}

#[async_trait]
impl Store for Late {
    async fn snapshot(&self, at_least: Option<u64>) -> Result<Arc<dyn Snapshot>, StoreError> {
        self.store.snapshot(at_least).await
    }
    async fn commit(&self, batch: CommitBatch) -> Result<Committed, CommitError> {
        self.store.commit(batch).await
    }
    async fn load(&self, load: Load) -> Result<Committed, CommitError> {
        self.store.load(load).await
    }
    async fn resolve(&self, id: CommitId) -> Result<Option<Committed>, StoreError> {
        self.store.resolve(id).await
    }
    async fn changes(&self, partition: Partition, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        self.store.changes(partition, after, max).await
    }
    async fn positions(&self, dataset: u16) -> Result<Vec<(Partition, u64)>, StoreError> {
        let mut all = self.store.positions(dataset).await?;
        if !self.asked.swap(true, Ordering::SeqCst) {
            all.pop();
        }
        Ok(all)
    }
    async fn scrub(&self, ranges: Vec<std::ops::Range<foundation::store::Key>>) -> Result<(), StoreError> {
        self.store.scrub(ranges).await
    }
    fn committed(&self) -> tokio::sync::watch::Receiver<u64> {
        self.store.committed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_build_misses_no_partition_that_begins_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let records: Vec<_> = (0..8).map(|n| (n, Some(thing(&n.to_string(), "名", "一")), always())).collect();
    house.write(&records).await;
    house.store = Arc::new(Late { store: Arc::clone(&house.store), asked: AtomicBool::new(false) });
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    assert_eq!(ids(&index.search(ask()).await.unwrap()).len(), 8);
    assert_eq!(index.check(false).await.unwrap().problems, Vec::<String>::new());
}

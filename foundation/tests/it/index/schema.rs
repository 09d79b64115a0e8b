//! A dataset's next version: what is served while its index is made anew, and what needs no new index.

use std::sync::Arc;

use foundation::dataset::{Dataset, Title};
use foundation::filter::{Comparison, Filter};
use foundation::index::Index;
use foundation::service::{ErrorKind, SearchAsk, ServiceError, SortKey};
use foundation::value::{Fields, Value};

use super::house::*;

const SHELF: u16 = 1_000;

/// The test dataset's next version, changed.
fn next(change: impl FnOnce(&mut Dataset)) -> Arc<Dataset> {
    let mut dataset = Dataset::clone(&dataset());
    dataset.version += 1;
    change(&mut dataset);
    Arc::new(dataset)
}

/// With a field more.
fn with_shelf(dataset: &mut Dataset) {
    let mut shelf = dataset.field("kind").unwrap().clone();
    (shelf.number, shelf.name) = (SHELF, "shelf".into());
    dataset.fields.push(shelf);
}

fn on_shelf(code: &str, shelf: &str) -> Fields {
    let mut fields = thing(code, "静夜思", "床前明月光");
    fields.set(SHELF, Value::Text(shelf.into()));
    fields
}

fn everything_and_shelf() -> SearchAsk {
    let mut asked = ask();
    asked.scopes[0].readable.push(SHELF);
    asked
}

/// A house of poems, indexed by the first version.
async fn poems(below: u32) -> (House, tempfile::TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let many: Vec<_> =
        (1..below).map(|n| (n, Some(thing(&format!("T-{n}"), "静夜思", "床前明月光")), always())).collect();
    house.write(&many).await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    (house, dir, index)
}

async fn opened(house: &House, dir: &std::path::Path, dataset: Arc<Dataset>) -> Index {
    Index::open(dir.to_path_buf(), Arc::clone(&house.store), vec![(NUMBER, dataset)]).await.unwrap()
}

fn generations(dir: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir.join("things")).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_generation_serves_while_a_new_field_is_indexed() {
    let (mut house, dir, index) = poems(400).await;
    index.shutdown().await;
    drop(index);

    let index = opened(&house, dir.path(), next(with_shelf)).await;
    // No moment without answers: whichever generation serves, everything is found.
    assert_eq!(index.problems(), Vec::<String>::new());
    let mut rebuilding = index.rebuilding().len();
    loop {
        let found = index.search(SearchAsk { q: Some("静夜思".into()), ..everything_and_shelf() }).await.unwrap();
        assert_eq!(found.total.value, Some(399));
        let sorted = SearchAsk { sort: vec![SortKey { field: SHELF, descending: false }], ..everything_and_shelf() };
        match index.search(sorted).await {
            Ok(answer) => assert_eq!(answer.total.value, Some(399)),
            Err(error) => {
                let error = ServiceError::from(error);
                assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
                rebuilding += 1;
            }
        }
        if index.rebuilding().is_empty() {
            break;
        }
    }
    assert!(rebuilding > 0, "an added field makes a new generation");
    house.write(&[(900, Some(on_shelf("T-900", "甲")), always())]).await;
    caught_up(&index).await;
    let shelf = Filter::Compare { field: SHELF, op: Comparison::Equal, value: Value::Text("甲".into()) };
    let found = index.search(SearchAsk { filter: Some(shelf), ..everything_and_shelf() }).await.unwrap();
    assert_eq!(ids(&found), ["r900"]);
    let report = index.check(false).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(generations(dir.path()), ["0002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_grades_and_bounds_need_no_new_index_and_a_grade_holds_at_once() {
    let (house, dir, index) = poems(1_200).await;
    let asked = || SearchAsk { q: Some("静夜思".into()), limit: 1, ..ask() };
    let counted = index.search(asked()).await.unwrap().hits[0].position.clone();
    index.shutdown().await;
    drop(index);

    let graded = next(|dataset| {
        for field in &mut dataset.fields {
            field.title = Title { zh: "改".into(), en: "Renamed".into() };
            if field.number == NAME {
                (field.grade, field.max_length) = (3, Some(4_000));
            }
        }
    });
    let index = opened(&house, dir.path(), graded).await;
    assert_eq!((index.problems(), index.rebuilding()), (Vec::new(), Vec::new()));
    let scored = index.search(asked()).await.unwrap().hits[0].position.clone();
    // A field that is no longer public has no part in the published frequencies: its words weigh as unlisted ones do.
    assert_ne!(counted, scored);
    assert_eq!(generations(dir.path()), ["0001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_definition_no_longer_shows_is_not_counted_by_the_generation_that_still_serves() {
    let (house, dir, index) = poems(1_200).await;
    index.shutdown().await;
    drop(index);
    // The same grades in two definitions, one of which is indexed already and one of which is being made anew.
    let close =
        |dataset: &mut Dataset| dataset.fields.iter_mut().filter(|f| f.number == NAME).for_each(|f| f.grade = 3);
    let asked = || SearchAsk { q: Some("静夜思".into()), limit: 1, ..ask() };
    let index = opened(&house, dir.path(), next(close)).await;
    let expected = index.search(asked()).await.unwrap().hits[0].position.clone();
    drop(index);
    let changed = next(|dataset| {
        close(dataset);
        with_shelf(dataset);
    });
    let index = opened(&house, dir.path(), changed).await;
    let serving = index.search(asked()).await.unwrap().hits[0].position.clone();
    assert_eq!(serving, expected);
    index.shutdown().await;
}

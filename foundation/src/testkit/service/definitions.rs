//! Claims on taking in definitions while the base database serves.

use super::{Bench, FIRST, START, line};
use crate::dataset::Dataset;
use crate::service::{BaseDatabase as _, Cell, Defined, ErrorKind, ImportMode, LookupAsk, LookupItem, Scope, Times};

/// How long the index may take, milliseconds.
const PATIENCE_MS: u64 = 60_000;
/// Number of the field that comes later.
const LATER: u16 = 40_000;

/// The dataset's next version: a copy of the varying field more, which nobody must fill in.
fn next(bench: &Bench) -> Dataset {
    let mut dataset = Dataset::clone(&bench.dataset);
    dataset.version += 1;
    let mut field = dataset.field(bench.subject.varies).unwrap().clone();
    (field.number, field.name, field.required) = (LATER, "said_later".to_owned(), false);
    dataset.fields.push(field);
    dataset
}

async fn sound(bench: &Bench) {
    assert!(bench.database.index_caught_up(PATIENCE_MS).await.unwrap());
    assert_eq!(bench.database.check(false).await.unwrap().problems, Vec::<String>::new());
}

/// A later definition is served from then on; what was imported before stays, rows may say the new field.
pub async fn a_later_definition_is_taken_while_it_serves(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1)]).await;
    let later = next(&bench);
    let defined = bench.database.define(later.clone()).await.unwrap();
    assert_eq!(
        (defined.fresh, defined.since, defined.rebuilds),
        (false, Some(bench.dataset.version), true),
        "{defined:?}"
    );
    assert_eq!(bench.database.define(later.clone()).await.unwrap(), Defined::default(), "it is so already");
    let served = bench.database.datasets().into_iter().find(|d| d.name == later.name).unwrap();
    assert_eq!((served.version, served.field("said_later").map(|f| f.number)), (later.version, Some(LATER)));
    assert_eq!(bench.said(1).await, bench.word(1, 1), "what was imported stays");
    let mut rows = bench.rows(&[line(2, 2)]);
    let said = (bench.subject.row)(&bench.dataset, &bench.subject.lists, 2, 2);
    let word = said.into_iter().find(|(name, _)| name == bench.subject.varies).unwrap().1;
    rows[0].cells.push(("said_later".to_owned(), Cell::Text(word)));
    bench.pass(1);
    let report = bench.send(bench.beginning(FIRST, "b", ImportMode::Delta), rows, false).await;
    assert_eq!((report.progress.accepted, report.problems), (1, Vec::new()));
    let scopes = vec![Scope { rows: None, readable: vec![LATER], masked: Vec::new() }];
    let times = Times { valid_at: START.day(), known_at: None };
    let ask = LookupAsk { dataset: later.name.clone(), keys: vec![bench.key(2)], times, scopes };
    let found = bench.database.lookup(ask).await.unwrap().items.remove(0);
    let LookupItem::Found(record) = found else { panic!("{found:?}") };
    assert_eq!(record.fields.get(LATER).cloned(), bench.word(2, 2));
    sound(&bench).await;
}

/// A dataset that was not there is imported into and found like the others.
pub async fn a_new_dataset_is_taken_while_it_serves(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1)]).await;
    let mut fresh = Dataset::clone(&bench.dataset);
    fresh.name = format!("{}/{}_later", fresh.name.database(), fresh.name.table()).replace('_', "-").parse().unwrap();
    let defined = bench.database.define(fresh.clone()).await.unwrap();
    assert!(defined.fresh && defined.changes.is_empty());
    let bench = Bench { dataset: std::sync::Arc::new(fresh), ..bench };
    assert_eq!(bench.said(1).await, None, "it is empty");
    bench.import(FIRST, "b", &[line(1, 2), line(3, 1)]).await;
    assert_eq!(bench.said(1).await, bench.word(1, 2));
    sound(&bench).await;
    let documents = bench.database.health().await.documents;
    assert_eq!(documents.iter().find(|(name, _)| *name == bench.dataset.name).map(|(_, n)| *n), Some(2));
}

/// A definition that records do not survive is refused, and the one before serves on.
pub async fn a_definition_that_records_do_not_survive_is_refused(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1)]).await;
    let mut worse = next(&bench);
    let key = worse.natural_key[0].clone();
    worse.fields.retain(|field| field.name != key);
    let error = bench.database.define(worse).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
    let mut listed = next(&bench);
    if let Some(field) = listed.fields.last_mut() {
        field.code_list = Some("no-such-list".to_owned());
    }
    let error = bench.database.define(listed).await.unwrap_err();
    assert!(error.to_string().contains("no-such-list"), "{error}");
    let served = bench.database.datasets().into_iter().find(|d| d.name == bench.dataset.name).unwrap();
    assert_eq!((served.version, served.fields.len()), (bench.dataset.version, bench.dataset.fields.len()));
    bench.import(FIRST, "b", &[line(1, 2)]).await;
    assert_eq!(bench.said(1).await, bench.word(1, 2));
    sound(&bench).await;
}

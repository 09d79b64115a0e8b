//! What a permit does not show has no part in an answer.

use foundation::filter::{Comparison, Filter};
use foundation::service::{ErrorKind, Scope, SearchAsk, ServiceError, SortKey};
use foundation::value::{Fields, Value};

use super::house::*;

fn with_secret(code: &str, kind: &str, secret: &str) -> Fields {
    let mut fields = thing(code, "同名", "文");
    fields.set(KIND, Value::Text(kind.into()));
    fields.set(SECRET, Value::Text(secret.into()));
    fields
}

fn plain(rows: Option<Filter>) -> Scope {
    Scope { rows, readable: (1..10).collect(), masked: vec![SECRET] }
}

fn is(field: u16, text: &str) -> Filter {
    Filter::Compare { field, op: Comparison::Equal, value: Value::Text(text.into()) }
}

fn kind(error: foundation::index::IndexError) -> ErrorKind {
    ServiceError::from(error).kind
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_not_readable_is_not_matched_sorted_counted_scored_or_shown() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    house
        .write(&[
            (1, Some(with_secret("1", "甲", "机密")), always()),
            (2, Some(with_secret("2", "乙", "公开")), always()),
            (3, Some(with_secret("3", "甲", "同名")), always()),
        ])
        .await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let asked = |q: &str| SearchAsk { q: Some(q.into()), scopes: vec![plain(None)], ..ask() };

    // Not matched, by words or by a filter.
    assert_eq!(index.search(asked("机密")).await.unwrap().total.value, Some(0));
    for filter in [is(SECRET, "机密"), Filter::Not(Box::new(is(SECRET, "机密"))), Filter::IsNull { field: SECRET }]
    {
        let answer =
            index.search(SearchAsk { filter: Some(filter), scopes: vec![plain(None)], ..ask() }).await.unwrap();
        assert_eq!((answer.hits.len(), answer.total.value), (0, Some(0)));
    }
    // Not scored: the one whose secret holds the word too stands no higher, and nothing of it is shown.
    let answer = index.search(asked("同名")).await.unwrap();
    let scores: Vec<u32> = answer.hits.iter().map(|hit| hit.position.score).collect();
    assert_eq!(scores, vec![scores[0]; 3]);
    for hit in &answer.hits {
        assert_eq!(hit.record.fields.get(SECRET), None);
        assert!(hit.record.to_mask.get(SECRET).is_some());
        assert!(!hit.snippet.contains("机密") && !hit.title.contains("机密"));
    }
    // Neither sorted nor counted by.
    let sort = vec![SortKey { field: SECRET, descending: false }];
    let sorted = index.search(SearchAsk { sort, scopes: vec![plain(None)], ..ask() }).await.unwrap_err();
    assert_eq!(kind(sorted), ErrorKind::Invalid);
    let facets = vec![SECRET];
    let counted =
        index.search(SearchAsk { facets, scopes: vec![plain(None), everything()], ..ask() }).await.unwrap_err();
    assert_eq!(kind(counted), ErrorKind::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scope_is_asked_on_its_own_rows_with_its_own_fields() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    house
        .write(&[
            (1, Some(with_secret("1", "甲", "机密")), always()),
            (2, Some(with_secret("2", "乙", "机密")), always()),
            (3, Some(with_secret("3", "丙", "机密")), always()),
        ])
        .await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    // All fields of 甲, plain fields of 乙, nothing of 丙.
    let scopes = vec![Scope { rows: Some(is(KIND, "甲")), ..everything() }, plain(Some(is(KIND, "乙")))];
    let answer = index.search(SearchAsk { q: Some("机密".into()), scopes: scopes.clone(), ..ask() }).await.unwrap();
    assert_eq!(ids(&answer), ["r1"]);
    let mut found = ids(&index.search(SearchAsk { scopes: scopes.clone(), ..ask() }).await.unwrap());
    found.sort();
    assert_eq!(found, ["r1", "r2"]);
    // Rows that only the record can decide.
    let rows = Filter::Like { field: TEXT, pattern: "文%".into(), casei: false };
    let scopes = vec![Scope { rows: Some(Filter::And(vec![rows, is(KIND, "丙")])), ..plain(None) }];
    let answer = index.search(SearchAsk { scopes, counts_allowed: false, ..ask() }).await.unwrap();
    assert_eq!(ids(&answer), ["r3"]);
    assert_eq!(answer.total.value, None);
    // No scope, nothing.
    assert_eq!(ids(&index.search(SearchAsk { scopes: vec![], ..ask() }).await.unwrap()), Vec::<String>::new());
}

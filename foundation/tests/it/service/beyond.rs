//! Links, large values, imports side by side.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Database, Dataset};
use foundation::service::{BaseDatabase, Cell, Domain, ImportMode, LinksAsk, SourceRow, Times};
use foundation::testkit::service::{Bench, FIRST, Line, SECOND, START, Subject, line, rows};
use foundation::value::{Day, Value};

/// `definition` with one more field.
fn with_field(dataset: &Dataset, field: &str) -> Dataset {
    let mut text = toml::to_string(dataset).expect("a definition as text");
    text.push_str("\n[[field]]\nnumber = 9\ntitle = { zh = \"再\", en = \"More\" }\ngrade = 1\n");
    text.push_str(field);
    Dataset::from_toml(&text, "test").expect("a definition")
}

fn linked() -> Domain {
    let things = super::definition("culture/things", "readable", "partitions = 4", &[("code", "text")]);
    let notes = super::definition("culture/notes", "readable", "partitions = 4", &[("code", "text")]);
    let notes = with_field(&notes, "name = \"about\"\ntype = \"link\"\ntarget = \"culture/things\"\n");
    Domain { database: Database::Culture, datasets: vec![Arc::new(things), Arc::new(notes)], rules: Vec::new() }
}

fn mapped() -> Domain {
    let places = super::definition("geospatial/areas", "readable", "partitions = 4", &[("code", "text")]);
    let places = with_field(&places, "name = \"shape\"\ntype = \"geometry\"\n");
    Domain { database: Database::Geospatial, datasets: vec![Arc::new(places)], rules: Vec::new() }
}

fn subject(domain: fn() -> Domain, table: &'static str) -> Subject {
    Subject { domain, lists: Arc::new(CodeLists::default()), table, demo: false, varies: "note", row: rows::by_type }
}

fn said(bench: &Bench, line: &Line, more: &[(&str, &str)]) -> SourceRow {
    let mut row = bench.rows(std::slice::from_ref(line)).remove(0);
    row.cells.extend(more.iter().map(|(name, text)| ((*name).to_owned(), Cell::Text((*text).to_owned()))));
    row
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_found_from_both_ends_with_their_validity() {
    let bench = Bench::open(subject(linked, "notes")).await;
    let send = async |key: &str, row: SourceRow| {
        bench.pass(1);
        let report = bench.send(bench.beginning(FIRST, key, ImportMode::Delta), vec![row], false).await;
        assert_eq!(report.progress.changed, 1, "{report:?}");
    };
    let day = |text: &str| Day::parse(text).expect("a day");
    send("a", said(&bench, &line(1, 1).with("_valid_from", "2000-01-01"), &[("about", "thing~1")])).await;
    send("b", said(&bench, &line(1, 2).with("_valid_from", "2005-01-01"), &[("about", "thing~1")])).await;
    let known = bench.known().await;
    send("c", said(&bench, &line(1, 2).with("_valid_from", "2010-01-01"), &[("about", "other")])).await;
    let links = async |dataset: &str, id: &str, valid_at: &str, known_at| {
        let times = Times { valid_at: day(valid_at), known_at };
        let permitted = vec![(bench.dataset.name.clone(), bench.all())];
        let dataset = dataset.parse().expect("a name");
        let ask = LinksAsk { dataset, id: id.to_owned(), times, permitted, limit: 10 };
        bench.database.links(ask).await.expect("links")
    };
    let id = bench.find(1, day("2006-01-01"), None).await.expect("a record").id;
    let from = links("culture/notes", &id, "2006-01-01", None).await;
    assert_eq!(from.edges.len(), 1);
    let edge = &from.edges[0];
    assert_eq!((edge.field.as_str(), edge.to_id.as_str()), ("about", "thing~1"));
    assert_eq!((edge.valid.from, edge.valid.to), (day("2000-01-01"), day("2010-01-01")), "over both versions");
    assert_eq!(links("culture/things", "thing~1", "2006-01-01", None).await.edges, from.edges);
    assert_eq!(links("culture/things", "thing~1", "2011-01-01", None).await.edges, []);
    let then = links("culture/things", "thing~1", "2011-01-01", Some(known)).await.edges;
    assert_eq!(then.iter().map(|e| e.valid.to).collect::<Vec<_>>(), [Day::MAX], "as it was known before");
    assert_eq!(links("culture/things", "other", "2011-01-01", None).await.edges.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_geometry_larger_than_a_row_comes_back_whole() {
    let bench = Bench::open(subject(mapped, "areas")).await;
    let points: Vec<String> = (0..20_000)
        .map(|n| f64::from(n) * std::f64::consts::TAU / 20_000.0)
        .map(|a| format!("{} {}", 100.0 + a.cos(), 30.0 + a.sin()))
        .collect();
    let wkt = format!("POLYGON (({}, {}))", points.join(", "), points[0]);
    let row = said(&bench, &line(1, 1), &[("shape", &wkt)]);
    for (key, changed) in [("a", 1), ("b", 0)] {
        let report = bench.send(bench.beginning(FIRST, key, ImportMode::Delta), vec![row.clone()], false).await;
        assert_eq!((report.progress.changed, &report.problems[..]), (changed, &[][..]), "{key}");
    }
    let record = bench.find(1, START.day(), None).await.expect("a record");
    match record.fields.get(9) {
        Some(Value::Geometry(shape)) => assert!(shape.wkb().len() > 300_000, "{}", shape.wkb().len()),
        other => panic!("{other:?}"),
    }
    let smaller = said(&bench, &line(1, 2), &[("shape", "POINT (100 30)")]);
    let report = bench.send(bench.beginning(FIRST, "c", ImportMode::Delta), vec![smaller], false).await;
    assert_eq!(report.progress.changed, 1);
    let ask = bench.record_ask(1).await;
    let history = bench.database.history(ask).await.expect("a history").versions;
    assert_eq!(history[0].fields.get(9), record.fields.get(9), "the past is whole too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_side_by_side_on_the_same_records_both_apply() {
    let bench = Bench::open(subject(super::things, "things")).await;
    let lines: Vec<Line> = (1..=300).map(|n| line(n, n)).collect();
    let others: Vec<Line> = (1..=300).map(|n| line(n, n + 1)).collect();
    let (one, two) = tokio::join!(
        bench.send(bench.beginning(FIRST, "a", ImportMode::Delta), bench.rows(&lines), false),
        bench.send(bench.beginning(SECOND, "b", ImportMode::Delta), bench.rows(&others), false),
    );
    assert_eq!((one.progress.changed, two.progress.changed), (300, 300));
    for n in [1, 77, 300] {
        let record = bench.find(n, START.day(), None).await.expect("a record");
        assert_eq!((record.fields.get(bench.varying()), record.disputed.len()), (bench.word(n, n).as_ref(), 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_do_not_fit_one_commit_are_cut_in_two() {
    let bench = Bench::open(subject(super::things, "things")).await;
    let lines = |word: u32| -> Vec<Line> { (1..=1_500).map(|n| line(n, word)).collect() };
    bench.import(FIRST, "a", &lines(1)).await;
    // Every record now takes a head, a closed claim and a closed version.
    let report = bench.import(FIRST, "b", &lines(2)).await;
    assert_eq!((report.progress.changed, report.progress.last_line), (1_500, 1_501));
    assert_eq!(bench.said(1_500).await, bench.word(1_500, 2));
}

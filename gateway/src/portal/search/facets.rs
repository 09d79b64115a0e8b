//! The choices beside the results: databases, datasets with counts, and a dataset's own facets.

use std::sync::Arc;

use foundation::dataset::{Dataset, Field};
use foundation::service::{Count, Facet};
use foundation::value::{Day, FieldType};
use serde_json::Value as Json;

use super::super::page::Visit;
use super::super::show::Shower;
use super::super::{address, words};
use super::{Choice, Group};
use crate::ask::{Ask, SearchRequest, Wanted};
use crate::flow::Content;
use crate::problem::{Code, Problem};

/// Most facets of one search.
const FACETS_MAX: usize = 6;
/// Values shown of each.
const VALUES_MAX: usize = 8;

/// The page's own address with some parameters set or (with `None`) taken away.
pub(super) fn with(visit: &Visit, changes: &[(&str, Option<&str>)]) -> String {
    let stays = |name: &str| name != "lang" && name != "cursor" && !changes.iter().any(|(n, _)| *n == name);
    let kept = visit.pairs.iter().filter(|(n, _)| stays(n)).map(|(n, v)| (n.as_str(), v.as_str()));
    let set = changes.iter().filter_map(|(n, v)| Some((*n, (*v)?)));
    let pairs: Vec<(&str, &str)> = kept.chain(set).chain([("lang", visit.lang())]).collect();
    format!("/search{}", address::query(&pairs))
}

/// Databases and datasets to choose from. Without a dataset chosen, each says how many of its records match.
pub(super) async fn places(visit: &Visit, datasets: &[Arc<Dataset>], request: &SearchRequest) -> Vec<Group> {
    let (database, dataset) = (visit.one("database"), visit.one("dataset"));
    let all = Choice {
        label: visit.t().all.to_owned(),
        href: with(visit, &[("database", None), ("dataset", None), ("where", None)]),
        note: String::new(),
        class: "",
        chosen: database.is_none() && dataset.is_none(),
    };
    let counts = if dataset.is_none() { counts(visit, datasets, request).await } else { Vec::new() };
    let mut choices = vec![all];
    for known in datasets {
        let name = known.name.to_string();
        if database.is_some_and(|d| d != known.name.database().as_str()) {
            continue;
        }
        let count = counts.iter().find(|(n, _)| *n == name).map(|(_, c)| *c);
        let empty = count.is_some_and(|c| c.value == Some(0));
        if dataset.is_none() && (empty || count.is_none()) {
            continue;
        }
        choices.push(Choice {
            label: words::title(&known.title, visit.language),
            href: with(visit, &[("dataset", Some(&name)), ("where", None)]),
            note: count.map(|c| figure(&c)).unwrap_or_default(),
            class: "",
            chosen: dataset == Some(name.as_str()),
        });
    }
    vec![Group { title: visit.t().dataset.to_owned(), choices }]
}

/// How many records of each dataset match: one question a dataset, side by side.
async fn counts(visit: &Visit, datasets: &[Arc<Dataset>], request: &SearchRequest) -> Vec<(String, Count)> {
    let asked = datasets.iter().map(|dataset| async move {
        let mut own = request.clone();
        own.wanted = Wanted::Datasets(vec![dataset.name.clone()]);
        (own.limit, own.cursor) = (1, None);
        let masked = visit.ask(Ask::Search(Box::new(own))).await.ok()?;
        match masked.content() {
            Content::Page { total, .. } => Some((dataset.name.to_string(), *total)),
            _ => None,
        }
    });
    futures::future::join_all(asked).await.into_iter().flatten().collect()
}

fn figure(count: &Count) -> String {
    count.value.map(|v| v.to_string()).unwrap_or_default()
}

/// Names of the dataset's facets that the visitor's search may count: public fields only, so that no search fails.
pub(super) fn fields(visit: &Visit, dataset: &Dataset) -> Vec<String> {
    let readable = |f: &&Field| f.facet && (f.grade <= 1 || visit.session.token.is_some());
    dataset.fields.iter().filter(readable).take(FACETS_MAX).map(|f| f.name.clone()).collect()
}

/// The dataset's facets with counts.
pub(super) fn groups(visit: &Visit, facets: &[(Arc<Dataset>, Facet)], day: Day) -> Vec<Group> {
    let mut groups = Vec::new();
    for (dataset, facet) in facets {
        let Some(field) = dataset.field_by_number(facet.field) else { continue };
        let shower = Shower { catalogue: &visit.app.catalogue, dataset, language: visit.language, day };
        let chosen: Vec<&str> = chosen(visit, &field.name).collect();
        let mut choices = Vec::new();
        for (value, count) in facet.counts.iter().take(VALUES_MAX) {
            let is_chosen = chosen.contains(&value.as_str());
            let label = shower.text(field, &Json::String(value.clone())).0;
            let href = toggled(visit, &format!("{}:{value}", field.name), is_chosen);
            choices.push(Choice { label, href, note: figure(count), class: "", chosen: is_chosen });
        }
        if choices.len() > 1 || choices.iter().any(|c| c.chosen) {
            groups.push(Group { title: words::title(&field.title, visit.language), choices });
        }
    }
    groups
}

fn chosen<'a>(visit: &'a Visit, field: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = visit.pairs.iter().filter(|(n, _)| n == "where").filter_map(|(_, v)| v.split_once(':'));
    pairs.filter(move |(name, _)| *name == field).map(|(_, value)| value)
}

/// The address with one `where` more, or without it.
fn toggled(visit: &Visit, clause: &str, is_chosen: bool) -> String {
    let stays = |n: &str, v: &str| n != "lang" && n != "cursor" && !(is_chosen && n == "where" && v == clause);
    let kept = visit.pairs.iter().filter(|(n, v)| stays(n, v)).map(|(n, v)| (n.as_str(), v.as_str()));
    let more = (!is_chosen).then_some(("where", clause));
    let pairs: Vec<(&str, &str)> = kept.chain(more).chain([("lang", visit.lang())]).collect();
    format!("/search{}", address::query(&pairs))
}

/// The chosen facets as CQL2 text: values of one field are alternatives, fields add up.
pub(super) fn filter(visit: &Visit, dataset: &Dataset) -> Result<Option<String>, Problem> {
    let mut clauses: Vec<String> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for (_, clause) in visit.pairs.iter().filter(|(n, v)| n == "where" && !v.is_empty()) {
        let wrong = || Problem::new(Code::InvalidParameter, "`where` is `field:value`").about("where");
        let (name, _) = clause.split_once(':').ok_or_else(wrong)?;
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let field = dataset.field(name).ok_or_else(|| {
            Problem::new(Code::UnknownField, format!("{} has no field `{name}`", dataset.name)).about(name)
        })?;
        let values: Vec<String> = chosen(visit, name).map(|value| literal(field, value)).collect();
        clauses.push(format!("{name} IN ({})", values.join(", ")));
    }
    Ok((!clauses.is_empty()).then(|| clauses.join(" AND ")))
}

fn literal(field: &Field, value: &str) -> String {
    let number = matches!(field.kind, FieldType::Integer | FieldType::Decimal | FieldType::Boolean);
    let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    if number && plain { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

//! Catalogue pages: what each dataset holds, how its fields are graded, how it is shared.

use askama::Template;
use axum::response::Response;
use foundation::dataset::{Database, Dataset, Openness, Sharing, Zone};

use super::page::{Page, Visit, html};
use super::words::{self, Words};
use super::{address, search};
use crate::ask::{Ask, Language};
use crate::sharing::opening;

#[derive(Template)]
#[template(path = "datasets.html")]
struct DatasetsPage {
    page: Page,
    groups: Vec<Group>,
}

struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    title: String,
    summary: String,
    provider: String,
    update_cycle: String,
    sharing: &'static str,
    sharing_class: &'static str,
    openness: &'static str,
    openness_class: &'static str,
}

#[derive(Template)]
#[template(path = "dataset.html")]
struct DatasetPage {
    page: Page,
    view: View,
}

struct View {
    database: &'static str,
    title: String,
    summary: String,
    sharing: &'static str,
    sharing_class: &'static str,
    openness: &'static str,
    openness_class: &'static str,
    synthetic: bool,
    search_href: String,
    /// Where a request for it is begun, for a department; of what is shared at all.
    request_href: Option<String>,
    metadata: Vec<(&'static str, String)>,
    fields: Vec<FieldRow>,
}

struct FieldRow {
    number: u16,
    title: String,
    name: String,
    kind: String,
    code_list: String,
    grade: u8,
    grade_class: &'static str,
    sharing: &'static str,
    openness: &'static str,
    /// What to use instead of a deprecated field; empty = it is not.
    deprecated: String,
}

/// A sharing type in words, with the class of its tag.
pub(super) fn sharing(t: &Words, sharing: Sharing) -> (&'static str, &'static str) {
    match sharing {
        Sharing::Unconditional => (t.unconditional_sharing, "open"),
        Sharing::Conditional => (t.conditional_sharing, "part"),
        Sharing::None => (t.no_sharing, "closed"),
    }
}

pub(super) fn openness(t: &Words, openness: Openness) -> (&'static str, &'static str) {
    match openness {
        Openness::Unconditional => (t.unconditional_openness, "open"),
        Openness::Conditional => (t.conditional_openness, "part"),
        Openness::None => (t.no_openness, "closed"),
    }
}

/// All datasets the visitor may see.
pub(super) async fn all(visit: Visit) -> Response {
    let datasets = match visit.only(&[]) {
        Ok(()) => search::catalogue(&visit).await,
        Err(problem) => Err(problem),
    };
    let datasets = match datasets {
        Ok(datasets) => datasets,
        Err(problem) => return visit.problem(&problem),
    };
    let t = visit.t();
    let mut groups = Vec::new();
    for database in Database::ALL {
        let own = datasets.iter().filter(|d| d.name.database() == database);
        let rows: Vec<Row> = own.map(|d| row(&visit, d)).collect();
        if !rows.is_empty() {
            groups.push(Group { title: words::database(database, visit.language), rows });
        }
    }
    html(&DatasetsPage { page: visit.page(t.catalogue, "datasets"), groups }, t)
}

fn row(visit: &Visit, dataset: &Dataset) -> Row {
    let t = visit.t();
    let (sharing, sharing_class) = sharing(t, dataset.sharing);
    let (openness, openness_class) = openness(t, dataset.openness);
    Row {
        href: address::dataset(&dataset.name, visit.language),
        title: words::title(&dataset.title, visit.language),
        summary: words::title(&dataset.summary, visit.language),
        provider: dataset.provider.clone(),
        update_cycle: dataset.update_cycle.clone(),
        sharing,
        sharing_class,
        openness,
        openness_class,
    }
}

/// One dataset.
pub(super) async fn one(visit: Visit, database: &str, table: &str) -> Response {
    let dataset = match visit.only(&[]).and_then(|()| visit.dataset(database, table)) {
        Ok(dataset) => dataset,
        Err(problem) => return visit.problem(&problem),
    };
    if let Err(problem) = visit.ask(Ask::CatalogueEntry(dataset.name.clone())).await {
        return visit.problem(&problem);
    }
    let t = visit.t();
    let Row { title, summary, sharing, sharing_class, openness, openness_class, .. } = row(&visit, &dataset);
    let name = dataset.name.to_string();
    let view = View {
        database: words::database(dataset.name.database(), visit.language),
        summary,
        sharing,
        sharing_class,
        openness,
        openness_class,
        synthetic: visit.is_synthetic(&dataset),
        request_href: may_ask(&visit, &dataset)
            .then(|| format!("/sharing/new{}", address::query(&[("dataset", &name), ("lang", visit.lang())]))),
        search_href: format!("/search{}", address::query(&[("dataset", &name), ("lang", visit.lang())])),
        metadata: metadata(t, &dataset, visit.language),
        fields: fields(&visit, &dataset),
        title,
    };
    let mut page = visit.page(&view.title, "datasets");
    page.attributions = visit.attributions([dataset.as_ref()].into_iter());
    html(&DatasetPage { page, view }, t)
}

/// Whether a request for it may begin here: a department's for what is shared, a company's for what is opened conditionally.
fn may_ask(visit: &Visit, dataset: &Dataset) -> bool {
    let session = &visit.session;
    (session.says_department() && dataset.sharing != Sharing::None)
        || (session.says_company() && opening::opens(dataset))
}

/// The 13 core metadata items of the 2017 guide, then those of Decree 809 and the project's own.
fn metadata(t: &'static Words, dataset: &Dataset, language: Language) -> Vec<(&'static str, String)> {
    let comma = if language == Language::Zh { "、" } else { ", " };
    let with = |first: &str, rest: &[&str]| {
        let parts: Vec<&str> = std::iter::once(first).chain(rest.iter().copied()).filter(|p| !p.is_empty()).collect();
        parts.join(if language == Language::Zh { "；" } else { "; " })
    };
    let items = match language {
        Language::Zh => format!("{} 项，见下表", dataset.fields.len()),
        Language::En => format!("{} fields, see below", dataset.fields.len()),
    };
    let zone = match (dataset.zone, language) {
        (Zone::Public, Language::Zh) => "互联网",
        (Zone::Public, Language::En) => "internet",
        (Zone::Extranet, Language::Zh) => "政务外网",
        (Zone::Extranet, Language::En) => "government extranet",
    };
    let modes = dataset.sharing_modes.join(comma);
    let rows = [
        (t.classification, dataset.classification.clone()),
        (t.name, words::title(&dataset.title, language)),
        (t.resource_code, dataset.resource_code.clone()),
        (t.provider, dataset.provider.clone()),
        (t.provider_code, dataset.provider_code.clone()),
        (t.summary, words::title(&dataset.summary, language)),
        (t.format, dataset.format.clone()),
        (t.items, items),
        (t.sharing_attribute, with(sharing(t, dataset.sharing).0, &[&dataset.sharing_condition, &modes])),
        (t.openness_attribute, with(openness(t, dataset.openness).0, &[&dataset.openness_condition])),
        (t.update_cycle, dataset.update_cycle.clone()),
        (t.published, dataset.published.clone()),
        (t.related, dataset.related.join(comma)),
        (t.conditions_of_use, dataset.conditions_of_use.clone()),
        (t.impact_assessment, dataset.impact_assessment.clone()),
        (t.zone, zone.to_owned()),
        (t.licence, dataset.licence.clone()),
        (t.attribution, dataset.attribution.clone()),
        (t.map_approval, dataset.map_approval.clone()),
    ];
    rows.into_iter()
        .enumerate()
        .filter(|(at, (_, v))| *at < 13 || !v.is_empty())
        .map(|(_, (n, v))| (n, if v.is_empty() { "—".to_owned() } else { v }))
        .collect()
}

fn fields(visit: &Visit, dataset: &Dataset) -> Vec<FieldRow> {
    let t = visit.t();
    let rows = dataset.fields.iter().map(|field| FieldRow {
        number: field.number,
        title: words::title(&field.title, visit.language),
        name: field.name.clone(),
        kind: kind(field),
        code_list: field.code_list.clone().unwrap_or_default(),
        grade: field.grade,
        grade_class: match field.grade {
            0 | 1 => "open",
            2 => "part",
            _ => "closed",
        },
        sharing: field.sharing.map_or(t.same_as_dataset, |s| sharing(t, s).0),
        openness: field.openness.map_or(t.same_as_dataset, |o| openness(t, o).0),
        deprecated: field.deprecated.as_ref().map(|instead| words::title(instead, visit.language)).unwrap_or_default(),
    });
    rows.collect()
}

fn kind(field: &foundation::dataset::Field) -> String {
    let name = serde_json::to_value(field.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let name = if field.list { format!("{name} []") } else { name };
    match &field.target {
        Some(target) => format!("{name} → {target}"),
        None => name,
    }
}

//! Entries of the catalogue (数据目录) as they are announced; providers and the authority see what is being written too.

use askama::Template;
use axum::response::Response;

use super::address;
use super::dataset::{openness, sharing};
use super::page::{Page, Visit, html};
use crate::ask::{Ask, CompilingRequest, EntryForm, Language};
use crate::catalogue::{Items, State, dataset_of};
use crate::flow::{CompilingAnswer, Content, EntryShown, shown_state};
use crate::problem::{Code, Problem};

/// Entries on a page.
const ON_A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "entries.html")]
struct EntriesPage {
    page: Page,
    rows: Vec<EntryRow>,
    next: Option<String>,
}

struct EntryRow {
    href: String,
    id: String,
    title: String,
    provider: String,
    state: &'static str,
    class: &'static str,
    published: String,
    alerts: usize,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    page: Page,
    row: EntryRow,
    dataset_href: Option<String>,
    items: Vec<(&'static str, String)>,
    fields: Vec<FieldRow>,
    versions: Vec<VersionRow>,
    alerts: Vec<(&'static str, String, String)>,
}

struct FieldRow {
    name: String,
    title: String,
    grade: u8,
    code_list: String,
    standard: String,
}

struct VersionRow {
    from: String,
    announced: String,
    ends: bool,
}

/// All entries that the visitor may see.
pub(super) async fn all(visit: Visit) -> Response {
    match found(&visit).await {
        Ok(page) => html(&page, visit.t()),
        Err(problem) => visit.problem(&problem),
    }
}

fn another() -> Problem {
    Problem::new(Code::Internal, "another answer than was asked for")
}

async fn found(visit: &Visit) -> Result<EntriesPage, Problem> {
    visit.only(&["cursor"])?;
    let after = visit.one("cursor").map(str::to_owned);
    let request = CompilingRequest::Entries { state: None, provider: None, overdue: false, after, limit: ON_A_PAGE };
    let masked = visit.ask(Ask::Compiling(Box::new(request))).await?;
    let Content::Compiling(CompilingAnswer::Entries(entries, next)) = masked.content() else { return Err(another()) };
    let to = |cursor: &str| format!("/entries{}", address::query(&[("lang", visit.lang()), ("cursor", cursor)]));
    Ok(EntriesPage {
        page: visit.page(visit.t().entries, "datasets"),
        rows: entries.iter().map(|seen| row(visit, seen)).collect(),
        next: next.as_deref().map(to),
    })
}

/// One entry.
pub(super) async fn one(visit: Visit, id: &str) -> Response {
    match entry(&visit, id).await {
        Ok(page) => html(&page, visit.t()),
        Err(problem) => visit.problem(&problem),
    }
}

async fn entry(visit: &Visit, id: &str) -> Result<EntryPage, Problem> {
    visit.only(&["valid-at", "known-at"])?;
    let times = visit.times()?;
    let request = CompilingRequest::Entry {
        id: id.to_owned(),
        valid_at: times.valid_at,
        known_at: times.known_at,
        shown: EntryForm::Own,
    };
    let masked = visit.ask(Ask::Compiling(Box::new(request))).await?;
    let Content::Compiling(CompilingAnswer::Entry(seen)) = masked.content() else { return Err(another()) };
    let items = seen.version.as_ref().and_then(|version| version.items.as_deref());
    let row = row(visit, seen);
    let known = seen.entry.versions.iter().filter(|version| version.recorded <= seen.known_at);
    let dataset = dataset_of(id).filter(|name| visit.app.catalogue.get(name).is_some());
    Ok(EntryPage {
        page: visit.page(&row.title, "datasets"),
        dataset_href: dataset.map(|name| address::dataset(&name, visit.language)),
        items: items.map(|items| described(visit, seen, items)).unwrap_or_default(),
        fields: items.map(fields).unwrap_or_default(),
        versions: known
            .map(|version| VersionRow {
                from: version.from.to_string(),
                announced: version.recorded.to_string(),
                ends: version.items.is_none(),
            })
            .collect(),
        alerts: seen
            .inside
            .iter()
            .flat_map(|inside| &inside.alerts)
            .map(|a| (a.what, a.law.clone(), a.since.to_string()))
            .collect(),
        row,
    })
}

fn row(visit: &Visit, seen: &EntryShown) -> EntryRow {
    let entry = &seen.entry;
    let items = seen.version.as_ref().and_then(|version| version.items.as_deref());
    let written = seen.inside.as_ref().and(entry.working.as_ref()).and_then(|working| working.items.as_deref());
    let title = items.or(written).map(|items| match visit.language {
        Language::En if !items.title_en.is_empty() => items.title_en.clone(),
        _ => items.title.clone(),
    });
    let (state, class) = state(shown_state(seen), visit.language);
    EntryRow {
        href: format!("/entries/{}{}", address::segment(&entry.id), address::query(&[("lang", visit.lang())])),
        id: entry.id.clone(),
        title: title.filter(|title| !title.is_empty()).unwrap_or_else(|| entry.id.clone()),
        provider: items.or(written).map_or_else(|| entry.provider.clone(), |items| items.provider.clone()),
        state,
        class,
        published: seen.version.as_ref().map(|version| version.recorded.day().to_string()).unwrap_or_default(),
        alerts: seen.inside.as_ref().map_or(0, |inside| inside.alerts.len()),
    }
}

/// The items of the entry that are said in words.
fn described(visit: &Visit, seen: &EntryShown, items: &Items) -> Vec<(&'static str, String)> {
    let t = visit.t();
    let comma = if visit.language == Language::Zh { "、" } else { ", " };
    let rows = [
        (t.resource_code, seen.entry.code.clone().unwrap_or_default()),
        (t.summary, if visit.language == Language::En { items.summary_en.clone() } else { items.summary.clone() }),
        (t.classification, items.classification.clone()),
        (t.provider, items.provider.clone()),
        (t.provider_code, items.provider_code.clone()),
        (t.format, items.format.clone()),
        (t.update_cycle, items.update_cycle.clone()),
        (t.sharing_attribute, items.sharing.map(|kind| sharing(t, kind).0.to_owned()).unwrap_or_default()),
        (
            t.sharing,
            [&items.sharing_scope, &items.sharing_uses, &items.sharing_ground]
                .map(String::as_str)
                .join(" ")
                .trim()
                .to_owned(),
        ),
        (t.openness_attribute, items.openness.map(|kind| openness(t, kind).0.to_owned()).unwrap_or_default()),
        (t.openness, items.openness_condition.clone()),
        (t.conditions_of_use, items.conditions_of_use.clone()),
        (t.impact_assessment, items.impact_assessment.clone()),
        (t.related, items.related.join(comma)),
        (t.valid_at, seen.valid_at.to_string()),
        (t.known_at, seen.known_at.to_string()),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn fields(items: &Items) -> Vec<FieldRow> {
    let rows = items.fields.iter().map(|item| FieldRow {
        name: item.name.clone(),
        title: item.title.clone(),
        grade: item.grade,
        code_list: item.code_list.clone(),
        standard: item.standard.clone(),
    });
    rows.collect()
}

fn state(state: State, language: Language) -> (&'static str, &'static str) {
    let (zh, en, class) = match state {
        State::Draft => ("起草", "draft", ""),
        State::Submitted => ("待审核", "waits for review", "part"),
        State::Returned => ("退回", "returned", "warn"),
        State::Approved => ("已审核", "approved", "part"),
        State::Announced => ("已公布", "announced", "open"),
        State::Withdrawn => ("已撤回", "withdrawn", ""),
        State::Ended => ("已停止", "ended", "closed"),
    };
    (if language == Language::Zh { zh } else { en }, class)
}

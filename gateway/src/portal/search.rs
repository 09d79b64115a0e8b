//! `/` and `/search`: a search page over all datasets.

mod facets;

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use foundation::dataset::{Database, Dataset};
use foundation::service::{Count, CountKind};
use foundation::value::Day;

use super::page::{Page, Visit, html};
use super::show::{Shower, snippet};
use super::{address, words};
use crate::ask::{Ask, Language, SearchRequest, Wanted};
use crate::flow::{Content, PageItem};
use crate::problem::Problem;

/// Hits a page.
const HITS: usize = 20;
/// Parameters of the page.
const KNOWN: [&str; 7] = ["q", "database", "dataset", "where", "valid-at", "known-at", "cursor"];

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    view: View,
}

/// A link in a list of choices.
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) note: String,
    pub(super) class: &'static str,
    pub(super) chosen: bool,
}

/// A titled list of choices.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) choices: Vec<Choice>,
}

struct Card {
    title: &'static str,
    other: &'static str,
    datasets: Vec<Choice>,
}

struct HitShown {
    href: String,
    title: String,
    database: &'static str,
    dataset: String,
    synthetic: bool,
    time: String,
    snippet: String,
    facts: Vec<(String, String)>,
}

#[derive(Default)]
struct View {
    fresh: bool,
    q: String,
    tries: Vec<Choice>,
    cards: Vec<Card>,
    groups: Vec<Group>,
    kept: Vec<(String, String)>,
    kept_but_q: Vec<(String, String)>,
    valid_at: String,
    known_at: String,
    problem: Option<String>,
    total: String,
    hits: Vec<HitShown>,
    next: Option<String>,
}

/// The start page: a box, what to try, and the datasets there are.
pub(super) async fn start(visit: Visit) -> Response {
    let mut view =
        View { fresh: true, kept_but_q: vec![("lang".to_owned(), visit.lang().to_owned())], ..View::default() };
    let tries = match visit.language {
        Language::Zh => ["杜甫", "静夜思", "成都", "国内生产总值", "科技有限公司", "510100"],
        Language::En => ["杜甫", "静夜思", "Chengdu", "GDP", "科技有限公司", "510100"],
    };
    view.tries = tries.iter().map(|q| choice(q, &[("q", q)], visit.lang())).collect();
    let datasets = match catalogue(&visit).await {
        Ok(datasets) => datasets,
        Err(problem) => return visit.problem(&problem),
    };
    let other = if visit.language == Language::Zh { Language::En } else { Language::Zh };
    for database in Database::ALL {
        let own = datasets.iter().filter(|d| d.name.database() == database);
        let links: Vec<Choice> = own.map(|d| dataset_choice(&visit, d)).collect();
        if !links.is_empty() {
            let title = words::database(database, visit.language);
            view.cards.push(Card { title, other: words::database(database, other), datasets: links });
        }
    }
    let mut page = visit.page("", "search");
    page.attributions = Vec::new();
    html(&SearchPage { page, view }, visit.t())
}

/// Catalogue entries that the visitor may see.
pub(super) async fn catalogue(visit: &Visit) -> Result<Vec<Arc<Dataset>>, Problem> {
    let masked = visit.ask(Ask::Catalogue).await?;
    match masked.content() {
        Content::Catalogue(datasets) => Ok(datasets.clone()),
        _ => Ok(Vec::new()),
    }
}

fn choice(label: &str, pairs: &[(&str, &str)], lang: &str) -> Choice {
    let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain([("lang", lang)]).collect();
    let href = format!("/search{}", address::query(&pairs));
    Choice { label: label.to_owned(), href, note: String::new(), class: "", chosen: false }
}

fn dataset_choice(visit: &Visit, dataset: &Dataset) -> Choice {
    let (note, class) = super::dataset::sharing(visit.t(), dataset.sharing);
    Choice {
        label: words::title(&dataset.title, visit.language),
        href: address::dataset(&dataset.name, visit.language),
        note: note.to_owned(),
        class,
        chosen: false,
    }
}

/// Results of a search.
pub(super) async fn results(visit: Visit) -> Response {
    let request = match request(&visit) {
        Ok(request) => request,
        Err(problem) => return visit.problem(&problem),
    };
    let datasets = match catalogue(&visit).await {
        Ok(datasets) => datasets,
        Err(problem) => return visit.problem(&problem),
    };
    let mut view = View {
        q: visit.one("q").unwrap_or_default().to_owned(),
        valid_at: visit.one("valid-at").unwrap_or_default().to_owned(),
        known_at: visit.one("known-at").unwrap_or_default().to_owned(),
        kept: kept(&visit, &["q", "database", "dataset", "where", "lang"]),
        kept_but_q: kept(&visit, &["database", "dataset", "where", "valid-at", "known-at", "lang"]),
        ..View::default()
    };
    let day = request.times.valid_at.unwrap_or_else(|| visit.app.clock.today());
    let mut shown: Vec<Arc<Dataset>> = Vec::new();
    let mut counted = Vec::new();
    match visit.ask(Ask::Search(Box::new(request.clone()))).await {
        Err(problem) => view.problem = Some(visit.problem_text(&problem)),
        Ok(masked) => {
            if let Content::Page { items, total, facets, next, .. } = masked.content() {
                view.total = total_text(&visit, *total);
                for item in items {
                    let dataset = &item.record.dataset;
                    if !shown.iter().any(|d| d.name == dataset.name) {
                        shown.push(Arc::clone(dataset));
                    }
                    view.hits.push(hit(&visit, item, day));
                }
                counted = facets::groups(&visit, facets, day);
                view.next = next.as_deref().map(|cursor| facets::with(&visit, &[("cursor", Some(cursor))]));
            }
        }
    }
    view.groups = facets::places(&visit, &datasets, &request).await;
    view.groups.append(&mut counted);
    let mut page = visit.page(&view.q, "search");
    page.attributions = visit.attributions(shown.iter().map(AsRef::as_ref));
    let status = if view.problem.is_some() { axum::http::StatusCode::BAD_REQUEST } else { axum::http::StatusCode::OK };
    let mut response = html(&SearchPage { page, view }, visit.t());
    *response.status_mut() = status;
    response
}

fn kept(visit: &Visit, names: &[&str]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = visit
        .pairs
        .iter()
        .filter(|(n, v)| names.contains(&n.as_str()) && !v.is_empty() && n != "lang")
        .cloned()
        .collect();
    pairs.push(("lang".to_owned(), visit.lang().to_owned()));
    pairs
}

/// Reads the page's parameters as the search that the interface would take.
fn request(visit: &Visit) -> Result<SearchRequest, Problem> {
    visit.only(&KNOWN)?;
    let mut request = SearchRequest::text(visit.one("q").unwrap_or_default());
    request.limit = HITS;
    request.times = visit.times()?;
    request.cursor = visit.one("cursor").map(str::to_owned);
    if let Some(name) = visit.one("dataset") {
        let (database, table) = name.split_once('/').unwrap_or((name, ""));
        let dataset = visit.dataset(database, table)?;
        request.facets = facets::fields(visit, &dataset);
        request.filter = facets::filter(visit, &dataset)?;
        request.wanted = Wanted::Datasets(vec![dataset.name.clone()]);
    } else if let Some(name) = visit.one("database") {
        let invalid = |e: String| Problem::new(crate::problem::Code::InvalidParameter, e).about("database");
        request.wanted = Wanted::Databases(vec![name.parse().map_err(invalid)?]);
    }
    Ok(request)
}

fn total_text(visit: &Visit, total: Count) -> String {
    let Some(value) = total.value.filter(|_| total.kind != CountKind::Withheld) else {
        return visit.t().withheld.to_owned();
    };
    let about = match (total.kind, visit.language) {
        (CountKind::AtLeast, Language::Zh) => "至少 ",
        (CountKind::AtLeast, Language::En) => "at least ",
        (CountKind::Rounded | CountKind::Perturbed, Language::Zh) => "约 ",
        (CountKind::Rounded | CountKind::Perturbed, Language::En) => "about ",
        _ => "",
    };
    match visit.language {
        Language::Zh => format!("{about}{value} 条结果"),
        Language::En if value == 1 => "1 result".to_owned(),
        Language::En => format!("{about}{value} results"),
    }
}

fn hit(visit: &Visit, item: &PageItem, day: Day) -> HitShown {
    let record = &item.record;
    let shower = Shower { catalogue: &visit.app.catalogue, dataset: &record.dataset, language: visit.language, day };
    let times = [
        ("valid-at", visit.one("valid-at").unwrap_or_default()),
        ("known-at", visit.one("known-at").unwrap_or_default()),
        ("lang", visit.lang()),
    ];
    let own = shower.title(&record.view);
    HitShown {
        href: address::record(&record.dataset.name.to_string(), &record.view.id, &times),
        title: if item.hit.title.trim().is_empty() { own } else { item.hit.title.clone() },
        database: words::database(record.dataset.name.database(), visit.language),
        dataset: words::title(&record.dataset.title, visit.language),
        synthetic: visit.is_synthetic(&record.dataset),
        time: super::record::since(visit, record.view.valid),
        snippet: snippet(&item.hit.snippet),
        facts: shower.facts(&record.view.fields, 5),
    }
}

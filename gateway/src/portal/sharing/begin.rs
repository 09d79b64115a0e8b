//! A request for a dataset, begun from its page.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use foundation::dataset::{Dataset, Sharing};

use super::steps::{self, Member};
use super::{Page, Visit, address, common, html, moved};
use crate::ask::{Ask, SharingRequest};
use crate::flow::{Content, SharingAnswer};
use crate::http::form::ask_of;
use crate::portal::dataset::{openness as opened, sharing};
use crate::problem::{Code, Problem};
use crate::sharing::opening;

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    page: Page,
    title: String,
    dataset: String,
    dataset_href: String,
    problem: Option<String>,
    members: Vec<Member>,
    fields: Vec<Choice>,
}

struct Choice {
    name: String,
    title: String,
    sharing: &'static str,
    class: &'static str,
    /// `fields`, `masked` or nothing.
    chosen: String,
}

/// What the radio buttons of a field are called before its name.
const OF_A_FIELD: &str = "f.";

/// The form.
pub(in crate::portal) async fn request_form(visit: Visit) -> Response {
    match asked_for(&visit, visit.one("dataset").unwrap_or_default()).await {
        Ok(dataset) => shown(&visit, &dataset, &[], None),
        Err(problem) => visit.problem(&problem),
    }
}

/// Begins the request.
pub(in crate::portal) async fn begin(visit: Visit, form: &[(String, String)]) -> Response {
    let name = form.iter().find(|(name, _)| name == "dataset").map_or("", |(_, value)| value.as_str());
    let members = members(form);
    let asked = ask_of("sharingBegin", &[], &members, &visit.parts.headers);
    let problem = match visit.try_ask(asked).await {
        Ok(masked) => match masked.content() {
            Content::Sharing(SharingAnswer::Case(shown)) => return moved(&super::href(&visit, &shown.case.id)),
            _ => Problem::new(Code::Internal, "another answer than was asked for"),
        },
        Err(problem) => problem,
    };
    match asked_for(&visit, name).await {
        Ok(dataset) => shown(&visit, &dataset, form, Some(&problem)),
        Err(_) => visit.problem(&problem),
    }
}

/// The choices of fields as the API's lists.
fn members(form: &[(String, String)]) -> Vec<(String, String)> {
    let own = |(name, _): &&(String, String)| !name.starts_with(OF_A_FIELD);
    let mut members: Vec<(String, String)> = form.iter().filter(own).cloned().collect();
    for list in ["fields", "masked"] {
        let chosen = form.iter().filter(|(_, value)| value == list);
        let names: Vec<&str> = chosen.filter_map(|(name, _)| name.strip_prefix(OF_A_FIELD)).collect();
        members.push((list.to_owned(), names.join(",")));
    }
    members
}

/// The dataset, where the visitor may come to the desk and may see it.
async fn asked_for(visit: &Visit, name: &str) -> Result<Arc<Dataset>, Problem> {
    visit.only(&["dataset"])?;
    let desk = SharingRequest::Cases { state: None, overdue: false, after: None, limit: 1 };
    visit.ask(Ask::Sharing(desk)).await?;
    let (database, table) = name.split_once('/').unwrap_or((name, ""));
    let dataset = visit.dataset(database, table)?;
    visit.ask(Ask::CatalogueEntry(dataset.name.clone())).await?;
    Ok(dataset)
}

fn shown(visit: &Visit, dataset: &Dataset, form: &[(String, String)], problem: Option<&Problem>) -> Response {
    let t = visit.t();
    let said = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let company = visit.session.says_company();
    let mut members = steps::begin(visit.app.clock.today(), company, visit.language);
    for member in &mut members {
        if let Some(value) = said(member.name) {
            member.value = value;
        }
    }
    let fields = dataset.fields.iter().filter_map(|field| {
        let (kind, openness) = (field.sharing.unwrap_or(dataset.sharing), field.openness.unwrap_or(dataset.openness));
        let ((words, class), offered) = if company {
            (opened(t, openness), opening::is_opened(dataset, field))
        } else {
            (sharing(t, kind), kind != Sharing::None)
        };
        offered.then(|| Choice {
            title: common::title(&field.title, visit.language),
            sharing: words,
            class,
            chosen: said(&format!("{OF_A_FIELD}{}", field.name)).unwrap_or_default(),
            name: field.name.clone(),
        })
    });
    let view = RequestPage {
        page: visit.page(t.request_sharing, "sharing"),
        title: common::title(&dataset.title, visit.language),
        dataset: dataset.name.to_string(),
        dataset_href: address::dataset(&dataset.name, visit.language),
        problem: problem.map(|problem| visit.problem_text(problem)),
        members,
        fields: fields.collect(),
    };
    let mut response = html(&view, t);
    if let Some(problem) = problem {
        *response.status_mut() = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    }
    response
}

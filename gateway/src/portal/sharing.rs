//! Sharing between departments: the cases of one's department, one case with the steps that are one's own, a new request.
//!
//! Forms are read as the API reads the same members ([`crate::http::form`]), and are put through the same flow.

mod begin;
mod steps;
mod words;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
pub(super) use begin::{begin, request_form};
use foundation::dataset::DatasetName;
use steps::StepForm;

use super::page::{Page, Visit, html};
use super::people::moved;
use super::{address, words as common};
use crate::ask::{Ask, SharingRequest};
use crate::flow::{CaseShown, Content, Masked, SharingAnswer};
use crate::http::form::ask_of;
use crate::policy::Terms;
use crate::problem::{Code, Problem};
use crate::sharing::{Case, State};

/// Cases on a page.
const ON_A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    page: Page,
    overdue: bool,
    all_href: String,
    overdue_href: String,
    rows: Vec<CaseRow>,
    next: Option<String>,
}

struct CaseRow {
    href: String,
    id: String,
    title: String,
    requester: String,
    provider: String,
    state: &'static str,
    class: &'static str,
    turn: &'static str,
    due: String,
    alerts: usize,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    page: Page,
    row: CaseRow,
    dataset_href: String,
    problem: Option<String>,
    alerts: Vec<AlertRow>,
    terms: Vec<(&'static str, String, String)>,
    changed: bool,
    events: Vec<EventRow>,
    steps: Vec<StepForm>,
}

struct AlertRow {
    what: &'static str,
    who: String,
    law: String,
    since: String,
}

struct EventRow {
    at: String,
    step: &'static str,
    law: &'static str,
    department: String,
    officer: String,
    said: Vec<String>,
}

/// The cases of one's department, the newest first.
pub(super) async fn cases(visit: Visit) -> Response {
    match found(&visit).await {
        Ok(page) => html(&page, visit.t()),
        Err(problem) => visit.problem(&problem),
    }
}

async fn found(visit: &Visit) -> Result<CasesPage, Problem> {
    visit.only(&["overdue", "cursor"])?;
    let overdue = visit.one("overdue") == Some("true");
    let after = visit.one("cursor").map(str::to_owned);
    let request = SharingRequest::Cases { state: None, overdue, after, limit: ON_A_PAGE };
    let masked = visit.ask(Ask::Sharing(request)).await?;
    let Content::Sharing(SharingAnswer::Cases(cases, next)) = masked.content() else {
        return Err(Problem::new(Code::Internal, "another answer than was asked for"));
    };
    let flag = if overdue { "true" } else { "" };
    let to = |overdue, cursor| {
        format!("/sharing{}", address::query(&[("lang", visit.lang()), ("overdue", overdue), ("cursor", cursor)]))
    };
    Ok(CasesPage {
        page: visit.page(visit.t().sharing_cases, "sharing"),
        overdue,
        all_href: to("", ""),
        overdue_href: to("true", ""),
        rows: cases.iter().map(|case| row(visit, case)).collect(),
        next: next.as_deref().map(|next| to(flag, next)),
    })
}

/// One case.
pub(super) async fn case(visit: Visit, id: &str) -> Response {
    let asked = match visit.only(&[]) {
        Ok(()) => visit.ask(Ask::Sharing(SharingRequest::Case(id.to_owned()))).await,
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(masked) => one(&visit, &masked, None),
        Err(problem) => visit.problem(&problem),
    }
}

/// Takes a step, and shows the case again with what is wrong if it is not taken.
pub(super) async fn step(visit: Visit, id: &str, form: &[(String, String)]) -> Response {
    let step = form.iter().find(|(name, _)| name == "step").map_or("", |(_, value)| value.as_str());
    let members: Vec<(String, String)> = form.iter().filter(|(name, _)| name != "step").cloned().collect();
    let asked = ask_of("sharingStep", &[("case", format!("{id}:{step}"))], &members, &visit.parts.headers);
    let Err(problem) = visit.try_ask(asked).await else { return moved(&href(&visit, id)) };
    // Whoever may not see the case is told of the step alone.
    match visit.ask(Ask::Sharing(SharingRequest::Case(id.to_owned()))).await {
        Ok(masked) => one(&visit, &masked, Some(&problem)),
        Err(_) => visit.problem(&problem),
    }
}

fn one(visit: &Visit, masked: &Masked, problem: Option<&Problem>) -> Response {
    let Content::Sharing(SharingAnswer::Case(shown)) = masked.content() else {
        return visit.problem(&Problem::new(Code::Internal, "another answer than was asked for"));
    };
    let case = &shown.case;
    let row = row(visit, shown);
    let name: Option<DatasetName> = case.asked.dataset.parse().ok();
    let view = CasePage {
        page: visit.page(&row.title, "sharing"),
        dataset_href: name.map(|name| address::dataset(&name, visit.language)).unwrap_or_default(),
        problem: problem.map(|problem| visit.problem_text(problem)),
        alerts: shown.alerts.iter().map(|found| alert(visit, found)).collect(),
        terms: terms(visit, case),
        changed: case.given.is_some(),
        events: case.events.iter().map(|event| event_row(visit, event)).collect(),
        steps: shown.steps.iter().map(|rule| steps::form(rule, case, visit.language)).collect(),
        row,
    };
    let mut response = html(&view, visit.t());
    if let Some(problem) = problem {
        *response.status_mut() = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    }
    response
}

fn href(visit: &Visit, id: &str) -> String {
    format!("/sharing/{}{}", address::segment(id), address::query(&[("lang", visit.lang())]))
}

fn row(visit: &Visit, shown: &CaseShown) -> CaseRow {
    let case = &shown.case;
    let (state, class) = words::state(shown.state, visit.language);
    let facts = case.asked.dataset.parse().ok().and_then(|name| visit.app.catalogue.get(&name));
    let title = facts.map_or_else(|| case.asked.dataset.clone(), |f| common::title(&f.dataset.title, visit.language));
    let due = shown.clocks.iter().find(|clock| clock.met.is_none());
    CaseRow {
        href: href(visit, &case.id),
        id: case.id.clone(),
        title,
        requester: case.requester.clone(),
        provider: case.provider.clone(),
        state,
        class,
        turn: turn(visit, shown),
        due: due.map(|clock| clock.due.day.to_string()).unwrap_or_default(),
        alerts: shown.alerts.len(),
    }
}

/// Whose turn it is: of the one who must do something before the case goes on.
fn turn(visit: &Visit, shown: &CaseShown) -> &'static str {
    let t = visit.t();
    if shown.alerts.iter().any(|alert| alert.who == "authority") {
        return t.authority;
    }
    match shown.state {
        State::Draft
        | State::Signed
        | State::Incomplete
        | State::Suspended
        | State::Terminated
        | State::Ended
        | State::Expired => t.requester,
        State::Submitted | State::Delivering => t.provider,
        State::Active if shown.case.change.as_ref().is_some_and(|change| !change.agreed) => t.requester,
        State::Active | State::Refused | State::Disposed | State::Withdrawn => "—",
    }
}

fn alert(visit: &Visit, alert: &crate::sharing::clocks::Alert) -> AlertRow {
    AlertRow {
        what: words::alert(alert.what, visit.language),
        who: alert.who.clone(),
        law: alert.law.clone(),
        since: alert.since.to_string(),
    }
}

fn event_row(visit: &Visit, event: &crate::sharing::Event) -> EventRow {
    let said = &event.said;
    let texts = [said.reason.clone(), said.evidence.clone(), said.days.map(|days| days.to_string())];
    EventRow {
        at: event.at().to_string(),
        step: words::step(event.verb, visit.language),
        law: event.verb.rule().law,
        department: event.by.department.clone(),
        officer: event.by.officer.clone(),
        said: texts.into_iter().flatten().collect(),
    }
}

/// Terms asked for, and those consented to.
fn terms(visit: &Visit, case: &Case) -> Vec<(&'static str, String, String)> {
    let t = visit.t();
    let of = |terms: &Terms| {
        [
            terms.acts.join(", "),
            terms.fields.join(", "),
            terms.masked.join(", "),
            terms.rows.clone(),
            terms.purpose.clone(),
            terms.ground.clone(),
            format!("{} – {}", terms.from, terms.to),
            terms.rows_per_day_max.to_string(),
            terms.commitment.clone(),
        ]
    };
    let given = case.given.as_ref().map(of).unwrap_or_default();
    let names = [t.acts, t.fields, t.masked, t.rows, t.purpose, t.ground, t.times, t.rows_per_day, t.commitment];
    let both = names.into_iter().zip(of(&case.asked)).zip(given).map(|((name, asked), given)| (name, asked, given));
    both.filter(|(_, asked, given)| !asked.is_empty() || !given.is_empty()).collect()
}

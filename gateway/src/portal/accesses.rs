//! Who looked at one's own record, as a page.

use askama::Template;
use axum::response::Response;

use super::address;
use super::page::{Page, Visit, html};
use crate::ask::{AccessesRequest, Act, Ask, Language};
use crate::flow::{AccessShown, Content};
use crate::problem::{Code, Problem};

/// Accesses on a page.
const ON_A_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "accesses.html")]
struct AccessesPage {
    page: Page,
    rows: Vec<Row>,
    next: Option<String>,
    sealed: Option<(u64, String)>,
    checkpoint: String,
}

struct Row {
    number: u64,
    at: String,
    act: &'static str,
    department: String,
    purpose: String,
    ground: String,
    grant: String,
    dataset: String,
    fields: String,
    masked: String,
    batch: String,
    leaf: bool,
}

/// The page.
pub(super) async fn mine(visit: Visit) -> Response {
    match found(&visit).await {
        Ok(page) => html(&page, visit.t()),
        Err(problem) => visit.problem(&problem),
    }
}

async fn found(visit: &Visit) -> Result<AccessesPage, Problem> {
    visit.only(&["cursor"])?;
    let cursor = visit.one("cursor").map(str::to_owned);
    let ask = Ask::MyAccesses(AccessesRequest { from: None, to: None, cursor, limit: ON_A_PAGE });
    let masked = visit.ask(ask).await?;
    let Content::Accesses(answer) = masked.content() else {
        return Err(Problem::new(Code::Internal, "another answer than was asked for"));
    };
    let lang = ("lang", visit.lang());
    let next = answer.next.as_deref().map(|cursor| format!("/accesses{}", address::query(&[lang, ("cursor", cursor)])));
    Ok(AccessesPage {
        page: visit.page(visit.t().accesses, "accesses"),
        rows: answer.items.iter().map(|access| row(visit, access)).collect(),
        next,
        sealed: answer.sealed.map(|sealed| (sealed.entries, sealed.before.to_string())),
        checkpoint: answer.checkpoint.clone(),
    })
}

fn row(visit: &Visit, access: &AccessShown) -> Row {
    let entry = &access.entry;
    Row {
        number: access.number,
        at: entry.closed.to_string(),
        act: act(Act::from_number(entry.act), visit.language),
        department: entry.department.clone(),
        purpose: entry.purpose.clone(),
        ground: entry.ground.clone(),
        grant: entry.grant.clone(),
        dataset: dataset(visit, &entry.dataset).filter(|_| access.of.is_some()).unwrap_or_default(),
        fields: titles(visit, &entry.dataset, &access.fields),
        masked: titles(visit, &entry.dataset, &access.masked),
        batch: access.batch.clone().unwrap_or_default(),
        leaf: matches!(access.proven, crate::flow::Proven::Opened(_)),
    }
}

/// Title of a dataset.
fn dataset(visit: &Visit, name: &str) -> Option<String> {
    let facts = visit.app.catalogue.get(&name.parse().ok()?)?;
    let title = &facts.dataset.title;
    Some(if visit.language == Language::Zh { title.zh.clone() } else { title.en.clone() })
}

/// Titles of fields of a dataset.
fn titles(visit: &Visit, dataset: &str, names: &[String]) -> String {
    let facts = dataset.parse().ok().and_then(|name| visit.app.catalogue.get(&name));
    let title = |name: &String| {
        let field = facts.as_ref().and_then(|facts| facts.dataset.field(name));
        field.map_or_else(
            || name.clone(),
            |f| if visit.language == Language::Zh { f.title.zh.clone() } else { f.title.en.clone() },
        )
    };
    names.iter().map(title).collect::<Vec<_>>().join(if visit.language == Language::Zh { "、" } else { ", " })
}

fn act(act: Act, language: Language) -> &'static str {
    let (zh, en) = match act {
        Act::Get | Act::Lookup => ("查询", "looked up"),
        Act::FindPersons => ("查找", "found"),
        Act::Verify => ("核验", "verified"),
        Act::History => ("查阅历史", "history read"),
        Act::Claims => ("查阅来源", "claims read"),
        Act::Links => ("查阅关联", "links read"),
        Act::Correct => ("校核", "said to be wrong"),
        Act::Import => ("更新", "changed"),
        Act::Withdraw => ("撤回", "taken back"),
        other => return other.as_str(),
    };
    if language == Language::Zh { zh } else { en }
}

//! The versions of a record in both times, and what changed from one to the next.

use foundation::dataset::Field;
use foundation::service::ReadAt;
use foundation::value::json::to_json;
use foundation::value::{Day, FieldType, Instant};

use super::super::page::Visit;
use super::super::show::Shower;
use super::super::{address, words};
use super::{VersionShown, span_of_days, span_of_instants};
use crate::ask::{Ask, RecordRequest};
use crate::flow::{Content, RecordShown};

/// Versions shown.
const VERSIONS_MAX: usize = 50;
/// Changed fields named.
const CHANGES_MAX: usize = 4;
/// Most characters of a value in the list of changes.
const VALUE_CHARS_MAX: usize = 24;

/// Versions, oldest recorded first; none if the caller may not see the history.
pub(super) async fn versions(
    visit: &Visit,
    request: &RecordRequest,
    shower: &Shower<'_>,
    at: ReadAt,
) -> Vec<VersionShown> {
    let Ok(masked) = visit.ask(Ask::History(request.clone())).await else { return Vec::new() };
    let Content::History(versions, _) = masked.content() else { return Vec::new() };
    let mut before: Option<&RecordShown> = None;
    let mut shown = Vec::new();
    for version in versions.iter().take(VERSIONS_MAX) {
        let view = &version.view;
        shown.push(VersionShown {
            number: view.version,
            valid: span_of_days(visit, view.valid),
            recorded: span_of_instants(visit, view.recorded),
            shown: view.valid.contains(at.valid_at) && view.recorded.contains(at.known_at),
            current: view.recorded.to == Instant::MAX && view.valid.contains(visit.app.clock.today()),
            href: address_of(visit, version),
            changed: before
                .map_or_else(|| visit.t().first_version.to_owned(), |old| changes(visit, shower, old, version)),
        });
        before = Some(version);
    }
    shown
}

/// The page as of this version: a day it held on, and the instant it was recorded at.
fn address_of(visit: &Visit, version: &RecordShown) -> String {
    let view = &version.view;
    let day = if view.valid.from != Day::MIN {
        view.valid.from.to_string()
    } else if view.valid.to != Day::MAX {
        view.valid.to.plus(-1).to_string()
    } else {
        String::new()
    };
    let known = if view.recorded.to == Instant::MAX { String::new() } else { view.recorded.from.to_string() };
    address::record(
        &view.dataset.to_string(),
        &view.id,
        &[("valid-at", &day), ("known-at", &known), ("lang", visit.lang())],
    )
}

fn changes(visit: &Visit, shower: &Shower<'_>, old: &RecordShown, new: &RecordShown) -> String {
    let text = |record: &RecordShown, field: &Field| {
        let value = record.view.fields.get(field.number).map(to_json);
        value.filter(|v| !v.is_null()).map(|v| shower.text(field, &v).0)
    };
    let mut changed = Vec::new();
    for field in &shower.dataset.fields {
        if old.view.fields.get(field.number) == new.view.fields.get(field.number) {
            continue;
        }
        let title = words::title(&field.title, visit.language);
        let (was, is) = (text(old, field), text(new, field));
        if field.kind == FieldType::Geometry {
            changed.push(title);
        } else {
            changed.push(format!("{title}: {} → {}", short(was), short(is)));
        }
    }
    let more = changed.len() > CHANGES_MAX;
    changed.truncate(CHANGES_MAX);
    if more {
        changed.push("…".to_owned());
    }
    if changed.is_empty() { visit.t().no_change.to_owned() } else { changed.join("； ") }
}

fn short(text: Option<String>) -> String {
    let Some(text) = text else { return "—".to_owned() };
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text;
    }
    text.chars().take(VALUE_CHARS_MAX).chain(['…']).collect()
}

//! Masked → bytes: JSON (or CSV for refused rows), written straight from the fields.

mod accesses;
mod accounts;
mod catalogue;
mod compiling;
mod correction;
mod evaluation;
mod exports;
mod governance;
mod json;
mod places;
mod receipt;
mod records;
mod sharing;
mod statistics;

pub use receipt::holds;
pub(super) use receipt::receipt;

use super::execute::CompilingAnswer;
use super::mask::{Content, Masked, RecordShown};

/// Says of an answer that its rows are synthetic.
const SANDBOX: axum::http::HeaderName = axum::http::HeaderName::from_static("natbase-sandbox");

/// A rendered answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The cursor or position of the next page, for `Link: rel="next"`.
    pub next: Option<String>,
    /// Headers of its own.
    pub headers: Vec<(axum::http::HeaderName, String)>,
}

/// A record as it stands alone in a line of a file.
pub(crate) fn line(out: &mut Vec<u8>, record: &RecordShown) {
    records::record(out, record, None, None);
}

/// Renders an answer.
#[must_use]
pub fn render(masked: &Masked) -> Rendered {
    let labels = masked.labels();
    let mut out = Vec::with_capacity(1_024);
    let mut next = None;
    let mut headers = Vec::new();
    let mut content_type = "application/json";
    match masked.content() {
        Content::Page { items, total, facets, by_dataset, next: cursor, at } => {
            let facets = records::Facets { by_field: facets, by_dataset: by_dataset.as_deref() };
            records::page(&mut out, items, *total, facets, cursor.as_deref(), *at, labels);
            next.clone_from(cursor);
        }
        Content::Record(record, at) => records::record(&mut out, record, Some(*at), labels),
        Content::Lookup(items, at) => records::lookup(&mut out, items, *at, labels),
        Content::History(versions, known_at) => records::history(&mut out, versions, *known_at, labels),
        Content::Claims(dataset, claims, known_at) => records::claims(&mut out, dataset, claims, *known_at),
        Content::Links(links) => governance::links(&mut out, links),
        Content::Statistics { dataset, group_by, answer, measures, disclosed } => {
            statistics::figures(&mut out, dataset, (group_by, measures), answer, *disclosed, labels);
        }
        Content::Changes(answer, position) => governance::changes(&mut out, answer, position),
        Content::Import(report) => governance::import(&mut out, report),
        Content::Rejected(rows, header) => {
            content_type = "text/csv; charset=utf-8";
            governance::rejected(&mut out, header.as_deref(), rows);
        }
        Content::Verified { verdicts, at, receipt, .. } => governance::verified(&mut out, verdicts, *at, receipt),
        Content::Located(found, at) => places::located(&mut out, found, *at),
        Content::Ownership(graph, at) => governance::ownership(&mut out, graph, *at),
        Content::Records(all, at) => records::several(&mut out, all, *at, labels),
        // A tile is a resource of the OGC API and gets its form there.
        Content::Tile(..) => {}
        Content::CodeList(list, day) => catalogue::code_list(&mut out, list, *day),
        Content::Catalogue(datasets) => catalogue::entries(&mut out, datasets),
        Content::Explanation(explanation) => catalogue::explanation(&mut out, explanation),
        Content::CatalogueEntry(dataset) => catalogue::entry(&mut out, dataset),
        Content::Audit(entries) => governance::audit(&mut out, entries),
        Content::AuditProof(proof) => governance::log_proof(&mut out, proof),
        Content::Evaluation(answer) => {
            if let Some(kind) = evaluation::answer(&mut out, answer) {
                content_type = kind;
            }
        }
        Content::Correction(answer) => next = correction::answer(&mut out, answer),
        Content::Accesses(answer) => next = accesses::answer(&mut out, answer),
        Content::Jobs(answer) => headers = exports::answer(&mut out, answer),
        Content::Accounts(answer) => next = accounts::answer(&mut out, answer),
        Content::Compiling(answer) => {
            if matches!(answer, CompilingAnswer::Metadata(_)) {
                content_type = "application/xml";
            }
            next = compiling::answer(&mut out, answer);
        }
        Content::Sharing(answer) => next = sharing::answer(&mut out, answer),
    }
    if masked.permit().is_synthetic() {
        headers.push((SANDBOX, "true".to_owned()));
        json::say_synthetic(&mut out);
    }
    Rendered { content_type, body: out, next, headers }
}

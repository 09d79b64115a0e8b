//! Health, metrics, the description. No data, no entry in the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::policy::OnDisk;

/// `/health/live`: the process answers.
pub(super) async fn live() -> Response {
    Json(json!({"status": "live"})).into_response()
}

/// `/health/ready`: every base database answers and the audit log can be written.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let mut problems = Vec::new();
    if app.audit.is_broken() {
        problems.push("the audit log cannot be written".to_owned());
    }
    if app.stopping.load(Ordering::Relaxed) {
        problems.push("the server is going down".to_owned());
    }
    for database in app.catalogue.databases() {
        let health = database.health().await;
        if !health.ready && health.problems.is_empty() {
            problems.push(format!("{}: not ready", database.database()));
        }
        problems.extend(health.problems.iter().map(|p| format!("{}: {p}", database.database())));
    }
    // Known and not a fault of this moment: it stays ready.
    let notes: Vec<&str> = match app.force.on_disk() {
        _ if !app.force.takes_two() => Vec::new(),
        OnDisk::Same => Vec::new(),
        OnDisk::Differs(_) => vec!["policies on disk differ from those in force"],
        OnDisk::Broken(_) => vec!["policies on disk cannot be used; those in force stay"],
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if problems.is_empty() { "ready" } else { "not ready" };
    (status, Json(json!({"status": word, "problems": problems, "notes": notes, "demo": app.demo}))).into_response()
}

/// `/metrics`: Prometheus text.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let (entries, syncs, sync_us) = app.audit.counters();
    let differ = app.force.takes_two() && app.force.on_disk() != OnDisk::Same;
    let mut gauges = vec![
        ("natbase_audit_entries_total", String::new(), entries as f64),
        ("natbase_audit_syncs_total", String::new(), syncs as f64),
        ("natbase_audit_sync_seconds_total", String::new(), sync_us as f64 / 1e6),
        ("natbase_audit_broken", String::new(), f64::from(u8::from(app.audit.is_broken()))),
        ("natbase_policies_differ", String::new(), f64::from(u8::from(differ))),
        ("natbase_requests_in_flight", String::new(), app.in_flight.load(Ordering::Relaxed) as f64),
    ];
    if let Some(keys) = &app.master_keys {
        let problem = f64::from(u8::from(keys.problem().is_some()));
        gauges.push(("natbase_master_keys_problem", String::new(), problem));
    }
    for database in app.catalogue.databases() {
        let health = database.health().await;
        for (dataset, lag) in &health.index_lag {
            gauges.push(("natbase_index_lag_commits", format!("{{dataset=\"{dataset}\"}}"), *lag as f64));
        }
        for dataset in &health.rebuilding {
            gauges.push(("natbase_index_rebuilding", format!("{{dataset=\"{dataset}\"}}"), 1.0));
        }
        for (dataset, n) in &health.documents {
            gauges.push(("natbase_index_documents", format!("{{dataset=\"{dataset}\"}}"), *n as f64));
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.text(&gauges)).into_response()
}

/// `/openapi.json`: the description, with the datasets of the public catalogue.
pub(super) async fn openapi(State(app): State<Arc<App>>) -> Response {
    let document = crate::openapi::document(&app);
    ([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}

/// `/problems`: the table of problem codes, as Markdown.
pub(super) async fn problems() -> Response {
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], crate::problem::document()).into_response()
}

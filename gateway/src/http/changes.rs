//! `…/changes`: pages of JSON, or a stream of server-sent events made of audited pages.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use foundation::dataset::DatasetName;
use futures::stream;

use super::params::Input;
use crate::app::App;
use crate::ask::{Ask, ChangesRequest};
use crate::flow::{self, Content, Envelope};
use crate::problem::Problem;

/// Milliseconds between looks at the log: after news, and at most, growing while nothing is new. Each look is an ask with
/// an entry in the audit log.
const POLL_MS: u64 = 500;
const POLL_MS_MAX: u64 = 8_000;

pub(super) fn read(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let dataset = input.dataset()?;
    Ok(Ask::Changes(ChangesRequest { dataset, after: input.params.owned("after"), limit: input.params.limit()? }))
}

/// Whether the client asks for a stream.
pub(super) fn wants_events(parts: &Parts) -> bool {
    parts.headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/event-stream"))
}

/// Where a stream stands.
struct Follow {
    app: Arc<App>,
    parts: Parts,
    label: &'static str,
    dataset: DatasetName,
    after: Option<String>,
    limit: usize,
    wait_ms: u64,
}

/// Follows the log: each block of changes is an ask of its own, authorized today and audited before it leaves.
pub(super) fn events(app: Arc<App>, parts: Parts, label: &'static str, request: ChangesRequest) -> Response {
    let follow =
        Follow { app, parts, label, dataset: request.dataset, after: request.after, limit: request.limit, wait_ms: 0 };
    let blocks = stream::unfold(Some(follow), |state| async move {
        let mut follow = state?;
        loop {
            tokio::time::sleep(Duration::from_millis(follow.wait_ms)).await;
            follow.wait_ms = (follow.wait_ms * 2).clamp(POLL_MS, POLL_MS_MAX);
            if follow.app.stopping.load(std::sync::atomic::Ordering::SeqCst) {
                return None;
            }
            let envelope = Envelope::of(&follow.app, &follow.parts, follow.label);
            let ask = Ask::Changes(ChangesRequest {
                dataset: follow.dataset.clone(),
                after: follow.after.clone(),
                limit: follow.limit,
            });
            match flow::answer(&follow.app, &envelope, Ok(ask)).await {
                Ok(masked) => {
                    let Content::Changes(answer, position) = masked.content() else { return None };
                    if answer.changes.is_empty() {
                        continue;
                    }
                    follow.after = Some(position.clone());
                    follow.wait_ms = if answer.more { 0 } else { POLL_MS };
                    let rendered = flow::render(&masked);
                    let text = String::from_utf8(rendered.body).unwrap_or_default();
                    let event = Event::default().event("changes").id(position.clone()).data(text);
                    return Some((Ok::<_, Infallible>(event), Some(follow)));
                }
                Err(problem) => {
                    let text = problem.to_json(&envelope.id()).to_string();
                    return Some((Ok(Event::default().event("problem").data(text)), None));
                }
            }
        }
    });
    Sse::new(blocks).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("heartbeat")).into_response()
}

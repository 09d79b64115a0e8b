//! What was decided before reading must still hold after it.
//!
//! INVARIANT: no answer is older than the permission it rests on. A right that is taken away while an answer is read does
//! not reach what was written after that: Zanzibar's "new enemy" (Pang et al., 2019, section 2.2).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use foundation::value::Instant;

use super::{Permit, Standing};
use crate::app::App;
use crate::flow::Rows;
use crate::policy::{DatasetFacts, Decision, Snapshot};
use crate::problem::{Code, Problem};

/// Seconds after which to ask again.
const AGAIN_S: u32 = 1;

/// Lets rows pass that were read under what is in force now.
///
/// Cost: one comparison of pointers; a decision a dataset, twice, when policies or grants changed meanwhile.
pub(in crate::flow) fn hold(app: &App, rows: Rows) -> Result<Rows, Problem> {
    let now = app.policy.load_full();
    let permit = rows.permit();
    if Arc::ptr_eq(&now, &permit.snapshot) || !permit.reads || same(app, permit, &now) {
        return Ok(rows);
    }
    let detail = "what may be read changed while it was read: ask again";
    Err(Problem::new(Code::Unavailable, detail).retry_after(AGAIN_S))
}

/// What the permit's caller may read of its one dataset, decided as of `at`.
pub(in crate::flow) fn decided_at(permit: &Permit, at: Instant) -> Option<Decision> {
    let granted = permit.datasets.first()?;
    let standing = Standing::under(&permit.snapshot, permit, &granted.facts, granted.act);
    let (principal, grant) = (permit.caller.principal(), standing.grant.as_deref());
    permit.snapshot.decide(principal, &granted.facts, granted.act, grant, standing.accountable, at).ok()
}

/// Digest of the same: which fields of which rows, plain and masked. Empty if nothing.
pub(in crate::flow) fn rights(permit: &Permit, at: Instant) -> String {
    let Some(decision) = decided_at(permit, at) else { return String::new() };
    let text = format!("{:?}", decision.scopes);
    crate::http::hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Whether both say the same of every dataset, asked at the same moment.
fn same(app: &App, permit: &Permit, now: &Arc<Snapshot>) -> bool {
    let at = app.clock.now();
    permit.datasets.iter().filter(|granted| !granted.synthetic).all(|granted| {
        let Some(facts) = app.catalogue.get(&granted.facts.dataset.name) else { return false };
        let decided = |snapshot: &Arc<Snapshot>, facts: &Arc<DatasetFacts>| -> Option<Decision> {
            let standing = Standing::under(snapshot, permit, facts, granted.act);
            let principal = permit.caller.principal();
            snapshot.decide(principal, facts, granted.act, standing.grant.as_deref(), standing.accountable, at).ok()
        };
        let before = decided(&permit.snapshot, &granted.facts);
        before.is_some() && before == decided(now, &facts)
    })
}

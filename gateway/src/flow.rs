//! The query path as one function; each step has its file, and each step's type is made by that step alone.
//!
//! | step | file | takes → gives | when it cannot |
//! |---|---|---|---|
//! | authenticate | `flow/authenticate.rs` | [`Envelope`] → [`Caller`] | 401, 429 |
//! | audit opens | `flow/audit.rs` | [`Envelope`] → `Entry` | 503: no trail, no answer |
//! | authorize | `flow/authorize.rs` | [`Caller`], [`Ask`] → [`Permit`] with reasons | 403, or 404 where existence is secret |
//! | plan | `flow/plan.rs` | [`Ask`], [`Permit`] → [`Plan`] | 400, 403, 410, 422 |
//! | execute | `flow/execute.rs` | [`Plan`] → [`Rows`] | by `ErrorKind` |
//! | mask | `flow/mask.rs` | [`Rows`] → [`Masked`] | cannot fail |
//! | budget | `flow/budget.rs` | [`Masked`] → [`Masked`] of as many persons as are left | 429 |
//! | audit closes | `flow/audit.rs` | entry, outcome → synced entry | 503 |
//! | respond | `flow/respond.rs` | [`Masked`] → bytes | – |
//!
//! Only [`Masked`] can become a response. Every request makes one entry, refusals and unreadable questions too.

mod audit;
mod authenticate;
mod authorize;
mod budget;
mod companies;
mod envelope;
mod execute;
mod export;
mod mask;
mod plan;
mod respond;

pub use authenticate::Caller;
pub(crate) use authorize::Decisions;
pub use authorize::{Explanation, FieldSeen, Permit};
pub use envelope::Envelope;
pub use execute::{
    AccessShown, AccessesAnswer, AccountShown, AccountsAnswer, CaseShown, CompilingAnswer, CorrectionAnswer,
    DemandShown, Disclosed, EntryShown, EvaluationAnswer, Inside, JobsAnswer, LogProof, ProposalShown, Proven, Rows,
    SharingAnswer, Taken, TileShown, shown_state,
};
pub(crate) use export::{review, start};
pub use mask::{Content, Masked, PageItem, RecordShown};
pub(crate) use plan::ITEMS_MAX;
pub use plan::Plan;
pub(crate) use respond::line;
pub use respond::{Rendered, holds, render};

use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// Answers a question, or the problem that its reading ended in.
///
/// Cost: that of the services asked, one policy decision (kept for 5 s) and the share of one disk sync.
///
/// # Errors
/// [`Problem`]; its entry is on disk too, unless the log itself is the problem.
pub async fn answer(app: &App, envelope: &Envelope, ask: Result<Ask, Problem>) -> Result<Masked, Problem> {
    through(app, envelope, authenticate::run(app, envelope), ask).await
}

/// The same for a caller who is known already, or is refused.
async fn through(
    app: &App,
    envelope: &Envelope,
    caller: Result<Caller, Problem>,
    ask: Result<Ask, Problem>,
) -> Result<Masked, Problem> {
    let entry = audit::open(app, envelope, &caller, &ask)?;
    let outcome = async {
        let ask = ask?;
        let permit = authorize::decide(app, caller?, &ask).await?;
        let plan = plan::build(app, ask, permit)?;
        let rows = authorize::hold(app, execute::run(app, plan).await?)?;
        budget::hold(app, mask::apply(app, rows))
    };
    audit::close(app, entry, outcome.await).await
}

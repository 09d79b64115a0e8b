//! Why an act on a dataset is permitted to a caller, or not: the same decision as for the act itself, told instead of used.

use std::sync::Arc;

use foundation::dataset::Dataset;

use super::{Permit, Standing, could_have_a_grant, decision, is_readable};
use crate::app::App;
use crate::ask::Act;

/// How a field is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSeen {
    /// In every row.
    Plain,
    /// In some rows: those of the grant, or those not under embargo.
    InSomeRows,
    /// Masked.
    Masked,
    /// Not at all.
    Hidden,
}

impl FieldSeen {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::InSomeRows => "in_some_rows",
            Self::Masked => "masked",
            Self::Hidden => "hidden",
        }
    }
}

/// What would be decided, and why.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The act.
    pub act: Act,
    /// Whether it is permitted now, with what the request brings.
    pub permitted: bool,
    /// What stands in the way, or would help.
    pub detail: &'static str,
    /// The policies that decide, with their articles; those that forbid when it is refused.
    pub policies: Vec<(String, String)>,
    /// The grant used.
    pub grant: Option<String>,
    /// Whether counts are exact.
    pub counts: bool,
    /// Fields by name.
    pub fields: Vec<(String, FieldSeen)>,
}

/// Explains `act` on the permit's dataset; `None` if it names none.
pub(super) fn of(app: &App, permit: &Permit, act: Act) -> Option<Box<Explanation>> {
    let facts = Arc::clone(&permit.datasets.first()?.facts);
    let standing = Standing::of(permit, &facts, act);
    let outcome = decision(app, permit, &facts, act, &standing);
    let dataset = Arc::clone(&facts.dataset);
    let stopped = standing.fault.filter(|_| !standing.elsewhere && is_readable(act));
    let rules = &permit.snapshot.rules;
    let laws = |ids: &[String]| ids.iter().map(|id| (id.clone(), rules.law(id).to_owned())).collect();
    let made = match outcome {
        Ok(decision) => {
            let seen = |number: u16| {
                let holds = |list: &[u16]| list.binary_search(&number).is_ok();
                if decision.scopes.iter().any(|s| s.rows.is_none() && holds(&s.readable)) {
                    FieldSeen::Plain
                } else if decision.scopes.iter().any(|s| holds(&s.readable)) {
                    FieldSeen::InSomeRows
                } else if decision.scopes.iter().any(|s| holds(&s.masked)) {
                    FieldSeen::Masked
                } else {
                    FieldSeen::Hidden
                }
            };
            Explanation {
                permitted: stopped.is_none(),
                detail: stopped.unwrap_or_default(),
                policies: laws(&decision.policies),
                grant: standing.grant.as_ref().filter(|_| decision.under_grant).map(|grant| grant.id.clone()),
                counts: decision.counts,
                fields: dataset.fields.iter().map(|f| (f.name.clone(), seen(f.number))).collect(),
                act,
                dataset,
            }
        }
        Err(refusal) => {
            let could = could_have_a_grant(&permit.caller, &facts);
            let detail = match (stopped, refusal.policies.is_empty()) {
                (Some(fault), _) => fault,
                (None, false) => "a policy forbids it",
                (None, true) if could && is_readable(act) => {
                    "a grant that covers it, with Natbase-Grant, Natbase-Case and Natbase-Officer, would permit it"
                }
                (None, true) => "no policy permits it",
            };
            Explanation {
                permitted: false,
                detail,
                policies: laws(&refusal.policies),
                grant: None,
                counts: false,
                fields: dataset.fields.iter().map(|f| (f.name.clone(), FieldSeen::Hidden)).collect(),
                act,
                dataset,
            }
        }
    };
    Some(Box::new(made))
}
